"""What every vendor would take for a stage of the film: the same work, quoted by each one's own adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from filmbench.harness.film.assumptions import Assumptions, has_vendors
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.film.lines import chosen, line
from filmbench.harness.film.work import Item, Work
from filmbench.harness.pricing import PriceBook


@dataclass(frozen=True, slots=True)
class Offer:
    """One arm for a whole stage. ``usd`` is at typical values and holds all takes, machines and people.

    It is ``None`` with the ``reason`` where some of it is not known. ``vendor_usd`` is the vendor's part for one take
    of every piece, ``takes`` how many of each piece are made; ``quality`` (0..1) is the user's own evidence.
    """

    stage: str
    label: str
    vendor_usd: float | None
    takes: float
    usd: float | None
    quality: float | None
    reason: str | None = None


async def offers(
    work: Sequence[Work], assumed: Assumptions, book: PriceBook, today: date, known: Sequence[Evidence]
) -> tuple[Offer, ...]:
    """Of every provider of each stage in ``work``, the cheapest first, those without a price last."""
    from filmbench.harness import registry

    found = []
    for stage in dict.fromkeys(one.stage for one in work if has_vendors(one.stage)):
        whole = _whole([one for one in work if one.stage == stage])
        for id, provider in registry.providers().items.items():
            spec = provider.spec
            if stage not in spec.contracts or spec.role != "arm" or spec.by_hand:
                continue
            choice = chosen(stage, id, known)
            lines = [await line(one, choice, assumed, book, today) for one in whole]
            gap = next((gap for one in lines for gap in one.gaps), None)
            paid = [one.vendor_usd for one in lines]
            found.append(
                Offer(
                    stage, choice.label,
                    None if None in paid else sum(usd for usd in paid if usd is not None),
                    1 / lines[0].acceptance.range.typical,
                    None if gap else sum(sum(one.typical(assumed)) for one in lines),
                    lines[0].quality, gap,
                )
            )  # fmt: skip
    order = {stage: place for place, stage in enumerate(dict.fromkeys(one.stage for one in found))}
    return tuple(sorted(found, key=lambda one: (order[one.stage], one.usd is None, one.usd or 0.0, one.label)))


def _whole(own: Sequence[Work]) -> list[Work]:
    """One piece of work a language, equal items counted together."""
    merged = []
    for language in dict.fromkeys(one.language for one in own):
        same = [one for one in own if one.language == language]
        counts: dict[tuple[float, tuple[tuple[str, object], ...]], Item] = {}
        for item in (item for one in same for item in one.items):
            key = (item.seconds, _sorted(item.inputs))
            before = counts.get(key)
            counts[key] = replace(item, count=item.count + before.count) if before else item
        merged.append(replace(same[0], group="all", items=tuple(counts.values()), share=1.0))
    return merged


def _sorted(inputs: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted((role, repr(value)) for role, value in inputs.items()))
