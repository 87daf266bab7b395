"""A loopback ElevenLabs for dubbing projects: made by one form, transcribed, then dubbed into their language.

Shapes after the package elevenlabs 2.78; errors as in :mod:`loopback.elevenlabs`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from aiohttp import web
from loopback.audio import speak
from loopback.elevenlabs import authorised, detail, error, invalid
from loopback.jobs import SECONDS, JobVendor
from loopback.server import Reject, Speech, main

MODELS = {"dubbing_v1", "dubbing_v2"}
LANGUAGES = {"ar", "de", "en", "es", "es-MX", "fr", "hi", "it", "ja", "ko", "pl", "pt", "pt-BR", "zh"}
KINDS = {"video/mp4", "video/quicktime", "video/webm", "audio/wav", "audio/mpeg", "audio/flac", "audio/mp4",
         "audio/ogg"}  # fmt: skip
FIELDS = {"file", "source_url", "reference", "source_language", "model_id", "keyterms", "webhook_ids",
          "target_language", "transcript"}  # fmt: skip
WHEN = "2026-11-22T12:00:00Z"

# The word of a poll: the project's status, its language's where the project is ready, the error's code and words.
STATES = {
    "queued": ("queued", None, None),
    "throttled": ("queued", None, None),
    "running": ("preparing", None, None),
    "dubbing": ("ready", "processing", None),
    "stale": ("ready", "stale", None),
    "done": ("ready", "completed", None),
    "failed": ("failed", None, ("source_unreadable", "The source could not be decoded.")),
    "dub-failed": ("ready", "failed", ("internal_error", "The dub could not be made.")),
    "refused": ("ready", "failed", ("content_moderated", "The content was stopped by moderation.")),
    "cancelled": ("failed", None, ("internal_error", "Stopped.")),
}


class ElevenLabsDubbing(JobVendor):
    """Charges one language when the project is made and tells no charge."""

    name = "elevenlabs"
    key_header = "xi-api-key"
    paths = ("/v1/dubbing/project",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.result = speak("Dejad la luz encendida.", "flac", 22_050, language="es")
        self.bare = False
        self.subtitles: str | None = None
        self.warnings: list[dict[str, Any]] = []
        self._stands: dict[str, str] = {}

    def error(self, status: int) -> Any:
        return error(status)

    def authorised(self, request: web.Request) -> None:
        authorised(request)

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_get("/_subtitles/{id}", self._subtitles)
        app.router.add_get("/v1/dubbing/project/{id}", self._project)
        app.router.add_delete("/v1/dubbing/project/{id}", self._delete)
        app.router.add_get("/v1/dubbing/project/{id}/language/{language}", self._language)

    async def speech(self, request: web.Request, body: Any) -> Speech:
        authorised(request)
        if request.content_type != "multipart/form-data":
            raise invalid("body", message="Expected multipart form data")
        form = await request.post()
        if unknown := set(form) - FIELDS:
            raise invalid("body", min(unknown), message="Extra inputs are not permitted", kind="extra_forbidden")
        file = form.get("file")
        if (file is None) == ("source_url" not in form):
            raise invalid("body", "file", message="Provide either file or source_url")
        if not isinstance(file, web.FileField) or file.content_type not in KINDS:
            raise invalid("body", "file", message="The file is of no supported type")
        if form.get("model_id", "dubbing_v2") not in MODELS:
            raise Reject(404, detail("model_not_found", "A model with that ID was not found."))
        if form.get("target_language") not in {None, *LANGUAGES}:
            raise invalid("body", "target_language", message="The language is not supported")
        if len(str(form.get("reference", ""))) > 500:
            raise invalid("body", "reference", message="At most 500 characters")
        id = f"proj_{self.new_id()[:8]}"
        text = {name: str(value) for name, value in form.items() if name != "file"}
        self.requests[-1]["body"] = {**text, "file": (file.filename, file.content_type, len(file.file.read()))}
        languages = [f"lang_{id}"] if "target_language" in text else []
        project = {"project_id": id, "model_id": "dubbing_v2", "language_ids": languages, **text}
        return self.begin(project, self._told(project, "queued"), text["model_id"], id)

    def _told(self, project: dict[str, Any], status: str, problem: Any = None) -> dict[str, Any]:
        media = {"filename": "a.mp4", "duration_s": SECONDS, "has_video": True, "mime_type": "video/mp4"}
        return {
            **{name: project.get(name) for name in ("project_id", "model_id", "language_ids", "source_language")},
            "status": status,
            "error": problem,
            "media": media if status == "ready" else None,
            "webhook_ids": [],
            "warnings": [],
            "revision": 0,
            "created_at": WHEN,
            "updated_at": WHEN,
        }

    async def _project(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        word = await self.stand(request, id)
        status, _, problem = STATES[word]
        self._stands[id] = word
        return self.told(self._told(self.jobs[id], status, _problem(problem) if status == "failed" else None))

    async def _language(self, request: web.Request) -> web.Response:
        authorised(request)
        id = request.match_info["id"]
        if request.match_info["language"] not in self.jobs.get(id, {}).get("language_ids", ()):
            raise Reject(404, detail("dubbing_language_not_found", "There is no such language."))
        _, status, problem = STATES[self._stands[id]]
        has = status in ("completed", "stale") and not self.bare
        subtitles = f"{self.url}/_subtitles/{id}" if self.subtitles else None
        outputs = {"lossless_audio": self.file_url(id), "subtitles": subtitles} if has else None
        return self.told(
            {
                "language_id": request.match_info["language"],
                "project_id": id,
                "status": status,
                "target_language": self.jobs[id]["target_language"],
                "outputs": outputs,
                "error": _problem(problem),
                "revision": 0,
                "output_revision": 0,
                "warnings": self.warnings,
                "created_at": WHEN,
                "updated_at": WHEN,
            }
        )

    async def _subtitles(self, request: web.Request) -> web.Response:
        self.file_headers.append(dict(request.headers))
        return web.Response(text=self.subtitles, content_type="text/vtt")

    async def _delete(self, request: web.Request) -> web.Response:
        authorised(request)
        id = request.match_info["id"]
        if self.jobs.pop(id, None) is None:
            raise Reject(404, detail("dubbing_project_not_found", "There is no such project."))
        self.deleted.append(id)
        return web.Response(status=204)


def _problem(given: tuple[str, str] | None) -> dict[str, Any] | None:
    return None if given is None else {"code": given[0], "message": given[1], "retryable": False}


if __name__ == "__main__":
    main(ElevenLabsDubbing)
