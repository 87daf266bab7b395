"""OpenAI text to speech.

Contract: the package ``openai`` 3.54 (``audio.speech.create``, ``POST /v1/audio/speech``), with its client
over aiohttp. All three models are announced to shut down on 2027-01-06 (``types/audio/speech_model.py``).
The answer carries no bill: ``tts-1`` and ``tts-1-hd`` are priced by the characters sent,
``gpt-4o-mini-tts`` by the length of the speech, which raw PCM tells exactly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CONNECT_SECONDS, SILENCE_SECONDS, HttpError, asking, receive
from filmbench.adapters._speech import SpeechVendor, wav_of_pcm
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Requirement, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

URL = "https://api.openai.com/v1"
PCM_RATE = 24_000
_MEDIA = {"pcm": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac"}

# Speech runs at about 15 characters a second in European languages. A digit, a sign or a Chinese character
# may take 0.6 s, and a pause at either end some seconds: that is the most a text can cost.
_SECONDS_A_CHARACTER = Decimal(1) / 15
_MOST_SECONDS_A_CHARACTER = Decimal("0.6")
_MOST_SECONDS_OF_PAUSE = Decimal(10)

_BY_CODE: Mapping[str, Meaning] = {
    "invalid_api_key": "key",
    "insufficient_quota": "credit",
    "billing_hard_limit_reached": "credit",
    "billing_not_active": "credit",
    "model_not_found": "gone",
    "content_policy_violation": "refused",
    "moderation_blocked": "refused",
    "rate_limit_exceeded": "rate",
}


class OpenAI(SpeechVendor):
    """One OpenAI speech model. ``directed`` models take the direction as instructions."""

    def __init__(self, spec: ProviderSpec, directed: bool) -> None:
        super().__init__(spec)
        self._directed = directed

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Characters, or for a model billed by speech the seconds that the text may take."""
        if not self._directed:
            return await super().quote(request, live)
        characters = Decimal(len(self.spoken(request)))
        most = characters * _MOST_SECONDS_A_CHARACTER + _MOST_SECONDS_OF_PAUSE
        return Quote(_seconds(characters * _SECONDS_A_CHARACTER, "text length"), _seconds(most, "text length"))

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The arguments of the call. A voice of one's own (``voice_…``) is named by its id."""
        voice = self.param(request, "voice")
        arguments: dict[str, Json] = {
            "input": self.spoken(request),
            "model": self.model,
            "voice": {"id": voice} if voice.startswith("voice_") else voice,
            "response_format": self.param(request, "response_format"),
        }
        if self._directed:
            said = [self.param(request, "instructions"), request.sample.inputs.get("direction")]
            arguments |= present(instructions=" ".join(str(words) for words in said if words) or None)
        else:
            arguments |= present(speed=self.param(request, "speed"))
        return {"arguments": arguments}, ()

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One streamed POST."""
        asked: dict[str, Any] = dict(prepared.payload)
        codec = asked["arguments"]["response_format"]
        client = await self.client(asked["url"])
        async with AsyncExitStack() as stack:
            with asking(self.key()):
                call = client.audio.speech.with_streaming_response.create(**asked["arguments"])
                answer = await stack.enter_async_context(call)
            async with sink("speech", _MEDIA[codec]) as writer:
                chunks = answer.iter_bytes()
                received = await receive(writer, wav_of_pcm(chunks, PCM_RATE) if codec == "pcm" else chunks)
        return self._used(asked["arguments"], received)

    def _used(self, arguments: Mapping[str, Any], received: int) -> Usage | None:
        if not self._directed:
            return Usage({"character": Decimal(len(arguments["input"]))}, "text length: the answer carries no bill")
        if arguments["response_format"] != "pcm":
            return None
        return _seconds(Decimal(received - 44) / (2 * PCM_RATE), "seconds of PCM received")

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over aiohttp; no redirects, no retries."""
        return await asyncio.to_thread(sdk, url, key, environment, SILENCE_SECONDS)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the vendor's code."""
        return by_code(error)


def by_code(error: HttpError) -> Meaning | None:
    """By ``error.code``: an empty account is 429 like a rate that is too high, a bad voice 400."""
    body = error.detail()
    inner = body.get("error", body) if isinstance(body, dict) else None
    return _BY_CODE.get(str(inner.get("code"))) if isinstance(inner, dict) else None


def _seconds(amount: Decimal, evidence: str) -> Usage:
    return Usage({"output_second": round(amount, 3)}, evidence)


def sdk(url: str, key: str, environment: bool, silence: float) -> tuple[Any, Callable[[], Awaitable[None]]]:
    """The SDK's client and what closes it; ``silence`` is how long an answer may keep still, in seconds."""
    import httpx2
    from openai import AsyncOpenAI, DefaultAioHttpClient

    http = DefaultAioHttpClient(
        follow_redirects=False,
        trust_env=environment,
        timeout=httpx2.Timeout(silence, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(max_connections=0),
    )
    client = AsyncOpenAI(api_key=key, base_url=url, max_retries=0, http_client=http)
    return client, client.close


KEY = key_needed("OPENAI_API_KEY", "https://platform.openai.com/api-keys")
PACKAGE = Requirement("python", "openai", "pip install 'filmbench[vendors]'")
_VOICE = Param("str", "name of a built-in voice, or voice_… of your own", default="alloy", by_language=True)
_FORMAT = Param("str", "codec; PCM is kept as WAV and is the first to sound", default="pcm", choices=tuple(_MEDIA))


def _model(name: str, title: str, directed: bool) -> OpenAI:
    own = (
        {"instructions": Param("str", "how every line is to be spoken; a line's direction follows it")}
        if directed
        else {"speed": Param("float", "0.25 to 4; 1 is the voice's own pace")}
    )
    spec = ProviderSpec(
        id=f"openai/{name}",
        contracts=("tts",),
        title=f"OpenAI {title}",
        revision="1",
        licence="OpenAI terms of use; listeners must be told that the voice is not human",
        params={"voice": _VOICE, "response_format": _FORMAT, **own},
        requires=(KEY, PACKAGE),
        streams=True,
        concurrency=8,
        max_characters=4_096,
        default_endpoint=URL,
    )
    return OpenAI(spec, directed)


PROVIDERS = (
    _model("gpt-4o-mini-tts", "GPT-4o mini TTS", directed=True),
    _model("tts-1", "TTS-1", directed=False),
    _model("tts-1-hd", "TTS-1 HD", directed=False),
)
