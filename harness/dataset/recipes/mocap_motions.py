"""The recipe of ``mocap-motions``: real human motion on a drawn person, filmed by two cameras in three sets.

The motion files are read, as data, from the installed pybullet; ``dataset.toml`` pins each. Beside every film stand
the joints that it was drawn from, in world metres, the camera and the bone lengths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import actor, humanoid
from filmbench.harness.dataset.recipes.content import Content, Progress, packaged
from filmbench.harness.dataset.recipes.stage import CLUTTER, Camera, Stage
from filmbench.harness.media import joints
from filmbench.harness.media.write import write_video
from filmbench.harness.types import Artifact, Sample

FPS = 25
CAMERAS = {"front": (30.0, 1.3), "side": (-60.0, 1.5)}
"""Azimuth from the direction the actor faces, in degrees, and height in metres."""
CLOTHES = (
    ((70, 110, 170), (60, 62, 78)),
    ((172, 66, 58), (72, 84, 116)),
    ((92, 136, 90), (84, 74, 66)),
    ((206, 170, 84), (50, 54, 64)),
)
SKELETON = {
    "hips": 0.169774,
    "shoulders": 0.36622,
    "trunk": 0.480254,
    "upper_arm": 0.274788,
    "forearm": 0.258947,
    "thigh": 0.421546,
    "shin": 0.40987,
}
"""Bone lengths in metres; the trunk, from mid-hips to mid-shoulders, as the body stands straight."""


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every clip from every camera in every set. Raises :class:`UsageError` where bytes are not pinned."""
    clips = (manifest.recipe or {})["clips"]
    skeleton = written_json(content, "skeleton.json", SKELETON)
    total = len(clips) * len(CAMERAS) * len(CLUTTER)
    done = 0
    for number, clip in enumerate(clips):
        file = packaged("pybullet", f"data/motions/humanoid3d_{clip['name']}.txt", clip["sha256"])
        moments = humanoid.read(file, FPS, clip["cycles"])
        bodies = [actor.dressed(moment, *CLOTHES[number % len(CLOTHES)]) for moment in moments]
        truth = true_joints(content, clip["name"], moments)
        for name, (azimuth, height) in CAMERAS.items():
            at, camera = framed(moments, azimuth, height)
            facts = written_json(content, f"{clip['name']}/{name}.json", camera.facts())
            for level, clutter in enumerate(CLUTTER):
                progress(f"{clip['name']}/{name}/{clutter}", done, total)
                stage = Stage(camera, at, clutter, seed=100 * number + level)
                film = content.file(f"{clip['name']}/{name}-{clutter}.mp4")
                path, media_type = write_video(
                    film, (stage.picture(body) for body in bodies), FPS, comment="machine-made"
                )
                yield Sample(
                    id=f"{clip['name']}/{name}-{clutter}",
                    dataset=f"{manifest.name}@{manifest.version}",
                    inputs={"video": content.artifact(path, media_type), "camera": facts, "skeleton": skeleton},
                    references={"joints": truth},
                    cluster=clip["name"],
                    tags=frozenset({f"camera-{name}", f"clutter-{clutter}", *clip.get("tags", ())}),
                )
                done += 1


def framed(moments: list[humanoid.Posed], azimuth: float, height: float) -> tuple[tuple[float, float, float], Camera]:
    """A still camera that keeps the whole motion in the picture, and what it looks at."""
    import numpy as np

    places = np.array([moment.places for moment in moments])
    low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    middle = [round(float(value), 3) for value in (low + high) / 2]
    room = max(0.7, float(high[0] - low[0]), float(high[2] - low[2]))
    at = (middle[0], 0.88, middle[2])
    return at, Camera.looking(at, azimuth, round(2.5 + 0.85 * room, 1), height)


def true_joints(content: Content, clip: str, moments: list[humanoid.Posed]) -> Artifact:
    """The joints of ``moments``, written once a clip."""
    import numpy as np

    motion = joints.Motion(
        positions=np.array([moment.places for moment in moments]),
        names=humanoid.NAMES,
        parents=humanoid.PARENTS,
        fps=float(FPS),
        space="world",
        detected=np.ones(len(moments), bool),
    )
    return content.artifact(*joints.write(content.file(f"{clip}/joints.npz"), motion))


def written_json(content: Content, place: str, value: Any) -> Artifact:
    """``value`` as a JSON file at ``place``."""
    path = content.file(place)
    path.write_text(json.dumps(value) + "\n", encoding="utf-8")
    return content.artifact(path, "application/json")
