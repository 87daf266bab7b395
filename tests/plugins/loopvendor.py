"""A third party's plug-in, as one would write it: a vendor on this machine, by job and by one call.

``loop/job`` gives an id that can be asked again; ``loop/call`` answers the paid POST with the audio. Both
speak real HTTP to :mod:`loopserver`. Found through the entry points of the folder beside this file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal

import aiohttp
from filmbench.harness.protocols import Job, Media, OneCall, Prepared, Progress, ProviderSpec, Retry, Sink
from filmbench.harness.types import Outcome, Quote, Request, Usage
from loopserver import speech


class Answered(Exception):
    """The vendor answered with an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass
class _Loop:
    spec: ProviderSpec
    session: aiohttp.ClientSession | None = field(default=None, repr=False)

    def http(self) -> aiohttp.ClientSession:
        if self.session is None or self.session.closed:
            self.session = aiohttp.ClientSession(
                headers={"X-Pid": str(os.getpid())}, connector=aiohttp.TCPConnector(limit=0)
            )
        return self.session

    async def aclose(self) -> None:
        if self.session:
            await self.session.close()

    async def quote(self, request: Request, live: bool = False) -> Quote:
        use = Usage({"character": Decimal(len(request.sample.text()))}, "text length")
        return Quote(use, use)

    async def prepare(self, request: Request, media: Media) -> Prepared:
        return Prepared({"url": request.endpoint, "text": request.sample.text(), "take": request.take})

    def classify(self, error: BaseException) -> Retry:
        if isinstance(error, aiohttp.ClientConnectorError):
            return Retry(Outcome.FAILED, "the vendor cannot be reached", again=True, outage=True)
        if isinstance(error, Answered):
            busy = error.status == 429
            outage = error.status >= 500
            return Retry(
                Outcome.FAILED,
                str(error),
                again=busy or outage,
                rate_limited=busy,
                outage=outage,
                after=0.05 if busy or outage else None,
            )
        return Retry(Outcome.FAILED, f"{type(error).__name__}: {error}", unknown=True)

    async def _stream(self, answer: aiohttp.ClientResponse, sink: Sink) -> Usage:
        if answer.status != 200:
            raise Answered(answer.status)
        async with sink("speech", "audio/wav") as writer:
            async for chunk in answer.content.iter_any():
                await writer.write(chunk)
        return Usage({"character": Decimal(answer.headers["X-Billed-Characters"])}, "header", answered_model="loop-1")


class LoopJob(_Loop):
    """Submit, poll, fetch."""

    async def submit(self, prepared: Prepared) -> Job:
        async with self.http().post(f"{prepared.payload['url']}/jobs", json=dict(prepared.payload)) as answer:
            if answer.status != 200:
                raise Answered(answer.status)
            return Job(((await answer.json())["id"],), {"url": prepared.payload["url"]})

    async def poll(self, job: Job) -> Progress:
        async with self.http().get(f"{job.state['url']}/jobs/{job.ids[0]}") as answer:
            return Progress((await answer.json())["state"], wait=0.02)

    async def fetch(self, job: Job, sink: Sink) -> Usage:
        async with self.http().get(f"{job.state['url']}/jobs/{job.ids[0]}/audio") as answer:
            return await self._stream(answer, sink)

    async def cancel(self, job: Job) -> None:
        return None

    async def release(self, resource: str) -> None:
        return None


class LoopCall(_Loop, OneCall):
    """One call."""

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage:
        async with self.http().post(f"{prepared.payload['url']}/speak", json=dict(prepared.payload)) as answer:
            return await self._stream(answer, sink)


class LoopZero(_Loop, OneCall):
    """Answers at once, without a network: what is left is the engine's own work."""

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage:
        async with sink("speech", "audio/wav") as writer:
            await writer.write(speech(0.2, 8_000))
        return Usage({"character": Decimal(1)}, "none")


def _spec(model: str, resumable: bool) -> ProviderSpec:
    return ProviderSpec(
        id=f"loop/{model}",
        contracts=("tts",),
        title=f"Loopback vendor, by {model}",
        revision="1",
        licence="none",
        resumable=resumable,
        concurrency=int(os.environ.get("LOOP_CONCURRENCY", "3")),
        default_endpoint="http://127.0.0.1:1",
    )


PROVIDERS = (LoopJob(_spec("job", True)), LoopCall(_spec("call", False)), LoopZero(_spec("zero", False)))
