"""sync.so: lip sync to given speech, and dubbing with lip sync in one job.

Contract: ``POST /v2/generate`` with the files in the one paid POST (nested fields as JSON in the form),
``GET /v2/generate/{id}``, as the package ``syncsdk`` sends them (``generations.create_with_files``) and
sync.so/docs describes ``dubParams``, which the package does not know; spoken directly, so that nothing is repeated
behind our back and states the package does not know pass. Files have at most 20 MB (sync.so/docs/quickstart). A dub
is spoken by ElevenLabs, which the vendor calls. Error codes: ``GET /v2/errors``. The bill is the output's length,
which the finished job tells; the vendor counts seconds at 25 frames.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from filmbench.adapters._failures import MODERATED, Meaning
from filmbench.adapters._http import CutStream, HttpError
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import NO_LENGTH, key_needed, present
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Json, Quote, Request, Usage

URL = "https://api.sync.so"
PATIENCE = 45 * 60.0
MOST_BYTES = 20 * 10**6
_PATH = "/v2/generate"
_FILMS = {"video/mp4": "mp4"}
_SOUNDS = {"audio/wav": "wav", "audio/mpeg": "mp3"}
_STATES = {
    "PENDING": "queued",
    "PROCESSING": "running",
    "COMPLETED": "done",
    "FAILED": "failed",
    "REJECTED": "refused",
}
_BY_CODE: Mapping[str, Meaning] = {
    "generation_unsupported_model": "gone",
    "account_payment_required": "credit",
    "account_on_hold": "credit",
    "free_tier_generations_exhausted": "credit",
    "concurrency_limit_reached": "rate",
    "rate_limit_exceeded": "rate",
    "dubbing_duration_exceeded": "input",
    "generation_plan_duration_exceeded": "input",
    "generation_model_duration_exceeded": "input",
    "file_size_exceeds_plan_limit": "input",
    "plan_feature_unavailable": "other",
}
_LANGUAGES = (
    "af ak am ar as az be bg bo bs ca ceb cs cy da de doi el en es et eu fa fi fil fr gl gu ha he hi hr hu hy id is it "
    "ja jv ka ki kk kn ko ky lg lt lv mk ml mn mr ms my ne nl no nso pa pl pt rn ro ru rw sd sk sl sq ss st su sv sw "
    "ta te tg th tl tn tr ts ug uk ur uz ve vi war wo yo zh zu"
)
LANGUAGES = frozenset(_LANGUAGES.split())


class Sync(JobVendor):
    """What lip sync and dubbing share: the form, states, bills."""

    paces = ((0.0, 10.0), (120.0, 20.0))
    role: str
    inputs: tuple[str, ...]

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The longest input: the vendor goes on with the shorter one until both end."""
        seconds = self.seconds(request, *self.inputs)
        if seconds is None:
            return Quote(NO_LENGTH, NO_LENGTH)
        return Quote(
            Usage({"output_second": seconds}, "length of the input"),
            Usage({"output_second": seconds + 1}, "length of the input, rounded up"),
        )

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"x-api-key": key}

    def file(self, request: Request, media: Media, role: str, kinds: Mapping[str, str]) -> list[Json]:
        """A file of the form: its path, media type and name; it is read when it is sent."""
        artifact: Artifact = self.input(request, role, tuple(kinds), MOST_BYTES)
        return [str(media.path(artifact)), artifact.media_type, f"{role}.{kinds[artifact.media_type]}"]

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The form."""
        import aiohttp

        form = aiohttp.FormData()
        for field, value in body["fields"].items():
            form.add_field(field, value if isinstance(value, str) else json.dumps(value))
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
        reason = " ".join(str(job[name]) for name in ("errorCode", "error_code", "error") if job.get(name)) or None
        if state == "failed" and reason and MODERATED.search(reason):
            state = "refused"
        return Progress(state, reason=reason)  # type: ignore[arg-type]

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film."""
        address = answer.get("outputUrl")
        if not address:
            raise CutStream(0, "a finished job without the address of its film")
        return [(self.role, "video/mp4", address)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The output's length, by which it is billed."""
        seconds = answer.get("outputDuration")
        if not isinstance(seconds, int | float) or seconds <= 0:
            return None
        return Usage({"output_second": Decimal(str(seconds))}, f"outputDuration of job {job.ids[0]}; billed by it")

    def meaning(self, error: HttpError) -> Meaning | None:
        """By ``errorCode``."""
        body = error.detail()
        return _BY_CODE.get(str(body.get("errorCode"))) if isinstance(body, dict) else None


class LipSync(Sync):
    """Lip sync: the face speaks the given speech."""

    role = "video"
    inputs = ("video", "speech")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """Film and speech."""
        files: dict[str, Json] = {
            "video": self.file(request, media, "video", _FILMS),
            "audio": self.file(request, media, "speech", _SOUNDS),
        }
        return {"fields": {"model": self.model}, "files": files}, ()


class Dubbing(Sync):
    """Dubbing: the scene in another language, its lips moved to it."""

    role = "dubbed"
    inputs = ("source",)

    @property
    def model(self) -> str:
        """The model that moves the lips."""
        return super().model.removeprefix("dub-")

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The film alone, and into which language; its own sound is what is dubbed."""
        if not request.sample.language:
            raise Refusal("the sample does not say into which language")
        spoken = request.sample.inputs.get("source_language")
        dub: dict[str, Json] = {
            "providerName": "elevenlabs",
            "targetLang": request.sample.language,
            "sourceLang": spoken if isinstance(spoken, str) and spoken in LANGUAGES else "auto",
        }
        dub |= present(numSpeakers=self.param(request, "speakers"))
        files: dict[str, Json] = {"video": self.file(request, media, "source", _FILMS)}
        return {"fields": {"model": self.model, "dubParams": dub}, "files": files}, ()


def _spec(name: str, title: str, contract: str, **more: Any) -> ProviderSpec:
    return ProviderSpec(
        id=f"sync/{name}",
        contracts=(contract,),
        title=f"sync.so {title}",
        revision="1",
        licence="sync.so terms of service; the person shown must have agreed",
        requires=(key_needed("SYNC_API_KEY", "https://sync.so/settings/api-keys"),),
        resumable=True,
        concurrency=1,
        patience=PATIENCE,
        default_endpoint=URL,
        **more,
    )


_MODELS = {"sync-3": "sync-3", "lipsync-2-pro": "lipsync-2 pro", "lipsync-2": "lipsync-2"}
_DUBBED: Mapping[str, Any] = {
    "languages": LANGUAGES,
    "params": {"speakers": Param("int", "0 to 50: how many people speak; 0 is for the vendor to find out")},
}

PROVIDERS = (
    *(LipSync(_spec(name, title, "lipsync")) for name, title in _MODELS.items()),
    *(Dubbing(_spec(f"dub-{name}", f"dubbing, {title}", "dubbing", **_DUBBED)) for name, title in _MODELS.items()),
)
