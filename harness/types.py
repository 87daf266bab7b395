"""The nouns of filmbench: plain, frozen values that every other module speaks in.

Nothing here knows how a take is made, stored or scored. Durations are seconds, sizes are bytes,
money is :class:`decimal.Decimal` US dollars. ``None`` always means "not known", never zero.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """One text per value: sorted keys, no white space, UTF-8 left readable. NaN is refused."""
    return _CANONICAL.encode(value)


def digest(value: Any) -> str:
    """sha256 (64 hex digits) of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


class Outcome(StrEnum):
    """How one take ended; exactly one holds. ``UNSUPPORTED`` is coverage; all others count in rates."""

    OK = "ok"
    REFUSED = "refused"
    INVALID = "invalid"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RETIRED = "retired"
    SUBMIT_UNKNOWN = "submit_unknown"
    BUDGET_STOP = "budget_stop"
    CANCELLED = "cancelled"
    NOT_SUPPLIED = "not_supplied"
    UNSUPPORTED = "unsupported"

    @property
    def counts(self) -> bool:
        """Whether the take stays in the denominator of every rate."""
        return self is not Outcome.UNSUPPORTED

    @property
    def judged(self) -> bool:
        """Whether a missing result counts as a bad one: a model that is no longer offered has no quality to judge."""
        return self.counts and self is not Outcome.RETIRED

    @property
    def final(self) -> bool:
        """Whether the vendor was asked: the others leave their place open for the next run."""
        return self not in (Outcome.BUDGET_STOP, Outcome.CANCELLED, Outcome.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Artifact:
    """One immutable file, known by its content.

    ``seconds`` is what its header says of its length, where somebody looked: vendors are paid by it.
    """

    sha256: str
    media_type: str
    bytes: int
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """Who allowed a voice or face to be cloned or re-animated, and where that is written down."""

    who: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One item of a dataset.

    ``inputs`` and ``references`` map a contract's roles to text or to artifacts. ``cluster`` names the
    scene, script, speaker or source clip that makes items dependent on one another.
    """

    id: str
    dataset: str
    inputs: Mapping[str, str | Artifact | tuple[Artifact, ...]]
    references: Mapping[str, str | Artifact | tuple[Artifact, ...]] = field(default_factory=dict)
    language: str | None = None
    cluster: str | None = None
    tags: frozenset[str] = frozenset()
    consent: Consent | None = None

    def text(self, role: str = "text") -> str:
        """The text in an input role. Raises ``KeyError`` when the role is absent or holds media."""
        value = self.inputs[role]
        if not isinstance(value, str):
            raise KeyError(f"role {role!r} of sample {self.id!r} holds media, not text")
        return value

    def content(self) -> Json:
        """What a provider is given, as JSON: the part of the sample that enters a request's key."""
        return {role: _content(value) for role, value in self.inputs.items()} | {"language": self.language}

    def readings(self) -> Json:
        """The references, as JSON: they enter the key of a row that is made of them (reference, floor)."""
        return {role: _content(value) for role, value in self.references.items()}


def _content(value: str | Artifact | tuple[Artifact, ...]) -> Json:
    match value:
        case str():
            return value
        case Artifact():
            return {"sha256": value.sha256}
        case _:
            return [{"sha256": artifact.sha256} for artifact in value]


@dataclass(frozen=True, slots=True)
class Arm:
    """What is compared: a provider with its parameters, under a label that people read."""

    provider: str
    label: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, whole: two requests with one key would be the same question.

    ``endpoint`` is ``None`` for the provider's own default; any other address marks the take as not live.
    ``identity`` holds what else changes the answer: the adapter's contract version and, for a local
    engine, its version and the sha256 of its weights.
    """

    contract: str
    sample: Sample
    arm: Arm
    identity: Mapping[str, str]
    endpoint: str | None = None
    take: int = 0

    def key(self) -> str:
        """sha256 of everything that could change the answer; the arm's label does not."""
        return digest(
            {
                "contract": self.contract,
                "sample": self.sample.content(),
                "provider": self.arm.provider,
                "params": dict(self.arm.params),
                "endpoint": self.endpoint,
                "identity": dict(self.identity),
                "take": self.take,
            }
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What a vendor counts, in its own units (``character``, ``credit``, ``output_second`` …).

    ``usd`` is set only where the vendor itself states money; otherwise the price book turns units into it.
    ``evidence`` says where the figures were read (``"header character-cost"``, ``"text length"``);
    ``answered_model`` is the model's name as the vendor's answer gives it.
    """

    quantities: Mapping[str, Decimal] = field(default_factory=dict)
    evidence: str = ""
    usd: Decimal | None = None
    answered_model: str | None = None


FREE = Usage(evidence="runs on this machine", usd=Decimal(0))


@dataclass(frozen=True, slots=True)
class Quote:
    """What a request is expected to use and the most it may use; the ceiling is reserved before paying."""

    expected: Usage
    ceiling: Usage


@dataclass(frozen=True, slots=True)
class Timing:
    """Where a take's time went, each wait in a column of its own. Seconds; ``None`` when not observed.

    ``first_byte`` and ``first_content`` run from the moment the request was sent; ``first_content`` is
    the first audible sample or visible frame. ``total`` runs from sending to the last byte and holds no
    wait of ours. ``model_load`` is a local engine's one-off start, never part of ``total``.
    """

    queue: float | None = None
    limiter: float | None = None
    retry: float | None = None
    first_byte: float | None = None
    first_content: float | None = None
    total: float | None = None
    model_load: float | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """How one request ended, once. (``request_key``, ``epoch``) is its identity."""

    request_key: str
    epoch: int
    outcome: Outcome
    reason: str | None
    artifacts: Mapping[str, tuple[Artifact, ...]]
    timing: Timing
    usage: Usage | None
    quoted_usd: Decimal | None
    billed_usd: Decimal | None
    attempts: int
    live: bool
    answered_model: str | None = None
    human_minutes: float | None = None
    made_at: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One number for one take, or the reason why there is none.

    ``statistics`` are additive over samples (``{"errors": 2, "words": 11}``) where the metric is a
    corpus metric; the table combines them instead of averaging ``value``.
    """

    metric: str
    value: float | None
    reason: str | None = None
    statistics: Mapping[str, float] | None = None
    detail: Json = None

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError(f"a missing {self.metric} needs a reason")
        if self.value is not None and self.value != self.value:
            raise ValueError(f"{self.metric} is NaN: give None with a reason instead")


class FilmbenchError(Exception):
    """An error a user can act on: one sentence, the next step, and the exit code of the design."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(FilmbenchError):
    """Wrong input or configuration (exit 2)."""


class NothingMeasured(FilmbenchError):
    """Nothing or too little was measured (exit 3)."""

    exit_code = 3


class BudgetStop(FilmbenchError):
    """The spend cap was reached (exit 4)."""

    exit_code = 4


class VendorOutage(FilmbenchError):
    """A vendor is down or unreachable (exit 5)."""

    exit_code = 5
