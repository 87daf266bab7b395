"""What the engine writes to the ledger, each as one operation of one transaction.

A take passes through ``submitting`` (before the paid POST), ``submitted`` (its remote ids, where the vendor
gives any) and its row in ``takes``. Whoever holds the lease row of (key, epoch) may submit; the lease goes
with the take's row, so a lease without a living owner marks a take that a crash interrupted.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from filmbench.harness.pricing import nano
from filmbench.harness.protocols import Prepared
from filmbench.harness.store import schema
from filmbench.harness.types import Json, Outcome, Take, Usage
from sqlalchemy import Connection, Table, and_, delete, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

LEASE_SECONDS = 60.0


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


def insert_new(connection: Connection, table: Table) -> Any:
    """An insert that leaves existing rows alone, in the connection's dialect."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def begin(connection: Connection, run: str, owner: str, key: str, epoch: int, ceiling: int) -> Begun:
    """Take the lease, reserve ``ceiling`` nano-dollars under the run's cap and journal ``submitting``."""
    taken = _lease(connection, run, owner, key, epoch, ceiling)
    if taken.verdict != "go":
        return taken
    if ceiling and not _reserve(connection, run, ceiling):
        connection.execute(delete(schema.leases).where(_same(schema.leases, key, epoch)))
        return Begun("over")
    note(connection, run, key, epoch, "submitting")
    return taken


def _lease(connection: Connection, run: str, owner: str, key: str, epoch: int, ceiling: int) -> Begun:
    leases, takes = schema.leases, schema.takes
    final = exists().where(_same(takes, key, epoch), takes.c.outcome.not_in(OPEN))
    wanted = insert_new(connection, leases).from_select(
        ["key", "epoch", "owner", "run", "reserved_nano", "expires"],
        select(*map(literal, (key, epoch, owner, run, ceiling, _expiry()))).where(~final),
    )
    if connection.execute(wanted).rowcount == 1:
        return Begun("go")
    held = connection.execute(select(leases).where(_same(leases, key, epoch))).mappings().first()
    if held is None:
        return Begun("made")
    if held["expires"] > time.time() and alive(held["owner"]):
        return Begun("busy")
    connection.execute(update(leases).where(_same(leases, key, epoch)).values(owner=owner, expires=_expiry()))
    last = (
        connection.execute(
            select(schema.journal).where(_same(schema.journal, key, epoch)).order_by(schema.journal.c.id.desc())
        )
        .mappings()
        .first()
    )
    return Begun("adopt", last["state"] if last else None, last["detail"] if last else None)


OPEN = tuple(outcome.value for outcome in Outcome if not outcome.final)


def _reserve(connection: Connection, run: str, ceiling: int) -> bool:
    """One statement, so that no two requests can both pass the cap."""
    runs = schema.runs
    room = runs.c.cap_nano.is_(None) | (runs.c.spent_nano + runs.c.reserved_nano + ceiling <= runs.c.cap_nano)
    taken = update(runs).where(runs.c.id == run, room).values(reserved_nano=runs.c.reserved_nano + ceiling)
    return connection.execute(taken).rowcount == 1


def _expiry() -> float:
    return time.time() + LEASE_SECONDS


def _same(table: Table, key: str, epoch: int) -> Any:
    return and_(table.c.key == key, table.c.epoch == epoch)


def note(connection: Connection, run: str, key: str, epoch: int, state: str, detail: Json = None) -> None:
    """Append one journal entry."""
    row = {"key": key, "epoch": epoch, "run": run, "at": now(), "state": state, "detail": detail}
    connection.execute(schema.journal.insert(), row)


def heartbeat(connection: Connection, owner: str) -> None:
    """Keep this process's leases."""
    connection.execute(update(schema.leases).where(schema.leases.c.owner == owner).values(expires=_expiry()))


def finish(connection: Connection, run: str, take: Take, seconds: float | None, probes: Mapping[str, Json]) -> bool:
    """Write the take's row, give the lease and the reservation back, book what was spent.

    The reservation is settled against the run that made it. Where the vendor gives no bill for a request
    it may have charged, the reserved ceiling counts as spent. Returns whether the bill passed the ceiling.
    """
    leases, takes = schema.leases, schema.takes
    held = connection.execute(
        select(leases.c.run, leases.c.reserved_nano).where(_same(leases, take.request_key, take.epoch))
    ).first()
    connection.execute(delete(takes).where(_same(takes, take.request_key, take.epoch)))
    connection.execute(takes.insert(), take_row(run, take, seconds))
    known = {artifact.sha256: artifact for many in take.artifacts.values() for artifact in many}
    for sha256, artifact in known.items():
        row = {
            "sha256": sha256,
            "media_type": artifact.media_type,
            "bytes": artifact.bytes,
            "probe": probes.get(sha256),
        }
        connection.execute(insert_new(connection, schema.artifacts), row)
    if held is None:
        return False
    connection.execute(delete(leases).where(_same(leases, take.request_key, take.epoch)))
    reserved = held.reserved_nano
    spent = _spent(take, reserved)
    if reserved or spent:
        runs = schema.runs
        connection.execute(
            update(runs)
            .where(runs.c.id == held.run)
            .values(reserved_nano=runs.c.reserved_nano - reserved, spent_nano=runs.c.spent_nano + spent)
        )
    return bool(spent > reserved > 0)


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
    resources = schema.resources
    connection.execute(delete(resources).where(resources.c.id == row))
    expires = None if prepared.expires is None else datetime.fromtimestamp(prepared.expires, UTC).isoformat()
    for resource in prepared.resources:
        kept = {"provider": provider, "resource": resource, "key": key, "run": run}
        connection.execute(resources.insert(), kept | {"intended_at": now(), "expires_at": expires})


def released(connection: Connection, provider: str, resource: str) -> None:
    """The vendor deleted it."""
    table = schema.resources
    same = and_(table.c.provider == provider, table.c.resource == resource)
    connection.execute(update(table).where(same).values(released_at=now()))
