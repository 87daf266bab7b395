"""Film for benchmarking, drawn in whole numbers: photographs panned, figures with soft edges moved over them.

Every value is an integer from beginning to end, so that each machine draws the same bytes. Places are given in
sixteenths of a pixel. The photographs are those of scikit-image's wheel that are public domain (the astronaut, by
NASA) or CC0 (coffee, by Rachel Michetti; Chelsea, by Stefan van der Walt; brick, by ambientCG).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

from filmbench.harness.dataset.recipes.content import packaged

SIZE = (320, 180)
FPS = 24
FRAMES = 24
SUB = 16
"""Parts of a pixel that a place is counted in."""
GREEN = (0, 177, 64)

PHOTOGRAPHS = {
    "astronaut": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "brick": "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
    "chelsea": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
}
BRICK_TINT = (150, 190, 230)
"""The brick wall is grey; it is painted in this colour, of 255."""

# The outline of the astronaut in the photograph of 512×512, traced once. What is cut out along it and laid over
# another plate has exactly this outline, whatever the photograph holds there.
ASTRONAUT = (
    *((201, 23), (163, 51), (154, 64), (155, 98), (171, 123), (182, 132), (182, 152), (135, 163), (123, 178)),
    *((113, 204), (65, 246), (44, 282), (26, 342), (19, 408), (0, 409), (0, 511), (511, 511), (511, 483)),
    *((501, 482), (501, 455), (495, 452), (493, 421), (478, 384), (455, 361), (418, 345), (367, 342), (366, 301)),
    *((354, 298), (340, 262), (303, 232), (289, 203), (258, 175), (259, 157), (294, 111), (300, 95), (296, 58)),
    *((288, 43), (276, 31), (241, 16)),
)


def photograph(name: str) -> Any:
    """One of :data:`PHOTOGRAPHS`: uint8, (height, width, 3). Raises ``UsageError`` where the wheel is another."""
    import numpy as np
    from PIL import Image

    file = packaged("scikit-image", f"skimage/data/{name}.png", PHOTOGRAPHS[name])
    with Image.open(file) as image:
        picture = np.asarray(image.convert("RGB"))
    if name == "brick":
        picture = (picture.astype(np.int64) * np.array(BRICK_TINT) // 255).astype(np.uint8)
    return picture


def window(picture: Any, x: int, y: int, size: tuple[int, int] = SIZE) -> Any:
    """The part of ``picture`` whose corner lies at (``x``, ``y``) sixteenths; black (0) beyond its edges.

    uint8 in and out, (height, width) or (height, width, 3); between pixels, the four neighbours weighted.
    """
    import numpy as np

    (column, across), (row, down) = divmod(x, SUB), divmod(y, SUB)
    width, height = size[0] + 1, size[1] + 1
    part = np.zeros((height, width, *picture.shape[2:]), np.int64)
    top, left = max(row, 0), max(column, 0)
    seen = picture[top : max(row + height, 0), left : max(column + width, 0)]
    part[top - row : top - row + seen.shape[0], left - column : left - column + seen.shape[1]] = seen
    wide = part[:, :-1] * (SUB - across) + part[:, 1:] * across
    mixed = wide[:-1] * (SUB - down) + wide[1:] * down
    return ((mixed + SUB * SUB // 2) // (SUB * SUB)).astype(np.uint8)


def smaller(picture: Any, times: int) -> Any:
    """``picture`` at one part in ``times`` of its size: the mean of each block, rounded."""
    import numpy as np

    height, width = (side // times for side in picture.shape[:2])
    blocks = picture[: height * times, : width * times].astype(np.int64)
    blocks = blocks.reshape(height, times, width, times, *picture.shape[2:]).sum(axis=(1, 3))
    return ((blocks + times * times // 2) // (times * times)).astype(np.uint8)


def opacity(points: Sequence[tuple[int, int]], size: tuple[int, int], soft: int, scale: int = 4) -> Any:
    """The opacity of a figure: uint8, (height, width), 255 inside ``points``, falling off over ``soft`` pixels.

    Points are in parts of a pixel, ``scale`` to each.
    """
    import cv2
    import numpy as np

    large = np.zeros((size[1] * scale, size[0] * scale), np.uint8)
    cv2.fillPoly(large, [np.array(points, np.int32)], 255)
    return smaller(_blurred(large, soft * scale) if soft else large, scale)


def _blurred(mask: Any, width: int) -> Any:
    """A box average of ``width`` (made odd) in both directions; the border is repeated."""
    import numpy as np

    half = width // 2
    sums = mask.astype(np.int64)
    for axis in (0, 1):
        padding = [(half + 1, half) if at == axis else (0, 0) for at in (0, 1)]
        running = np.cumsum(np.pad(sums, padding, mode="edge"), axis=axis)
        size = mask.shape[axis]
        sums = np.take(running, range(2 * half + 1, 2 * half + 1 + size), axis) - np.take(running, range(size), axis)
    return (sums // (2 * half + 1) ** 2).astype(np.uint8)


def over(front: Any, alpha: Any, back: Any) -> Any:
    """``front`` laid over ``back`` with an opacity of 0..255, rounded: uint8, (height, width, 3)."""
    import numpy as np

    weight = alpha.astype(np.int64)[..., None]
    return ((front.astype(np.int64) * weight + back.astype(np.int64) * (255 - weight) + 127) // 255).astype(np.uint8)


def star(turn: int, radius: int, centre: tuple[int, int], scale: int = 4) -> list[tuple[int, int]]:
    """Five points turned by ``turn`` degrees, in parts of a pixel, ``scale`` to each."""
    corners = []
    for point in range(10):
        angle = math.radians(turn + 36 * point)
        length = radius * scale * (1.0 if point % 2 == 0 else 0.45)
        corners.append(
            (
                centre[0] * scale + round(length * math.sin(angle)),
                centre[1] * scale - round(length * math.cos(angle)),
            )
        )
    return corners


def screen(rng: Any, frame: int) -> Any:
    """A green screen lit from the left, with a little grain: uint8, (180, 320, 3)."""
    import numpy as np

    light = 275 - 60 * np.arange(SIZE[0]) // SIZE[0] - (frame % 2)
    lit = np.array(GREEN) * light[None, :, None] // 256 + 8
    flat = np.broadcast_to(lit, (SIZE[1], SIZE[0], 3))
    return np.clip(flat + bell(rng, flat.shape, 3), 0, 255).astype(np.uint8)


def bell(rng: Any, shape: tuple[int, ...], sigma: int) -> Any:
    """Whole numbers spread like a normal distribution: the sum of twelve even ones (none beyond six ``sigma``)."""
    import numpy as np

    total = rng.integers(0, 256, (12, *shape), dtype=np.uint8).sum(axis=0, dtype=np.int64)
    return ((2 * total - 12 * 255) * sigma + 256) // 512


class Figure(Protocol):
    """Something that moves over a plate."""

    def at(self, frame: int) -> tuple[Any, Any]:
        """Its picture and its opacity in one frame, both the frame's size."""
        ...


