"""What this user's own runs say of an arm: how many of its takes will do, how long they took, how good they were.

Quality is one number a stage, so that stages can be weighed against each other: each of the contract's primary
metrics, with failures at their worst, is laid between the stage's floor rows (0: the worst of them) and its reference
row (1), cut at both ends, and averaged. Where a run has no such row the metric's own bound stands in for it; a metric
with neither has no scale, and an arm without one is not judged. A stage that only people can judge takes the share of
votes that an arm would win against the others that were voted on, on average, ties as halves (Davidson's model).
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.harness.contracts import CONTRACTS
from filmbench.harness.types import NothingMeasured, UsageError

if TYPE_CHECKING:
    import pandas as pd
    from filmbench.harness.leaderboard import Leaderboard, Row
    from filmbench.harness.protocols import MetricSpec
    from filmbench.harness.store import Store

RUNS = 20
"""How many of the newest runs are read."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One arm in one contract, from one source (a run's id, or a file).

    ``accepted`` of ``judged`` samples' takes would do by the rules (``None``: no rule could be applied). ``pace`` is
    seconds of making a second of the result (``each``: a take, where it has no length), on ``cores`` cores. ``quality``
    is 0..1, or ``None`` with ``unjudged``. ``passes`` is whether its levels keep the stage's rules, ``None`` where that
    was not measured. ``human_minutes`` are those of people's work for one take.
    """

    contract: str
    provider: str
    label: str
    source: str
    params: Mapping[str, Any] = field(default_factory=dict)
    judged: int = 0
    accepted: float | None = None
    pace: float | None = None
    each: float | None = None
    cores: float | None = None
    human_minutes: float | None = None
    quality: float | None = None
    unjudged: str | None = None
    basis: tuple[str, ...] = ()
    passes: bool | None = None


def from_store(store: Store, rules: Mapping[str, Mapping[str, float]]) -> tuple[Evidence, ...]:
    """Of every arm in the newest runs of a store; of an arm that is in several, the newest. ``rules``: by contract.

    A run that cannot be read today, for its suite names what is no longer installed, is passed over.
    """
    from filmbench.harness.store import schema
    from sqlalchemy import select

    with store.ledger.read() as connection:
        newest = select(schema.runs.c.id).order_by(schema.runs.c.started_at.desc(), schema.runs.c.id).limit(RUNS)
        runs = [str(id) for id in connection.execute(newest).scalars()]
    found: dict[tuple[str, str, str], Evidence] = {}
    for run in runs:
        with suppress(UsageError):
            for one in _of_run(store, run, rules, found):
                found.setdefault((one.contract, one.provider, one.label), one)
    return tuple(found.values())


def _of_run(
    store: Store, run: str, rules: Mapping[str, Mapping[str, float]], known: Container[tuple[str, str, str]]
) -> Iterator[Evidence]:
    """Of every arm of a run, but for contracts all of whose arms are ``known`` already."""
    from filmbench.harness import results
    from filmbench.harness.leaderboard import leaderboard

    read = results.read(store, run)
    if read.takes.empty:
        return
    params = {(task.contract, arm.name): arm.params for task in read.suite.tasks for arm in task.arms}
    for (contract, _), takes in read.takes.groupby(["contract", "dataset"], sort=False):
        arms = takes[["provider", "arm"]].drop_duplicates().itertuples(index=False)
        if all((str(contract), str(one.provider), str(one.arm)) in known for one in arms):
            continue
        accept = {**rules.get(str(contract), {}), **read.suite.accept}
        try:
            board = leaderboard(takes, read.scores, read.metrics, read.suite.seed, accept=accept, votes=read.votes)
        except NothingMeasured:
            continue
        for one in from_board(board, run, accept):
            own = takes[(takes["arm"] == one.label) & (takes["provider"] == one.provider)]
            yield replace(
                one,
                params=params.get((str(contract), one.label), {}),
                cores=_median(own["cores"]),
                human_minutes=_median(own["human_minutes"]),
            )


def from_board(board: Leaderboard, source: str, accept: Mapping[str, float]) -> list[Evidence]:
    """Of every live arm of a table."""
    scales = {id: scale for id in board.primary if (scale := _scale(board, id))}
    usable = {id: worst for id, worst in accept.items() if any(spec.id == id for spec in board.columns)}
    shares = {} if board.primary else _shares(board)
    found = []
    for row in board.rows:
        if row.role != "arm" or not row.live or not row.made:
            continue
        quality, why = (shares[row.arm], None) if row.arm in shares else _quality(board, row, scales)
        rate = row.acceptance.rate
        known = bool(board.accept) and rate.value is not None
        found.append(
            Evidence(
                board.contract, row.provider, row.arm, source,
                judged=rate.n if known else 0,
                accepted=rate.value * rate.n if known and rate.value is not None else None,
                pace=row.latency.real_time_factor.value,
                each=row.latency.total.value,
                quality=quality,
                unjudged=why,
                basis=(*board.datasets, *(f"{id}, {scale.words}" for id, scale in scales.items()), *_voted_on(shares)),
                passes=_passes(board, row, usable),
            )
        )  # fmt: skip
    return found


def _shares(board: Leaderboard) -> dict[str, float]:
    """The share of votes that each live arm would win against the other ones, by the table's ratings."""
    found = board.voted.preferences if board.voted else None
    rated = {
        row.arm: 10 ** (row.voted.rating.value / 400)
        for row in board.rows
        if row.role == "arm" and row.live and row.voted and row.voted.rating.value is not None
    }
    if found is None or len(rated) < 2:
        return {}

    def won(own: float, other: float) -> float:
        tie = found.tie_parameter * math.sqrt(own * other)
        return (own + tie / 2) / (own + other + tie)

    return {
        arm: sum(won(own, other) for name, other in rated.items() if name != arm) / (len(rated) - 1)
        for arm, own in rated.items()
    }


