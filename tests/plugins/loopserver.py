"""The vendor behind ``loop/*``: counts every paid POST, and can kill its caller at a chosen moment.

``python loopserver.py`` prints its port. ``POST /_script`` sets ``{"kill": moment, "status": [codes…],
"delay": seconds, "body": what}``; ``GET /_counts`` gives paid POSTs by text and take.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import soundfile
from aiohttp import web


@cache
def speech(seconds: float = 1.0, rate: int = 16_000) -> bytes:
    """A tone, as a WAV file."""
    time = np.arange(int(seconds * rate)) / rate
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.3 * np.sin(2 * np.pi * 220 * time), rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


class Vendor:
    """State of one server."""

    def __init__(self) -> None:
        self.paid: Counter[str] = Counter()
        self.jobs: dict[str, int] = {}
        self.script: dict[str, Any] = {}
        self.speech = speech()

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/_script", self.set_script),
                web.get("/_counts", self.counts),
                web.post("/jobs", self.submit),
                web.get("/jobs/{id}", self.poll),
                web.get("/jobs/{id}/audio", self.audio),
                web.post("/speak", self.speak),
            ]
        )
        return app

    async def set_script(self, request: web.Request) -> web.Response:
        self.script = await request.json()
        self.paid.clear()
        return web.Response()

    async def counts(self, request: web.Request) -> web.Response:
        return web.json_response(dict(self.paid))

    def _body(self) -> bytes:
        """The speech, or what the script puts in its place."""
        match self.script.get("body"):
            case "short":
                return speech(0.2, 8_000)
            case "text":
                return b"I am sorry, Dave. I am afraid I cannot speak that.\n" * 40
            case "silent":
                return self.speech[:44] + bytes(len(self.speech) - 44)
            case "truncated":
                return self.speech[: len(self.speech) // 3]
            case "empty":
                return b""
            case _:
                return self.speech

    async def _moment(self, request: web.Request, moment: str) -> None:
        if self.script.get("kill") == moment:
            self.script.pop("kill")
            os.kill(int(request.headers["X-Pid"]), signal.SIGKILL)
            await asyncio.sleep(0.2)

    def _refuses(self) -> int | None:
        codes = self.script.get("status") or []
        return codes.pop(0) if codes else None

    async def _pay(self, request: web.Request) -> str:
        body = await request.json()
        await asyncio.sleep(self.script.get("delay", 0))
        name = f"{body['text']}#{body['take']}"
        self.paid[name] += 1
        return name

    async def submit(self, request: web.Request) -> web.Response:
        if code := self._refuses():
            return web.Response(status=code)
        name = await self._pay(request)
        await self._moment(request, "paid")
        id = f"job-{len(self.jobs)}"
        self.jobs[id] = len(name.rsplit("#", 1)[0])
        return web.json_response({"id": id})

    async def poll(self, request: web.Request) -> web.Response:
        await self._moment(request, "polled")
        return web.json_response({"state": "done"})

    async def audio(self, request: web.Request) -> web.StreamResponse:
        return await self._send(request, self.jobs[request.match_info["id"]])

    async def speak(self, request: web.Request) -> web.StreamResponse:
        if code := self._refuses():
            return web.Response(status=code)
        name = await self._pay(request)
        await self._moment(request, "paid")
        return await self._send(request, len(name.rsplit("#", 1)[0]))

    async def _send(self, request: web.Request, characters: int) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"X-Billed-Characters": str(characters)})
        await answer.prepare(request)
        body = self._body()
        half = len(body) // 2
        await answer.write(body[:half])
        await self._moment(request, "streaming")
        await answer.write(body[half:])
        await answer.write_eof()
        return answer


async def _serve() -> None:
    runner = web.AppRunner(Vendor().app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
