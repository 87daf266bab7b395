"""ElevenLabs dubbing: the scene's sound in another language, in the speakers' own voices.

Contract: the package ``elevenlabs`` 2.78 (``dubbing.project``, ``POST /v1/dubbing/project`` and what lies below it);
the older ``/v1/dubbing`` is legacy. A project is transcribed (queued, preparing, ready), then its one language is
dubbed (queued, processing, completed). What comes back is a lossless sound track, never a picture, and its lines as
subtitles, from signed addresses that live an hour. One language is charged when the project is made, by the minute;
no answer tells the charge, so the source's length as the vendor measured it is what is counted. Deleting a project
does not stop a dub that has begun.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.adapters import elevenlabs
from filmbench.adapters._download import download
from filmbench.adapters._failures import MODERATED, Meaning
from filmbench.adapters._http import (
    CONNECT_SECONDS,
    SILENCE_SECONDS,
    CutStream,
    HttpError,
    asking,
    is_loopback,
    plain_session,
)
from filmbench.adapters._jobs import Jobs
from filmbench.adapters._vendor import NO_LENGTH, minutes, present
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Json, Quote, Request, Usage

if TYPE_CHECKING:
    from aiohttp import ClientSession

PATIENCE = 60 * 60.0
MOST_BYTES = 3 * 1024**3
_KINDS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
}
_PROJECT = {"queued": "queued", "failed": "failed"}
_LANGUAGE = {"queued": "queued", "completed": "done", "stale": "done", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class _Line:
    """The SDK's client, and the session beneath it, through which results come without the key."""

    sdk: Any
    session: ClientSession


@dataclass(frozen=True, slots=True)
class _Standing:
    """A project, and its language once the project is ready."""

    project: Any
    language: Any = None


@dataclass(slots=True)
class _Kept:
    """Keeps what is downloaded into it."""

    content: bytes = b""

    async def write(self, chunk: bytes) -> None:
        self.content += chunk


