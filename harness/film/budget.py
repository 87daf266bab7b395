"""The best film for the money: an arm for each stage, each character and each place, by the user's own evidence.

What is best: each arm's quality (0..1, see :mod:`filmbench.harness.film.evidence`) times its group's share of the
stage times the stage's weight, summed; weights are laid over the stages that have judged arms, so that the best film
there could be has worth 1. An arm without quality is not judged and never chosen, unless the user names it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from filmbench.harness.film import program
from filmbench.harness.film.assumptions import Assumptions, has_vendors
from filmbench.harness.film.breakdown import Breakdown
from filmbench.harness.film.chance import Floats, Scenarios
from filmbench.harness.film.estimate import LEFT_OUT, Estimate, summed
from filmbench.harness.film.evidence import Evidence
from filmbench.harness.film.lines import Choice, Line, chosen, line
from filmbench.harness.film.program import Certificate
from filmbench.harness.film.work import Work, work
from filmbench.harness.pricing import PriceBook
from filmbench.harness.types import NothingMeasured, UsageError

SCENARIOS = 200
FRESH = 5_000
CONFIDENCE = 0.9
GROUPS = 8
"""Most groups a stage is split into: the largest alone, the rest together."""
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Option:
    """One arm for one group: its lines, quality and dollars by scenario, and whether it keeps the stage's rules."""

    label: str
    provider: str | None
    lines: tuple[Line, ...]
    worth: float
    quality: float | None
    passes: bool | None
    costs: Floats

    @property
    def median(self) -> float:
        """Dollars in the middle scenario."""
        return float(np.median(self.costs))


@dataclass(frozen=True, slots=True)
class Group:
    """Pieces of work that go to one arm. ``fixed``: the user named the arm, or nobody offers the stage."""

    stage: str
    name: str
    options: tuple[Option, ...]
    fixed: bool


