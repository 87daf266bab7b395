"""A film's stages are asked as benchmarks are: samples, arms, the engine, the ledger, content-addressed artifacts.

A wish is one question to one provider. Its request's key is of its content, so that a wish that was granted in any
earlier run is taken from the store, and a changed line asks for one new take and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.harness import manifest, plan, runner
from filmbench.harness.contracts import contract
from filmbench.harness.dataset import Dataset
from filmbench.harness.engine import runs
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.store import Store, schema
from filmbench.harness.suite import ArmEntry, Suite, TaskEntry
from filmbench.harness.types import (
    Artifact,
    BudgetStop,
    FilmbenchError,
    NothingMeasured,
    Outcome,
    Sample,
    VendorOutage,
    canonical_json,
    digest,
)
from sqlalchemy import and_, select

PATIENCE = 600.0
"""Seconds that one take may need: a stage of a film is larger than a benchmark's line."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing a stage is asked for; ``id`` is the asker's own name for it."""

    id: str
    contract: str
    provider: str
    inputs: Mapping[str, str | Artifact]
    params: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None

    def sample(self, dataset: str) -> Sample:
        """As a dataset's item. Faces are drawn and voices synthetic, so nobody's consent is needed."""
        return Sample(
            self.id, dataset, dict(self.inputs), language=self.language, tags=frozenset({"synthetic", "drawn"})
        )


@dataclass(frozen=True, slots=True)
class Granted:
    """How a wish ended. ``fresh`` says that this production made the take; ``seconds`` is the work's own time."""

    wish: Wish
    key: str
    epoch: int
    outcome: Outcome
    reason: str | None
    artifacts: Mapping[str, tuple[Artifact, ...]]
    billed: Decimal | None
    seconds: float | None
    model: str | None
    fresh: bool

    @property
    def ok(self) -> bool:
        """Whether there is something to use."""
        return self.outcome is Outcome.OK

    def one(self, role: str) -> Artifact:
        """The artifact of ``role``."""
        return self.artifacts[role][0]