class Dubbing(Jobs):
    """One dubbing model."""

    paces = ((0.0, 5.0), (120.0, 15.0))

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Minutes of the source, for one language."""
        seconds = self.seconds(request, "source")
        if seconds is None:
            return Quote(NO_LENGTH, NO_LENGTH)
        expected, most = minutes(seconds, "length of the source"), minutes(seconds + 1, "length, rounded up")
        return Quote(expected, most)

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The form's fields, and which file goes with them; it is read when it is sent."""
        source = self.input(request, "source", tuple(_KINDS), MOST_BYTES)
        target = self.param(request, "target_language") or request.sample.language
        if not target:
            raise Refusal("the sample does not say into which language")
        spoken = request.sample.inputs.get("source_language")
        name = f"{source.sha256[:20]}.{_KINDS[source.media_type]}"
        fields: dict[str, Json] = {"model_id": self.model, "target_language": target, "reference": f"filmbench {name}"}
        fields |= present(source_language=spoken if isinstance(spoken, str) and spoken else None)
        return {"file": [name, str(media.path(source)), source.media_type], "fields": fields}, ()

    async def paid(self, url: str, body: Mapping[str, Any]) -> Any:
        """The project, made with its first language."""
        line: _Line = await self.client(url)
        name, path, media_type = body["file"]
        with await asyncio.to_thread(Path(path).open, "rb") as file, asking(self.key()):
            return await line.sdk.dubbing.project.create(
                file=(name, file, media_type), **body["fields"], request_options=elevenlabs.ONCE
            )

    def job_id(self, answer: Any) -> str | None:
        """The project's id."""
        return getattr(answer, "project_id", None)

    async def status(self, job: Job) -> tuple[Any, Mapping[str, str]]:
        """The project until it is ready, then its language."""
        line: _Line = await self.client(str(job.state["url"]))
        projects, (id,) = line.sdk.dubbing.project, job.ids
        with asking(self.key()):
            found = await projects.with_raw_response.get(id, request_options=elevenlabs.ONCE)
            if found.data.status != "ready" or not found.data.language_ids:
                return _Standing(found.data), found.headers
            language = found.data.language_ids[0]
            told = await projects.language.with_raw_response.get(id, language, request_options=elevenlabs.ONCE)
        return _Standing(found.data, told.data), told.headers

    def progress(self, answer: Any) -> Progress:
        """A language that is stale still has its dub; a failure whose words speak of moderation is a refusal."""
        stands: _Standing = answer
        if stands.language is not None:
            state = _LANGUAGE.get(stands.language.status, "running")
        elif stands.project.status == "ready":
            return Progress("failed", reason="the project has no language to be dubbed into")
        else:
            state = _PROJECT.get(stands.project.status, "running")
        error = (stands.language or stands.project).error
        reason = f"{error.code}: {error.message}" if error is not None else None
        if state == "failed" and reason and MODERATED.search(reason):
            state = "refused"
        return Progress(state, reason=reason)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The sound track."""
        outputs = answer.language.outputs if answer.language is not None else None
        if outputs is None or not outputs.lossless_audio:
            raise CutStream(0, "a finished dub without the address of its sound")
        return [("dubbed", "audio/flac", outputs.lossless_audio)]

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """The sound, and what is spoken in it where the vendor tells: the lines of its subtitles."""
        used = await super().fetch(job, sink)
        address = (await self.finished(job)).language.outputs.subtitles
        if address:
            url = str(job.state["url"])
            subtitles = _Kept()
            await download(await self.session(url), address, subtitles, is_loopback(url))
            if lines := spoken_lines(subtitles.content.decode()):
                async with sink("script", "text/plain") as writer:
                    await writer.write(lines.encode())
        return used

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The source's length as the vendor measured it; whose voice it replaced by another is noted beside it."""
        media = answer.project.media
        if media is None or not media.duration_s:
            return None
        evidence = f"duration_s of project {job.ids[0]}: the answer carries no bill"
        warnings = [*(answer.project.warnings or ()), *(answer.language.warnings or ())]
        if replaced := sorted({speaker for warning in warnings for speaker in warning.speaker_ids}):
            evidence += f"; another voice than their own was given to {', '.join(replaced)}"
        return minutes(Decimal(str(media.duration_s)), evidence)

    def left_by(self, id: str) -> str | None:
        """The project, with source, transcript and dub."""
        return id

    async def delete(self, name: str, url: str) -> None:
        """Delete the project and all below it."""
        line: _Line = await self.client(url)
        with asking(self.key()):
            await line.sdk.dubbing.project.delete(name, request_options=elevenlabs.ONCE)

    async def session(self, url: str) -> Any:
        """The session beneath the SDK's client."""
        line: _Line = await self.client(url)
        return line.session

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """The SDK's client over a plain session; no redirects, no retries."""
        session = plain_session(url, environment, SILENCE_SECONDS)
        return _Line(await asyncio.to_thread(_sdk, url, key, session), session), session.close

    def meaning(self, error: HttpError) -> Meaning | None:
        """By the code under ``detail``."""
        return elevenlabs.by_code(error)


def spoken_lines(webvtt: str) -> str:
    """The text of WebVTT subtitles, a line a cue, without times, settings and marks of speakers or style."""
    lines = []
    for block in re.split(r"\n[ \t]*\n", webvtt.replace("\r\n", "\n")):
        _, times, text = block.partition("-->")
        words = re.sub(r"<[^>]*>", "", text.partition("\n")[2])
        if times and words.strip():
            lines.append(html.unescape(" ".join(words.split())))
    return "\n".join(lines)


def _sdk(url: str, key: str, session: ClientSession) -> Any:
    import httpx
    from elevenlabs.client import AsyncElevenLabs
    from httpx_aiohttp import AiohttpTransport

    patience = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    http = httpx.AsyncClient(transport=AiohttpTransport(client=session), follow_redirects=False, trust_env=False)
    return AsyncElevenLabs(api_key=key, base_url=url, httpx_client=http, timeout=patience)


def _model(name: str, title: str, languages: frozenset[str] | None) -> Dubbing:
    return Dubbing(
        ProviderSpec(
            id=f"elevenlabs/{name}",
            contracts=("dubbing",),
            title=f"ElevenLabs {title}",
            revision="1",
            licence="ElevenLabs terms of service; whoever speaks must have agreed",
            languages=languages,
            params={"target_language": Param("str", "BCP-47 tag with a region, as es-MX", by_language=True)},
            requires=(elevenlabs.KEY, *elevenlabs.PACKAGES),
            resumable=True,
            concurrency=3,
            patience=PATIENCE,
            default_endpoint=elevenlabs.URL,
        )
    )


PROVIDERS = (
    _model("dubbing_v2", "Dubbing v2, sound only", None),
    _model("dubbing_v1", "Dubbing v1, sound only", frozenset(elevenlabs.MULTILINGUAL.split())),
)
