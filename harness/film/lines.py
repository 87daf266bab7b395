"""One line of an estimate: a piece of work in the hands of one arm, at the dated prices of the book.

Money goes three ways: to the vendor for every take, to the machine for what runs here, and to the person who looks at
every take. What of it is not known is ``None`` with its reason, and every sum it is missing from says "at least".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from filmbench.harness.film.assumptions import Assumptions, PriceSpread, Range
from filmbench.harness.film.chance import Acceptance, Floats, Scenarios
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.film.work import Item, Work
from filmbench.harness.pricing import PriceBook, Row
from filmbench.harness.protocols import LocalEngine, Provider, Refusal
from filmbench.harness.types import Arm, Quote, Request, Sample, UsageError


@dataclass(frozen=True, slots=True)
class Choice:
    """Who makes a piece of work: a provider with an arm's parameters, and what is known of it."""

    provider: Provider | LocalEngine
    label: str
    params: Mapping[str, Any] = field(default_factory=dict)
    evidence: Evidence | None = None

    @property
    def id(self) -> str:
        """The provider's id."""
        return self.provider.spec.id


@dataclass(frozen=True, slots=True)
class Line:
    """``vendor_usd``, ``core_hours``, ``hand_hours`` and ``hours`` (of waiting) are for one take of every piece.

    ``hand_hours`` is people's work on takes, ``review`` the hours of looking at them. ``price`` is by what the vendor's
    price may be off, as a factor. ``gaps`` are the reasons for what is missing from the money, ``waits`` the reason for
    missing ``hours``. ``note`` tells the price book's word on the model's end.
    """

    work: Work
    provider: str | None
    label: str
    acceptance: Acceptance
    vendor_usd: float | None
    units: Mapping[str, Decimal]
    rows: tuple[Row, ...]
    price: Range
    core_hours: float | None
    hand_hours: float | None
    review: Range
    hours: float | None
    gaps: tuple[str, ...]
    waits: str | None
    note: str | None = None
    quality: float | None = None

    @property
    def takes(self) -> float:
        """How many takes at the typical acceptance."""
        return self.work.count / self.acceptance.range.typical

    @property
    def human_hours(self) -> float:
        """What is known of people's time for one take of every piece."""
        return self.review.typical + (self.hand_hours or 0.0)

    def typical(
        self, assumed: Assumptions, rate: float | None = None, price: float = 1.0, length: float = 1.0
    ) -> tuple[float, float, float]:
        """Dollars to the vendor, the machine and the person, at typical values but for those given."""
        again = 1 / (self.acceptance.range.typical if rate is None else rate)
        words = 1.0 if self.work.by_text else length
        return (
            again * (self.vendor_usd or 0.0) * self.price.typical * price * words,
            again * (self.core_hours or 0.0) * assumed.rates.core_usd_per_hour.typical * length,
            again * self.human_hours * assumed.rates.human_usd_per_hour.typical * length,
        )

    def drawn(self, assumed: Assumptions, worlds: Scenarios) -> Floats:
        """Dollars in each world, shape (worlds.count,)."""
        import numpy as np

        stage = self.work.stage
        rate = worlds.rate(self.acceptance, "acceptance", stage)
        again = worlds.takes(self.work.count, rate, stage, self.work.name, self.label) / self.work.count
        length = worlds.figure(length_range(self.work, assumed), f"{self.work.spread} seconds")
        words = np.ones_like(length) if self.work.by_text else length
        paid = (self.vendor_usd or 0.0) * worlds.figure(self.price, "price", stage) * words
        ran = (self.core_hours or 0.0) * worlds.figure(assumed.rates.core_usd_per_hour, "core rate") * length
        looked = self.review.typical * worlds.figure(_about_one(self.review), "review", stage) + (
            self.hand_hours or 0.0
        )
        watched = looked * worlds.figure(assumed.rates.human_usd_per_hour, "human rate") * length
        return np.asarray(again * (paid + ran + watched), np.float64)


