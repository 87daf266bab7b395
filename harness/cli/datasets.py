"""``filmbench datasets``: the fixed data that every arm is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from filmbench.harness.cli.options import AsJson

if TYPE_CHECKING:
    from filmbench.harness.dataset import About
    from filmbench.harness.suite import Suite

CHANGED = 2

app = typer.Typer(no_args_is_help=True, help="List, describe, fetch and verify the fixed data.")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="datasets", epilog="Example: filmbench datasets list --json")


@app.command("list", epilog="Example: filmbench datasets list --json")
def list_(as_json: AsJson = False) -> None:
    """List the datasets that come with filmbench."""
    from filmbench.harness import dataset
    from filmbench.harness.cli.output import print_json, print_table

    found = [dataset.about(name) for name in dataset.names()]
    if as_json:
        print_json({"datasets": [_facts(about) for about in found]})
        return
    print_table(
        ("dataset", "title", "contract", "samples", "languages", "human reference", "licence", "here"),
        [
            (
                f"{about.name}@{about.version}",
                about.title,
                about.contract,
                str(about.samples),
                ", ".join(about.languages),
                "yes" if about.human_reference else "no",
                about.licence,
                "yes" if about.fetched else f"filmbench datasets fetch {about.name}",
            )
            for about in found
        ],
    )


@app.command("show", epilog="Example: filmbench datasets show film-lines")
def show(id: str = typer.Argument(help="A dataset's name, or name@version."), as_json: AsJson = False) -> None:
    """Print a dataset's facts and card."""
    from filmbench.harness import dataset
    from filmbench.harness.cli.output import print_facts, print_json

    about = dataset.about(id)
    if as_json:
        print_json({**_facts(about), "card": about.card})
        return
    print_facts(
        (
            ("dataset", f"{about.name}@{about.version}"),
            ("title", about.title),
            ("contract", about.contract),
            ("samples", str(about.samples)),
            ("languages", ", ".join(about.languages)),
            ("human reference", "yes" if about.human_reference else "no"),
            ("licence", about.licence),
            ("attribution", about.attribution),
            ("here", "yes" if about.fetched else f"filmbench datasets fetch {about.name}"),
        )
    )
    typer.echo(f"\n{about.card}")


@app.command("fetch", epilog="Example: filmbench datasets fetch human-prompts")
def fetch(id: str = typer.Argument(help="A dataset's name, or name@version.")) -> None:
    """Bring what may not be committed into the cache, verified; made anew where the recipe was edited since."""
    _fetch(id)
    typer.echo(f"{id}: every file is here and as pinned")


def _fetch(id: str) -> None:
    from filmbench.harness import dataset
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(id, total=None)
        dataset.fetch(id, lambda what, done, total: bars.update(bar, description=what, completed=done, total=total))


def with_data(suite: Suite) -> Suite:
    """``suite`` with its datasets fetched, without the tasks whose data cannot be had here, which is said.

    Raises :class:`UsageError` when no task is left.
    """
    from filmbench.harness import dataset
    from filmbench.harness.types import UsageError

    left, last = [], None
    for task in suite.tasks:
        try:
            if not dataset.about(task.dataset).fetched:
                _fetch(task.dataset)
            left.append(task)
        except UsageError as error:
            last = error
            typer.echo(f"skipped {task.contract}: {error}" + (f"\n  {error.hint}" if error.hint else ""), err=True)
    if last and not left:
        raise last
    return suite.model_copy(update={"tasks": tuple(left)})


@app.command("verify", epilog="Example: filmbench datasets verify film-lines")
def verify(id: str = typer.Argument(help="A dataset's name, or name@version."), as_json: AsJson = False) -> None:
    """Read every pinned file again and compare; exit 2 if one differs or its recipe was edited."""
    from filmbench.harness import dataset
    from filmbench.harness.cli.output import print_json

    found = dataset.verify(id)
    if as_json:
        print_json({"problems": [{"file": str(p.file), "message": p.message, "hint": p.hint} for p in found]})
    else:
        for problem in found:
            typer.echo(f"error: {problem.file}: {problem.message}\n  {problem.hint}", err=True)
        if not found:
            typer.echo(f"{id}: every file is as pinned")
    if found:
        raise typer.Exit(CHANGED)


def _facts(about: About) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(about)
    del facts["card"]
    return {"id": f"{about.name}@{about.version}", **facts}
