"""A run in the ledger: opened from a plan, resumed by its id, closed with how it ended."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from filmbench.harness.engine import journal
from filmbench.harness.engine.reuse import Reuse, latest_takes
from filmbench.harness.plan import Asked, Plan
from filmbench.harness.pricing import nano
from filmbench.harness.protocols import LocalEngine, Provider
from filmbench.harness.store import schema
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.suite import Suite
from filmbench.harness.types import Outcome, Request, Sample, UsageError
from sqlalchemy import Connection, RowMapping, and_, delete, func, select, update

T = TypeVar("T")
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One planned request and the (key, epoch) under which it is made."""

    asked: Asked
    key: str
    epoch: int


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run's plan with what is still to be made: one key, one epoch and one flag a request, nothing more."""

    id: str
    plan: Plan
    cap: Decimal | None
    keys: bytearray
    epochs: array[int]
    todo: bytearray

    def providers(self) -> tuple[Provider | LocalEngine, ...]:
        """Those asked, in the plan's order."""
        found = {arm.spec.id: arm.provider for task in self.plan.tasks for arm in task.arms}
        return tuple(found.values())

    def pending(self, provider: str) -> Iterator[Item]:
        """What ``provider`` has yet to make, in the plan's order."""
        for ordinal, asked in self.plan.asked(provider):
            if self.todo[ordinal]:
                yield Item(asked, self.keys[32 * ordinal : 32 * ordinal + 32].hex(), self.epochs[ordinal])

    def decide(self, ordinal: int, key: str, epoch: int, cached: bool) -> None:
        """Write down what is to be made of one request."""
        self.keys[32 * ordinal : 32 * ordinal + 32] = bytes.fromhex(key)
        self.epochs[ordinal], self.todo[ordinal] = epoch, not cached

    @property
    def remaining(self) -> int:
        """How many requests were to be made when the run was opened."""
        return sum(self.todo)


def start(ledger: Ledger, plan: Plan, manifest: Mapping[str, Any], cap: Decimal | None, reuse: Reuse) -> OpenRun:
    """Write the whole plan down, deciding for each request which epoch is read or made."""
    id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{plan.suite.name}-{secrets.token_hex(4)}"
    row = {
        "id": id,
        "suite": plan.suite.name,
        "started_at": journal.now(),
        "state": "opening",
        "plan": plan.suite.model_dump(mode="json"),
        "manifest": dict(manifest),
        "cap_nano": None if cap is None else nano(cap),
        "reserved_nano": 0,
        "spent_nano": 0,
    }
    ledger.write_now(lambda c: c.execute(schema.runs.insert(), row))
    run = _blank(id, plan, cap)
    _register_all(ledger, run, reuse)
    return run


def _blank(id: str, plan: Plan, cap: Decimal | None) -> OpenRun:
    size = len(plan)
    return OpenRun(id, plan, cap, bytearray(32 * size), array("l", bytes(8 * size)), bytearray(size))


def _register_all(ledger: Ledger, run: OpenRun, reuse: Reuse) -> None:
    """Write the plan in pieces; only a run whose plan is whole is ``open``."""
    for piece in pieces(run.plan.asked()):
        ledger.write_now(lambda c, piece=piece: _register(c, run, piece, reuse))  # type: ignore[misc]
    opened = update(schema.runs).where(schema.runs.c.id == run.id).values(state="open")
    ledger.write_now(lambda c: c.execute(opened))


def _register(connection: Connection, run: OpenRun, piece: list[tuple[int, Asked]], reuse: Reuse) -> None:
    keys = [asked.request.key() for _, asked in piece]
    latest = latest_takes(connection, keys)
    planned = []
    for (ordinal, asked), key in zip(piece, keys, strict=True):
        epoch, cached = reuse.epoch(latest.get(key))
        run.decide(ordinal, key, epoch, cached)
        arm = {"arm": asked.request.arm.label, "role": asked.arm.spec.role}
        planned.append({"run": run.id, "ordinal": ordinal, "key": key, "epoch": epoch, "cached": cached} | arm)
    requests = {key: request_row(key, asked.request) for (_, asked), key in zip(piece, keys, strict=True)}
    journal.register(connection, requests.values(), planned)


