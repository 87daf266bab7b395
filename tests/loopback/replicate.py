"""A loopback Replicate: predictions of three models, files.

Shapes after the API's own description (tryAGI/Replicate, 2026-04-09); the inputs of the models after public programs
that ask them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import JobVendor
from loopback.pictures import picture
from loopback.server import Reject, Speech, main

VERSION = "1944af04d098ef69bed7f9d335d102e652203f268ec4aaa2d836f6217217e460"
FLUX = "/models/black-forest-labs/flux-1.1-pro/predictions"
SEEDANCE = "/models/bytedance/seedance-1-pro/predictions"
INPUTS: dict[str, dict[str, Any]] = {
    "/predictions": {
        "prompt": str,
        "num_frames": range(30, 171),
        "fps": range(1, 61),
        "guidance_scale": float,
        "num_inference_steps": int,
        "seed": int,
    },
    FLUX: {
        "prompt": str,
        "aspect_ratio": ("custom", "1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"),
        "width": range(256, 1441, 32),
        "height": range(256, 1441, 32),
        "output_format": ("webp", "jpg", "png"),
        "prompt_upsampling": bool,
        "seed": int,
    },
    SEEDANCE: {
        "prompt": str,
        "image": str,
        "duration": range(2, 13),
        "resolution": ("480p", "720p", "1080p"),
        "aspect_ratio": ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "9:21"),
        "fps": (24,),
        "camera_fixed": bool,
        "seed": int,
    },
}
STATES = {
    "queued": "starting",
    "throttled": "starting",
    "running": "processing",
    "done": "succeeded",
    "failed": "failed",
    "refused": "failed",
    "cancelled": "canceled",
}
ERRORS = {"failed": "CUDA out of memory", "refused": "The output was flagged as sensitive (E005)."}


def problem(status: int, title: str, detail: str) -> Reject:
    return Reject(status, {"title": title, "detail": detail, "status": status})


def invalid(detail: str) -> Reject:
    return problem(422, "Input validation failed", detail)


class Replicate(JobVendor):
    """A prediction tells its time; official models cost by what they make."""

    name = "replicate"
    prefix = "/v1"
    paths = tuple(INPUTS)

    def error(self, status: int) -> Any:
        return {"title": "scripted", "detail": f"scripted {status}", "status": status}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/predictions/{id}", self._status)
        app.router.add_post("/v1/predictions/{id}/cancel", self._cancel)
        app.router.add_post("/v1/files", self._file_in)
        app.router.add_delete("/v1/files/{id}", self._file_out)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        path = request.path.removeprefix(self.prefix)
        if not re.fullmatch(r"\d+[smh]?", request.headers.get("Cancel-After", "20m")):
            raise invalid("Cancel-After is no duration")
        wanted = {"version", "input"} if path == "/predictions" else {"input"}
        if not isinstance(body, dict) or set(body) != wanted or not isinstance(body["input"], dict):
            raise invalid(f"a body has {sorted(wanted)}")
        if path == "/predictions" and body["version"] != VERSION:
            raise problem(422, "Invalid version or not permitted", "The specified version does not exist")
        self._check(INPUTS[path], body["input"])
        id = self.new_id().replace("-", "")
        if path == FLUX:
            self.result = picture(64, 36, "png")
        answer = self._prediction(request, id, "starting", body["input"])
        return self.begin(body["input"], answer, str(body["input"]), id)

    def _check(self, fields: dict[str, Any], given: dict[str, Any]) -> None:
        if not given.get("prompt"):
            raise invalid("input.prompt is required")
        for name, value in given.items():
            if name not in fields:
                raise invalid(f"input.{name} is not expected")
            allowed = fields[name]
            fits = isinstance(value, allowed) if isinstance(allowed, type) else value in allowed
            if not fits or (isinstance(value, bool) and allowed is not bool):
                raise invalid(f"input.{name} cannot be {value!r}")
        frame = given.get("image")
        if frame is not None and frame.removeprefix(self.url) not in self.uploads:
            raise invalid("input.image cannot be fetched")

    def _prediction(self, request: web.Request, id: str, status: str, given: Any) -> dict[str, Any]:
        below = f"{self.url}/predictions/{id}"
        return {
            "id": id,
            "model": "some/model",
            "version": "hidden",
            "input": given,
            "output": None,
            "error": None,
            "status": status,
            "data_removed": False,
            "created_at": "2026-11-22T12:00:00Z",
            "urls": {"get": below, "cancel": f"{below}/cancel", "web": below},
        }

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        answer = self._prediction(request, id, STATES[word], self.jobs[id]) | {"error": ERRORS.get(word)}
        if word not in ("queued", "throttled", "running"):
            answer["metrics"] = {"predict_time": 271.5 if word == "done" else 12.25, "total_time": 300.0}
        if word == "done":
            address = self.file_url(id)
            answer["output"] = [address] if "num_frames" not in self.jobs[id] else address
        return self.told(answer)

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if id not in self.jobs:
            raise problem(404, "Not found", "no such prediction")
        self.cancelled.append(id)
        return web.json_response(self._prediction(request, id, "canceled", self.jobs[id]))

    async def _file_in(self, request: web.Request) -> web.Response:
        self.authorised(request)
        field = (await request.post()).get("content")
        if not isinstance(field, web.FileField) or not field.filename:
            raise problem(400, "Bad request", "content is required")
        self.counts.other["uploads"] += 1
        id = self.new_id()
        self.uploads[f"/files/{id}"] = field.file.read()
        return web.json_response({"id": id, "urls": {"get": f"{self.url}/files/{id}"}}, status=201)

    async def _file_out(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if self.uploads.pop(f"/files/{request.match_info['id']}", None) is None:
            raise problem(404, "Not found", "no such file")
        return web.Response(status=204)


if __name__ == "__main__":
    main(Replicate)
