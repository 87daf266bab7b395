"""A whole puppet: legs, clothes, arms and head over each other in the right order, standing at the origin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from filmbench.harness.film.picture import brush, hair
from filmbench.harness.film.picture.brush import Point
from filmbench.harness.film.picture.colours import Colour, Light, mix, named
from filmbench.harness.film.picture.faces import Act, draw_head, skull
from filmbench.harness.film.picture.figure import LEFT, RIGHT, Figure, Joints, seen
from filmbench.harness.film.picture.hands import Grip, draw_hand, palm
from filmbench.harness.film.picture.wardrobe import Outfit, worn
from filmbench.harness.film.shot import Look

HEMS = {
    "sweater": 0.10,
    "shirt": 0.07,
    "jacket": 0.14,
    "coat": 0.56,
    "raincoat": 0.44,
    "dress": 0.60,
    "apron": 0.40,
    "overalls": 0.02,
}
"""How far below the hips a garment ends, in leg lengths."""


@dataclass(frozen=True, slots=True)
class Held:
    """Something in a hand: ``draw(canvas)`` paints it about the hand's inside; ``hangs`` keeps it upright below it."""

    draw: Callable[[Any], None]
    hangs: bool = True


@dataclass(frozen=True, slots=True)
class Pose:
    """A puppet at one moment. ``head_yaw`` is the head's own heading in degrees; ``sway`` moves what hangs loose."""

    joints: Joints
    heading: float
    head_yaw: float
    act: Act
    sway: float = 0.0
    grips: dict[int, Grip] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)


def hand_size(figure: Figure) -> float:
    """The length of a palm."""
    return figure.head * 0.158


def palms(figure: Figure, joints: Joints) -> dict[int, Point]:
    """The middle of each hand."""
    return {side: palm(arm[1], arm[2], hand_size(figure)) for side, arm in joints.arms.items()}


def draw_body(canvas: Any, look: Look, figure: Figure, pose: Pose, light: Light) -> None:
    """The puppet, its soles at (0, 0)."""
    outfit = worn(look)
    profile, front = seen(pose.heading)
    behind = RIGHT if profile > 0 else LEFT
    back_to_us = front < -0.25
    arms = [side for side in (LEFT, RIGHT) if abs(profile) > 0.3 and side == behind]
    if back_to_us:  # what a raised arm does, the back hides
        arms = [
            side for side in (LEFT, RIGHT) if pose.joints.arms[side][2][1] < pose.joints.hips[1] - figure.arm * 0.15
        ]
    _head_behind(canvas, look, figure, pose, outfit, light)
    for side in arms:
        _arm(canvas, look, figure, pose, outfit, side, light, far=True)
    order = (behind, -behind)
    for side in order:
        _leg(canvas, look, figure, pose, outfit, side, light, far=side == behind and abs(profile) > 0.3)
    _trunk(canvas, figure, pose, outfit, light)
    _neck(canvas, look, figure, pose, outfit, light)
    _head(canvas, look, figure, pose, outfit, light)
    if outfit.scarf and not back_to_us:
        _scarf(canvas, figure, pose, outfit, light)
    for side in order:
        if side not in arms:
            _arm(canvas, look, figure, pose, outfit, side, light, far=False)


def _arm(
    canvas: Any, look: Look, figure: Figure, pose: Pose, outfit: Outfit, side: int, light: Light, far: bool
) -> None:
    joints, size = pose.joints, hand_size(figure)
    shoulder, elbow, wrist = joints.arms[side]
    cloth = named()[outfit.top]
    if outfit.coat == "overalls" or outfit.coat == "apron":
        cloth = mix(named()["cream"], cloth, 0.12)
    if far:
        cloth = mix(cloth, light.hour.shade, 0.22)
    skin = mix(named()[look.skin], light.hour.shade, 0.10 if far else 0.0)
    grip, held = pose.grips.get(side, "rest"), pose.held.get(side)
    thumb = 1 if (seen(pose.heading)[0] >= 0) == (not far) else -1
    inside = palm(elbow, wrist, size)
    if held is not None:
        canvas.save()
        canvas.translate(*inside)
        held.draw(canvas)
        canvas.restore()
    draw_hand(canvas, elbow, wrist, size, skin, light, "grip" if held is not None and grip == "rest" else grip, -thumb)
    thick = figure.girth * (figure.arm * 0.085 + figure.head * 0.13)
    dx, dy = wrist[0] - elbow[0], wrist[1] - elbow[1]
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    hem = (wrist[0] - ux * thick * 0.42, wrist[1] - uy * thick * 0.42)
    widths = (thick * 1.08, thick * 0.98, thick * 0.76)
    brush.piece(canvas, brush.limb((shoulder, elbow, hem), widths), cloth, light, drop=0 if far else 3.0)
    wide = thick * 0.42
    start, end = (
        (wrist[0] - ux * thick * 0.46, wrist[1] - uy * thick * 0.46),
        (wrist[0] - ux * 0.5, wrist[1] - uy * 0.5),
    )
    corners = [(start, 1), (end, 1), (end, -1), (start, -1)]
    cuff = brush.smooth([(x - uy * wide * side, y + ux * wide * side) for (x, y), side in corners], ease=0.22)
    brush.piece(canvas, cuff, mix(cloth, light.hour.shade, 0.22), light, drop=1.0, rim=0.8)


