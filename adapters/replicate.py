"""Replicate: film and pictures by models of many makers, through its predictions.

Contract: ``POST /v1/models/{owner}/{name}/predictions`` (official models) or ``POST /v1/predictions`` with a version
(Mochi 1), ``GET /v1/predictions/{id}``, ``POST …/cancel``, ``POST`` and ``DELETE /v1/files``. Spoken directly: the
package ``replicate`` is eighteen months old and repeats what it polls. An official model is counted by what it makes;
the others run by time, which the prediction tells (``metrics.predict_time``) and ``Cancel-After`` bounds. A new model
is one entry in ``MODELS``.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters._catalogue import MADE, Model, ModelVendor, Wish, spec
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, asked_json
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Media, Progress, Refusal
from filmbench.harness.types import Json, Quote, Request, Usage

URL = "https://api.replicate.com/v1"
MOST_SECONDS = 20 * 60
"""After so long a prediction is cancelled by the vendor: what one that is billed by time can cost has an end."""
USUAL_SECONDS = 275
"""A run of Mochi 1: 0.42 USD at an H100's price a second (api-evangelist, genmo-ai and replicate)."""
MOST_BYTES = 100 * 10**6
MOCHI = "1944af04d098ef69bed7f9d335d102e652203f268ec4aaa2d836f6217217e460"
_TIME = "predict_second"
_IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_FLAGGED = re.compile(r"flagged|sensitive|nsfw|moderat|\bE005\b", re.IGNORECASE)
_STATES = {
    "starting": "queued",
    "processing": "running",
    "succeeded": "done",
    "failed": "failed",
    "canceled": "cancelled",
    "aborted": "cancelled",
}


def _mochi(wish: Wish) -> dict[str, Json]:
    frames = 6 * math.ceil((30 * wish.seconds - 1) / 6) + 1  # it makes 6 n + 1 of them, at 480p
    if frames > 163:
        raise Refusal(f"Mochi makes about 5 s, not {wish.seconds:g}")
    return {"prompt": wish.words, "num_frames": max(frames, 31), "fps": 30}  # 30 at least


def _seedance(wish: Wish) -> dict[str, Json]:
    asked: dict[str, Json] = {
        "prompt": wish.words,
        "duration": wish.length(*range(2, 13)),
        "resolution": wish.lines(480, 720, 1080),
        "aspect_ratio": wish.shape("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21"),
    }
    return asked | ({"image": wish.frame} if wish.frame else {})


def _flux(wish: Wish) -> dict[str, Json]:
    scale = min(1.0, 1440 / max(wish.width, wish.height))
    width, height = (min(1440, max(256, 32 * round(side * scale / 32))) for side in (wish.width, wish.height))
    shape: dict[str, Json] = {"aspect_ratio": "custom", "width": width, "height": height}
    return {"prompt": wish.words, **shape, "output_format": "png", "prompt_upsampling": False}


MODELS = {
    "mochi-1": Model(MOCHI, "Genmo Mochi 1", _mochi, lambda sent: (_TIME, USUAL_SECONDS)),
    "seedance-1-pro": Model(
        "bytedance/seedance-1-pro",
        "Seedance 1 Pro",
        _seedance,
        lambda sent: (f"output_second_{sent['resolution']}", sent["duration"]),
        takes_frame=True,
    ),
    "flux-1.1-pro": Model(
        "black-forest-labs/flux-1.1-pro", "FLUX 1.1 Pro", _flux, lambda sent: ("image", 1), contract="background"
    ),
}


