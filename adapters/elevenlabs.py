"""ElevenLabs text to speech, with instant voice cloning.

Contract: the package ``elevenlabs`` 2.78 (``text_to_speech.stream``, ``voices.ivc.create``), which sends
``POST /v1/text-to-speech/{voice}/stream``. Text limits: elevenlabs.io/docs (models); concurrency by plan:
help.elevenlabs.io article 19571824571921 (the default here is the Starter plan's). The bill is the
response header ``character-cost``, in credits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CONNECT_SECONDS, SILENCE_SECONDS, HttpError, asking, receive
from filmbench.adapters._speech import SpeechVendor, wav_of_pcm
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Refusal, Requirement, Sink
from filmbench.harness.types import Artifact, Json, Outcome, Request, Usage

URL = "https://api.elevenlabs.io"
VOICE = "JBFqnCBsd6RMkjVDRZzb"
ONCE = {"max_retries": 0}

_BY_CODE: Mapping[str, Meaning] = {
    "invalid_api_key": "key",
    "missing_permissions": "key",
    "needs_authorization": "key",
    "quota_exceeded": "credit",
    "insufficient_credits": "credit",
    "payment_required": "credit",
    "model_not_found": "gone",
    "model_deprecated": "gone",
    "voice_not_found": "input",
    "voice_does_not_exist": "input",
    "max_character_limit_exceeded": "input",
    "content_against_policy": "refused",
    "too_many_concurrent_requests": "rate",
    "system_busy": "rate",
}

_VOICE_SETTINGS = ("stability", "similarity_boost", "style", "speed")
_PARAMS = {
    "voice": Param("str", "id of the voice", default=VOICE, by_language=True),
    "output_format": Param(
        "str",
        "codec and rate; 192 kbit/s needs the Creator plan, pcm_44100 and up the Pro plan; PCM is kept as WAV",
        default="mp3_44100_128",
        choices=(
            *("mp3_44100_128", "mp3_44100_192", "mp3_22050_32"),
            *("pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000"),
        ),
    ),
    "stability": Param("float", "0 to 1: lower is more varied, higher more even"),
    "similarity_boost": Param("float", "0 to 1: closeness to the voice's recordings"),
    "style": Param("float", "0 to 1: exaggeration of the voice's style"),
    "speed": Param("float", "pace; 1 is the voice's own"),
    "seed": Param("int", "0 to 4294967295: sampling repeats as far as the vendor can"),
}

MULTILINGUAL = "ar bg cs da de el en es fi fil fr hi hr id it ja ko ms nl pl pt ro ru sk sv ta tr uk zh"


@dataclass(slots=True)
class _Clone:
    """A voice made from one recording, and how many prepared requests hold it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    voice: str | None = None
    holders: int = 0


class ElevenLabs(SpeechVendor):
    """One ElevenLabs model. ``directed`` models take the direction as an audio tag before the line."""

    clones = True

    def __init__(self, spec: ProviderSpec, directed: bool, takes_language: bool) -> None:
        super().__init__(spec)
        self._directed = directed
        self._takes_language = takes_language
        self._clones: dict[tuple[asyncio.AbstractEventLoop, str, str], _Clone] = {}

    def spoken(self, request: Request) -> str:
        """The line, after ``[direction]`` where the model reads audio tags."""
        text, direction = request.sample.text(), request.sample.inputs.get("direction")
        return f"[{direction}] {text}" if self._directed and isinstance(direction, str) and direction else text

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST; a voice sample is cloned first, and only with consent."""
        settings: dict[str, Json] = {name: self.param(request, name) for name in _VOICE_SETTINGS}
        voice, resources = await self._voice(request, media, url)
        return {
            "voice": voice,
            "text": self.spoken(request),
            "output_format": self.param(request, "output_format"),
            "settings": present(**settings),
            "seed": self.param(request, "seed"),
            "language": request.sample.language if self._takes_language else None,
        }, resources

    async def _voice(self, request: Request, media: Media, url: str) -> tuple[str, tuple[str, ...]]:
        recording = request.sample.inputs.get("voice_sample")
        if not isinstance(recording, Artifact):
            return self.param(request, "voice"), ()
        if request.sample.consent is None:
            raise Refusal("the sample would clone a voice and carries no consent", Outcome.INVALID)
        voice = await self._cloned(recording, media, url)
        return voice, (f"voice:{voice}" if url == URL else f"voice:{voice}@{url}",)

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One streamed POST. The bill is what the header says; without it there is no evidence."""
        asked: dict[str, Any] = dict(prepared.payload)
        codec, rate, *_ = asked["output_format"].split("_")
        client = await self.client(asked["url"])
        async with AsyncExitStack() as stack:
            with asking(self.key()):
                answer = await stack.enter_async_context(
                    client.text_to_speech.with_raw_response.stream(
                        asked["voice"],
                        text=asked["text"],
                        model_id=self.model,
                        output_format=asked["output_format"],
                        request_options={**ONCE, "chunk_size": None},
                        **present(
                            voice_settings=asked["settings"] or None,
                            seed=asked["seed"],
                            language_code=asked["language"],
                        ),
                    )
                )
            async with sink("speech", "audio/mpeg" if codec == "mp3" else "audio/wav") as writer:
                await receive(writer, answer.data if codec == "mp3" else wav_of_pcm(answer.data, int(rate)))
            return _bill(answer.headers)

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over aiohttp, which keeps its pace with many calls at once; no redirects, no retries."""
        return await asyncio.to_thread(sdk, url, key, environment)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the code under ``detail``: a missing voice and a missing model are both 404, an empty account is 401."""
        return by_code(error)

    # --- voices ---------------------------------------------------------------------------------------

    async def _cloned(self, recording: Artifact, media: Media, url: str) -> str:
        """The id of the voice cloned from ``recording``, found by its name or made.

        The name carries the recording's sha256, so that a voice left over from a killed run is used (and
        then deleted) and not made again.
        """
        name = f"filmbench {recording.sha256[:20]}"
        clone = self._clones.setdefault((asyncio.get_running_loop(), url, name), _Clone())
        async with clone.lock:
            if clone.voice is None:
                client = await self.client(url)
                with asking(self.key()):
                    clone.voice = await self._find(client, name) or await self._make(client, name, recording, media)
            clone.holders += 1
            return clone.voice

    async def _find(self, client: Any, name: str) -> str | None:
        found = await client.voices.search(search=name, page_size=100, request_options=ONCE)
        return next((voice.voice_id for voice in found.voices if voice.name == name), None)

    async def _make(self, client: Any, name: str, recording: Artifact, media: Media) -> str:
        content = await asyncio.to_thread(media.path(recording).read_bytes)
        made = await client.voices.ivc.create(
            name=name,
            files=[("voice_sample", content, recording.media_type)],
            description="made for a benchmark run with the speaker's consent; deleted after it",
            labels={},
            request_options=ONCE,
        )
        if made.requires_verification:
            await client.voices.delete(made.voice_id, request_options=ONCE)
            raise Refusal("ElevenLabs asks the speaker to verify this voice before it may be used", Outcome.REFUSED)
        return str(made.voice_id)

    async def release(self, resource: str) -> None:
        """Delete the voice once no prepared request of this process holds it; a voice that is gone is fine."""
        voice, _, url = resource.removeprefix("voice:").partition("@")
        held = next((clone for clone in self._clones.values() if clone.voice == voice), _Clone(voice=voice))
        async with held.lock:
            held.holders -= 1
            if held.holders > 0:
                return
            held.voice = None
            client = await self.client(url or URL)
            try:
                with asking(self.key()):
                    await client.voices.delete(voice, request_options=ONCE)
            except HttpError as error:
                if error.status != 404 and _code(error) not in ("voice_not_found", "voice_does_not_exist"):
                    raise