def _leg(
    canvas: Any, look: Look, figure: Figure, pose: Pose, outfit: Outfit, side: int, light: Light, far: bool
) -> None:
    root, knee, ankle = pose.joints.legs[side]
    bare = outfit.skirt or outfit.coat == "dress"
    cloth = named()[outfit.top if outfit.coat == "overalls" else outfit.legs]
    cloth = mix(named()[look.skin], named()["plum"], 0.25) if bare else cloth
    thick = figure.girth * (figure.leg * 0.10 + figure.head * 0.12)
    narrow = 0.62 if bare else 0.86
    cloth = mix(cloth, light.hour.shade, 0.28 if far else 0.0)
    brush.piece(
        canvas,
        brush.limb((root, knee, ankle), (thick * 1.2, thick * (0.8 if bare else 1.0), thick * narrow)),
        cloth,
        light,
        drop=0,
        rim=1.2,
    )
    _shoe(canvas, figure, outfit, (root, knee, ankle), pose.joints.toes[side], thick, far, light)


def _shoe(
    canvas: Any,
    figure: Figure,
    outfit: Outfit,
    leg: tuple[Point, Point, Point],
    toe: float,
    thick: float,
    far: bool,
    light: Light,
) -> None:
    _, knee, (x, y) = leg
    colour = named()[outfit.boots or ("walnut" if outfit.legs in ("brown", "black", "grey") else "brown")]
    colour = mix(colour, light.hour.shade, 0.28 if far else 0.0)
    f, long = figure.foot, figure.head * 0.30 * (0.45 + 0.55 * abs(toe))
    way, half = (1 if toe >= 0 else -1), thick * 0.50
    raised = max(0.0, -y - f * 1.3)
    canvas.save()
    canvas.translate(x, y)
    if raised > 1:  # the toe points down behind, up in front
        canvas.rotate(way * (24 if (x - knee[0]) * way < 0 else -10) * min(1.0, raised / 16))
    if outfit.boots:
        brush.piece(
            canvas, brush.box(-half * 1.12, -figure.leg * 0.24, half * 1.12, f * 0.6, 4), colour, light, drop=0, rim=1.2
        )
        brush.piece(
            canvas,
            brush.box(-half * 1.25, -figure.leg * 0.25, half * 1.25, -figure.leg * 0.20, 2),
            mix(colour, light.hour.sky_light, 0.14),
            light,
            drop=0,
            rim=0.8,
        )
    shoe = brush.smooth(
        [
            (-half * 1.1 * way, -f * 0.5),
            (half * 0.9 * way, -f * 0.7),
            (long * 0.72 * way, -f * 0.06),
            (long * 1.06 * way, f * 0.50),
            (long * 0.96 * way, f),
            (-half * 1.15 * way, f),
            (-half * 1.35 * way, f * 0.4),
        ],
        ease=0.75,
    )
    brush.piece(canvas, shoe, colour, light, drop=0, rim=1.2)
    brush.fill(
        canvas,
        brush.box(min(-half * 1.25 * way, long * way), f * 0.74, max(-half * 1.25 * way, long * way), f * 1.02, 1.5),
        mix(colour, light.hour.shade, 0.55),
    )
    canvas.restore()


def _half(figure: Figure, pose: Pose) -> float:
    """How wide a trunk looks from where it is seen, as a share of its breadth."""
    profile, front = seen(pose.heading)
    return math.sqrt(front**2 + (0.60 * profile) ** 2)


