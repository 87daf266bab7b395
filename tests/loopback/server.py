"""What every loopback vendor shares: counting, scripted faults, streaming, and a way to run as a program.

A loopback vendor enforces its contract over real HTTP on this machine. Faults are scripted by name and met,
one each, by the next speech requests that pass the contract:

    401 402 403 404 410 422 500 502 503 504   the vendor's own error body
    429, 429:7          too many requests, with Retry-After seconds
    503:date            with Retry-After as an HTTP date two seconds ahead
    redirect            307 to another host
    reset               the connection is reset, nothing answered (the work was done and billed)
    hang                silence until the client gives up
    cut                 half of the audio, then the connection is reset
    stall               half of the audio, then silence
    slow                the audio spread over about half a second
    empty               200 without a byte
    runaway             audio without an end
    ok                  no fault (to place one later)

Below the vendor's address, ``GET _counts`` tells what happened, ``POST _script`` takes a JSON list of faults and
``POST _reset`` forgets both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from loopback.audio import speak

KEY = "loopback-key-7Q2x9"


class Reject(Exception):
    """The vendor turns the request down: status and error body."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, dict(headers or {})


@dataclass(frozen=True)
class Speech:
    """A good answer: what is streamed, how it is labelled, what it costs."""

    audio: bytes
    media_type: str
    headers: Mapping[str, str]
    text: str


@dataclass
class Counts:
    """What a vendor saw. ``posts``: speech requests received. ``billed``: those it did the work for."""

    posts: int = 0
    billed: int = 0
    answered_whole: int = 0
    most_at_once: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    billed_texts: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}