def resume(ledger: Ledger, id: str | None, reuse: Reuse, make: Any) -> OpenRun:
    """Open run ``id`` (the newest when ``None``) where it stopped; ``make`` turns its suite into a plan."""
    with ledger.read() as connection:
        row = _find(connection, id)
        plan: Plan = make(Suite.model_validate(row["plan"]))
        cap = None if row["cap_nano"] is None else Decimal(row["cap_nano"]) / 10**9
        run = _blank(row["id"], plan, cap)
        if row["state"] == "opening":
            return _opened_anew(ledger, run, reuse)
        written = connection.execute(_written(row["id"])).mappings()
        moved = [change for change in _compare(run, written, reuse) if change is not None]
    for piece in pieces(moved):
        ledger.write_now(lambda c, piece=piece: _move(c, run.id, piece))  # type: ignore[misc]
    return run


def _opened_anew(ledger: Ledger, run: OpenRun, reuse: Reuse) -> OpenRun:
    """A run killed while its plan was being written has made nothing yet: write the plan again."""
    ledger.write_now(lambda c: c.execute(delete(schema.planned).where(schema.planned.c.run == run.id)))
    _register_all(ledger, run, reuse)
    return run


def _find(connection: Connection, id: str | None) -> RowMapping:
    runs = schema.runs
    wanted = select(runs).order_by(runs.c.started_at.desc())
    row = connection.execute(wanted if id is None else wanted.where(runs.c.id == id)).mappings().first()
    if row is None:
        raise UsageError(f"there is no run {id!r} in this store" if id else "this store has no run to resume")
    return row


def _written(run: str) -> Any:
    planned, takes = schema.planned, schema.takes
    return (
        select(planned.c.ordinal, planned.c.key, planned.c.epoch, takes.c.outcome, takes.c.made_at)
        .outerjoin(takes, and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch))
        .where(planned.c.run == run)
        .order_by(planned.c.ordinal)
    )


def _compare(run: OpenRun, written: Iterable[RowMapping], reuse: Reuse) -> Iterator[tuple[int, int] | None]:
    """Match the plan made anew with the one on record; give (ordinal, epoch) of those asked again."""
    rows = iter(written)
    for ordinal, asked in run.plan.asked():
        row = next(rows, None)
        if row is None or row["key"] != asked.request.key():
            raise UsageError(
                f"run {run.id} cannot go on: its data, engines or vendors' adapters have changed since",
                "run the suite anew; takes that did not change are not made again",
            )
        latest = None if row["outcome"] is None else row
        epoch, cached = (row["epoch"], False) if latest is None else reuse.epoch(latest)
        run.decide(ordinal, row["key"], epoch, cached)
        yield (ordinal, epoch) if epoch != row["epoch"] else None


def _move(connection: Connection, run: str, piece: list[tuple[int, int]]) -> None:
    planned = schema.planned
    for ordinal, epoch in piece:
        same = and_(planned.c.run == run, planned.c.ordinal == ordinal)
        connection.execute(update(planned).where(same).values(epoch=epoch))


def usable(ledger: Ledger, run: str) -> int:
    """How many planned requests of the run have a usable take, whenever it was made."""
    planned, takes = schema.planned, schema.takes
    counted = (
        select(func.count())
        .select_from(planned.join(takes, and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch)))
        .where(planned.c.run == run, takes.c.outcome == Outcome.OK.value)
    )
    with ledger.read() as connection:
        return int(connection.execute(counted).scalar_one())


def close(ledger: Ledger, run: str, state: str) -> None:
    """Write down how the run ended: ``done`` or ``stopped``."""
    ended = update(schema.runs).where(schema.runs.c.id == run).values(state=state, ended_at=journal.now())
    ledger.write_now(lambda c: c.execute(ended))


def request_row(key: str, request: Request) -> dict[str, Any]:
    """A request as a row of ``requests``."""
    sample = request.sample
    return {
        "key": key,
        "contract": request.contract,
        "dataset": sample.dataset,
        "sample": sample.id,
        "cluster": sample.cluster,
        "language": sample.language,
        "tags": sorted(sample.tags),
        "text": _words(sample),
        "provider": request.arm.provider,
        "params": dict(request.arm.params),
        "endpoint": request.endpoint,
        "identity": dict(request.identity),
        "take": request.take,
    }


_WORDS = ("text", "prompt", "instruction", "keep", "transcript", "script")
"""Roles that say in words what a sample is about, the most telling first."""


def _words(sample: Sample) -> str | None:
    found = (side.get(role) for role in _WORDS for side in (sample.inputs, sample.references))
    return next((words for words in found if isinstance(words, str)), None)


def pieces(items: Iterable[T]) -> Iterator[list[T]]:
    """``items`` in lists of a size that a database takes at once."""
    source = iter(items)
    while piece := list(islice(source, _PIECE)):
        yield piece
