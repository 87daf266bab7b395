"""Cartesia text to speech.

Contract: the package ``cartesia`` 4.2 (``tts.generate``, ``POST /tts/bytes``, ``Cartesia-Version``
2026-08-14), with its client over aiohttp. Concurrency by plan: Free 2, Pro 3, Startup 5, Scale 15
(docs.cartesia.ai, concurrency limits). The vendor states no text limit: the one here guards the purse. The
answer carries no bill; a character costs about one credit, dearer or cheaper by plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CONNECT_SECONDS, SILENCE_SECONDS, HttpError, asking, receive
from filmbench.adapters._speech import SpeechVendor, missing_voice, wav_of_pcm
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Requirement, Sink
from filmbench.harness.types import Json, Request, Usage

URL = "https://api.cartesia.ai"
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"

_LANGUAGES = (
    "ar bg bn cs da de el en es fi fr gu he hi hr hu id it ja ka kn ko ml mr ms nl no or pa pl pt ro ru sk sv ta te th "
    "tl tr uk ur vi zh"
)
_BY_CODE: Mapping[str, Meaning] = {
    "quota_exceeded": "credit",
    "insufficient_credits": "credit",
    "model_not_found": "gone",
    "voice_not_found": "input",
    "concurrency_limited": "rate",
}


class Cartesia(SpeechVendor):
    """One Sonic model. Raw PCM is asked for and kept as WAV."""

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The arguments of the call."""
        rate = self.param(request, "sample_rate")
        wishes = {name: self.param(request, name) for name in ("speed", "volume", "emotion")}
        arguments: dict[str, Json] = {
            "model_id": self.model,
            "transcript": self.spoken(request),
            "voice": {"id": self.param(request, "voice")},
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": rate},
        }
        return {
            "arguments": arguments
            | present(language=request.sample.language, generation_config=present(**wishes) or None)
        }, ()

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One streamed POST; what it uses is the text that was sent."""
        asked: dict[str, Any] = dict(prepared.payload)
        arguments = asked["arguments"]
        client = await self.client(asked["url"])
        async with AsyncExitStack() as stack:
            with asking(self.key()):
                call = client.tts.with_streaming_response.generate(**arguments)
                answer = await stack.enter_async_context(call)
            async with sink("speech", "audio/wav") as writer:
                await receive(writer, wav_of_pcm(answer.iter_bytes(), arguments["output_format"]["sample_rate"]))
        return Usage({"character": Decimal(len(arguments["transcript"]))}, "text length: the answer carries no bill")

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over aiohttp; no redirects, no retries."""
        return await asyncio.to_thread(_connect, url, key, environment)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By ``error_code``, and for a 404 without one by its words: a missing voice is not a missing model."""
        body = error.detail()
        code = str(body.get("error_code")) if isinstance(body, dict) else ""
        return _BY_CODE.get(code) or missing_voice(error)


def _connect(url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
    import httpx
    from cartesia import AsyncCartesia, DefaultAioHttpClient

    http = DefaultAioHttpClient(
        follow_redirects=False,
        trust_env=environment,
        timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=0),
    )
    client = AsyncCartesia(api_key=key, base_url=url, max_retries=0, http_client=http)
    return client, client.close


_PARAMS = {
    "voice": Param("str", "id of the voice", default=VOICE, by_language=True),
    "sample_rate": Param(
        "int", "samples a second", default=44_100, choices=(8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
    ),
    "speed": Param("float", "0.6 to 1.5; 1 is the voice's own pace"),
    "volume": Param("float", "0.5 to 2; 1 is the voice's own"),
    "emotion": Param("str", "neutral, happy, excited, angry, sad, scared, … (the vendor's list)"),
}
_NEEDS = (
    key_needed("CARTESIA_API_KEY", "https://play.cartesia.ai/keys"),
    *(Requirement("python", name, "pip install 'filmbench[vendors]'") for name in ("cartesia", "httpx_aiohttp")),
)


def _model(name: str, title: str) -> Cartesia:
    return Cartesia(
        ProviderSpec(
            id=f"cartesia/{name}",
            contracts=("tts",),
            title=f"Cartesia {title}",
            revision="1",
            licence="Cartesia terms of service; commercial use needs a paid plan",
            languages=frozenset(_LANGUAGES.split()),
            params=_PARAMS,
            requires=_NEEDS,
            streams=True,
            concurrency=3,
            max_characters=10_000,
            default_endpoint=URL,
        )
    )


PROVIDERS = (_model("sonic-3.5", "Sonic 3.5"), _model("sonic-3", "Sonic 3"))
