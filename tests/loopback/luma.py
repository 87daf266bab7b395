"""A loopback Luma: generations of film and pictures, files and the store they are put in.

Shapes after the types of the package luma-agents 0.5 (2026-08).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import JobVendor
from loopback.pictures import picture
from loopback.server import KEY, Reject, Speech, main

RATIOS = {"3:1", "2:1", "21:9", "16:9", "4:3", "3:2", "1:1", "3:4", "2:3", "9:16", "1:2", "1:3"}
MODELS = {"video": {"ray-3.2"}, "image": {"uni-1", "uni-1-max"}}
COMMON = {"prompt", "aspect_ratio", "model", "type", "user_id"}
FIELDS = {"video": COMMON | {"video"}, "image": COMMON | {"image_ref", "output_format", "style", "web_search"}}
VIDEO = {"duration", "resolution", "start_frame", "end_frame", "loop", "hdr", "exr_export", "keyframes"}
STATES = {
    "queued": "queued",
    "throttled": "queued",
    "running": "processing",
    "done": "completed",
    "failed": "failed",
    "refused": "failed",
    "cancelled": "failed",
}
FAILURES = {
    "failed": ("generation_failed", "Something went wrong."),
    "refused": ("content_moderated", "The prompt did not pass."),
    "cancelled": ("budget_exhausted", "The budget is spent."),
}


def invalid(message: str) -> Reject:
    return Reject(400, {"code": "invalid_request", "message": message})


class Luma(JobVendor):
    """No answer tells a price. ``file_states`` are what a file is said to be, by asking; then it is ready."""

    name = "luma"
    prefix = "/v1"
    paths = ("/generations",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.file_states: list[str] = []
        self.files: dict[str, dict[str, Any]] = {}

    def error(self, status: int) -> Any:
        return {"message": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/generations/{id}", self._status)
        app.router.add_post("/v1/files", self._file_made)
        app.router.add_post("/v1/files/{id}/complete", self._file_told)
        app.router.add_get("/v1/files/{id}", self._file_told)
        app.router.add_delete("/v1/files/{id}", self._file_out)
        app.router.add_put("/_store/{id}", self._store)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not isinstance(body, dict) or not body.get("prompt") or body.get("type") not in FIELDS:
            raise invalid("prompt and type are needed")
        kind = body["type"]
        if unknown := set(body) - FIELDS[kind]:
            raise invalid(f"{min(unknown)} is not expected")
        if body.get("model") not in MODELS[kind]:
            raise invalid("the model does not make this")
        if body.get("aspect_ratio", "16:9") not in RATIOS or body.get("output_format", "png") not in ("png", "jpeg"):
            raise invalid("aspect_ratio or output_format is not offered")
        if kind == "video":
            self._check_video(body.get("video") or {})
        else:
            self.result = picture(64, 36, "png")
        id = self.new_id()
        answer = {"id": id, "type": kind, "model": body["model"], "state": "queued", "created_at": "2026-11-22T12:00Z"}
        return self.begin(body, answer, str(body), id)

    def _check_video(self, video: dict[str, Any]) -> None:
        if unknown := set(video) - VIDEO:
            raise invalid(f"video.{min(unknown)} is not expected")
        if video.get("duration", "5s") not in ("5s", "10s"):
            raise invalid("video.duration is 5s or 10s")
        if video.get("resolution", "540p") not in ("360p", "540p", "720p", "1080p"):
            raise invalid("video.resolution is not offered")
        frame = video.get("start_frame")
        if frame is not None and (set(frame) != {"file_id"} or f"/files/{frame['file_id']}" not in self.uploads):
            raise invalid("video.start_frame is no file that is ready")

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        asked = self.jobs[id]
        answer: dict[str, Any] = {"id": id, "type": asked["type"], "model": asked["model"], "state": STATES[word],
                                  "created_at": "2026-11-22T12:00Z"}  # fmt: skip
        if word == "done":
            answer["output"] = [{"type": asked["type"], "url": self.file_url(id)}]
        if word in FAILURES:
            answer["failure_code"], answer["failure_reason"] = FAILURES[word]
        return self.told(answer)

    async def _file_made(self, request: web.Request) -> web.Response:
        self.authorised(request)
        asked = await request.json()
        if {"mime_type", "size_bytes"} - set(asked) or set(asked) - {"mime_type", "size_bytes", "purpose", "filename"}:
            raise invalid("a file has mime_type and size_bytes")
        id = self.new_id()
        self.files[id] = asked
        place = {"method": "PUT", "url": f"{self.url.removesuffix(self.prefix)}/_store/{id}",
                 "headers": {"Content-Type": asked["mime_type"]}, "expires_at": "2026-11-22T13:00Z"}  # fmt: skip
        return web.json_response({"id": id, "state": "pending", "file": {"id": id}, "upload": place}, status=201)

    async def _store(self, request: web.Request) -> web.Response:
        asked, content = self.files.get(request.match_info["id"]), await request.read()
        if asked is None or KEY in str(request.headers) or len(content) != asked["size_bytes"]:
            return web.Response(status=403)
        if request.headers.get("Content-Type") != asked["mime_type"]:
            return web.Response(status=403)
        self.counts.other["uploads"] += 1
        self.uploads[f"/files/{request.match_info['id']}"] = content
        return web.Response(status=200)

    async def _file_told(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if f"/files/{id}" not in self.uploads:
            raise Reject(404, {"message": "no such file"})
        state = self.file_states.pop(0) if self.file_states else "ready"
        return web.json_response({"id": id, "state": state, "failure_reason": "a face" if state == "failed" else None})

    async def _file_out(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if self.uploads.pop(f"/files/{request.match_info['id']}", None) is None:
            raise Reject(404, {"message": "no such file"})
        return web.Response(status=204)


if __name__ == "__main__":
    main(Luma)
