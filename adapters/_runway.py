"""What Runway's models have in common: tasks, uploads, credits.

Contract: version 2024-11-06 of the API (``POST`` to the path of the kind of work, ``GET`` and ``DELETE
/v1/tasks/{id}``, ``POST /v1/uploads``). Spoken directly: the package ``runwayml`` repeats a paid POST by itself
unless told not to, its poller never ends on a cancelled task, and without both it would bring four plain calls, at
about 1.5 ms of CPU each by what packages of the same make cost (README, vendors). A task is asked after once in five
seconds at most. Its own ``cost.credits`` is the bill, of a failed task too (nought where it is refunded); a credit is
0.01 USD (the API's description). Uploads vanish by themselves after a day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from filmbench.adapters._failures import Meaning
from filmbench.adapters._film import MATROSKA, as_mp4
from filmbench.adapters._http import CutStream, HttpError, is_loopback
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._upload import post_form
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Outcome, Quote, Usage

URL = "https://api.dev.runwayml.com"
VERSION = "2024-11-06"
PATIENCE = 30 * 60.0
MOST_BYTES = 200 * 10**6
MOST_PROMPT = 1_000
SEED = Param("int", "0 to 4294967295: similar results for the same request")
_KEY = key_needed("RUNWAYML_API_SECRET", "https://dev.runwayml.com")
_MADE = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
_STATES = {
    "PENDING": "queued",
    "THROTTLED": "queued",
    "RUNNING": "running",
    "SUCCEEDED": "done",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}


class Runway(JobVendor):
    """One model; ``makes`` is the role of what it makes and its media type, where the address does not tell it."""

    paces = ((0.0, 5.0), (120.0, 10.0))
    uploads_last = 20 * 3600.0
    makes = ("video", "video/mp4")

    def headers(self, key: str) -> dict[str, str]:
        """The key and the version spoken."""
        return {"Authorization": f"Bearer {key}", "X-Runway-Version": VERSION}

    def job_id(self, answer: Any) -> str | None:
        """The task's id."""
        return str(answer.get("id") or "") or None if isinstance(answer, dict) else None

    def status_path(self, job: Job) -> str:
        """Where a task is asked after."""
        return f"/v1/tasks/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """Six states; a task stopped by a safety filter is a failed one whose code says so."""
        task = answer if isinstance(answer, dict) else {}
        state, code = _STATES.get(task.get("status", ""), "running"), str(task.get("failureCode") or "")
        if state == "failed" and code.startswith("SAFETY"):
            state = "refused"
        reason = ": ".join(part for part in (code, str(task.get("failure") or "")) if part) or None
        used = _bill(task) if state in ("failed", "refused", "cancelled") else None
        return Progress(state, reason=reason, fraction=task.get("progress"), used=used)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """What was made; of several only the first, as one is asked for."""
        addresses = answer.get("output") or []
        if not addresses:
            raise CutStream(0, "a finished task without the address of its result")
        role, usual = self.makes
        ending = urlsplit(addresses[0]).path.rpartition(".")[2].lower()
        return [(role, _MADE.get(ending, usual), addresses[0])]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The credits charged."""
        return _bill(answer)

    def meaning(self, error: HttpError) -> Meaning | None:
        """An account without credits is told by words alone."""
        return "credit" if error.status == 400 and "enough credits" in error.body else None

    async def cancel(self, job: Job) -> None:
        """Deleting a running task cancels it; one that is gone answers 404."""
        await self.stop(job, "DELETE", self.status_path(job))

    def fitting(self, text: str, role: str, most: int = MOST_PROMPT) -> str:
        """The words of a prompt; their length is counted in UTF-16 units. Raises :class:`Refusal`."""
        if not text:
            raise Refusal(f"the {role} is empty", Outcome.INVALID)
        if (length := len(text.encode("utf-16-le")) // 2) > most:
            raise Refusal(f"{self.spec.id} takes at most {most} UTF-16 units, the {role} has {length}")
        return text

    async def sent(self, artifact: Artifact, media: Media, url: str, extension: str) -> str:
        """The artifact's ``runway://`` address, uploaded once; it lives a day. Matroska goes as MP4."""

        async def send() -> str:
            path, name = media.path(artifact), f"{artifact.sha256[:20]}.{extension}"
            if artifact.media_type == MATROSKA:
                return await self._upload(await asyncio.to_thread(as_mp4, path), "video/mp4", url, name)
            return await self._upload(await asyncio.to_thread(path.read_bytes), artifact.media_type, url, name)

        name, _ = await self.uploaded(artifact, url, send)
        return name

    async def _upload(self, content: bytes, media_type: str, url: str, name: str) -> str:
        place, _ = await self.ask(url, "POST", "/v1/uploads", json={"filename": name, "type": "ephemeral"})
        file = (content, name, media_type)
        await post_form(await self.client(url), place["uploadUrl"], place["fields"], file, is_loopback(url))
        return str(place["runwayUri"])


def credits(expected: int | None, evidence: str, spare: int = 0) -> Quote:
    """So many credits, and at most ``spare`` more; ``None`` where the length of the input is not known."""
    if expected is None:
        unknown = Usage(evidence="the length of the input is not known")
        return Quote(unknown, unknown)
    return Quote(Usage({"credit": Decimal(expected)}, evidence), Usage({"credit": Decimal(expected + spare)}, evidence))


def _bill(task: Any) -> Usage | None:
    cost = task.get("cost") if isinstance(task, dict) else None
    credits = cost.get("credits") if isinstance(cost, dict) else None
    if not isinstance(credits, int | float):
        return None
    return Usage({"credit": Decimal(str(credits))}, f"cost.credits of task {task.get('id', 'without id')}")


def spec(
    name: str, title: str, contract: str, params: Mapping[str, Param], languages: frozenset[str] | None = None
) -> ProviderSpec:
    """The facts of one model that are Runway's."""
    return ProviderSpec(
        id=f"runway/{name}",
        contracts=(contract,),
        title=f"Runway {title}",
        revision="1",
        licence="Runway terms of use",
        languages=languages,
        params=params,
        requires=(_KEY,),
        resumable=True,
        concurrency=1,
        patience=PATIENCE,
        default_endpoint=URL,
    )