@dataclass(frozen=True, slots=True)
class Unjudged:
    """An arm that could not be chosen, and why."""

    stage: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another choice: the budget it wants (whole cents, upwards), its worth, and where it differs from the one made."""

    usd: float
    worth: float
    certificate: Certificate
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """The choice under ``cap``. ``held`` of ``SCENARIOS`` scenarios and ``fresh`` (a share) of new ones keep it.

    ``better`` is the cheapest choice that is better; ``None`` where none is. ``passing`` is the cheapest with which
    every judged stage keeps its rules; ``None`` with ``not_passing``. ``open`` names stages with nothing to choose
    from, which no sum here holds.
    """

    cap: float
    confidence: float
    picks: tuple[tuple[Group, Option], ...]
    worth: float
    certificate: Certificate
    held: int
    fresh: float
    estimate: Estimate
    better: Other | None
    passing: Other | None
    not_passing: str | None
    unjudged: tuple[Unjudged, ...]
    open: tuple[str, ...]


def budget(
    film: Breakdown,
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    known: Sequence[Evidence],
    cap: float,
    confidence: float = CONFIDENCE,
    arms: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Budget:
    """The best film under ``cap`` dollars in at least ``confidence`` of the scenarios.

    Raises :class:`UsageError` for a cap that nothing fits, saying the least that does, and :class:`NothingMeasured`
    where no arm was judged.
    """
    check(cap, confidence)
    groups, unjudged, open_stages, left_out = asyncio.run(
        _groups(film, assumed, book, today, known, arms or {}, Scenarios(seed, SCENARIOS))
    )
    if not any(not group.fixed for group in groups):
        raise NothingMeasured(
            "no arm of any stage of this film was judged, so none can be chosen",
            "score some (filmbench demo), or bring judgements: --results FILE.toml",
        )
    costs, worths = _arrays(groups)
    answer = program.best(costs, worths, cap, confidence)
    if answer is None:
        _nothing_fits(groups, cap, confidence)
    assert answer is not None
    picks = tuple((group, group.options[arm]) for group, arm in zip(groups, answer.arms, strict=True))
    lines = [one for _, option in picks for one in option.lines]
    worth = sum(option.worth for _, option in picks)
    fresh = np.sum([one.drawn(assumed, Scenarios(seed + 1, FRESH)) for one in lines], axis=0)
    passing, why_not = _passing(groups, picks, assumed, confidence)
    return Budget(
        cap, confidence, picks, worth, answer.certificate,
        int((np.sum([option.costs for _, option in picks], axis=0) <= cap * (1 + 1e-9)).sum()),
        float((fresh <= cap).mean()),
        summed(
            film, lines, assumed, book, today, seed, left_out=left_out, known=known,
            lacking=tuple(f"{stage}: no arm that was judged has a price" for stage in open_stages),
        ),
        _better(groups, picks, worth, confidence),
        passing, why_not, tuple(unjudged), tuple(open_stages),
    )  # fmt: skip


def check(cap: float, confidence: float) -> None:
    """Raise :class:`UsageError` for a budget or confidence that cannot be."""
    if not 0 < cap < math.inf:
        raise UsageError(f"a budget of {cap:g} buys no film", "give dollars above 0: --budget 100")
    if not 0 < confidence < 1:
        raise UsageError(f"--confidence is between 0 and 1, not {confidence:g}", "for example: --confidence 0.9")


async def _groups(
    film: Breakdown,
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    known: Sequence[Evidence],
    arms: Mapping[str, str],
    drawn: Scenarios,
) -> tuple[list[Group], list[Unjudged], list[str], tuple[str, ...]]:
    """What can be chosen, what cannot, which stages that leaves open, and which were not asked for."""
    groups: list[Group] = []
    unjudged: list[Unjudged] = []
    open_stages: list[str] = []
    all_work = work(film, assumed)
    left_out = tuple(stage for stage in assumed.stages if arms.get(stage, assumed.stages[stage].arm) == LEFT_OUT)
    candidates: dict[str, list[Choice | None]] = {}
    for stage in dict.fromkeys(one.stage for one in all_work if one.stage not in left_out):
        if stage in arms or not has_vendors(stage):
            candidates[stage] = [chosen(stage, arms[stage], known) if has_vendors(stage) else None]
        else:
            judged, others = _judged(stage, known)
            candidates[stage] = list(judged)
            unjudged += others
    for stage, choices in candidates.items():
        own = [one for one in all_work if one.stage == stage]
        fixed = stage in arms or not has_vendors(stage)
        made = [
            await _group(stage, part, choices, fixed, assumed, book, today, drawn, unjudged) for part in _parts(own)
        ]
        if all(group.options for group in made):
            groups += made
        else:
            open_stages.append(stage)
    weighed = {group.stage for group in groups if any(option.quality is not None for option in group.options)}
    whole = sum(assumed.stages[stage].weight for stage in weighed)
    if not whole:
        return groups, _once(unjudged), open_stages, left_out
    return [_weighed(group, assumed, whole) for group in groups], _once(unjudged), open_stages, left_out


def _judged(stage: str, known: Sequence[Evidence]) -> tuple[list[Choice], list[Unjudged]]:
    """The arms of a stage that can be chosen, and those that nobody judged."""
    from filmbench.harness import registry

    providers = registry.providers().items
    own = [one for one in known if one.contract == stage]
    usable = [one for one in own if one.quality is not None and one.provider in providers]
    basis = _shared_basis(usable)
    apart = [one for one in usable if one.basis != basis]
    usable = [one for one in usable if one.basis == basis]
    choices = [Choice(providers[one.provider], one.label, one.params, one) for one in usable]
    others = [
        Unjudged(stage, one.label, one.unjudged or f"{one.provider} is not installed")
        for one in own
        if one not in usable and one not in apart
    ]
    others += [
        Unjudged(stage, one.label, f"judged on another basis ({'; '.join(one.basis)}) than most ({'; '.join(basis)})")
        for one in apart
    ]
    heard = {one.provider for one in own}
    for id, provider in providers.items():
        spec = provider.spec
        if stage in spec.contracts and spec.role == "arm" and id not in heard:
            others.append(Unjudged(stage, id, "not judged: no run of yours has it"))
    return choices, others


def _shared_basis(judged: Sequence[Evidence]) -> tuple[str, ...]:
    """The basis most arms share; of several the one that looks at more."""
    bases = [one.basis for one in judged]
    return max(dict.fromkeys(bases), key=lambda basis: (bases.count(basis), len(basis), basis), default=())


def _parts(own: Sequence[Work]) -> list[list[Work]]:
    """The stage's pieces of work, the largest alone, those beyond the most groups together."""
    order = sorted(own, key=lambda one: (-one.share, one.name))
    if len(order) <= GROUPS:
        return [[one] for one in order]
    return [*([one] for one in order[: GROUPS - 1]), order[GROUPS - 1 :]]


