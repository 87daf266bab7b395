"""How the total of an estimate moves when one figure alone goes from its low to its high end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from filmbench.harness.film.assumptions import Assumptions, Range
from filmbench.harness.film.lines import Line, length_range

_MACHINE, _PERSON = 1, 2
"""Where they stand in a line's typical dollars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``low`` and ``high`` are the total with the figure at its one and its other end, all else typical."""

    what: str
    from_value: str
    to_value: str
    low: float
    high: float

    @property
    def swing(self) -> float:
        """Dollars between the two."""
        return abs(self.high - self.low)


def tornado(lines: Sequence[Line], assumed: Assumptions) -> tuple[Bar, ...]:
    """One bar for each figure that is not sure and moves the total, the widest first."""
    found = (*_by_stage(lines, assumed), *_rates(lines, assumed), *_lengths(lines, assumed))
    return tuple(sorted((bar for bar in found if bar.swing > 1e-9), key=lambda bar: (-bar.swing, bar.what)))


def _by_stage(lines: Sequence[Line], assumed: Assumptions) -> Iterator[Bar]:
    total = _Totals(lines, assumed)
    for stage in dict.fromkeys(one.work.stage for one in lines):
        own = [one for one in lines if one.work.stage == stage]
        rate, look = own[0].acceptance.range, assumed.stages[stage].review
        price = max((one.price for one in own), key=lambda one: one.high - one.low)
        yield total.bar(
            f"{stage}: share of takes that will do",
            (f"{rate.low:.0%}", f"{rate.high:.0%}"),
            own,
            lambda one, end: sum(one.typical(assumed, rate=getattr(one.acceptance.range, end))),
        )
        yield total.bar(
            f"{stage}: price",
            (f"{price.low - 1:+.0%}", f"{price.high - 1:+.0%}"),
            own,
            lambda one, end: sum(one.typical(assumed, price=getattr(one.price, end))),
        )
        yield total.bar(
            f"{stage}: seconds of looking at each",
            (f"{look.low:g}", f"{look.high:g}"),
            own,
            lambda one, end: _looked(one, end, assumed),
        )


def _looked(one: Line, end: str, assumed: Assumptions) -> float:
    more: float = getattr(one.review, end) - one.review.typical
    hour = assumed.rates.human_usd_per_hour.typical
    return sum(one.typical(assumed)) + more * hour / one.acceptance.range.typical


def _rates(lines: Sequence[Line], assumed: Assumptions) -> Iterator[Bar]:
    """What an hour costs, of people and of machines."""
    total = _Totals(lines, assumed)

    def at(one: Line, end: str, place: int, rate: Range) -> float:
        parts = list(one.typical(assumed))
        parts[place] *= getattr(rate, end) / rate.typical if rate.typical else 1.0
        return sum(parts)

    person, core = assumed.rates.human_usd_per_hour, assumed.rates.core_usd_per_hour
    yield total.bar(
        "a person's hour",
        (f"${person.low:g}", f"${person.high:g}"),
        lines,
        lambda one, end: at(one, end, _PERSON, person),
    )
    yield total.bar(
        "a core's hour", (f"${core.low:g}", f"${core.high:g}"), lines, lambda one, end: at(one, end, _MACHINE, core)
    )


def _lengths(lines: Sequence[Line], assumed: Assumptions) -> Iterator[Bar]:
    """How fast people speak, and how long pictures run."""
    total = _Totals(lines, assumed)
    for kind, what in (("speech", "how long speech takes"), ("picture", "how long pictures run")):
        own = [one for one in lines if one.work.spread == kind]
        if own:
            ends = length_range(own[0].work, assumed)
            yield total.bar(
                what,
                (f"{ends.low - 1:+.0%}", f"{ends.high - 1:+.0%}"),
                own,
                lambda one, end: sum(one.typical(assumed, length=getattr(length_range(one.work, assumed), end))),
            )


@dataclass(frozen=True, slots=True)
class _Totals:
    lines: Sequence[Line]
    assumed: Assumptions

    def bar(self, what: str, ends: tuple[str, str], own: Sequence[Line], cost: Callable[[Line, str], float]) -> Bar:
        """The bar of a figure that only ``own`` lines hang on; ``cost`` is a line's at an end of it."""
        own_lines = {id(one) for one in own}
        rest = sum(sum(one.typical(self.assumed)) for one in self.lines if id(one) not in own_lines)
        low, high = (rest + sum(cost(one, end) for one in own) for end in ("low", "high"))
        return Bar(what, *ends, low, high)
