"""Deepdub's dubbing of whole scenes, by machine alone or with people.

Contract: the vendor's OpenAPI document of managed dubbing (``POST /dubbing/job``, ``GET`` and ``DELETE
/dubbing/job/{id}`` at dubbing.deepdub.app); there is no package. The key comes from the vendor's account manager. The
vendor takes the source from a bucket of S3 and delivers into one, both the customer's own: an arm names it
(``bucket``), the vendor must have been let into it, and how this machine reaches it is AWS' own settings
(``AWS_ACCESS_KEY_ID`` and the like, ``AWS_ENDPOINT_URL_S3`` for another store of that kind). The source is put there
and deleted after the run; what the vendor delivers stays in the bucket and is fetched by a presigned https address.
No other way of delivery is in the document (``exportPath`` must begin with ``s3://``).

Neither price nor charge is told: counted are the minutes of the source. Whether a failed job is billed is not stated.
"""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from filmbench.adapters._failures import MODERATED
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import NO_LENGTH, minutes
from filmbench.adapters.deepdub import LOCALES
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Json, Quote, Request, Usage, UsageError

URL = "https://dubbing.deepdub.app"
MOST_BYTES = 5 * 10**9  # what S3 takes in one piece
SIGNED_SECONDS = 3600
_KEY = "DEEPDUB_DUBBING_API_KEY"
_PATH = "/dubbing/job"
_KINDS = {"video/mp4": "mp4", "video/quicktime": "mov"}

# All of the document's states. A parked job waits for a person; a refix is asked for by the customer, after delivery.
_WORDS: Mapping[Literal["queued", "running", "done", "failed"], str] = {
    "queued": "INTAKE_PREPROCESSING INTAKE_VALIDATION INTAKE_APPROVED PARKED_REQUEST PARKED_REQUEST_RECEIVED",
    "running": (
        "CASTING ADAPTGEN_START ADAPTGEN_MIDWAY READY_FOR_QC QC QC_IN_REVIEW ADAPTGEN_QC_FIX READY_FOR_DMX DMX_DONE "
        "READY_FOR_MIXING MIXING_IN_PROGRESS READY_FOR_MIX_QC MIX_QC_IN_PROGRESS CLIENT_REFIX_PROCESSING CLIENT_REFIX "
        "READY_FOR_REDMX REDMX_DONE"
    ),
    "done": "DELIVERED_TO_CLIENT REDELIVERED_TO_CLIENT CLIENT_REFIX_REJECTED",
    "failed": "INTAKE_FAILED FAILURE",
}
STATES = {word: state for state, words in _WORDS.items() for word in words.split()}


