"""Scoring: a pass of its own over takes that are there, repeatable for ever at no vendor's cost.

The unit of work is a sample with all its takes, so that what they share (the human reading, its features)
is measured once. Workers are processes, because most models hold the interpreter's lock; each keeps its
models and works on one thread.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from filmbench.harness import registry
from filmbench.harness.engine.journal import insert_new
from filmbench.harness.plan import Plan
from filmbench.harness.protocols import FrameMetric, Metric, MetricSpec, ProviderSpec, SetMetric
from filmbench.harness.store import schema
from filmbench.harness.store.artifacts import Artifacts
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.suite import Suite
from filmbench.harness.types import Artifact, Json, Outcome, Sample, Score, Take, Timing
from sqlalchemy import Connection, RowMapping, and_, delete, select

Watcher = Callable[[int], None]
Job: TypeAlias = "Callable[[], Measured]"
"""What a worker is handed: a sample with its takes or a set to measure."""


@dataclass(frozen=True, slots=True)
class ScoreTake:
    """One take to be scored, and by which metrics."""

    take: Take
    provider: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """One sample with its takes, the files they need and the features that are already known."""

    sample: Sample
    takes: tuple[ScoreTake, ...]
    paths: Mapping[str, Path]
    features: Mapping[tuple[str, str], Json]


@dataclass(slots=True)
class Measured:
    """What a worker found: scores by (key, epoch), and the features it had to compute."""

    scores: list[tuple[str, int, str, Score]] = field(default_factory=list)
    features: dict[tuple[str, str], Json] = field(default_factory=dict)
    takes: int = 0


def columns(suite: Suite) -> tuple[MetricSpec, ...]:
    """The metrics of a suite: those its tasks name, else all core ones of their contracts."""
    chosen: dict[str, MetricSpec] = {}
    for task in suite.tasks:
        for metric in registry.metrics().items.values():
            for spec in metric.specs:
                named = spec.id in task.metrics if task.metrics else spec.core
                if named and task.contract in spec.contracts:
                    chosen[spec.id] = spec
    return tuple(chosen[id] for id in sorted(chosen))


def unavailable(specs: Sequence[MetricSpec]) -> dict[str, str]:
    """Why a column cannot be measured on this machine, by metric id: its rows are skipped, not scored."""
    from filmbench.harness.doctor import metric_requires, missing, phrase

    lacking = {spec.id: missing(metric_requires(spec)) for spec in specs}
    return {id: phrase(needs[0]) for id, needs in lacking.items() if needs}


def measurable(suite: Suite) -> tuple[MetricSpec, ...]:
    """The columns of ``suite`` that can be measured on this machine."""
    specs = columns(suite)
    skipped = unavailable(specs)
    return tuple(spec for spec in specs if spec.id not in skipped)


def score(
    ledger: Ledger,
    artifacts: Artifacts,
    plan: Plan,
    run: str,
    again: Sequence[str] = (),
    workers: int | None = None,
    watch: Watcher = lambda takes: None,
) -> int:
    """Score what run ``run`` lacks (and anew the metrics in ``again``); returns how many takes were scored."""
    from filmbench.harness import setscoring

    specs = measurable(plan.suite)
    work = list(_work(ledger, artifacts, plan, run, _over("take", specs), frozenset(again)))
    work.sort(key=lambda one: -len(one.takes))
    whole = list(setscoring.work(ledger, artifacts, plan, run, _over("set", specs), frozenset(again)))
    total = 0
    jobs: list[Job] = [*(partial(measure, one) for one in work), *(partial(setscoring.measure, one) for one in whole)]
    for measured in _measure_all(jobs, workers or len(os.sched_getaffinity(0))):
        ledger.write_now(lambda c, found=measured: _keep(c, found))  # type: ignore[misc]
        total += measured.takes
        watch(measured.takes)
    return total


def _over(what: str, specs: Sequence[MetricSpec]) -> tuple[MetricSpec, ...]:
    return tuple(spec for spec in specs if spec.over == what)


def pending(ledger: Ledger, plan: Plan, run: str) -> int:
    """How many takes of the run lack a score."""
    with ledger.read() as connection:
        return sum(1 for _ in _lacking(connection, run, _over("take", measurable(plan.suite)), frozenset()))


def _lacking(
    connection: Connection, run: str, specs: Sequence[MetricSpec], again: frozenset[str]
) -> Iterator[tuple[RowMapping, tuple[str, ...]]]:
    """Usable takes of the run, each once, with the metrics they lack."""
    takes, planned, requests, scores = schema.takes, schema.planned, schema.requests, schema.scores
    here = and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch)
    done: dict[tuple[str, int], set[tuple[str, str]]] = {}
    known = select(scores.c.key, scores.c.epoch, scores.c.metric, scores.c.signature).join(
        planned, and_(planned.c.key == scores.c.key, planned.c.epoch == scores.c.epoch)
    )
    for known_row in connection.execute(known.where(planned.c.run == run)):
        done.setdefault((known_row.key, known_row.epoch), set()).add((known_row.metric, known_row.signature))
    usable = (
        select(takes, requests.c.provider, requests.c.sample, requests.c.dataset, requests.c.contract)
        .join(planned, here)
        .join(requests, requests.c.key == takes.c.key)
        .where(planned.c.run == run, takes.c.outcome == Outcome.OK.value)
        .order_by(planned.c.ordinal)
    )
    seen: set[tuple[str, int]] = set()
    for row in connection.execute(usable).mappings():
        take = (row["key"], row["epoch"])
        have = done.get(take, set())
        lacking = tuple(
            spec.id
            for spec in specs
            if row["contract"] in spec.contracts and (spec.id in again or (spec.id, spec.signature) not in have)
        )
        if lacking and take not in seen:
            seen.add(take)
            yield row, lacking


def _work(
    ledger: Ledger,
    artifacts: Artifacts,
    plan: Plan,
    run: str,
    specs: Sequence[MetricSpec],
    again: frozenset[str],
) -> Iterator[Work]:
    samples = {(sample.dataset, sample.id): sample for task in plan.tasks for sample in task.samples}
    grouped: dict[tuple[str, str], list[ScoreTake]] = {}
    with ledger.read() as connection:
        for row, lacking in _lacking(connection, run, specs, again):
            take = ScoreTake(taken(row), row["provider"], lacking)
            grouped.setdefault((row["dataset"], row["sample"]), []).append(take)
        for place, takes in grouped.items():
            sample = samples[place]
            files = dict(paths(artifacts, plan.media, sample, takes))
            yield Work(sample, tuple(takes), files, known_features(connection, tuple(files)))


def paths(
    artifacts: Artifacts, media: Mapping[str, Path], sample: Sample, takes: Sequence[ScoreTake]
) -> Iterator[tuple[str, Path]]:
    """Every medium of a sample and of its takes: sha256 and file."""
    for one in takes:
        for many in one.take.artifacts.values():
            for artifact in many:
                yield artifact.sha256, artifacts.path(artifact)
    for value in (*sample.inputs.values(), *sample.references.values()):
        for artifact in (value,) if isinstance(value, Artifact) else value if isinstance(value, tuple) else ():
            yield artifact.sha256, media[artifact.sha256]


def known_features(connection: Connection, shas: Sequence[str]) -> dict[tuple[str, str], Json]:
    """What was measured of these media before."""
    table = schema.features
    rows = connection.execute(select(table).where(table.c.sha256.in_(shas)))
    return {(row.sha256, row.signature): row.value for row in rows}


def taken(row: RowMapping) -> Take:
    """A take as the ledger has it."""
    return Take(
        request_key=row["key"],
        epoch=row["epoch"],
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        artifacts={role: tuple(Artifact(**one) for one in many) for role, many in row["artifacts"].items()},
        timing=Timing(first_byte=row["first_byte_s"], total=row["total_s"]),
        usage=None,
        quoted_usd=None,
        billed_usd=None,
        attempts=row["attempts"],
        live=row["live"],
    )


def _keep(connection: Connection, measured: Measured) -> None:
    table = schema.scores
    for key, epoch, signature, found in measured.scores:
        same = and_(
            table.c.key == key, table.c.epoch == epoch, table.c.metric == found.metric, table.c.signature == signature
        )
        connection.execute(delete(table).where(same))
        row = {"key": key, "epoch": epoch, "metric": found.metric, "signature": signature, "value": found.value}
        more = {"reason": found.reason, "statistics": found.statistics, "detail": found.detail}
        connection.execute(table.insert(), row | more)
    for (sha256, signature), value in measured.features.items():
        connection.execute(
            insert_new(connection, schema.features), {"sha256": sha256, "signature": signature, "value": value}
        )


def _measure_all(jobs: Sequence[Job], workers: int) -> Iterator[Measured]:
    if not jobs:
        return
    with _one_thread_each():
        pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=multiprocessing.get_context("spawn"))
        try:
            for future in as_completed([pool.submit(job) for job in jobs]):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


class _one_thread_each:  # noqa: N801 - reads as a statement
    """While workers start, tell the numeric libraries to use one thread: workers × threads ≤ cores."""

    _NAMES = (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
        "FILMBENCH_THREADS",
    )

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._NAMES}
        os.environ.update(dict.fromkeys(self._NAMES, "1"))

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# --- in the worker -----------------------------------------------------------------------------------


@dataclass(slots=True)
class TakeView:
    """What a metric sees of one take; clips are shared by all metrics of the sample."""

    sample: Sample
    take: Take
    spec: ProviderSpec
    media: Callable[[Artifact], Any]
    features: dict[tuple[str, str], Json]
    fresh: dict[tuple[str, str], Json]

    def output(self, role: str) -> Any:
        """The take's own medium in ``role``, the first where there are many."""
        return self.media(self.take.artifacts[role][0])

    def outputs(self, role: str) -> tuple[Any, ...]:
        """All of the take's media in ``role``."""
        return tuple(self.media(artifact) for artifact in self.take.artifacts.get(role, ()))

    def reference(self, role: str) -> Any | None:
        """The sample's reference in ``role``; ``None`` where it has none."""
        value = self.sample.references.get(role)
        return self.media(value) if isinstance(value, Artifact) else None

    def input(self, role: str) -> Any | None:
        """The sample's input medium in ``role``; ``None`` where it has none."""
        value = self.sample.inputs.get(role)
        return self.media(value) if isinstance(value, Artifact) else None

    def inputs(self, role: str) -> tuple[Any, ...]:
        """All of the sample's media in an input role."""
        value = self.sample.inputs.get(role, ())
        many = value if isinstance(value, tuple) else (value,)
        return tuple(self.media(one) for one in many if isinstance(one, Artifact))

    def feature(self, id: str, clip: Any) -> Any:
        """A shared measurement of a medium, from the cache or computed now."""
        feature = registry.features().get(id)
        settings = ",".join(f"{name}={value}" for name, value in sorted(feature.settings(self.sample).items()))
        place = (clip.artifact.sha256, f"{feature.spec.signature}|{settings}")
        if place not in self.features:
            self.features[place] = self.fresh[place] = feature.compute(clip, self.sample)
        return self.features[place]


