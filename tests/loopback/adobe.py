"""A loopback Adobe: tokens, dubbing, Firefly's pictures and films.

Shapes after the descriptions of the Audio/Video API (api-evangelist/adobe-suite) and of Firefly (AdobeDocs, and the
package @adobe/firefly-apis), and the guides to both. As with the real service, the address of a job's status names
another host, which nobody is to ask.
"""

from __future__ import annotations

import re
import sys
import uuid
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import speak, tone
from loopback.jobs import JobVendor
from loopback.pictures import picture
from loopback.server import KEY, Reject, Speech, main

CLIENT_ID = "loopback-client"
_CODES = "da-DK en-IN en-GB es-AR es-419 fr-CA hi-IN ja-JP ko-KR nb-NO nl-NL pt-BR sv-SE zh-CN"
LOCALES = {*_CODES.split(), "en-US", "es-ES", "de-DE", "fr-FR", "it-IT", "pt-PT"}
VIDEOS = {"video/mp4", "video/mov", "video/quicktime", "video/x-msvideo", "video/x-matroska"}
SOUNDS = {"audio/mp3", "audio/wav", "audio/mpeg", "audio/x-m4a", "audio/aac"}
_IMAGE_3 = "2048x2048 1024x1024 2304x1792 1792x2304 2688x1536 1344x768 1152x896 896x1152"
_IMAGE_4 = "2048x2048 2304x1792 1792x2304 2688x1536 1440x2560"
_FILM = "1920x1080 1280x720 960x540 1080x1920 720x1280 540x960 1080x1080 720x720 540x540"
SIZES = {"image3": _IMAGE_3, "image4_standard": _IMAGE_4, "image4_ultra": _IMAGE_4, "video1_standard": _FILM}
STATES = {
    "queued": "pending",
    "throttled": "pending",
    "running": "running",
    "failed": "failed",
    "refused": "failed",
    "unsafe": "failed",
    "unfetched": "failed",
    "cancelled": "canceled",
    "partly": "partially_succeeded",
    "hollow": "partially_succeeded",
}
ERRORS = {
    "unfetched": ("resource_not_found", "Failed to download https://store.example.com/x?signed=1 in time"),
    "unsafe": ("validation_error", "The provided prompt is considered unsafe."),
    "failed": ("runtime_error", "Something broke."),
    "refused": ("output_media_unsafe", "It was held back."),
}


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Reject:
    return Reject(status, {"error_code": code, "message": message}, headers)


class Adobe(JobVendor):
    """Gives tokens and asks for them. ``revoke`` ends all that were given."""

    key_header = "Authorization"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens: set[str] = set()
        self.lifetime = 86_400
        self.ims_fault = 0
        self.access_fault: str | None = None

    def error(self, status: int) -> Any:
        return problem(status, "scripted", f"scripted {status}").body

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_post("/ims/token/v3", self._grant)

    async def _grant(self, request: web.Request) -> web.Response:
        self.counts.other["tokens"] += 1
        if self.ims_fault:
            raise Reject(self.ims_fault, {"error": "server_error"})
        form = await request.post()
        if form.get("grant_type") != "client_credentials" or "firefly_api" not in str(form.get("scope")):
            raise Reject(400, {"error": "invalid_request"})
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, KEY):
            raise Reject(401, {"error": "invalid_client", "error_description": "invalid client_secret parameter"})
        token = f"ims-{uuid.uuid4()}"
        self.tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "bearer", "expires_in": self.lifetime})

    def authorised(self, request: web.Request) -> None:
        if KEY in str(request.headers):
            raise problem(400, "bad_request", "the secret was sent to the service")
        if request.headers.get("x-api-key") != CLIENT_ID:
            raise problem(403, "403000", "Api Key is required")
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise problem(401, "401013", "Oauth token is not valid")

    def revoke(self) -> None:
        self.tokens.clear()

    def accepted(self, body: dict[str, Any], name: str) -> Speech:
        """A new job, and the answer to the paid POST."""
        if self.access_fault:
            raise problem(403, "access_error", "not allowed", {"x-access-error": self.access_fault})
        id = f"urn:ff:jobs:eso1:{self.new_id()}"
        elsewhere = "https://firefly-epo1.adobe.io/v3"
        answer = {"jobId": id, "statusUrl": f"{elsewhere}/status/{id}", "cancelUrl": f"{elsewhere}/cancel/{id}"}
        return self.begin(body, answer, name, id)

    async def standing(self, request: web.Request, made: Any) -> web.Response:
        """The answer to a poll; ``made`` gives what a finished job adds."""
        id = request.match_info["id"]
        word = await self.stand(request, id)
        told: dict[str, Any] = {"jobId": id, "status": STATES.get(word, "succeeded")}
        if word in ("done", "partly"):
            told |= made(id)
        if word == "hollow" and self.paths == ("/v1/dub",):
            told["outputs"] = [{"error": {"error_code": "runtime_error", "message": "Error in lip sync"}}]
        if word in ERRORS:
            told["error_code"], told["message"] = ERRORS[word]
        return self.told(told)


