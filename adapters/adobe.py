"""Adobe Dub: speech or a film with speech in another language, with or without the lips moved to it.

Contract: ``POST /v1/dub``, ``GET /v1/status/{id}`` of the Audio/Video API (developer.adobe.com/audio-video-firefly-
services). The service takes no upload: it fetches the source itself, by https, from a store of the user's. So the user
puts each source there and names, in the file of ``FILMBENCH_ADDRESSES``, the presigned address by the source's sha256:
``{"9f86d0…": "https://…"}``. Such an address is itself a secret: it is read when the request is sent and kept nowhere.
A status may be asked for 100 times a minute.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters import _adobe as adobe
from filmbench.adapters._download import check_address
from filmbench.adapters._http import CutStream, HttpError, Unsafe
from filmbench.harness import keys
from filmbench.harness.protocols import Job, Media, Param, Prepared, Progress, Refusal, Requirement
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


class Dub(adobe.Adobe):
    """Dubbing, its lips moved (``lip_sync``) or left."""

    paces = ((0.0, 10.0), (120.0, 30.0))
    below = "/v1/status"

    def __init__(self, name: str, title: str, lip_sync: bool) -> None:
        locales = (*LOCALES.values(), *_MORE_LOCALES)
        params = {"locale": Param("str", "language and country", by_language=True, choices=locales)}
        file = Requirement(
            "key", ADDRESSES, f"export {ADDRESSES}=… (a JSON file: sha256 of each source to its address)"
        )
        super().__init__(adobe.spec(name, title, "dubbing", URL, params, frozenset(LOCALES), (file,)))
        self._lip_sync = lip_sync

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The source's length."""
        used = _minutes(request.sample.inputs.get("source"))
        return Quote(used, used)

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return "/v1/dub"

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """What will be asked, with the source by its sha256: its address is read again when it is sent."""
        source = self.input(request, "source", _FILMS if self._lip_sync else (*_FILMS, *_SOUNDS), MOST_BYTES)
        locale = self.param(request, "locale") or LOCALES.get(request.sample.language or "")
        if not locale:
            raise Refusal(f"{self.spec.id} does not speak {request.sample.language!r}")
        address_of(source.sha256)
        minutes = _minutes(source).quantities.get("minute")
        return {
            "sha256": source.sha256,
            "mediaType": source.media_type,
            "locale": locale,
            "minutes": None if minutes is None else str(minutes),
        }, ()

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the POST."""
        source = {"source": {"url": address_of(body["sha256"])}, "mediaType": body["mediaType"]}
        if body["mediaType"] in _SOUNDS:
            return {"json": {"audio": source, "targetLocaleCodes": [body["locale"]]}}
        return {"json": {"video": source, "targetLocaleCodes": [body["locale"]], "lipSync": self._lip_sync}}

    async def submit(self, prepared: Prepared) -> Job:
        """The one paid POST. An answer that repeats the source's address is kept without it."""
        try:
            return await super().submit(prepared)
        except HttpError as error:
            raise HttpError(error.status, error.headers, _hushed(error.body)) from None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """What is billed."""
        return {"minutes": body["minutes"]}

    def progress(self, answer: Any) -> Progress:
        """A job that succeeded in part, without what was asked for, has failed; the output says why."""
        found = super().progress(answer)
        found = replace(found, reason=found.reason and _hushed(found.reason))
        if found.state != "done" or _piece(answer):
            return found
        errors = [output["error"] for output in _outputs(answer) if isinstance(output.get("error"), dict)]
        if errors:
            return self.progress({"status": "failed", **errors[0]})
        return Progress("failed", reason="Adobe says it is done and gives no result")

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film, or the sound where no film was sent."""
        piece = _piece(answer)
        if piece is None:
            raise CutStream(0, "a finished job without the address of its result")
        return [("dubbed", piece.get("mediaType") or "video/mp4", piece["destination"]["url"])]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The source's length: the answer carries no bill."""
        minutes = job.state.get("minutes")
        if not isinstance(minutes, str):
            return None
        return Usage({"minute": Decimal(minutes)}, "length of the source: Adobe's answer carries no bill")


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


def _piece(answer: Any) -> dict[str, Any] | None:
    """What was made, with its address: the guide and the API's description name it differently."""
    for output in _outputs(answer):
        for name in ("video", "videoOutput", "audio", "audioOutput"):
            piece = output.get(name)
            if isinstance(piece, dict) and (piece.get("destination") or {}).get("url"):
                return piece
    return None


def _minutes(source: Any) -> Usage:
    if not isinstance(source, Artifact) or source.seconds is None:
        return Usage(evidence="the length of the source is not known")
    return Usage({"minute": Decimal(str(round(source.seconds / 60, 6)))}, "length of the source")


PROVIDERS = (
    Dub("dub", "Dub", lip_sync=False),
    Dub("dub-lipsync", "Dub with lip sync", lip_sync=True),
)
