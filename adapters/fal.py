"""fal: film by models of many makers, through one queue. The first-party way to Pika, which has no API of its own.

Contract: ``POST https://queue.fal.run/{model}`` gives ``request_id`` and the addresses of status, response and
cancelling (fal.ai/docs, inference API); only their paths are used, so that the key goes nowhere else. Spoken
directly: the package repeats a POST up to ten times. The answer carries no bill: a clip has a fixed price by its size
and length, and is counted so. The limit of a prompt is ours: none is stated. A new model is one entry in ``MODELS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from filmbench.adapters._http import CutStream, FileError, HttpError, Withheld
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage

URL = "https://queue.fal.run"
PATIENCE = 30 * 60.0
_STATES = {"IN_QUEUE": "queued", "IN_PROGRESS": "running", "COMPLETED": "done"}
_POLICY = "content_policy_violation"


@dataclass(frozen=True, slots=True)
class Model:
    """One model behind the queue: its address, what it is sent for (words, seconds, (width, height)), its unit."""

    path: str
    title: str
    most_characters: int
    arguments: Callable[[str, float, tuple[int, int]], dict[str, Json]]
    unit: Callable[[Mapping[str, Any]], str]


def _pika(words: str, seconds: float, size: tuple[int, int]) -> dict[str, Json]:
    if seconds > 10:
        raise Refusal(f"Pika makes 5 or 10 s, not {seconds:g}")
    shapes = ("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3")
    return {
        "prompt": words,
        "aspect_ratio": min(shapes, key=lambda one: abs(math.log(size[0] / size[1]) - math.log(_quotient(one)))),
        "resolution": "1080p" if min(size) > 720 else "720p",
        "duration": 5 if seconds <= 5 else 10,
    }


def _mochi(words: str, seconds: float, size: tuple[int, int]) -> dict[str, Json]:
    if seconds > 5.5:
        raise Refusal(f"Mochi makes about 5 s, not {seconds:g}")
    return {"prompt": words}  # 480p, whatever is asked


MODELS = {
    "pika-v2.2": Model(
        "fal-ai/pika/v2.2/text-to-video",
        "Pika 2.2",
        2_000,
        _pika,
        lambda sent: f"clip_{sent['resolution']}_{sent['duration']}s",
    ),
    "mochi-v1": Model("fal-ai/mochi-v1", "Genmo Mochi 1", 2_000, _mochi, lambda sent: "clip"),
}


class Fal(JobVendor):
    """One model behind fal's queue."""

    paces = ((0.0, 3.0), (60.0, 8.0))

    def __init__(self, spec: ProviderSpec, model: Model) -> None:
        super().__init__(spec)
        self._behind = model

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """One clip of the size and length that will be asked for."""
        used = Usage({self._behind.unit(self._arguments(request)): Decimal(1)}, "one clip")
        return Quote(used, used)

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"Authorization": f"Key {key}"}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST; only words go in."""
        for role in ("image", "video"):
            if role in request.sample.inputs:
                raise Refusal(f"{self.spec.id} takes no {role} here")
        return self._arguments(request) | present(seed=self.param(request, "seed")), ()

    def _arguments(self, request: Request) -> dict[str, Json]:
        words = str(request.sample.inputs.get("prompt", "")).strip()
        if not words:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        if len(words) > self._behind.most_characters:
            raise Refusal(f"{self.spec.id} is asked in at most {self._behind.most_characters} characters")
        try:
            seconds = float(str(request.sample.inputs.get("seconds", "")))
            width, height = (int(side) for side in str(request.sample.inputs.get("size", "")).split("x"))
            if not (0 < seconds < math.inf and width > 0 and height > 0):
                raise ValueError
        except ValueError:
            raise Refusal("the sample's seconds or size cannot be read", Outcome.INVALID) from None
        return self._behind.arguments(words, seconds, (width, height))

    def submission(self, body: Mapping[str, Any]) -> str:
        """The model's address."""
        return f"/{self._behind.path}"

    def job_id(self, answer: Any) -> str | None:
        """The request's id, where the answer tells the addresses too."""
        whole = isinstance(answer, dict) and answer.get("status_url") and answer.get("response_url")
        return str(answer.get("request_id") or "") or None if whole else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """The paths below which the request is asked after, fetched and cancelled, and its price's unit."""
        names = ("status_url", "response_url", "cancel_url")
        paths: dict[str, Json] = {name: urlsplit(str(answer[name])).path for name in names if answer.get(name)}
        return {**paths, "unit": self._behind.unit(body)}

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
                raise Withheld(f"fal held the clip back: {error.body[:200]}") from None
            raise FileError(error.status, error.headers, error.body) from None
        return answer

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film."""
        video = answer.get("video") if isinstance(answer, dict) else None
        address = video.get("url") if isinstance(video, dict) else None
        if not address:
            raise CutStream(0, "a finished request without the address of its film")
        return [("video", "video/mp4", address)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """One clip, as it was asked for."""
        return Usage(
            {str(job.state["unit"]): Decimal(1)}, f"one clip, request {job.ids[0]}: the answer carries no bill"
        )

    async def cancel(self, job: Job) -> None:
        """Ask the queue to drop it; 400 says that it is too late."""
        if "cancel_url" not in job.state:
            return
        try:
            await self.ask(str(job.state["url"]), "PUT", str(job.state["cancel_url"]))
        except HttpError as error:
            if error.status not in (400, 404):
                raise


def _quotient(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)


_KEY = key_needed("FAL_KEY", "https://fal.ai/dashboard/keys")


def _provider(name: str, model: Model) -> Fal:
    return Fal(
        ProviderSpec(
            id=f"fal/{name}",
            contracts=("video",),
            title=f"{model.title} through fal",
            revision="1",
            licence="fal terms of service and the model's own",
            params={"seed": Param("int", "sampling repeats as far as the model can")},
            requires=(_KEY,),
            resumable=True,
            concurrency=2,
            patience=PATIENCE,
            default_endpoint=URL,
        ),
        model,
    )


PROVIDERS = tuple(_provider(name, model) for name, model in MODELS.items())