class Dub(Adobe):
    """Dubbing; the source is fetched from the user's store. ``suffix``: the API's description says ``videoOutput``."""

    name = "adobe"
    suffix = ""
    unreachable = False
    paths = ("/v1/dub",)

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v1/status/{id}", self._status)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        kinds = {"video", "audio"} & set(body or {})
        if len(kinds) != 1:
            raise problem(422, "validation_error", "Either video or audio is required")
        (kind,) = kinds
        if unknown := set(body) - {kind, "targetLocaleCodes", "transcripts", *(["lipSync"] if kind == "video" else [])}:
            raise problem(422, "validation_error", f"Unknown field {min(unknown)}")
        self.fetched(kind, body)
        if not body.get("targetLocaleCodes") or set(body["targetLocaleCodes"]) - LOCALES:
            raise problem(422, "validation_error", "Unsupported target locale code")
        if not isinstance(body.get("lipSync", False), bool):
            raise problem(422, "validation_error", "lipSync must be a boolean")
        if kind == "audio":
            self.result, self.result_type, self.ending = speak("Keep the light on.", "wav", 16_000), "audio/wav", "wav"
        return self.accepted(body, f"{body['targetLocaleCodes']} {body[kind]['source']['url']}")

    def fetched(self, kind: str, body: dict[str, Any]) -> None:
        """Fetch the source, as far as that goes on this machine."""
        if body[kind].get("mediaType") not in (VIDEOS if kind == "video" else SOUNDS):
            raise problem(422, "validation_error", f"Unsupported {kind} media type")
        if not re.fullmatch(r"https://[\w.-]+/\S+", body[kind].get("source", {}).get("url", "")):
            raise problem(422, "validation_error", "Invalid video/audio source URL format")
        if self.unreachable:
            raise problem(422, "validation_error", f"Cannot read {body[kind]['source']['url']} at all")

    async def _status(self, request: web.Request) -> web.Response:
        return await self.standing(request, self._made)

    def _made(self, id: str) -> dict[str, Any]:
        body = self.jobs[id]
        kind = "video" if "video" in body else "audio"
        output = {
            "localeCode": body["targetLocaleCodes"][0],
            f"{kind}{self.suffix}": {"mediaType": self.result_type, "destination": {"url": self.file_url("dub")}},
            "transcript": {"destination": {"url": self.file_url("words")}},
        }
        return {"outputs": [output]}