@dataclass(slots=True)
class Stages:
    """The stages of one production: what was asked, what it cost, under one cap. ``watch`` hears of every take."""

    store: Store
    watch: runner.Watcher
    cap: Decimal | None = None
    seed: int = 0
    granted: list[Granted] = field(default_factory=list)

    def ask(self, stage: str, wishes: Sequence[Wish]) -> dict[str, Granted]:
        """Every wish with its end, by id. ``stage`` names the run in the ledger.

        Raises :class:`BudgetStop` when the cap is reached, ``KeyboardInterrupt`` when it was told to stop.
        """
        if not wishes:
            return {}
        made = self._plan(stage, wishes)
        left = self._left()
        if left is not None:
            runner.priced_throughout(made)
        run = runs.start(self.store.ledger, made, manifest.build(made, book()), left, Reuse(retry_errors=True))
        fresh = {item for provider in run.providers() for item in _todo(run, provider.spec.id)}
        engine = runner.make(self.store, run, self.watch)
        if engine.stopping:
            raise KeyboardInterrupt
        if engine.tally.outcomes.get(Outcome.BUDGET_STOP):
            raise BudgetStop(f"the spend cap stopped the {stage} of the film", "raise --cap and give the command again")
        found = self._read(run.id, made, wishes, fresh)
        self.granted += found.values()
        return found

    def need(self, stage: str, wishes: Sequence[Wish]) -> dict[str, Granted]:
        """:meth:`ask`, for what the film cannot be without. Raises with the first reason why one is missing."""
        found = self.ask(stage, wishes)
        for granted in found.values():
            if not granted.ok:
                raise _missing(granted)
        return found

    def path(self, artifact: Artifact) -> Path:
        """A local file of ``artifact``."""
        return self.store.artifacts.path(artifact)

    def _left(self) -> Decimal | None:
        if self.cap is None:
            return None
        spent = sum((one.billed for one in self.granted if one.fresh and one.billed), Decimal(0))
        return max(Decimal(0), self.cap - spent)

    def _plan(self, stage: str, wishes: Sequence[Wish]) -> plan.Plan:
        groups: dict[str, list[Wish]] = {}
        for wish in wishes:
            place = canonical_json({"c": wish.contract, "p": wish.provider, "a": dict(wish.params)})
            groups.setdefault(place, []).append(wish)
        tasks = [self._task(stage, group) for group in groups.values()]
        entries = tuple(entry for entry, _ in tasks)
        suite = Suite(name=f"film-{stage}", seed=self.seed, timeout=PATIENCE, tasks=entries)
        return plan.Plan(suite, tuple(plan.task(suite, entry, data) for entry, data in tasks))

    def _task(self, stage: str, wishes: Sequence[Wish]) -> tuple[TaskEntry, Dataset]:
        first = wishes[0]
        version = digest([[wish.id, wish.sample("").content()] for wish in wishes])[:12]
        name = f"film-{stage}"
        given = [value for wish in wishes for value in wish.inputs.values() if isinstance(value, Artifact)]
        data = Dataset(
            name=name,
            version=version,
            title=f"What a film asks of its {stage}",
            licence="the film's own",
            attribution="",
            card="",
            contract=first.contract,
            human_reference=False,
            samples=tuple(wish.sample(f"{name}@{version}") for wish in wishes),
            sha256=digest([wish.sample("").content() for wish in wishes]),
            media={artifact.sha256: self.path(artifact) for artifact in given},
        )
        arm = ArmEntry(provider=first.provider, params=dict(first.params))
        return TaskEntry(contract=first.contract, dataset=data.ref, arms=(arm,)), data

    def _read(
        self, run: str, made: plan.Plan, wishes: Sequence[Wish], fresh: set[tuple[str, int]]
    ) -> dict[str, Granted]:
        planned, takes = schema.planned, schema.takes
        wanted = (
            select(
                planned.c.ordinal, planned.c.key, planned.c.epoch,
                *[column for column in takes.c if column.name not in ("key", "epoch")],
            )
            .outerjoin(takes, and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch))
            .where(planned.c.run == run)
        )  # fmt: skip
        with self.store.ledger.read() as connection:
            rows = {row["ordinal"]: row for row in connection.execute(wanted).mappings()}
        by_id = {wish.id: wish for wish in wishes}
        found: dict[str, Granted] = {}
        for ordinal, asked in made.asked():
            row = rows[ordinal]
            wish = by_id[asked.request.sample.id]
            found[wish.id] = _granted(wish, row, (row["key"], row["epoch"]) in fresh)
        return found


def _todo(run: runs.OpenRun, provider: str) -> Iterable[tuple[str, int]]:
    return [(item.key, item.epoch) for item in run.pending(provider)]


def _granted(wish: Wish, row: Mapping[Any, Any], fresh: bool) -> Granted:
    outcome = Outcome(row["outcome"]) if row["outcome"] else Outcome.CANCELLED
    many = row["artifacts"] or {}
    return Granted(
        wish=wish,
        key=row["key"],
        epoch=row["epoch"],
        outcome=outcome,
        reason=row["reason"],
        artifacts={role: tuple(_artifact(one) for one in ones) for role, ones in many.items()},
        billed=from_nano(row["billed_nano"]) if row["billed_nano"] is not None else None,
        seconds=row["total_s"],
        model=row["answered_model"],
        fresh=fresh,
    )


def _artifact(record: Mapping[str, Any]) -> Artifact:
    return Artifact(record["sha256"], record["media_type"], record["bytes"])


def _missing(granted: Granted) -> FilmbenchError:
    wish = granted.wish
    what = contract(wish.contract).title.lower()
    said = f"{wish.provider} gave no {what} for {wish.id} ({granted.outcome}: {granted.reason})"
    kind = VendorOutage if granted.outcome in (Outcome.CANCELLED, Outcome.TIMED_OUT) else NothingMeasured
    return kind(said, "what is done is kept; mend that, or choose another provider, and give the command again")
