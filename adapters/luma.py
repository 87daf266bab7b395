"""Luma: film by Ray 3.2, with or without a first frame, and pictures by Uni-1.

Contract: the Agents API (``POST /v1/generations``, ``GET /v1/generations/{id}``, ``/v1/files``), as the package
``luma-agents`` 0.5 types it; the Dream Machine API before it is not spoken. Spoken directly: the package repeats a
paid POST by itself unless told not to, and of it nothing else is needed; see :mod:`filmbench.adapters._runway`. A
film has 5 or 10 s and 360 to 1080 lines; of 5 s, it has the price of its size. The answer carries no bill, so what
was asked for is counted. The limit of a prompt is ours: none is stated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters._catalogue import MADE, Model, ModelVendor, Wish, spec
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, NotSent, is_loopback
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Media, Progress, Refusal
from filmbench.harness.types import Artifact, Json, Outcome, Request, Usage

URL = "https://agents.lumalabs.ai/v1"
MOST_BYTES = 100 * 10**6
READY_TRIES = 30
READY_SECONDS = 1.0
_IMAGES = ("image/png", "image/jpeg", "image/webp")
_STATES = {"queued": "queued", "processing": "running", "completed": "done", "failed": "failed"}
_MODERATED = "content_moderated"
_BY_CODE: Mapping[str, Meaning] = {
    _MODERATED: "refused",
    "budget_exhausted": "credit",
    "rate_limited": "rate",
    "image_too_large": "input",
    "unsupported_format": "input",
    "corrupt_input": "input",
    "invalid_request": "input",
}


def _ray(wish: Wish) -> dict[str, Json]:
    video: dict[str, Json] = {
        "resolution": wish.lines(360, 540, 720, 1080),
        "duration": f"{wish.length(5, 10)}s",
    }
    if wish.frame:
        video["start_frame"] = {"file_id": wish.frame}
    shape = wish.shape("3:4", "4:3", "1:1", "9:16", "16:9", "21:9")
    return {"type": "video", "model": "ray-3.2", "prompt": wish.words, "aspect_ratio": shape, "video": video}


def _uni(wish: Wish) -> dict[str, Json]:
    offered = ("3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3")
    shape = wish.shape(*offered)
    return {"type": "image", "model": "uni-1", "prompt": wish.words, "aspect_ratio": shape, "output_format": "png"}


def _clip(sent: Mapping[str, Any]) -> tuple[str, int]:
    return f"clip_{sent['video']['resolution']}_{sent['video']['duration']}", 1


MODELS = {
    "ray-3.2": Model("ray-3.2", "Luma Ray 3.2", _ray, _clip, takes_frame=True, seeds=False),
    "uni-1": Model("uni-1", "Luma Uni-1", _uni, lambda sent: ("image_2k", 1), "background", seeds=False),
}


class Luma(ModelVendor):
    """One model of Luma's own."""

    paces = ((0.0, 5.0), (120.0, 10.0))

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"Authorization": f"Bearer {key}"}

    async def framed(self, request: Request, media: Media, url: str) -> tuple[str, tuple[str, ...]]:
        """The id of the first frame, uploaded once and deleted after the last who needs it."""
        picture = self.input(request, "image", _IMAGES, MOST_BYTES)
        name, resources = await self.uploaded(picture, url, lambda: self._sent(picture, media, url))
        return name.rpartition("/")[2], resources

    async def _sent(self, picture: Artifact, media: Media, url: str) -> str:
        """Put it where Luma says, tell that it is there, and wait until it may be used."""
        from filmbench.adapters._upload import put

        content = await asyncio.to_thread(media.path(picture).read_bytes)
        asked = {"mime_type": picture.media_type, "size_bytes": picture.bytes, "purpose": "input"}
        made, _ = await self.ask(url, "POST", "/files", json=asked)
        name, place = f"/files/{made['id']}", made["upload"]
        headers = {str(key): str(value) for key, value in (place.get("headers") or {}).items()}
        await put(await self.session(url), str(place["url"]), content, is_loopback(url), headers)
        file, _ = await self.ask(url, "POST", f"{name}/complete")
        for _ in range(READY_TRIES):
            if file["state"] == "ready":
                return name
            if file["state"] != "pending":
                raise Refusal(f"Luma did not take the image: {file.get('failure_reason')}", Outcome.REFUSED)
            await asyncio.sleep(READY_SECONDS)
            file, _ = await self.ask(url, "GET", name)
        raise NotSent(f"the image was not ready after {READY_TRIES * READY_SECONDS:g} s")

    async def delete(self, name: str, url: str) -> None:
        """Delete a file; its name is its path."""
        await self.ask(url, "DELETE", name)

    def submission(self, body: Mapping[str, Any]) -> str:
        """All is asked for in one place."""
        return "/generations"

    def job_id(self, answer: Any) -> str | None:
        """The id."""
        return str(answer.get("id") or "") or None if isinstance(answer, dict) else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What it is counted as."""
        return {"unit": self.behind.counted(body)[0]}

    def status_path(self, job: Job) -> str:
        """Where a generation is asked after."""
        return f"/generations/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """Four states; a moderated generation is a failed one whose code says so."""
        job = answer if isinstance(answer, dict) else {}
        state, code = _STATES.get(job.get("state", ""), "running"), str(job.get("failure_code") or "")
        if state == "failed" and code == _MODERATED:
            state = "refused"
        reason = ": ".join(part for part in (code, str(job.get("failure_reason") or "")) if part) or None
        return Progress(state, reason=reason)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The first output of the kind that was asked for."""
        role, media_type = MADE[self.behind.contract]
        outputs = answer.get("output") if isinstance(answer, dict) else None
        found = [one.get("url") for one in outputs or () if isinstance(one, dict) and one.get("type") == role]
        if not found or not found[0]:
            raise CutStream(0, f"a finished generation without the address of its {role}")
        return [(role, media_type, str(found[0]))]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """As it was asked for."""
        unit = str(job.state["unit"])
        return Usage({unit: Decimal(1)}, f"as asked for, generation {job.ids[0]}: the answer carries no bill")

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the failure's code, where the error has one."""
        body = error.detail()
        inner = body.get("error", body) if isinstance(body, dict) else None
        told = inner if isinstance(inner, dict) else {}
        return _BY_CODE.get(str(told.get("failure_code") or told.get("code")))


_KEY = key_needed("LUMA_AGENTS_API_KEY", "https://agents.lumalabs.ai")

PROVIDERS = tuple(Luma(spec(f"luma/{name}", model.title, model, _KEY, URL), model) for name, model in MODELS.items())