def measure(work: Work) -> Measured:
    """Score one sample's takes; one decode of each file feeds all metrics."""
    from filmbench.harness.media.open import open_medium

    opened: dict[str, Any] = {}

    def media(artifact: Artifact) -> Any:
        if artifact.sha256 not in opened:
            opened[artifact.sha256] = open_medium(artifact, work.paths[artifact.sha256])
        return opened[artifact.sha256]

    measured = Measured(takes=len(work.takes))
    features = dict(work.features)
    for one in work.takes:
        spec = registry.providers().get(one.provider).spec
        view = TakeView(work.sample, one.take, spec, media, features, measured.features)
        for found, signature in _scores(view, one.metrics):
            measured.scores.append((one.take.request_key, one.take.epoch, signature, found))
    return measured


def _scores(view: TakeView, ids: Sequence[str]) -> Iterator[tuple[Score, str]]:
    """Every wanted score of one take with its signature."""
    from filmbench.harness.framepass import watch

    chosen = _metrics(ids)
    wanted = {id: spec.signature for _, specs in chosen for id, spec in specs.items()}
    watching = [metric for metric, _ in chosen if isinstance(metric, FrameMetric)]
    found = [score for metric, _ in chosen if not isinstance(metric, FrameMetric) for score in _score(metric, view)]
    for score in (*found, *watch(view, watching)):
        if score.metric in wanted:
            yield score, wanted[score.metric]


def _metrics(ids: Sequence[str]) -> list[tuple[Metric | FrameMetric, dict[str, MetricSpec]]]:
    """Each metric once, with the columns wanted of it."""
    known = registry.metrics()
    chosen: dict[str, tuple[Metric | FrameMetric, dict[str, MetricSpec]]] = {}
    for id in ids:
        metric = known.get(id)
        assert not isinstance(metric, SetMetric), f"{id} has no value of one take"
        specs = {spec.id: spec for spec in metric.specs}
        chosen.setdefault(metric.specs[0].id, (metric, {}))[1][id] = specs[id]
    return list(chosen.values())


def _score(metric: Metric, view: TakeView) -> Sequence[Score]:
    try:
        return metric.score(view)
    except Exception as error:  # noqa: BLE001 - one metric's fault on one take must not lose the others
        return [Score(spec.id, None, f"failed: {type(error).__name__}: {error}") for spec in metric.specs]