class Replicate(ModelVendor):
    """One model behind predictions. A model whose path is a version is billed by time."""

    paces = ((0.0, 3.0), (60.0, 8.0))
    uploads_last = 50 * 60.0  # of an hour

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """What is asked for; of time the usual, and as ceiling what the vendor is told to stop at."""
        quote = await super().quote(request, live)
        if self._timed:
            return Quote(quote.expected, Usage({_TIME: Decimal(MOST_SECONDS)}, "cancelled after it"))
        return quote

    @property
    def _timed(self) -> bool:
        return "/" not in self.behind.path

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"Authorization": f"Bearer {key}"}

    async def framed(self, request: Request, media: Media, url: str) -> tuple[str, tuple[str, ...]]:
        """The address of the first frame, uploaded once and deleted after the last who needs it."""
        picture = self.input(request, "image", tuple(_IMAGES), MOST_BYTES)

        async def send() -> str:
            import aiohttp

            content = await asyncio.to_thread(media.path(picture).read_bytes)
            form = aiohttp.FormData()
            name = f"{picture.sha256[:20]}.{_IMAGES[picture.media_type]}"
            form.add_field("content", content, filename=name, content_type=picture.media_type)
            answer, _ = await self.ask(url, "POST", "/files", data=form)
            return f"/files/{answer['id']}"

        name, resources = await self.uploaded(picture, url, send)
        return url + name, resources

    async def delete(self, name: str, url: str) -> None:
        """Delete a file; its name is its path."""
        await self.ask(url, "DELETE", name)

    def submission(self, body: Mapping[str, Any]) -> str:
        """A version goes into the body, an official model into the path."""
        return "/predictions" if self._timed else f"/models/{self.behind.path}/predictions"

    async def paid(self, url: str, body: Mapping[str, Any]) -> Any:
        """The paid POST, with the time after which it ends by itself."""
        session, key = await self.client(url), self.key()
        asked = {"version": self.behind.path, "input": body} if self._timed else {"input": body}
        headers = {**self.headers(key), "Cancel-After": f"{MOST_SECONDS}s"}
        answer, _ = await asked_json(session, "POST", url + self.submission(body), headers, key, json=asked)
        return answer

    def job_id(self, answer: Any) -> str | None:
        """The id."""
        return str(answer.get("id") or "") or None if isinstance(answer, dict) else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What it is counted as."""
        unit, amount = self.behind.counted(body)
        return {"unit": unit, "amount": amount}

    def status_path(self, job: Job) -> str:
        """Where a prediction is asked after."""
        return f"/predictions/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """Six states; what a filter stopped is a failure whose words say so."""
        job = answer if isinstance(answer, dict) else {}
        state, said = _STATES.get(job.get("status", ""), "running"), str(job.get("error") or "") or None
        if state == "failed" and said and _FLAGGED.search(said):
            state = "refused"
        used = self._time(job) if state in ("failed", "refused", "cancelled") else None
        return Progress(state, reason=said, used=used)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The first of what was made."""
        made = answer.get("output") if isinstance(answer, dict) else None
        address = made[0] if isinstance(made, list) and made else made
        if not isinstance(address, str) or not address:
            raise CutStream(0, "a finished prediction without the address of its output")
        return [(*MADE[self.behind.contract], address)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The time that the prediction tells, where it is billed by time; else what was asked for."""
        if self._timed:
            return self._time(answer)
        amount = Decimal(str(job.state["amount"]))
        return Usage({str(job.state["unit"]): amount}, f"as asked for, prediction {job.ids[0]}: it carries no bill")

    def _time(self, answer: Any) -> Usage | None:
        metrics = answer.get("metrics") if isinstance(answer, dict) else None
        seconds = metrics.get("predict_time") if isinstance(metrics, dict) else None
        if not self._timed or not isinstance(seconds, int | float):
            return None
        return Usage({_TIME: Decimal(str(seconds))}, f"metrics.predict_time of prediction {answer.get('id')}")

    def meaning(self, error: HttpError) -> Meaning | None:
        """A version that is gone is told by words."""
        return "gone" if error.status == 422 and "Invalid version" in error.body else None

    async def cancel(self, job: Job) -> None:
        """Ask for its end; one that is over or gone is none to stop."""
        await self.stop(job, "POST", f"{self.status_path(job)}/cancel", (404, 409, 422))


_KEY = key_needed("REPLICATE_API_TOKEN", "https://replicate.com/account/api-tokens")

PROVIDERS = tuple(
    Replicate(spec(f"replicate/{name}", f"{model.title} through Replicate", model, _KEY, URL), model)
    for name, model in MODELS.items()
)
