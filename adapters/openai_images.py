"""OpenAI pictures: the GPT Image models, which took DALL·E's place (retired on 2026-05-12).

Contract: the package ``openai`` 3.54 (``images.generate``, ``POST /v1/images/generations``). Sides are multiples of
16, at most 3840x2160, the ratio between 1:3 and 3:1: a size that does not fit is rounded up. The answer tells the
tokens used, which are the bill. What a picture takes is not published: expected are the tokens that one seller's
prices of a picture of 1024x1024 come to (those of ``gpt-image-2`` for 2.6, of which none are known); reserved is
twice as many, and more in proportion for a larger picture.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters import openai
from filmbench.adapters._asked import size
from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, asking, base_url
from filmbench.adapters._pictures import PictureVendor
from filmbench.adapters._vendor import present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

SILENCE_SECONDS = 300.0
MOST_SIDE, MOST_PIXELS, STEP = 3840, 3840 * 2160, 16
_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}

# By fal's prices of a picture (2026-11) at 30 USD a million tokens.
_TOKENS_2 = {"low": 200, "medium": 1_770, "high": 7_040}
_TOKENS_2_5 = {"low": 200, "medium": 440, "high": 1_760, "xhigh": 3_130, "max": 7_030}


class OpenAIPictures(PictureVendor):
    """One GPT Image model; ``tokens`` are what a picture of each quality takes."""

    def __init__(self, spec: ProviderSpec, tokens: Mapping[str, int]) -> None:
        super().__init__(spec)
        self._tokens = tokens

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Tokens of the prompt (no token is shorter than a byte) and of the picture."""
        words = len(self.prompt(request).encode())
        width, height = size(request)
        usual = self._tokens[self.param(request, "quality")]
        most = 2 * usual * max(1.0, width * height / 1024**2)
        return Quote(
            Usage(_tokens(-(-words // 4), usual), "length of the prompt; what such pictures took"),
            Usage(_tokens(words + 100, round(most)), "twice what such pictures took, by their area"),
        )

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check prompt, size, address and key, and build the arguments."""
        arguments: dict[str, Json] = {
            "model": self.model,
            "prompt": self.prompt(request),
            "size": self._size(request),
            "quality": self.param(request, "quality"),
            "output_format": self.param(request, "output_format"),
            "n": 1,
        }
        arguments |= present(moderation=self.param(request, "moderation"))
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        return Prepared({"url": url, "arguments": arguments})

    def _size(self, request: Request) -> str:
        width, height = (-(-side // STEP) * STEP for side in size(request))
        if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS or not 1 / 3 <= width / height <= 3:
            raise Refusal(f"{self.spec.id} makes no picture of {width}x{height}")
        return f"{width}x{height}"

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One POST; the picture comes in its answer."""
        asked: dict[str, Any] = dict(prepared.payload)
        client = await self.client(asked["url"])
        with asking(self.key()):
            answer = await client.images.generate(**asked["arguments"])
        encoded = answer.data[0].b64_json if answer.data else None
        if not encoded:
            raise CutStream(0, "an answer without a picture")
        async with sink("image", _MEDIA[asked["arguments"]["output_format"]]) as writer:
            await writer.write(base64.b64decode(encoded))
        return _bill(answer.usage)

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over aiohttp; no redirects, no retries."""
        return await asyncio.to_thread(openai.sdk, url, key, environment, SILENCE_SECONDS)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the vendor's code."""
        return openai.by_code(error)


def _tokens(text: int, picture: int) -> dict[str, Decimal]:
    return {"text_input_token": Decimal(text), "image_output_token": Decimal(picture)}


def _bill(usage: Any) -> Usage | None:
    if usage is None:
        return None
    pictured = usage.input_tokens_details.image_tokens
    quantities = _tokens(usage.input_tokens_details.text_tokens, usage.output_tokens)
    if usage.output_tokens_details is not None:
        quantities["image_output_token"] = Decimal(usage.output_tokens_details.image_tokens)
        if usage.output_tokens_details.text_tokens:
            quantities["text_output_token"] = Decimal(usage.output_tokens_details.text_tokens)
    if pictured:
        quantities["image_input_token"] = Decimal(pictured)
    return Usage(quantities, "usage of the answer")


def _model(name: str, title: str, tokens: Mapping[str, int]) -> OpenAIPictures:
    spec = ProviderSpec(
        id=f"openai/{name}",
        contracts=("background",),
        title=f"OpenAI {title}",
        revision="1",
        licence="OpenAI terms of use",
        params={
            "quality": Param("str", "how much work goes into it", default="medium", choices=tuple(tokens)),
            "output_format": Param("str", "codec", default="png", choices=tuple(_MEDIA)),
            "moderation": Param("str", "how strictly it is filtered", choices=("auto", "low")),
        },
        requires=(openai.KEY, openai.PACKAGE),
        concurrency=8,
        patience=SILENCE_SECONDS,
        max_characters=32_000,
        default_endpoint=openai.URL,
    )
    return OpenAIPictures(spec, tokens)


PROVIDERS = (
    _model("gpt-image-2.6-sunburst", "GPT Image 2.6 Sunburst", _TOKENS_2),
    _model("gpt-image-2.6-flare", "GPT Image 2.6 Flare", _TOKENS_2),
    _model("gpt-image-2.5-sunburst", "GPT Image 2.5 Sunburst", _TOKENS_2_5),
    _model("gpt-image-2.5-flare", "GPT Image 2.5 Flare", _TOKENS_2_5),
    _model("gpt-image-2", "GPT Image 2", _TOKENS_2),
)
