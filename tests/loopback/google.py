"""Loopback Gemini: interactions that make films in the background, and pictures at once.

Shapes after the package google-genai 3.4 (its types of the Interactions API) and the guide to Gemini Omni
(ai.google.dev/gemini-api/docs/omni). As there, a film's address names Google's own host, and only the key opens it.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections import deque
from pathlib import Path
from typing import Any, ClassVar

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import JobVendor
from loopback.pictures import picture
from loopback.server import KEY, Reject, Speech, Vendor, main

CODES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
         429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}  # fmt: skip
TOKENS = {"360p": 1_931, "720p": 5_792, "1080p": 8_688, "4k": 17_376}
STATES = {"queued": "queued", "throttled": "queued", "running": "in_progress", "failed": "failed",
          "cancelled": "cancelled", "incomplete": "incomplete"}  # fmt: skip
SHAPES = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:8", "8:1", "1:4", "4:1"}


def problem(status: int, message: str) -> Reject:
    said = {"code": status, "message": message, "status": CODES.get(status, "UNKNOWN")}
    return Reject(status, {"error": said})


def words_in(body: Any, fields: set[str], kind: str) -> dict[str, Any]:
    """The request as far as films and pictures have it in common."""
    if not isinstance(body, dict) or not body.get("model") or not body.get("input"):
        raise problem(400, "model and input are required")
    if unknown := set(body) - fields:
        raise problem(400, f"Unknown name {min(unknown)!r}")
    form = body.get("response_format")
    if not isinstance(form, dict) or form.get("type") != kind:
        raise problem(400, f"response_format must be of type {kind}")
    if "forbidden" in json.dumps(body["input"]):
        raise problem(400, "The prompt was blocked for safety reasons.")
    return form


class Gemini(JobVendor):
    """Films. ``inline`` gives them inside the answer; ``files`` are the states of a film's file, then ACTIVE."""

    name = "google"
    paths = ("/v1/interactions",)
    key_header = "x-goog-api-key"
    FIELDS: ClassVar = {"model", "input", "background", "response_format", "generation_config", "store"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.inline = False
        self.files: deque[str] = deque()
        self.key_fault = 401

    def error(self, status: int) -> Any:
        return problem(status, f"scripted {status}").body

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/interactions/{id}", self._status)
        app.router.add_delete("/v1/interactions/{id}", self._delete)
        app.router.add_post("/v1/interactions/{id}/cancel", self._cancel)
        app.router.add_get("/v1/files/{name:[^:/]+}", self._file_state)
        app.router.add_get("/v1/files/{name:[^:/]+}:download", self._download)

    def authorised(self, request: web.Request) -> None:
        try:
            super().authorised(request)
        except Reject:
            raise problem(self.key_fault, "API key not valid. Please pass a valid API key.") from None
        if "Authorization" in request.headers or "key" in request.query:
            raise problem(400, "the key belongs into x-goog-api-key")

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        form = words_in(body, self.FIELDS, "video")
        if body["model"] != "gemini-omni-1.1-flash":
            raise problem(404, "no such model")
        if body.get("background") is not True:
            raise problem(400, "a film is made in the background here")
        if set(form) - {"type", "delivery", "aspect_ratio", "resolution", "duration"}:
            raise problem(400, "Unknown name in response_format")
        seconds = re.fullmatch(r"(\d+)s", form.get("duration", ""))
        if not seconds or not 3 <= int(seconds[1]) <= 10:
            raise problem(400, "duration must be 3s to 10s")
        if form.get("aspect_ratio") not in ("16:9", "9:16") or form.get("resolution") not in TOKENS:
            raise problem(400, "aspect_ratio or resolution is not offered")
        task = body.get("generation_config", {}).get("video_config", {}).get("task")
        if (task == "image_to_video") != isinstance(body["input"], list):
            raise problem(400, "the task does not fit the input")
        id = f"v1_{self.new_id()}"
        tokens = int(seconds[1]) * TOKENS[form["resolution"]]
        frame = self._frame(body["input"]) if isinstance(body["input"], list) else 0
        given = [{"modality": "text", "tokens": 12}, {"modality": "image", "tokens": frame}]
        usage = {"total_output_tokens": tokens, "total_thought_tokens": 310, "input_tokens_by_modality": given,
                 "output_tokens_by_modality": [{"modality": "video", "tokens": tokens}]}  # fmt: skip
        answer = {"id": id, "object": "interaction", "status": "in_progress", "model": body["model"]}
        return self.begin({"usage": usage}, answer, json.dumps(body["input"]), id)

    @staticmethod
    def _frame(steps: list[dict[str, Any]]) -> int:
        (step,) = steps
        if step["type"] != "user_input":
            raise problem(400, "the input is not the user's")
        image, text = step["content"]
        if image["type"] != "image" or not base64.b64decode(image["data"], validate=True) or text["type"] != "text":
            raise problem(400, "the input is not an image and words")
        if not image["mime_type"].startswith("image/") or "<FIRST_FRAME>" not in text["text"]:
            raise problem(400, "nothing says what the image is for")
        return 2_040

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        told: dict[str, Any] = {"id": id, "object": "interaction", "status": STATES.get(word, "completed"), "steps": []}
        match word:
            case "done":
                film = {"type": "video", "mime_type": "video/mp4"}
                film |= {"data": base64.b64encode(self.result).decode()} if self.inline else {"uri": self.file_url(id)}
                thought = {"type": "thought", "content": [{"type": "text", "text": "Fog, then."}]}
                told |= {"usage": self.jobs[id]["usage"],
                         "steps": [thought, {"type": "model_output", "content": [film]}]}  # fmt: skip
            case "refused":
                said = {"type": "text", "text": "I cannot make that film."}
                told |= {"usage": {"total_thought_tokens": 40}, "steps": [{"type": "model_output", "content": [said]}]}
            case "unsafe":
                told |= {"status": "failed", "errors": [{"code": "PROHIBITED_CONTENT", "message": "stopped"}]}
            case "lost":
                told |= {"usage": self.jobs[id]["usage"]}
            case "failed":
                told |= {"errors": [{"code": "INTERNAL", "message": "An internal error occurred."}]}
        return self.told(told)

    async def _delete(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if self.jobs.pop(request.match_info["id"], None) is None:
            raise problem(404, "no such interaction")
        self.deleted.append(request.match_info["id"])
        return web.json_response({})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if request.match_info["id"] not in self.jobs:
            raise problem(404, "no such interaction")
        self.cancelled.append(request.match_info["id"])
        return web.json_response({"id": request.match_info["id"], "status": "cancelled"})

    # --- the film's file ---

    def file_url(self, id: str) -> str:
        return f"https://generativelanguage.googleapis.com/v1beta/files/{id[3:]}:download?alt=media"

    def moved(self, request: web.Request) -> str:
        return f"/_files/{request.match_info['name']}"

    async def _file_state(self, request: web.Request) -> web.Response:
        self.authorised(request)
        name = request.match_info["name"]
        state = self.files.popleft() if self.files else "ACTIVE"
        return web.json_response({"name": f"files/{name}", "state": state, "mimeType": "video/mp4"})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        self.authorised(request)
        if request.query.get("alt") != "media":
            raise problem(400, "alt must be media")
        return await self._file(request)


class GeminiPictures(Vendor):
    """Pictures, in the answer to the one call."""

    name = "google"
    paths = ("/v1/interactions",)
    SIZES: ClassVar = {"gemini-3-pro-image": {"1K", "2K", "4K"}, "gemini-3.1-flash-image": {"512", "1K", "2K", "4K"},
                       "gemini-3.1-flash-lite-image": {"1K"}}  # fmt: skip

    def error(self, status: int) -> Any:
        return problem(status, f"scripted {status}").body

    async def speech(self, request: web.Request, body: Any) -> Speech:
        if request.headers.get("x-goog-api-key") != KEY:
            raise problem(401, "API key not valid. Please pass a valid API key.")
        form = words_in(body, {"model", "input", "store", "response_format", "generation_config"}, "image")
        if body["model"] not in self.SIZES:
            raise problem(404, "no such model")
        if form.get("aspect_ratio", "1:1") not in SHAPES or form.get("image_size") not in self.SIZES[body["model"]]:
            raise problem(400, "aspect_ratio or image_size is not offered")
        if form.get("mime_type", "image/jpeg") != "image/jpeg":
            raise problem(400, "only image/jpeg is made")
        width, height = (int(side) for side in form["aspect_ratio"].split(":"))
        content = base64.b64encode(picture(32 * width, 32 * height, "jpeg")).decode()
        piece = {"type": "image", "mime_type": "image/jpeg", "data": content}
        made = {"512": 750, "1K": 1_120, "2K": 1_680, "4K": 2_240}[form["image_size"]]
        if "filtered" in body["input"]:
            piece, made = {"type": "text", "text": "I cannot paint that."}, 0
        asked = len(body["input"]) // 4
        usage = {"total_input_tokens": asked, "input_tokens_by_modality": [{"modality": "text", "tokens": asked}],
                 "total_output_tokens": made, "output_tokens_by_modality": [{"modality": "image", "tokens": made}],
                 "total_thought_tokens": 90}  # fmt: skip
        answer = {"id": "v1_p", "object": "interaction", "status": "completed", "usage": usage,
                  "steps": [{"type": "model_output", "content": [piece]}]}  # fmt: skip
        return Speech(json.dumps(answer).encode(), "application/json", {}, body["input"])


if __name__ == "__main__":
    main(Gemini)
