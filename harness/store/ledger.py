"""The ledger: one database that holds what was asked, what happened and what it cost.

All writes go through one thread that commits many callers' operations in one durable transaction
(SQLite WAL with ``synchronous=FULL``), so a take costs microseconds of waiting for the disk and yet is on
it before its caller goes on. Reads use connections of their own and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from filmbench.harness.store import schema
from filmbench.harness.types import UsageError, canonical_json
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

R = TypeVar("R")
A = TypeVar("A")
Operation = Callable[[Connection], R]
ManyOperation = Callable[[Connection, Sequence[A]], Sequence[R]]

_BATCH = 256
_LOCK = 0xF11B


class Ledger:
    """An open ledger. ``url`` is a SQLAlchemy URL; ``Ledger.at(folder)`` opens a store's SQLite file.

    One that is ``read_only`` is neither made nor brought up to date, and has no writer.
    """

    def __init__(self, url: str, read_only: bool = False) -> None:
        self.url = url
        self.read_only = read_only
        self.engine = _engine(url, read_only)
        _migrate(self.engine, read_only)
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_for_ever, name="ledger-writer", daemon=True)
        if not read_only:
            self._thread.start()

    @classmethod
    def at(cls, store: Path) -> Ledger:
        """The ledger of a store folder, made when absent; ``FILMBENCH_LEDGER`` may name another database."""
        if url := os.environ.get("FILMBENCH_LEDGER"):
            return cls(url)
        try:
            store.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"the store {store} cannot be made: {error.strerror}", "choose another --store") from None
        return cls(f"sqlite:///{store / 'ledger.db'}")

    @classmethod
    def reading(cls, store: Path) -> Ledger:
        """The ledger of a store that is there, to be read while others write. Raises :class:`UsageError` for none."""
        if url := os.environ.get("FILMBENCH_LEDGER"):
            return cls(url, read_only=True)
        file = store.absolute() / "ledger.db"
        if not file.exists():
            raise UsageError(f"there is no store at {store}", "start a run: filmbench demo")
        # Beside a database in WAL mode SQLite keeps two files of its own; where it cannot, nobody can be writing.
        how = "mode=ro" if os.access(store, os.W_OK) else "immutable=1"
        return cls(f"sqlite:///file:{quote(str(file))}?{how}&uri=true", read_only=True)

    def submit(self, operation: ManyOperation[A, R], argument: A) -> Future[R]:
        """Queue ``argument`` for ``operation``; the future resolves once its transaction is on disk.

        The operation is called once a transaction, with all arguments that callers have queued for it, and
        gives one result an argument.
        """
        future: Future[R] = Future()
        self._enqueue(_Entry(operation, argument, future))
        return future

    async def write_with(self, operation: ManyOperation[A, R], argument: A) -> R:
        """:meth:`submit`, and wait until it is on disk. A caller that is cancelled withdraws what has not begun."""
        waiter: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._enqueue(_Entry(operation, argument, waiter))
        return await waiter

    async def write_for_good(self, operation: ManyOperation[A, R], argument: A) -> R:
        """:meth:`write_with`, but what is queued is written even when the caller is cancelled."""
        waiter: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._enqueue(_Entry(operation, argument, waiter))
        return await asyncio.shield(waiter)

    async def write(self, operation: Operation[R]) -> R:
        """Run ``operation`` in the next grouped transaction and wait until it is on disk."""
        return await self.write_with(_each, operation)

    def write_now(self, operation: Operation[R]) -> R:
        """:meth:`write` for callers without an event loop."""
        return self.submit(_each, operation).result()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees everything committed so far."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Commit what is queued and stop the writer."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self.engine.dispose()

    def _enqueue(self, entry: _Entry) -> None:
        if self.read_only:
            raise RuntimeError("this ledger was opened for reading")
        self._queue.put(entry)

    def _write_for_ever(self) -> None:
        writer = _Writer(self.engine)
        while (first := self._queue.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < _BATCH and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    last = True
                    break
                batch.append(item)
            writer.commit([entry for entry in batch if not entry.future.cancelled()])
            if last:
                break
        writer.close()


@dataclass(frozen=True, slots=True)
class _Entry:
    operation: ManyOperation[Any, Any]
    argument: Any
    future: Future[Any] | asyncio.Future[Any]


def _tell(answers: Sequence[tuple[_Entry, Any]]) -> None:
    """Give results (or exceptions) to those who wait; each event loop is woken once, not once an answer."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Entry, Any]]] = {}
    for entry, answer in answers:
        if isinstance(entry.future, asyncio.Future):
            by_loop.setdefault(entry.future.get_loop(), []).append((entry, answer))
        else:
            _resolve([(entry, answer)])
    for loop, own in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, own)


