"""A loopback HeyGen, version 3: assets, video translations, lip syncs, languages, deletion.

Shapes after the schemas in heygen-com/heygen-cli (2026-07-22); errors are ``{"error": {"code", "message"}}``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import SECONDS, JobVendor
from loopback.server import Reject, Speech, main

LANGUAGES = ("English", "Spanish", "Spanish (Spain)", "French", "German", "Italian")
TYPES = {b"ftyp": "video/mp4", b"WAVE": "audio/wav"}
CODES = {
    401: "unauthorized",
    402: "insufficient_credit",
    403: "forbidden",
    404: "not_found",
    410: "not_found",
    413: "payload_too_large",
    422: "validation_error",
    429: "rate_limit_exceeded",
}
_BOOLEANS = {"disable_music_track", "enable_caption", "enable_dynamic_duration", "enable_speech_enhancement",
             "enable_watermark"}  # fmt: skip
_TEXTS = {"callback_id", "callback_url", "folder_id", "title", "mode"}
FIELDS = {
    "/v3/video-translations": {*_BOOLEANS, *_TEXTS, "video", "output_languages", "translate_audio_only", "audio", "srt",
                               "input_language", "speaker_num", "start_time", "end_time", "srt_role",
                               "keep_the_same_format", "fps_mode"},
    "/v3/lipsyncs": {*_BOOLEANS, *_TEXTS, "video", "audio", "start_time", "end_time", "keep_the_same_format",
                     "fps_mode"},
}  # fmt: skip
REQUIRED = {"/v3/video-translations": ("video", "output_languages"), "/v3/lipsyncs": ("video", "audio")}
STATES = {
    "queued": ("pending", None),
    "throttled": ("pending", None),
    "running": ("running", None),
    "done": ("completed", None),
    "failed": ("failed", "The speech could not be recognised."),
    "refused": ("failed", "The content was rejected by our moderation policy."),
    "cancelled": ("failed", "The job was cancelled."),
}


def problem(status: int, code: str, message: str) -> Reject:
    return Reject(status, {"error": {"code": code, "message": message, "doc_url": None}})


class HeyGen(JobVendor):
    """Bills the output's length in seconds, which the finished job tells."""

    name = "heygen"
    key_header = "X-Api-Key"
    paths = tuple(FIELDS)

    def error(self, status: int) -> Any:
        return problem(status, CODES.get(status, "internal_error"), f"scripted {status}").body

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_post("/v3/assets", self._upload)
        app.router.add_delete("/v3/assets/{id}", self._delete)
        app.router.add_get("/v3/video-translations/languages", self._languages)
        for path in FIELDS:
            app.router.add_get(f"{path}/{{id}}", self._status)
            app.router.add_delete(f"{path}/{{id}}", self._delete)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not isinstance(body, dict):
            raise problem(422, "validation_error", "the body must be an object")
        path = request.path
        for name in REQUIRED[path]:
            if name not in body:
                raise problem(422, "validation_error", f"{name}: field required")
        if unknown := set(body) - FIELDS[path]:
            raise problem(422, "validation_error", f"{min(unknown)}: extra inputs are not permitted")
        self._typed(body)
        names = [self._asset(body[role]) for role in ("video", "audio") if role in body]
        id = self.new_id()
        data = {"lipsync_id": id} if path == "/v3/lipsyncs" else {"video_translation_ids": [id]}
        return self.begin(body, {"data": data}, " ".join([*names, *body.get("output_languages", [])]), id)

    def _typed(self, body: dict[str, Any]) -> None:
        for name in (_BOOLEANS | {"translate_audio_only", "keep_the_same_format"}) & set(body):
            if not isinstance(body[name], bool):
                raise problem(422, "validation_error", f"{name}: not a boolean")
        if body.get("mode", "speed") not in ("speed", "precision"):
            raise problem(422, "validation_error", "mode: unknown")
        if not isinstance(body.get("speaker_num", 1), int):
            raise problem(422, "validation_error", "speaker_num: not an integer")
        wanted = body.get("output_languages", ["English"])
        if not isinstance(wanted, list) or not wanted or not set(wanted) <= set(LANGUAGES):
            raise problem(400, "invalid_parameter", f"output_languages: {wanted} is not supported")

    def _asset(self, given: Any) -> str:
        if not isinstance(given, dict) or given.get("type") not in ("url", "asset_id"):
            raise problem(422, "validation_error", "type: unknown discriminator")
        if given["type"] == "asset_id" and given.get("asset_id") not in self.uploads:
            raise problem(400, "asset_not_available", "the asset does not exist")
        return str(given.get("asset_id") or given["url"])

    async def _upload(self, request: web.Request) -> web.Response:
        self.authorised(request)
        self.counts.other["uploads"] += 1
        form = await request.post()
        field = form.get("file")
        if not isinstance(field, web.FileField):
            raise problem(422, "validation_error", "file: field required")
        content = field.file.read()
        if len(content) > 32 * 10**6:
            raise problem(413, "payload_too_large", "the file has more than 32 MB")
        kind = next((kind for mark, kind in TYPES.items() if mark in content[:16]), None)
        if kind is None or kind != field.content_type:
            raise problem(400, "invalid_parameter", "the file is of no supported type")
        id = self.new_id().replace("-", "")
        self.uploads[id] = content
        url = f"https://files.example.com/{id}"
        data = {"asset_id": id, "url": url, "mime_type": kind, "size_bytes": len(content)}
        return web.json_response({"data": data})

    async def _languages(self, request: web.Request) -> web.Response:
        self.authorised(request)
        return web.json_response({"data": {"languages": list(LANGUAGES)}})

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        status, said = STATES[await self.stand(request, id)]
        data: dict[str, Any] = {"id": id, "status": status, "failure_message": said, "duration": None}
        if status == "completed":
            data |= {"video_url": self.file_url(id), "duration": SECONDS, "title": None}
        return self.told({"data": data})

    async def _delete(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if self.uploads.pop(id, None) is None and self.jobs.pop(id, None) is None:
            raise problem(404, "not_found", "nothing of that id")
        self.deleted.append(request.path)
        return web.json_response({"data": {"id": id}})


if __name__ == "__main__":
    main(HeyGen)
