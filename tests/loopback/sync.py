"""A loopback sync.so: lip sync and dubbing by one form, jobs.

Shapes after the package syncsdk and sync.so/docs; errors are ``{"statusCode", "message", "errorCode"}``.
"""

from __future__ import annotations

import json
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
LANGUAGES = {
    *("af", "ak", "am", "ar", "as", "az", "be", "bg", "bo", "bs", "ca", "ceb", "cs", "cy", "da", "de", "doi", "el"),
    *("en", "es", "et", "eu", "fa", "fi", "fil", "fr", "gl", "gu", "ha", "he", "hi", "hr", "hu", "hy", "id", "is"),
    *("it", "ja", "jv", "ka", "ki", "kk", "kn", "ko", "ky", "lg", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my"),
    *("ne", "nl", "no", "nso", "pa", "pl", "pt", "rn", "ro", "ru", "rw", "sd", "sk", "sl", "sq", "ss", "st", "su"),
    *("sv", "sw", "ta", "te", "tg", "th", "tl", "tn", "tr", "ts", "ug", "uk", "ur", "uz", "ve", "vi", "war", "wo"),
    *("yo", "zh", "zu"),
}
STATES = {
    "queued": ("PENDING", None),
    "throttled": ("PENDING", None),
    "running": ("PROCESSING", None),
    "done": ("COMPLETED", None),
    "failed": ("FAILED", "No face was found."),
    "refused": ("REJECTED", "The content is not allowed."),
    "cancelled": ("FAILED", "The job was stopped."),
}


def problem(message: str, status: int = 400, code: str = "generation_input_validation_failed") -> Reject:
    return Reject(status, {"statusCode": status, "message": message, "errorCode": code})


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
            raise problem("a form is needed where no input is given")
        form = await request.post()
        if unknown := set(form) - {"model", "input", "options", "webhookUrl", "dubParams", *FILES}:
            raise problem(f"{min(unknown)} is not known")
        if form.get("model") not in MODELS:
            raise problem("model must be one of the models", code="generation_unsupported_model")
        for name, kinds in FILES.items():
            field = form.get(name)
            if field is None and name == "audio" and "dubParams" in form:
                continue
            if not isinstance(field, web.FileField) or field.content_type not in kinds:
                raise problem(f"{name} must be a file")
            if len(field.file.read()) > 20 * 10**6:
                raise problem(f"{name} has more than 20 MB", 413, "file_size_exceeds_plan_limit")
        told = {"model": str(form["model"])}
        if "dubParams" in form:
            told["dubParams"] = self._dub(form)
        self.requests[-1]["body"] = {**told, "files": [name for name in FILES if name in form]}
        id = self.new_id()
        job = {"id": id, "status": "PENDING", **told, "createdAt": "2026-11-22T12:00:00Z"}
        return self.begin(job, job, told["model"], id)

    def _dub(self, form: Any) -> Any:
        if "audio" in form:
            raise problem("audio is not given beside dubParams", code="generation_input_dub_audio_conflict")
        try:
            dub = json.loads(form["dubParams"])
        except (TypeError, ValueError):
            raise problem("dubParams must be JSON") from None
        if not isinstance(dub, dict) or dub.get("providerName") != "elevenlabs":
            raise problem("dubParams.providerName must be elevenlabs")
        if unknown := set(dub) - {"providerName", "targetLang", "sourceLang", "numSpeakers"}:
            raise problem(f"dubParams.{min(unknown)} is not known")
        if dub.get("targetLang") not in LANGUAGES or dub.get("sourceLang", "auto") not in {"auto", *LANGUAGES}:
            raise problem("dubParams: unknown language")
        if not (isinstance(dub.get("numSpeakers", 0), int) and 0 <= dub.get("numSpeakers", 0) <= 50):
            raise problem("dubParams.numSpeakers must lie in 0 to 50")
        return dub

    async def _status(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        status, said = STATES[await self.stand(request, id)]
        job = {
            **self.jobs[id],
            "status": status,
            "error": said,
            "errorCode": None,
            "outputUrl": None,
            "outputDuration": None,
        }
        if status == "COMPLETED":
            job |= {"outputUrl": self.file_url(id), "outputDuration": SECONDS}
        return self.told(job)


if __name__ == "__main__":
    main(Sync)
