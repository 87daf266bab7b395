"""A loopback fal: the queue with eleven models behind it, and the billing events of the platform.

Shapes after fal.ai/docs (inference API), the fields of each model after fal's own client (fal-ai/fal-js, 2026-08-02;
Mochi 1, which it no longer lists, after fal's page of the model), billing events after the platform's description
(tryAGI/Fal, 2026-08-21). As with the real queue, status and response lie below owner and app, without the rest of the
model's path.
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
from loopback.server import Reject, Speech, main

_WIDE = ("16:9", "9:16", "1:1")
_SIZED = {"prompt": str, "image_size": dict}
_FLUX = {
    **_SIZED,
    "seed": int,
    "num_images": range(1, 5),
    "output_format": ("jpeg", "png"),
    "sync_mode": bool,
}
FIELDS: dict[str, dict[str, Any]] = {
    "/fal-ai/pika/v2.2/text-to-video": {
        "prompt": str,
        "negative_prompt": str,
        "seed": int,
        "aspect_ratio": (*_WIDE, "4:5", "5:4", "3:2", "2:3"),
        "resolution": ("720p", "1080p"),
        "duration": (5, 10),
    },
    "/fal-ai/mochi-v1": {"prompt": str, "negative_prompt": str, "seed": int, "enable_prompt_expansion": bool},
    "/fal-ai/kling-video/v2.5-turbo/pro/text-to-video": {
        "prompt": str,
        "negative_prompt": str,
        "cfg_scale": float,
        "aspect_ratio": _WIDE,
        "duration": ("5", "10"),
    },
    "/bytedance/seedance-2.0/text-to-video": {
        "prompt": str,
        "aspect_ratio": ("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
        "bitrate_mode": ("standard", "high"),
        "duration": ("auto", *(str(number) for number in range(4, 16))),
        "resolution": ("480p", "720p", "1080p", "4k"),
        "generate_audio": bool,
        "end_user_id": str,
    },
    "/fal-ai/minimax/hailuo-2.3/standard/text-to-video": {
        "prompt": str,
        "duration": ("6", "10"),
        "prompt_optimizer": bool,
    },
    "/fal-ai/wan-25-preview/text-to-video": {
        "prompt": str,
        "negative_prompt": str,
        "seed": int,
        "audio_url": str,
        "aspect_ratio": _WIDE,
        "duration": ("5", "10"),
        "resolution": ("480p", "720p", "1080p"),
        "enable_prompt_expansion": bool,
        "enable_safety_checker": bool,
    },
    "/luma/agent/ray/v3.2/text-to-video": {
        "prompt": str,
        "aspect_ratio": ("3:4", "4:3", "1:1", "9:16", "16:9", "21:9"),
        "duration": ("5s", "10s"),
        "resolution": ("540p", "720p", "1080p"),
        "loop": bool,
        "hdr": bool,
        "exr_export": bool,
    },
    "/fal-ai/flux-pro/v1.1": {**_FLUX, "enhance_prompt": bool, "safety_tolerance": tuple("123456")},
    "/fal-ai/flux/dev": {**_FLUX, "acceleration": ("none", "regular", "high"), "enable_safety_checker": bool},
    "/fal-ai/ideogram/v3": {
        **_SIZED,
        "negative_prompt": str,
        "seed": int,
        "num_images": range(1, 9),
        "rendering_speed": ("TURBO", "BALANCED", "QUALITY"),
        "expand_prompt": bool,
        "style": ("AUTO", "GENERAL", "REALISTIC", "DESIGN"),
    },
    "/fal-ai/recraft/v3/text-to-image": {**_SIZED, "style": str, "colors": list, "enable_safety_checker": bool},
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
    """No answer of the queue tells a price; ``bills`` are the billing events' totals in dollars, by request."""

    name = "fal"
    paths = tuple(FIELDS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.charge: float | None = None
        self.bills: dict[str, float] = {}

    def error(self, status: int) -> Any:
        return {"detail": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/models/billing-events", self._billing)
        app.router.add_get("/{owner}/{app}/requests/{id}/status", self._status)
        app.router.add_get("/{owner}/{app}/requests/{id}", self._response)
        app.router.add_put("/{owner}/{app}/requests/{id}/cancel", self._cancel)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not request.headers["Authorization"].startswith("Key "):
            raise Reject(401, self.error(401))
        if not isinstance(body, dict) or not body.get("prompt"):
            raise invalid("prompt", "Field required", "missing")
        for name, value in body.items():
            self._check(request.path, name, value)
        id = self.new_id()
        if self.charge is not None:
            self.bills[id] = self.charge
        below = f"{self.url}/{'/'.join(request.path.split('/')[1:3])}/requests/{id}"
        answer = {"status": "IN_QUEUE", "request_id": id, "queue_position": 0, "status_url": f"{below}/status",
                  "response_url": below, "cancel_url": f"{below}/cancel"}  # fmt: skip
        if "image_size" in FIELDS[request.path]:
            self.result = picture(64, 36, "png")
        return self.begin(body, answer, body["prompt"], id)

    def _check(self, path: str, name: str, value: Any) -> None:
        allowed = FIELDS[path].get(name)
        if allowed is None:
            raise invalid(name, "Extra inputs are not permitted")
        fits = isinstance(value, allowed) if isinstance(allowed, type) else value in allowed
        if not fits or (isinstance(value, bool) and allowed is not bool):
            raise invalid(name, f"Input should be one of {allowed}", "literal_error")
        if name == "image_size" and (set(value) != {"width", "height"} or not all(one >= 1 for one in value.values())):
            raise invalid(name, "Input should have width and height")

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
        asked = self.jobs[id]
        if "forbidden" in asked["prompt"]:
            raise invalid("prompt", "The content could not be processed.", "content_policy_violation")
        made = {"url": self.file_url(id)}
        if "image_size" not in asked:
            return web.json_response({"video": made | {"content_type": "video/mp4"}})
        unsafe = ["blackened" in asked["prompt"]]
        return web.json_response({"images": [made], "has_nsfw_concepts": unsafe, "prompt": asked["prompt"]})

    async def _billing(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.query.get("request_id", "")
        if id not in self.bills:
            return web.json_response({"billing_events": [], "next_cursor": None, "has_more": False})
        cost = self.bills[id]
        event = {"request_id": id, "endpoint_id": "some/model", "timestamp": "2026-11-22T12:00:00Z", "output_units": 1,
                 "unit_price": cost, "percent_discount": None, "cost_subtotal": cost, "cost_discount": 0,
                 "cost_total": cost, "cost_estimate_nano_usd": cost * 1e9}  # fmt: skip
        return web.json_response({"billing_events": [event], "next_cursor": None, "has_more": False})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        self.cancelled.append(request.match_info["id"])
        return web.json_response({"status": "CANCELLATION_REQUESTED"}, status=202)


if __name__ == "__main__":
    main(Fal)
