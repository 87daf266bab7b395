"""What the engine writes to the ledger. ``begin`` and ``finish`` take many at once: the writer groups them.

A take passes through ``submitting`` (before the paid POST), ``submitted`` (its remote ids, where the vendor
gives any) and its row in ``takes``. Whoever holds the lease row of (key, epoch) may submit; the lease goes
with the take's row, so a lease without a living owner marks a take that a crash interrupted.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from filmbench.harness.pricing import nano
from filmbench.harness.protocols import Prepared
from filmbench.harness.store import schema
from filmbench.harness.types import Json, Outcome, Take, Usage
from sqlalchemy import Connection, Table, and_, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

LEASE_SECONDS = 60.0
IMPORTED = "imported"
"""State of a take that people made, with all that they said of it; it also stands for the run that made it."""
OPEN = tuple(outcome.value for outcome in Outcome if not outcome.final)

# Built once: making a statement costs more than running it.
_leases, _takes, _runs, _journal = schema.leases, schema.takes, schema.runs, schema.journal
_KEYS: Any = bindparam("keys", expanding=True)
_FINAL = select(_takes.c.key, _takes.c.epoch).where(_takes.c.key.in_(_KEYS), _takes.c.outcome.not_in(OPEN))
_LEASES = select(_leases).where(_leases.c.key.in_(_KEYS))
_RUN = select(_runs.c.cap_nano, _runs.c.spent_nano, _runs.c.reserved_nano).where(_runs.c.id == bindparam("run"))
_SAME_LEASE = and_(_leases.c.key == bindparam("k"), _leases.c.epoch == bindparam("e"))
_TAKE_OVER = update(_leases).where(_SAME_LEASE).values(owner=bindparam("new_owner"), expires=bindparam("new_expires"))
_GIVE_BACK = delete(_leases).where(_SAME_LEASE)
_LAST_ENTRY = (
    select(_journal.c.state, _journal.c.detail)
    .where(_journal.c.key == bindparam("k"), _journal.c.epoch == bindparam("e"))
    .order_by(_journal.c.id.desc())
)
_BOOK = (
    update(_runs)
    .where(_runs.c.id == bindparam("r"))
    .values(
        reserved_nano=_runs.c.reserved_nano + bindparam("reserved"), spent_nano=_runs.c.spent_nano + bindparam("spent")
    )
)


def insert_new(connection: Connection, table: Table) -> Any:
    """An insert that leaves existing rows alone, in the connection's dialect."""
    return _inserts(connection.dialect.name, table)[0]


def replacing(connection: Connection, table: Table) -> Any:
    """An insert that replaces the row of the same primary key, in the connection's dialect."""
    return _inserts(connection.dialect.name, table)[1]


@cache
def _inserts(dialect: str, table: Table) -> tuple[Any, Any]:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    key = [column.name for column in table.primary_key]
    others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in key}
    return insert.on_conflict_do_nothing(), insert.on_conflict_do_update(index_elements=key, set_=others)


def now() -> str:
    """This moment in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def this_process() -> str:
    """A name of this process that a later process with the same pid does not have."""
    import psutil

    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def alive(owner: str) -> bool:
    """Whether the process called ``owner`` may still run; on another host nobody can tell, so yes."""
    import psutil

    host, pid, born = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        return bool(abs(psutil.Process(int(pid)).create_time() - float(born)) < 1.0)
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of asking for the lease.

    ``go``: it is ours, submit. ``adopt``: a dead run left it at ``state`` with ``detail``, go on from there.
    ``busy``: a living run is at it. ``made``: the take exists. ``over``: the cap leaves no room.
    """

    verdict: Literal["go", "adopt", "busy", "made", "over"]
    state: str | None = None
    detail: Json = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A wish for the lease of (key, epoch), with the nano-dollars to reserve under the run's cap."""

    run: str
    owner: str
    key: str
    epoch: int
    ceiling: int


def begin(connection: Connection, asks: Sequence[Ask]) -> list[Begun]:
    """Give each ask its lease and reservation and journal ``submitting``, or say why not."""
    keys = [ask.key for ask in asks]
    made = {(row.key, row.epoch) for row in connection.execute(_FINAL, {"keys": keys})}
    leases = {(row.key, row.epoch): row for row in connection.execute(_LEASES, {"keys": keys})}
    room = {run: _room(connection, run) for run in {ask.run for ask in asks if ask.ceiling}}
    given: dict[tuple[str, int], Ask] = {}
    verdicts = []
    for ask in asks:
        place = (ask.key, ask.epoch)
        if place in made:
            verdicts.append(Begun("made"))
        elif place in given:
            verdicts.append(Begun("busy"))
        elif place in leases:
            verdicts.append(_held(connection, ask, leases[place]))
        elif ask.ceiling and not _fits(room, ask):
            verdicts.append(Begun("over"))
        else:
            given[place] = ask
            verdicts.append(Begun("go"))
    if given:
        _give(connection, list(given.values()))
    return verdicts


