"""What a film would cost: every piece of its work in the hands of an arm, its takes drawn, its money added up.

Acceptance and price are drawn once for a stage and world, rates and speeds once for a world, then the takes of each
piece of work: the pieces of a stage are dear together, as they are in life.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from filmbench.harness.film.assumptions import Assumptions, has_vendors
from filmbench.harness.film.breakdown import Breakdown
from filmbench.harness.film.chance import Scenarios
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.film.lines import Line, chosen, line
from filmbench.harness.film.offers import Offer, offers
from filmbench.harness.film.tornado import Bar, tornado
from filmbench.harness.film.traditional import Traditional, traditional
from filmbench.harness.film.work import Work, unknown, work
from filmbench.harness.pricing import PriceBook
from filmbench.harness.types import UsageError

WORLDS = 10_000
LEFT_OUT = "none"


@dataclass(frozen=True, slots=True)
class Share:
    """One stage's typical dollars, by who is paid, its share of the whole, and its percentiles.

    ``vendor``, ``machine`` and ``person`` are ``None`` where nothing of them is known.
    """

    stage: str
    vendor: float | None
    machine: float | None
    person: float
    share: float
    p10: float
    p50: float
    p90: float

    @property
    def typical(self) -> float:
        """Dollars in all."""
        return (self.vendor or 0.0) + (self.machine or 0.0) + self.person


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
    offers: tuple[Offer, ...]
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
    left_out = tuple(stage for stage, arm in by_stage.items() if arm == LEFT_OUT)
    asked = [one for one in all_work if one.stage not in left_out]
    if not asked:
        raise UsageError("the film asks nothing of any stage, so there is nothing to estimate")
    lines = asyncio.run(_lines(asked, by_stage, assumed, book, today, known))
    return summed(film, lines, assumed, book, today, seed, worlds, left_out, known=known)


def _uncounted(film: Breakdown, left_out: Sequence[str]) -> list[str]:
    return [reason for reason in unknown(film) if reason.partition(":")[0] not in left_out]


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
    known: Sequence[Evidence] = (),
) -> Estimate:
    """The estimate of lines that are chosen already.

    ``lacking`` says what else no sum holds, ``known`` what is known of other arms.
    """
    drawn = Scenarios(seed, worlds)
    costs = {number: one.drawn(assumed, drawn) for number, one in enumerate(lines)}
    total = np.sum(list(costs.values()), axis=0)
    typical = sum(sum(one.typical(assumed)) for one in lines)
    p10, p50, p90 = (float(one) for one in np.percentile(total, [10, 50, 90]))
    hours, waits = _waiting(lines)
    return Estimate(
        film, tuple(lines), typical, p10, p50, p90,
        _shares(lines, costs, assumed, typical),
        tornado(lines, assumed),
        asyncio.run(offers([one.work for one in lines], assumed, book, today, known)),
        traditional(film, [one.work for one in lines]),
        (*_uncounted(film, left_out), *lacking, *_gaps(lines)),
        hours, waits, left_out, assumed, seed, worlds, today, book.sha256,
    )  # fmt: skip


def _gaps(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.work.stage}: {gap}" for one in lines for gap in one.gaps))


def _shares(
    lines: Sequence[Line], costs: Mapping[int, np.ndarray], assumed: Assumptions, whole: float
) -> tuple[Share, ...]:
    """By stage, the dearest first."""
    found = []
    for stage in dict.fromkeys(one.work.stage for one in lines):
        numbers = [number for number, one in enumerate(lines) if one.work.stage == stage]
        own = [lines[number] for number in numbers]
        vendor, machine, person = (sum(column) for column in zip(*(one.typical(assumed) for one in own), strict=True))
        drawn = np.sum([costs[number] for number in numbers], axis=0)
        p10, p50, p90 = (float(one) for one in np.percentile(drawn, [10, 50, 90]))
        part = (vendor + machine + person) / whole if whole else 0.0
        paid = None if all(one.vendor_usd is None for one in own) else vendor
        ran = None if all(one.core_hours is None for one in own) else machine
        found.append(Share(stage, paid, ran, person, part, p10, p50, p90))
    return tuple(sorted(found, key=lambda one: -one.typical))


def _waiting(lines: Sequence[Line]) -> tuple[float | None, tuple[str, ...]]:
    offered = [one for one in lines if one.provider]
    waits = tuple(dict.fromkeys(f"{one.work.stage}: {one.waits}" for one in offered if one.waits))
    if waits or not offered:
        return None, waits
    each = [(one.hours or 0.0) * one.takes / one.work.count for one in offered]
    return sum(each), ()
