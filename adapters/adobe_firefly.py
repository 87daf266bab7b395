"""Adobe Firefly: pictures from words, film from words or a first frame.

Contract: ``POST /v3/images/generate-async``, ``POST /v3/videos/generate``, ``POST /v2/storage/image``, ``GET
/v3/status/{id}``, ``PUT /v3/cancel/{id}`` (developer.adobe.com/firefly-services; the description inside the package
``@adobe/firefly-apis``). An organisation may send four requests a minute, so a job is asked after slowly. A film has
five seconds, whatever is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters import _adobe as adobe
from filmbench.adapters._asked import fitting, painted, size, whole_seconds
from filmbench.adapters._http import CutStream, NoAnswer
from filmbench.harness.protocols import Job, Media, Param, Refusal
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage

URL = "https://firefly-api.adobe.io"
MOST_PROMPT = 1_024
MOST_IMAGE_BYTES = 15 * 10**6
SECONDS = 5
_IMAGES = ("image/png", "image/jpeg", "image/webp")
_PICTURES_3 = ("2048:2048", "1024:1024", "2304:1792", "1792:2304", "2688:1536", "1344:768", "1152:896", "896:1152")
_PICTURES_4 = ("2048:2048", "2304:1792", "1792:2304", "2688:1536", "1440:2560")
_FILMS = {
    "540p": ("960:540", "540:960", "540:540"),
    "720p": ("1280:720", "720:1280", "720:720"),
    "1080p": ("1920:1080", "1080:1920", "1080:1080"),
}


class Firefly(adobe.Adobe):
    """One model, which the header ``x-model-version`` names; ``path`` is that of the paid POST."""

    paces = ((0.0, 15.0), (120.0, 30.0))
    uploads_last = 3600.0
    below = "/v3/status"
    path: str
    makes: tuple[str, str, str]
    ratios: tuple[str, ...]

    def __init__(self, name: str, title: str, contract: str, version: str, ratios: tuple[str, ...]) -> None:
        params = {
            "seed": Param("int", "the same seed gives similar results"),
            "negative_prompt": Param("str", "what must not be seen"),
        }
        super().__init__(adobe.spec(name, title, contract, URL, params))
        self._version = version
        self.ratios = ratios

    def headers(self, key: str) -> dict[str, str]:
        """The token, the client's id and the model."""
        return {**super().headers(key), "x-model-version": self._version}

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return self.path

    def words(self, request: Request) -> dict[str, Json]:
        """The prompt and what goes with it. Raises :class:`Refusal`."""
        prompt, avoided = painted(request), self.param(request, "negative_prompt")
        if not prompt:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        for text in (prompt, avoided or ""):
            if len(text) > MOST_PROMPT:
                raise Refusal(f"{self.spec.id} takes at most {MOST_PROMPT} characters, it has {len(text)}")
        seed = self.param(request, "seed")
        seeds: dict[str, Json] = {} if seed is None else {"seeds": [seed]}
        return {"prompt": prompt} | ({"negativePrompt": avoided} if avoided else {}) | seeds

    def sized(self, request: Request) -> dict[str, Json]:
        """Width and height that will be asked for."""
        width, height = fitting(size(request), self.ratios).split(":")
        return {"width": int(width), "height": int(height)}

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The picture or the film; of several only the first, as one is asked for."""
        role, kind, media_type = self.makes
        outputs = (answer.get("result") or {}).get("outputs") or [{}]
        address = (outputs[0].get(kind) or {}).get("url")
        if not address:
            raise CutStream(0, "a finished job without the address of its result")
        return [(role, media_type, address)]

    async def cancel(self, job: Job) -> None:
        """Stop a job; one that is over or gone answers 404, 409 or 410."""
        await self.stop(job, "PUT", f"/v3/cancel/{job.ids[0]}", (404, 409, 410))

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What is billed."""
        return {"unit": self.unit(body)}

    def unit(self, body: Mapping[str, Any]) -> str:
        """In what its price is set."""
        return "image"

    def used(self, answer: Any, job: Job) -> Usage | None:
        """What was asked for: the answer carries no bill."""
        return self.billed(str(job.state["unit"]), "as asked for: Adobe's answer carries no bill")

    def billed(self, unit: str, evidence: str) -> Usage:
        """One picture, or the seconds of one film."""
        return Usage({unit: Decimal(1 if unit == "image" else SECONDS)}, evidence)


class Picture(Firefly):
    """A picture from words."""

    path = "/v3/images/generate-async"
    makes = ("image", "image", "image/jpeg")

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """One picture."""
        used = self.billed("image", "one picture")
        return Quote(used, used)

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        return {**self.words(request), "size": self.sized(request), "numVariations": 1}, ()


class Film(Firefly):
    """Film from words, with or without a first frame."""

    path = "/v3/videos/generate"
    makes = ("video", "video", "video/mp4")

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Five seconds of the size that will be asked for."""
        used = self.billed(self.unit({"sizes": [self.sized(request)]}), "one film")
        return Quote(used, used)

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        if "video" in request.sample.inputs:
            raise Refusal(f"{self.spec.id} does not go on from a clip")
        whole_seconds(request, (SECONDS,))
        body: dict[str, Json] = {**self.words(request), "sizes": [self.sized(request)]}
        if "image" in request.sample.inputs:
            frame = self.input(request, "image", _IMAGES, MOST_IMAGE_BYTES)

            async def send() -> str:
                content = await asyncio.to_thread(media.path(frame).read_bytes)
                kind = {"Content-Type": frame.media_type}
                answer, _ = await self.ask(url, "POST", "/v2/storage/image", data=content, headers=kind)
                if not (images := answer.get("images")):
                    raise NoAnswer("an upload without an id")
                return str(images[0]["id"])

            name, _ = await self.uploaded(frame, url, send)
            body["image"] = {"conditions": [{"source": {"uploadId": name}, "placement": {"position": 0}}]}
        return body, ()

    def unit(self, body: Mapping[str, Any]) -> str:
        """A second, of its size."""
        (asked,) = body["sizes"]
        ratio = f"{asked['width']}:{asked['height']}"
        return f"output_second_{next(name for name, ratios in _FILMS.items() if ratio in ratios)}"


PROVIDERS = (
    Picture("firefly-image-4", "Firefly Image 4", "background", "image4_standard", _PICTURES_4),
    Picture("firefly-image-4-ultra", "Firefly Image 4 Ultra", "background", "image4_ultra", _PICTURES_4),
    Picture("firefly-image-3", "Firefly Image 3", "background", "image3", _PICTURES_3),
    Film(
        "firefly-video",
        "Firefly Video",
        "video",
        "video1_standard",
        tuple(one for ratios in _FILMS.values() for one in ratios),
    ),
)
