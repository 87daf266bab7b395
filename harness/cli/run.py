"""``filmbench demo`` and ``filmbench run``: make takes, score them, print the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from filmbench.harness.engine.reuse import Reuse
    from filmbench.harness.runner import Finished
    from filmbench.harness.store import Store as OpenStore
    from filmbench.harness.suite import Suite


def register(root: typer.Typer) -> None:
    """Add the commands to the command line."""
    root.command("demo", epilog="Example: filmbench demo --stage tts")(demo)
    root.command("run", epilog="Example: filmbench run tts-quick --cap 5")(run)


def demo(
    stage: Annotated[list[str] | None, typer.Option(help="Only this stage; may be given again.")] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Benchmark every stage of film making with what needs no key, and show what was found."""
    from filmbench.harness import suite as suites
    from filmbench.harness.cli.datasets import with_data
    from filmbench.harness.engine.reuse import Reuse

    asked = with_data(suites.demo(tuple(stage or ())))
    _start(asked, Reuse.parse("always", False, False), None, store, as_json)


def run(
    suite: Annotated[str, typer.Argument(help="A built-in suite or a TOML file.")] = "tts-quick",
    cap: Annotated[str | None, typer.Option(help="Spend at most so many US dollars.")] = None,
    reuse: Annotated[str, typer.Option(help="Earlier takes: always, never or max-age=7d.")] = "always",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that stopped.")] = False,
    run_id: Annotated[str | None, typer.Option("--run", help="Which run to resume; the newest by default.")] = None,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Ask again what failed or timed out.")] = False,
    retry_unknown: Annotated[
        bool, typer.Option("--retry-unknown", help="Ask again what may have been paid: it may be paid twice.")
    ] = False,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Make what a suite asks for, score it, and print the leaderboard."""
    from filmbench.harness import runner
    from filmbench.harness import suite as suites
    from filmbench.harness.cli.datasets import with_data
    from filmbench.harness.cli.progress import Progress
    from filmbench.harness.engine.reuse import Reuse
    from filmbench.harness.store import Store as Opened

    policy = Reuse.parse(reuse, retry_errors, retry_unknown)
    limit = dollars(cap)
    if not resume:
        asked = suites.load(suite)
        return _start(with_data(asked) if suite in suites.built_in() else asked, policy, limit, store, as_json)
    with Opened.open(store) as opened:
        with Progress() as progress:
            finished = runner.resume(opened, run_id, policy, progress)
        _show(opened, finished, as_json)
    if finished.problem:
        raise finished.problem
    return None


def _start(asked: Suite, policy: Reuse, limit: Decimal | None, store: Path, as_json: bool) -> None:
    from filmbench.harness import runner
    from filmbench.harness.cli.progress import Progress
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        with Progress() as progress:
            finished = runner.start(opened, asked, policy, limit, progress)
        _show(opened, finished, as_json)
    if finished.problem:
        raise finished.problem


def dollars(text: str | None) -> Decimal | None:
    """``--cap`` as an amount. Raises :class:`UsageError`."""
    from decimal import Decimal, InvalidOperation

    from filmbench.harness.types import UsageError

    if text is None:
        return None
    try:
        amount = Decimal(text.lstrip("$"))
    except InvalidOperation:
        raise UsageError(f"--cap takes US dollars, not {text!r}", "for example: --cap 5 or --cap 0.50") from None
    if not amount.is_finite() or amount < 0:
        raise UsageError(f"--cap cannot be {text}", "for example: --cap 5")
    return amount


def _show(store: OpenStore, finished: Finished, as_json: bool) -> None:
    from filmbench.harness import results
    from filmbench.harness.cli.table import print_boards

    if finished.stopped:
        typer.echo(f"stopped; go on with: filmbench run --resume --run {finished.run}", err=True)
        raise typer.Exit(130)
    found = results.read(store, finished.run)
    written = results.write(store, found)
    print_boards(found, as_json)
    for label in dict.fromkeys(finished.tally.overbilled):
        typer.echo(f"warning: {label} billed more than its quoted ceiling", err=True)
    if not as_json:
        folder = store.run_folder(finished.run)
        report = written.pop("report.html")
        typer.echo(f"\nrun      {finished.run}\nfolder   {folder}\ntables   {', '.join(written)}")
        typer.echo(f"report   {report} (open it in a browser to listen)")
