"""A drawn person over the humanoid's joints: a dressed body of tapered tubes with a head, hands and shoes.

Each part is a stack of elliptic rings in the frame of one joint or between two, closed at both ends. What comes out
is plain facets: corners in world metres, and colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from filmbench.harness.dataset.recipes.humanoid import NAMES, Posed, applied

SIDES = 14
SKIN, LIPS, HAIR = (226, 178, 148), (176, 92, 88), (58, 38, 28)
SHOES, SOLES, WHITE, EYES = (52, 52, 58), (228, 226, 220), (246, 244, 240), (42, 32, 30)
_CIRCLE = [
    (round(math.cos(2 * math.pi * side / SIDES), 9), round(math.sin(2 * math.pi * side / SIDES), 9))
    for side in range(SIDES)
]


@dataclass(frozen=True, slots=True)
class Facets:
    """Flat pieces of surface: ``corners`` (n, 4, 3) in world metres, ``colours`` (n, 3) RGB 0..255.

    Seen from outside the body, corners go round one way: (third − first) × (fourth − second) points out.
    """

    corners: Any
    colours: Any


@dataclass(frozen=True, slots=True)
class _Ring:
    """An ellipse around ``centre`` in a joint's frame: ``reach`` along the two axes across ``along``."""

    joint: str
    centre: tuple[float, float, float]
    reach: tuple[float, float]
    along: str = "y"


def dressed(posed: Posed, shirt: tuple[int, int, int], trousers: tuple[int, int, int]) -> Facets:
    """The body in one moment."""
    import numpy as np

    parts = [_tube(posed, _TORSO, shirt), _tube(posed, _HIPS, trousers), _tube(posed, _NECK, SKIN), *_head(posed)]
    for side in ("left", "right"):
        parts += _leg(posed, side, trousers) + _arm(posed, side, shirt)
    return Facets(np.concatenate([part.corners for part in parts]), np.concatenate([part.colours for part in parts]))


_HIPS = (
    _Ring("pelvis", (0.0, -0.11, 0.0), (0.06, 0.10)),
    _Ring("pelvis", (0.0, -0.07, 0.0), (0.105, 0.155)),
    _Ring("pelvis", (0.0, 0.0, 0.0), (0.115, 0.165)),
    _Ring("pelvis", (0.0, 0.08, 0.0), (0.10, 0.145)),
)
_TORSO = (
    _Ring("pelvis", (0.0, 0.03, 0.0), (0.112, 0.158)),
    _Ring("pelvis", (0.0, 0.12, 0.0), (0.096, 0.138)),
    _Ring("pelvis", (0.0, 0.19, 0.0), (0.10, 0.142)),
    _Ring("chest", (0.0, 0.03, 0.0), (0.11, 0.155)),
    _Ring("chest", (0.0, 0.12, 0.0), (0.118, 0.17)),
    _Ring("chest", (-0.01, 0.20, 0.0), (0.10, 0.178)),
    _Ring("chest", (-0.015, 0.25, 0.0), (0.075, 0.155)),
    _Ring("chest", (-0.01, 0.285, 0.0), (0.055, 0.075)),
)
_NECK = (
    _Ring("chest", (-0.01, 0.25, 0.0), (0.055, 0.055)),
    _Ring("neck", (0.0, 0.06, 0.0), (0.048, 0.048)),
    _Ring("neck", (0.01, 0.11, 0.0), (0.05, 0.05)),
)


