"""fal: film and pictures by models of many makers, through one queue. The first-party way to Pika, which has no API.

Contract: ``POST https://queue.fal.run/{model}`` gives ``request_id`` and the addresses of status, response and
cancelling (fal.ai/docs, inference API); only their paths are used, so that the key goes nowhere else. Each model is
asked as fal's own client names its fields (fal-ai/fal-js, ``endpoints.ts``). Spoken directly: the package repeats a
POST up to ten times. The answer carries no bill; the billing event of the request is asked for, and where this key may
not read it, or it is not there yet, what was asked for is counted. The limit of a prompt is ours where none is stated.
A new model is one entry in ``MODELS``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from filmbench.adapters._catalogue import MADE, Model, ModelVendor, Wish, spec
from filmbench.adapters._http import CutStream, FileError, HttpError, VendorFault, Withheld
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Progress, Refusal, Sink
from filmbench.harness.types import Json, Usage

URL = "https://queue.fal.run"
PLATFORM = "https://api.fal.ai"
BILL_SECONDS = 5.0
_STATES = {"IN_QUEUE": "queued", "IN_PROGRESS": "running", "COMPLETED": "done"}
_POLICY = "content_policy_violation"


def _pika(wish: Wish) -> dict[str, Json]:
    return {
        "prompt": wish.words,
        "aspect_ratio": wish.shape("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3"),
        "resolution": wish.lines(720, 1080),
        "duration": wish.length(5, 10),
    }


def _mochi(wish: Wish) -> dict[str, Json]:
    if wish.seconds > 5.5:
        raise Refusal(f"Mochi makes about 5 s, not {wish.seconds:g}")
    return {"prompt": wish.words}  # 480p, whatever is asked


def _kling(wish: Wish) -> dict[str, Json]:
    shape = wish.shape("16:9", "9:16", "1:1")
    return {"prompt": wish.words, "aspect_ratio": shape, "duration": str(wish.length(5, 10))}


def _seedance(wish: Wish) -> dict[str, Json]:
    return {
        "prompt": wish.words,
        "aspect_ratio": wish.shape("21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
        "resolution": wish.lines(480, 720, 1080),
        "duration": str(wish.length(*range(4, 16))),
        "generate_audio": False,
    }


def _hailuo(wish: Wish) -> dict[str, Json]:
    return {"prompt": wish.words, "duration": str(wish.length(6, 10))}  # wide, whatever is asked


def _wan(wish: Wish) -> dict[str, Json]:
    return {
        "prompt": wish.words,
        "aspect_ratio": wish.shape("16:9", "9:16", "1:1"),
        "resolution": wish.lines(480, 720, 1080),
        "duration": str(wish.length(5, 10)),
    }


def _ray(wish: Wish) -> dict[str, Json]:
    return {
        "prompt": wish.words,
        "aspect_ratio": wish.shape("3:4", "4:3", "1:1", "9:16", "16:9", "21:9"),
        "resolution": wish.lines(540, 720, 1080),
        "duration": f"{wish.length(5, 10)}s",
    }


def _still(wish: Wish) -> dict[str, Json]:
    return {"prompt": wish.words, "image_size": {"width": wish.width, "height": wish.height}}


def _flux(wish: Wish) -> dict[str, Json]:
    return {**_still(wish), "num_images": 1, "output_format": "png"}


def _ideogram(wish: Wish) -> dict[str, Json]:
    return {**_still(wish), "num_images": 1, "rendering_speed": "BALANCED", "expand_prompt": False}


def _clip(sent: Mapping[str, Any]) -> tuple[str, int]:
    """A clip has a price by its size and length, as far as they can be asked for."""
    return "_".join(["clip", *(str(sent[name]) for name in ("resolution", "duration") if name in sent)]), 1


def _seconds(sent: Mapping[str, Any]) -> tuple[str, int]:
    unit = f"output_second_{sent['resolution']}" if "resolution" in sent else "output_second"
    return unit, int(sent["duration"])


def _pixels(sent: Mapping[str, Any]) -> tuple[str, int]:
    size = sent["image_size"]
    return "megapixel", math.ceil(size["width"] * size["height"] / 2**20)


def _image(sent: Mapping[str, Any]) -> tuple[str, int]:
    return "image", 1


MODELS = {
    "pika-v2.2": Model(
        "fal-ai/pika/v2.2/text-to-video",
        "Pika 2.2",
        _pika,
        lambda sent: (f"clip_{sent['resolution']}_{sent['duration']}s", 1),
    ),
    "mochi-v1": Model("fal-ai/mochi-v1", "Genmo Mochi 1", _mochi, _clip),
    "kling-2.5-turbo-pro": Model(
        "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "Kling 2.5 Turbo Pro", _kling, _seconds, seeds=False
    ),
    "seedance-2.0": Model("bytedance/seedance-2.0/text-to-video", "Seedance 2.0", _seedance, _seconds, seeds=False),
    "hailuo-2.3": Model(
        "fal-ai/minimax/hailuo-2.3/standard/text-to-video",
        "Hailuo 2.3",
        _hailuo,
        lambda sent: (f"clip_{sent['duration']}s", 1),
        seeds=False,
    ),
    "wan-2.5": Model("fal-ai/wan-25-preview/text-to-video", "Wan 2.5", _wan, _seconds, most_characters=1_500),
    "ray-3.2": Model("luma/agent/ray/v3.2/text-to-video", "Luma Ray 3.2", _ray, _clip, seeds=False),
    "flux-1.1-pro": Model("fal-ai/flux-pro/v1.1", "FLUX 1.1 Pro", _flux, _pixels, "background"),
    "flux-dev": Model("fal-ai/flux/dev", "FLUX.1 dev", _flux, _pixels, "background"),
    "ideogram-v3": Model("fal-ai/ideogram/v3", "Ideogram 3", _ideogram, _image, "background"),
    "recraft-v3": Model(
        "fal-ai/recraft/v3/text-to-image", "Recraft 3", _still, _image, "background", most_characters=1_000, seeds=False
    ),
}


class Fal(ModelVendor):
    """One model behind fal's queue."""

    paces = ((0.0, 3.0), (60.0, 8.0))

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"Authorization": f"Key {key}"}

    def submission(self, body: Mapping[str, Any]) -> str:
        """The model's address."""
        return f"/{self.behind.path}"

    def job_id(self, answer: Any) -> str | None:
        """The request's id, where the answer tells the addresses too."""
        whole = isinstance(answer, dict) and _path(answer.get("status_url")) and _path(answer.get("response_url"))
        return str(answer.get("request_id") or "") or None if whole else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """The paths below which the request is asked after, fetched and cancelled, and what it is counted as."""
        names = ("status_url", "response_url", "cancel_url")
        paths: dict[str, Json] = {name: path for name in names if (path := _path(answer.get(name)))}
        unit, amount = self.behind.counted(body)
        return {**paths, "unit": unit, "amount": amount}

    def status_path(self, job: Job) -> str:
        """Where the request is asked after."""
        return str(job.state["status_url"])

    def progress(self, answer: Any) -> Progress:
        """A failed request is completed too, with an error beside it."""
        job = answer if isinstance(answer, dict) else {}
        state, said = _STATES.get(job.get("status", ""), "running"), job.get("error")
        if said:
            kind = str(job.get("error_type") or "")
            state = "cancelled" if "cancel" in kind else "refused" if _POLICY in f"{kind} {said}" else "failed"
        return Progress(state, reason=str(said) if said else None)  # type: ignore[arg-type]

    async def finished(self, job: Job) -> Any:
        """The response. One that answers with an error tells why the model failed."""
        try:
            answer, _ = await self.ask(str(job.state["url"]), "GET", str(job.state["response_url"]))
        except HttpError as error:
            if _POLICY in error.body:
                raise Withheld(f"fal held the result back: {error.body[:200]}") from None
            raise FileError(error.status, error.headers, error.body) from None
        if isinstance(answer, dict) and True in (answer.get("has_nsfw_concepts") or ()):
            raise Withheld("the model's safety checker blackened the picture")
        return answer

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film, or the one picture."""
        made = answer if isinstance(answer, dict) else {}
        first = made.get("video") or next(iter(made.get("images") or ()), None)
        address = first.get("url") if isinstance(first, dict) else None
        if not address:
            raise CutStream(0, "a finished request without the address of what it made")
        return [(*MADE[self.behind.contract], address)]

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """Bring the result in; its bill, where it is told, goes before what was counted."""
        counted = await super().fetch(job, sink)
        return await self._billed(job) or counted

    def used(self, answer: Any, job: Job) -> Usage | None:
        """As it was asked for."""
        amount = Decimal(str(job.state["amount"]))
        return Usage({str(job.state["unit"]): amount}, f"as asked for, request {job.ids[0]}: no bill was told")

    async def _billed(self, job: Job) -> Usage | None:
        """What the billing event of the request says; ``None`` where none is shown."""
        url, id = str(job.state["url"]), job.ids[0]
        try:
            async with asyncio.timeout(BILL_SECONDS):  # the film is here, and its clock still runs
                platform = PLATFORM if url == URL else url
                answer, _ = await self.ask(platform, "GET", f"/v1/models/billing-events?request_id={id}")
        except (VendorFault, TimeoutError):
            return None
        events = answer.get("billing_events") if isinstance(answer, dict) else None
        mine = [one for one in events or () if isinstance(one, dict) and one.get("request_id") == id]
        costs = [one.get("cost_total") for one in mine]
        if not costs or not all(isinstance(cost, int | float) for cost in costs):
            return None
        total = sum((Decimal(str(cost)) for cost in costs), Decimal(0))
        return Usage({"usd": total}, f"cost_total of the billing event of request {id}")

    async def cancel(self, job: Job) -> None:
        """Ask the queue to drop it; 400 says that it is too late."""
        if "cancel_url" not in job.state:
            return
        await self.stop(job, "PUT", str(job.state["cancel_url"]), (400, 404))


def _path(address: Any) -> str:
    """The path of an address, asked for at our own endpoint alone; empty for what is no address with one.

    Without its slash a path would go on the host's name, and the key to whoever that then is.
    """
    path = urlsplit(address).path if isinstance(address, str) else ""
    return path if path.startswith("/") else ""


_KEY = key_needed("FAL_KEY", "https://fal.ai/dashboard/keys")

PROVIDERS = tuple(
    Fal(spec(f"fal/{name}", f"{model.title} through fal", model, _KEY, URL), model) for name, model in MODELS.items()
)
