"""A loopback Deepdub for dubbing jobs, and beside it the customer's bucket of S3, which is where films are delivered.

Shapes after the vendor's OpenAPI document of managed dubbing; 422 is the validation list of FastAPI. The bucket takes
what is signed with the customer's credentials and gives what a presigned address asks for.
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

BUCKET = "s3://customer/films"
CUSTOMER = "customer-key-id"
FIELDS = {
    *("sourceLocale", "targetLocale", "sourceVideoPath", "exportPath", "contentId", "batchId", "batchName"),
    *("workflowType", "mixType", "sourceSpeechTrackPath", "sourceMAndETrackPath", "uncompressedAudioPath"),
    *("segments", "titleName", "genreName", "maturityRating", "contentType", "priority", "needByDate"),
    *("isVideoWaterMarked", "additionalSources", "additionalProducts", "metadata"),
}
CHOICES = {
    "workflowType": {"AUTOMATED", "MANAGED", "MANAGED_HIGH_TIER"},
    "mixType": {"UN_STYLE", "REPLACEMENT"},
}
STATES = {
    "queued": ("INTAKE_PREPROCESSING", ""),
    "throttled": ("PARKED_REQUEST", ""),
    "running": ("MIXING_IN_PROGRESS", ""),
    "done": ("DELIVERED_TO_CLIENT", ""),
    "failed": ("FAILURE", "No speech was found."),
    "refused": ("INTAKE_FAILED", "Stopped by moderation."),
    "cancelled": ("FAILURE", "Cancelled."),
}


def invalid(field: str, message: str, kind: str = "value_error") -> Reject:
    return Reject(422, {"detail": [{"loc": ["body", field], "msg": message, "type": kind}]})


class DeepdubDubbing(JobVendor):
    """Tells neither price nor charge. Its ``uploads`` are what the customer's bucket holds."""

    name = "deepdub"
    key_header = "x-api-key"
    paths = ("/dubbing/job",)

    def error(self, status: int) -> Any:
        return invalid("body", "scripted").body if status == 422 else {"detail": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/dubbing/job/{id}", self._status)
        app.router.add_delete("/dubbing/job/{id}", self._cancel)
        app.router.add_put("/customer/{path:.+}", self._put)
        app.router.add_delete("/customer/{path:.+}", self._remove)
        app.router.add_get("/customer/{path:.+}", self._get)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if not isinstance(body, dict):
            raise invalid("body", "Input should be a valid dictionary", "model_attributes_type")
        for field in ("sourceLocale", "targetLocale", "sourceVideoPath"):
            if not isinstance(body.get(field), str):
                raise invalid(field, "Field required", "missing")
        if unknown := set(body) - FIELDS:
            raise invalid(min(unknown), "Extra inputs are not permitted", "extra_forbidden")
        for field, choices in CHOICES.items():
            if body.get(field, min(choices)) not in choices:
                raise invalid(field, "Input should be one of the choices", "enum")
        for field in ("sourceLocale", "targetLocale"):
            if not (len(body[field]) >= 5 and body[field][2] == "-"):
                raise invalid(field, "Unknown locale")
        if not body.get("exportPath", "s3://").startswith("s3://"):
            raise invalid("exportPath", "The path must start with s3://")
        if body["sourceVideoPath"] not in self.uploads:
            raise invalid("sourceVideoPath", "There is no such file")
        id = self.new_id()
        return self.begin(body, {"requestId": id}, f"{body['sourceVideoPath']} {body['targetLocale']}", id)

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        status, trace = STATES.get(word, (word, ""))
        told = {"requestId": id, "status": status, "detailedTrace": trace, "exportPath": self.jobs[id]["exportPath"]}
        return self.told({**told, "additionalProducts": [], "metadata": {}})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.authorised(request)
        id = request.match_info["id"]
        if self.jobs.pop(id, None) is None:
            raise Reject(404, {"detail": "Not found"})
        self.cancelled.append(id)
        return web.json_response({})

    # --- the bucket ---

    def _mine(self, request: web.Request) -> str:
        if f"Credential={CUSTOMER}/" not in request.headers.get("Authorization", ""):
            raise web.HTTPForbidden
        return f"s3:/{request.path}"

    async def _put(self, request: web.Request) -> web.Response:
        self.counts.other["uploads"] += 1
        self.uploads[self._mine(request)] = await request.read()
        return web.Response(headers={"ETag": '"1"'})

    async def _remove(self, request: web.Request) -> web.Response:
        path = self._mine(request)
        if self.uploads.pop(path, None) is not None:
            self.deleted.append(path)
        return web.Response(status=204)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        delivered = {job["exportPath"] for job in self.jobs.values()}
        signed = request.query.get("X-Amz-Credential", "").startswith(f"{CUSTOMER}/")
        if f"s3:/{request.path}" not in delivered or not (signed or "again" in request.query):
            raise web.HTTPForbidden
        return await self._file(request)


if __name__ == "__main__":
    main(DeepdubDubbing)
