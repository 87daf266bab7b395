"""A suite made definite: which samples, which arms with which parameters, in which order, at what price.

The order interleaves arms within a sample, so that vendors share the hour. Requests are made one by one
on demand; a plan of a hundred thousand holds its samples and arms, not its requests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.harness import dataset as datasets
from filmbench.harness import registry
from filmbench.harness.contracts import Contract, contract
from filmbench.harness.dataset import Dataset
from filmbench.harness.media.length import stated_seconds
from filmbench.harness.pricing import PriceBook
from filmbench.harness.protocols import LocalEngine, Provider, ProviderSpec
from filmbench.harness.suite import ArmEntry, Suite, TaskEntry
from filmbench.harness.types import Arm, Artifact, Request, Sample, UsageError, digest

MAX_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class PlannedArm:
    """An arm of a task with its provider, checked against what the provider takes."""

    entry: ArmEntry
    provider: Provider | LocalEngine
    endpoint: str | None

    @property
    def spec(self) -> ProviderSpec:
        """The provider's facts."""
        return self.provider.spec


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One contract, the samples asked, the arms that are asked."""

    contract: Contract
    dataset: Dataset
    samples: tuple[Sample, ...]
    arms: tuple[PlannedArm, ...]
    takes: int
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One planned request with the arm it belongs to; ``unable`` says why its provider cannot be asked.

    ``fits`` is whether it could be, were everything here that it needs: then it can be quoted all the same.
    """

    request: Request
    arm: PlannedArm
    unable: str | None
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A suite made definite."""

    suite: Suite
    tasks: tuple[PlannedTask, ...]

    def asked(self, provider: str | None = None) -> Iterator[tuple[int, Asked]]:
        """Every request (or one provider's) with its place in the plan: takes, then samples, then arms."""
        ordinal = 0
        for task in self.tasks:
            for take in range(task.takes):
                for sample in task.samples:
                    for offset, arm in enumerate(task.arms):
                        if provider is None or arm.spec.id == provider:
                            yield ordinal + offset, _ask(task, arm, sample, take)
                    ordinal += len(task.arms)

    def __len__(self) -> int:
        return sum(task.takes * len(task.samples) * len(task.arms) for task in self.tasks)

    @property
    def media(self) -> Mapping[str, Path]:
        """Where the datasets keep the media of their samples, by sha256."""
        return {sha: path for task in self.tasks for sha, path in task.dataset.media.items()}


def make(suite: Suite, store: Path | None = None) -> Plan:
    """Resolve every name in ``suite``. Raises :class:`UsageError` with the nearest name on a miss.

    ``store`` is the folder whose imported readings join the datasets.
    """
    return Plan(suite, tuple(task(suite, entry, datasets.load(entry.dataset, store)) for entry in suite.tasks))


def task(suite: Suite, entry: TaskEntry, data: Dataset) -> PlannedTask:
    """One task of ``suite`` on its dataset made definite. Raises :class:`UsageError` as :func:`make`."""
    asked = contract(entry.contract)
    if data.contract != asked.id:
        raise UsageError(f"dataset {data.name} is for {data.contract!r}, the task asks for {asked.id!r}")
    samples = select(data, entry)
    arms = tuple(_arm(suite, asked, arm) for arm in entry.arms)
    for arm in arms:
        _consented(asked, arm, samples)
    if any(not arm.spec.local for arm in arms):
        samples = tuple(_timed(sample, data.media) for sample in samples)
    columns = tuple(entry.metrics)
    for column in columns:
        registry.metrics().get(column)
    return PlannedTask(asked, data, samples, arms, entry.takes, columns)


def select(data: Dataset, entry: TaskEntry) -> tuple[Sample, ...]:
    """The samples a task asks for, in the dataset's order, ``limit`` of each language. Raises when none is left."""
    known = {sample.id for sample in data.samples}
    if missing := [id for id in entry.samples if id not in known]:
        raise UsageError(
            f"dataset {data.name} has no sample {missing[0]!r}", f"see: filmbench datasets show {data.name}"
        )
    chosen: list[Sample] = []
    clusters: Counter[tuple[str | None, str | None]] = Counter()
    languages: Counter[str | None] = Counter()
    for sample in data.samples:
        if entry.samples and sample.id not in entry.samples:
            continue
        if entry.languages and sample.language not in entry.languages:
            continue
        if not sample.tags.issuperset(entry.tags):
            continue
        place = (sample.language, sample.cluster)
        if entry.per_cluster and clusters[place] >= entry.per_cluster:
            continue
        if entry.limit and languages[sample.language] >= entry.limit:
            continue
        clusters[place] += 1
        languages[sample.language] += 1
        chosen.append(sample)
    for sample in chosen:
        _speakable(data, sample)
    if not chosen:
        raise UsageError(f"no sample of {data.name} fits the task's languages, tags and samples")
    return tuple(chosen)


def _timed(sample: Sample, media: Mapping[str, Path]) -> Sample:
    """The sample with its media's lengths, by which vendors quote; needs no decoding."""
    return replace(sample, inputs={role: _lengthy(value, media) for role, value in sample.inputs.items()})


def _lengthy(value: Any, media: Mapping[str, Path]) -> Any:
    if isinstance(value, tuple):
        return tuple(_lengthy(one, media) for one in value)
    if not isinstance(value, Artifact) or not value.media_type.startswith(("audio/", "video/")):
        return value
    return replace(value, seconds=stated_seconds(media[value.sha256])) if value.sha256 in media else value


def _speakable(data: Dataset, sample: Sample) -> None:
    text = sample.inputs.get("text")
    if isinstance(text, str) and not text.strip():
        raise UsageError(f"sample {sample.id!r} of {data.name} has no text", "give it a line or leave it out")
    if isinstance(text, str) and len(text) > MAX_CHARACTERS:
        raise UsageError(
            f"sample {sample.id!r} of {data.name} has {len(text):,} characters; the most is {MAX_CHARACTERS:,}",
            "split it into lines",
        )


def _arm(suite: Suite, asked: Contract, entry: ArmEntry) -> PlannedArm:
    provider = registry.providers().get(entry.provider)
    spec = provider.spec
    if asked.id not in spec.contracts:
        raise UsageError(f"{spec.id} does not do {asked.title.lower()}", f"it does: {', '.join(spec.contracts)}")
    for name, value in entry.params.items():
        _check_param(spec, entry.name, name, value)
    return PlannedArm(entry, provider, suite.endpoints.get(spec.vendor) or endpoint_override(spec))


def endpoint_override(spec: ProviderSpec) -> str | None:
    """The address that ``FILMBENCH_<VENDOR>_URL`` gives instead of the vendor's own."""
    import os

    return None if spec.local else os.environ.get(f"FILMBENCH_{spec.vendor.upper().replace('-', '_')}_URL")


_TYPES: Mapping[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


def _check_param(spec: ProviderSpec, label: str, name: str, value: Any) -> None:
    if name not in spec.params:
        import difflib

        near = difflib.get_close_matches(name, spec.params, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes: {', '.join(spec.params) or 'none'}"
        raise UsageError(f"arm {label!r}: {spec.id} has no parameter {name!r}", hint)
    param = spec.params[name]
    values = list(value.values()) if param.by_language and isinstance(value, dict) else [value]
    for one in values:
        if not isinstance(one, _TYPES[param.type]) or (isinstance(one, bool) and param.type != "bool"):
            raise UsageError(f"arm {label!r}: {name} must be {param.type}, not {one!r}")
        if param.choices and one not in param.choices:
            raise UsageError(
                f"arm {label!r}: {name} cannot be {one!r}", f"choose from: {', '.join(map(str, param.choices))}"
            )


NOBODY = frozenset({"synthetic", "drawn"})
"""Tags of samples whose voice or face is no real person's."""


def _consented(asked: Contract, arm: PlannedArm, samples: tuple[Sample, ...]) -> None:
    """A real person is cloned or re-animated only with consent on the sample; refused before anything is uploaded."""
    if arm.spec.local:
        return
    persons = [role.name for role in asked.inputs if role.person]
    for sample in samples:
        if sample.consent is None and not sample.tags & NOBODY and any(name in sample.inputs for name in persons):
            raise UsageError(
                f"sample {sample.id!r} would have a person cloned or re-animated at {arm.spec.vendor} and carries no "
                "consent",
                'add consent = {"who": "…", "evidence": "…"} to the sample, or tag it synthetic or drawn if it is',
            )


def _ask(task: PlannedTask, planned: PlannedArm, sample: Sample, take: int) -> Asked:
    params, unable = params_for(planned, sample)
    arm = Arm(planned.spec.id, planned.entry.name, params)
    identity, missing = identity_of(planned.provider)
    if planned.spec.role != "arm":
        identity = {**identity, "references": digest(sample.readings())}
    if planned.spec.by_hand:  # its label is all that tells one person's work from another's
        identity = {**identity, "work": planned.entry.name}
    request = Request(task.contract.id, sample, arm, identity, planned.endpoint, take)
    return Asked(request, planned, unable or missing or _by_hand(planned), fits=unable is None)


def _by_hand(planned: PlannedArm) -> str | None:
    reason = planned.spec.by_hand
    return f"by import only ({reason}): filmbench import --template SUITE says what to make" if reason else None


def params_for(planned: PlannedArm, sample: Sample) -> tuple[dict[str, Any], str | None]:
    """The arm's parameters for this sample's language, defaults filled in, and what it lacks for it."""
    spec, language = planned.spec, sample.language
    if spec.languages is not None and language is not None and language not in spec.languages:
        return {}, f"does not speak {language}"
    if spec.max_characters and len(str(sample.inputs.get("text", ""))) > spec.max_characters:
        return {}, f"takes at most {spec.max_characters} characters, the text has {len(sample.text())}"
    params: dict[str, Any] = {}
    for name, param in spec.params.items():
        value = planned.entry.params.get(name, param.default)
        if param.by_language and isinstance(value, dict):
            if language not in value:
                return {}, f"has no {name} for {language}"
            value = value[language]
        if value is not None:
            params[name] = value
    return params, None


_IDENTITIES: dict[str, tuple[Mapping[str, str], str | None]] = {}


def identity_of(provider: Provider | LocalEngine) -> tuple[Mapping[str, str], str | None]:
    """What else changes a provider's answers, and why it cannot be asked now (``None`` when it can).

    Found once a process: asking programs for their versions for each of a thousand requests would be slow.
    """
    spec = provider.spec
    if spec.id not in _IDENTITIES:
        _IDENTITIES[spec.id] = _identify(provider)
    return _IDENTITIES[spec.id]


def _identify(provider: Provider | LocalEngine) -> tuple[Mapping[str, str], str | None]:
    from filmbench.harness.doctor import missing, phrase

    spec = provider.spec
    if lacking := missing(spec.requires):
        need = lacking[0]
        return {"adapter": spec.revision}, (f"needs {need.name}" if need.kind == "key" else phrase(need))
    own = provider.identity() if isinstance(provider, LocalEngine) else {}
    return {"adapter": spec.revision, **own}, None


@dataclass(frozen=True, slots=True)
class PricedArm:
    """What one arm of a plan will cost. ``None`` is unpriced; ``unpriced`` counts such requests.

    ``ending`` says when the model was or will be retired and who says so, where the price book knows it.
    """

    arm: str
    provider: str
    requests: int
    expected_usd: Decimal | None
    ceiling_usd: Decimal | None
    unpriced: int
    reason: str | None
    unable: str | None
    ending: str | None = None


async def price(plan: Plan, book: PriceBook) -> list[PricedArm]:
    """Quote every request of ``plan`` and add up by arm; works without any key."""
    from datetime import UTC, datetime

    today = datetime.now(UTC).date()
    arms: dict[str, PricedArm] = {}
    for _, asked in plan.asked():
        label = asked.request.arm.label
        row = arms.get(label) or _unpriced(label, asked.arm.spec.id, book.ending(asked.arm.spec.id, today))
        row = replace(row, requests=row.requests + 1, unable=row.unable or asked.unable)
        if not asked.fits:
            arms[label] = row
            continue
        quote = await asked.arm.provider.quote(asked.request)
        choice = plan.suite.plans.get(asked.arm.spec.vendor)
        expected = book.price(asked.arm.spec.id, quote.expected, today, plan=choice)
        ceiling = book.price(asked.arm.spec.id, quote.ceiling, today, plan=choice)
        arms[label] = replace(
            row,
            expected_usd=_plus(row.expected_usd, expected.usd),
            ceiling_usd=_plus(row.ceiling_usd, ceiling.at_most),
            unpriced=row.unpriced + (ceiling.at_most is None),
            reason=row.reason or expected.reason or ceiling.reason,
        )
    return list(arms.values())


def _unpriced(label: str, provider: str, ending: str | None) -> PricedArm:
    return PricedArm(label, provider, 0, None, None, 0, None, None, ending)


def _plus(total: Decimal | None, more: Decimal | None) -> Decimal | None:
    return total if more is None else (total or Decimal(0)) + more
