"""A loopback sync.so: lip sync by one form, jobs.

Shapes after the package syncsdk and sync.so/docs; errors are ``{"statusCode", "message"}``.
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

MODELS = {"sync-3", "lipsync-2", "lipsync-2-pro", "lipsync-1.9.0-beta", "react-1"}
FILES = {"video": {"video/mp4"}, "audio": {"audio/wav", "audio/mpeg"}}
STATES = {
    "queued": ("PENDING", None),
    "throttled": ("PENDING", None),
    "running": ("PROCESSING", None),
    "done": ("COMPLETED", None),
    "failed": ("FAILED", "No face was found."),
    "refused": ("REJECTED", "The content is not allowed."),
    "cancelled": ("FAILED", "The job was stopped."),
}


class Sync(JobVendor):
    """Bills the output's length."""

    name = "sync"
    key_header = "x-api-key"
    paths = ("/v2/generate",)

    def error(self, status: int) -> Any:
        return {"statusCode": status, "message": f"scripted {status}"}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/v2/generate/{id}", self._status)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        if request.content_type != "multipart/form-data":
            raise Reject(400, {"statusCode": 400, "message": "a form is needed where no input is given"})
        form = await request.post()
        if unknown := set(form) - {"model", "input", "options", "webhookUrl", *FILES}:
            raise Reject(400, {"statusCode": 400, "message": f"{min(unknown)} is not known"})
        if form.get("model") not in MODELS:
            raise Reject(400, {"statusCode": 400, "message": "model must be one of the models"})
        for name, kinds in FILES.items():
            field = form.get(name)
            if not isinstance(field, web.FileField) or field.content_type not in kinds:
                raise Reject(400, {"statusCode": 400, "message": f"{name} must be a file"})
            if len(field.file.read()) > 20 * 10**6:
                raise Reject(413, {"statusCode": 413, "message": f"{name} has more than 20 MB"})
        id = self.new_id()
        job = {"id": id, "status": "PENDING", "model": form["model"], "createdAt": "2026-11-22T12:00:00Z"}
        return self.begin(job, job, str(form["model"]), id)

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        status, said = STATES[await self.stand(request, id)]
        job = {**self.jobs[id], "status": status, "error": said, "outputUrl": None, "outputDuration": None}
        if status == "COMPLETED":
            job |= {"outputUrl": self.file_url(id), "outputDuration": SECONDS}
        return self.told(job)


if __name__ == "__main__":
    main(Sync)
