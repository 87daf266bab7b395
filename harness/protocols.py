"""What a provider, a feature and a metric promise. How they are run is the engine's and the scorer's affair.

Everything is structural: a class needs no base of ours. The small bases below spare the two common
shapes their boilerplate: a vendor that answers one call (:class:`OneCall`) and an engine that runs on
this machine (:class:`LocalEngine`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

from filmbench.harness.types import FREE, Artifact, Json, Outcome, Quote, Request, Sample, Score, Take, Usage

if TYPE_CHECKING:
    from filmbench.harness.media.moments import Moment

# --- what a provider is ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something a provider or metric needs on this machine, and the command that brings it.

    ``name`` is a module as it is imported (``python``), a program on the PATH, a Debian package, an entry of
    the weights registry, an environment variable (``key``; ``command``: one that names a program) or a path (``file``).
    """

    kind: Literal["python", "program", "debian", "weights", "key", "command", "file"]
    name: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter an arm may set. ``choices`` is empty when any value of ``type`` will do.

    A parameter that differs by language takes a table in the suite: ``voice = { en = "…", es = "…" }``.
    """

    type: Literal["str", "int", "float", "bool"]
    meaning: str
    default: Any = None
    choices: tuple[Any, ...] = ()
    by_language: bool = False


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """Static facts about one model of one vendor; reading them imports no SDK and needs no key.

    ``revision`` is the adapter's contract version: raise it when the same request would now be sent
    otherwise. ``languages`` is ``None`` when the vendor takes any. ``role`` marks reference and floor
    rows, which give a table its scale. ``resumable`` says that a submitted job can be polled again
    after a crash. ``patience`` is how many seconds a job may take where that is longer than the suite's timeout.
    ``by_hand`` says why no program may or can ask it: people do, and their files are imported.
    """

    id: str
    contracts: tuple[str, ...]
    title: str
    revision: str
    licence: str
    languages: frozenset[str] | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    requires: tuple[Requirement, ...] = ()
    role: Literal["arm", "reference", "floor"] = "arm"
    local: bool = False
    resumable: bool = False
    streams: bool = False
    concurrency: int = 1
    patience: float = 0.0
    max_characters: int | None = None
    default_endpoint: str | None = None
    verified: str = "loopback"
    by_hand: str | None = None

    @property
    def vendor(self) -> str:
        """The part of the id before the slash."""
        return self.id.split("/", 1)[0]

    @property
    def key_variable(self) -> str | None:
        """The environment variable that holds the key, or ``None`` when no key is needed."""
        return next((need.name for need in self.requires if need.kind == "key"), None)


# --- one job at a provider ---------------------------------------------------------------------------


class Media(Protocol):
    """Read access to the artifacts a request's sample refers to."""

    def path(self, artifact: Artifact) -> Path:
        """A local, read-only file holding the artifact's bytes."""
        ...


class Writer(Protocol):
    """Receives the bytes of one artifact as they arrive."""

    async def write(self, chunk: bytes) -> None:
        """Append one chunk; its arrival time is logged. Raises when the size cap is passed."""
        ...


class Sink(Protocol):
    """Where a provider puts what it made."""

    def __call__(self, role: str, media_type: str) -> AbstractAsyncContextManager[Writer]:
        """Open one artifact of ``role``. It becomes whole only when the context ends without an error."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request turned into what the vendor will be sent. Plain JSON; kept until ``expires`` (Unix time).

    ``resources`` name what preparing made at the vendor (voices, uploads, projects) and must be released.
    """

    payload: Mapping[str, Json]
    resources: tuple[str, ...] = ()
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A submitted request at the vendor: one or more remote ids and whatever polling needs. Plain JSON.

    ``resources`` name what submitting leaves at the vendor (a finished project) and must be released after the run.
    """

    ids: tuple[str, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands. ``wait`` is the pace the vendor asks for, in seconds.

    ``used`` is the vendor's own evidence of what it billed for a job that ended without a result.
    """

    state: Literal["queued", "running", "done", "refused", "failed", "cancelled"]
    wait: float = 1.0
    reason: str | None = None
    fraction: float | None = None
    used: Usage | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """What an error means for the request that met it.

    ``again`` is true only when the vendor certainly neither did nor billed the work, so that a second
    POST cannot pay twice. ``unknown`` means that nobody can tell whether it was billed.
    """

    outcome: Outcome
    reason: str
    again: bool = False
    rate_limited: bool = False
    after: float | None = None
    unknown: bool = False
    outage: bool = False


