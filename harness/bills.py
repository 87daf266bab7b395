"""Does what vendors billed agree with the price book? For finding a price that changed, or is counted otherwise.

A take's bill is the vendor's own evidence (credits in a header, tokens in an answer, money) at the book's price of the
day, as the ledger keeps it. It is held against what the book says of the work by another way, the first there is of:

1. the book's price of the units, where the vendor stated money beside them;
2. the book's price of what can be measured here (the text's characters, the seconds or pictures that came), in a unit
   other than the vendor's, else in the same;
3. the quote, which may be an estimate.

An invoice, typed in, is held against the sum of the live takes of its vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from filmbench.harness.contracts import contract
from filmbench.harness.pricing import PriceBook, from_nano
from filmbench.harness.store import schema
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import Outcome, Usage
from sqlalchemy import RowMapping, and_, select

TOLERANCE_PERCENT = 10.0


@dataclass(frozen=True, slots=True)
class Compared:
    """Bills of one provider, or one vendor's invoice, beside the book. US dollars.

    ``unpriced`` counts takes that were sent and have no price: they are in neither sum.
    """

    name: str
    live: bool
    basis: str
    takes: int
    billed: Decimal
    book: Decimal
    unpriced: int = 0

    @property
    def percent(self) -> float | None:
        """How much more was billed than the book says, in per cent of the latter; ``None`` where that is nothing."""
        return float(100 * (self.billed - self.book) / self.book) if self.book else None

    def alarm(self, tolerance: float = TOLERANCE_PERCENT) -> str | None:
        """The difference in a sentence where it is beyond ``tolerance`` per cent; ``None`` where it is not."""
        if self.billed == self.book or (self.percent is not None and abs(self.percent) <= tolerance):
            return None
        apart = "" if self.percent is None else f" ({self.percent:+.1f} %, tolerance {tolerance:g} %)"
        return (
            f"{self.name} billed {self.billed:.4f} USD for {self.takes} takes, {self.basis} says "
            f"{self.book:.4f}{apart}: a price changed or something else is counted"
        )


def compare(ledger: Ledger, book: PriceBook, since: date | None = None, until: date | None = None) -> list[Compared]:
    """Every vendor's bills of good takes beside the book, by provider and basis; ``until`` is included."""
    sums: dict[tuple[str, bool, str], tuple[int, Decimal, Decimal]] = {}
    for row in _takes(ledger, since, until):
        if row["outcome"] != Outcome.OK or row["billed_nano"] is None:
            continue
        other = _by_the_book(row, book)
        if other is None:
            continue
        basis, expected = other
        place = (row["provider"], row["live"], basis)
        takes, billed, priced = sums.get(place, (0, Decimal(0), Decimal(0)))
        sums[place] = (takes + 1, billed + from_nano(row["billed_nano"]), priced + expected)
    return [Compared(name, live, basis, *found) for (name, live, basis), found in sorted(sums.items())]


def invoice(ledger: Ledger, vendor: str, usd: Decimal, since: date | None, until: date | None) -> Compared:
    """A vendor's invoice over some days beside all that its live takes were billed by the ledger."""
    mine = [row for row in _takes(ledger, since, until) if row["live"] and row["provider"].startswith(f"{vendor}/")]
    priced = [from_nano(row["billed_nano"]) for row in mine if row["billed_nano"] is not None]
    unpriced = sum(row["billed_nano"] is None and Outcome(row["outcome"]).final for row in mine)
    total = sum(priced, Decimal(0))
    return Compared(f"{vendor} (invoice)", True, "the ledger", len(priced), usd, total, unpriced)


def _takes(ledger: Ledger, since: date | None, until: date | None) -> Iterator[RowMapping]:
    """The takes that vendors were asked for, in the order of their days."""
    made, asked = schema.takes, schema.requests
    columns = [made.c[name] for name in ("outcome", "artifacts", "seconds", "usage", "quoted_nano", "billed_nano")]
    wanted = (
        select(*columns, made.c.live, made.c.made_at, asked.c.provider, asked.c.contract, asked.c.text)
        .join(asked, asked.c.key == made.c.key)
        .where(and_(asked.c.provider.not_like("local/%"), made.c.attempts > 0))
        .order_by(made.c.made_at)
    )
    with ledger.read() as connection:
        for row in connection.execute(wanted).mappings():
            day = date.fromisoformat(row["made_at"][:10])
            if (since is None or day >= since) and (until is None or day <= until):
                yield row


def _by_the_book(row: RowMapping, book: PriceBook) -> tuple[str, Decimal] | None:
    """What the take should have cost, and by which way; ``None`` where there is no second way."""
    used = _usage(row["usage"] or {})
    day = date.fromisoformat(row["made_at"][:10])

    def price(quantities: Mapping[str, Decimal]) -> Decimal | None:
        return book.price(row["provider"], Usage(quantities), day).usd

    if used.usd is not None and used.quantities and (found := price(used.quantities)) is not None:
        return "the book's price of the units", found
    for unit, amount, words in _measured(row, used):
        if (found := price({unit: amount})) is not None:
            return words, found
    return ("the quote", from_nano(row["quoted_nano"])) if row["quoted_nano"] is not None else None


def _measured(row: RowMapping, used: Usage) -> Iterable[tuple[str, Decimal, str]]:
    """What can be counted here without the vendor; first what it does not bill by."""
    found = []
    if row["contract"] == "tts" and row["text"]:
        found.append(("character", Decimal(len(row["text"])), "the book for the text's length"))
    if row["seconds"]:
        found.append(("output_second", Decimal(str(row["seconds"])), "the book for the length that came"))
    pictures = [role.name for role in contract(row["contract"]).outputs if role.kind == "image" and role.required]
    if count := sum(len((row["artifacts"] or {}).get(role, ())) for role in pictures):
        found.append(("image", Decimal(count), "the book for the pictures that came"))
    return sorted(found, key=lambda one: one[0] in used.quantities)


def _usage(kept: Mapping[str, Any]) -> Usage:
    amounts = {unit: Decimal(str(amount)) for unit, amount in (kept.get("quantities") or {}).items()}
    return Usage(amounts, usd=None if kept.get("usd") is None else Decimal(str(kept["usd"])))
