"""How a body is held: a small library of postures, the walk, and how one gives way to another.

Hands are given from their shoulder in arm lengths, feet from their hip in leg lengths: x forward, y down. ``near`` is
the side towards the camera when the body is seen from its side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from filmbench.harness.film.shot import Mood


class Posture(NamedTuple):
    """``lean`` and ``tilt`` are degrees (forward, and of the head to its side), ``pitch`` the head's nod, 1 far down.

    ``lift`` raises the whole body (leg lengths): only mid-jump is it not 0.
    """

    lean: float = 0.0
    tilt: float = 0.0
    pitch: float = 0.0
    near_hand: tuple[float, float] = (0.12, 0.975)
    far_hand: tuple[float, float] = (0.14, 0.97)
    near_foot: tuple[float, float] = (-0.07, 0.99)
    far_foot: tuple[float, float] = (0.07, 0.99)
    lift: float = 0.0


STAND = Posture()
HOLD = (0.42, 0.50)
"""Where a hand is that carries something."""
POSES: Mapping[str, Posture] = {
    "stand": STAND,
    "sit": Posture(
        lean=2, near_hand=(0.42, 0.72), far_hand=(0.48, 0.70), near_foot=(0.46, 0.50), far_foot=(0.54, 0.50)
    ),
    "reach": Posture(
        lean=9, near_hand=(0.93, 0.16), far_hand=(-0.02, 0.92), near_foot=(-0.16, 0.97), far_foot=(0.16, 0.97)
    ),
    "point": Posture(lean=4, near_hand=(0.98, -0.10), far_hand=(0.02, 0.93)),
    "give": Posture(lean=7, near_hand=(0.90, 0.22), far_hand=(0.55, 0.46)),
    "take": Posture(lean=7, near_hand=(0.88, 0.20), far_hand=(0.10, 0.90)),
    "put": Posture(
        lean=15,
        pitch=0.35,
        near_hand=(0.72, 0.62),
        far_hand=(0.10, 0.88),
        near_foot=(-0.14, 0.95),
        far_foot=(0.16, 0.95),
    ),
    "look": Posture(lean=4, tilt=-3, near_hand=(0.14, 0.92), far_hand=(0.10, 0.93)),
    "nod": STAND,
    "turn": STAND,
    "light": Posture(lean=10, pitch=0.12, near_hand=(0.86, -0.12), far_hand=(0.40, 0.60)),
    "open": Posture(lean=11, near_hand=(0.88, 0.30), far_hand=(0.62, 0.42)),
    "explain": Posture(lean=3, near_hand=(0.56, 0.34), far_hand=(0.16, 0.90)),
    "lift": Posture(lean=-3, pitch=-0.2, near_hand=(0.50, -0.80), far_hand=(0.10, 0.92)),
}

MOODS: Mapping[Mood, Posture] = {
    "neutral": STAND,
    "happy": Posture(lean=-3, tilt=4, pitch=-0.08, near_hand=(0.22, 0.84), far_hand=(0.20, 0.85)),
    "sad": Posture(lean=9, tilt=-4, pitch=0.38, near_hand=(0.16, 0.92), far_hand=(0.16, 0.92)),
    "afraid": Posture(
        lean=-7,
        tilt=-3,
        pitch=0.05,
        near_hand=(0.26, 0.24),
        far_hand=(0.34, 0.18),
        near_foot=(-0.14, 0.95),
        far_foot=(0.02, 0.95),
    ),
    "angry": Posture(
        lean=9,
        tilt=0,
        pitch=0.14,
        near_hand=(-0.12, 0.88),
        far_hand=(-0.02, 0.88),
        near_foot=(-0.18, 0.97),
        far_foot=(0.16, 0.97),
    ),
    "surprised": Posture(lean=-8, tilt=0, pitch=-0.18, near_hand=(0.42, 0.46), far_hand=(0.46, 0.40)),
    "tender": Posture(lean=3, tilt=8, pitch=0.08, near_hand=(0.14, 0.20), far_hand=(0.10, 0.92)),
}

STRIDE = 0.40
"""Half of a step's reach, leg lengths, in the keyframed walk."""
STANCE = 0.60
"""The share of a cycle that a foot stays on the ground."""
CYCLE = 2 * STRIDE / STANCE
"""Leg lengths that one cycle of two steps carries the body."""


def walk(phase: float) -> Posture:
    """The walk at ``phase`` (cycles): a foot on the ground goes back as fast as the body goes forward."""
    near, far = _step(phase), _step(phase + 0.5)
    swing = math.cos(2 * math.pi * (phase - 0.05))
    return Posture(
        lean=4.5,
        pitch=0.04 * math.cos(4 * math.pi * phase),
        near_hand=(0.08 - 0.44 * swing, 0.90 - 0.05 * abs(swing)),
        far_hand=(0.08 + 0.44 * swing, 0.90 - 0.05 * abs(swing)),
        near_foot=near,
        far_foot=far,
    )


def _step(phase: float) -> tuple[float, float]:
    u = phase % 1.0
    if u < STANCE:
        return STRIDE * (1 - 2 * u / STANCE), 0.965
    v = (u - STANCE) / (1 - STANCE)
    return STRIDE * (2 * ease(v) - 1), 0.965 - 0.17 * math.sin(math.pi * v) ** 1.2


def blend(one: Posture, other: Posture, amount: float) -> Posture:
    """``one`` moved by ``amount`` (0..1) towards ``other``."""
    if amount <= 0.0:
        return one
    a, k = 1 - amount, amount

    def limb(p: tuple[float, float], q: tuple[float, float]) -> tuple[float, float]:
        return p[0] * a + q[0] * k, p[1] * a + q[1] * k

    return Posture(
        lean=one.lean * a + other.lean * k,
        tilt=one.tilt * a + other.tilt * k,
        pitch=one.pitch * a + other.pitch * k,
        near_hand=limb(one.near_hand, other.near_hand),
        far_hand=limb(one.far_hand, other.far_hand),
        near_foot=limb(one.near_foot, other.near_foot),
        far_foot=limb(one.far_foot, other.far_foot),
        lift=one.lift * a + other.lift * k,
    )


def ease(u: float) -> float:
    """0 to 1, slow at both ends."""
    u = min(max(u, 0.0), 1.0)
    return u * u * (3 - 2 * u)


def during(t: float, start: float, end: float, rise: float = 0.35, fall: float = 0.40) -> float:
    """0 before ``start`` and after ``end``, 1 between, with soft flanks inside."""
    span = max(end - start, 1e-6)
    rise, fall = min(rise, span * 0.4), min(fall, span * 0.4)
    return ease((t - start) / rise) * ease((end - t) / fall)
