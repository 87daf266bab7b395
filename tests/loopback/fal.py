"""A loopback fal: the queue, with Pika 2.2 and Mochi 1 behind it.

Shapes after fal.ai/docs (inference API) and the published description of Pika's queue (2026-08-22). As with the real
queue, status and response lie below owner and app, without the rest of the model's path.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.jobs import JobVendor
from loopback.server import Reject, Speech, main

CHOICES = {
    "aspect_ratio": ("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3"),
    "resolution": ("720p", "1080p"),
    "duration": (5, 10),
}
FIELDS = {
    "/fal-ai/pika/v2.2/text-to-video": {"prompt", "negative_prompt", "seed", *CHOICES},
    "/fal-ai/mochi-v1": {"prompt", "negative_prompt", "seed", "enable_prompt_expansion"},
}
ERRORS = {
    "failed": ("internal_error", "The runner failed."),
    "refused": ("content_policy_violation", "The prompt was flagged by a content checker."),
    "cancelled": ("request_cancelled", "The request was cancelled."),
}
STATES = {"queued": "IN_QUEUE", "throttled": "IN_QUEUE", "running": "IN_PROGRESS"}


def invalid(name: str, message: str, kind: str = "value_error") -> Reject:
    return Reject(422, {"detail": [{"loc": ["body", name], "msg": message, "type": kind}]})


class Fal(JobVendor):
    """A clip has a fixed price; no answer tells it."""

    name = "fal"
    paths = tuple(FIELDS)

    def error(self, status: int) -> Any:
        return {"detail": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/{owner}/{app}/requests/{id}/status", self._status)
        app.router.add_get("/{owner}/{app}/requests/{id}", self._response)
        app.router.add_put("/{owner}/{app}/requests/{id}/cancel", self._cancel)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not request.headers["Authorization"].startswith("Key "):
            raise Reject(401, self.error(401))
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), str) or not body["prompt"]:
            raise invalid("prompt", "Field required", "missing")
        if unknown := set(body) - FIELDS[request.path]:
            raise invalid(min(unknown), "Extra inputs are not permitted")
        for name, choices in CHOICES.items():
            if name in body and body[name] not in choices:
                raise invalid(name, f"Input should be one of {choices}", "literal_error")
        id = self.new_id()
        below = f"{self.url}/{'/'.join(request.path.split('/')[1:3])}/requests/{id}"
        answer = {"status": "IN_QUEUE", "request_id": id, "queue_position": 0, "status_url": f"{below}/status",
                  "response_url": below, "cancel_url": f"{below}/cancel"}  # fmt: skip
        return self.begin(body, answer, body["prompt"], id)

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        answer: dict[str, Any] = {"status": STATES.get(word, "COMPLETED"), "request_id": id}
        if word in ERRORS:
            answer["error_type"], answer["error"] = ERRORS[word]
        told = self.told(answer)
        told.set_status(202 if word in STATES else 200)
        return told

    async def _response(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if id not in self.jobs:
            raise Reject(404, self.error(404))
        if "forbidden" in self.jobs[id]["prompt"]:
            raise invalid("prompt", "The content could not be processed.", "content_policy_violation")
        return web.json_response({"video": {"url": self.file_url(id), "content_type": "video/mp4"}})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        self.cancelled.append(request.match_info["id"])
        return web.json_response({"status": "CANCELLATION_REQUESTED"}, status=202)


if __name__ == "__main__":
    main(Fal)
