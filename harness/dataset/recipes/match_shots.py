"""How ``match-shots`` was made: drawn shots of which some pairs cut into each other without a jump.

A match cut by shape shows the same outline in the same place in two worlds; one by motion moves alike. Outlines, their
places and movements are dealt out so that each is shared by two shots, and every shot has colours and a backdrop of its
own. Only whole numbers decide a pixel. The shots are committed, and this module makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.media.write import write_video
from filmbench.harness.types import Sample

FPS = 25
FRAMES = 16
SIZE = (128, 72)
CRF = 20
SHAPES = ("disc", "box", "bar", "triangle", "ring", "cross")
PLACES = ((40, 36), (88, 36), (64, 30), (64, 42))
SHIFT = (9, 4)
"""Pixels by which the second outline of a pair misses the first: editors do not get pixels to match either."""
MOVES = ((3, 0), (-3, 0), (0, 2), (0, -2), (2, 1), (-2, -1), (1, 0), (0, 0))
"""Pixels a frame by which the camera moves over a backdrop."""


@dataclass(frozen=True, slots=True)
class Shot:
    """``shape`` stands at ``place`` while the backdrop ``seed`` goes by with ``move``; ``None`` is no shape."""

    shape: str | None
    place: tuple[int, int]
    move: tuple[int, int]
    seed: int


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Two libraries matched by shape, two by motion."""
    libraries = {
        "shape-a": [_shaped(pair, copy, 10) for pair in range(6) for copy in range(2)],
        "shape-b": [_shaped(pair, copy, 40) for pair in (5, 3, 1, 0, 2, 4) for copy in range(2)],
        "motion-a": [Shot(None, (0, 0), MOVES[pair], 70 + 2 * pair + copy) for pair in range(6) for copy in range(2)],
        "motion-b": [
            Shot(None, (0, 0), MOVES[7 - pair], 90 + 2 * pair + copy) for pair in range(6) for copy in range(2)
        ],
    }
    for number, (id, dealt) in enumerate(libraries.items()):
        progress(id, number, len(libraries))
        order = _order(len(dealt), number)
        shots = [dealt[place] for place in order]
        media = [
            content.artifact(*write_video(content.file(f"{id}-{index:02d}.mp4"), frames(shot), FPS, crf=CRF))
            for index, shot in enumerate(shots)
        ]
        truth = content.file(f"{id}.json")
        truth.write_text(json.dumps(pairs(order)) + "\n", encoding="utf-8")
        yield Sample(
            id=id,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"shots": tuple(media)},
            references={"pairs": content.artifact(truth, "application/json")},
            cluster=id,
            tags=frozenset({id.split("-")[0]}),
        )


def pairs(order: Sequence[int]) -> list[list[int]]:
    """The true pairs: shots were dealt two by two, then put in ``order``."""
    places = {dealt: index for index, dealt in enumerate(order)}
    return sorted(sorted((places[2 * pair], places[2 * pair + 1])) for pair in range(len(order) // 2))


def _order(count: int, seed: int) -> list[int]:
    """A fixed shuffle of ``range(count)``."""
    return sorted(range(count), key=lambda number: (number * 7919 + seed * 104_729) % 1009)


def _shaped(pair: int, copy: int, seed: int) -> Shot:
    """Both shots of a pair share outline and place; the camera moves otherwise in each, so that only shape tells."""
    move = MOVES[(3 * pair + 2 * copy + seed) % len(MOVES)]
    x, y = PLACES[pair % len(PLACES)]
    place = (x + copy * SHIFT[0], y + copy * SHIFT[1])
    return Shot(SHAPES[pair], place, (move[0] // 2, move[1] // 2), seed + 2 * pair + copy)


def frames(shot: Shot) -> Iterator[Any]:
    """The shot: uint8, (height, width, 3)."""
    for number in range(FRAMES):
        frame = _backdrop(shot, number)
        if shot.shape is not None:
            colour = [150 + _noise(shot.seed, channel, 1) % 100 for channel in range(3)]
            frame[_outline(shot.shape, shot.place)] = colour
        yield frame


def _backdrop(shot: Shot, number: int) -> Any:
    """A dim wall of stones, each of its own grey, that slides by."""
    import numpy as np

    width, height = SIZE
    x = np.arange(width, dtype=np.int64)[None, :] + 500 + number * shot.move[0]
    y = np.arange(height, dtype=np.int64)[:, None] + 500 + number * shot.move[1]
    size = 7 + shot.seed % 5
    stones = (x // size * 73_856_093 ^ y // size * 19_349_663 ^ shot.seed * 83_492_791) % 60
    fine = (x * 2_654_435_761 ^ y * 40_503 ^ shot.seed) % 14
    tint = np.array([20 + _noise(shot.seed, channel, 2) % 25 for channel in range(3)])
    return (stones[..., None] + fine[..., None] + tint).astype(np.uint8)


def _outline(shape: str, place: tuple[int, int]) -> Any:
    """Where the shape is: bool, (height, width)."""
    import numpy as np

    width, height = SIZE
    x, y = np.arange(width)[None, :] - place[0], np.arange(height)[:, None] - place[1]
    far = x * x + y * y
    masks = {
        "disc": far <= 18**2,
        "box": (abs(x) <= 18) & (abs(y) <= 18),
        "bar": (abs(x) <= 30) & (abs(y) <= 6),
        "triangle": (y >= -18) & (y <= 18) & (2 * abs(x) <= y + 18),
        "ring": (far <= 22**2) & (far >= 13**2),
        "cross": ((abs(x) <= 5) & (abs(y) <= 22)) | ((abs(y) <= 5) & (abs(x) <= 22)),
    }
    return masks[shape]


def _noise(seed: int, channel: int, salt: int) -> int:
    return (seed * 1_103_515_245 + channel * 12_345 + salt * 69_069) >> 4 & 0xFFFF
