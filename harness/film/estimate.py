"""What a film would cost: every piece of its work in the hands of an arm, its takes drawn, its money added up.

Acceptance and price are drawn once for a stage and world, rates and speeds once for a world, then the takes of each
piece of work: the pieces of a stage are dear together, as they are in life.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from filmbench.harness.film.assumptions import Assumptions, has_vendors
from filmbench.harness.film.breakdown import Breakdown
from filmbench.harness.film.chance import Scenarios
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.film.lines import Line, chosen, length_range, line
from filmbench.harness.film.traditional import Traditional, traditional
from filmbench.harness.film.work import Work, work
from filmbench.harness.pricing import PriceBook
from filmbench.harness.types import UsageError

WORLDS = 10_000
LEFT_OUT = "none"


@dataclass(frozen=True, slots=True)
class Share:
    """One stage's typical dollars, by who is paid, its share of the whole, and its percentiles."""

    stage: str
    vendor: float
    machine: float
    person: float
    share: float
    p10: float
    p50: float
    p90: float

    @property
    def typical(self) -> float:
        """Dollars in all."""
        return self.vendor + self.machine + self.person


@dataclass(frozen=True, slots=True)
class Bar:
    """How the typical total moves when one figure alone goes from its low to its high end."""

    what: str
    from_value: str
    to_value: str
    low: float
    high: float

    @property
    def swing(self) -> float:
        """Dollars between the two."""
        return abs(self.high - self.low)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The whole. Dollars; ``typical`` is at typical values, the percentiles are of ``worlds`` drawn with ``seed``.

    ``gaps`` are the reasons why the true cost may be higher than any of these. ``hours`` is waiting for takes, one
    stage after another, ``None`` with ``waits``. ``left_out`` are stages that were not asked for.
    """

    film: Breakdown
    lines: tuple[Line, ...]
    typical: float
    p10: float
    p50: float
    p90: float
    stages: tuple[Share, ...]
    tornado: tuple[Bar, ...]
    traditional: Traditional
    gaps: tuple[str, ...]
    hours: float | None
    waits: tuple[str, ...]
    left_out: tuple[str, ...]
    assumed: Assumptions
    seed: int
    worlds: int
    priced_on: date
    book_sha256: str

    @property
    def at_least(self) -> bool:
        """Whether something is missing from the sums."""
        return bool(self.gaps)


def estimate(
    film: Breakdown,
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    known: Sequence[Evidence] = (),
    arms: Mapping[str, str] | None = None,
    seed: int = 0,
    worlds: int = WORLDS,
) -> Estimate:
    """What the film costs with these ``arms`` by stage, and the assumptions' own where none is named.

    Raises :class:`UsageError` for an unknown provider or stage, and for a film that asks nothing of anybody.
    """
    arms = arms or {}
    all_work = work(film, assumed)
    by_stage = {stage: arms.get(stage, assumed.stages[stage].arm or "") for stage in assumed.stages}
    left_out = tuple(sorted({one.stage for one in all_work if by_stage[one.stage] == LEFT_OUT}))
    asked = [one for one in all_work if one.stage not in left_out]
    if not asked:
        raise UsageError("the film asks nothing of any stage, so there is nothing to estimate")
    lines = asyncio.run(_lines(asked, by_stage, assumed, book, today, known))
    return summed(film, lines, assumed, book, today, seed, worlds, left_out)


async def _lines(
    asked: Sequence[Work],
    arms: Mapping[str, str],
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    known: Sequence[Evidence],
) -> list[Line]:
    choices = {
        stage: chosen(stage, arms[stage], known) if has_vendors(stage) else None
        for stage in dict.fromkeys(one.stage for one in asked)
    }
    return [await line(one, choices[one.stage], assumed, book, today) for one in asked]


def summed(
    film: Breakdown,
    lines: Sequence[Line],
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    seed: int = 0,
    worlds: int = WORLDS,
    left_out: tuple[str, ...] = (),
    lacking: tuple[str, ...] = (),
) -> Estimate:
    """The estimate of lines that are chosen already; ``lacking`` says what else no sum holds."""
    drawn = Scenarios(seed, worlds)
    costs = {number: one.drawn(assumed, drawn) for number, one in enumerate(lines)}
    total = np.sum(list(costs.values()), axis=0)
    typical = sum(sum(one.typical(assumed)) for one in lines)
    p10, p50, p90 = (float(one) for one in np.percentile(total, [10, 50, 90]))
    hours, waits = _waiting(lines)
    return Estimate(
        film, tuple(lines), typical, p10, p50, p90,
        _shares(lines, costs, assumed, typical),
        _tornado(lines, assumed),
        traditional(film, [one.work for one in lines]),
        (*lacking, *dict.fromkeys(f"{one.work.stage}: {gap}" for one in lines for gap in one.gaps)),
        hours, waits, left_out, assumed, seed, worlds, today, book.sha256,
    )  # fmt: skip


def _shares(
    lines: Sequence[Line], costs: Mapping[int, np.ndarray], assumed: Assumptions, whole: float
) -> tuple[Share, ...]:
    """By stage, the dearest first."""
    found = []
    for stage in dict.fromkeys(one.work.stage for one in lines):
        numbers = [number for number, one in enumerate(lines) if one.work.stage == stage]
        vendor, machine, person = (
            sum(column) for column in zip(*(lines[number].typical(assumed) for number in numbers), strict=True)
        )
        drawn = np.sum([costs[number] for number in numbers], axis=0)
        p10, p50, p90 = (float(one) for one in np.percentile(drawn, [10, 50, 90]))
        part = (vendor + machine + person) / whole if whole else 0.0
        found.append(Share(stage, vendor, machine, person, part, p10, p50, p90))
    return tuple(sorted(found, key=lambda one: -one.typical))


def _tornado(lines: Sequence[Line], assumed: Assumptions) -> tuple[Bar, ...]:
    """One bar for each figure that is not sure, the widest first."""

    def total(change: Callable[[Line], float]) -> float:
        return sum(change(one) for one in lines)

    def usual(one: Line) -> float:
        return sum(one.typical(assumed))

    bars = []
    for stage in dict.fromkeys(one.work.stage for one in lines):
        own = [one for one in lines if one.work.stage == stage]
        ends = own[0].acceptance.range
        if not ends.sure:
            low, high = (
                total(lambda one, at=at: sum(one.typical(assumed, rate=at)) if one in own else usual(one))  # type: ignore[misc]
                for at in (ends.low, ends.high)
            )
            bars.append(Bar(f"{stage}: share of takes that will do", f"{ends.low:.0%}", f"{ends.high:.0%}", low, high))
        bars += _review_bar(stage, own, lines, assumed)
        off = max((one.price for one in own), key=lambda price: price.high - price.low)
        if not off.sure and any(one.vendor_usd for one in own):
            low, high = (
                total(
                    lambda one, end=end: (  # type: ignore[misc]
                        sum(one.typical(assumed, price=getattr(one.price, end))) if one in own else usual(one)
                    )
                )
                for end in ("low", "high")
            )
            bars.append(Bar(f"{stage}: price", f"{off.low - 1:+.0%}", f"{off.high - 1:+.0%}", low, high))
    bars += _common_bars(lines, assumed, total)
    return tuple(sorted((bar for bar in bars if bar.swing > 0), key=lambda bar: (-bar.swing, bar.what)))


def _review_bar(stage: str, own: Sequence[Line], lines: Sequence[Line], assumed: Assumptions) -> list[Bar]:
    """How long people look at a stage's takes."""
    each = assumed.stages[stage].review
    if each.sure:
        return []
    whole = sum(sum(one.typical(assumed)) for one in lines)
    ends = []
    for end in ("low", "high"):
        more = sum(getattr(one.review, end) - one.review.typical for one in own if one.review.typical)
        hour = assumed.rates.human_usd_per_hour.typical / own[0].acceptance.range.typical
        ends.append(whole + more * hour)
    return [Bar(f"{stage}: seconds a second of a take is looked at", f"{each.low:g}", f"{each.high:g}", ends[0], ends[1])]


