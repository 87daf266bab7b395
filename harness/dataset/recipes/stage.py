"""A camera, a set and light: facets painted from far to near at twice the size, then averaged down.

Corners become whole sixteenths of a pixel before anything is drawn and shades whole numbers, so every machine paints
the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from filmbench.harness.dataset.recipes.actor import Facets, cross, dot
from filmbench.harness.dataset.recipes.humanoid import applied

WIDTH, HEIGHT, FOCAL = 640, 480, 600.0
FINE = 2
"""Painting is done this many times larger than the picture."""
NEAREST = 0.1
"""Facets nearer to the camera than this, in metres, are left out."""
LIGHT = (0.42, 0.80, 0.43)
"""Where the light comes from in the camera's horizontal frame: right, up, towards the camera; a unit vector."""
SHADE, SOFT = 110, 9
"""How dark the body's shadow is, of 255, and how soft its edge, in fine pixels."""
CLUTTER = ("plain", "room", "busy")


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole: ``turn`` (3, 3) and ``shift`` (3,) bring world metres into X right, Y down, Z away."""

    turn: Any
    shift: Any
    place: Any

    @classmethod
    def looking(cls, at: tuple[float, float, float], azimuth: float, distance: float, height: float) -> Camera:
        """``distance`` metres from ``at`` on the ground, ``azimuth`` degrees from X towards Z, ``height`` up."""
        import numpy as np

        angle = math.radians(azimuth)
        place = [at[0] + distance * math.cos(angle), height, at[2] + distance * math.sin(angle)]
        place = [round(value, 6) for value in place]
        ahead = _unit([goal - start for goal, start in zip(at, place, strict=True)])
        right = _unit([-ahead[2], 0.0, ahead[0]])
        down = [
            ahead[1] * right[2] - ahead[2] * right[1],
            ahead[2] * right[0] - ahead[0] * right[2],
            ahead[0] * right[1] - ahead[1] * right[0],
        ]
        turn = np.array([[round(value, 9) for value in row] for row in (right, down, ahead)])
        shift = np.array([round(value, 9) for value in -applied(turn, np.array(place))])
        return cls(turn, shift, np.array(place))

    def seen(self, points: Any) -> Any:
        """World ``points`` (…, 3) in the camera's frame."""
        return applied(self.turn, points) + self.shift

    def facts(self) -> dict[str, Any]:
        """The camera as its JSON file states it."""
        return {
            "width": WIDTH, "height": HEIGHT, "fx": FOCAL, "fy": FOCAL, "cx": WIDTH / 2, "cy": HEIGHT / 2,
            "rotation": self.turn.tolist(), "translation": self.shift.tolist(),
        }  # fmt: skip


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(part * part for part in vector))
    return [part / length for part in vector]


