"""Move: motion capture of one person from one camera.

Contract: GraphQL at ``POST /ugc/graphql`` with fixed documents (``createFile`` and its signed address, then
``createSingleCamTake``, ``createSingleCamJob``, ``getJob``), as the vendor's package ``move-ugc-python`` 4.1 sends
them; spoken directly, since that package reads the whole schema first and knows no timeout. The key goes as it is, a
JWT as ``Bearer``. Limits: developers.move.ai/docs/limits. File and take are made before anything is paid, once for all
requests of a film; the API deletes neither.

A job's ``ALL_BVH`` is a ZIP with one BVH an actor. ``joints`` is derived from it (see
:mod:`filmbench.harness.media.bvh` for the joints and the unit). The job carries neither a bill nor a reason for its
failure, so the length of the film sent is what is counted.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.adapters._failures import Meaning
from filmbench.adapters._http import CutStream, HttpError, NotSent, Unusable, excerpt, is_loopback
from filmbench.adapters._jobs import JobVendor
from filmbench.adapters._vendor import NO_LENGTH, key_needed, present
from filmbench.harness.archives import DAMAGED
from filmbench.harness.media import bvh, joints
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import MOST_BYTES as MOST_TEXT
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import Job, Media, Param, Progress, ProviderSpec, Refusal, Sink
from filmbench.harness.types import Artifact, Json, Outcome, Quote, Request, Usage

URL = "https://api.move.ai"
PATH = "/ugc/graphql"
PATIENCE = 60 * 60.0
MOST_BYTES = 500 * 10**6
SIDES = (300, 4096)
RATES = (24, 120)
SECONDS = (2, 60)
_FILMS = {"video/mp4": "mp4", "video/quicktime": "mov"}
_STATES = {
    "NOT_STARTED": "queued",
    "RUNNING": "running",
    "FINISHED": "done",
    "FAILED": "failed",
    "CANCELLED": "cancelled",
}
_STATUS = {"UnauthorizedException": 401, "MoveNotFoundError": 404}
_CHUNK = 256 * 1024

CREATE_FILE = "mutation CreateFile($type: String!) { createFile(type: $type) { id presignedUrl } }"
CREATE_TAKE = "mutation CreateTake($sources: [SourceInput!]) { createSingleCamTake(sources: $sources) { id } }"
CREATE_JOB = (
    "mutation CreateJob($takeId: String!, $options: OptionsInput, $outputs: [OutputType])"
    " { createSingleCamJob(takeId: $takeId, options: $options, outputs: $outputs) { id } }"
)
GET_JOB = (
    "query GetJob($jobId: ID!) { getJob(jobId: $jobId)"
    " { id progress { state percentageComplete } outputs { key file { presignedUrl } } } }"
)


class Move(JobVendor):
    """One single-camera model."""

    paces = ((0.0, 15.0), (300.0, 30.0))

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The length of the film."""
        seconds = self.seconds(request, "video")
        used = NO_LENGTH if seconds is None else Usage({"input_second": seconds}, "length of the film")
        return Quote(used, used)

    def headers(self, key: str) -> dict[str, str]:
        """The key as it is; a JWT is named as one."""
        return {"Authorization": f"Bearer {key}" if key.startswith("eyJ") and key.count(".") == 2 else key}

    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The variables of the paid mutation, and the seconds that it will be about."""
        film = self.input(request, "video", tuple(_FILMS), MOST_BYTES)
        seconds = await asyncio.to_thread(_measured, film, media.path(film), self.spec.id)
        take, _ = await self.uploaded(film, url, lambda: self._take(film, media, url))  # the API deletes no take
        options = present(
            mocapModel=self.model.upper(),
            trackFingers=self.param(request, "track_fingers"),
            floorPlane=self.param(request, "floor_plane"),
        )
        return {"variables": {"takeId": take, "options": options, "outputs": ["ALL_BVH"]}, "seconds": seconds}, ()

    async def _take(self, film: Artifact, media: Media, url: str) -> str:
        from filmbench.adapters._upload import put

        kind = _FILMS[film.media_type]
        place = await self._asked(url, CREATE_FILE, "createFile", type=kind)
        content = await asyncio.to_thread(media.path(film).read_bytes)
        await put(await self.session(url), str(place["presignedUrl"]), content, is_loopback(url))
        source = {"deviceLabel": "camera", "fileId": place["id"], "format": kind.upper()}
        return str((await self._asked(url, CREATE_TAKE, "createSingleCamTake", sources=[source]))["id"])

    async def _asked(self, url: str, document: str, field: str, **variables: Any) -> Any:
        answer, _ = await self.ask(url, "POST", PATH, json={"query": document, "variables": variables})
        made = _data(answer).get(field)
        if not isinstance(made, dict) or not made.get("id"):
            raise NotSent(f"{field} was answered without an id")
        return made

    async def ask(self, url: str, method: str, path: str, **content: Any) -> tuple[Any, Mapping[str, str]]:
        """One operation. An error beside the data has the status that other vendors would answer it with."""
        answer, headers = await super().ask(url, method, path, **content)
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if errors:
            kind = errors[0].get("errorType") if isinstance(errors[0], dict) else None
            raise HttpError(_STATUS.get(str(kind), 200), headers, excerpt({"error": errors[0]}, self.key()))
        return answer, headers

    def meaning(self, error: HttpError) -> Meaning | None:
        """What is not found is a file, a take or a job, never a model."""
        return "input" if "MoveNotFoundError" in error.body else None

    def submission(self, body: Mapping[str, Any]) -> str:
        """There is one path."""
        return PATH

    async def content(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The paid mutation."""
        return {"json": {"query": CREATE_JOB, "variables": body["variables"]}}

    def job_id(self, answer: Any) -> str | None:
        """The id."""
        job = _data(answer).get("createSingleCamJob")
        return str(job.get("id") or "") or None if isinstance(job, dict) else None

    def places(self, answer: Any, body: Mapping[str, Any]) -> dict[str, Json]:
        """The seconds that are counted."""
        return {"seconds": body["seconds"]}

    def status_path(self, job: Job) -> str:
        """There is one path."""
        return PATH

    async def status(self, job: Job) -> tuple[Any, Mapping[str, str]]:
        """The job, asked for with a query."""
        query = {"query": GET_JOB, "variables": {"jobId": job.ids[0]}}
        return await self.ask(str(job.state["url"]), "POST", self.status_path(job), json=query)

    def progress(self, answer: Any) -> Progress:
        """Five states. A finished job may still wait for its files."""
        job = _data(answer).get("getJob") or {}
        stands = job.get("progress") or {}
        state = _STATES.get(str(stands.get("state")).replace(" ", "_"), "running")
        if state == "done" and not _address(job):
            state = "running"
        percent = stands.get("percentageComplete")
        return Progress(
            state,  # type: ignore[arg-type]
            reason="Move gives no reason" if state == "failed" else None,
            fraction=percent / 100 if isinstance(percent, int | float) else None,
        )

    def results(self, answer: Any) -> list[tuple[str, str, str]]:
        """The ZIP with the BVH."""
        address = _address(_data(answer).get("getJob") or {})
        if not address:
            raise CutStream(0, "a finished job without the address of its BVH")
        return [("bvh", "application/zip", address)]

    async def fetch(self, job: Job, sink: Sink) -> Usage | None:
        """The BVH out of its ZIP, and the joints out of the BVH."""
        from filmbench.adapters._download import FileWriter, download

        url = str(job.state["url"])
        answer = await self.finished(job)
        ((_, _, address),) = self.results(answer)
        with TemporaryDirectory() as name:
            folder = Path(name)
            with (folder / "outputs.zip").open("wb") as file:
                await download(await self.session(url), address, FileWriter(file), is_loopback(url))
            moved = await asyncio.to_thread(_unpacked, folder)
            derived = await asyncio.to_thread(_derived, moved)
            for role, path, media_type in (("bvh", moved, bvh.MEDIA_TYPE), ("joints", derived, joints.MEDIA_TYPE)):
                content = await asyncio.to_thread(path.read_bytes)
                async with sink(role, media_type) as writer:
                    for start in range(0, len(content), _CHUNK):
                        await writer.write(content[start : start + _CHUNK])
        return self.used(answer, job)

    def used(self, answer: Any, job: Job) -> Usage | None:
        """The film's length: the answer carries no bill."""
        seconds = Decimal(str(job.state["seconds"]))
        return Usage({"input_second": seconds}, f"length of the film of {job.ids[0]}: the answer carries no bill")


