"""A walk for the film's bodies: an actor's motion is filmed and captured by the mocap stage, joints from pictures.

The actor is the drawn one of the dataset ``mocap-motions``, filmed from the side; the capture is whatever provider is
asked. The walk's two-dimensional swing of limbs is what the puppets take over.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness.film.stages import Granted, Stages, Wish
from filmbench.harness.types import Artifact, digest

CLIP, FPS = "walk", 25
AZIMUTH, HEIGHT = -60.0, 1.5


def walk(stages: Stages, provider: str) -> Granted | str:
    """The take of the captured walk, or why there is none."""
    try:
        given = filmed(stages)
    except ImportError as error:
        return f"no actor to film: {error}"
    wish = Wish("motion/walk", "mocap", provider, given, {}, None)
    granted = stages.ask("motion", [wish])[wish.id]
    return granted if granted.ok else f"{provider}: {granted.reason}"


def filmed(stages: Stages) -> dict[str, str | Artifact]:
    """The actor's walk as film, camera and skeleton; kept in the store under what it was made from."""
    from filmbench.harness.dataset.recipes import actor, humanoid, mocap_motions
    from filmbench.harness.dataset.recipes.content import packaged
    from filmbench.harness.dataset.recipes.stage import CLUTTER, Stage
    from filmbench.harness.media.write import write_video

    clip = _clip()
    key = digest(["film-motion", clip["sha256"], FPS, AZIMUTH, HEIGHT])
    note = stages.store.folder / "film" / f"motion-{key[:16]}.json"
    if note.is_file():
        return {role: Artifact(**record) for role, record in json.loads(note.read_text(encoding="utf-8")).items()}
    file = packaged("pybullet", f"data/motions/humanoid3d_{CLIP}.txt", clip["sha256"])
    moments = humanoid.read(file, FPS, clip["cycles"])
    at, camera = mocap_motions.framed(moments, AZIMUTH, HEIGHT)
    stage = Stage(camera, at, CLUTTER[0], seed=0)
    bodies = [actor.dressed(moment, *mocap_motions.CLOTHES[0]) for moment in moments]
    with TemporaryDirectory(prefix="filmbench-") as folder:
        film = write_video(
            Path(folder) / "walk.mp4", (stage.picture(body) for body in bodies), FPS, comment="machine-made"
        )
        facts, bones = Path(folder) / "camera.json", Path(folder) / "skeleton.json"
        facts.write_text(json.dumps(camera.facts()) + "\n", encoding="utf-8")
        bones.write_text(json.dumps(mocap_motions.SKELETON) + "\n", encoding="utf-8")
        keep = stages.store.artifacts.add
        made = {
            "video": keep(*film),
            "camera": keep(facts, "application/json"),
            "skeleton": keep(bones, "application/json"),
        }
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({role: _record(one) for role, one in made.items()}), encoding="utf-8")
    return dict(made)


def _record(artifact: Artifact) -> dict[str, Any]:
    return {"sha256": artifact.sha256, "media_type": artifact.media_type, "bytes": artifact.bytes}


def _clip() -> dict[str, Any]:
    import tomllib
    from importlib.resources import files

    text = files("filmbench.datasets").joinpath("mocap-motions").joinpath("dataset.toml").read_text(encoding="utf-8")
    return next(clip for clip in tomllib.loads(text)["recipe"]["clips"] if clip["name"] == CLIP)
