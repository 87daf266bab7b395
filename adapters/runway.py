"""Runway: film from words or a picture (Gen-4.5, Gen-4 Turbo), and a shot changed by words (Aleph 2).

Contract: version 2024-11-06 of the API (``POST /v1/text_to_video``, ``/v1/image_to_video``, ``/v1/video_to_video``,
``GET`` and ``DELETE /v1/tasks/{id}``, ``POST /v1/uploads``). Spoken directly: the package ``runwayml`` repeats a paid
POST by itself unless told not to, and its poller never ends on a cancelled task. A task is asked after once in five
seconds at most. Its own ``cost.credits`` is the bill, of a failed task too (nought where it is refunded); a credit is
0.01 USD (the API's description). Uploads vanish by themselves after a day.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, NoAnswer, asking
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Json, Outcome, Quote, Request, Usage

URL = "https://api.dev.runwayml.com"
VERSION = "2024-11-06"
PATIENCE = 30 * 60.0
MOST_BYTES = 200 * 10**6
MOST_PROMPT = 1_000
MOST_SHOT_SECONDS = 30
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_FILMS = {"video/mp4": "mp4", "video/webm": "webm"}
_WIDE = ("1280:720", "720:1280")
_RATIOS = (*_WIDE, "1104:832", "832:1104", "960:960", "1584:672")
_STATES = {
    "PENDING": "queued",
    "THROTTLED": "queued",
    "RUNNING": "running",
    "SUCCEEDED": "done",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}


class Runway(JobVendor):
    """What Runway's models share: tasks, uploads, credits."""

    paces = ((0.0, 5.0), (120.0, 10.0))
    uploads_last = 20 * 3600.0

    def __init__(self, spec: ProviderSpec, credits: int) -> None:
        super().__init__(spec)
        self._credits = credits  # a second of output

    def headers(self, key: str) -> dict[str, str]:
        """The key and the version spoken."""
        return {"Authorization": f"Bearer {key}", "X-Runway-Version": VERSION}

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path follows from what the body holds."""
        if "videoUri" in body:
            return "/v1/video_to_video"
        return "/v1/image_to_video" if "promptImage" in body else "/v1/text_to_video"

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
        """The film."""
        addresses = answer.get("output") or []
        if not addresses:
            raise CutStream(0, "a finished task without the address of its film")
        return [("video", "video/mp4", addresses[0])]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The credits charged."""
        return _bill(answer)

    def meaning(self, error: HttpError) -> Meaning | None:
        """An account without credits is told by words alone."""
        return "credit" if error.status == 400 and "enough credits" in error.body else None

    async def cancel(self, job: Job) -> None:
        """Deleting a running task cancels it; one that is gone answers 404."""
        try:
            await self.ask(str(job.state["url"]), "DELETE", self.status_path(job))
        except HttpError as error:
            if error.status != 404:
                raise

    def words(self, request: Request, role: str) -> str:
        """The prompt; its length is counted in UTF-16 units. Raises :class:`Refusal`."""
        text = str(request.sample.inputs.get(role, "")).strip()
        if not text:
            raise Refusal(f"the {role} is empty", Outcome.INVALID)
        if (length := len(text.encode("utf-16-le")) // 2) > MOST_PROMPT:
            raise Refusal(f"{self.spec.id} takes at most {MOST_PROMPT} UTF-16 units, the {role} has {length}")
        return text

    async def sent(self, artifact: Artifact, media: Media, url: str, extension: str) -> str:
        """The artifact's ``runway://`` address, uploaded once; it lives a day."""

        async def send() -> str:
            content = await asyncio.to_thread(media.path(artifact).read_bytes)
            return await self._upload(content, artifact, url, f"{artifact.sha256[:20]}.{extension}")

        name, _ = await self.uploaded(artifact, url, send)
        return name

    async def _upload(self, content: bytes, artifact: Artifact, url: str, name: str) -> str:
        import aiohttp
        from filmbench.adapters._download import check_address
        from filmbench.adapters._http import is_loopback

        place, _ = await self.ask(url, "POST", "/v1/uploads", json={"filename": name, "type": "ephemeral"})
        form = aiohttp.FormData()
        for field, value in place["fields"].items():
            form.add_field(field, value)
        form.add_field("file", content, filename=name, content_type=artifact.media_type)
        session = await self.client(url)
        where = check_address(place["uploadUrl"], is_loopback(url))
        with asking(self.key()):  # a store of the vendor's: without the key
            async with session.post(where, data=form, allow_redirects=False) as answer:
                if not 200 <= answer.status < 300:
                    raise NoAnswer(f"the upload was answered with {answer.status}")
        return str(place["runwayUri"])

    def seconds_quoted(self, seconds: int | None, evidence: str) -> Quote:
        """So many seconds of film, in credits; ``None`` where the length is not known."""
        if seconds is None:
            unknown = Usage(evidence="the length of the input is not known")
            return Quote(unknown, unknown)
        used = Usage({"credit": Decimal(seconds * self._credits)}, evidence)
        return Quote(used, used)


class Generation(Runway):
    """Film from words, with or without a first frame."""

    def __init__(self, spec: ProviderSpec, credits: int, needs_image: bool) -> None:
        super().__init__(spec, credits)
        self._needs_image = needs_image

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The seconds asked for, at the model's price of a second."""
        return self.seconds_quoted(self._duration(request), "seconds asked for")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        body: dict[str, Json] = {
            "model": self.model,
            "promptText": self.words(request, "prompt"),
            "duration": self._duration(request),
        }
        image = request.sample.inputs.get("image")
        if image is None and self._needs_image:
            raise Refusal(f"{self.spec.id} needs a first frame")
        if "video" in request.sample.inputs:
            raise Refusal(f"{self.spec.id} does not go on from a clip")
        body["ratio"] = self._ratio(request, _RATIOS if image is not None else _WIDE)
        if image is not None:
            picture = self.input(request, "image", tuple(_IMAGES), MOST_BYTES)
            body["promptImage"] = await self.sent(picture, media, url, _IMAGES[picture.media_type])
        return body | present(seed=self.param(request, "seed")), ()

    def _duration(self, request: Request) -> int:
        """Whole seconds, as many as hold what is asked for. Raises :class:`Refusal`."""
        try:
            seconds = math.ceil(float(str(request.sample.inputs.get("seconds", ""))))
        except (ValueError, OverflowError):
            raise Refusal("the sample does not say how many seconds", Outcome.INVALID) from None
        if not 1 <= seconds <= 10:
            raise Refusal(f"{self.spec.id} makes 2 to 10 s, not {seconds}")
        return max(seconds, 2)

    def _ratio(self, request: Request, offered: tuple[str, ...]) -> str:
        """The offered size nearest in shape."""
        try:
            width, height = (int(side) for side in str(request.sample.inputs.get("size", "")).split("x"))
            shape = math.log(width / height)
        except (ValueError, ZeroDivisionError):
            raise Refusal("the sample's size is not like 1280x720", Outcome.INVALID) from None
        return min(offered, key=lambda ratio: abs(shape - math.log(_quotient(ratio))))


class Aleph(Runway):
    """A shot changed as the instruction says."""

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The shot's length, in whole seconds."""
        shot = request.sample.inputs.get("video")
        seconds = shot.seconds if isinstance(shot, Artifact) else None
        return self.seconds_quoted(None if seconds is None else max(1, math.ceil(seconds)), "length of the shot")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        words = self.words(request, "instruction")
        shot = self.input(request, "video", tuple(_FILMS), MOST_BYTES)
        if shot.seconds is not None and shot.seconds > MOST_SHOT_SECONDS:
            raise Refusal(f"{self.spec.id} takes at most {MOST_SHOT_SECONDS} s, the shot has {shot.seconds:.1f}")
        body: dict[str, Json] = {
            "model": self.model,
            "promptText": words,
            "videoUri": await self.sent(shot, media, url, _FILMS[shot.media_type]),
        }
        return body | present(seed=self.param(request, "seed")), ()


def _quotient(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)


def _bill(task: Any) -> Usage | None:
    cost = task.get("cost") if isinstance(task, dict) else None
    credits = cost.get("credits") if isinstance(cost, dict) else None
    if not isinstance(credits, int | float):
        return None
    return Usage({"credit": Decimal(str(credits))}, f"cost.credits of task {task.get('id', 'without id')}")


_KEY = key_needed("RUNWAYML_API_SECRET", "https://dev.runwayml.com")


def _spec(name: str, title: str, contract: str) -> ProviderSpec:
    return ProviderSpec(
        id=f"runway/{name}",
        contracts=(contract,),
        title=f"Runway {title}",
        revision="1",
        licence="Runway terms of use",
        params={"seed": Param("int", "0 to 4294967295: similar films for the same request")},
        requires=(_KEY,),
        resumable=True,
        concurrency=1,
        patience=PATIENCE,
        default_endpoint=URL,
    )


PROVIDERS = (
    Generation(_spec("gen4.5", "Gen-4.5", "video"), 12, needs_image=False),
    Generation(_spec("gen4_turbo", "Gen-4 Turbo", "video"), 5, needs_image=True),
    Aleph(_spec("aleph2", "Aleph 2", "editing/prompt"), 28),
)
