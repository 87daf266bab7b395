"""Engines of this machine, each in a worker process of its own that keeps the model.

A worker is alone while it is timed: engines run one after another, after one warm-up request whose result
is thrown away. A render that hangs or crashes takes its worker along, never the run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

from filmbench.harness.engine.outputs import Inbox
from filmbench.harness.engine.remote import Answer
from filmbench.harness.protocols import LocalEngine, Made, Refusal
from filmbench.harness.types import FREE, Artifact, Outcome, Request, Timing

P = ParamSpec("P")
R = TypeVar("R")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Paths:
    """The media a worker may read: a plain mapping, so that it crosses into another process."""

    by_sha256: Mapping[str, Path]

    def path(self, artifact: Artifact) -> Path:
        """The file of ``artifact``."""
        return self.by_sha256[artifact.sha256]


@dataclass(frozen=True, slots=True)
class _Rendered:
    files: Mapping[str, Made | list[Made]]
    seconds: float


class LocalWorker:
    """One engine in one process. Use as an async context; ``model_load`` is known after :meth:`warm_up`."""

    def __init__(self, engine: LocalEngine, media: Paths, timeout: float) -> None:
        self._engine = engine
        self._media = media
        self._timeout = timeout
        self._pool = self._fresh()
        self.model_load: float | None = None

    async def __aenter__(self) -> LocalWorker:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._kill()

    async def warm_up(self, request: Request) -> None:
        """Load the model, then make ``request`` once for nothing; faults show when it is asked in earnest."""
        try:
            self.model_load = await self._run(_load, self._engine.spec.id)
            with TemporaryDirectory(prefix="filmbench-") as folder:
                await self._run(_render, self._engine.spec.id, request, self._media, Path(folder))
        except (Exception, BrokenProcessPool):  # noqa: BLE001 - told by the timed render that follows
            self._restart()

    async def make(self, request: Request, inbox: Inbox) -> Answer:
        """Render ``request`` and take its files in."""
        with TemporaryDirectory(prefix="filmbench-") as folder:
            inbox.start()
            try:
                rendered = await self._run(_render, self._engine.spec.id, request, self._media, Path(folder))
            except Refusal as error:
                return self._ended(error.outcome, str(error))
            except TimeoutError:
                self._restart()
                return self._ended(Outcome.TIMED_OUT, f"no result after {self._timeout:.0f} s")
            except BrokenProcessPool:
                self._restart()
                return self._ended(Outcome.FAILED, "the engine's process died")
            except Exception as error:  # noqa: BLE001 - an engine may fail in any way; the run goes on
                return self._ended(Outcome.FAILED, f"{type(error).__name__}: {error}")
            for role, made in rendered.files.items():
                for file, media_type in made if isinstance(made, list) else [made]:
                    await receive(inbox, role, file, media_type)
                    inbox.arrivals[role] = [(inbox.received[role][-1].bytes, rendered.seconds)]
        inbox.first_byte = rendered.seconds
        timing = Timing(first_byte=rendered.seconds, total=rendered.seconds, model_load=self.model_load)
        return Answer(Outcome.OK, None, timing, FREE, 1)

    def _ended(self, outcome: Outcome, reason: str) -> Answer:
        return Answer(outcome, reason, Timing(model_load=self.model_load), FREE, 1)

    async def _run(self, function: Callable[P, R], *arguments: P.args, **_: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            return await loop.run_in_executor(self._pool, partial(function, *arguments))

    def _fresh(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def _kill(self) -> None:
        for process in list(self._pool._processes.values()):
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _restart(self) -> None:
        self._kill()
        self._pool = self._fresh()


async def receive(inbox: Inbox, role: str, file: Path, media_type: str) -> None:
    """Take in a file of this machine; it comes whole."""
    async with inbox(role, media_type) as writer:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                await writer.write(chunk)


def _engine(id: str) -> LocalEngine:
    from filmbench.harness import registry

    engine = registry.providers().get(id)
    if not isinstance(engine, LocalEngine):
        raise TypeError(f"{id} does not run on this machine")
    return engine


def _load(id: str) -> float:
    """In the worker: bring the model into memory; seconds it took."""
    start = time.perf_counter()
    _engine(id).load()
    return time.perf_counter() - start


def _render(id: str, request: Request, media: Paths, folder: Path) -> _Rendered:
    """In the worker: one render, timed without its transport."""
    start = time.perf_counter()
    files = _engine(id).render(request, media, folder)
    return _Rendered(files, time.perf_counter() - start)