def _trunk(canvas: Any, figure: Figure, pose: Pose, outfit: Outfit, light: Light) -> None:
    joints, wide = pose.joints, _half(figure, pose)
    profile, front = seen(pose.heading)
    (cx, cy), (hx, hy) = joints.chest, joints.hips
    s, h = figure.shoulders * wide, figure.hips * max(wide, 0.72) * 1.22 * figure.girth**0.5
    drop = HEMS[outfit.coat] * figure.leg
    cloth = named()[outfit.top]
    if outfit.skirt and outfit.coat not in ("dress", "coat", "raincoat"):
        _skirt(canvas, figure, pose, outfit, light, h)
    if outfit.coat in ("overalls", "apron"):
        shirt = _garment(figure, joints, s, h, 0.04 * figure.leg, 1.06)
        brush.piece(canvas, shirt, mix(named()["cream"], cloth, 0.12), light, drop=2)
        _bib(canvas, joints, outfit, s, h, drop, profile, front, light)
        return
    shape = _garment(
        figure, joints, s, h, drop, 1.55 if outfit.coat == "dress" else 1.24 if drop > 0.3 * figure.leg else 1.06
    )
    brush.piece(canvas, shape, cloth, light, drop=3.5)
    canvas.save()
    canvas.clipPath(shape, doAntiAlias=True)
    middle = profile * s * 0.62
    _trimmings(canvas, outfit, cloth, (cx + middle, cy), (hx + middle, hy + drop), s, front, light)
    canvas.restore()
    del front


def _garment(figure: Figure, joints: Joints, s: float, h: float, drop: float, flare: float) -> Any:
    (cx, cy), (hx, hy) = joints.chest, joints.hips
    wx, wy = cx + (hx - cx) * 0.60, cy + (hy - cy) * 0.60
    knees = [leg[1] for leg in joints.legs.values()]
    share = min(1.0, drop / (figure.leg * 0.5))
    left = min(hx - h * flare, min(k[0] for k in knees) * share + (hx - h * 0.75) * (1 - share) - h * 0.35 * share)
    right = max(hx + h * flare, max(k[0] for k in knees) * share + (hx + h * 0.75) * (1 - share) + h * 0.35 * share)
    low = hy + drop
    if hy > -figure.leg * 0.75:  # seated: the cloth ends on the lap
        low, left, right = hy + min(drop, figure.leg * 0.12), hx - h * 1.1, hx + h * 1.1
    top = cy - 2
    return brush.smooth(
        [
            (cx - s * 0.42, top - 2),
            (cx, top - 1),
            (cx + s * 0.42, top - 2),
            (cx + s * 0.92, cy + 6),
            (cx + s * 1.02, cy + 20),
            (wx + s * 0.90, wy),
            (hx + h * 1.02, hy),
            (right, low),
            ((left + right) / 2, low + 3),
            (left, low),
            (hx - h * 1.02, hy),
            (wx - s * 0.90, wy),
            (cx - s * 1.02, cy + 20),
            (cx - s * 0.92, cy + 6),
        ],
        ease=0.7,
    )


