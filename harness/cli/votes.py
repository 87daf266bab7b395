"""``filmbench votes``: what people said of a run's takes, listed, exchanged and turned into ratings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(no_args_is_help=True, help="Votes and ratings that people gave on a run's takes.")
Run = Annotated[str | None, typer.Option("--run", help="Which run; the newest by default.")]


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="votes", epilog="Example: filmbench votes rank")


@app.command("list", epilog="Example: filmbench votes list")
def list_(run: Run = None, store: Store = STORE, as_json: AsJson = False) -> None:
    """List every vote and rating of a run."""
    from filmbench.harness import votes
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.store import frames

    with Opened.open(store) as opened:
        id = frames.find_run(opened.ledger, run)["id"]
        said = votes.read(opened.ledger, id)
    pairs, opinions = _rows(said.pairs), _rows(said.opinions)
    if as_json:
        print_json({"run": id, "votes": pairs, "opinions": opinions})
        return
    if said.empty:
        typer.echo(f"nobody has voted on {id} yet; take in what a listening test gave: filmbench votes import FILE")
    if pairs:
        print_table(
            ("sample", "left", "right", "choice", "reasons", "rater", "at"),
            [
                (one["sample"], one["left_arm"], one["right_arm"], one["choice"], ", ".join(one["reasons"]),
                 one["rater"], one["cast_at"][:16])
                for one in pairs
            ],
        )  # fmt: skip
    if opinions:
        print_table(
            ("sample", "arm", "stands for", "scale", "score", "session", "rater", "at"),
            [
                (one["sample"], one["arm"], one["part"], one["scale"], f"{one['score']:g}", one["session"],
                 one["rater"], one["cast_at"][:16])
                for one in opinions
            ],
        )  # fmt: skip


@app.command("export", epilog="Example: filmbench votes export votes.csv")
def export(
    file: Annotated[Path, typer.Argument(help="Where to write: .csv or .jsonl.")],
    run: Run = None,
    store: Store = STORE,
) -> None:
    """Write a run's votes and ratings; raters get other names, and no text or medium goes along."""
    from filmbench.harness import votefiles, votes
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.store import frames

    with Opened.open(store) as opened:
        id = frames.find_run(opened.ledger, run)["id"]
        count = votefiles.write(id, votes.read(opened.ledger, id), file)
    typer.echo(f"{count} records in {file}")


@app.command("import", epilog="Example: filmbench votes import votes.csv --run 20260102")
def import_(
    file: Annotated[Path, typer.Argument(help="Votes or ratings, .csv or .jsonl; the README names the columns.")],
    run: Run = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Take in votes and ratings: all of a file or, where a line is wrong, nothing."""
    from filmbench.harness import votefiles
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.store import frames

    with Opened.open(store) as opened:
        id = frames.find_run(opened.ledger, run)["id"]
        taken = votefiles.take_in(opened.ledger, id, file)
    if as_json:
        print_json({"run": id, "votes": taken.pairs, "opinions": taken.opinions, "known": taken.known})
    else:
        already = f"; {taken.known} were here already" if taken.known else ""
        typer.echo(f"{taken.pairs} votes and {taken.opinions} ratings for {id}{already}")


@app.command("rank", epilog="Example: filmbench votes rank --json")
def rank(run: Run = None, store: Store = STORE, as_json: AsJson = False) -> None:
    """Rate the arms by people's votes and ratings, and show what could be wrong with it."""
    from filmbench.harness import results
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.report import panels, tables
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.types import NothingMeasured

    with Opened.open(store) as opened:
        found = results.read(opened, run)
    said = found.panels()
    if not said:
        raise NothingMeasured(f"nobody has voted on {found.run} yet", "filmbench votes import FILE")
    if as_json:
        print_json({"run": found.run, "panels": [tables.plain(one) for one in said]})
        return
    from rich.console import Console

    console = Console(highlight=False)
    for one in said:
        tables.show_document(panels.document(one), console)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    import json

    return list(json.loads(frame.to_json(orient="records")))
