"""Typecast (Neosapience) text to speech.

Contract: the types of the package ``typecast-python`` 0.5.2 and typecast.ai/docs/api-reference, spoken
directly, because the package sets no time limit and hides the answer's headers. ``POST
/v1/text-to-speech/stream`` answers in chunks, WAV with a header whose sizes are open. Languages are ISO
639-3. Concurrency by plan: Free 2, Lite 5, Plus 15. The answer carries no bill; the account's credits go
by text length.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import SILENCE_SECONDS, HttpError, plain_session, posted, receive
from filmbench.adapters._speech import SpeechVendor, missing_voice
from filmbench.adapters._vendor import key_needed, present
from filmbench.harness.protocols import Media, Param, Prepared, ProviderSpec, Sink
from filmbench.harness.types import Json, Request, Usage

URL = "https://api.typecast.ai"

_V21 = (
    "ar:ara bg:bul cs:ces da:dan de:deu el:ell en:eng es:spa fi:fin fil:tgl fr:fra hr:hrv id:ind it:ita ja:jpn ko:kor "
    "ms:msa nl:nld pl:pol pt:por ro:ron ru:rus sk:slk sv:swe ta:tam tl:tgl uk:ukr zh:zho"
)
_V30 = f"{_V21} bn:ben hi:hin hu:hun nan:nan no:nor pa:pan th:tha tr:tur vi:vie yue:yue"
_EMOTIONS = ("normal", "happy", "sad", "angry")


class Typecast(SpeechVendor):
    """One SSFM model. A direction that names one of the model's emotions (``whispered``) chooses it."""

    def __init__(self, spec: ProviderSpec, languages: dict[str, str], emotions: tuple[str, ...]) -> None:
        super().__init__(spec)
        self._languages = languages
        self._emotions = emotions

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        prompt: dict[str, Json] = {"emotion_preset": self._emotion(request)}
        if self.model != "ssfm-v21":
            prompt["emotion_type"] = "preset"
        prompt |= present(emotion_intensity=self.param(request, "emotion_intensity"))
        output = {"audio_format": self.param(request, "audio_format")}
        output |= present(
            audio_tempo=self.param(request, "audio_tempo"), audio_pitch=self.param(request, "audio_pitch")
        )
        body: dict[str, Json] = {
            "voice_id": self.param(request, "voice"),
            "text": self.spoken(request),
            "model": self.model,
            "prompt": prompt,
            "output": output,
        }
        return {"body": body | present(language=self._languages.get(request.sample.language or ""))}, ()

    def _emotion(self, request: Request) -> str:
        direction = request.sample.inputs.get("direction")
        wanted = direction.lower() if isinstance(direction, str) else ""
        named = next((emotion for emotion in self._emotions if emotion in wanted), None)
        return named or str(self.param(request, "emotion"))

    async def generate(self, prepared: Prepared, sink: Sink) -> Usage | None:
        """One streamed POST; what it uses is the text that was sent."""
        asked: dict[str, Any] = dict(prepared.payload)
        session, key = await self.client(asked["url"]), self.key()
        where = f"{asked['url']}/v1/text-to-speech/stream"
        kind = "audio/mpeg" if asked["body"]["output"]["audio_format"] == "mp3" else "audio/wav"
        async with (
            posted(session, where, {"X-API-KEY": key}, key, json=asked["body"]) as answer,
            sink("speech", kind) as writer,
        ):
            await receive(writer, answer.content.iter_any())
        return Usage({"character": Decimal(len(asked["body"]["text"]))}, "text length: the answer carries no bill")

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A plain HTTP session; the key is given to each call and never to the session."""
        session = plain_session(url, environment, SILENCE_SECONDS)
        return session, session.close

    def meaning(self, error: HttpError) -> Meaning | None:
        """A voice that does not exist."""
        return missing_voice(error)


def _model(name: str, title: str, codes: str, emotions: tuple[str, ...]) -> Typecast:
    languages = dict(pair.split(":") for pair in codes.split())
    spec = ProviderSpec(
        id=f"typecast/{name}",
        contracts=("tts",),
        title=f"Typecast {title}",
        revision="1",
        licence="Typecast terms of service; commercial use needs a paid plan",
        languages=frozenset(languages),
        params={
            "voice": Param("str", "id of the voice", default="tc_672c5f5ce59fac2a48faeaee", by_language=True),
            "audio_format": Param("str", "container and codec", default="wav", choices=("wav", "mp3")),
            "emotion": Param("str", "how it is spoken where no direction names it", default="normal", choices=emotions),
            "emotion_intensity": Param("float", "0 to 2; 1 is the preset's own"),
            "audio_tempo": Param("float", "0.5 to 2; 1 is the voice's own pace"),
            "audio_pitch": Param("int", "-12 to 12 semitones"),
        },
        requires=(key_needed("TYPECAST_API_KEY", "https://typecast.ai/developers/api/api-key"),),
        streams=True,
        concurrency=5,
        max_characters=2_000,
        default_endpoint=URL,
    )
    return Typecast(spec, languages, emotions)


PROVIDERS = (
    _model("ssfm-v30", "SSFM 3.0", _V30, (*_EMOTIONS, "whisper", "toneup", "tonedown")),
    _model("ssfm-v21", "SSFM 2.1", _V21, _EMOTIONS),
)