class Vendor:
    """Base of the loopback vendors.

    A vendor sets ``paths`` below ``prefix`` and writes ``speech``, ``error`` and maybe ``more``.
    """

    name = "vendor"
    prefix = ""
    paths: tuple[str, ...] = ()

    def __init__(
        self,
        delay: float = 0.0,
        pace: float = 0.0,
        chunk: int = 4096,
        concurrency: int | None = None,
        say: str | None = None,
    ) -> None:
        """``say`` is spoken instead of what was asked, so that many requests cost one synthesis."""
        self.delay, self.pace, self.chunk, self.concurrency, self.say = delay, pace, chunk, concurrency, say
        self.counts = Counts()
        self.script: deque[str] = deque()
        self.requests: list[dict[str, Any]] = []
        self.redirect_to = "http://127.0.0.1:9/elsewhere"
        self._at_once = 0
        self.url = ""

    # --- what a vendor writes ---

    async def speech(self, request: web.Request, body: Any) -> Speech:
        """Check the request as the vendor does; raise :class:`Reject` or give the answer."""
        raise NotImplementedError

    def error(self, status: int) -> Any:
        """The vendor's own body for an error that was scripted."""
        raise NotImplementedError

    def more(self, app: web.Application) -> None:
        """Add the vendor's other routes."""

    async def spoken(self, text: str, codec: str, rate: int, bit_rate: int = 128_000, language: str = "en") -> bytes:
        """The text as encoded audio, off the event loop."""
        return await asyncio.to_thread(speak, self.say or text, codec, rate, bit_rate, language)

    # --- serving ---

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024**2, middlewares=[self._rejections])
        for path in self.paths:
            app.router.add_post(self.prefix + path, self._serve)
        self.more(app)
        app.router.add_get(f"{self.prefix}/_counts", self._tell)
        app.router.add_post(f"{self.prefix}/_script", self._take_script)
        app.router.add_post(f"{self.prefix}/_reset", self._forget)
        return app

    @web.middleware
    async def _rejections(self, request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            return await handler(request)
        except Reject as rejected:
            self.counts.rejected[str(rejected.status)] += 1
            return web.json_response(rejected.body, status=rejected.status, headers=rejected.headers)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.counts.posts += 1
        self._at_once += 1
        self.counts.most_at_once = max(self.counts.most_at_once, self._at_once)
        try:
            return await self._answer(request)
        finally:
            self._at_once -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = None
        if request.content_type != "multipart/form-data":  # a form is for the vendor to read
            with suppress(ValueError):
                body = json.loads(await request.read())
        self.requests.append({"path": request.path_qs, "headers": dict(request.headers), "body": body})
        speech = await self.speech(request, body)
        if self.concurrency is not None and self._at_once > self.concurrency:
            raise Reject(429, self.error(429))
        fault = self.script.popleft() if self.script else "ok"
        self._refuse(fault)
        self.counts.billed += 1
        self.counts.billed_texts[speech.text] += 1
        if fault == "reset":
            _reset(request)
            return web.Response()
        await asyncio.sleep(3600 if fault == "hang" else self.delay)
        return await self._stream(request, speech, fault)

    def _refuse(self, fault: str) -> None:
        """Raise the answer of a fault that is one; nothing was billed then."""
        status, _, detail = fault.partition(":")
        if fault == "redirect":
            raise Reject(307, {}, {"Location": self.redirect_to})
        if not status.isdigit():
            return
        after = {}
        if detail == "date":
            after = {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)}
        elif detail:
            after = {"Retry-After": detail}
        raise Reject(int(status), self.error(int(status)), after)

    async def _stream(self, request: web.Request, speech: Speech, fault: str) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": speech.media_type, **speech.headers})
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        async for chunk in self._chunks(speech.audio, fault):
            await answer.write(chunk)
        if fault == "cut":
            await asyncio.sleep(0.02)
            _reset(request)
            return answer
        if fault == "stall":
            await asyncio.sleep(3600)
        await answer.write_eof()
        self.counts.answered_whole += 1
        return answer

    async def _chunks(self, audio: bytes, fault: str) -> AsyncIterator[bytes]:
        if fault == "empty":
            return
        while fault == "runaway":
            yield audio
        if fault in ("cut", "stall"):
            audio = audio[: len(audio) // 2]
        size = max(len(audio) // 10, 64) if fault == "slow" else self.chunk
        for start in range(0, len(audio), size):
            yield audio[start : start + size]
            await asyncio.sleep(0.05 if fault == "slow" else self.pace)

    async def _tell(self, _: web.Request) -> web.Response:
        return web.json_response(self.counts.as_json())

    async def _take_script(self, request: web.Request) -> web.Response:
        self.script.extend(await request.json())
        return web.json_response({"waiting": list(self.script)})

    async def _forget(self, _: web.Request) -> web.Response:
        self.reset()
        return web.json_response({})

    def reset(self) -> None:
        """Forget counts, requests and scripted faults."""
        self.counts = Counts()
        self.requests.clear()
        self.script.clear()


def _reset(request: web.Request) -> None:
    """Tear the connection down without a word, as a crashed server or a broken line does."""
    if request.transport is not None:
        request.transport.abort()


def expect_json(body: Any, error: Any) -> dict[str, Any]:
    """The body as an object; ``error`` is the vendor's answer when it is none."""
    if not isinstance(body, dict):
        raise Reject(*error)
    return body


@asynccontextmanager
async def running(vendor: Vendor, port: int = 0) -> AsyncIterator[Vendor]:
    """Serve ``vendor`` on 127.0.0.1; its ``url`` is set while the block runs."""
    runner = web.AppRunner(vendor.app(), access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}{vendor.prefix}"
    try:
        yield vendor
    finally:
        await runner.cleanup()


def main(kind: type[Vendor]) -> None:
    """Serve one vendor as a program until it is killed; the first line of output is its address."""
    parser = argparse.ArgumentParser(description=f"loopback {kind.name}")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the first byte")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between chunks")
    parser.add_argument("--chunk", type=int, default=4096, help="bytes a chunk")
    parser.add_argument("--concurrency", type=int, help="answer 429 above so many at once")
    parser.add_argument("--say", help="speak this instead of what is asked")
    parser.add_argument("--script", nargs="*", default=[], help="faults for the first requests")
    options = parser.parse_args()

    async def serve() -> None:
        vendor = kind(options.delay, options.pace, options.chunk, options.concurrency, options.say)
        vendor.script.extend(options.script)
        async with running(vendor, options.port):
            print(vendor.url, flush=True)
            await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
