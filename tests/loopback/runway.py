"""A loopback Runway: films, films changed by words, pictures, speech made over, tasks, uploads.

Shapes after the API's description, version 2024-11-06 (tryAGI/Runway, 2026-08-08).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import speak
from loopback.jobs import SECONDS, JobVendor
from loopback.pictures import picture
from loopback.server import KEY, Reject, Speech, main

_PARTNER = "1280:720 720:1280 1470:630 1112:834 960:960 834:1112 992:432 864:496 752:560 640:640 560:752 496:864"
_LARGE = "2206:946 1920:1080 1664:1248 1440:1440 1248:1664 1080:1920 3840:2160 2160:3840 3840:3840"
SEEDANCE, LARGE = set(_PARTNER.split()), set(_LARGE.split())
WIDE = {"1280:720", "720:1280"}
RATIOS = WIDE | {"1104:832", "960:960", "832:1104", "1584:672"}
HD = WIDE | {"1920:1080", "1080:1920"}
_720P = "1280:720 720:1280 720:720 960:720 720:960 1680:720"
_LARGER = "1024:1024 1080:1080 1168:880 1360:768 1440:1080 1080:1440 1808:768 1920:1080 1080:1920 2112:912"
PICTURES = {*_720P.split(), *_LARGER.split()}
_OWN = {"seed", "contentModeration", "outputFormat", "proresProfile"}
_UP_TO_10, _UP_TO_15 = range(2, 11), range(4, 16)


@dataclass(frozen=True)
class Offer:
    """A model on one path: what must and may be sent beside the model, and within which bounds."""

    required: set[str]
    optional: set[str] = field(default_factory=set)
    ratios: set[str] = field(default_factory=set)
    seconds: Sequence[int] = ()
    units: int = 1_000
    credits: Callable[[str], int] = lambda ratio: 0


def _seedance(ratio: str) -> int:
    width, height = (int(side) for side in ratio.split(":"))
    return 36 if width * height < 10**6 else 40 if width * height < 3 * 10**6 else 150


def _films(first: set[str]) -> dict[str, Offer]:
    """The models of film that go on from ``first``."""
    asked = {"promptText", *first}
    wide = WIDE if not first else RATIOS
    offers = {
        "gen4.5": Offer({*asked, "ratio", "duration"}, _OWN, wide, _UP_TO_10, credits=lambda _: 12),
        "veo3.1": Offer({*asked, "ratio"}, {"duration", "audio"}, HD, (4, 6, 8), credits=lambda _: 40),
        "veo3.1_fast": Offer({*asked, "ratio"}, {"duration", "audio"}, HD, (4, 6, 8), credits=lambda _: 15),
        "gemini_omni_flash": Offer(asked, {"ratio", "duration"}, WIDE, range(3, 11), 4_000, lambda _: 10),
        "seedance2": Offer(asked, {"ratio", "duration", "audio"}, SEEDANCE | LARGE, _UP_TO_15, 3_500, _seedance),
        "seedance2_fast": Offer(asked, {"ratio", "duration", "audio"}, SEEDANCE, _UP_TO_15, 3_500, lambda _: 29),
        "seedance2_mini": Offer(asked, {"ratio", "duration", "audio"}, SEEDANCE, _UP_TO_15, 3_500, lambda _: 16),
        "seedance2_5": Offer(asked, {"ratio", "duration", "audio"}, SEEDANCE, range(4, 31), 15_000, lambda _: 30),
    }
    if first:
        own = {"promptText", "duration", *_OWN} - {"outputFormat", "proresProfile"}
        offers["gen4_turbo"] = Offer({"ratio", *first}, own, RATIOS, _UP_TO_10, credits=lambda _: 5)
    return offers


_DUBBING = {"disableVoiceCloning", "dropBackgroundAudio", "numSpeakers"}
_CODES = "en hi pt zh es fr de ja ar ru ko id it nl tr pl sv fil ms ro uk el cs da fi bg hr sk ta"
LANGUAGES = set(_CODES.split())
OFFERS = {
    "/v1/text_to_video": _films(set()),
    "/v1/image_to_video": _films({"promptImage"}),
    "/v1/video_to_video": {
        "aleph2": Offer({"videoUri"}, {"promptText", "keyframes", "targetAspectRatio", *_OWN}, credits=lambda _: 28)
    },
    "/v1/text_to_image": {
        "gen4_image": Offer({"promptText", "ratio"}, {"seed", "contentModeration", "referenceImages"}, PICTURES)
    },
    "/v1/voice_dubbing": {"eleven_voice_dubbing": Offer({"audioUri", "targetLang"}, _DUBBING)},
    "/v1/voice_isolation": {"eleven_voice_isolation": Offer({"audioUri"})},
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
    paths = tuple(OFFERS)

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
        if not isinstance(body, dict) or body.get("model") not in OFFERS[request.path]:
            raise problem("model", "is not offered here")
        self._check(OFFERS[request.path][body["model"]], body)
        id, cost = self.new_id(), self._cost(request.path, body)
        answer = {"id": id, "estimatedCost": {"credits": cost}}
        named = f"{body.get('promptText')} {body.get('videoUri', '')} {body.get('audioUri', '')}"
        return self.begin({**body, "cost": cost}, answer, named, id)

    def _check(self, offer: Offer, body: dict[str, Any]) -> None:
        if missing := offer.required - set(body):
            raise problem(min(missing), "is required")
        if unknown := set(body) - offer.required - offer.optional - {"model"}:
            raise problem(min(unknown), "unrecognised key")
        text = body.get("promptText")
        if text is not None and not 1 <= len(text.encode("utf-16-le")) // 2 <= offer.units:
            raise problem("promptText", f"must have 1 to {offer.units} UTF-16 units")
        if "ratio" in body and body["ratio"] not in offer.ratios:
            raise problem("ratio", "is not offered")
        if "duration" in body and (not isinstance(body["duration"], int) or body["duration"] not in offer.seconds):
            raise problem("duration", "is not offered")
        if "targetLang" in body and body["targetLang"] not in LANGUAGES:
            raise problem("targetLang", "is not offered")
        for name in ("promptImage", "videoUri", "audioUri"):
            if name in body and body[name] not in self.uploads:
                raise problem(name, "no such upload")

    def _cost(self, path: str, body: dict[str, Any]) -> int:
        """In credits; from here on the server makes what was asked for."""
        if path == "/v1/text_to_image":
            self.result, self.result_type, self.ending = picture(64, 36, "png"), "image/png", "png"
            return 5 if min(int(side) for side in body["ratio"].split(":")) == 720 else 8
        if "audioUri" in body:
            self.result, self.result_type, self.ending = speak("Keep the light on.", "mp3", 24_000), "audio/mpeg", "mp3"
            return 1
        return int(body.get("duration", SECONDS) * OFFERS[path][body["model"]].credits(body.get("ratio", "")))

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
