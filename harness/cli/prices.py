"""``filmbench prices``: what vendors charge, since when, who says so, and whether their bills agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from filmbench.harness.bills import Compared
    from filmbench.harness.pricing import Row

app = typer.Typer(
    invoke_without_command=True,
    help="""Read the price book: dated and sourced unit prices; by itself, how old each vendor's are.

    FILMBENCH_PRICES may name a TOML file with rows of your own (a negotiated rate, the price of a credit): [[prices]]
    with vendor, model, unit, usd, per, as_of, source and confidence (stated). They go before ours.""",
)


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="prices", epilog="Example: filmbench prices show openai/tts-1")


@app.callback()
def ages(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how old each vendor's prices are."""
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.pricing import book

    if context.invoked_subcommand is not None:
        return
    today = _today()
    rows = [row for row in book().rows if row.holds(today)]
    facts = [_ages(vendor, [row for row in rows if row.vendor == vendor], today) for vendor in _vendors(rows)]
    if as_json:
        print_json({"vendors": facts})
    else:
        print_table(
            ("vendor", "prices", "unknown", "newest (days)", "oldest (days)", "over 90 days"),
            [tuple("" if value is None else str(value) for value in fact.values()) for fact in facts],
        )
    _warn(rows, today)


@app.command("list", epilog="Example: filmbench prices list --vendor elevenlabs")
def list_(
    vendor: str | None = typer.Option(None, help="Only one vendor's."),
    all_rows: bool = typer.Option(False, "--all", help="Superseded, retired and doubtful rows too."),
    as_json: AsJson = False,
) -> None:
    """List the prices in force today."""
    from filmbench.harness.pricing import book

    today = _today()
    rows = [row for row in book().rows if (vendor is None or row.vendor == vendor) and (all_rows or row.holds(today))]
    _print(rows, as_json, sources=False)
    _warn(rows, today)


@app.command("show", epilog="Example: filmbench prices show elevenlabs/eleven_v3")
def show(id: str = typer.Argument(help="A provider's id, vendor/model."), as_json: AsJson = False) -> None:
    """Print every row about one provider, history too."""
    import difflib

    from filmbench.harness.pricing import book
    from filmbench.harness.types import UsageError

    held = book()
    rows, life = held.of(id), held.lifetime(id)
    if not rows and life is None:
        known = sorted({f"{row.vendor}/{row.model}" for row in held.rows})
        near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "see: filmbench prices list --all"
        raise UsageError(f"the price book has no row for {id!r}", hint)
    _print(rows, as_json, sources=True)
    if (ending := held.ending(id, _today())) and not as_json:
        typer.echo(f"{id}: {ending}")
    _warn(rows, _today())


