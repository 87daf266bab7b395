"""A loopback ElevenLabs voice isolator: a recording in one form, MP3 of the same length back.

Shapes after the package elevenlabs 2.78; errors as in :mod:`loopback.elevenlabs`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from loopback.audio import MEDIA_TYPES, encoded
from loopback.elevenlabs import authorised, error, invalid
from loopback.server import Speech, Vendor


class ElevenLabsIsolation(Vendor):
    """Takes what can be decoded; tells no bill."""

    name = "elevenlabs"
    paths = ("/v1/audio-isolation",)

    def error(self, status: int) -> Any:
        return error(status)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        authorised(request)
        if request.content_type != "multipart/form-data":
            raise invalid("body", message="Expected multipart form data")
        form = await request.post()
        if unknown := set(form) - {"audio", "file_format", "preview_b64"}:
            raise invalid("body", min(unknown), message="Extra inputs are not permitted", kind="extra_forbidden")
        file = form.get("audio")
        if not isinstance(file, web.FileField):
            raise invalid("body", "audio", message="Field required", kind="missing")
        if form.get("file_format", "other") not in ("other", "pcm_s16le_16"):
            raise invalid("body", "file_format", message="Input should be a known format", kind="enum")
        content = file.file.read()
        self.requests[-1]["body"] = {"audio": (file.filename, file.content_type, len(content))}
        try:
            clean = await asyncio.to_thread(encoded, content, "mp3", 44_100)
        except OSError:
            raise invalid("body", "audio", message="The file could not be decoded") from None
        return Speech(clean, MEDIA_TYPES["mp3"], {}, file.filename)
