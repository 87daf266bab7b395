"""``filmbench score``: measure what a run's takes still lack; no vendor is asked."""

from __future__ import annotations

from typing import Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("score", epilog="Example: filmbench score --again tts.wer")(score)


def score(
    run: Annotated[str | None, typer.Argument(help="A run's id, or its beginning; the newest by default.")] = None,
    again: Annotated[list[str] | None, typer.Option(help="Measure this metric anew (repeat the option).")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; as many as cores by default.")] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Score a run's takes that lack a metric, then print the leaderboard."""
    from filmbench.harness import plan, registry, results, scoring
    from filmbench.harness.cli.progress import Progress
    from filmbench.harness.cli.table import print_boards
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.store import frames
    from filmbench.harness.suite import Suite

    for metric in again or ():
        registry.metrics().get(metric)
    with Opened.open(store) as opened:
        row = frames.find_run(opened.ledger, run)
        made = plan.make(Suite.model_validate(row["plan"]), store)
        with Progress() as progress:
            progress.scoring(scoring.pending(opened.ledger, made, row["id"]))
            scoring.score(opened.ledger, opened.artifacts, made, row["id"], again or (), workers, progress.scored)
        found = results.read(opened, row["id"])
        results.write(opened, found)
    print_boards(found, as_json)
