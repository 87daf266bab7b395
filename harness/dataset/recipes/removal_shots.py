"""The recipe of ``removal-shots``: a figure over a plate, where it is, and the plate without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Sample

SHOTS: dict[str, tuple[Callable[[], plates.Figure], str, tuple[int, int]]] = {
    "star-still-coffee": (lambda: plates.Star("chelsea"), "coffee", (0, 0)),
    "star-panned-chelsea": (lambda: plates.Star("brick"), "chelsea", (19, 7)),
    "astronaut-panned-brick": (plates.Astronaut, "brick", (60, 11)),
    "astronaut-still-coffee": (plates.Astronaut, "coffee", (0, 0)),
}
"""For each shot its figure, its plate and the camera's speed in sixteenths of a pixel a frame."""
GROWN = 3
"""Pixels by which the mask is wider than the figure, as a roto artist leaves it."""


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """One shot for each line of :data:`SHOTS`."""
    import cv2
    import numpy as np

    grown = np.ones((2 * GROWN + 1, 2 * GROWN + 1), np.uint8)
    for done, (name, (figure, plate, speed)) in enumerate(SHOTS.items()):
        progress(name, done, len(SHOTS))
        front, back = figure(), plates.Plate(plate, speed=speed)
        clean = [back.at(frame) for frame in range(plates.FRAMES)]
        figures = [front.at(frame) for frame in range(plates.FRAMES)]
        dirty = [plates.over(*over, behind) for over, behind in zip(figures, clean, strict=True)]
        masks = [cv2.dilate((alpha > 0).astype(np.uint8) * 255, grown) for _, alpha in figures]
        films = {
            role: content.artifact(*write_lossless(content.file(f"media/{name}-{role}.mkv"), frames, plates.FPS))
            for role, frames in (("video", dirty), ("mask", masks), ("clean", clean))
        }
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"video": films["video"], "mask": films["mask"]},
            references={"video": films["clean"]},
            cluster=plate,
            tags=frozenset({"panned" if any(speed) else "still", plate}),
        )
