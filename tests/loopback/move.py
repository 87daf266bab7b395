"""A loopback Move: files and the store they are put in, takes, jobs, all by GraphQL at one path.

The schema is that of the API (the introspection in move-ai/move-ugc-python, 2025-06-11), as far as an adapter has to
do with it. What is not found, and who is not let in, is answered as that package's fixtures and the vendor's page on
authentication show it.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
from aiohttp import web
from filmbench.harness.media import bvh, joints
from filmbench.harness.media.write import write_video
from loopback.graphql import Asked, Schema, Wrong, read
from loopback.jobs import JobVendor
from loopback.server import KEY, Reject, Speech, main

_OPTIONS = {
    "floorPlane": "Boolean",
    "mocapModel": "MocapModelOptionsInput",
    "trackBall": "Boolean",
    "trackFingers": "Boolean",
    "trackJerseyNumbers": "Boolean",
}
_TEXTS = {"created": "AWSDateTime", "metadata": "AWSJSON", "name": "String"}
SCHEMA = Schema(
    types={
        "Query": {"getJob": ({"jobId": "ID!"}, "Job!")},
        "Mutation": {
            "createFile": ({"type": "String!", "metadata": "AWSJSON", "name": "String"}, "File!"),
            "createSingleCamTake": ({"sources": "[SourceInput!]", "metadata": "AWSJSON", "name": "String"}, "Take!"),
            "createSingleCamJob": (
                {
                    "clipWindow": "ClipWindowInput",
                    "takeId": "String!",
                    "metadata": "AWSJSON",
                    "name": "String",
                    "options": "OptionsInput",
                    "outputs": "[OutputType]",
                },
                "Job!",
            ),
        },
        "File": {"id": "ID!", "type": "String!", "presignedUrl": "AWSURL", "thumbnailUrl": "AWSURL", **_TEXTS},
        "Take": {"id": "ID!", "videoFile": "File", **_TEXTS},
        "Job": {
            "id": "ID!",
            "state": "String",
            "progress": "JobProgress",
            "outputs": "[AdditionalFile]",
            "take": "Take",
            **_TEXTS,
        },
        "JobProgress": {"percentageComplete": "Int", "state": "String"},
        "AdditionalFile": {"file": "File!", "format": "String", "key": "String"},
    },
    inputs={
        "ClipWindowInput": {"endTime": "Float!", "startTime": "Float!"},
        "OptionsInput": _OPTIONS,
        "SourceInput": {
            "cameraSettings": "CameraSettingsInput",
            "deviceLabel": "String!",
            "fileId": "String!",
            "format": "SourceFormat!",
        },
        "CameraSettingsInput": {"lens": "String!"},
    },
    enums={
        "MocapModelOptionsInput": frozenset({"M1", "M2", "S1", "S2"}),
        "SourceFormat": frozenset({"AVI", "MOV", "MOVE", "MP4"}),
        "OutputType": frozenset(
            [f"ALL_{kind}" for kind in ("BLEND", "BVH", "C3D", "FBX", "GLB", "USDC", "USDZ")]
            + [f"MAIN_{kind}" for kind in ("BLEND", "FBX", "GLB", "USDC", "USDZ")]
            + ["MOTION_DATA", "RENDER_OVERLAY_VIDEO", "RENDER_VIDEO", "SYNC_DATA"]
        ),
    },
)
STATES = {
    "queued": ("NOT_STARTED", 0),
    "throttled": ("NOT_STARTED", 0),
    "running": ("RUNNING", 40),
    "unready": ("FINISHED", 100),
    "done": ("FINISHED", 100),
    "failed": ("FAILED", 60),
    "refused": ("FAILED", 0),
    "cancelled": ("CANCELLED", 10),
}
NAMES = {"shoulder": "Arm", "elbow": "ForeArm", "wrist": "Hand", "hip": "UpLeg", "knee": "Leg", "ankle": "Foot"}
STANDING = {
    "pelvis": (None, (0.0, 0.95, 0.0)),
    "chest": ("pelvis", (0.0, 1.35, 0.0)),
    **{
        f"{side}_{joint}": (f"{side}_{parent}" if parent not in ("chest", "pelvis") else parent, (sign * x, y, 0.0))
        for side, sign in (("left", 1), ("right", -1))
        for joint, parent, x, y in (
            ("shoulder", "chest", 0.18, 1.4),
            ("elbow", "shoulder", 0.45, 1.4),
            ("wrist", "elbow", 0.7, 1.4),
            ("hip", "pelvis", 0.1, 0.92),
            ("knee", "hip", 0.1, 0.5),
            ("ankle", "knee", 0.1, 0.1),
        )
    },
}


@cache
def walking(number: int = 0) -> bytes:
    """A film within Move's limits, as MP4: two seconds, 24 a second, a square that wanders."""
    frames = np.full((48, 300, 320, 3), 90 + number, np.uint8)
    for at, frame in enumerate(frames):
        frame[40:260, 2 * at : 2 * at + 60] = (220, 180, 40)
    with TemporaryDirectory() as folder:
        path, _ = write_video(Path(folder) / "film.mp4", frames, 24, None, comment="machine-made")
        return path.read_bytes()


