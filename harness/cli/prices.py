"""``filmbench prices``: what vendors charge, since when, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from filmbench.harness.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filmbench.harness.pricing import Row

app = typer.Typer(
    no_args_is_help=True,
    help="""Read the price book: dated and sourced unit prices.

    FILMBENCH_PRICES may name a YAML file with rows of your own (a negotiated rate, the price of a credit), each
    with vendor, model, unit, usd, per, as_of, source and confidence (stated). They go before ours.""",
)


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="prices", epilog="Example: filmbench prices show openai/tts-1")


@app.command("list", epilog="Example: filmbench prices list --vendor elevenlabs")
def list_(
    vendor: str | None = typer.Option(None, help="Only one vendor's."),
    all_rows: bool = typer.Option(False, "--all", help="Superseded, retired and doubtful rows too."),
    as_json: AsJson = False,
) -> None:
    """List the prices in force today."""
    from filmbench.harness.pricing import book

    rows = [row for row in book().rows if (vendor is None or row.vendor == vendor) and (all_rows or _in_force(row))]
    _print(rows, as_json, sources=False)


@app.command("show", epilog="Example: filmbench prices show elevenlabs/eleven_v3")
def show(id: str = typer.Argument(help="A provider's id, vendor/model."), as_json: AsJson = False) -> None:
    """Print every row about one provider, history too."""
    import difflib

    from filmbench.harness.pricing import book
    from filmbench.harness.types import UsageError

    rows = book().of(id)
    if not rows:
        known = sorted({f"{row.vendor}/{row.model}" for row in book().rows})
        near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "see: filmbench prices list --all"
        raise UsageError(f"the price book has no row for {id!r}", hint)
    _print(rows, as_json, sources=True)


def _print(rows: Iterable[Row], as_json: bool, sources: bool) -> None:
    from filmbench.harness.cli.output import print_json, print_table

    facts = [_facts(row) for row in rows]
    if as_json:
        print_json({"prices": facts})
        return
    print_table(
        ("provider", "plan", "USD", "per", "as of", "status", "confidence", *(["source"] if sources else [])),
        [
            (
                row["provider"],
                row["plan"] or "",
                row["usd"] or f"unknown: {row['reason']}",
                f"{row['per']} {row['unit']}",
                row["as_of"],
                row["status"],
                row["confidence"],
                *([row["source"]] if sources else []),
            )
            for row in facts
        ],
    )


def _in_force(row: Row) -> bool:
    from datetime import UTC, datetime

    return row.holds(datetime.now(UTC).date())


def _facts(row: Row) -> dict[str, Any]:
    return {
        "provider": f"{row.vendor}/{row.model}",
        "unit": row.unit,
        "usd": None if row.usd is None else str(row.usd),
        "per": str(row.per),
        "plan": row.plan,
        "conditions": row.conditions,
        "as_of": row.as_of,
        "source": row.source,
        "confidence": row.confidence,
        "status": row.status,
        "reason": row.reason,
        "own": row.own,
    }