def sdk(url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
    """The SDK's client and what closes it."""
    import httpx
    from elevenlabs.client import AsyncElevenLabs
    from httpx_aiohttp import HttpxAiohttpClient

    patience = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    http = HttpxAiohttpClient(follow_redirects=False, trust_env=environment, limits=httpx.Limits(max_connections=0))
    return AsyncElevenLabs(api_key=key, base_url=url, httpx_client=http, timeout=patience), http.aclose


def by_code(error: HttpError) -> Meaning | None:
    """By the code under ``detail``."""
    return _BY_CODE.get(_code(error))


def _code(error: HttpError) -> str:
    """The vendor's code: ``detail.code``, or ``detail.status`` in the older shape."""
    body = error.detail()
    detail = body.get("detail") if isinstance(body, dict) else None
    return str(detail.get("code") or detail.get("status") or "") if isinstance(detail, dict) else ""


def _bill(headers: Mapping[str, str]) -> Usage | None:
    try:
        credit = Decimal(headers["character-cost"])
    except (KeyError, InvalidOperation):
        return None
    return Usage({"credit": credit}, f"header character-cost of request {headers.get('request-id', 'without id')}")


KEY = key_needed("ELEVENLABS_API_KEY", "https://elevenlabs.io/app/settings/api-keys")
PACKAGES = tuple(
    Requirement("python", name, "pip install 'filmbench[vendors]'") for name in ("elevenlabs", "httpx_aiohttp")
)


def _model(
    name: str, title: str, characters: int, languages: str | None, directed: bool = False, takes_language: bool = True
) -> ElevenLabs:
    spec = ProviderSpec(
        id=f"elevenlabs/{name}",
        contracts=("tts",),
        title=f"ElevenLabs {title}",
        revision="1",
        licence="ElevenLabs terms of service; commercial use needs a paid plan",
        languages=None if languages is None else frozenset(languages.split()),
        params=_PARAMS,
        requires=(KEY, *PACKAGES),
        streams=True,
        concurrency=3,
        max_characters=characters,
        default_endpoint=URL,
    )
    return ElevenLabs(spec, directed, takes_language)


PROVIDERS = (
    _model("eleven_v4", "Eleven v4", 10_000, None, directed=True),
    _model("eleven_v4_turbo", "Eleven v4 Turbo", 10_000, None, directed=True),
    _model("eleven_v3", "Eleven v3", 5_000, None, directed=True),
    _model("eleven_multilingual_v2", "Multilingual v2", 10_000, MULTILINGUAL, takes_language=False),
    _model("eleven_flash_v2_5", "Flash v2.5", 40_000, f"{MULTILINGUAL} hu no vi"),
    _model("eleven_flash_v2", "Flash v2", 30_000, "en", takes_language=False),
    _model("eleven_turbo_v2_5", "Turbo v2.5", 40_000, f"{MULTILINGUAL} hu no vi"),
    _model("eleven_turbo_v2", "Turbo v2", 30_000, "en", takes_language=False),
)
