"""Asking a vendor over the network: one paid POST, polled and fetched, retried only when that is free."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from filmbench.harness.engine.limits import Limiter
from filmbench.harness.engine.outputs import Inbox
from filmbench.harness.protocols import Job, Prepared, Provider, Retry
from filmbench.harness.types import Outcome, Timing, Usage
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential_jitter

MAX_ATTEMPTS = 5
CANCEL_SECONDS = 10.0
_BACKOFF = wait_exponential_jitter(initial=1, max=30)
_OVER: Mapping[str, Outcome] = {
    "refused": Outcome.REFUSED,
    "failed": Outcome.FAILED,
    "cancelled": Outcome.CANCELLED,
}

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended before its media was looked at. ``outcome`` is ``OK`` when it has any."""

    outcome: Outcome
    reason: str | None
    timing: Timing
    usage: Usage | None
    attempts: int


class Ended(Exception):
    """The vendor says that the job is over without a result; ``used`` is what it says that it billed."""

    def __init__(self, outcome: Outcome, reason: str, used: Usage | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.used = used


@dataclass(slots=True)
class Call:
    """One request on its way through one vendor.

    ``job`` is set once the vendor has given ids for the paid work. From then on nothing is submitted again: to poll
    and to fetch are free, so they are repeated by themselves, and nothing about the job is unknown.
    """

    provider: Provider
    limiter: Limiter
    inbox: Inbox
    timeout: float
    journal: Callable[[Job], Awaitable[None]]
    job: Job | None = None
    attempts: int = 0
    waited: float = 0.0
    retried: float = 0.0

    async def ask(self, prepared: Prepared) -> Answer:
        """Submit, poll and fetch, under one slot of the vendor."""
        return await self._answer(lambda: self._submitted(prepared))

    async def adopt(self, job: Job) -> Answer:
        """Poll and fetch a job that an earlier, dead run submitted; nothing is paid."""
        self.job = job
        return await self._answer(lambda: self._collected(job))

    async def _answer(self, work: Callable[[], Awaitable[Usage | None]]) -> Answer:
        try:
            usage = await self._tried(work)
        except Exception as error:  # noqa: BLE001 - whatever a provider raises, it is the one to read it
            verdict = self._read(error)
            self._count(verdict)
            outcome = Outcome.SUBMIT_UNKNOWN if verdict.unknown else verdict.outcome
            if outcome is Outcome.TIMED_OUT:
                await self._cancel()
            used = error.used if isinstance(error, Ended) else None
            return Answer(outcome, verdict.reason, self._timing(None), used, self.attempts)
        self.limiter.answered()
        return Answer(Outcome.OK, None, self._timing(self.inbox.elapsed()), usage, self.attempts)

    async def _tried(self, work: Callable[[], Awaitable[Usage | None]]) -> Usage | None:
        """The first attempt, and more where the vendor certainly did no work."""
        return await self._repeated(lambda: self._attempt(work), lambda error: self._read(error).again)

    async def _free(self, step: Callable[[], Awaitable[_Found]]) -> _Found:
        """A step that costs nothing, taken again while the vendor stumbles over it."""
        return await self._repeated(step, self._stumbled)

    async def _repeated(self, step: Callable[[], Awaitable[_Found]], again: Callable[[Exception], bool]) -> _Found:
        """The first attempt, and more where ``again`` allows; most steps need no more."""
        try:
            return await step()
        except Exception as error:
            if not again(error):
                raise
            await self._sleep(self._pause(error, random.uniform(0.5, 1.5)))  # noqa: S311 - only spreads requests out
        retrying = AsyncRetrying(
            stop=stop_after_attempt(MAX_ATTEMPTS - 1),
            wait=lambda state: self._pause(_error(state), _BACKOFF(state)),
            retry=retry_if_exception(lambda error: isinstance(error, Exception) and again(error)),
            sleep=self._sleep,
            reraise=True,
        )

        async def once() -> _Found:  # tenacity awaits only what is declared async
            return await step()

        found: _Found = await retrying(once)
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
            self.job = job
            await self.journal(job)
        return await self._collected(job)

    async def _collected(self, job: Job) -> Usage | None:
        if not job.ids:  # the call itself answers
            return await self.provider.fetch(job, self.inbox)
        while (progress := await self._free(lambda: self.provider.poll(job))).state in ("queued", "running"):
            await asyncio.sleep(progress.wait)
        if progress.state != "done":
            raise Ended(_OVER[progress.state], progress.reason or f"the vendor says: {progress.state}", progress.used)
        return await self._free(lambda: self._fetched(job))

    async def _fetched(self, job: Job) -> Usage | None:
        self.inbox.forget()
        return await self.provider.fetch(job, self.inbox)

    async def _cancel(self) -> None:
        """Ask the vendor to stop a job that nobody waits for any more."""
        if self.job is not None:
            with suppress(Exception):
                async with asyncio.timeout(CANCEL_SECONDS):
                    await self.provider.cancel(self.job)

    def _read(self, error: Exception) -> Retry:
        if isinstance(error, Ended):
            return Retry(error.outcome, str(error))
        if isinstance(error, TimeoutError) and (self.job or self.inbox.first_byte is not None):
            return Retry(Outcome.TIMED_OUT, f"not whole after {self.timeout:.0f} s")
        verdict = self.provider.classify(error)
        if self.job is not None and (verdict.again or verdict.unknown):
            reason = f"the job was taken, and then: {verdict.reason}"
            return replace(verdict, outcome=Outcome.TIMED_OUT, reason=reason, again=False, unknown=False)
        return verdict

    def _stumbled(self, error: Exception) -> bool:
        if isinstance(error, Ended | TimeoutError):
            return False
        verdict = self.provider.classify(error)
        return verdict.again or verdict.unknown

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
    return {"ids": list(job.ids), "state": dict(job.state), "resources": list(job.resources)}


def job_from(detail: Mapping[str, Any]) -> Job:
    """A job from the journal."""
    return Job(tuple(detail["ids"]), detail["state"], tuple(detail.get("resources", ())))