def _resolve(answers: Sequence[tuple[_Entry, Any]]) -> None:
    for entry, answer in answers:
        if entry.future.done():
            continue
        if isinstance(answer, _Failure):
            entry.future.set_exception(answer.error)
        else:
            entry.future.set_result(answer)


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


def _each(connection: Connection, operations: Sequence[Operation[R]]) -> list[R]:
    """The operation of operations that share nothing: one after the other."""
    return [operation(connection) for operation in operations]


class _Writer:
    """The one connection that writes. A failed transaction costs it its connection, never the thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def commit(self, batch: Sequence[_Entry]) -> None:
        """Commit a batch at once; when that fails, commit its entries one by one, each to its own end."""
        if not batch:
            return
        try:
            results = self._transact(batch)
        except Exception as error:  # noqa: BLE001 - handed to the caller that waits for it
            self.close()
            if len(batch) == 1:
                _tell([(batch[0], _Failure(_explained(error)))])
                return
            for entry in batch:
                self.commit([entry])
            return
        _tell(list(zip(batch, results, strict=True)))

    def _transact(self, batch: Sequence[_Entry]) -> list[Any]:
        groups: dict[ManyOperation[Any, Any], list[int]] = {}
        for number, entry in enumerate(batch):
            groups.setdefault(entry.operation, []).append(number)
        results: list[Any] = [None] * len(batch)
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(writes=True)
        with self._connection.begin():
            for operation, numbers in groups.items():
                found = operation(self._connection, [batch[number].argument for number in numbers])
                for number, result in zip(numbers, found, strict=True):
                    results[number] = result
        return results

    def close(self) -> None:
        """Give the connection up, whatever state a fault left it in."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _explained(error: BaseException) -> Exception:
    """The faults a user can mend, as one sentence; the first fault counts, not that of rolling it back."""
    first = error
    while first.__context__ is not None:
        first = first.__context__
    words = str(first).lower()
    if "disk is full" in words or "no space" in words:
        return UsageError(
            "the disk is full: nothing more can be recorded", "free some space, then: filmbench run --resume"
        )
    if "readonly" in words or "unable to open" in words or "permission" in words:
        return UsageError(
            "the ledger cannot be written (read-only folder)", "choose another --store or mend its rights"
        )
    return error if isinstance(error, Exception) else RuntimeError(str(error))


def _engine(url: str, read_only: bool) -> Engine:
    if not url.startswith("sqlite"):
        return _one_writer_at_a_time(create_engine(url, json_serializer=canonical_json, json_deserializer=json.loads))
    engine = create_engine(url, poolclass=NullPool, json_serializer=canonical_json, json_deserializer=json.loads)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
        connection.execute("PRAGMA busy_timeout=30000")
        if read_only:
            return
        _to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Writers take the lock at once, so that two processes queue instead of failing at the first write.
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL; when two processes do so at once, SQLite refuses one without waiting."""
    from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

    patiently = Retrying(
        retry=retry_if_exception_type(sqlite3.OperationalError),
        stop=stop_after_delay(10),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    )
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        patiently(connection.execute, "PRAGMA journal_mode=WAL")


def _one_writer_at_a_time(engine: Engine) -> Engine:
    """On PostgreSQL a lock does what SQLite's BEGIN IMMEDIATE does: leases and caps are decided one by one."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


def _migrate(engine: Engine, read_only: bool) -> None:
    """Make a new ledger, bring an older one up to date, refuse one from a newer filmbench."""
    try:
        with engine.connect() as connection:
            known = inspect(connection).has_table("alembic_version")
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
        if found == schema.REVISION:
            return
        if found is not None and found > schema.REVISION:
            raise UsageError(
                f"this ledger was written by a newer filmbench (schema {found}, this one knows {schema.REVISION})",
                "update filmbench, or choose another --store",
            )
        if read_only:
            raise UsageError(
                f"{engine.url.database} is from an older filmbench, or none of its ledgers", "filmbench table mends it"
            )
        _upgrade(engine)
    except OperationalError as error:
        explained = _explained(error)
        if isinstance(explained, UsageError):
            raise explained from None
        raise UsageError(f"the ledger {engine.url} cannot be opened: {error.orig}") from None
    except DatabaseError as error:
        raise UsageError(
            f"{engine.url.database} is not a filmbench ledger: {error.orig}", "choose another --store"
        ) from None


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