def _room(connection: Connection, run: str) -> int | None:
    """What the cap leaves, in nano-dollars; ``None`` without a cap. The row is ours until the commit."""
    row = connection.execute(_RUN, {"run": run}).one()
    return None if row.cap_nano is None else row.cap_nano - row.spent_nano - row.reserved_nano


def _fits(room: dict[str, int | None], ask: Ask) -> bool:
    left = room[ask.run]
    if left is None:
        return True
    if ask.ceiling > left:
        return False
    room[ask.run] = left - ask.ceiling
    return True


def _held(connection: Connection, ask: Ask, lease: Any) -> Begun:
    """Somebody has the lease: wait for them, or take over what a dead run left."""
    if lease.expires > time.time() and alive(lease.owner):
        return Begun("busy")
    mine = {"k": ask.key, "e": ask.epoch}
    connection.execute(_TAKE_OVER, mine | {"new_owner": ask.owner, "new_expires": _expiry()})
    last = connection.execute(_LAST_ENTRY, mine).first()
    return Begun("adopt", last.state, last.detail) if last else Begun("adopt")


def _give(connection: Connection, asks: Sequence[Ask]) -> None:
    expires, at = _expiry(), now()
    connection.execute(
        schema.leases.insert(),
        [
            {
                "key": ask.key,
                "epoch": ask.epoch,
                "owner": ask.owner,
                "run": ask.run,
                "reserved_nano": ask.ceiling,
                "expires": expires,
            }
            for ask in asks
        ],
    )
    connection.execute(
        schema.journal.insert(),
        [{"key": ask.key, "epoch": ask.epoch, "run": ask.run, "at": at, "state": "submitting"} for ask in asks],
    )
    reserved = Counter[str]()
    for ask in asks:
        reserved[ask.run] += ask.ceiling
    _book(connection, {run: (amount, 0) for run, amount in reserved.items()})


def _book(connection: Connection, changes: Mapping[str, tuple[int, int]]) -> None:
    """Add to the reserved and the spent nano-dollars of runs."""
    rows = [{"r": run, "reserved": more, "spent": paid} for run, (more, paid) in changes.items() if more or paid]
    if rows:
        connection.execute(_BOOK, rows)


def _expiry() -> float:
    return time.time() + LEASE_SECONDS


def note(connection: Connection, run: str, key: str, epoch: int, state: str, detail: Json = None) -> None:
    """Append one journal entry."""
    row = {"key": key, "epoch": epoch, "run": run, "at": now(), "state": state, "detail": detail}
    connection.execute(schema.journal.insert(), row)


def heartbeat(connection: Connection, owner: str) -> None:
    """Keep this process's leases."""
    connection.execute(update(schema.leases).where(schema.leases.c.owner == owner).values(expires=_expiry()))


@dataclass(frozen=True, slots=True)
class End:
    """A take to be written, with the length and the probes of its media."""

    run: str
    take: Take
    seconds: float | None
    probes: Mapping[str, Json]


def finish(connection: Connection, ends: Sequence[End]) -> list[bool]:
    """Write each take's row, give its lease and reservation back, book what was spent.

    A reservation is settled against the run that made it. Where the vendor gives no bill for a request it
    may have charged, the reserved ceiling counts as spent. Returns which bills passed their ceilings.
    """
    keys = [end.take.request_key for end in ends]
    leases = {(row.key, row.epoch): row for row in connection.execute(_LEASES, {"keys": keys})}
    connection.execute(replacing(connection, schema.takes), [take_row(end.run, end.take, end.seconds) for end in ends])
    if artifacts := {row["sha256"]: row for end in ends for row in _artifact_rows(end)}:
        connection.execute(insert_new(connection, schema.artifacts), list(artifacts.values()))
    changes: dict[str, tuple[int, int]] = {}
    over = []
    for end in ends:
        lease = leases.get((end.take.request_key, end.take.epoch))
        reserved = lease.reserved_nano if lease else 0
        spent = _spent(end.take, reserved) if lease else 0
        over.append(spent > reserved > 0)
        if lease:
            before = changes.get(lease.run, (0, 0))
            changes[lease.run] = (before[0] - reserved, before[1] + spent)
    if leases:
        connection.execute(_GIVE_BACK, [{"k": end.take.request_key, "e": end.take.epoch} for end in ends])
    _book(connection, changes)
    return over


