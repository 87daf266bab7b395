"""``filmbench table`` and ``filmbench export``: a run's results, printed or written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    import pandas as pd
    from filmbench.harness.results import Results
    from filmbench.harness.store import Store as Opened

Run = Annotated[str | None, typer.Argument(help="A run's id, or its beginning; the newest by default.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the command line."""
    root.command("table", epilog="Example: filmbench table --language es")(table)
    root.command("export", epilog="Example: filmbench export scores.parquet")(export)


def table(
    run: Run = None,
    language: Annotated[list[str] | None, typer.Option(help="Only these languages (repeat the option).")] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Only the measures, read at once from what the run wrote at its end.")
    ] = False,
    takes: Annotated[bool, typer.Option("--takes", help="List every take with its outcome and reason.")] = False,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Print the leaderboard of a run."""
    from filmbench.harness import results
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        if brief:
            _print_levels(opened, run, tuple(language or ()), as_json)
            return
        found = results.read(opened, run)
    if takes:
        _print_takes(found, as_json)
    else:
        print_boards(found, as_json, tuple(language or ()))


def export(
    file: Annotated[Path, typer.Argument(help="Where to write: .parquet, .csv, .json or .jsonl.")],
    run: Annotated[str | None, typer.Option("--run", help="Which run; the newest by default.")] = None,
    store: Store = STORE,
) -> None:
    """Write a run's takes with their scores, one row a take and metric, for other tools."""
    from filmbench.harness import results
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        found = results.read(opened, run)
    rows = found.takes.merge(found.scores, on=["key", "epoch"], how="left", suffixes=("", "_score"))
    _write(rows, file)
    typer.echo(f"{len(rows)} rows in {file}")


def print_boards(found: Results, as_json: bool, languages: tuple[str, ...] = ()) -> None:
    """The leaderboards of a run, for people or for programs."""
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.report import tables

    boards = found.boards(languages)
    if as_json:
        print_json({"run": found.run, "tables": [tables.plain(board) for board in boards], "skipped": found.skipped})
        return
    from rich.console import Console

    console = Console(highlight=False)
    for board in boards:
        tables.show(board, console)
    for id, why in found.skipped.items():
        typer.echo(f"· not measured here: {id} {why}")


def _print_levels(store: Opened, run: str | None, languages: tuple[str, ...], as_json: bool) -> None:
    from filmbench.harness import segments
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.report import tables, words
    from filmbench.harness.store import frames

    id = str(frames.find_run(store.ledger, run)["id"])
    found = segments.levels(store.run_folder(id) / segments.NAME, languages)
    if as_json:
        print_json({"run": id, "levels": [tables.plain(level) for level in found]})
        return
    print_table(
        ("contract", "dataset", "arm", "measure", "value", "n"),
        [
            (
                level.heading.contract,
                level.heading.dataset,
                words.arm(level.heading.arm, level.heading.role, level.heading.live),
                f"{level.heading.title} ({level.heading.unit})" if level.heading.unit else level.heading.title,
                words.estimate(level.value, level.heading.decimals),
                words.integer(level.value.n),
            )
            for level in found
        ],
    )
    for note in words.few_samples(level.value for level in found):
        typer.echo(f"· {note}")


def _print_takes(found: Results, as_json: bool) -> None:
    import json

    from filmbench.harness.cli.output import print_json, print_table

    shown = ["arm", "sample", "take", "epoch", "outcome", "reason", "seconds", "total_s", "billed_usd", "artifact"]
    rows = json.loads(found.takes[shown].to_json(orient="records"))
    if as_json:
        print_json({"run": found.run, "takes": rows})
        return
    print_table(
        ("arm", "sample", "take", "outcome", "seconds", "made in s", "reason"),
        [
            (
                row["arm"],
                row["sample"],
                str(row["take"]),
                row["outcome"] or "not made",
                "" if row["seconds"] is None else f"{row['seconds']:.2f}",
                "" if row["total_s"] is None else f"{row['total_s']:.2f}",
                row["reason"] or "",
            )
            for row in rows
        ],
    )


def _write(rows: pd.DataFrame, file: Path) -> None:
    from filmbench.harness.types import UsageError

    match file.suffix:
        case ".parquet":
            rows.assign(statistics=rows["statistics"].map(_text), detail=rows["detail"].map(_text)).to_parquet(file)
        case ".csv":
            rows.to_csv(file, index=False)
        case ".json":
            rows.to_json(file, orient="records", force_ascii=False)
        case ".jsonl":
            rows.to_json(file, orient="records", lines=True, force_ascii=False)
        case other:
            raise UsageError(
                f"cannot export to {other or 'a file without an ending'}", "use .parquet, .csv, .json or .jsonl"
            )


def _text(value: object) -> str | None:
    from filmbench.harness.types import canonical_json

    return canonical_json(value) if isinstance(value, dict | list) else None