def _voted_on(shares: Mapping[str, float]) -> tuple[str, ...]:
    return (f"votes between {', '.join(sorted(shares))}",) if shares else ()


@dataclass(frozen=True, slots=True)
class _Scale:
    """The values of a metric that count as 0 and as 1, and whose they are."""

    bottom: float
    top: float
    words: str

    def place(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.bottom) / (self.top - self.bottom)))


def _scale(board: Leaderboard, id: str) -> _Scale | None:
    spec = next(spec for spec in board.columns if spec.id == id)
    if spec.higher_is_better is None:
        return None
    worse = min if spec.higher_is_better else max
    floors = [value for row in board.rows if row.role == "floor" and (value := _level(row, spec)) is not None]
    tops = [value for row in board.rows if row.role == "reference" and (value := _level(row, spec)) is not None]
    bottom = worse(floors) if floors else spec.worst
    top = tops[0] if tops else spec.high if spec.higher_is_better else spec.low
    if bottom is None or top is None or bottom == top or (top > bottom) != spec.higher_is_better:
        return None
    return _Scale(bottom, top, f"{'floor' if floors else 'worst'} to {'reference' if tops else 'best'}")


def _level(row: Row, spec: MetricSpec) -> float | None:
    """With failures at their worst, where the metric has a worst."""
    found = row.with_failures.get(spec.id) or row.values.get(spec.id)
    return found.value if found else None


def _quality(board: Leaderboard, row: Row, scales: Mapping[str, _Scale]) -> tuple[float | None, str | None]:
    if not board.primary:
        return None, "only people's votes judge this stage, and none rates it: filmbench votes --help"
    if not scales:
        return None, f"no floor, reference or bound to lay {board.primary[0]} between"
    places = []
    for spec in board.columns:
        if spec.id in scales:
            value = _level(row, spec)
            if value is None:
                return None, f"{spec.id} was not measured"
            places.append(scales[spec.id].place(value))
    return sum(places) / len(places), None