def _leg(posed: Posed, side: str, trousers: tuple[int, int, int]) -> list[Facets]:
    hip, knee, ankle = (f"{side}_{joint}" for joint in ("hip", "knee", "ankle"))
    thigh = [(0.05, 0.075), (-0.06, 0.09), (-0.20, 0.078), (-0.34, 0.062), (-0.42, 0.057)]
    shin = [(0.0, 0.058), (-0.10, 0.060), (-0.22, 0.052), (-0.34, 0.046), (-0.39, 0.05)]
    shoe = [(-0.075, -0.04, 0.02, 0.02), (-0.06, -0.03, 0.045, 0.038), (0.0, -0.02, 0.055, 0.042),
            (0.08, -0.035, 0.042, 0.046), (0.15, -0.045, 0.03, 0.044), (0.185, -0.052, 0.015, 0.02)]  # fmt: skip
    sole = [(-0.08, -0.068, 0.012, 0.03), (-0.05, -0.07, 0.014, 0.042), (0.10, -0.07, 0.014, 0.05),
            (0.19, -0.066, 0.010, 0.025)]  # fmt: skip
    return [
        _tube(posed, [_Ring(hip, (0.0, y, 0.0), (r, r)) for y, r in thigh], trousers),
        _tube(posed, [_Ring(knee, (-0.008 * (0.1 < -y < 0.3), y, 0.0), (r, r)) for y, r in shin], trousers),
        _tube(posed, [_Ring(ankle, (x, y, 0.0), (ry, rz), "x") for x, y, ry, rz in shoe], SHOES),
        _tube(posed, [_Ring(ankle, (x, y, 0.0), (ry, rz), "x") for x, y, ry, rz in sole], SOLES),
    ]


def _arm(posed: Posed, side: str, shirt: tuple[int, int, int]) -> list[Facets]:
    shoulder, elbow = f"{side}_shoulder", f"{side}_elbow"
    inward = -0.02 if side == "right" else 0.02
    sleeve = [(0.045, 0.03), (0.025, 0.058), (-0.04, 0.064), (-0.12, 0.056), (-0.17, 0.054)]
    upper = [(-0.15, 0.046), (-0.22, 0.041), (-0.275, 0.039)]
    lower = [(0.0, 0.039), (-0.06, 0.041), (-0.16, 0.034), (-0.25, 0.027)]
    palm = [(-0.245, 0.024, 0.026), (-0.29, 0.018, 0.04), (-0.345, 0.016, 0.042), (-0.40, 0.013, 0.034),
            (-0.445, 0.007, 0.018)]  # fmt: skip
    thumb = [(-0.275, 0.016, 0.014), (-0.31, 0.034, 0.014), (-0.35, 0.046, 0.010)]
    return [
        _tube(posed, [_Ring(shoulder, (0.0, y, inward * (y > 0.03)), (r, r)) for y, r in sleeve], shirt),
        _tube(posed, [_Ring(shoulder, (0.0, y, 0.0), (r, r)) for y, r in upper], SKIN),
        _tube(posed, [_Ring(elbow, (0.0, y, 0.0), (r, r)) for y, r in lower], SKIN),
        _tube(posed, [_Ring(elbow, (0.0, y, 0.0), (b, a)) for y, a, b in palm], SKIN),
        _tube(posed, [_Ring(elbow, (x, y, 0.0), (r, r)) for y, x, r in thumb], SKIN),
    ]


_HEAD_AT, _HEAD_REACH = (0.025, 0.165, 0.0), (0.098, 0.125, 0.078)


def _head(posed: Posed) -> list[Facets]:
    """Skull, hair over its top and back, ears, nose and the face's features."""
    skull = _ball(posed, _HEAD_AT, _HEAD_REACH, SKIN)
    hair = _ball(posed, (0.008, 0.187, 0.0), (0.102, 0.118, 0.086), HAIR)
    back = _ball(posed, (-0.03, 0.15, 0.0), (0.072, 0.10, 0.08), HAIR)
    parts = [_above(posed, hair), back, skull, _ball(posed, (0.122, 0.145, 0.0), (0.022, 0.026, 0.014), SKIN)]
    parts += [_ball(posed, (0.015, 0.155, z), (0.02, 0.03, 0.012), SKIN) for z in (-0.078, 0.078)]
    for z in (-0.03, 0.03):
        parts += [
            _ball(posed, (0.107, 0.18, z), (0.010, 0.0095, 0.017), WHITE),
            _ball(posed, (0.114, 0.18, z), (0.006, 0.008, 0.008), EYES),
            _ball(posed, (0.108, 0.202, z), (0.010, 0.0045, 0.022), HAIR),
        ]
    parts.append(_ball(posed, (0.107, 0.103, 0.0), (0.010, 0.0075, 0.028), LIPS))
    return parts


