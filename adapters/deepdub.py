"""Deepdub text to speech.

Contract: the vendor's OpenAPI document (docs.deepdub.ai, ``POST /api/v1/tts``) and the package ``deepdub`` 0.1,
spoken directly, because the package sets no time limit and drops status and headers. Locales and formats:
docs.deepdub.ai/api-reference/tts; WAV comes over the vendor's WebSocket alone. A recording is followed as
``voiceReference``, without a voice being made of it; as in the package, no voice prompt goes with it, though the
document calls one required. Concurrency: 3 from one address, 5 in all. The vendor states no
text limit: the one here guards the purse. The answer carries no bill; the vendor counts the seconds it spoke, at a
price it does not publish.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import SILENCE_SECONDS, HttpError, plain_session, posted, receive
from filmbench.adapters._speech import SpeechVendor, missing_voice
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Artifact, Json, Outcome, Request, Usage

URL = "https://restapi.deepdub.ai/api/v1"
VOICE = "bd1b00bb-be1c-4679-8eaa-0fcbfd4ff773"
_MEDIA = {"mp3": "audio/mpeg", "opus": "audio/ogg"}

# The vendor speaks locales: where none is asked for, a language is spoken as here.
_LOCALES = (
    "ar-SA cs-CZ da-DK de-DE el-GR en-US es-ES et-EE fi-FI fr-FR he-IL hi-IN hu-HU id-ID it-IT ja-JP ko-KR mk-MK nb-NO "
    "nl-NL pl-PL pt-BR ro-RO ru-RU sv-SE ta-IN th-TH tr-TR"
)
LOCALES = {locale.partition("-")[0]: locale for locale in _LOCALES.split()} | {"no": "nb-NO"}

_WISHES = {
    "sample_rate": "sampleRate",
    "temperature": "temperature",
    "variance": "variance",
    "tempo": "tempo",
    "seed": "seed",
    "prompt_boost": "promptBoost",
}


class Deepdub(SpeechVendor):
    """One eTTS model."""

    clones = True

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST, and the recording to be followed; it is read when it is sent."""
        locale = self.param(request, "locale") or LOCALES.get(request.sample.language or "en")
        body: dict[str, Json] = {
            "model": self.model,
            "targetText": self.spoken(request),
            "locale": locale,
            "format": self.param(request, "format"),
        }
        body |= present(**{theirs: self.param(request, ours) for ours, theirs in _WISHES.items()})
        recording = request.sample.inputs.get("voice_sample")
        if not isinstance(recording, Artifact):
            return {"body": body | {"voicePromptId": self.param(request, "voice")}, "recording": None}, ()
        if request.sample.consent is None:
            raise Refusal("the voice sample carries no consent", Outcome.INVALID)
        return {"body": body, "recording": str(media.path(recording))}, ()

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One streamed POST; what is counted is the text that was sent."""
        asked: dict[str, Any] = dict(prepared.payload)
        session, key, body = await self.client(asked["url"]), self.key(), dict(asked["body"])
        if asked["recording"]:
            content = await asyncio.to_thread(Path(asked["recording"]).read_bytes)
            body["voiceReference"] = base64.b64encode(content).decode()
        async with (
            posted(session, f"{asked['url']}/tts", {"x-api-key": key}, key, json=body) as answer,
            sink("speech", _MEDIA[body["format"]]) as writer,
        ):
            await receive(writer, answer.content.iter_any())
        return Usage({"character": Decimal(len(body["targetText"]))}, "text length: the answer carries no bill")

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A plain HTTP session; the key is given to each call and never to the session."""
        session = plain_session(url, environment, SILENCE_SECONDS)
        return session, session.close

    def meaning(self, error: HttpError) -> Meaning | None:
        """A voice that does not exist."""
        return missing_voice(error)


def _model(name: str, title: str) -> Deepdub:
    return Deepdub(
        ProviderSpec(
            id=f"deepdub/{name}",
            contracts=("tts",),
            title=f"Deepdub {title}",
            revision="1",
            licence="Deepdub terms of service",
            languages=frozenset(LOCALES),
            params={
                "voice": Param("str", "id of the voice prompt", default=VOICE, by_language=True),
                "locale": Param("str", "language and country, as es-419", by_language=True),
                "format": Param("str", "codec", default="mp3", choices=tuple(_MEDIA)),
                "sample_rate": Param(
                    "int", "samples a second", choices=(8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
                ),
                "temperature": Param("float", "0 to 1"),
                "variance": Param("float", "0 to 1: how far takes differ"),
                "tempo": Param("float", "0.5 to 2; 1 is the voice's own pace"),
                "seed": Param("int", "sampling repeats as far as the vendor can"),
                "prompt_boost": Param("bool", "closer to the voice's recording"),
            },
            requires=(key_needed("DEEPDUB_API_KEY", "https://deepdub.ai"),),
            streams=True,
            concurrency=3,
            max_characters=5_000,
            default_endpoint=URL,
        )
    )


PROVIDERS = (
    _model("dd-etts-3.2", "eTTS 3.2"),
    _model("dd-etts-3.0", "eTTS 3.0"),
    _model("dd-etts-2.5", "eTTS 2.5"),
)