def _trimmings(
    canvas: Any, outfit: Outfit, cloth: Colour, top: Point, low: Point, s: float, front: float, light: Light
) -> None:
    dark, pale = mix(cloth, light.hour.shade, 0.34), mix(cloth, named()["cream"], 0.62)
    x0, y0 = top
    x1, y1 = low
    facing = front > -0.2
    match outfit.coat:
        case "sweater":
            for row in range(2):
                y = y0 + (y1 - y0) * (0.30 + 0.17 * row)
                zigzag = [(x0 - s * 1.6 + i * s * 0.27, y + (3.5 if i % 2 else -3.5)) for i in range(13)]
                brush.pen(canvas, brush.poly(zigzag, closed=False), pale, 3.0, 0.9)
            brush.fill(canvas, brush.box(x1 - 99, y1 - 6, x1 + 99, y1 + 9), dark, 0.8)
            brush.pen(
                canvas, brush.smooth([(x0 - s * 0.4, y0), (x0, y0 + 6), (x0 + s * 0.4, y0)], closed=False), dark, 4.5
            )
        case "coat" | "raincoat" | "jacket":
            if facing:
                brush.pen(canvas, brush.poly([(x0, y0 + 4), (x1, y1 + 4)], closed=False), dark, 1.6)
                for i in range(3):
                    u = 0.22 + 0.20 * i
                    button = (x0 + (x1 - x0) * u + 4.5, y0 + (y1 - y0) * u)
                    brush.fill(canvas, brush.oval(*button, 2.6, 2.6), mix(named()["brown"], light.hour.shade, 0.25))
                for side in (-1, 1):
                    brush.fill(
                        canvas,
                        brush.poly([(x0, y0 + 3), (x0 + side * s * 0.56, y0 - 6), (x0 + side * s * 0.50, y0 + 14)]),
                        mix(cloth, light.hour.sky_light, 0.10),
                    )
                    pocket = (x0 + (x1 - x0) * 0.62 + side * s * 0.66, y0 + (y1 - y0) * 0.62)
                    brush.fill(
                        canvas,
                        brush.box(pocket[0] - s * 0.28, pocket[1], pocket[0] + s * 0.28, pocket[1] + 5, 2),
                        dark,
                        0.75,
                    )
            brush.fill(canvas, brush.box(x1 - 99, y1 - 4, x1 + 99, y1 + 9), dark, 0.55)
        case "dress":
            brush.pen(
                canvas, brush.smooth([(x0 - s * 0.5, y0), (x0, y0 + 8), (x0 + s * 0.5, y0)], closed=False), pale, 5
            )
            y = y0 + (y1 - y0) * 0.47
            brush.fill(canvas, brush.box(x0 - 60, y - 3, x0 + 60, y + 4), dark, 0.9)
            for i in range(-5, 6):
                brush.fill(canvas, brush.oval(x1 + i * 13, y1 - 10 - (i % 2) * 12, 2.2, 2.2), pale, 0.8)
        case _:
            if facing:
                brush.pen(canvas, brush.poly([(x0, y0 + 4), (x1, y1 + 4)], closed=False), dark, 1.4, 0.8)
                for side in (-1, 1):
                    brush.fill(
                        canvas,
                        brush.poly([(x0, y0 + 6), (x0 + side * s * 0.5, y0 - 4), (x0 + side * s * 0.40, y0 + 12)]),
                        pale,
                    )


def _bib(
    canvas: Any,
    joints: Joints,
    outfit: Outfit,
    s: float,
    h: float,
    drop: float,
    profile: float,
    front: float,
    light: Light,
) -> None:
    (cx, cy), (hx, hy) = joints.chest, joints.hips
    cloth, middle = named()[outfit.top], profile * s * 0.45
    top = cy + (hy - cy) * 0.34
    if front < -0.2:
        top = cy + (hy - cy) * 0.55
    waist = (cx + (hx - cx) * 0.6, cy + (hy - cy) * 0.66)
    low = hy + max(drop, 5)
    bib = brush.smooth(
        [
            (cx + middle - s * 0.5, top),
            (cx + middle + s * 0.5, top),
            (waist[0] + s * 0.88, waist[1]),
            (hx + h * 1.12, low),
            (hx, low + 2),
            (hx - h * 1.12, low),
            (waist[0] - s * 0.88, waist[1]),
        ],
        ease=0.5,
    )
    for side in (-1, 1):
        brush.pen(
            canvas,
            brush.poly([(cx + middle + side * s * 0.42, top + 2), (cx + side * s * 0.58, cy + 1)], closed=False),
            mix(cloth, light.hour.shade, 0.15),
            5,
        )
    brush.piece(canvas, bib, cloth, light, drop=2.5)
    if front > -0.2:
        dark = mix(cloth, light.hour.shade, 0.3)
        brush.pen(canvas, brush.box(cx + middle - s * 0.26, top + 8, cx + middle + s * 0.26, top + 22, 3), dark, 1.6)
        for side in (-1, 1):
            brush.fill(canvas, brush.oval(cx + middle + side * s * 0.40, top + 4, 2.6, 2.6), named()["yellow"])


def _skirt(canvas: Any, figure: Figure, pose: Pose, outfit: Outfit, light: Light, h: float) -> None:
    hx, hy = pose.joints.hips
    low = hy + figure.leg * 0.42
    knees = [leg[1][0] for leg in pose.joints.legs.values()]
    skirt = brush.smooth(
        [
            (hx - h, hy - 10),
            (hx + h, hy - 10),
            (max(hx + h * 1.7, max(knees) + h * 0.5) + pose.sway, low),
            (hx + pose.sway, low + 5),
            (min(hx - h * 1.7, min(knees) - h * 0.5) + pose.sway, low),
        ],
        ease=0.6,
    )
    brush.piece(canvas, skirt, named()[outfit.legs], light, drop=2.5)


