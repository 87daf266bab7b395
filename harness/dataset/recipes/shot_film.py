"""How ``shot-film`` was made: photographs panned over, cut, dissolved and faded into each other at known frames.

The photographs are those of the scikit-image wheel; only whole numbers decide a pixel. The films are committed, and
this module makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress, packaged
from filmbench.harness.media.write import write_video
from filmbench.harness.types import Sample

FPS = 25
SIZE = (192, 108)
CRF = 20
PHOTOGRAPHS = {
    "camera": ("camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a"),
    "chelsea": ("chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    "coffee": ("coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    "grass": ("grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"),
    "gravel": ("gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"),
    "hubble": ("hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"),
    "rocket": ("rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
}


@dataclass(frozen=True, slots=True)
class Shot:
    """A window on a photograph, every ``step``-th pixel of it, that moves by ``pan`` quarter pixels a frame.

    ``flash`` is a frame from which three are over-exposed; ``passing`` has something dark cross the picture.
    """

    photograph: str
    frames: int
    at: tuple[int, int] = (0, 0)
    pan: tuple[int, int] = (2, 0)
    step: int = 2
    flash: int | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """How one shot becomes the next: ``cut``, or ``dissolve`` or ``fade`` (through black) over so many frames."""

    kind: str = "cut"
    frames: int = 0


CUT = Change()


@dataclass(frozen=True, slots=True)
class Film:
    """Shots and, between them, changes."""

    id: str
    shots: tuple[Shot, ...]
    changes: tuple[Change, ...]


def _cuts(id: str, *shots: Shot) -> Film:
    return Film(id, shots, (CUT,) * (len(shots) - 1))


FILMS = (
    _cuts(
        "cuts",
        Shot("hubble", 28),
        Shot("coffee", 31, pan=(-2, 1), at=(100, 60)),
        Shot("rocket", 24, pan=(0, 3)),
        Shot("chelsea", 35, step=1, at=(60, 60)),
        Shot("camera", 22, pan=(3, 1)),
        Shot("grass", 26),
    ),
    _cuts(
        "quick-cuts",
        *(
            Shot(name, 16 + 2 * (number % 3), pan=(4, number % 3), step=1 + number % 2, at=(20 * number % 60, 10))
            for number, name in enumerate(("coffee", "camera", "hubble", "gravel", "chelsea", "rocket", "coffee"))
            if name != "chelsea"
        ),
    ),
    Film(
        "dissolves",
        (
            Shot("coffee", 34),
            Shot("hubble", 30, pan=(0, 2)),
            Shot("rocket", 32),
            Shot("camera", 36, pan=(-2, 2), at=(90, 20)),
        ),
        (Change("dissolve", 10), Change("dissolve", 18), Change("dissolve", 25)),
    ),
    Film(
        "fades",
        (Shot("rocket", 36), Shot("chelsea", 32, step=1, at=(80, 40)), Shot("hubble", 38)),
        (Change("fade", 20), Change("fade", 14)),
    ),
    _cuts(
        "jump-cuts",
        Shot("rocket", 30, step=1, at=(160, 20)),
        Shot("rocket", 30, step=1, at=(220, 110)),
        Shot("rocket", 30, step=2, at=(60, 0)),
        Shot("coffee", 30, step=1, at=(220, 130)),
        Shot("coffee", 30, step=2, at=(40, 60)),
    ),
    _cuts(
        "distractions",
        Shot("camera", 44, flash=20),
        Shot("rocket", 44, passing=True, at=(60, 40)),
        Shot("coffee", 40, pan=(20, 8), step=1),
    ),
    Film(
        "mixed",
        (
            Shot("gravel", 26),
            Shot("coffee", 30, at=(80, 80)),
            Shot("camera", 28, flash=12),
            Shot("hubble", 34, pan=(-2, 0), at=(100, 60)),
            Shot("chelsea", 26, step=1, at=(100, 90)),
        ),
        (CUT, Change("dissolve", 14), CUT, Change("fade", 16)),
    ),
    Film("one-shot", (Shot("rocket", 70, pan=(6, 2), passing=True),), ()),
)


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every film with its true shots."""
    for number, film in enumerate(FILMS):
        progress(film.id, number, len(FILMS))
        made = write_video(content.file(f"{film.id}.mp4"), frames(film), FPS, crf=CRF, comment="machine-made")
        truth = content.file(f"{film.id}.json")
        truth.write_text(json.dumps(shots(film)) + "\n", encoding="utf-8")
        yield Sample(
            id=film.id,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"video": content.artifact(*made)},
            references={"shots": content.artifact(truth, "application/json")},
            cluster=film.id,
            tags=frozenset(change.kind for change in film.changes),
        )


def shots(film: Film) -> list[list[int]]:
    """First and last frame of each shot; the frames of a dissolve or fade belong to none."""
    found, at = [], 0
    for shot, change in zip(film.shots, (*film.changes, CUT), strict=True):
        found.append([at, at + shot.frames - 1])
        at += shot.frames + change.frames
    return found


def frames(film: Film) -> Iterator[Any]:
    """The film: uint8, (height, width, 3)."""
    for index, shot in enumerate(film.shots):
        earlier = film.changes[index - 1].frames if index else 0
        yield from (picture(shot, earlier + number) for number in range(shot.frames))
        if index < len(film.changes):
            yield from _change(shot, earlier + shot.frames, film.shots[index + 1], film.changes[index])


def _change(shot: Shot, at: int, following: Shot, change: Change) -> Iterator[Any]:
    """The frames between two shots, both of which go on moving."""
    import numpy as np

    whole = change.frames + 1
    for number in range(1, whole):
        old, new = (picture(*one).astype(np.int32) for one in ((shot, at + number - 1), (following, number - 1)))
        if change.kind == "fade":
            old_part, new_part = max(0, whole - 2 * number), max(0, 2 * number - whole)
        else:
            old_part, new_part = whole - number, number
        yield ((old * old_part + new * new_part + whole // 2) // whole).astype(np.uint8)


def picture(shot: Shot, number: int) -> Any:
    """Frame ``number`` of a shot."""
    import numpy as np

    photograph = _photograph(shot.photograph)
    (width, height), (x, y) = SIZE, shot.at
    x, y = x + number * shot.pan[0] // 4, y + number * shot.pan[1] // 4
    window = photograph[y : y + height * shot.step : shot.step, x : x + width * shot.step : shot.step]
    if window.shape[:2] != (height, width):
        raise ValueError(f"{shot} leaves its photograph at frame {number}")
    frame = np.array(window)
    if shot.flash is not None and shot.flash <= number < shot.flash + 3:
        frame = np.minimum(frame.astype(np.int32) * 2 + 60, 255).astype(np.uint8)
    if shot.passing:
        left = 8 * number - 160
        frame[30:, max(0, left) : max(0, left + 70)] = (34, 30, 40)
    return frame


_KEPT: dict[str, Any] = {}


def _photograph(name: str) -> Any:
    """uint8, (height, width, 3)."""
    import numpy as np
    from PIL import Image

    if name not in _KEPT:
        file, sha256 = PHOTOGRAPHS[name]
        _KEPT[name] = np.asarray(Image.open(packaged("scikit-image", f"skimage/data/{file}", sha256)).convert("RGB"))
    return _KEPT[name]