def _passes(board: Leaderboard, row: Row, accept: Mapping[str, float]) -> bool | None:
    verdicts = []
    for spec in board.columns:
        if spec.id in accept:
            value = _level(row, spec)
            if value is None:
                return None
            verdicts.append(value >= accept[spec.id] if spec.higher_is_better else value <= accept[spec.id])
    return all(verdicts) if verdicts else None


def _median(values: pd.Series) -> float | None:
    known = values.dropna()
    return float(known.astype(float).median()) if len(known) else None


def from_file(path: Path) -> tuple[Evidence, ...]:
    """Of a results file: TOML (or JSON) with ``results``, each ``{contract, arm, quality, source}``.

    ``arm`` is a provider's id; ``label``, ``params``, ``accepted`` and ``judged`` (counts of takes) and ``passes`` may
    stand beside it. ``quality`` is 0..1: a place between floor and reference, or the share of votes won. Raises
    :class:`UsageError` naming the entry.
    """
    hint = (
        'for example: [[results]] contract = "tts", arm = "elevenlabs/eleven_v3", quality = 0.8, source = "listeners"'
    )
    try:
        text = path.read_text(encoding="utf-8-sig")
        held: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{path} cannot be read: {error}", hint) from None
    listed = held.get("results") if isinstance(held, Mapping) else held
    if not isinstance(listed, list) or not listed:
        raise UsageError(f"{path} holds no results", hint)
    return tuple(_entry(path, number, one, hint) for number, one in enumerate(listed, start=1))


_FIELDS = {"contract", "arm", "label", "params", "quality", "source", "accepted", "judged", "passes"}


def _entry(path: Path, number: int, given: Any, hint: str) -> Evidence:
    from filmbench.harness import registry

    def wrong(what: str) -> UsageError:
        return UsageError(f"{path}, result {number}: {what}", hint)

    if not isinstance(given, Mapping):
        raise wrong("is no table")
    if unknown := sorted(set(given) - _FIELDS):
        raise wrong(f"there is no field {unknown[0]!r}")
    if missing := sorted({"contract", "arm", "source"} - set(given)):
        raise wrong(f"{missing[0]} is missing")
    if given["contract"] not in CONTRACTS:
        raise wrong(f"there is no contract {given['contract']!r}")
    spec = registry.providers().get(str(given["arm"])).spec
    if given["contract"] not in spec.contracts:
        raise wrong(f"{spec.id} does not do {given['contract']}")
    quality = given.get("quality")
    if quality is not None and not (_number(quality) and 0 <= quality <= 1):
        raise wrong(f"quality is 0 to 1, not {quality!r}")
    accepted, judged = given.get("accepted"), given.get("judged", 0)
    if accepted is not None and not (_number(accepted) and _number(judged) and 0 <= accepted <= judged and judged >= 1):
        raise wrong(f"accepted {accepted!r} of judged {judged!r} takes cannot be")
    return Evidence(
        str(given["contract"]), spec.id, str(given.get("label", spec.id)), f"{path.name}: {given['source']}",
        params=dict(given.get("params", {})),
        judged=int(judged) if accepted is not None else 0,
        accepted=None if accepted is None else float(accepted),
        quality=None if quality is None else float(quality),
        unjudged="the file gives no quality" if quality is None else None,
        basis=(path.name,),
        passes=given.get("passes"),
    )  # fmt: skip


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def merged(stored: Sequence[Evidence], imported: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The file's word on quality, acceptance and rules goes before the store's; what it leaves open stays."""
    found = {(one.contract, one.provider, one.label): one for one in stored}
    for one in imported:
        key = (one.contract, one.provider, one.label)
        old = found.get(key)
        if old is None:
            found[key] = one
            continue
        told = one.quality is not None
        counted = one.accepted is not None
        found[key] = replace(
            old,
            source=f"{old.source}; {one.source}",
            quality=one.quality if told else old.quality,
            unjudged=one.unjudged if told else old.unjudged,
            basis=one.basis if told else old.basis,
            judged=one.judged if counted else old.judged,
            accepted=one.accepted if counted else old.accepted,
            passes=old.passes if one.passes is None else one.passes,
        )
    return tuple(found.values())
