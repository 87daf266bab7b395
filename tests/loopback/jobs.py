"""What the loopback vendors that work by job share: lives of jobs, files with faults, killing the caller.

The paid POST meets the faults of :mod:`loopback.server`. What happens then is scripted too, one word for each time
the vendor is asked:

``life``, by polls      queued running throttled done failed refused cancelled, a status (503, 404), reset
``transfers``, by GETs  ok, a status (404, 503), cut, slow, empty, runaway, deaf (cut, and ranges are not heard),
                        changed (like deaf, and another file afterwards), redirect, away, plain, private

After its script a job is done and a file comes whole. ``kill`` names the moment at which the calling process is
killed: paid, polled or streaming.
"""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections import deque
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from aiohttp import web
from filmbench.harness.media.write import write_video
from loopback.server import KEY, Reject, Speech, Vendor, _reset

RATE = 16_000
SECONDS = 1.0


@cache
def film(seconds: float = SECONDS, shade: int = 0) -> bytes:
    """A small film with sound, as MP4: a bright square wanders over a grey ground."""
    count = int(8 * seconds)
    frames = np.full((count, 48, 64, 3), 90 + shade, np.uint8)
    for number, frame in enumerate(frames):
        frame[10:30, 2 * number : 2 * number + 20] = (220, 180, 40)
    time = np.arange(int(RATE * seconds)) / RATE
    sound = (0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
    with TemporaryDirectory() as folder:
        path, _ = write_video(Path(folder) / "film.mp4", frames, 8, (sound, RATE), comment="machine-made")
        return path.read_bytes()


class JobVendor(Vendor):
    """Base of the loopback vendors that work by job. One writes what :class:`Vendor` asks and the routes of polling."""

    key_header = "Authorization"
    uploads_vanish = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.result, self.result_type, self.ending = film(), "video/mp4", "mp4"
        self.delivered: bytes | None = None  # what the caller makes of the result, where it is not handed on as it is
        self.life: deque[str] = deque()
        self.transfers: deque[str] = deque()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.cancelled: list[str] = []
        self.ranges: list[str] = []
        self.file_headers: list[dict[str, str]] = []
        self.kill: str | None = None

    def begin(self, body: Mapping[str, Any], answer: Any, name: str, id: str) -> Speech:
        """A new job, and the answer to the paid POST."""
        import json

        self.jobs[id] = dict(body)
        return Speech(json.dumps(answer).encode(), "application/json", {}, name)

    @staticmethod
    def new_id() -> str:
        return str(uuid.uuid4())

    async def _stream(self, request: web.Request, speech: Speech, fault: str) -> web.StreamResponse:
        await self._moment(request, "paid")  # it is billed by now, and nobody has heard of it
        return await super()._stream(request, speech, fault)

    async def stand(self, request: web.Request, id: str) -> str:
        """Where the job stands at this poll. Faults of polling are raised."""
        self.authorised(request)
        self.counts.other["polls"] += 1
        if id not in self.jobs:
            raise Reject(404, self.error(404))
        await self._moment(request, "polled")
        word = self.life.popleft() if self.life else "done"
        if word == "reset":
            _reset(request)
            await asyncio.sleep(1)
        if word.isdigit():
            raise Reject(int(word), self.error(int(word)), {"Retry-After": "0.02"})
        return word

    def told(self, body: Any) -> web.Response:
        """The answer to a poll, with the vendor's wish for the next one."""
        return web.json_response(body, headers={"Retry-After": "0.02"})

    def authorised(self, request: web.Request) -> None:
        """Raise the vendor's own 401 where the key is not in its header."""
        given = request.headers.get(self.key_header, "")
        if given.removeprefix("Bearer ").removeprefix("Key ") != KEY:
            raise Reject(401, self.error(401))

    # --- files ---

    def file_url(self, id: str) -> str:
        """Where the job's result lies: on this machine, without the key."""
        return f"{self.url.removesuffix(self.prefix)}/_files/{id}.{self.ending}"

    def moved(self, request: web.Request) -> str:
        """Where a file's address leads on to."""
        return f"{request.path}?again"

    def more(self, app: web.Application) -> None:
        app.router.add_get("/_files/{name}", self._file)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.file_headers.append(dict(request.headers))
        self.counts.other["transfers"] += 1
        word = self.transfers.popleft() if self.transfers else "ok"
        if word.isdigit():
            raise Reject(int(word), {"detail": "no such file"})
        elsewhere = {
            "redirect": self.moved(request),
            "away": "https://vendor.invalid/film.mp4",
            "plain": "http://example.com/film.mp4",
            "private": "https://10.0.0.7/film.mp4",
        }
        if word in elsewhere:
            raise Reject(302, {}, {"Location": elsewhere[word]})
        return await self._send_file(request, word)

    async def _send_file(self, request: web.Request, word: str) -> web.StreamResponse:
        content = self.result[::-1] if word == "changed" else self.result
        wanted, start = request.headers.get("Range"), 0
        if wanted:
            self.ranges.append(wanted)
            start = 0 if word in ("deaf", "changed") else int(wanted.removeprefix("bytes=").removesuffix("-"))
        body = b"" if word == "empty" else content[start:]
        answer = web.StreamResponse(
            status=206 if start else 200, headers={"Content-Type": self.result_type, "ETag": '"1"'}
        )
        if start:
            answer.headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if word != "runaway":
            answer.content_length = len(body)
        await answer.prepare(request)
        half = len(body) // 2
        await answer.write(body[:half])
        await asyncio.sleep(0.05)
        await self._moment(request, "streaming")
        if word == "cut":
            _reset(request)
            return answer
        while word == "runaway":
            await answer.write(content)
        await answer.write(body[half:])
        await answer.write_eof()
        return answer

    # --- killing ---

    async def _moment(self, request: web.Request, moment: str) -> None:
        if self.kill != moment:
            return
        self.kill = None
        os.kill(_caller(request), signal.SIGKILL)
        await asyncio.sleep(0.2)


def _caller(request: web.Request) -> int:
    """The process at the other end of the connection: one that the tests' own process started."""
    import psutil

    assert request.transport is not None
    port = request.transport.get_extra_info("peername")[1]
    for process in psutil.Process().children(recursive=True):
        try:
            if any(link.laddr and link.laddr.port == port for link in process.net_connections("tcp")):
                return process.pid
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
    raise AssertionError("nobody is calling")