def _artifact_rows(end: End) -> list[dict[str, Any]]:
    return [
        {
            "sha256": artifact.sha256,
            "media_type": artifact.media_type,
            "bytes": artifact.bytes,
            "probe": end.probes.get(artifact.sha256),
        }
        for many in end.take.artifacts.values()
        for artifact in many
    ]


def _spent(take: Take, reserved: int) -> int:
    if take.billed_usd is not None:
        return nano(take.billed_usd)
    charged = (Outcome.OK, Outcome.INVALID, Outcome.TIMED_OUT, Outcome.SUBMIT_UNKNOWN)
    maybe = take.outcome in charged or (take.outcome is Outcome.FAILED and take.timing.first_byte is not None)
    return reserved if maybe else 0


def take_row(run: str, take: Take, seconds: float | None) -> dict[str, Any]:
    """The take as a row of ``takes``."""
    timing = take.timing
    return {
        "key": take.request_key,
        "epoch": take.epoch,
        "outcome": take.outcome.value,
        "reason": take.reason,
        "artifacts": {
            role: [{"sha256": a.sha256, "media_type": a.media_type, "bytes": a.bytes} for a in many]
            for role, many in take.artifacts.items()
        },
        "seconds": seconds,
        "queue_s": timing.queue,
        "limiter_s": timing.limiter,
        "retry_s": timing.retry,
        "first_byte_s": timing.first_byte,
        "first_content_s": timing.first_content,
        "total_s": timing.total,
        "model_load_s": timing.model_load,
        "usage": usage_json(take.usage),
        "quoted_nano": _nano_or_none(take.quoted_usd),
        "billed_nano": _nano_or_none(take.billed_usd),
        "attempts": take.attempts,
        "live": take.live,
        "answered_model": take.answered_model,
        "human_minutes": take.human_minutes,
        "made_at": take.made_at or now(),
        "run": run,
        "host": take.host,
        "cores": os.cpu_count(),
    }


def usage_json(usage: Usage | None) -> Json:
    """Usage as JSON; amounts stay text, so that none is rounded."""
    if usage is None:
        return None
    return {
        "quantities": {unit: str(amount) for unit, amount in usage.quantities.items()},
        "evidence": usage.evidence,
        "usd": None if usage.usd is None else str(usage.usd),
    }


def _nano_or_none(usd: Decimal | None) -> int | None:
    return None if usd is None else nano(usd)


def register(
    connection: Connection, requests: Iterable[Mapping[str, Any]], planned: Iterable[Mapping[str, Any]]
) -> None:
    """Write a piece of a run's plan."""
    connection.execute(insert_new(connection, schema.requests), list(requests))
    connection.execute(schema.planned.insert(), list(planned))


def intend(connection: Connection, provider: str, key: str, run: str) -> int:
    """Write down that something is about to be made at a vendor; its row's id."""
    row = {"provider": provider, "key": key, "run": run, "intended_at": now()}
    added = connection.execute(schema.resources.insert().returning(schema.resources.c.id), row)
    return int(added.scalar_one())


def made(connection: Connection, row: int, provider: str, key: str, run: str, prepared: Prepared) -> None:
    """Replace an intention by what was really made (nothing, one thing or several)."""
    connection.execute(delete(schema.resources).where(schema.resources.c.id == row))
    left_by(connection, provider, key, run, prepared.resources, prepared.expires)


def left_by(
    connection: Connection, provider: str, key: str, run: str, names: Iterable[str], expires: float | None = None
) -> None:
    """Write down what a request left at a vendor."""
    until = None if expires is None else datetime.fromtimestamp(expires, UTC).isoformat()
    for name in names:
        kept = {"provider": provider, "resource": name, "key": key, "run": run}
        connection.execute(schema.resources.insert(), kept | {"intended_at": now(), "expires_at": until})


def released(connection: Connection, provider: str, resource: str) -> None:
    """The vendor deleted it."""
    table = schema.resources
    same = and_(table.c.provider == provider, table.c.resource == resource)
    connection.execute(update(table).where(same).values(released_at=now()))
