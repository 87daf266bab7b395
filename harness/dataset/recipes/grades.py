"""Looks made in whole numbers: a matrix between the colours, then a curve for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Curve = tuple[tuple[int, int], ...]
STRAIGHT: Curve = ((0, 0), (255, 255))


@dataclass(frozen=True, slots=True)
class Grade:
    """``matrix`` mixes red, green and blue in 256ths, ``offset`` is added, ``curves`` bend each from point to point."""

    matrix: tuple[tuple[int, int, int], ...] = ((256, 0, 0), (0, 256, 0), (0, 0, 256))
    offset: tuple[int, int, int] = (0, 0, 0)
    curves: tuple[Curve, Curve, Curve] = (STRAIGHT, STRAIGHT, STRAIGHT)

    def of(self, picture: Any) -> Any:
        """``picture`` (uint8, (height, width, 3)) so graded."""
        import numpy as np

        mixed = (picture.astype(np.int64) @ np.array(self.matrix).T + 128) // 256 + np.array(self.offset)
        levels = np.clip(mixed, 0, 255)
        return np.stack([_bent(curve)[levels[..., at]] for at, curve in enumerate(self.curves)], axis=-1)


def _bent(points: Sequence[tuple[int, int]]) -> Any:
    """A table of 256 levels, straight between ``points``: uint8."""
    import numpy as np

    table = np.zeros(256, np.int64)
    for (left, low), (right, high) in pairwise(points):
        steps = np.arange(right - left + 1)
        table[left : right + 1] = low + (steps * (high - low) + (right - left) // 2) // (right - left)
    return np.clip(table, 0, 255).astype(np.uint8)
