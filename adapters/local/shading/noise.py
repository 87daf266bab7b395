"""Gradient noise (Perlin 2002, "Improving noise") on arrays of any place, with an integer hash for a table."""

from __future__ import annotations

from typing import Any


def hashed(x: Any, y: Any, z: Any, seed: int) -> Any:
    """Well mixed uint32 of whole coordinates."""
    import numpy as np

    with np.errstate(over="ignore"):
        h = x.astype(np.uint32) * np.uint32(0x85EBCA6B)
        h ^= y.astype(np.uint32) * np.uint32(0xC2B2AE35)
        h ^= z.astype(np.uint32) * np.uint32(0x27D4EB2F)
        h ^= np.uint32(seed & 0xFFFFFFFF)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
        h = (h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39)
        return h ^ (h >> np.uint32(15))


def _slope(h: Any, x: Any, y: Any) -> Any:
    """The dot product with one of eight gradients."""
    import numpy as np

    u = np.where(h & np.uint32(4), y, x)
    v = np.where(h & np.uint32(4), x, y)
    return np.where(h & np.uint32(1), -u, u) + 0.5 * np.where(h & np.uint32(2), -v, v)


def _fade(t: Any) -> Any:
    return t * t * t * (t * (t * 6 - 15) + 10)


def plane(x: Any, y: Any, seed: int = 0, slice_: int = 0) -> Any:
    """Noise at (x, y), about -1..1; ``slice_`` numbers independent planes."""
    import numpy as np

    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    xi, yi = x0.astype(np.int32), y0.astype(np.int32)
    zi = np.asarray(slice_, np.int32)
    u, v = _fade(fx), _fade(fy)
    corner = [[_slope(hashed(xi + i, yi + j, zi, seed), fx - i, fy - j) for i in (0, 1)] for j in (0, 1)]
    low = corner[0][0] + u * (corner[0][1] - corner[0][0])
    high = corner[1][0] + u * (corner[1][1] - corner[1][0])
    return low + v * (high - low)


def moving(x: Any, y: Any, time: float, seed: int = 0) -> Any:
    """Noise whose pattern changes with ``time``, one full change a unit: neighbouring planes, cross-faded."""
    import math

    at = math.floor(time)
    share = time - at
    if not share:
        return plane(x, y, seed, at)
    share = share * share * (3 - 2 * share)
    weight = math.sqrt((1 - share) ** 2 + share**2)
    return ((1 - share) * plane(x, y, seed, at) + share * plane(x, y, seed, at + 1)) / weight


def fractal(x: Any, y: Any, octaves: int = 5, seed: int = 0, time: float = 0.0) -> Any:
    """Octaves of :func:`moving`, each twice as fine and half as strong; about -1..1."""
    total: Any = 0.0
    for octave in range(octaves):
        scale = 2.0**octave
        total = total + 0.5**octave * moving(
            x * scale + 17.3 * octave, y * scale - 9.1 * octave, time * (1 + 0.6 * octave), seed + octave
        )
    return total / (2 - 0.5 ** (octaves - 1))


def ridged(x: Any, y: Any, octaves: int = 6, seed: int = 0) -> Any:
    """Sharp-crested octaves (after Musgrave), 0..1: mountains rather than dunes."""
    import numpy as np

    total: Any = 0.0
    weight: Any = 1.0
    for octave in range(octaves):
        scale = 2.0**octave
        crest = (1 - np.abs(plane(x * scale, y * scale, seed + octave))) ** 2
        total = total + 0.5**octave * crest * weight
        weight = np.clip(crest * 1.6, 0, 1)
    return total / 1.9