@runtime_checkable
class Provider(Protocol):
    """One model of one vendor. The engine owns journal, limits, retries and money; see DESIGN notes."""

    spec: ProviderSpec

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Expected and greatest use, in the vendor's units. ``live`` may ask the vendor, free of charge."""
        ...

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Free and repeatable: check limits, upload, look up. Raises :class:`Refusal` on a bad request."""
        ...

    async def submit(self, prepared: Prepared) -> Job:
        """Exactly one paid POST."""
        ...

    async def poll(self, job: Job) -> Progress:
        """Where the job stands. Free and repeatable."""
        ...

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """Bring the result into ``sink``; the vendor's own evidence of use, or ``None`` when it gives none."""
        ...

    async def cancel(self, job: Job) -> None:
        """Ask the vendor to stop; silently does nothing where it cannot."""
        ...

    async def release(self, resource: str) -> None:
        """Delete a voice, project or upload made at the vendor. Deleting it twice is no error."""
        ...

    def classify(self, error: BaseException) -> Retry:
        """Read an error raised by this provider."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class Refusal(Exception):
    """A request this provider cannot take, found before anything was paid.

    ``outcome`` is ``UNSUPPORTED`` for a missing ability and ``INVALID`` for a bad input.
    """

    def __init__(self, reason: str, outcome: Outcome = Outcome.UNSUPPORTED) -> None:
        super().__init__(reason)
        self.outcome = outcome


class OneCall(ABC):
    """Base of vendors that answer the paid POST itself with the result: write ``quote`` and ``generate``.

    Such a vendor gives no id to ask again, so a crash between sending and the last byte leaves
    ``submit_unknown``.
    """

    spec: ProviderSpec

    @abstractmethod
    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """Exactly one paid POST, streamed into ``sink``."""

    @abstractmethod
    async def prepare(self, request: Request, media: Media) -> Prepared:
        """The request as JSON, its limits checked."""

    async def submit(self, prepared: Prepared) -> Job:
        """Nothing is sent yet: the POST is made by :meth:`fetch`, under the same journal entry."""
        return Job(state={"prepared": dict(prepared.payload)})

    async def poll(self, job: Job) -> Progress:
        """Always done: the answer comes with the call."""
        return Progress("done", wait=0.0)

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """Make the call."""
        payload = job.state["prepared"]
        assert isinstance(payload, dict)
        return await self.generate(Prepared(payload), sink)

    async def cancel(self, job: Job) -> None:
        """One-call vendors cannot be stopped."""

    async def release(self, resource: str) -> None:
        """Nothing was made."""

    async def aclose(self) -> None:
        """Nothing is open."""


Made: TypeAlias = "tuple[Path, str]"
"""A file that an engine wrote, with its media type."""


class LocalEngine(ABC):
    """Base of engines on this machine: write ``spec``, ``identity`` and one synchronous ``render``.

    ``render`` runs in a worker process that keeps the instance, so a model loaded in ``load`` stays
    loaded. The worker is alone on the machine while it is timed.
    """

    spec: ProviderSpec

    @abstractmethod
    def identity(self) -> Mapping[str, str]:
        """What else changes the output: ``engine`` version and ``weights`` sha256 (where there are any)."""

    def load(self) -> None:
        """Bring the model into memory; called once per worker, timed apart."""

    @abstractmethod
    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made | list[Made]]:
        """Make the outputs as files below ``folder``: role to (file, media type), or a list of them for ``many``."""

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Free."""
        return Quote(FREE, FREE)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a person's files became: role to the files it holds now, and what was done to them, in words."""

    files: Mapping[str, Made | list[Made]]
    notes: tuple[str, ...] = ()


@runtime_checkable
class Handwork(Protocol):
    """A provider whose takes people make with a tool that no program works (``spec.by_hand`` says why)."""

    def take_in(self, request: Request, files: Mapping[str, tuple[Path, ...]], media: Media, folder: Path) -> TakenIn:
        """Turn exchange files, by role, into what the contract gives; what is made is written below ``folder``.

        Raises :class:`~filmbench.harness.media.decode.BadMedia` for a file that cannot be used, and
        :class:`Refusal` for one that does not fit the sample.
        """
        ...


# --- what a feature and a metric are -----------------------------------------------------------------


class Clip(Protocol):
    """Sound, decoded once, whatever number of readers ask."""

    artifact: Artifact
    path: Path

    @property
    def seconds(self) -> float:
        """Length of the sound in seconds."""
        ...

    @property
    def rate(self) -> int:
        """Sample rate as decoded, in Hz."""
        ...

    def mono(self, rate: int | None = None) -> Any:
        """float32 samples in -1..1, shape (n,), mixed to mono, resampled by soxr HQ when ``rate`` differs."""
        ...

    def channels(self) -> Any:
        """float32 samples as decoded, shape (n, channels)."""
        ...


