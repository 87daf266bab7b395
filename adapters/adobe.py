"""Adobe's Audio/Video API: speech dubbed, with or without the lips moved to it, and a recording cut by its captions.

Contract: ``POST /v1/dub``, ``POST /v1/transcribe``, ``GET /v1/status/{id}`` (developer.adobe.com/audio-video-firefly-
services). The service takes no upload: it fetches the source itself, by https, from a store of the user's. So the user
puts each source there and names, in the file of ``FILMBENCH_ADDRESSES``, the presigned address by the source's sha256:
``{"9f86d0…": "https://…"}``. Such an address is itself a secret: it is read when the request is sent and kept nowhere.
A status may be asked for 100 times a minute.

Transcribe gives captions (SRT), which tell when each line is said, and of no word. In ``editing/cut`` they are laid on
the script, the words of a line share its time by their letters, and filmbench makes the cut.
"""

from __future__ import annotations

import asyncio
import json
import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.adapters import _adobe as adobe
from filmbench.adapters import _cutting as cutting
from filmbench.adapters import _script as scripts
from filmbench.adapters._download import FileWriter, check_address, download
from filmbench.adapters._http import CutStream, HttpError, Unsafe, Unusable, is_loopback
from filmbench.harness import keys
from filmbench.harness.media import srt
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import Job, Media, Param, Prepared, Progress, Refusal, Requirement, Sink
from filmbench.harness.types import Artifact, Json, Outcome, Quote, Request, Usage, UsageError

URL = "https://audio-video-api.adobe.io"
ADDRESSES = "FILMBENCH_ADDRESSES"
MOST_BYTES = 10 * 10**9
_FILMS = ("video/mp4", "video/quicktime", "video/x-matroska")
_SOUNDS = ("audio/wav", "audio/mpeg", "audio/aac")
_LOCALES = """
da:da-DK de:de-DE en:en-US es:es-ES fr:fr-FR hi:hi-IN it:it-IT ja:ja-JP ko:ko-KR nb:nb-NO nl:nl-NL pt:pt-PT sv:sv-SE
zh:zh-CN
"""
LOCALES = dict(pair.split(":") for pair in _LOCALES.split())
_MORE_LOCALES = ("en-IN", "en-GB", "es-AR", "es-419", "fr-CA", "pt-BR")