class Stage:
    """One camera's view of one set; the set is painted once."""

    def __init__(self, camera: Camera, at: tuple[float, float, float], clutter: str, seed: int) -> None:
        import numpy as np

        self._camera = camera
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._clutter = clutter
        right, ahead = camera.turn[0], _unit([camera.turn[2][0], 0.0, camera.turn[2][2]])
        self._light = np.array([LIGHT[0] * right[i] + LIGHT[1] * (i == 1) - LIGHT[2] * ahead[i] for i in range(3)])
        self._frame = (np.array(at) * [1, 0, 1], np.array(right), np.array(ahead))
        self._set = self._painted_set()

    def picture(self, body: Facets) -> Any:
        """The body on the set: uint8 (height, width, 3)."""
        import cv2
        import numpy as np

        fine = self._shadowed(body)
        self._paint(fine, body, solid=True)
        small = cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        if self._clutter == "busy":
            noise = self._random.integers(-9, 10, small.shape, dtype=np.int16)
            small = np.clip(small.astype(np.int16) * 3 // 4 + noise, 0, 255).astype(np.uint8)
        return small

    def plate(self) -> Any:
        """The set alone: uint8 (height, width, 3); without the noise of a ``busy`` one."""
        import cv2

        return cv2.resize(self._set, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)

    def opacity(self, body: Facets) -> Any:
        """How much of each pixel the body covers, its shadow left out: uint8 (height, width)."""
        import cv2
        import numpy as np

        fine = np.zeros(self._set.shape[:2], np.uint8)
        for polygon in self._pixels(body.corners):
            cv2.fillConvexPoly(fine, polygon, 255, cv2.LINE_8, 4)
        return cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)

    def _shadowed(self, body: Facets) -> Any:
        """The set with the body's shadow on the floor."""
        import cv2
        import numpy as np

        corners = body.corners
        reach = corners[..., 1] / self._light[1]
        flat = np.stack([corners[..., 0] - reach * self._light[0], reach * 0.0,
                         corners[..., 2] - reach * self._light[2]], axis=-1)  # fmt: skip
        mask = np.zeros(self._set.shape[:2], np.uint8)
        lit = dot(cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), self._light) > 0
        for polygon in self._pixels(flat[lit]):
            cv2.fillConvexPoly(mask, polygon, SHADE, cv2.LINE_8, 4)
        picture = self._set.copy()
        left, top, wide, high = cv2.boundingRect(mask)
        area = np.s_[max(top - SOFT, 0) : top + high + SOFT, max(left - SOFT, 0) : left + wide + SOFT]
        soft = cv2.blur(mask[area], (SOFT, SOFT))[..., None].astype(np.uint16)
        picture[area] = picture[area] * (255 - soft) // 255
        return picture

    def _paint(self, picture: Any, facets: Facets, solid: bool = False) -> None:
        """Facets onto ``picture``, the far ones first; of a ``solid`` body only those that face the camera."""
        import cv2
        import numpy as np

        seen = self._camera.seen(facets.corners)
        normals = cross(seen[:, 2] - seen[:, 0], seen[:, 3] - seen[:, 1])
        middles = (seen[:, 0] + seen[:, 1] + seen[:, 2] + seen[:, 3]) / 4
        facing = -dot(normals, middles)
        shown = seen[..., 2].min(axis=1) > NEAREST
        if solid:
            shown &= facing > 0
        lengths = np.sqrt(dot(normals, normals))
        lit = dot(normals, applied(self._camera.turn, self._light)) / np.where(lengths > 0, lengths, 1.0)
        lit = np.where(facing > 0, lit, -lit)
        shade = 0.52 + 0.48 * np.maximum(lit, 0.0) - 0.12 * np.maximum(-lit, 0.0)
        colours = np.rint(facets.colours * shade[:, None]).astype(int).tolist()
        polygons = self._pixels(facets.corners)
        order = np.argsort(-np.rint(dot(middles, middles) * 1e6), kind="stable")
        for index in order[shown[order]].tolist():
            cv2.fillConvexPoly(picture, polygons[index], colours[index], cv2.LINE_8, 4)

    def _pixels(self, corners: Any) -> Any:
        """World ``corners`` as whole sixteenths of a fine pixel, int32 (…, 2)."""
        import numpy as np

        seen = self._camera.seen(corners)
        away = np.maximum(seen[..., 2], NEAREST)
        x = FOCAL * seen[..., 0] / away + WIDTH / 2
        y = FOCAL * seen[..., 1] / away + HEIGHT / 2
        pixels = np.stack([x, y], axis=-1) * (16 * FINE)
        return np.rint(np.clip(pixels, -2e5, 2e5)).astype(np.int32)

    # --- the set ---------------------------------------------------------------------------------------

    def _painted_set(self) -> Any:
        import numpy as np

        picture = np.zeros((HEIGHT * FINE, WIDTH * FINE, 3), np.uint8)
        for facets in self._furniture():
            self._paint(picture, facets)
        return picture

    def _furniture(self) -> Iterable[Facets]:
        """Floor and wall, then what stands before them."""
        floor, wall = {
            "plain": ((168, 164, 158), (196, 202, 206)),
            "room": ((150, 116, 84), (214, 204, 184)),
            "busy": ((120, 96, 92), (176, 150, 128)),
        }[self._clutter]
        yield self._tiles(-4.0, 4.0, -2.2, 2.6, 0.4, floor, 0.0 if self._clutter == "plain" else 0.14)
        yield self._panel(-4.0, 4.0, 0.0, 3.4, 2.6, wall)
        if self._clutter != "plain":
            yield self._panel(-4.0, 4.0, 0.0, 0.12, 2.59, (236, 232, 224))
            yield from self._pictures(4 if self._clutter == "room" else 26)
            yield from self._boxes(3 if self._clutter == "room" else 16)

    def _at(self, across: float, up: float, back: float) -> list[float]:
        middle, right, ahead = self._frame
        place: list[float] = (middle + right * across + ahead * back).tolist()
        return [place[0], up, place[2]]

    def _panel(self, left: float, right: float, low: float, high: float, back: float, colour: Any) -> Facets:
        import numpy as np

        corners = [self._at(left, low, back), self._at(right, low, back), self._at(right, high, back),
                   self._at(left, high, back)]  # fmt: skip
        return Facets(np.array([corners]), np.array([colour]))

    def _tiles(
        self, left: float, right: float, near: float, far: float, size: float, colour: Any, spread: float
    ) -> Facets:
        import numpy as np

        corners, colours = [], []
        for row in range(round((far - near) / size)):
            for column in range(round((right - left) / size)):
                x, z = left + column * size, near + row * size
                corners.append([self._at(x, 0, z), self._at(x + size, 0, z), self._at(x + size, 0, z + size),
                                self._at(x, 0, z + size)])  # fmt: skip
                dark = int(self._random.integers(0, 101)) / 100 * spread + spread * ((row + column) % 2)
                colours.append([part * (1 - dark) for part in colour])
        return Facets(np.array(corners), np.array(colours))

    def _pictures(self, count: int) -> Iterable[Facets]:
        for _ in range(count):
            left, low = self._between(-330, 300) / 100, self._between(40, 230) / 100
            wide, high = self._between(25, 80) / 100, self._between(25, 70) / 100
            yield self._panel(left, left + wide, low, low + high, 2.58, self._colour())
            yield self._panel(left + 0.05, left + wide - 0.05, low + 0.05, low + high - 0.05, 2.57, self._colour())

    def _boxes(self, count: int) -> Iterable[Facets]:
        """Cupboards and crates behind the actor."""
        import numpy as np

        boxes = []
        for _ in range(count):
            x, z = self._between(-320, 280) / 100, self._between(140, 210) / 100
            w, d, h = (self._between(25, 80) / 100 for _ in range(3))
            low = [self._at(x, 0, z), self._at(x + w, 0, z), self._at(x + w, 0, z + d), self._at(x, 0, z + d)]
            top = [[corner[0], h * 1.6, corner[2]] for corner in low]
            sides = [[low[i], low[(i + 1) % 4], top[(i + 1) % 4], top[i]] for i in range(4)]
            boxes.append(Facets(np.array([*sides, top]), np.array([self._colour()] * 5)))
        yield Facets(np.concatenate([box.corners for box in boxes]), np.concatenate([box.colours for box in boxes]))

    def _between(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high))

    def _colour(self) -> list[int]:
        return [int(value) for value in self._random.integers(50, 230, 3)]