class View(Protocol):
    """All that a metric may look at for one take: its sample, its outcome, its media, shared features.

    A medium is what :func:`filmbench.harness.media.open.open_medium` gives for its type: an ``AudioClip``, a
    ``VideoClip`` (which reads as sound too), an ``ImageClip``, a ``MotionClip`` or a ``Document``.
    """

    sample: Sample
    take: Take
    spec: ProviderSpec

    def output(self, role: str) -> Any:
        """The take's own medium (the first where there are many). Raises ``KeyError`` where it gave none."""
        ...

    def outputs(self, role: str) -> tuple[Any, ...]:
        """All of the take's media in a role; empty where it gave none."""
        ...

    def reference(self, role: str) -> Any | None:
        """The sample's reference medium, or ``None``."""
        ...

    def input(self, role: str) -> Any | None:
        """The sample's input medium, or ``None``."""
        ...

    def inputs(self, role: str) -> tuple[Any, ...]:
        """All of the sample's media in an input role; empty where it has none."""
        ...

    def feature(self, id: str, clip: Any) -> Any:
        """A shared measurement of a medium; computed once per (artifact, signature), then cached."""
        ...


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """A shared measurement. ``signature`` names implementation, version, weights and settings."""

    id: str
    signature: str
    requires: tuple[Requirement, ...] = ()


class Feature(Protocol):
    """A transcript, speech segments, an F0 track, an embedding: JSON in, JSON out of the cache."""

    spec: FeatureSpec

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """What of the sample changes the measurement (its language, say); joins the cache key."""
        ...

    def compute(self, clip: Any, sample: Sample) -> Json:
        """Measure a medium. Plain JSON (lists of floats rounded as stored)."""
        ...


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """Facts of one column, as data.

    ``higher_is_better`` is ``None`` for two-sided or descriptive columns. ``needs`` are output roles the
    metric reads, ``references`` reference roles without which it has no value. ``provenance`` is
    ``library``, ``reimplementation`` (pinned by a golden vector) or ``proxy`` (home-made, and so named).
    ``signature`` is ``metric|impl:version|weights:sha256|settings``; unlike signatures never share a
    column. ``statistics`` names the additive parts of a corpus metric, whose table value is
    100 × first / second when ``unit`` is ``%`` and first / second otherwise.
    ``worst`` is the value an absent take counts as in intention-to-treat columns; ``None`` when unbounded.
    ``over`` is ``set`` for a column of a :class:`SetMetric`.
    """

    id: str
    title: str
    unit: str
    signature: str
    contracts: tuple[str, ...]
    higher_is_better: bool | None
    provenance: Literal["library", "reimplementation", "proxy"]
    low: float | None = None
    high: float | None = None
    decimals: int = 2
    needs: tuple[str, ...] = ("speech",)
    references: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    statistics: tuple[str, str] | None = None
    worst: float | None = None
    core: bool = True
    licence: str = "Apache-2.0"
    licence_flag: str | None = None
    over: Literal["take", "set"] = "take"


class Metric(Protocol):
    """One tight family of columns. The class docstring is its card."""

    specs: tuple[MetricSpec, ...]

    def score(self, view: View) -> Sequence[Score]:
        """One Score per spec, in order; ``None`` with a reason where it cannot be measured."""
        ...


@runtime_checkable
class FrameMetric(Protocol):
    """A tight family of columns that looks at every frame. One decoding pass serves all of a take's.

    ``output`` is the role that is watched. ``beside`` names what each frame is held against, as
    ``reference.video``, ``input.video`` or ``input.mask``; what a sample lacks is absent from its moments.
    """

    specs: tuple[MetricSpec, ...]
    output: str
    beside: tuple[str, ...]

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer for one take."""
        ...


class FrameScorer(Protocol):
    """Sums up one take; holds no frames."""

    def update(self, moment: Moment) -> None:
        """Look at one moment, in order."""
        ...

    def compute(self) -> Sequence[Score]:
        """One Score per spec, in order; ``None`` with a reason where it cannot be measured."""
        ...


@runtime_checkable
class SetMetric(Protocol):
    """A tight family of columns over an arm's whole output, where nothing additive exists for one take (FID).

    Such a column has a level in the table but no interval, is not compared and cannot be gated.
    """

    specs: tuple[MetricSpec, ...]

    def score_set(self, views: Sequence[View], wanted: Collection[str]) -> Sequence[Score]:
        """A Score for each column ``wanted`` (others are left out) over all takes of an arm that came out well."""
        ...