class Transcribe(Dub):
    """Captions of one line a recording; what the caller cuts by them is the first 0.7 s."""

    paths = ("/v1/transcribe",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.result = b"1\r\n00:00:00,100 --> 00:00:00,800\r\n<i>Keep the light</i>\r\non.\r\n\r\n"
        self.result_type, self.ending, self.delivered = "application/x-subrip", "srt", tone(seconds=0.7)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        kinds = {"video", "audio"} & set(body or {})
        if len(kinds) != 1:
            raise problem(422, "validation_error", "Either video or audio is required")
        (kind,) = kinds
        if unknown := set(body) - {kind, "captions", "targetLocaleCodes"}:
            raise problem(422, "validation_error", f"Unknown field {min(unknown)}")
        if body.get("targetLocaleCodes") and body.get("captions"):
            raise problem(422, "validation_error", "Captions generation is not supported with translation request")
        if set(body.get("captions", {}).get("targetFormats", [])) - {"SRT"}:
            raise problem(422, "validation_error", "Unsupported caption format")
        self.fetched(kind, body)
        return self.accepted(body, body[kind]["source"]["url"])

    def _made(self, id: str) -> dict[str, Any]:
        words = {"destination": {"url": self.file_url("words")}}
        captions = [{"destination": {"url": self.file_url("captions")}, "format": "SRT"}]
        return {"outputs": [words | ({"captions": captions} if "captions" in self.jobs[id] else {})]}


class Firefly(Adobe):
    """Pictures and films."""

    name = "adobe"
    paths = ("/v3/images/generate-async", "/v3/videos/generate")
    uploads_vanish = True

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v3/status/{id}", self._status)
        app.router.add_put("/v3/cancel/{id}", self._cancel)
        app.router.add_post("/v2/storage/image", self._store)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not isinstance(body, dict) or not 1 <= len(body.get("prompt", "")) <= 1_024:
            raise problem(422, "validation_error", "prompt must have 1 to 1024 characters")
        if "forbidden" in body["prompt"]:
            raise problem(400, "prompt_unsafe", "The prompt was refused.")
        version = request.headers.get("x-model-version", "")
        if request.path.startswith("/v3/images"):
            self._check_picture(version, body)
        else:
            self._check_film(version, body)
        return self.accepted(body, body["prompt"])

    @staticmethod
    def _offered(version: str, asked: dict[str, int]) -> bool:
        return f"{asked['width']}x{asked['height']}" in SIZES.get(version, "").split()

    def _check_picture(self, version: str, body: dict[str, Any]) -> None:
        if unknown := set(body) - {"prompt", "negativePrompt", "size", "numVariations", "seeds", "contentClass"}:
            raise problem(422, "validation_error", f"Unknown field {min(unknown)}")
        if not version.startswith("image") or not self._offered(version, body["size"]):
            raise problem(422, "validation_error", "size is not offered by this model")
        if len(body.get("seeds", [0])) != body["numVariations"]:
            raise problem(422, "validation_error", "as many seeds as variations")
        self.result, self.result_type, self.ending = picture(64, 36, "jpeg"), "image/jpeg", "jpg"

    def _check_film(self, version: str, body: dict[str, Any]) -> None:
        if version != "video1_standard":
            raise problem(422, "validation_error", "x-model-version is not offered")
        if unknown := set(body) - {
            "prompt",
            "negativePrompt",
            "sizes",
            "seeds",
            "image",
            "bitRateFactor",
            "videoSettings",
        }:
            raise problem(422, "validation_error", f"Unknown field {min(unknown)}")
        (asked,) = body["sizes"]
        if not self._offered(version, asked) or len(body.get("seeds", [0])) != 1:
            raise problem(422, "validation_error", "sizes or seeds are not offered")
        for condition in body.get("image", {}).get("conditions", []):
            if condition["source"].get("uploadId") not in self.uploads or condition["placement"]["position"] not in (
                0,
                1,
            ):
                raise problem(422, "validation_error", "no such upload")

    async def _status(self, request: web.Request) -> web.Response:
        return await self.standing(request, self._made)

    def _made(self, id: str) -> dict[str, Any]:
        kind = "video" if "sizes" in self.jobs[id] else "image"
        size = self.jobs[id].get("size") or self.jobs[id]["sizes"][0]
        return {"result": {"size": size, "outputs": [{"seed": 7, kind: {"url": self.file_url("made")}}]}}

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if id in self.cancelled:
            raise problem(409, "job_already_canceled", "The job was already canceled.")
        if id not in self.jobs:
            raise problem(404, "unknown_job_id", "The job id is unknown.")
        self.cancelled.append(id)
        return web.json_response({})

    async def _store(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if request.content_type not in ("image/png", "image/jpeg", "image/webp"):
            raise problem(415, "invalid_content_type", "not a picture")
        self.counts.other["uploads"] += 1
        name = self.new_id()
        self.uploads[name] = await request.read()
        return web.json_response({"images": [{"id": name}]})


if __name__ == "__main__":
    main(Firefly)