class Dubbing(JobVendor):
    """One workflow."""

    paces = ((0.0, 30.0), (600.0, 120.0), (7200.0, 900.0))

    def __init__(self, spec: ProviderSpec, workflow: str) -> None:
        super().__init__(spec)
        self._workflow = workflow

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """Minutes of the source."""
        seconds = self.seconds(request, "source")
        if seconds is None:
            return Quote(NO_LENGTH, NO_LENGTH)
        return Quote(minutes(seconds, "length of the source"), minutes(seconds + 1, "length, rounded up"))

    def headers(self, key: str) -> dict[str, str]:
        """The key."""
        return {"x-api-key": key}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The body of the POST; the source is put into the bucket first."""
        source = self.input(request, "source", tuple(_KINDS), MOST_BYTES)
        bucket = self._bucket(request)
        spoken = request.sample.inputs.get("source_language")
        wanted = self.param(request, "target_locale") or LOCALES.get(request.sample.language or "")
        given = self.param(request, "source_locale") or LOCALES.get(str(spoken or ""))
        if not wanted or not given:
            raise Refusal("Deepdub needs to be told from which language into which, and knows no such locale")
        name = source.sha256[:20]
        there = f"{bucket}/in/{name}.{_KINDS[source.media_type]}"

        async def send() -> str:
            await _reached(there, "written", "put_file", str(media.path(source)), there)
            return there

        _, resources = await self.uploaded(source, url, send, there)
        job: dict[str, Json] = {
            "sourceLocale": given,
            "targetLocale": wanted,
            "sourceVideoPath": there,
            "exportPath": f"{bucket}/out/{name}.{wanted}.{uuid.uuid4().hex[:12]}.mp4",
            "workflowType": self._workflow,
            "mixType": self.param(request, "mix"),
        }
        seconds = self.seconds(request, "source")
        return {"job": job, "seconds": None if seconds is None else str(seconds)}, resources

    def _bucket(self, request: Request) -> str:
        bucket = str(self.param(request, "bucket") or "").rstrip("/")
        if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.-]+)*", bucket):
            hint = 'give the arm params = { bucket = "s3://…/…" }, one of yours that Deepdub may read and write'
            raise UsageError(f"{self.spec.id} delivers into a bucket, and {bucket!r} is none", hint)
        return bucket

    def submission(self, body: Mapping[str, Any]) -> str:
        """The path of the paid POST."""
        return _PATH

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The job alone."""
        return {"json": body["job"]}

    def job_id(self, answer: Any) -> str | None:
        """The request's id."""
        return str(answer.get("requestId") or "") or None if isinstance(answer, dict) else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """Where the film will lie, and how long its source is."""
        return {"export": body["job"]["exportPath"], "seconds": body["seconds"]}

    def status_path(self, job: Job) -> str:
        """Where a job is asked after."""
        return f"{_PATH}/{job.ids[0]}"

    def progress(self, answer: Any) -> Progress:
        """27 states; a failure whose trace speaks of moderation is a refusal."""
        told = answer if isinstance(answer, dict) else {}
        word, trace = str(told.get("status", "")), str(told.get("detailedTrace") or "")
        state = STATES.get(word, "running")
        reason = ": ".join(part for part in (word, trace[:300]) if part) or None
        if state == "failed" and MODERATED.search(trace):
            return Progress("refused", reason=reason)
        return Progress(state, reason=reason)

    async def finished(self, job: Job) -> Any:
        """Where the film lies, as an address that needs no credentials: ours, not what the answer may name."""
        there = str(job.state["export"])
        return await _reached(there, "signed for", "sign", there, expiration=SIGNED_SECONDS)

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The film."""
        return [("dubbed", "video/mp4", answer)]

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The source's length."""
        seconds = job.state["seconds"]
        if seconds is None:
            return None
        return minutes(Decimal(str(seconds)), f"length of the source of job {job.ids[0]}: no answer carries a bill")

    async def cancel(self, job: Job) -> None:
        """Cancelling is for good; a job that is gone answers 404."""
        await self.stop(job, "DELETE", self.status_path(job))

    async def delete(self, name: str, url: str) -> None:
        """Delete the source from the bucket; S3 does not mind what is gone already."""
        await _reached(name, "deleted from", "rm_file", name)


@cache
def _files(endpoint: str | None) -> Any:
    """The customer's buckets, by AWS' own settings."""
    import fsspec

    signed = {"signature_version": "s3v4"}
    return fsspec.filesystem("s3", endpoint_url=endpoint, config_kwargs=signed, skip_instance_cache=True)


async def _reached(there: str, done: str, action: str, *arguments: Any, **options: Any) -> Any:
    """One action on the bucket. Raises :class:`UsageError` where it is not allowed."""
    from botocore.exceptions import BotoCoreError

    def act() -> Any:
        return getattr(_files(os.environ.get("AWS_ENDPOINT_URL_S3")), action)(*arguments, **options)

    try:
        return await asyncio.to_thread(act)
    except (BotoCoreError, OSError) as error:
        hint = "give AWS credentials for the bucket (AWS_ACCESS_KEY_ID, AWS_PROFILE, …)"
        raise UsageError(f"{there} could not be {done}: {type(error).__name__}: {error}", hint) from None


_PARAMS = {
    "bucket": Param("str", "s3://bucket/folder of yours that Deepdub may read and write"),
    "mix": Param("str", "REPLACEMENT takes the speech out first", "REPLACEMENT", choices=("REPLACEMENT", "UN_STYLE")),
    "source_locale": Param("str", "language and country of the source, as en-GB"),
    "target_locale": Param("str", "language and country of the dub, as es-419", by_language=True),
}
_DAY = 24 * 3600.0


def _workflow(name: str, title: str, workflow: str, patience: float) -> Dubbing:
    return Dubbing(
        ProviderSpec(
            id=f"deepdub/{name}",
            contracts=("dubbing",),
            title=f"Deepdub {title}",
            revision="1",
            licence="Deepdub terms of service, by contract; whoever speaks must have agreed",
            languages=frozenset(LOCALES),
            params=_PARAMS,
            requires=(
                Requirement("key", _KEY, f"ask your account manager at Deepdub for one, then: export {_KEY}=…"),
                Requirement("python", "s3fs", "pip install s3fs"),
            ),
            resumable=True,
            concurrency=2,
            patience=patience,
            default_endpoint=URL,
        ),
        workflow,
    )


PROVIDERS = (
    _workflow("dubbing-automated", "dubbing, automated", "AUTOMATED", _DAY),
    _workflow("dubbing-managed", "dubbing with people", "MANAGED", 30 * _DAY),
    _workflow("dubbing-managed-high-tier", "dubbing with people, high tier", "MANAGED_HIGH_TIER", 30 * _DAY),
)
