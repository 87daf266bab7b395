"""A drawn person for tests: real motion, a camera, and the true joints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
from filmbench.harness.dataset.recipes import actor, humanoid
from filmbench.harness.dataset.recipes.stage import Camera, Stage
from filmbench.harness.media import joints

FPS = 25
CLOTHES = ((70, 110, 170), (60, 62, 78))


def motion_file(clip: str) -> Path:
    """Where the installed pybullet keeps a motion; it is not imported."""
    found = next(f for f in distribution("pybullet").files or () if str(f).endswith(f"motions/humanoid3d_{clip}.txt"))
    return Path(str(found.locate()))


@dataclass
class Scene:
    """Moments of one clip, before one camera."""

    moments: list[humanoid.Posed]
    camera: Camera
    stage: Stage

    def pictures(self) -> Iterator[Any]:
        for moment in self.moments:
            yield self.stage.picture(actor.dressed(moment, *CLOTHES))

    @property
    def truth(self) -> joints.Motion:
        places = np.array([moment.places for moment in self.moments])
        return joints.Motion(places, humanoid.NAMES, humanoid.PARENTS, float(FPS), "world", np.ones(len(places), bool))


def scene(clip: str = "walk", frames: int = 12, azimuth: float = 30.0, clutter: str = "plain") -> Scene:
    moments = humanoid.read(motion_file(clip), FPS)[:frames]
    x, _, z = np.mean([moment.places[0] for moment in moments], axis=0).round(3).tolist()
    camera = Camera.looking((x, 0.88, z), azimuth, 3.0, 1.3)
    return Scene(moments, camera, Stage(camera, (x, 0.88, z), clutter, seed=5))