async def _group(
    stage: str,
    part: Sequence[Work],
    choices: Sequence[Choice | None],
    fixed: bool,
    assumed: Assumptions,
    book: PriceBook,
    today: date,
    drawn: Scenarios,
    unjudged: list[Unjudged],
) -> Group:
    """One group with its options; arms that cannot be priced are told in ``unjudged``."""
    name = part[0].name if len(part) == 1 else f"{len(part)} smaller ones"
    options = []
    for choice in choices:
        lines = tuple([await line(one, choice, assumed, book, today) for one in part])
        gap = next((gap for one in lines for gap in one.gaps), None)
        if gap and not fixed:
            assert choice is not None
            unjudged.append(Unjudged(stage, choice.label, f"not priced: {gap}"))
            continue
        found = choice.evidence if choice else None
        costs = np.asarray(np.sum([one.drawn(assumed, drawn) for one in lines], axis=0), np.float64)
        quality = found.quality if found else None
        share = sum(one.share for one in part)
        options.append(
            Option(lines[0].label, lines[0].provider, lines, share * (quality or 0.0), quality,
                   found.passes if found else None, costs)
        )  # fmt: skip
    return Group(stage, name, tuple(options), fixed)


def _weighed(group: Group, assumed: Assumptions, whole: float) -> Group:
    weight = assumed.stages[group.stage].weight / whole
    return replace(group, options=tuple(replace(one, worth=one.worth * weight) for one in group.options))


def _once(unjudged: Sequence[Unjudged]) -> list[Unjudged]:
    return list(dict.fromkeys(unjudged))


def _arrays(groups: Sequence[Group]) -> tuple[list[Floats], list[Floats]]:
    costs = [np.stack([option.costs for option in group.options]) for group in groups]
    worths = [np.array([option.worth for option in group.options]) for group in groups]
    return costs, worths


def _nothing_fits(groups: Sequence[Group], cap: float, confidence: float) -> None:
    costs, worths = _arrays(groups)
    least = program.cheapest(costs, worths, confidence)
    assert least is not None
    usd = _wanted([group.options[arm] for group, arm in zip(groups, least.arms, strict=True)], confidence)
    raise UsageError(
        f"no choice of judged arms keeps within ${cap:,.2f} {confidence:.0%} of the time; "
        f"the cheapest wants ${usd:,.2f}",
        f"try --budget {usd:.2f}, leave a stage out (--stage video=none) or lower --confidence",
    )


def _wanted(options: Sequence[Option], confidence: float) -> float:
    """The budget that these keep in as many scenarios as asked, in whole cents upwards."""
    costs = np.sort(np.sum([option.costs for option in options], axis=0))
    need = math.ceil(round(confidence * len(costs), 9))
    return math.ceil(float(costs[need - 1]) * 100 - 1e-9) / 100


Picks = Sequence[tuple[Group, Option]]


def _better(groups: Sequence[Group], picks: Picks, worth: float, confidence: float) -> Other | None:
    """The cheapest choice of more worth than the one made."""
    costs, worths = _arrays(groups)
    if worth + _STEP > sum(float(one.max()) for one in worths):
        return None
    answer = program.cheapest(costs, worths, confidence, worth + _STEP)
    return None if answer is None else _other(groups, picks, answer, confidence)


def _passing(
    groups: Sequence[Group], picks: Picks, assumed: Assumptions, confidence: float
) -> tuple[Other | None, str | None]:
    """The cheapest choice whose every judged arm keeps its stage's rules, where the stage has any."""

    def keeps(stage: str, option: Option) -> bool:
        return bool(option.passes) or (option.passes is None and not assumed.stages[stage].accept)

    kept = [
        group if group.fixed else replace(group, options=tuple(one for one in group.options if keeps(group.stage, one)))
        for group in groups
    ]
    if failing := sorted({group.stage for group in kept if not group.options}):
        return None, f"no judged arm is known to keep the rules of {', '.join(failing)}"
    costs, worths = _arrays(kept)
    answer = program.cheapest(costs, worths, confidence)
    assert answer is not None
    return _other(kept, picks, answer, confidence), None


def _other(groups: Sequence[Group], picks: Picks, answer: program.Answer, confidence: float) -> Other:
    options = [group.options[arm] for group, arm in zip(groups, answer.arms, strict=True)]
    changes = tuple(
        f"{group.stage}, {group.name}: {option.label} instead of {mine.label}"
        for (group, mine), option in zip(picks, options, strict=True)
        if option.label != mine.label
    )
    return Other(_wanted(options, confidence), sum(one.worth for one in options), answer.certificate, changes)
