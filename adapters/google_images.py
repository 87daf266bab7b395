"""Google pictures: the Gemini image models ("Nano Banana").

Contract: the Interactions API (``POST /v1/interactions``), as the package ``google-genai`` 3.4 sends it; see
:mod:`filmbench.adapters.google`. The picture comes in the answer, as JPEG, and nothing is kept at the vendor. The bill
is the answer's own count of tokens. A picture of 1K takes 1,120 by the prices of one (litellm's map, 2026-11) and of a
token; larger ones are quoted as resellers' prices of them are in proportion; reserved is twice as many, with room for
thoughts.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from math import sqrt
from typing import Any

from filmbench.adapters import google
from filmbench.adapters._asked import nearest, size
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, Withheld, asked_json, base_url
from filmbench.adapters._pictures import PictureVendor
from filmbench.adapters._vendor import present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

PATIENCE = 300.0
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_SIDES = {"1K": 1024, "2K": 2048, "4K": 4096}
_TOKENS = {"1K": 1_120, "2K": 1_680, "4K": 2_240}


class GeminiPictures(PictureVendor):
    """One image model and the sizes it makes."""

    silence = PATIENCE

    def __init__(self, spec: ProviderSpec, sizes: tuple[str, ...]) -> None:
        super().__init__(spec)
        self._sizes = sizes

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Tokens of the prompt (no token is shorter than a byte) and of the picture."""
        words = len(self.prompt(request).encode())
        usual = _TOKENS[self._size(request)]
        most = {"text_input_token": words + 100, "image_output_token": 2 * usual, "text_output_token": 4_000}
        return Quote(
            Usage(
                {"text_input_token": Decimal(-(-words // 4)), "image_output_token": Decimal(usual)},
                "length of the prompt; what such pictures took",
            ),
            Usage(
                {unit: Decimal(count) for unit, count in most.items()}, "twice what such pictures took, and thoughts"
            ),
        )

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check prompt, size, address and key, and build the body."""
        body: dict[str, Json] = {
            "model": self.model,
            "input": self.prompt(request),
            "store": False,
            "response_format": {
                "type": "image",
                "mime_type": "image/jpeg",
                "aspect_ratio": nearest(size(request), _RATIOS),
                "image_size": self._size(request),
            },
        }
        if config := present(seed=self.param(request, "seed")):
            body["generation_config"] = config
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        return Prepared({"url": url, "body": body})

    def _size(self, request: Request) -> str:
        """The smallest that holds as many pixels as the sample asks for, else the largest."""
        width, height = size(request)
        return next((name for name in self._sizes if sqrt(width * height) <= _SIDES[name]), self._sizes[-1])

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One POST; the picture comes in its answer."""
        asked: dict[str, Any] = dict(prepared.payload)
        session, key = await self.client(asked["url"]), self.key()
        where, headers = asked["url"] + google.PATH, {"x-goog-api-key": key}
        answer, _ = await asked_json(session, "POST", where, headers, key, json=asked["body"])
        picture = google.found(answer, "image")
        if picture is None or not picture.get("data"):
            if said := google.words_of(answer):
                raise Withheld(f"Google answered with words and no picture: {said[:200]}")
            raise CutStream(0, "an answer without a picture")
        async with sink("image", picture.get("mime_type") or "image/jpeg") as writer:
            await writer.write(base64.b64decode(picture["data"]))
        return google.bill(answer)

    def meaning(self, error: HttpError) -> Meaning | None:
        """See :func:`google.meaning`."""
        return google.meaning(error)


def _model(name: str, title: str, sizes: tuple[str, ...]) -> GeminiPictures:
    spec = ProviderSpec(
        id=f"google/{name}",
        contracts=("background",),
        title=f"Google {title}",
        revision="1",
        licence="Gemini API terms of service",
        params={"seed": Param("int", "sampling repeats as far as the model can")},
        requires=(google.KEY,),
        concurrency=4,
        patience=PATIENCE,
        max_characters=32_000,
        default_endpoint=google.URL,
    )
    return GeminiPictures(spec, sizes)


PROVIDERS = (
    _model("gemini-3-pro-image", "Gemini 3 Pro Image", ("1K", "2K", "4K")),
    _model("gemini-3.1-flash-image", "Gemini 3.1 Flash Image", ("1K", "2K", "4K")),
    _model("gemini-3.1-flash-lite-image", "Gemini 3.1 Flash-Lite Image", ("1K",)),
)
