"""HeyGen: video translation with lip sync, and lip sync to given speech.

Contract: version 3 of the API (``POST /v3/video-translations``, ``POST /v3/lipsyncs``, ``POST /v3/assets``), as the
vendor's own command-line client ``heygen-com/heygen-cli`` embeds its schemas; there is no Python package. Versions 1
and 2 ended on 2026-10-31. Pace of polling: the vendor's guide, every 30 s for three minutes, then every minute.
Concurrency: developers.heygen.com/docs/pricing (pay as you go). The bill is the output's length, which the finished
job tells. Whether a failed job is billed is not stated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from filmbench.adapters._failures import MODERATED, Meaning
from filmbench.adapters._http import CutStream, HttpError
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import NO_LENGTH, key_needed, present
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Json, Quote, Request, Usage

URL = "https://api.heygen.com"
MOST_BYTES = 32 * 10**6
PATIENCE = 45 * 60.0
_VIDEO = ("video/mp4", "video/webm")
_AUDIO = ("audio/mpeg", "audio/wav")
_EXTENSIONS = {"video/mp4": "mp4", "video/webm": "webm", "audio/mpeg": "mp3", "audio/wav": "wav"}

# The vendor names languages; without a country it takes the language at large.
_NAMES = """
ar:Arabic bg:Bulgarian cs:Czech da:Danish de:German el:Greek en:English es:Spanish fi:Finnish fil:Filipino fr:French
hi:Hindi hr:Croatian id:Indonesian it:Italian ja:Japanese ko:Korean ms:Malay nl:Dutch pl:Polish pt:Portuguese
ro:Romanian ru:Russian sk:Slovak sv:Swedish ta:Tamil tr:Turkish uk:Ukrainian zh:Chinese
"""
LANGUAGES = dict(pair.split(":") for pair in _NAMES.split())

_BY_CODE: Mapping[str, Meaning] = {
    "unauthorized": "key",
    "forbidden": "key",
    "insufficient_credit": "credit",
    "rate_limit_exceeded": "rate",
    "asset_not_available": "input",
    "conflict": "input",
    "invalid_parameter": "input",
    "validation_error": "input",
    "payload_too_large": "input",
}
_STATES = {"pending": "queued", "running": "running", "completed": "done", "failed": "failed"}


class HeyGen(JobVendor):
    """What translation and lip sync share: assets, states, bills, errors."""

    paces = ((0.0, 30.0), (180.0, 60.0))
    path: str

    def __init__(self, spec: ProviderSpec, mode: str, audio_only: bool = False) -> None:
        super().__init__(spec)
        self._mode = mode
        self._audio_only = audio_only

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"X-Api-Key": key}

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return self.path

    def status_path(self, job: Job) -> str:
        """Where a job is asked after."""
        return f"{self.path}/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """The vendor has four states; a moderated job is a failed one whose message says so."""
        job = _data(answer)
        state, said = _STATES.get(job.get("status", ""), "running"), job.get("failure_message")
        if state == "failed" and said and MODERATED.search(said):
            state = "refused"
        return Progress(state, reason=said)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film, in the contract's one output role."""
        address = _data(answer).get("video_url")
        if not address:
            raise CutStream(0, "a finished job without the address of its film")
        role = "dubbed" if self.spec.contracts == ("dubbing",) else "video"
        return [(role, "video/mp4", address)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The output's length, by which it is billed."""
        seconds = _data(answer).get("duration")
        if not isinstance(seconds, int | float) or seconds <= 0:
            return None
        return Usage({"output_second": Decimal(str(seconds))}, f"duration of job {job.ids[0]}; billed by it")

    def left_by(self, id: str) -> str | None:
        """The finished job stays in the account until it is deleted."""
        return f"{self.path}/{id}"

    async def delete(self, name: str, url: str) -> None:
        """Delete an asset or a job; a resource's name is its path."""
        await self.ask(url, "DELETE", name)

    def meaning(self, error: HttpError) -> Meaning | None:
        """By ``error.code``."""
        body = error.detail()
        inner = body.get("error") if isinstance(body, dict) else None
        return _BY_CODE.get(str(inner.get("code"))) if isinstance(inner, dict) else None

    def quoted(self, request: Request, *roles: str) -> Quote:
        """The length of the longest input. Where the vendor may stretch speech, the film may come out longer."""
        seconds = self.seconds(request, *roles)
        if seconds is None:
            return Quote(NO_LENGTH, NO_LENGTH)
        most = seconds * (2 if self.param(request, "dynamic_duration") else 1) + 1
        expected = Usage({"output_second": seconds}, "length of the input")
        return Quote(expected, Usage({"output_second": most}, "the most that length can become"))

    async def asset(self, artifact: Artifact, media: Media, url: str) -> tuple[dict[str, str], tuple[str, ...]]:
        """``artifact`` as the API takes it, uploaded once."""

        async def send() -> str:
            import aiohttp

            content = await asyncio.to_thread(media.path(artifact).read_bytes)
            form = aiohttp.FormData()
            name = f"{artifact.sha256[:20]}.{_EXTENSIONS[artifact.media_type]}"
            form.add_field("file", content, filename=name, content_type=artifact.media_type)
            answer, _ = await self.ask(url, "POST", "/v3/assets", data=form)
            return f"/v3/assets/{_data(answer)['asset_id']}"

        name, resources = await self.uploaded(artifact, url, send)
        return {"type": "asset_id", "asset_id": name.rpartition("/")[2]}, resources


class Translation(HeyGen):
    """Dubbing: the scene in another language, in the speaker's own voice, its lips moved to it."""

    path = "/v3/video-translations"

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """See :meth:`quoted`."""
        return self.quoted(request, "source")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST; whether the language is offered is asked first, free of charge."""
        source = self.input(request, "source", _VIDEO, MOST_BYTES)
        language = await self._language(request, url)
        video, resources = await self.asset(source, media, url)
        given = request.sample.inputs.get("source_language")
        body: dict[str, Json] = {
            "video": video,  # type: ignore[dict-item]
            "output_languages": [language],
            "mode": self._mode,
            "translate_audio_only": self._audio_only,
            "enable_dynamic_duration": self.param(request, "dynamic_duration"),
            "disable_music_track": self.param(request, "disable_music_track"),
            "enable_speech_enhancement": self.param(request, "speech_enhancement"),
        }
        more = present(
            input_language=given if isinstance(given, str) and given else None,
            speaker_num=self.param(request, "speakers"),
        )
        return body | more, resources

    async def _language(self, request: Request, url: str) -> str:
        wanted = self.param(request, "output_language") or LANGUAGES.get(request.sample.language or "")
        if not wanted:
            raise Refusal("the sample does not say into which language")
        answer, _ = await self.ask(url, "GET", f"{self.path}/languages")
        if wanted not in _data(answer).get("languages", ()):
            raise Refusal(f"HeyGen offers no {wanted!r} at present")
        return str(wanted)

    def job_id(self, answer: Any) -> str | None:
        """One request is one language, so the first of the ids."""
        ids = _data(answer).get("video_translation_ids") or [None]
        return str(ids[0]) if ids[0] else None


class LipSync(HeyGen):
    """Lip sync: the face speaks the given speech."""

    path = "/v3/lipsyncs"

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """See :meth:`quoted`."""
        return self.quoted(request, "video", "speech")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST."""
        film = self.input(request, "video", _VIDEO, MOST_BYTES)
        voice = self.input(request, "speech", _AUDIO, MOST_BYTES)
        video, of_video = await self.asset(film, media, url)
        audio, of_audio = await self.asset(voice, media, url)
        body: dict[str, Json] = {
            "video": video,  # type: ignore[dict-item]
            "audio": audio,  # type: ignore[dict-item]
            "mode": self._mode,
            "enable_dynamic_duration": self.param(request, "dynamic_duration"),
            "disable_music_track": self.param(request, "disable_music_track"),
            "enable_speech_enhancement": self.param(request, "speech_enhancement"),
        }
        return body, of_video + of_audio

    def job_id(self, answer: Any) -> str | None:
        """The id."""
        return str(_data(answer).get("lipsync_id") or "") or None


def _data(answer: Any) -> dict[str, Any]:
    found = answer.get("data") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


_PARAMS = {
    "dynamic_duration": Param("bool", "let the film become longer or shorter for its speech", default=False),
    "disable_music_track": Param("bool", "leave the music out", default=False),
    "speech_enhancement": Param("bool", "clean the speech", default=False),
}
_KEY = key_needed("HEYGEN_API_KEY", "https://app.heygen.com/settings?nav=API")


def _spec(name: str, title: str, contract: str, params: Mapping[str, Param]) -> ProviderSpec:
    return ProviderSpec(
        id=f"heygen/{name}",
        contracts=(contract,),
        title=f"HeyGen {title}",
        revision="1",
        licence="HeyGen terms of service; the person shown must have agreed",
        languages=frozenset(LANGUAGES) if contract == "dubbing" else None,
        params={**_PARAMS, **params},
        requires=(_KEY,),
        resumable=True,
        concurrency=10,
        patience=PATIENCE,
        default_endpoint=URL,
    )


def _translation(name: str, title: str, mode: str, audio_only: bool = False) -> Translation:
    own = {
        "output_language": Param("str", "the vendor's name of the language and country", by_language=True),
        "speakers": Param("int", "how many people speak"),
    }
    return Translation(_spec(name, title, "dubbing", own), mode, audio_only)


PROVIDERS = (
    _translation("translate-speed", "video translation, speed", "speed"),
    _translation("translate-precision", "video translation, precision", "precision"),
    _translation("translate-audio", "video translation, sound only", "speed", audio_only=True),
    LipSync(_spec("lipsync-speed", "lip sync, speed", "lipsync", {}), "speed"),
    LipSync(_spec("lipsync-precision", "lip sync, precision", "lipsync", {}), "precision"),
)
