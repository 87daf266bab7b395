"""``filmbench models``: the pinned weights, their licences, and whether they are here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from filmbench.harness.cli.options import AsJson

if TYPE_CHECKING:
    from filmbench.harness.models import Weights

FILES = typer.Argument(help="Its files as downloaded, under any name: each is known by its sha256.")
app = typer.Typer(no_args_is_help=True, help="List, describe and bring the pinned model weights.")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="models", epilog="Example: filmbench models list")


@app.command("list", epilog="Example: filmbench models list --json")
def list_(as_json: AsJson = False) -> None:
    """List all weights that may be loaded."""
    from filmbench.harness import models
    from filmbench.harness.cli.output import print_json, print_table

    rows = [_facts(weights) for weights in models.entries().values()]
    if as_json:
        print_json({"models": rows})
        return
    here = {True: "yes", False: "no"}
    print_table(
        ("model", "title", "size", "licence", "here"),
        [(m["id"], m["title"], f"{m['bytes'] / 1e6:.0f} MB", m["licence"], here[m["installed"]]) for m in rows],
    )


@app.command("show", epilog="Example: filmbench models show whisper-base")
def show(id: str = typer.Argument(help="A name from the list."), as_json: AsJson = False) -> None:
    """Describe one entry: origin, licence, and each file with its sha256 and sources."""
    from filmbench.harness import models
    from filmbench.harness.cli.output import print_facts, print_json, print_table

    facts = _facts(models.entry(id))
    if as_json:
        print_json(facts)
        return
    print_facts((name, str(facts[name])) for name in ("id", "title", "licence", "origin", "installed"))
    rows = [(f["name"], str(f["bytes"]), f["sha256"], ", ".join(f["sources"])) for f in facts["files"]]
    print_table(("file", "bytes", "sha256", "sources"), rows)


@app.command("add", epilog="Example: filmbench models add clip-vit-base-patch16 pytorch_model.bin merges.txt")
def add(
    id: str = typer.Argument(help="A name from the list."),
    files: list[Path] = FILES,
) -> None:
    """Bring weights that no package carries: check the files and copy them into the cache."""
    from filmbench.harness import models

    missing = models.add(id, files)
    typer.echo(f"{id}: {'still missing: ' + ', '.join(missing) if missing else 'here'}")


def _facts(weights: Weights) -> dict[str, Any]:
    from filmbench.harness import models

    return {
        "id": weights.name,
        "title": weights.title,
        "licence": weights.licence,
        "origin": weights.origin,
        "bytes": sum(file.bytes for file in weights.files),
        "installed": models.installed(weights.name),
        "files": [
            {
                "name": file.name,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "sources": [package for package, _ in file.packages] + ([f"hub {file.hub}"] if file.hub else []),
            }
            for file in weights.files
        ],
    }
