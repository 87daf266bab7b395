"""sync.so: lip sync to given speech.

Contract: ``POST /v2/generate`` with both files in the one paid POST, ``GET /v2/generate/{id}``, as the package
``syncsdk`` sends them (``generations.create_with_files``); spoken directly, so that nothing is repeated behind our
back and states the package does not know pass. Files have at most 20 MB (sync.so/docs/quickstart). The bill is the
output's length, which the finished job tells; the vendor counts seconds at 25 frames.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters._http import CutStream
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import key_needed
from filmbench.harness.protocols import Job, Media, Progress, ProviderSpec
from filmbench.harness.types import Artifact, Json, Quote, Request, Usage

URL = "https://api.sync.so"
PATIENCE = 45 * 60.0
MOST_BYTES = 20 * 10**6
_PATH = "/v2/generate"
_FILMS = {"video/mp4": "mp4"}
_SOUNDS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
_MODERATED = re.compile(r"moderat|policy|nsfw|inappropriate", re.IGNORECASE)
_STATES = {
    "PENDING": "queued",
    "PROCESSING": "running",
    "COMPLETED": "done",
    "FAILED": "failed",
    "REJECTED": "refused",
}


class Sync(JobVendor):
    """One lip sync model."""

    paces = ((0.0, 10.0), (120.0, 20.0))

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The longer of film and speech: the vendor goes on with the shorter one until both end."""
        inputs = [request.sample.inputs.get(role) for role in ("video", "speech")]
        lengths = [one.seconds for one in inputs if isinstance(one, Artifact) and one.seconds is not None]
        if len(lengths) < len(inputs):
            unknown = Usage(evidence="the length of the input is not known")
            return Quote(unknown, unknown)
        seconds = Decimal(str(round(max(lengths), 3)))
        return Quote(
            Usage({"output_second": seconds}, "length of the input"),
            Usage({"output_second": seconds + 1}, "length of the input, rounded up"),
        )

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"x-api-key": key}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """Which files the form will hold; they are read when it is sent."""
        film = self.input(request, "video", tuple(_FILMS), MOST_BYTES)
        voice = self.input(request, "speech", tuple(_SOUNDS), MOST_BYTES)
        files: dict[str, Json] = {
            "video": [str(media.path(film)), film.media_type, f"film.{_FILMS[film.media_type]}"],
            "audio": [str(media.path(voice)), voice.media_type, f"speech.{_SOUNDS[voice.media_type]}"],
        }
        return {"model": self.model, "files": files}, ()

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The form."""
        import aiohttp

        form = aiohttp.FormData()
        form.add_field("model", body["model"])
        for field, (path, media_type, name) in body["files"].items():
            content = await asyncio.to_thread(Path(path).read_bytes)
            form.add_field(field, content, filename=name, content_type=media_type)
        return {"data": form}

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return _PATH

    def job_id(self, answer: Any) -> str | None:
        """The id."""
        return str(answer.get("id") or "") or None if isinstance(answer, dict) else None

    def status_path(self, job: Job) -> str:
        """Where a job is asked after."""
        return f"{_PATH}/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """Five states; a failure whose words speak of moderation is a refusal."""
        job = answer if isinstance(answer, dict) else {}
        state = _STATES.get(job.get("status", ""), "running")
        reason = " ".join(str(job[name]) for name in ("error_code", "error") if job.get(name)) or None
        if state == "failed" and reason and _MODERATED.search(reason):
            state = "refused"
        return Progress(state, reason=reason)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film."""
        address = answer.get("outputUrl")
        if not address:
            raise CutStream(0, "a finished job without the address of its film")
        return [("video", "video/mp4", address)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The output's length, by which it is billed."""
        seconds = answer.get("outputDuration")
        if not isinstance(seconds, int | float) or seconds <= 0:
            return None
        return Usage({"output_second": Decimal(str(seconds))}, f"outputDuration of job {job.ids[0]}; billed by it")


_KEY = key_needed("SYNC_API_KEY", "https://sync.so/settings/api-keys")


def _model(name: str, title: str) -> Sync:
    return Sync(
        ProviderSpec(
            id=f"sync/{name}",
            contracts=("lipsync",),
            title=f"sync.so {title}",
            revision="1",
            licence="sync.so terms of service",
            requires=(_KEY,),
            resumable=True,
            concurrency=1,
            patience=PATIENCE,
            default_endpoint=URL,
        )
    )


PROVIDERS = (
    _model("sync-3", "sync-3"),
    _model("lipsync-2-pro", "lipsync-2 pro"),
    _model("lipsync-2", "lipsync-2"),
)
