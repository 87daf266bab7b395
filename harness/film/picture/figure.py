"""A puppet's measures after its look, and where its joints are in a posture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from filmbench.harness.film.picture.brush import Point
from filmbench.harness.film.picture.posture import Posture, ease
from filmbench.harness.film.shot import Look

LEFT, RIGHT = -1, 1
"""The two sides of a body, by where they are in the picture when it faces the camera."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Lengths in units of the picture (720 high) at the actors' depth. ``shoulders`` and ``hips`` are half widths."""

    head: float
    neck: float
    trunk: float
    arm: float
    leg: float
    foot: float
    shoulders: float
    hips: float
    girth: float

    @property
    def height(self) -> float:
        """From sole to crown."""
        return self.foot + self.leg + self.trunk + self.neck + self.head


def measured(look: Look) -> Figure:
    """A body after age and build; the seed makes it a little longer or shorter."""
    tall = 1 + 0.035 * math.sin(look.seed * 2.399)
    build = look.build
    if look.age == "child":
        return Figure(85, 2, 67 * tall, 69 * tall, 80 * tall, 9, 25 * build, 16 * build, build)
    slim = 0.93 if look.gender == "f" else 1.06
    if look.age == "old":
        return Figure(83, 5, 92 * tall, 99 * tall, 113 * tall, 10, 32 * build * slim, 22 * build, build)
    return Figure(83, 8, 97 * tall, 108 * tall, 140 * tall, 10, 33 * build * slim, 20 * build, build)


@dataclass(frozen=True, slots=True)
class Joints:
    """Where everything is, from the ground between the feet, y down. Limbs by side, each from the trunk outward."""

    hips: Point
    chest: Point
    head: Point
    tilt: float
    arms: dict[int, tuple[Point, Point, Point]]
    legs: dict[int, tuple[Point, Point, Point]]
    toes: dict[int, float]


@dataclass(frozen=True, slots=True)
class Hands:
    """Where the hands are wanted, by side, from their own shoulder in arm lengths, x along the picture."""

    left: Point
    right: Point

    def __getitem__(self, side: int) -> Point:
        return self.left if side == LEFT else self.right

    def moved(self, side: int, to: Point, amount: float) -> Hands:
        """The hand of ``side`` moved by ``amount`` (0..1) to ``to``."""
        x, y = self[side]
        new = (x + (to[0] - x) * amount, y + (to[1] - y) * amount)
        return Hands(new, self.right) if side == LEFT else Hands(self.left, new)


def seen(heading: float) -> tuple[float, float]:
    """How far a body of ``heading`` (degrees, 0 to the camera, 90 to the right) is in profile (-1..1), and to us."""
    turn = math.radians(heading)
    return math.sin(turn), math.cos(turn)


def spread(posture: Posture, heading: float) -> Hands:
    """The posture's hands on the body's two sides, for a body of ``heading``."""
    profile, front = seen(heading)
    nearer = ease((profile + 0.3) / 0.6)  # how far the left side is the near one

    def on(side: int, near: float) -> Point:
        x = posture.near_hand[0] * near + posture.far_hand[0] * (1 - near)
        y = posture.near_hand[1] * near + posture.far_hand[1] * (1 - near)
        return x * _ahead(side, profile, front), y

    return Hands(on(LEFT, nearer), on(RIGHT, 1 - nearer))


def _ahead(side: int, profile: float, front: float) -> float:
    """Which way along the picture is forward for a limb: outward when the body faces us, else where it faces."""
    k = min(1.0, abs(profile) / 0.55)
    return side * math.copysign(0.9, front) * (1 - k) + math.copysign(k, profile)


def solve(figure: Figure, posture: Posture, heading: float, hands: Hands | None = None) -> Joints:
    """The joints of ``figure`` held in ``posture``, its hands at ``hands`` where they are given."""
    profile, front = seen(heading)
    facing = 1.0 if profile >= 0 else -1.0
    side_on = min(1.0, abs(profile) / 0.55)
    nearer = ease((profile + 0.3) / 0.6)
    feet = {}
    for side, near in ((LEFT, nearer), (RIGHT, 1 - nearer)):
        x = posture.near_foot[0] * near + posture.far_foot[0] * (1 - near)
        y = posture.near_foot[1] * near + posture.far_foot[1] * (1 - near)
        feet[side] = (x * facing * side_on + side * 0.05 * (1 - side_on), y)
    ground = -figure.foot - figure.leg * posture.lift
    hips = (0.0, ground - figure.leg * max(min(foot[1], 0.998) for foot in feet.values()))
    lean = math.radians(posture.lean) * facing * (0.35 + 0.65 * side_on)
    chest = (hips[0] + math.sin(lean) * figure.trunk, hips[1] - math.cos(lean) * figure.trunk)
    crane = lean * 0.7 + math.radians(posture.pitch * 9) * facing * side_on
    reach = figure.neck + figure.head * 0.47
    head = (chest[0] + math.sin(crane) * reach, chest[1] - math.cos(crane) * reach)
    hands = hands or spread(posture, heading)
    arms, legs, toes = {}, {}, {}
    for side in (LEFT, RIGHT):
        shoulder = (chest[0] + side * figure.shoulders * front * 0.86, chest[1] + figure.shoulders * 0.36)
        x, y = hands[side]
        elbow, wrist = bent(
            shoulder,
            (shoulder[0] + x * figure.arm, shoulder[1] + y * figure.arm),
            figure.arm * 0.5,
            figure.arm * 0.5,
            facing if side_on > 0.6 else -side * front,
        )
        arms[side] = (shoulder, elbow, wrist)
        root = (hips[0] + side * figure.hips * 0.62 * front, hips[1])
        fx, fy = feet[side]
        knee, ankle = bent(
            root,
            (root[0] + fx * figure.leg, root[1] + fy * figure.leg),
            figure.leg * 0.5,
            figure.leg * 0.5,
            -facing if side_on > 0.3 else side * 0.0001,
        )
        legs[side] = (root, knee, ankle)
        toes[side] = profile if side_on > 0.3 else side * 0.3
    return Joints(hips, chest, head, posture.tilt * facing + math.degrees(lean) * 0.5, arms, legs, toes)


def bent(root: Point, end: Point, upper: float, lower: float, turn: float) -> tuple[Point, Point]:
    """The middle joint and the end of a limb that reaches for ``end``; ``turn`` says to which side it bends."""
    dx, dy = end[0] - root[0], end[1] - root[1]
    far = math.hypot(dx, dy) or 1e-6
    reach = min(max(far, abs(upper - lower) + 1e-3), (upper + lower) * 0.9995)
    ux, uy = dx / far, dy / far
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    off = math.sqrt(max(upper**2 - along**2, 0.0)) * (math.copysign(1.0, turn) if abs(turn) > 0.01 else turn)
    return (
        (root[0] + ux * along - uy * off, root[1] + uy * along + ux * off),
        (root[0] + ux * reach, root[1] + uy * reach),
    )