class Fetched(adobe.Adobe):
    """What the services share that fetch a recording themselves; ``path`` is that of the paid POST."""

    paces = ((0.0, 10.0), (120.0, 30.0))
    below = "/v1/status"
    path: str

    def __init__(self, name: str, title: str, contract: str, params: Mapping[str, Param], *more: Requirement) -> None:
        file = Requirement(
            "key", ADDRESSES, f"export {ADDRESSES}=… (a JSON file: sha256 of each source to its address)"
        )
        super().__init__(adobe.spec(name, title, contract, URL, params, frozenset(LOCALES), (file, *more)))

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The source's length."""
        used = _minutes(request.sample.inputs.get("source"))
        return Quote(used, used)

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return self.path

    def asked(self, request: Request, kinds: tuple[str, ...]) -> dict[str, Json]:
        """What will be asked, with the source by its sha256: its address is read again when it is sent."""
        source = self.input(request, "source", kinds, MOST_BYTES)
        address_of(source.sha256)
        minutes = _minutes(source).quantities.get("minute")
        return {
            "sha256": source.sha256,
            "mediaType": source.media_type,
            "minutes": None if minutes is None else str(minutes),
        }

    def source(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The part of the POST that names the recording."""
        kind = "audio" if body["mediaType"] in _SOUNDS else "video"
        return {kind: {"source": {"url": address_of(body["sha256"])}, "mediaType": body["mediaType"]}}

    async def submit(self, prepared: Prepared) -> Job:
        """The one paid POST. An answer that repeats the source's address is kept without it."""
        try:
            return await super().submit(prepared)
        except HttpError as error:
            raise HttpError(error.status, error.headers, _hushed(error.body)) from None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What is billed."""
        return {"minutes": body["minutes"]}

    @abstractmethod
    def piece(self, answer: Any) -> dict[str, Any] | None:
        """The part of an answer that says where what was asked for lies."""

    def progress(self, answer: Any) -> Progress:
        """A job that succeeded in part, without what was asked for, has failed; the output says why."""
        found = super().progress(answer)
        found = replace(found, reason=found.reason and _hushed(found.reason))
        if found.state != "done" or self.piece(answer):
            return found
        errors = [output["error"] for output in _outputs(answer) if isinstance(output.get("error"), dict)]
        if errors:
            return self.progress({"status": "failed", **errors[0]})
        return Progress("failed", reason="Adobe says it is done and gives no result")

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The source's length: the answer carries no bill."""
        minutes = job.state.get("minutes")
        if not isinstance(minutes, str):
            return None
        return Usage({"minute": Decimal(minutes)}, "length of the source: Adobe's answer carries no bill")


class Dub(Fetched):
    """Dubbing, its lips moved (``lip_sync``) or left."""

    path = "/v1/dub"

    def __init__(self, name: str, title: str, lip_sync: bool) -> None:
        locales = (*LOCALES.values(), *_MORE_LOCALES)
        params = {"locale": Param("str", "language and country", by_language=True, choices=locales)}
        super().__init__(name, title, "dubbing", params)
        self._lip_sync = lip_sync

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The source and the language."""
        locale = self.param(request, "locale") or LOCALES.get(request.sample.language or "")
        if not locale:
            raise Refusal(f"{self.spec.id} does not speak {request.sample.language!r}")
        kinds = _FILMS if self._lip_sync else (*_FILMS, *_SOUNDS)
        return self.asked(request, kinds) | {"locale": locale}, ()

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the POST."""
        source = self.source(body)
        lips = {"lipSync": self._lip_sync} if "video" in source else {}
        return {"json": source | {"targetLocaleCodes": [body["locale"]]} | lips}

    def piece(self, answer: Any) -> dict[str, Any] | None:
        """What was made, with its address: the guide and the API's description name it differently."""
        pieces = (
            out.get(name) for out in _outputs(answer) for name in ("video", "videoOutput", "audio", "audioOutput")
        )
        return _addressed(pieces)

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film, or the sound where no film was sent."""
        piece = self.piece(answer)
        if piece is None:
            raise CutStream(0, "a finished job without the address of its result")
        return [("dubbed", piece.get("mediaType") or "video/mp4", piece["destination"]["url"])]


class Transcribe(Fetched):
    """A recording cut by its captions."""

    path = "/v1/transcribe"

    def __init__(self) -> None:
        snap = Param("float", cutting.PARAMS["snap"].meaning, default=cutting.LONGEST_MS)
        otio = Requirement("python", "opentimelineio", "pip install 'filmbench[vision]'")
        jiwer = Requirement("python", "jiwer", "pip install 'filmbench[speech]'")
        title = "Transcribe, cut by its caption lines"
        super().__init__("transcribe", title, "editing/cut", {**cutting.PARAMS, "snap": snap}, otio, jiwer)
        self._recordings: dict[str, tuple[Artifact, Path]] = {}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The source, and the cut that is wished for. Whoever takes up a dead run's job prepares it anew before."""
        wish = cutting.asked(request)
        body = self.asked(request, (*_FILMS, *_SOUNDS))
        source = request.sample.inputs["source"]
        assert isinstance(source, Artifact)
        self._recordings[source.sha256] = source, media.path(source)
        return body | {"wish": asdict(wish)}, ()

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the POST: captions come in the recording's own language only."""
        return {"json": self.source(body) | {"captions": {"targetFormats": ["SRT"]}}}

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What is billed, and how to cut what."""
        return super().places(answer, body) | {"sha256": body["sha256"], "wish": body["wish"]}

    def piece(self, answer: Any) -> dict[str, Any] | None:
        """The captions."""
        return _addressed(caption for out in _outputs(answer) for caption in out.get("captions") or [])

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The captions, of which the cut is made."""
        piece = self.piece(answer)
        if piece is None:
            raise CutStream(0, "a finished job without the address of its captions")
        return [("cut", "application/x-subrip", piece["destination"]["url"])]

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """The captions, and the recording cut by them."""
        url = str(job.state["url"])
        answer = await self.finished(job)
        ((_, _, address),) = self.results(answer)
        with TemporaryDirectory() as name:
            folder = Path(name)
            with (folder / "captions.srt").open("wb") as file:
                await download(await self.session(url), address, FileWriter(file), is_loopback(url))
            made = await asyncio.to_thread(self._cut, job.state, folder)
            for role, (path, media_type) in made.items():
                async with sink(role, media_type) as writer:
                    await writer.write(await asyncio.to_thread(path.read_bytes))
        return self.used(answer, job)

    def _cut(self, state: Mapping[str, Any], folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The files of the cut. Raises :class:`Unusable`, saying why there is none."""
        wish = cutting.Wish(**state["wish"])
        source = AudioClip(*self._recordings[state["sha256"]])
        try:
            heard = [pair for line in srt.read(folder / "captions.srt") for pair in _words(line)]
            known = scripts.matched(wish.words, [word for word, _ in heard])
            if len(known) < scripts.LEAST_HEARD * len(wish.words):
                raise Unusable(f"only {len(known)} of the script's {len(wish.words)} words stand in the captions")
            times = scripts.filled({at: heard[place][1] for at, place in known.items()}, wish.words, source.seconds)
            return cutting.carried_out(wish, source, times, folder)
        except (BadMedia, Refusal) as error:
            raise Unusable(f"nothing can be cut by the captions: {error}") from None


def address_of(sha256: str) -> str:
    """Where the user has put the source. Raises :class:`UsageError` without a readable file, else :class:`Refusal`."""
    name = keys.get(ADDRESSES).reveal()
    try:
        table = json.loads(Path(name).read_text())
        address = table.get(sha256)
    except (OSError, ValueError, AttributeError):
        raise UsageError(f"the file of {ADDRESSES} is no JSON table of addresses: {name}") from None
    if not isinstance(address, str):
        raise Refusal(f"the file of {ADDRESSES} has no address of the source {sha256[:12]}…")
    try:
        return check_address(address, loopback=False)
    except Unsafe:
        raise Refusal(f"the address of the source {sha256[:12]}… is no public https address", Outcome.INVALID) from None


def _hushed(words: str) -> str:
    """``words`` without addresses, which are signed."""
    return re.sub(r"https?://\S+", "[address]", words)


def _outputs(answer: Any) -> list[dict[str, Any]]:
    found = answer.get("outputs") if isinstance(answer, dict) else None
    return [output for output in found or [] if isinstance(output, dict)]


def _addressed(pieces: Iterable[Any]) -> dict[str, Any] | None:
    """The first of ``pieces`` that says where it lies."""
    for piece in pieces:
        if isinstance(piece, dict) and (piece.get("destination") or {}).get("url"):
            return piece
    return None


def _words(line: srt.Line) -> list[tuple[str, scripts.Spoken]]:
    """The words of a caption, each with its share of the line's time."""
    words = scripts.words(line.text)
    return list(zip(words, scripts.shared(words, line.start, line.end), strict=True))


def _minutes(source: Any) -> Usage:
    if not isinstance(source, Artifact) or source.seconds is None:
        return Usage(evidence="the length of the source is not known")
    return Usage({"minute": Decimal(str(round(source.seconds / 60, 6)))}, "length of the source")


PROVIDERS = (
    Dub("dub", "Dub", lip_sync=False),
    Dub("dub-lipsync", "Dub with lip sync", lip_sync=True),
    Transcribe(),
)
