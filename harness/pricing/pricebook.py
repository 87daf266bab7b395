"""The price book: what a vendor's unit costs on a day, who says so, and what is not known.

Rows stand in ``prices/<vendor>.toml`` and are only ever added: a later row about the same vendor, model, unit
and plan takes the earlier one's place from its date on, so an old run can be priced as it was. A file named by
``FILMBENCH_PRICES`` adds rows of the user's own (a negotiated rate, the price of a credit), which go
before ours whatever their dates.

A price is missing, with a reason, rather than borrowed: an unknown model has none, nor has a unit without
a row, nor a unit that costs differently on plans of which none is chosen. In that last case the dearest
plan is still a safe ceiling for a spend cap: :attr:`Price.at_most`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import Literal

from filmbench.harness.types import Usage, UsageError

Status = Literal["current", "unknown", "superseded", "retired", "resale", "doubtful", "unverified"]

NANO = Decimal("1e-9")
STALE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the book: ``per`` units cost ``usd`` dollars.

    ``usd`` is ``None`` where the price is unknown or unpublished, and ``reason`` then says why. ``plan`` is
    set where the price holds on one plan only. ``as_of`` is the source's date, to the year, month or day;
    the row is valid from ``valid_from`` (else from the first day of ``as_of``) to ``valid_to``. Only
    ``current`` and ``unknown`` rows price anything; the others are history and context.
    ``confidence``: ``high`` is the vendor's own page or two agreeing sources, ``medium`` one transcription
    of it, ``low`` an undated, conflicting or derived figure; ``stated`` is the user's own word.
    """

    vendor: str
    model: str
    unit: str
    usd: Decimal | None
    as_of: str
    source: str
    confidence: Literal["high", "medium", "low", "stated"]
    per: Decimal = Decimal(1)
    plan: str | None = None
    conditions: str | None = None
    status: Status = "current"
    valid_from: date | None = None
    valid_to: date | None = None
    reason: str | None = None
    own: bool = False

    def __post_init__(self) -> None:
        if self.usd is None and not self.reason:
            raise ValueError("a row without usd needs a reason")
        if (self.usd is None) != (self.status == "unknown"):
            raise ValueError("status is unknown exactly where usd is null")
        if self.per <= 0 or (self.usd is not None and self.usd < 0):
            raise ValueError("per must be positive and usd not negative")
        if self.plan is not None and self.plan != self.plan.lower():
            raise ValueError("plan is written in lower case")
        _first_day(self.as_of)

    @property
    def since(self) -> date:
        """The first day for which the row speaks."""
        return self.valid_from or _first_day(self.as_of)

    def holds(self, on: date) -> bool:
        """Whether the row may price something made on that day."""
        return (
            self.status in ("current", "unknown")
            and self.since <= on
            and (self.valid_to is None or on <= self.valid_to)
        )

    def age(self, on: date) -> int:
        """Days since the source was dated, at most: a month counts from its first day."""
        return (on - _first_day(self.as_of)).days

    def stale(self, on: date) -> bool:
        """Whether the source is older than 90 days, so that a table should say its age."""
        return self.age(on) > STALE_DAYS


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a model began and ended, as far as ``source`` knew on ``as_of``; a later row may put its end off."""

    vendor: str
    model: str
    as_of: str
    source: str
    available_from: date | None = None
    retired_on: date | None = None
    replacement: str | None = None
    own: bool = False

    def __post_init__(self) -> None:
        if self.available_from is None and self.retired_on is None:
            raise ValueError("a model's row needs available_from or retired_on")
        _first_day(self.as_of)

    def over(self, on: date) -> bool:
        """Whether the model was to be gone by that day."""
        return self.retired_on is not None and self.retired_on <= on

    def ending(self, on: date) -> str | None:
        """The end in words as of that day, with who says so; ``None`` where none is known."""
        if self.retired_on is None:
            return None
        when = "retired" if self.over(on) else "to be retired"
        instead = f"; {self.replacement} takes its place" if self.replacement else ""
        return f"{when} on {self.retired_on} according to {self.source}{instead}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a usage costs, in dollars rounded up to whole nano-dollars.

    ``usd`` is ``None`` where the book cannot say, and ``reason`` tells why. ``at_most`` is the most it can
    cost: equal to ``usd`` where that is known, the dearest plan's price where only the plan is open, else
    ``None``. Reserve ``at_most``; show and settle ``usd``.
    """

    usd: Decimal | None
    at_most: Decimal | None
    reason: str | None = None
    rows: tuple[Row, ...] = ()

    def age(self, on: date) -> int | None:
        """Days since the oldest source among the rows used was dated; ``None`` where no row was."""
        return max((row.age(on) for row in self.rows), default=None)


