"""``filmbench baseline``: freeze what a run found under a name, for later comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.baselines import Baseline

app = typer.Typer(no_args_is_help=True, help="Freeze what a run found, to compare and gate against later.")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="baseline", epilog="Example: filmbench baseline save main")


@app.command("save", epilog="Example: filmbench baseline save main --media 5 -o baselines/main.filmbench")
def save(
    name: Annotated[str, typer.Argument(help="What it is to be called.")],
    run: Annotated[str | None, typer.Option("--run", help="Which run; the newest by default.")] = None,
    media: Annotated[int, typer.Option(min=0, help="Of how many samples the media go along.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file of its own, to commit or send; else in the store.")
    ] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Freeze a run's takes, scores, suite and manifest in one file."""
    from filmbench.harness import baselines, results
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        saved = baselines.save(opened, results.read(opened, run), name, media=media, file=output)
    _show(saved, as_json)


@app.command("list", epilog="Example: filmbench baseline list")
def list_(store: Store = STORE, as_json: AsJson = False) -> None:
    """List the baselines of the store."""
    from filmbench.harness import baselines
    from filmbench.harness.cli.output import print_json, print_table

    found = baselines.listed(store)
    if as_json:
        print_json({"baselines": [_plain(one) for one in found]})
    elif found:
        rows = [(one.name, one.suite, one.run, f"{one.takes:,}", one.sha256[:12]) for one in found]
        print_table(("baseline", "suite", "run", "takes", "sha256"), rows)
    else:
        typer.echo("no baseline yet; save one: filmbench baseline save main")


@app.command("show", epilog="Example: filmbench baseline show main")
def show(
    name: Annotated[str, typer.Argument(help="A baseline's name or file.")],
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Say what a baseline holds; every byte of it is checked."""
    from filmbench.harness import baselines

    _show(baselines.describe(baselines.find(store, name)), as_json)


@app.command("drop", epilog="Example: filmbench baseline drop main")
def drop(name: Annotated[str, typer.Argument(help="Its name.")], store: Store = STORE) -> None:
    """Delete a baseline of the store."""
    from filmbench.harness import baselines

    baselines.drop(store, name)
    typer.echo(f"{name} is gone")


def _show(one: Baseline, as_json: bool) -> None:
    from filmbench.harness.cli.output import print_facts, print_json

    if as_json:
        print_json(_plain(one))
    else:
        print_facts(
            (name, ", ".join(value) if isinstance(value, tuple) else str(value)) for name, value in _plain(one).items()
        )


def _plain(one: Baseline) -> dict[str, Any]:
    return {
        "name": one.name,
        "file": str(one.file),
        "sha256": one.sha256,
        "bytes": one.bytes,
        "suite": one.suite,
        "run": one.run,
        "takes": one.takes,
        "arms": one.arms,
        "media": one.media,
    }
