"""What takes cost: money spent over what came out of it, never a price-list figure passed off as a bill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from filmbench.harness.types import Outcome

if TYPE_CHECKING:
    import pandas as pd

NEVER_SENT = tuple(
    outcome.value for outcome in (Outcome.UNSUPPORTED, Outcome.BUDGET_STOP, Outcome.CANCELLED, Outcome.NOT_SUPPLIED)
)


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars of one arm. Failures stand in the numerator, only good takes in the denominator.

    ``billed`` is what was paid, ``quoted`` what was expected for the same priced takes. ``unpriced`` counts takes
    that were sent but have no price: every figure is then "at least". ``None`` with ``reason`` when no take has one.
    ``human_minutes`` are those of people's work, of which ``untold`` takes do not tell theirs.
    """

    billed: float | None = None
    quoted: float | None = None
    per_1000_characters: float | None = None
    per_finished_minute: float | None = None
    per_good_take: float | None = None
    unpriced: int = 0
    human_minutes: float | None = None
    untold: int = 0
    reason: str | None = None

    @property
    def unit_price(self) -> float | None:
        """What two arms of one contract are compared by: dollars per 1,000 characters of text, else per good take."""
        return self.per_good_take if self.per_1000_characters is None else self.per_1000_characters

    @property
    def at_least(self) -> bool:
        """Whether the true cost may be higher."""
        return self.unpriced > 0


def cost(takes: pd.DataFrame) -> Cost:
    """Cost of the takes of one arm (rows of a tidy takes frame)."""
    sent = takes[takes["made"] & ~takes["outcome"].isin(NEVER_SENT)]
    if sent.empty:
        return Cost(reason="no take was sent")
    minutes = sent["human_minutes"].dropna()
    human = float(minutes.sum()) if len(minutes) else None
    untold = len(sent) - len(minutes) if len(minutes) else 0
    priced = sent[sent["billed_usd"].notna()]
    if priced.empty:
        return Cost(unpriced=len(sent), human_minutes=human, untold=untold, reason="no price")
    billed = float(priced["billed_usd"].sum())
    quotes = priced["quoted_usd"]
    good = sent[sent["ok"]]
    characters = float(good["characters"].sum())
    seconds = float(good["seconds"].sum())
    return Cost(
        billed,
        float(quotes.sum()) if quotes.notna().all() else None,
        1000 * billed / characters if characters else None,
        60 * billed / seconds if seconds else None,
        billed / len(good) if len(good) else None,
        len(sent) - len(priced),
        human,
        untold,
        reason=None if len(good) else "no take came out well",
    )


@dataclass(frozen=True, slots=True)
class Spend:
    """What all takes of a table cost together, each take once. ``fresh`` is the part that this run paid for."""

    total: float
    fresh: float
    unpriced: int


def spend(takes: pd.DataFrame) -> Spend:
    """Total over a tidy takes frame; takes shared by two arms count once."""
    sent = takes[takes["made"] & ~takes["outcome"].isin(NEVER_SENT)].drop_duplicates("id")
    billed = sent["billed_usd"]
    return Spend(float(billed.sum()), float(billed[~sent["cached"]].sum()), int(billed.isna().sum()))
