"""The recipe of ``camera-pairs``: one shot as two cameras see it, and another shot by the second of them."""

from __future__ import annotations

from collections.abc import Iterator

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.dataset.recipes.grades import Grade
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Sample

FRAMES = 12
CAMERAS = {
    "warm": Grade(
        ((262, 10, -6), (-8, 250, 6), (2, -14, 226)),
        (6, 0, -8),
        (((0, 8), (128, 146), (255, 252)), ((0, 4), (128, 130), (255, 250)), ((0, 0), (128, 112), (255, 236))),
    ),
    "cool": Grade(
        ((230, 12, 4), (6, 246, 8), (-4, 16, 268)),
        (-4, 0, 6),
        (((0, 0), (96, 74), (255, 240)), ((0, 0), (96, 86), (255, 250)), ((0, 10), (96, 104), (255, 255))),
    ),
    "faded": Grade(
        ((196, 42, 18), (22, 208, 26), (20, 40, 196)),
        (0, 0, 0),
        (((0, 30), (255, 222)), ((0, 32), (255, 220)), ((0, 40), (255, 214))),
    ),
}
"""What the second camera makes of the colours of the first."""
SCENES = {"coffee": ((20, 20), (70, 60)), "chelsea": ((10, 10), (50, 50))}
"""For each photograph where the shot begins, and where the look does."""


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Each scene by each second camera."""
    asked = [(scene, camera) for camera in CAMERAS for scene in SCENES]
    for done, (scene, camera) in enumerate(asked):
        name = f"{scene}-{camera}"
        progress(name, done, len(asked))
        shot, elsewhere = (plates.Plate(scene, start=start) for start in SCENES[scene])
        first = [shot.at(frame) for frame in range(FRAMES)]
        other = [elsewhere.at(frame) for frame in range(FRAMES)]
        second = CAMERAS[camera]
        films = {
            role: content.artifact(*write_lossless(content.file(f"media/{name}-{role}.mkv"), frames, plates.FPS))
            for role, frames in (
                ("video", first),
                ("look", [second.of(frame) for frame in other]),
                ("graded", [second.of(frame) for frame in first]),
            )
        }
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"video": films["video"], "look": films["look"]},
            references={"video": films["graded"]},
            cluster=scene,
            tags=frozenset({camera, scene}),
        )
