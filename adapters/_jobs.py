"""What the vendors have in common that take a job, give its id, and are asked until it is done.

A vendor writes what it sends and how it reads the answers (``payload``, ``job_id``, ``progress``, ``results``,
``used``); here is the rest: uploads shared by the requests that need the same file and deleted after the last of
them, the pace of polling, and the way of a result into the sink. :class:`Jobs` leaves open how the vendor is spoken
to (``paid``, ``status``); :class:`JobVendor` speaks plain HTTP.
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
    SILENCE_SECONDS,
    HttpError,
    NoAnswer,
    asked_json,
    base_url,
    is_loopback,
    plain_session,
)
from filmbench.adapters._vendor import Vendor
from filmbench.harness.protocols import Job, Media, Prepared, Progress, ProviderSpec, Sink
from filmbench.harness.types import Artifact, Json, Quote, Request, Usage

JITTER = 0.15
_GONE = (404, 410)


@dataclass(slots=True)
class _Upload:
    """One file at the vendor, and how many prepared requests hold it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    name: str | None = None
    holders: int = 0
    since: float = 0.0


class Jobs(Vendor):
    """One model of a vendor that works by job, however it is spoken to.

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
    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the paid POST, and the resources made for it at the vendor. Raises :class:`Refusal`."""

    @abstractmethod
    async def paid(self, url: str, body: Mapping[str, Any]) -> Any:
        """The answer to the one paid POST."""

    @abstractmethod
    async def status(self, job: Job) -> tuple[Any, Mapping[str, str]]:
        """What the vendor says of a job, and the headers of its answer."""

    @abstractmethod
    async def session(self, url: str) -> Any:
        """The plain HTTP session through which results come, without a key of its own."""

    @abstractmethod
    def job_id(self, answer: Any) -> str | None:
        """The job's id in the answer to the paid POST; ``None`` where there is none."""

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
        return (await self.status(job))[0]

    def door(self, address: str, url: str) -> tuple[str, dict[str, str]]:
        """Where a result is fetched from, and with which headers: none, unless it lies behind the vendor's own door.

        A door is built from ``url``, never from the vendor's word, since its headers hold the key.
        """
        return address, {}

    def forgotten(self, error: HttpError) -> bool:
        """Whether an answer to a poll says that the vendor no longer knows the job."""
        return error.status in _GONE

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
        answer = await self.paid(asked["url"], asked["body"])
        id = self.job_id(answer)
        if not id:
            raise NoAnswer("an answer without the job's id")
        left = self.left_by(id)
        resources = (self._resource(left, asked["url"]),) if left else ()
        return Job((id,), {"url": asked["url"], "since": time.time(), **self.places(answer, asked["body"])}, resources)

    async def poll(self, job: Job) -> Progress:
        """Ask after the job. One that the vendor no longer knows has failed; its model is not retired."""
        try:
            answer, headers = await self.status(job)
        except HttpError as error:
            if self.forgotten(error):
                return Progress("failed", reason=f"{self.spec.vendor} no longer knows the job {job.ids[0]}")
            raise
        found = self.progress(answer)
        return Progress(found.state, self._wait(job, headers), found.reason, found.fraction, found.used)

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """Bring the results in, from fresh addresses."""
        from filmbench.adapters._download import download

        url = str(job.state["url"])
        answer = await self.finished(job)
        session = await self.session(url)
        for role, media_type, address in self.results(answer):
            place, headers = self.door(address, url)
            async with sink(role, media_type) as writer:
                await download(session, place, writer, is_loopback(url), headers)
        return self.used(answer, job)

    async def cancel(self, job: Job) -> None:
        """Most vendors cannot stop a job."""

    async def release(self, resource: str) -> None:
        """Delete an upload once no prepared request of this process holds it, or a finished job."""
        name, _, given = resource.partition("@")
        here, url = asyncio.get_running_loop(), given or str(self.spec.default_endpoint)
        ours = (one for (loop, at, _), one in self._uploads.items() if loop is here and at == url and one.name == name)
        held = next(ours, _Upload(name=name))
        async with held.lock:
            held.holders -= 1
            if held.holders > 0:
                return
            held.name = None
            try:
                await self.delete(name, url)
            except HttpError as error:
                if error.status not in _GONE:
                    raise

    # --- for the vendors ------------------------------------------------------------------------------

    async def uploaded(
        self, artifact: Artifact, url: str, send: Callable[[], Awaitable[str]], place: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """The name at the vendor of ``artifact``, sent once however many requests need it, and its resource.

        ``place`` tells uploads of one file to several places apart.
        """
        upload = self._uploads.setdefault((asyncio.get_running_loop(), url, artifact.sha256 + place), _Upload())
        async with upload.lock:
            if upload.name is None or time.time() - upload.since > self.uploads_last:
                upload.name, upload.since = await send(), time.time()
            upload.holders += 1
            return upload.name, (self._resource(upload.name, url),)

    def _resource(self, name: str, url: str) -> str:
        return name if url == self.spec.default_endpoint else f"{name}@{url}"

    def _wait(self, job: Job, headers: Mapping[str, str]) -> float:
        asked = retry_after({name.lower(): value for name, value in headers.items()})
        if asked is not None:
            return asked
        since = job.state.get("since")
        age = time.time() - since if isinstance(since, float) else 0.0
        wait = next((wait for start, wait in reversed(self.paces) if age >= start), self.paces[0][1])
        return wait * random.uniform(1, 1 + JITTER)  # noqa: S311 - only spreads requests out


class JobVendor(Jobs):
    """One model of a vendor that works by job and is spoken to over plain HTTP."""

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]:
        """What every call to the vendor carries."""

    @abstractmethod
    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The paid POST's content, as ``json`` or ``data``."""
        return {"json": body}

    @abstractmethod
    def status_path(self, job: Job) -> str:
        """Where a job is asked after."""

    async def paid(self, url: str, body: Mapping[str, Any]) -> Any:
        """The answer to the one paid POST."""
        answer, _ = await self.ask(url, "POST", self.submission(body), **await self.content(body))
        return answer

    async def status(self, job: Job) -> tuple[Any, Mapping[str, str]]:
        """What the vendor says of a job, and the headers of its answer."""
        return await self.ask(str(job.state["url"]), "GET", self.status_path(job))

    async def session(self, url: str) -> Any:
        """The plain HTTP session; the key goes with each call to the vendor, never with a download."""
        return await self.client(url)

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A plain session."""
        session = plain_session(url, environment, SILENCE_SECONDS)
        return session, session.close

    async def stop(self, job: Job, method: str, path: str, too_late: tuple[int, ...] = (404,)) -> None:
        """Cancel a job by this call; a status of ``too_late`` says that nothing is left to stop."""
        try:
            await self.ask(str(job.state["url"]), method, path)
        except HttpError as error:
            if error.status not in too_late:
                raise

    async def ask(self, url: str, method: str, path: str, **content: Any) -> tuple[Any, Mapping[str, str]]:
        """One call to the vendor with the key: the JSON and the headers of its answer."""
        session, key = await self.client(url), self.key()
        return await asked_json(session, method, url + path, self.headers(key), key, **content)
