"""Asking a vendor over the network: one paid POST, polled and fetched, retried only when that is free."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from filmbench.harness.engine.limits import Limiter
from filmbench.harness.engine.outputs import Inbox
from filmbench.harness.protocols import Job, Prepared, Provider, Retry
from filmbench.harness.types import Outcome, Timing, Usage
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential_jitter

MAX_ATTEMPTS = 5
_BACKOFF = wait_exponential_jitter(initial=1, max=30)
_OVER: Mapping[str, Outcome] = {
    "refused": Outcome.REFUSED,
    "failed": Outcome.FAILED,
    "cancelled": Outcome.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended before its media was looked at. ``outcome`` is ``OK`` when it has any."""

    outcome: Outcome
    reason: str | None
    timing: Timing
    usage: Usage | None
    attempts: int


class Ended(Exception):
    """The vendor says that the job is over without a result."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


@dataclass(slots=True)
class Call:
    """One request on its way through one vendor."""

    provider: Provider
    limiter: Limiter
    inbox: Inbox
    timeout: float
    journal: Callable[[Job], Awaitable[None]]
    attempts: int = 0
    waited: float = 0.0
    retried: float = 0.0

    async def ask(self, prepared: Prepared) -> Answer:
        """Submit, poll and fetch, under one slot of the vendor."""
        return await self._answer(lambda: self._submitted(prepared))

    async def adopt(self, job: Job) -> Answer:
        """Poll and fetch a job that an earlier, dead run submitted; nothing is paid."""
        return await self._answer(lambda: self._collected(job))

    async def _answer(self, work: Callable[[], Awaitable[Usage | None]]) -> Answer:
        try:
            usage = await self._tried(work)
        except Exception as error:  # noqa: BLE001 - whatever a provider raises, it is the one to read it
            verdict = self._read(error)
            self._count(verdict)
            outcome = Outcome.SUBMIT_UNKNOWN if verdict.unknown else verdict.outcome
            return Answer(outcome, verdict.reason, self._timing(None), None, self.attempts)
        self.limiter.answered()
        return Answer(Outcome.OK, None, self._timing(self.inbox.elapsed()), usage, self.attempts)

    async def _tried(self, work: Callable[[], Awaitable[Usage | None]]) -> Usage | None:
        """The first attempt, and more where the vendor certainly did no work; most requests need no more."""
        try:
            return await self._attempt(work)
        except Exception as error:
            if not self._read(error).again:
                raise
            await self._sleep(self._pause(error, random.uniform(0.5, 1.5)))  # noqa: S311 - only spreads requests out
        retrying = AsyncRetrying(
            stop=stop_after_attempt(MAX_ATTEMPTS - 1),
            wait=lambda state: self._pause(_error(state), _BACKOFF(state)),
            retry=retry_if_exception(lambda error: isinstance(error, Exception) and self._read(error).again),
            sleep=self._sleep,
            reraise=True,
        )
        found: Usage | None = await retrying(self._attempt, work)
        return found

    async def _attempt(self, work: Callable[[], Awaitable[Usage | None]]) -> Usage | None:
        async with self.limiter.slot() as waited:
            self.waited += waited
            self.attempts += 1
            self.inbox.start()
            async with asyncio.timeout(self.timeout):
                return await work()

    async def _submitted(self, prepared: Prepared) -> Usage | None:
        job = await self.provider.submit(prepared)
        if job.ids:
            await self.journal(job)
        return await self._collected(job)

    async def _collected(self, job: Job) -> Usage | None:
        while (progress := await self.provider.poll(job)).state in ("queued", "running"):
            await asyncio.sleep(progress.wait)
        if progress.state != "done":
            raise Ended(_OVER[progress.state], progress.reason or f"the vendor says: {progress.state}")
        return await self.provider.fetch(job, self.inbox)

    def _read(self, error: Exception) -> Retry:
        if isinstance(error, Ended):
            return Retry(error.outcome, str(error))
        if isinstance(error, TimeoutError) and self.inbox.first_byte is not None:
            return Retry(Outcome.TIMED_OUT, f"not whole after {self.timeout:.0f} s")
        return self.provider.classify(error)

    def _pause(self, error: Exception, backoff: float) -> float:
        """How long to wait before the next attempt; a rate limit holds back the vendor's other requests too."""
        verdict = self._read(error)
        pause = backoff if verdict.after is None else verdict.after
        if verdict.rate_limited:
            self.limiter.pause(pause)
        return pause

    async def _sleep(self, seconds: float) -> None:
        start = time.perf_counter()
        await asyncio.sleep(seconds)
        self.retried += time.perf_counter() - start

    def _count(self, verdict: Retry) -> None:
        if verdict.outage or verdict.unknown:
            self.limiter.fault()
        else:
            self.limiter.answered()

    def _timing(self, total: float | None) -> Timing:
        return Timing(limiter=self.waited, retry=self.retried, first_byte=self.inbox.first_byte, total=total)


def _error(state: RetryCallState) -> Exception:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Exception)
    return error


def job_json(job: Job) -> dict[str, Any]:
    """A job for the journal."""
    return {"ids": list(job.ids), "state": dict(job.state)}


def job_from(detail: Mapping[str, Any]) -> Job:
    """A job from the journal."""
    return Job(tuple(detail["ids"]), detail["state"])