def motion() -> joints.Motion:
    """A body that sinks a little and raises one arm, in a second of 30 frames."""
    names = tuple(STANDING)
    still = np.array([place for _, place in STANDING.values()])
    places = np.repeat(still[None], 30, axis=0)
    places[:, :, 1] -= np.linspace(0, 0.05, 30)[:, None]
    shoulder, elbow, wrist = (names.index(f"left_{joint}") for joint in ("shoulder", "elbow", "wrist"))
    for frame, angle in enumerate(np.linspace(0, 1.2, 30)):
        way = np.array([np.cos(angle), np.sin(angle), 0.0])
        places[frame, elbow] = places[frame, shoulder] + 0.27 * way
        places[frame, wrist] = places[frame, shoulder] + 0.52 * way
    parents = tuple(-1 if parent is None else names.index(parent) for parent, _ in STANDING.values())
    return joints.Motion(places, names, parents, 30.0, "world", np.ones(30, bool))


@cache
def moved() -> bytes:
    """That motion as Move names its joints."""
    with TemporaryDirectory() as folder:
        text = bvh.write(Path(folder) / "actor.bvh", motion())[0].read_text()
    for side in ("left", "right"):
        for ours, theirs in NAMES.items():
            text = re.sub(rf"\b{side}_{ours}\b", f"{side.title()}{theirs}", text)
    return text.replace("ROOT pelvis", "ROOT Hips").encode()


def packed(**files: bytes) -> bytes:
    """A ZIP of those files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return content.getvalue()


def error(kind: str, message: str, field: str) -> dict[str, Any]:
    return {"data": None, "errors": [{"path": [field], "data": None, "errorType": kind, "message": message}]}


class Move(JobVendor):
    """Bills nothing that it tells of; deletes nothing."""

    name = "move"
    paths = ("/ugc/graphql",)
    uploads_vanish = True  # or stay: nobody can delete them

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.delivered = moved()
        self.result = packed(actor_1__bvh=self.delivered)
        self.takes: dict[str, str] = {}

    def error(self, status: int) -> Any:
        return {"errors": [{"errorType": f"Scripted{status}", "message": f"scripted {status}"}]}

    def more(self, app: web.Application) -> None:
        super().more(app)
        app.router.add_put("/_store/{id}", self._store)

    def authorised(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != KEY:
            said = {"errorType": "UnauthorizedException", "message": "You are not authorized to make this call."}
            raise Reject(401, {"errors": [said]})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        """Only the mutation that is paid is a paid POST; the others share its path."""
        body = await request.text()
        if "createSingleCamJob" in body:
            return await super()._serve(request)
        self.authorised(request)
        asked = self._read(json.loads(body))
        answers = {"createFile": self._file_made, "createSingleCamTake": self._take_made}
        if asked.field == "getJob":
            return await self._told(request, asked)
        return web.json_response({"data": {asked.field: asked.cut(answers[asked.field](asked.arguments))}})

    def _read(self, body: Any) -> Asked:
        try:
            return read(SCHEMA, body)
        except Wrong as wrong:
            said = {"path": None, "message": f"Validation error: {wrong}"}
            raise Reject(200, {"data": None, "errors": [said]}) from None

    def _file_made(self, arguments: Any) -> dict[str, Any]:
        if arguments["type"] not in ("mp4", "mov", "avi", "move"):
            raise Reject(200, error("MoveValidationError", "no such type of file", "createFile"))
        id = f"file-{self.new_id()}"
        return {"id": id, "type": arguments["type"], "presignedUrl": f"{self.url}/_store/{id}?Signature=s%2B1"}

    def _take_made(self, arguments: Any) -> dict[str, Any]:
        sources = arguments.get("sources") or []
        if len(sources) != 1 or sources[0]["fileId"] not in self.uploads:
            missing = "Resource not found in move-ugc-api."
            raise Reject(200, error("MoveNotFoundError", missing, "createSingleCamTake"))
        id = f"take-{self.new_id()}"
        self.takes[id] = sources[0]["fileId"]
        return {"id": id}

    async def speech(self, request: web.Request, body: Any) -> Speech:
        self.authorised(request)
        asked = self._read(body)
        take = asked.arguments["takeId"]
        if take not in self.takes:
            raise Reject(200, error("MoveNotFoundError", "Resource not found in move-ugc-api.", "createSingleCamJob"))
        id = f"job-{self.new_id()}"
        answer = {"data": {asked.field: asked.cut({"id": id, "state": "NOT_STARTED", "take": {"id": take}})}}
        return self.begin(asked.arguments, answer, f"{take} {asked.arguments}", id)

    async def _told(self, request: web.Request, asked: Asked) -> web.Response:
        id = asked.arguments["jobId"]
        try:
            word = await self.stand(request, id)
        except Reject as gone:
            if gone.status != 404:
                raise
            return self.told(error("MoveNotFoundError", "Resource not found in move-ugc-api.", "getJob"))
        state, percent = STATES[word]
        outputs = None
        if state == "FINISHED":
            address = self.file_url(id) if word == "done" else None
            outputs = [{"key": "all_bvh", "format": "all_bvh", "file": {"id": f"file-{id}", "presignedUrl": address}}]
        job = {
            "id": id,
            "state": state,
            "progress": {"state": state, "percentageComplete": percent},
            "outputs": outputs,
        }
        return self.told({"data": {"getJob": asked.cut(job)}})

    async def _store(self, request: web.Request) -> web.Response:
        """As a store whose signature covers the type: what comes with one, or with a key, is refused."""
        if KEY in str(request.headers) or "Content-Type" in request.headers or "Signature" not in request.query:
            return web.Response(status=403)
        self.counts.other["uploads"] += 1
        self.uploads[request.match_info["id"]] = await request.read()
        return web.Response(status=200)


if __name__ == "__main__":
    main(Move)