def _about_one(figure: Range) -> Range:
    """A figure as a factor of its typical value; rounded, so that one stage's lines share one draw."""
    usual = figure.typical
    return Range(round(figure.low / usual, 12), 1.0, round(figure.high / usual, 12)) if usual else Range(1.0, 1.0, 1.0)


def length_range(work: Work, assumed: Assumptions) -> Range:
    """By what the length of the work may be off, as a factor."""
    spread = {"speech": assumed.spread.speech_seconds, "picture": assumed.spread.picture_seconds, "none": 0.0}
    off = spread[work.spread]
    return Range(1 - off, 1.0, 1 + off)


async def line(work: Work, choice: Choice | None, assumed: Assumptions, book: PriceBook, today: date) -> Line:
    """The line of a piece of work; without a ``choice`` that of a stage which no vendor here offers."""
    stage = assumed.stages[work.stage]
    review = _review(work, stage.review)
    found = choice.evidence if choice else None
    acceptance = Acceptance(stage.acceptance, found.accepted, found.judged) if found else Acceptance(stage.acceptance)
    if choice is None:
        return _unoffered(work, assumed, acceptance, review)
    paid = await _quoted(work, choice, book, today)
    cores, why_not_cores = _machine(work, choice)
    hands, why_not_hands = _hands(work, choice)
    hours, waits = _waiting(work, choice)
    spread = _price_spread(paid.rows, assumed.price_spread, today)
    gaps = tuple(reason for reason in (paid.reason, why_not_cores, why_not_hands) if reason)
    return Line(
        work, choice.id, choice.label, acceptance, paid.usd, paid.units, paid.rows, Range(1 - spread, 1.0, 1 + spread),
        cores, hands, review, hours, gaps, waits,
        book.ending(choice.id, today), found.quality if found else None,
    )  # fmt: skip


def _unoffered(work: Work, assumed: Assumptions, acceptance: Acceptance, review: Range) -> Line:
    given = assumed.stages[work.stage].usd_per_minute
    reason = f"no vendor here makes {work.stage}: state usd_per_minute in the assumptions"
    minutes = work.seconds / 60
    price = _about_one(given) if given else Range(1.0, 1.0, 1.0)
    usd = given.typical * minutes if given else None
    label = "your own price" if given else "nobody"
    units = {"minute": Decimal(str(round(minutes, 6)))}
    gaps = () if given else (reason,)
    waits = "nobody was asked how long it takes"
    return Line(work, None, label, acceptance, usd, units, (), price, 0.0, 0.0, review, None, gaps, waits)


def _review(work: Work, each: Range) -> Range:
    """Hours of looking at one take of every piece; a picture is looked at as if it took a second."""
    hours = sum(item.count * (item.seconds or 1.0) for item in work.items) / 3600
    return Range(each.low * hours, each.typical * hours, each.high * hours)


@dataclass(frozen=True, slots=True)
class _Paid:
    usd: float | None
    units: Mapping[str, Decimal]
    rows: tuple[Row, ...]
    reason: str | None = None


async def _quoted(work: Work, choice: Choice, book: PriceBook, today: date) -> _Paid:
    """One take of every piece, as the provider itself counts it."""
    spec = choice.provider.spec
    if spec.by_hand:
        return _Paid(None, {}, (), f"{spec.id}: what the tool costs is not in the price book")
    total, rows = Decimal(0), list[Row]()
    units: dict[str, Decimal] = {}
    for item in work.items:
        params, unable = _params(choice, work, item.inputs)
        if unable:
            return _Paid(None, {}, (), f"{spec.id} {unable}")
        try:
            quote = await _quote(work, item, choice, params)
        except Refusal as refusal:
            return _Paid(None, {}, (), f"{spec.id} cannot be asked: {refusal}")
        price = book.price(spec.id, quote.expected, today)
        if price.usd is None:
            return _Paid(None, {}, price.rows, f"{spec.id} has no price: {price.reason or quote.expected.evidence}")
        total += price.usd * item.count
        for unit, amount in quote.expected.quantities.items():
            units[unit] = units.get(unit, Decimal(0)) + amount * item.count
        rows += [row for row in price.rows if row not in rows]
    return _Paid(float(total), units, tuple(rows))