@app.command("check", epilog="Example: filmbench prices check --since 2026-11-01 --bill elevenlabs=12.40")
def check(
    since: Annotated[str | None, typer.Option(help="Only takes made on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(help="Only takes made on this day (UTC) or earlier.")] = None,
    bill: Annotated[
        list[str] | None, typer.Option(help="An invoice of those days, as vendor=dollars; may be given again.")
    ] = None,
    tolerance: Annotated[float, typer.Option(help="How many per cent a bill may differ.", min=0)] = 10.0,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Hold what vendors billed against the book; exit code 1 where they differ."""
    from filmbench.harness import bills
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.pricing import book
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.types import NothingMeasured

    first, last = _day(since, "--since"), _day(until, "--until")
    invoices = [_bill(text) for text in bill or ()]
    with Opened.reading(store) as opened:
        found = bills.compare(opened.ledger, book(), first, last)
        found += [bills.invoice(opened.ledger, vendor, usd, first, last) for vendor, usd in invoices]
    if not found:
        raise NothingMeasured("no bill of those days is in the ledger", "bills come with: filmbench run … --cap 5")
    alarms = [alarm for one in found if (alarm := one.alarm(tolerance))]
    if as_json:
        print_json({"compared": [_compared(one) for one in found], "tolerance_percent": tolerance, "alarms": alarms})
    else:
        _print_compared(found)
    for alarm in alarms:
        typer.echo(f"alarm: {alarm}", err=True)
    raise typer.Exit(1 if alarms else 0)


def _print(rows: Iterable[Row], as_json: bool, sources: bool) -> None:
    from filmbench.harness.cli.output import print_json, print_table

    today = _today()
    facts = [_facts(row, today) for row in rows]
    if as_json:
        print_json({"prices": facts})
        return
    print_table(
        ("provider", "plan", "USD", "per", "as of", "age", "status", "confidence", *(["source"] if sources else [])),
        [
            (
                row["provider"],
                row["plan"] or "",
                row["usd"] or f"unknown: {row['reason']}",
                f"{row['per']} {row['unit']}",
                row["as_of"],
                f"{row['age_days']} d",
                row["status"],
                row["confidence"],
                *([row["source"]] if sources else []),
            )
            for row in facts
        ],
    )


def _warn(rows: Iterable[Row], today: date) -> None:
    """Say on standard error which prices are so old that they should be looked up again."""
    from filmbench.harness.pricing import STALE_DAYS

    old = [row for row in rows if row.usd is not None and row.holds(today) and row.stale(today)]
    if old:
        vendors = ", ".join(_vendors(old))
        what = "1 price is" if len(old) == 1 else f"{len(old)} prices are"
        typer.echo(f"warning: {what} from sources older than {STALE_DAYS} days ({vendors}): look again", err=True)


def _ages(vendor: str, rows: Sequence[Row], today: date) -> dict[str, Any]:
    priced = [row.age(today) for row in rows if row.usd is not None]
    return {
        "vendor": vendor,
        "prices": len(priced),
        "unknown": len(rows) - len(priced),
        "newest_days": min(priced, default=None),
        "oldest_days": max(priced, default=None),
        "stale": sum(row.usd is not None and row.stale(today) for row in rows),
    }


def _vendors(rows: Iterable[Row]) -> list[str]:
    return sorted({row.vendor for row in rows})


def _today() -> date:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def _facts(row: Row, today: date) -> dict[str, Any]:
    return {
        "provider": f"{row.vendor}/{row.model}",
        "unit": row.unit,
        "usd": None if row.usd is None else str(row.usd),
        "per": str(row.per),
        "plan": row.plan,
        "conditions": row.conditions,
        "as_of": row.as_of,
        "age_days": row.age(today),
        "source": row.source,
        "confidence": row.confidence,
        "status": row.status,
        "reason": row.reason,
        "own": row.own,
    }


def _print_compared(found: Sequence[Compared]) -> None:
    from filmbench.harness.cli.output import print_table

    print_table(
        ("bills of", "live", "takes", "billed $", "beside $", "what says so", "difference", "unpriced takes"),
        [
            (
                one.name,
                "yes" if one.live else "no",
                str(one.takes),
                f"{one.billed:.4f}",
                f"{one.book:.4f}",
                one.basis,
                "" if one.percent is None else f"{one.percent:+.1f} %",
                str(one.unpriced or ""),
            )
            for one in found
        ],
    )


def _compared(one: Compared) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(one), "billed": str(one.billed), "book": str(one.book), "percent": one.percent}


def _day(text: str | None, option: str) -> date | None:
    from datetime import date

    from filmbench.harness.types import UsageError

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} takes a day, not {text!r}", f"for example: {option} 2026-11-01") from None


def _bill(text: str) -> tuple[str, Decimal]:
    from decimal import Decimal, InvalidOperation

    from filmbench.harness.types import UsageError

    vendor, _, amount = text.partition("=")
    try:
        usd = Decimal(amount.lstrip("$"))
    except InvalidOperation:
        usd = Decimal("NaN")
    if not vendor or not usd.is_finite() or usd < 0:
        raise UsageError(f"--bill cannot be {text!r}", "for example: --bill elevenlabs=12.40")
    return vendor, usd