def _measured(film: Artifact, path: Path, provider: str) -> float:
    """The film's seconds. Raises :class:`Refusal` where it lies outside the vendor's limits."""
    clip = VideoClip(film, path)
    try:
        sides, rate = clip.first_size, clip.nominal_fps
        seconds = film.seconds if film.seconds is not None else clip.facts.seconds
    except BadMedia as error:
        raise Refusal(f"the video cannot be read: {error.reason}", Outcome.INVALID) from None
    if not SIDES[0] <= min(sides) <= max(sides) <= SIDES[1]:
        raise Refusal(f"{provider} takes pictures of {SIDES[0]} to {SIDES[1]} pixels, not {sides[0]}x{sides[1]}")
    if not RATES[0] - 0.03 <= rate <= RATES[1]:  # 23.976 is called 24
        raise Refusal(f"{provider} takes {RATES[0]} to {RATES[1]} frames a second, not {rate:.5g}")
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise Refusal(f"{provider} takes {SECONDS[0]} to {SECONDS[1]} s, not {seconds:.5g}")
    return round(seconds, 3)


def _data(answer: Any) -> dict[str, Any]:
    found = answer.get("data") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def _address(job: Mapping[str, Any]) -> str | None:
    """Where the ZIP lies; the vendor writes the kinds of outputs in either case."""
    for output in job.get("outputs") or ():
        if "bvh" in str(output.get("key")).lower():
            return (output.get("file") or {}).get("presignedUrl") or None
    return None