class Astronaut:
    """Head and shoulders, a third of the photograph's size, swaying from side to side."""

    def __init__(self, soft: int = 2) -> None:
        self._picture = smaller(photograph("astronaut"), 3)
        height, width = self._picture.shape[:2]
        self._alpha = opacity([(round(x * 4 / 3), round(y * 4 / 3)) for x, y in ASTRONAUT], (width, height), soft)

    def at(self, frame: int) -> tuple[Any, Any]:
        """Its picture and its opacity in one frame, both the frame's size."""
        x, y = SUB * 40 + 37 * frame, SUB * 18 - 9 * (frame % 12)
        return window(self._picture, -x, -y), window(self._alpha, -x, -y)


class Star:
    """A turning star cut from Chelsea's fur (or the bricks), crossing the frame."""

    def __init__(self, of: str, soft: int = 3, radius: int = 44) -> None:
        self._texture = photograph(of)
        self._soft, self._radius = soft, radius

    def at(self, frame: int) -> tuple[Any, Any]:
        """Its picture and its opacity in one frame, both the frame's size."""
        centre = (60 + 7 * frame, 100 - 3 * abs(12 - frame))
        points = star(5 * frame, self._radius, centre)
        texture = window(self._texture, SUB * (100 - 7 * frame) + SUB * 70, SUB * 60)
        return texture, opacity(points, SIZE, self._soft)


class Plate:
    """A photograph behind the scene, panned at a steady speed (sixteenths a frame)."""

    def __init__(self, of: str, start: tuple[int, int] = (20, 20), speed: tuple[int, int] = (19, 7)) -> None:
        self._picture, self._start, self._speed = photograph(of), start, speed

    def at(self, frame: int) -> Any:
        """The plate in one frame: uint8, (180, 320, 3)."""
        (x, y), (across, down) = self._start, self._speed
        return window(self._picture, SUB * x + across * frame, SUB * y + down * frame)