def _above(posed: Posed, hair: Facets) -> Facets:
    """The facets of the hair that leave the face free: those over a slope from brow to nape."""
    neck = NAMES.index("neck")
    local = hair.corners.mean(axis=1) - posed.places[neck]
    forward, up = (sum(local[:, i] * posed.turns[neck][i, axis] for i in range(3)) for axis in (0, 1))
    kept = up > 0.165 + 0.75 * forward
    return Facets(hair.corners[kept], hair.colours[kept])


def _ball(
    posed: Posed, at: tuple[float, float, float], reach: tuple[float, float, float], colour: tuple[int, int, int]
) -> Facets:
    """An ellipsoid in the head's frame."""
    heights = [(-0.98, 0.2), (-0.8, 0.6), (-0.5, 0.866025), (-0.17, 0.985444), (0.17, 0.985444), (0.5, 0.866025),
               (0.8, 0.6), (0.98, 0.2)]  # fmt: skip
    rings = [
        _Ring("neck", (at[0], at[1] + height * reach[1], at[2]), (reach[0] * wide, reach[2] * wide))
        for height, wide in heights
    ]
    return _tube(posed, rings, colour)


def _tube(posed: Posed, rings: Sequence[_Ring], colour: tuple[int, int, int]) -> Facets:
    """The surface through ``rings``, outside facing out, with both ends closed."""
    import numpy as np

    loops = [_loop(posed, ring) for ring in rings]
    loops = [_shrunk(loops[0]), *loops, _shrunk(loops[-1])]
    facets = []
    for one, other in pairwise(loops):
        facets.append(np.stack([one, np.roll(one, -1, 0), np.roll(other, -1, 0), other], axis=1))
    corners = _outside_out(np.concatenate(facets))
    return Facets(corners, np.repeat(np.array([colour]), len(corners), axis=0))


def cross(a: Any, b: Any) -> Any:
    """The vector product of two lists of vectors (n, 3)."""
    import numpy as np

    x, y, z = (a[:, i] for i in range(3))
    u, v, w = (b[:, i] for i in range(3))
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)


def dot(a: Any, b: Any) -> Any:
    """The scalar product of vectors (n, 3) with as many others or with one."""
    return a[:, 0] * b[..., 0] + a[:, 1] * b[..., 1] + a[:, 2] * b[..., 2]


def _outside_out(corners: Any) -> Any:
    """The facets of a tube with their corners in such an order that they face away from its middle."""
    import numpy as np

    middles = (corners[:, 0] + corners[:, 1] + corners[:, 2] + corners[:, 3]) / 4
    normals = cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    inward = dot(normals, middles - middles.mean(axis=0)) < 0
    return np.where(inward[:, None, None], corners[:, ::-1], corners)


def _loop(posed: Posed, ring: _Ring) -> Any:
    import numpy as np

    joint = NAMES.index(ring.joint)
    (x, y, z), (a, b) = ring.centre, ring.reach
    if ring.along == "y":
        local = np.array([(x + a * cos, y, z + b * sin) for cos, sin in _CIRCLE])
    else:
        local = np.array([(x, y + a * cos, z + b * sin) for cos, sin in _CIRCLE])
    return posed.places[joint] + applied(posed.turns[joint], local)


def _shrunk(loop: Any) -> Any:
    """The loop drawn together in its middle: the lid of an end."""
    middle = loop[0].copy()
    for corner in loop[1:]:
        middle = middle + corner
    return loop * 0.0 + middle / len(loop)
