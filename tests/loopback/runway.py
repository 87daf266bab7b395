"""A loopback Runway: film from words or a picture, films changed by words, tasks, uploads.

Shapes after the API's description, version 2024-11-06 (tryAGI/Runway, 2026-08-08).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import SECONDS, JobVendor
from loopback.server import KEY, Reject, Speech, main

CREDITS = {"gen4.5": 12, "gen4_turbo": 5, "aleph2": 28}
WIDE = {"1280:720", "720:1280"}
RATIOS = WIDE | {"1104:832", "960:960", "832:1104", "1584:672"}
_COMMON = {"model", "promptText", "seed", "contentModeration", "outputFormat", "proresProfile"}
FIELDS = {
    "/v1/text_to_video": _COMMON | {"ratio", "duration"},
    "/v1/image_to_video": _COMMON | {"ratio", "duration", "promptImage"},
    "/v1/video_to_video": _COMMON | {"videoUri", "keyframes", "targetAspectRatio", "ratio"},
}
REQUIRED = {
    "/v1/text_to_video": {"model", "promptText", "ratio", "duration"},
    "/v1/image_to_video": {"model", "promptText", "ratio", "duration", "promptImage"},
    "/v1/video_to_video": {"model", "videoUri"},
}
MODELS = {
    "/v1/text_to_video": {"gen4.5"},
    "/v1/image_to_video": {"gen4.5", "gen4_turbo"},
    "/v1/video_to_video": {"aleph2"},
}
STATES = {
    "queued": "PENDING",
    "throttled": "THROTTLED",
    "running": "RUNNING",
    "done": "SUCCEEDED",
    "failed": "FAILED",
    "refused": "FAILED",
    "cancelled": "CANCELLED",
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def problem(name: str, message: str) -> Reject:
    return Reject(400, {"error": "Validation of body failed", "issues": [{"code": "custom", "path": [name],
                                                                         "message": message}]})  # fmt: skip


class Runway(JobVendor):
    """Bills in credits by the second; a failed task is refunded."""

    name = "runway"
    uploads_vanish = True
    paths = tuple(FIELDS)

    def error(self, status: int) -> Any:
        return {"error": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/tasks/{id}", self._status)
        app.router.add_delete("/v1/tasks/{id}", self._delete)
        app.router.add_post("/v1/uploads", self._place)
        app.router.add_post("/_store/{name}", self._store)

    def authorised(self, request: web.Request) -> None:
        super().authorised(request)
        if request.headers.get("X-Runway-Version") != "2024-11-06":
            raise problem("X-Runway-Version", "must be 2024-11-06")

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        path = request.path
        if not isinstance(body, dict) or REQUIRED[path] - set(body):
            raise problem("body", "a required property is missing")
        if unknown := set(body) - FIELDS[path]:
            raise problem(min(unknown), "unrecognised key")
        if body["model"] not in MODELS[path]:
            raise problem("model", "is not offered here")
        text = body.get("promptText")
        if text is not None and not 1 <= len(text.encode("utf-16-le")) // 2 <= 1000:
            raise problem("promptText", "must have 1 to 1000 UTF-16 units")
        if "ratio" in body and body["ratio"] not in (WIDE if path == "/v1/text_to_video" else RATIOS):
            raise problem("ratio", "is not offered")
        seconds = body.get("duration", SECONDS)
        if "duration" in body and (not isinstance(seconds, int) or not 2 <= seconds <= 10):
            raise problem("duration", "must be an integer from 2 to 10")
        for name in ("promptImage", "videoUri"):
            if name in body and body[name] not in self.uploads:
                raise problem(name, "no such upload")
        id, cost = self.new_id(), int(seconds * CREDITS[body["model"]])
        answer = {"id": id, "estimatedCost": {"credits": cost}}
        return self.begin({**body, "cost": cost}, answer, f"{text} {body.get('videoUri', '')}", id)

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        if not UUID.fullmatch(id):
            raise problem("id", "is no UUID")
        word = await self.stand(request, id)
        cost = {"credits": self.jobs[id]["cost"]}
        task: dict[str, Any] = {"id": id, "createdAt": "2026-11-22T12:00:00Z", "status": STATES[word]}
        match word:
            case "done":
                task |= {"output": [self.file_url(id)], "cost": cost}
            case "failed":
                task |= {"failure": "An internal fault.", "failureCode": "INTERNAL", "cost": {"credits": 0}}
            case "refused":
                task |= {"failure": "The text was flagged.", "failureCode": "SAFETY.INPUT.TEXT", "cost": cost}
            case "cancelled":
                task |= {"cost": {"credits": 0}}
            case _:
                task |= {"estimatedCost": cost} | ({"progress": 0.4} if word == "running" else {})
        return self.told(task)

    async def _delete(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if self.jobs.pop(id, None) is None:
            raise Reject(404, self.error(404))
        self.cancelled.append(id)
        return web.Response(status=204)

    async def _place(self, request: web.Request) -> web.Response:
        self.authorised(request)
        asked = await request.json()
        if asked.get("type") != "ephemeral" or not 3 <= len(asked.get("filename", "")) <= 255:
            raise problem("filename", "is missing")
        name = self.new_id()
        place = {"uploadUrl": f"{self.url}/_store/{name}", "fields": {"policy": name}, "runwayUri": f"runway://{name}"}
        return web.json_response(place)

    async def _store(self, request: web.Request) -> web.Response:
        if KEY in str(request.headers):
            raise Reject(400, {"error": "a key was sent to the store"})
        form, name = await request.post(), request.match_info["name"]
        field = form.get("file")
        if form.get("policy") != name or not isinstance(field, web.FileField):
            raise Reject(403, {"error": "the form does not fit its policy"})
        self.counts.other["uploads"] += 1
        self.uploads[f"runway://{name}"] = field.file.read()
        return web.Response(status=204)


if __name__ == "__main__":
    main(Runway)
