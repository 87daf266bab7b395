"""What the vendors have in common that take a job, give its id, and are asked until it is done.

A vendor writes what it sends and how it reads the answers (``payload``, ``submission``, ``job_id``, ``status_path``,
``progress``, ``results``, ``used``); here is the rest: uploads shared by the requests that need the same file and
deleted after the last of them, the pace of polling, and the way of a result into the sink.
"""

from __future__ import annotations

import asyncio
import random
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from filmbench.adapters._failures import retry_after
from filmbench.adapters._http import (
    CONNECT_SECONDS,
    SILENCE_SECONDS,
    HttpError,
    NoAnswer,
    asked_json,
    base_url,
    is_loopback,
)
from filmbench.adapters._vendor import Vendor
from filmbench.harness.protocols import Job, Media, Prepared, Progress, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Artifact, Json, Outcome, Quote, Request, Usage

JITTER = 0.15
_GONE = (404, 410)


@dataclass(slots=True)
class _Upload:
    """One file at the vendor, and how many prepared requests hold it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    name: str | None = None
    holders: int = 0
    since: float = 0.0


class JobVendor(Vendor):
    """One model of a vendor that works by job.

    ``paces`` are (age of the job in seconds, seconds to wait) in order: the wait of the last age reached holds. A
    ``Retry-After`` in the vendor's answer goes before it. ``uploads_last`` is for how many seconds an upload can be
    used; those that vanish by themselves are sent again after it.
    """

    paces: tuple[tuple[float, float], ...] = ((0.0, 5.0),)
    uploads_last = float("inf")

    def __init__(self, spec: ProviderSpec) -> None:
        super().__init__(spec)
        self._uploads: dict[tuple[asyncio.AbstractEventLoop, str, str], _Upload] = {}

    # --- what a vendor writes -------------------------------------------------------------------------

    @abstractmethod
    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Expected and greatest use."""

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]:
        """What every call to the vendor carries."""

    @abstractmethod
    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the paid POST, and the resources made for it at the vendor. Raises :class:`Refusal`."""

    @abstractmethod
    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The paid POST's content, as ``json`` or ``data``."""
        return {"json": body}

    @abstractmethod
    def job_id(self, answer: Any) -> str | None:
        """The job's id in the answer to the paid POST; ``None`` where there is none."""

    @abstractmethod
    def status_path(self, job: Job) -> str:
        """Where a job is asked after."""

    @abstractmethod
    def progress(self, answer: Any) -> Progress:
        """Where the job stands; ``wait`` is not read."""

    @abstractmethod
    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """What a finished job made: role, media type, address."""

    @abstractmethod
    def used(self, answer: Any, job: Job) -> Usage | None:
        """The vendor's own evidence of what a finished job used."""

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What else of the paid POST and its answer is needed to follow the job; joins its ``state``."""
        return {}

    async def finished(self, job: Job) -> Any:
        """The answer that holds a finished job's results: that to a last poll, unless it lies elsewhere."""
        return (await self._status(job))[0]

    def left_by(self, id: str) -> str | None:
        """The name of what a job leaves at the vendor and can be deleted there."""
        return None

    async def delete(self, name: str, url: str) -> None:
        """Delete an upload or a finished job by its name; what is gone already may answer 404."""

    # --- the protocol ---------------------------------------------------------------------------------

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check the request, upload its media, build the body."""
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        body, resources = await self.payload(request, media, url)
        return Prepared({"url": url, "body": body}, resources)

    async def submit(self, prepared: Prepared) -> Job:
        """The one paid POST. An answer without an id counts as none: the work may be under way."""
        asked: dict[str, Any] = dict(prepared.payload)
        content = await self.content(asked["body"])
        answer, _ = await self.ask(asked["url"], "POST", self.submission(asked["body"]), **content)
        id = self.job_id(answer)
        if not id:
            raise NoAnswer("an answer without the job's id")
        left = self.left_by(id)
        resources = (self._resource(left, asked["url"]),) if left else ()
        return Job((id,), {"url": asked["url"], "since": time.time(), **self.places(answer, asked["body"])}, resources)

    async def poll(self, job: Job) -> Progress:
        """Ask after the job. One that the vendor no longer knows has failed; its model is not retired."""
        try:
            answer, headers = await self._status(job)
        except HttpError as error:
            if error.status in _GONE:
                return Progress("failed", reason=f"{self.spec.vendor} no longer knows the job {job.ids[0]}")
            raise
        found = self.progress(answer)
        return Progress(found.state, self._wait(job, headers), found.reason, found.fraction, found.used)

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """Bring the results in, from fresh addresses."""
        from filmbench.adapters._download import download

        url = str(job.state["url"])
        answer = await self.finished(job)
        session = await self.client(url)
        for role, media_type, address in self.results(answer):
            async with sink(role, media_type) as writer:
                await download(session, address, writer, is_loopback(url))
        return self.used(answer, job)

    async def cancel(self, job: Job) -> None:
        """Most vendors cannot stop a job."""

    async def release(self, resource: str) -> None:
        """Delete an upload once no prepared request of this process holds it, or a finished job."""
        name, _, url = resource.partition("@")
        held = next((one for one in self._uploads.values() if one.name == name), _Upload(name=name))
        async with held.lock:
            held.holders -= 1
            if held.holders > 0:
                return
            held.name = None
            try:
                await self.delete(name, url or str(self.spec.default_endpoint))
            except HttpError as error:
                if error.status not in _GONE:
                    raise

    # --- for the vendors ------------------------------------------------------------------------------

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A plain HTTP session without cookies; the key goes with each call to the vendor, never with a download."""
        import aiohttp
        from filmbench.adapters._download import PublicHosts

        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=PublicHosts(loopback=is_loopback(url))),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=environment,
        )
        return session, session.close

    async def ask(self, url: str, method: str, path: str, **content: Any) -> tuple[Any, Mapping[str, str]]:
        """One call to the vendor with the key: the JSON and the headers of its answer."""
        session, key = await self.client(url), self.key()
        return await asked_json(session, method, url + path, self.headers(key), key, **content)

    async def uploaded(
        self, artifact: Artifact, url: str, send: Callable[[], Awaitable[str]]
    ) -> tuple[str, tuple[str, ...]]:
        """The name at the vendor of ``artifact``, sent once however many requests need it, and its resource."""
        upload = self._uploads.setdefault((asyncio.get_running_loop(), url, artifact.sha256), _Upload())
        async with upload.lock:
            if upload.name is None or time.time() - upload.since > self.uploads_last:
                upload.name, upload.since = await send(), time.time()
            upload.holders += 1
            return upload.name, (self._resource(upload.name, url),)

    def input(self, request: Request, role: str, kinds: tuple[str, ...], most_bytes: int) -> Artifact:
        """The medium in an input role, if the vendor takes it. Raises :class:`Refusal`."""
        value = request.sample.inputs.get(role)
        if not isinstance(value, Artifact):
            raise Refusal(f"the sample has no {role}", Outcome.INVALID)
        if value.media_type not in kinds:
            raise Refusal(f"{self.spec.id} does not take {value.media_type}")
        if value.bytes > most_bytes:
            raise Refusal(f"{self.spec.id} takes at most {most_bytes / 1e6:.0f} MB, {role} has {value.bytes / 1e6:.1f}")
        return value

    def _resource(self, name: str, url: str) -> str:
        return name if url == self.spec.default_endpoint else f"{name}@{url}"

    async def _status(self, job: Job) -> tuple[Any, Mapping[str, str]]:
        return await self.ask(str(job.state["url"]), "GET", self.status_path(job))

    def _wait(self, job: Job, headers: Mapping[str, str]) -> float:
        asked = retry_after({name.lower(): value for name, value in headers.items()})
        if asked is not None:
            return asked
        since = job.state.get("since")
        age = time.time() - since if isinstance(since, float) else 0.0
        wait = next((wait for start, wait in reversed(self.paces) if age >= start), self.paces[0][1])
        return wait * random.uniform(1, 1 + JITTER)  # noqa: S311 - only spreads requests out