def _neck(canvas: Any, look: Look, figure: Figure, pose: Pose, outfit: Outfit, light: Light) -> None:
    (cx, cy), (x, y) = pose.joints.chest, pose.joints.head
    half = figure.head * (0.135 if look.age == "child" else 0.15)
    low = (cx + (x - cx) * 0.1, cy + 3)
    high = (cx + (x - cx) * 0.7, cy + (y - cy) * 0.7)
    neck = brush.smooth(
        [
            (low[0] - half * 1.15, low[1]),
            (high[0] - half, high[1]),
            (high[0] + half, high[1]),
            (low[0] + half * 1.15, low[1]),
            (low[0], low[1] + half * 0.5),
        ],
        ease=0.6,
    )
    brush.piece(canvas, neck, mix(named()[look.skin], light.hour.shade, 0.24), light, drop=0, rim=1)
    if outfit.scarf:
        band = brush.box(
            cx - figure.head * 0.30,
            cy - figure.head * 0.11,
            cx + figure.head * 0.30,
            cy + figure.head * 0.13,
            figure.head * 0.11,
        )
        brush.piece(canvas, band, named()[outfit.scarf], light, drop=2.5)


def _scarf(canvas: Any, figure: Figure, pose: Pose, outfit: Outfit, light: Light) -> None:
    (cx, cy), r = pose.joints.chest, figure.head
    profile, _ = seen(pose.heading)
    colour = named()[outfit.scarf or "red"]
    x = cx + profile * r * 0.14 + r * 0.10
    end = brush.smooth(
        [
            (x - r * 0.10, cy),
            (x + r * 0.12, cy),
            (x + r * 0.14 + pose.sway * 0.5, cy + r * 0.52),
            (x - r * 0.10 + pose.sway * 0.5, cy + r * 0.54),
        ],
        ease=0.5,
    )
    brush.piece(canvas, end, mix(colour, light.hour.shade, 0.14), light, drop=2.5)
    for i in range(3):
        fx = x - r * 0.07 + i * r * 0.09 + pose.sway * 0.5
        brush.pen(canvas, brush.poly([(fx, cy + r * 0.53), (fx, cy + r * 0.59)], closed=False), colour, 2)
    band = brush.smooth(
        [
            (cx - r * 0.32, cy - r * 0.05),
            (cx, cy + r * 0.03),
            (cx + r * 0.32, cy - r * 0.05),
            (cx + r * 0.33, cy + r * 0.11),
            (cx, cy + r * 0.20),
            (cx - r * 0.33, cy + r * 0.11),
        ],
        ease=0.9,
    )
    brush.piece(canvas, band, colour, light, drop=2.5)
    brush.pen(
        canvas,
        brush.smooth(
            [(cx - r * 0.27, cy + r * 0.04), (cx, cy + r * 0.11), (cx + r * 0.27, cy + r * 0.04)], closed=False
        ),
        mix(colour, light.hour.shade, 0.35),
        1.4,
        0.7,
    )


def _on_head(canvas: Any, figure: Figure, pose: Pose) -> float:
    canvas.save()
    canvas.translate(*pose.joints.head)
    canvas.rotate(pose.joints.tilt)
    scale = figure.head / 200
    canvas.scale(scale, scale)
    return scale


def _front_yaw(pose: Pose) -> float:
    """The heading of the head as degrees a face is turned from us: a puppet's face never goes to full profile."""
    profile, _ = seen(pose.head_yaw)
    return 25.0 * profile


def _face_seen(pose: Pose) -> bool:
    return seen(pose.head_yaw)[1] > -0.25


def _head_behind(canvas: Any, look: Look, figure: Figure, pose: Pose, outfit: Outfit, light: Light) -> None:
    if not _face_seen(pose):
        return
    _on_head(canvas, figure, pose)
    hair.draw_behind(canvas, outfit, skull(look), _front_yaw(pose), light, pose.sway)
    canvas.restore()


def _head(canvas: Any, look: Look, figure: Figure, pose: Pose, outfit: Outfit, light: Light) -> None:
    _on_head(canvas, figure, pose)
    if not _face_seen(pose):
        hair.draw_back(canvas, outfit, skull(look), light, pose.sway)
    else:
        yaw = _front_yaw(pose)
        act = Act(pose.act.expression, pose.act.lips, pose.act.gaze, pose.act.blink, yaw, pose.act.pitch)
        shape = skull(look)
        draw_head(
            canvas, look, act, light, lambda: hair.draw_beard(canvas, outfit, shape, yaw, named()[look.skin], light)
        )
        hair.draw_upon(canvas, outfit, shape, yaw, light, pose.sway, look.seed)
    canvas.restore()
