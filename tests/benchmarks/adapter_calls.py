"""CPU of calls through one vendor's adapter, and of as many bare aiohttp calls; the vendor is another process.

``python adapter_calls.py NAME CALLS`` prints one line of JSON. ``… NAME serve`` is the vendor: its
loopback server without a delay, with ``/_plain`` beside it, which answers with as many bytes as it is asked for, and
``/_seen``, which tells how many requests came.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web
from filmbench.harness.types import Arm, Request, Sample
from loopback.jobrig import JOBS, JobCase, environment, sample_of
from loopback.rig import CASES as VOICES
from loopback.rig import PICTURES, Case, Files, Sink, request_for
from loopback.server import KEY, running

CASES: dict[str, Case | JobCase] = {
    **{case.name: case for case in (*VOICES, *JOBS)},
    **{f"{case.name}-pictures": case for case in PICTURES},
}


async def serve(case: Case | JobCase) -> None:
    """Serve until killed; the first line of output is the address."""
    seen = 0

    @web.middleware
    async def count(request: web.Request, handler: Any) -> web.StreamResponse:
        nonlocal seen
        seen += not request.path.startswith("/_plain") and request.path != "/_seen"
        return await handler(request)

    async def plain(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=bytes(int(request.query["bytes"])))

    async def tell(_: web.Request) -> web.Response:
        return web.json_response(seen)

    server = case.server(**({} if isinstance(case, JobCase) else {"say": "Hello."}))
    make = server.app

    def app() -> web.Application:
        made = make()
        made.middlewares.insert(0, count)
        made.router.add_post("/_plain", plain)
        made.router.add_get("/_seen", tell)
        return made

    server.app = app
    async with running(server):
        print(json.dumps([server.url, server.url.removesuffix(server.prefix)]), flush=True)
        await asyncio.Event().wait()


def asked(case: Case | JobCase, provider: Any, url: str, folder: Path) -> tuple[Request, Files]:
    """One request of the case, always the same: what it uploads is uploaded once."""
    if isinstance(case, JobCase):
        sample, files = sample_of(case, folder)
        return Request(case.contract, sample, Arm(provider.spec.id, "arm", case.params), {"adapter": "1"}, url), files
    if case in PICTURES:
        sample = Sample("s1", "test", {"prompt": "A harbour at night", "size": "256x256"})
        return Request("background", sample, Arm(provider.spec.id, "arm", {}), {"adapter": "1"}, url), Files({})
    return request_for(provider, url), Files({})


async def called(provider: Any, request: Request, files: Files) -> int:
    """One call as the engine makes it; bytes that came."""
    job = await provider.submit(await provider.prepare(request, files))
    while (step := await provider.poll(job)).state in ("queued", "running"):
        await asyncio.sleep(step.wait)
    assert step.state == "done", step.reason
    sink = Sink()
    await provider.fetch(job, sink)
    return sum(len(one.content) for one in sink.received)


async def cpu_ms(work: Callable[[], Awaitable[Any]], calls: int) -> float:
    """Milliseconds of this process's CPU a call, after one to warm up."""
    await work()
    start = time.process_time()
    for _ in range(calls):
        await work()
    return 1000 * (time.process_time() - start) / calls


async def measure(case: Case | JobCase, calls: int, url: str, root: str, folder: Path) -> dict[str, float]:
    """The adapter, then aiohttp alone, against the server at ``url``."""
    provider = case.provider()
    request, files = asked(case, provider, url, folder)
    size = await called(provider, request, files)
    async with aiohttp.ClientSession() as session:

        async def seen() -> int:
            async with session.get(f"{root}/_seen") as answer:
                return int(await answer.json())

        async def post(bytes: int) -> None:
            async with session.post(f"{root}/_plain?bytes={bytes}", json={"text": "Hello."}) as answer:
                async for _ in answer.content.iter_any():
                    pass

        before = await seen()
        adapter = await cpu_ms(lambda: called(provider, request, files), calls)
        requests = (await seen() - before) / (calls + 1)

        async def bare() -> None:
            for _ in range(round(requests) - 1):
                await post(200)
            await post(size)

        alone = await cpu_ms(bare, calls)
    await provider.aclose()
    return {"calls": calls, "adapter_ms": adapter, "bare_ms": alone, "requests": round(requests, 1), "bytes": size}


def main(name: str, calls: str) -> None:
    """Serve, or measure."""
    case = CASES[name]
    if calls == "serve":
        asyncio.run(serve(case))
        return
    os.environ[case.key] = KEY
    vendor = subprocess.Popen([sys.executable, __file__, name, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert vendor.stdout is not None
        url, root = json.loads(vendor.stdout.readline())
        with TemporaryDirectory() as folder:
            if isinstance(case, JobCase):
                os.environ.update(environment(Path(folder)) | case.environment(url))
            print(json.dumps(asyncio.run(measure(case, int(calls), url, root, Path(folder)))))
    finally:
        vendor.kill()
        vendor.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