async def _quote(work: Work, item: Item, choice: Choice, params: Mapping[str, Any]) -> Quote:
    """With what the work gives, and where that is refused with all that the film can give."""

    def request(inputs: Mapping[str, Any]) -> Request:
        sample = Sample("piece", "screenplay", inputs, language=work.language)
        return Request(work.stage, sample, Arm(choice.id, choice.label, params), {})

    try:
        return await choice.provider.quote(request(item.inputs))
    except Refusal:
        if not item.also:
            raise
        return await choice.provider.quote(request({**item.inputs, **item.also}))


def _params(choice: Choice, work: Work, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    from filmbench.harness.plan import PlannedArm, params_for
    from filmbench.harness.suite import ArmEntry

    entry = ArmEntry(provider=choice.id, label=choice.label, params=dict(choice.params))
    sample = Sample("piece", "screenplay", inputs, language=work.language)
    return params_for(PlannedArm(entry, choice.provider, None), sample)


def _machine(work: Work, choice: Choice) -> tuple[float | None, str | None]:
    """Core hours: the measured time on all cores of the machine, which is the engine's alone while it is timed."""
    spec, found = choice.provider.spec, choice.evidence
    if not spec.local or spec.by_hand:
        return 0.0, None
    hours = _making(work, found)
    if hours is None or found is None or found.cores is None:
        return None, f"{spec.id} was never timed here: run a suite with it first"
    return hours * found.cores, None


def _hands(work: Work, choice: Choice) -> tuple[float | None, str | None]:
    """Hours of people's work besides looking at takes."""
    spec, found = choice.provider.spec, choice.evidence
    if not spec.by_hand:
        return 0.0, None
    if found is None or found.human_minutes is None:
        return None, f"{spec.id}: nobody told how many minutes a take takes"
    return found.human_minutes * work.count / 60, None


def _waiting(work: Work, choice: Choice) -> tuple[float | None, str | None]:
    """Hours until one take of each piece is there, as many at once as the provider is asked."""
    hours = _making(work, choice.evidence)
    if hours is None:
        return None, f"{choice.id} was never timed in this store"
    return hours / max(1, 1 if choice.provider.spec.local else choice.provider.spec.concurrency), None


def _making(work: Work, found: Evidence | None) -> float | None:
    if found is None:
        return None
    if work.seconds and found.pace is not None:
        return found.pace * work.seconds / 3600
    return None if found.each is None else found.each * work.count / 3600


def _price_spread(rows: Sequence[Row], spread: PriceSpread, today: date) -> float:
    """By what share the price may be off: the least sure of the rows that make it."""
    each = [getattr(spread, row.confidence) + (spread.stale if row.stale(today) else 0.0) for row in rows]
    return min(0.99, max(each, default=0.0))


def chosen(stage: str, named: str, known: Sequence[Evidence]) -> Choice:
    """The arm called ``named`` (a label of the user's own runs, or a provider's id) for a stage.

    Raises :class:`UsageError` for an unknown provider, or one that does not do the stage's work.
    """
    from filmbench.harness import registry

    own = [one for one in known if one.contract == stage]
    found = [one for one in own if one.label == named] or [one for one in own if one.provider == named]
    best = max(found, key=lambda one: (one.label == one.provider, one.judged, one.label), default=None)
    registered = registry.providers()
    id = best.provider if best and best.provider in registered.items else named
    provider = registered.get(id)
    spec = provider.spec
    if stage not in spec.contracts:
        raise UsageError(f"{spec.id} does not do {stage}", f"it does: {', '.join(spec.contracts)}")
    if spec.role != "arm":
        raise UsageError(f"{spec.id} is a {spec.role} row of the tables: no film is made with it")
    if best is None:
        return Choice(provider, named)
    return Choice(provider, best.label, best.params, best)