@dataclass(frozen=True)
class PriceBook:
    """All rows, and the sha256 of the files they came from (it belongs in a run's manifest)."""

    rows: tuple[Row, ...]
    sha256: str
    lifetimes: tuple[Lifetime, ...] = ()

    def of(self, provider_id: str) -> tuple[Row, ...]:
        """Every row about one provider, history too."""
        return self._by_provider.get(provider_id, ())

    def lifetime(self, provider_id: str) -> Lifetime | None:
        """The last word on when a provider's model began and ends; ``None`` where the book has none."""
        found = [one for one in self.lifetimes if f"{one.vendor}/{one.model}" == provider_id]
        return max(found, key=lambda one: (one.own, _first_day(one.as_of)), default=None)

    def ending(self, provider_id: str, on: date) -> str | None:
        """How a provider's model ends, in words; ``None`` where the book knows of no end."""
        life = self.lifetime(provider_id)
        return life.ending(on) if life else None

    @cached_property
    def _by_provider(self) -> dict[str, tuple[Row, ...]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(f"{row.vendor}/{row.model}", []).append(row)
        return {id: tuple(rows) for id, rows in found.items()}

    @cached_property
    def _plans(self) -> dict[str, frozenset[str]]:
        vendors = {row.vendor for row in self.rows}
        return {name: frozenset(row.plan for row in self.rows if row.vendor == name and row.plan) for name in vendors}

    def stale(self, on: date) -> tuple[Row, ...]:
        """The rows in force whose source is older than 90 days."""
        return tuple(row for row in self.rows if row.holds(on) and row.stale(on))

    def price(self, provider_id: str, usage: Usage, on: date, plan: str | None = None) -> Price:
        """What ``usage`` of ``vendor/model`` costs on the day ``on``.

        Every quantity in the usage must have a price; they are added. ``plan`` (else the environment's
        ``FILMBENCH_<VENDOR>_PLAN``) chooses among rows that differ by plan. Raises :class:`UsageError`
        for a plan that the vendor's rows do not know.
        """
        if usage.usd is not None:
            stated = _whole_nanos(usage.usd)
            return Price(stated, stated)
        if not usage.quantities:
            return Price(None, None, "the vendor gave no evidence of use")
        vendor = provider_id.partition("/")[0]
        plan = (plan or os.environ.get(f"FILMBENCH_{vendor.upper()}_PLAN") or "").lower() or None
        rows = self.of(provider_id)
        parts = [
            _part(provider_id, rows, unit, amount, on, self._plan(vendor, plan))
            for unit, amount in usage.quantities.items()
        ]
        return Price(
            _total(part.usd for part in parts),
            _total(part.at_most for part in parts),
            "; ".join(part.reason for part in parts if part.reason) or None,
            tuple(row for part in parts for row in part.rows),
        )

    def _plan(self, vendor: str, plan: str | None) -> str | None:
        known = self._plans.get(vendor, frozenset())
        if plan is None or not known or plan in known:
            return plan
        raise UsageError(f"{vendor} has no plan {plan!r} in the price book", f"plans: {', '.join(sorted(known))}")


def _part(provider_id: str, rows: tuple[Row, ...], unit: str, amount: Decimal, on: date, plan: str | None) -> Price:
    """The price of one quantity."""
    if not rows:
        return Price(None, None, f"the price book has no row for {provider_id}")
    by_plan = _in_force([row for row in rows if row.unit == unit], on)
    if not by_plan:
        return Price(None, None, _nothing_in_force(provider_id, rows, unit, on))
    if None in by_plan:
        choice = [by_plan.get(plan, by_plan[None])]
    elif plan in by_plan:
        choice = [by_plan[plan]]
    else:
        choice = list(by_plan.values())
    costs = [_cost(row, amount) for row in choice]
    unknown = next((row.reason for row in choice if row.usd is None), None)
    dearest = None if unknown else max(cost for cost in costs if cost is not None)
    if unknown or len(set(costs)) == 1:
        return Price(dearest, dearest, unknown, tuple(choice))
    offers = ", ".join(f"{row.plan} {row.usd}/{row.per}" for row in choice)
    variable = f"FILMBENCH_{provider_id.partition('/')[0].upper()}_PLAN"
    return Price(
        None, dearest, f"{unit} prices of {provider_id} differ by plan ({offers}): set {variable}", tuple(choice)
    )


def _in_force(rows: list[Row], on: date) -> dict[str | None, Row]:
    """Per plan, the row that speaks for the day: the user's own before ours, then the later one."""
    found: dict[str | None, Row] = {}
    for row in sorted((row for row in rows if row.holds(on)), key=lambda row: (row.own, row.since)):
        found[row.plan] = row
    if None in found and found[None].own:
        return {plan: row for plan, row in found.items() if row.own}
    return found


def _nothing_in_force(provider_id: str, rows: tuple[Row, ...], unit: str, on: date) -> str:
    dates = sorted(row.since for row in rows if row.unit == unit and row.status in ("current", "unknown"))
    if dates:
        return f"the price book knows no {unit} price of {provider_id} for {on} (its first is of {dates[0]})"
    units = ", ".join(sorted({row.unit for row in rows}))
    return f"the price book prices {provider_id} by {units}, not by {unit}"


def _cost(row: Row, amount: Decimal) -> Decimal | None:
    return None if row.usd is None else _whole_nanos(amount * row.usd / row.per)


def _total(parts: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _whole_nanos(usd: Decimal) -> Decimal:
    return usd.quantize(NANO, ROUND_CEILING)


def nano(usd: Decimal) -> int:
    """Dollars as whole nano-dollars, exactly. Raises ``ValueError`` for a finer amount."""
    amount = usd / NANO
    if amount != int(amount):
        raise ValueError(f"{usd} USD is not a whole number of nano-dollars")
    return int(amount)


def from_nano(amount: int) -> Decimal:
    """Whole nano-dollars as dollars, exactly."""
    return Decimal(amount) * NANO


def _first_day(as_of: str) -> date:
    year, month, day = (int(part) for part in (as_of + "-1-1").split("-")[:3])
    return date(year, month, day)
