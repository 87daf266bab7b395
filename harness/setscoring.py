"""Scoring whole sets of takes, in the same pool of workers as single takes (see :mod:`filmbench.harness.sets`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness import registry, scoring, sets
from filmbench.harness.plan import Plan
from filmbench.harness.protocols import MetricSpec, SetMetric
from filmbench.harness.scoring import Measured, ScoreTake, TakeView
from filmbench.harness.store import schema
from filmbench.harness.store.artifacts import Artifacts
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import Json, Outcome, Sample, Score
from sqlalchemy import and_, select


@dataclass(frozen=True, slots=True)
class SetWork:
    """One arm's takes with their samples and files, and the columns that are wanted over them."""

    name: str
    takes: tuple[tuple[Sample, ScoreTake], ...]
    metrics: tuple[str, ...]
    paths: Mapping[str, Path]
    features: Mapping[tuple[str, str], Json]


def work(
    ledger: Ledger, artifacts: Artifacts, plan: Plan, run: str, specs: Sequence[MetricSpec], again: frozenset[str]
) -> Iterator[SetWork]:
    """The sets of ``run`` that lack one of ``specs`` (or are to be measured ``again``)."""
    samples = {(sample.dataset, sample.id): sample for task in plan.tasks for sample in task.samples}
    table = schema.scores
    with ledger.read() as connection:
        for contract, takes in _arms(ledger, run, samples):
            name = sets.members([(one.take.request_key, one.take.epoch) for _, one in takes])
            done = connection.execute(select(table.c.metric, table.c.signature).where(table.c.key == name))
            have = {(row.metric, row.signature) for row in done}
            wanted = [spec for spec in specs if contract in spec.contracts]
            lacking = tuple(spec.id for spec in wanted if spec.id in again or (spec.id, spec.signature) not in have)
            if lacking:
                paths = {sha: path for s, one in takes for sha, path in scoring.paths(artifacts, plan.media, s, [one])}
                known = scoring.known_features(connection, tuple(paths))
                yield SetWork(name, tuple(takes), lacking, paths, known)


def _arms(
    ledger: Ledger, run: str, samples: Mapping[tuple[str, str], Sample]
) -> Iterator[tuple[str, list[tuple[Sample, ScoreTake]]]]:
    """The contract and the good takes of each arm, as the tables part them."""
    takes, planned, requests = schema.takes, schema.planned, schema.requests
    usable = (
        select(takes, requests.c.provider, requests.c.sample, requests.c.dataset, requests.c.contract)
        .add_columns(planned.c.arm, planned.c.role)
        .join(planned, and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch))
        .join(requests, requests.c.key == takes.c.key)
        .where(planned.c.run == run, takes.c.outcome == Outcome.OK.value)
        .order_by(planned.c.ordinal)
    )
    arms: dict[tuple[str, ...], dict[tuple[str, int], tuple[Sample, ScoreTake]]] = {}
    with ledger.read() as connection:
        for row in connection.execute(usable).mappings():
            place = tuple(str(row[name]) for name in ("contract", "dataset", "role", "arm", "live"))
            one = ScoreTake(scoring.taken(row), row["provider"], ())
            arms.setdefault(place, {})[row["key"], row["epoch"]] = (samples[row["dataset"], row["sample"]], one)
    for place, found in arms.items():
        yield place[0], [*found.values()]


def measure(work: SetWork) -> Measured:
    """Score one set, in a worker. Media are opened anew for each look, so that memory does not grow with the set."""
    from filmbench.harness.media.open import open_medium

    measured = Measured()
    features = dict(work.features)
    views = [
        TakeView(
            sample,
            one.take,
            registry.providers().get(one.provider).spec,
            lambda artifact: open_medium(artifact, work.paths[artifact.sha256]),
            features,
            measured.features,
        )
        for sample, one in work.takes
    ]
    known = registry.metrics()
    chosen = {metric.specs[0].id: metric for id in work.metrics if isinstance(metric := known.get(id), SetMetric)}
    for metric in chosen.values():
        signatures = {spec.id: spec.signature for spec in metric.specs if spec.id in work.metrics}
        for found in _scores(metric, views, frozenset(signatures)):
            if found.metric in signatures:
                measured.scores.append((work.name, sets.EPOCH, signatures[found.metric], found))
    return measured


def _scores(metric: SetMetric, views: Sequence[TakeView], wanted: frozenset[str]) -> Sequence[Score]:
    try:
        return metric.score_set(views, wanted)
    except Exception as error:  # noqa: BLE001 - one metric's fault must not lose the others
        return [Score(spec.id, None, f"failed: {type(error).__name__}: {error}") for spec in metric.specs]
