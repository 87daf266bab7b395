"""The command line, ``filmbench``: a thin face on the harness.

One module per group of commands; each offers ``register(root)``. Nothing but typer is imported before a
command runs, so that ``--help`` answers at once: a command imports what it needs in its own body.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from filmbench.harness.cli import (
    baseline,
    compare,
    dashboard,
    datasets,
    doctor,
    drift,
    estimate,
    film,
    gate,
    importing,
    metrics,
    models,
    plan,
    prices,
    providers,
    resources,
    run,
    score,
    table,
    votes,
)

DEFECT = 70
INTERRUPTED = 130

app = typer.Typer(
    name="filmbench",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which AI vendor to trust for each step of a film, what it costs, and whether an upgrade made it worse.",
    epilog="Example: filmbench providers list",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"filmbench {version('filmbench')}")
        raise typer.Exit


@app.callback()
def root(
    store: Annotated[
        str | None, typer.Option(help="The folder that holds everything runs make. [FILMBENCH_STORE; ./runs]")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command. The store travels in the environment, to child processes as well."""
    if store is not None:
        os.environ["FILMBENCH_STORE"] = store


GROUPS = (
    *(run, plan, score, table, compare, gate, drift, baseline, votes, importing, estimate, film),
    *(providers, metrics, datasets, models, prices, resources, doctor, dashboard),
)
for group in GROUPS:
    group.register(app)


def main() -> None:
    """Run the command line; exits with the codes of :mod:`filmbench.harness.types`, 70 on a defect of ours."""
    try:
        app(prog_name="filmbench")
    except KeyboardInterrupt:
        _stop(INTERRUPTED, "interrupted")
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            typer.echo("interrupted", err=True)
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, never a bare trace
        _fail(error)


def _fail(error: Exception) -> None:
    from filmbench.harness.types import FilmbenchError

    if os.environ.get("FILMBENCH_DEBUG"):
        raise error
    if isinstance(error, ExceptionGroup):  # tasks that ran side by side: what a user can act on goes first
        leaves = list(_leaves(error))
        error = next((leaf for leaf in leaves if isinstance(leaf, FilmbenchError)), leaves[0])
    if isinstance(error, FilmbenchError):
        _stop(error.exit_code, f"error: {error}", error.hint)
    _stop(DEFECT, f"error: {type(error).__name__}: {error}", "a defect of filmbench; FILMBENCH_DEBUG=1 shows where")


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _stop(code: int, message: str, hint: str | None = None) -> None:
    typer.echo(message, err=True)
    if hint:
        typer.echo(f"  {hint}", err=True)
    sys.exit(code)