def _common_bars(
    lines: Sequence[Line], assumed: Assumptions, total: Callable[[Callable[[Line], float]], float]
) -> list[Bar]:
    """Figures that all stages share: rates an hour, and how long things are."""
    bars = []
    for place, what, rate in (
        (2, "a person's hour", assumed.rates.human_usd_per_hour),
        (1, "a core's hour", assumed.rates.core_usd_per_hour),
    ):
        if rate.sure or not rate.typical:
            continue

        def at(one: Line, end: float, place: int = place, typical: float = rate.typical) -> float:
            parts = list(one.typical(assumed))
            parts[place] *= end / typical
            return sum(parts)

        low, high = (total(lambda one, end=end: at(one, end)) for end in (rate.low, rate.high))  # type: ignore[misc]
        bars.append(Bar(what, f"${rate.low:g}", f"${rate.high:g}", low, high))
    for kind, what in (("speech", "how fast people speak"), ("picture", "how long pictures run")):
        own = [one for one in lines if one.work.spread == kind]
        ends = length_range(own[0].work, assumed) if own else None
        if ends is None or ends.sure:
            continue
        low, high = (
            total(lambda one, end=end: sum(one.typical(assumed, length=end if one in own else 1.0)))  # type: ignore[misc]
            for end in (ends.low, ends.high)
        )
        bars.append(Bar(what, f"{ends.low - 1:+.0%}", f"{ends.high - 1:+.0%}", low, high))
    return bars


def _waiting(lines: Sequence[Line]) -> tuple[float | None, tuple[str, ...]]:
    offered = [one for one in lines if one.provider]
    waits = tuple(dict.fromkeys(f"{one.work.stage}: {one.waits}" for one in offered if one.waits))
    if waits or not offered:
        return None, waits
    each = [(one.hours or 0.0) * one.takes / one.work.count for one in offered]
    return sum(each), ()