def _unpacked(folder: Path) -> Path:
    """The one BVH of the ZIP. Raises :class:`Unusable`."""
    try:
        with zipfile.ZipFile(folder / "outputs.zip") as archive:
            found = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".bvh")]
            if len(found) != 1 or found[0].file_size > MOST_TEXT:
                raise Unusable(f"the ZIP holds {len(found)} BVH files (at most {MOST_TEXT} bytes), one was asked for")
            with archive.open(found[0]) as packed:
                content = packed.read(MOST_TEXT + 1)
    except DAMAGED as error:
        raise Unusable(f"no ZIP that can be read ({type(error).__name__})") from None
    path = folder / "actor.bvh"
    path.write_bytes(content)
    return path


def _derived(moved: Path) -> Path:
    """The joints that the BVH moves. Raises :class:`Unusable`, saying why there are none."""
    try:
        motion = bvh.read(moved)
    except BadMedia as error:
        raise Unusable(f"no joints can be derived from the BVH: {error.reason}") from None
    path, _ = joints.write(moved.with_name("joints.npz"), motion)
    return path


def _provider(name: str) -> Move:
    return Move(
        ProviderSpec(
            id=f"move/{name}",
            contracts=("mocap",),
            title=f"Move single camera {name.upper()}",
            revision="1",
            licence="Move terms of service; the person shown must have agreed",
            params={
                "track_fingers": Param("bool", "capture the fingers too; the vendor's own default where not given"),
                "floor_plane": Param("bool", "hold the feet to a floor; the vendor's own default where not given"),
            },
            requires=(key_needed("MOVE_API_KEY", "https://dev.move.ai"),),
            resumable=True,
            concurrency=1,
            patience=PATIENCE,
            default_endpoint=URL,
        )
    )


PROVIDERS = (_provider("s1"), _provider("s2"))
