"""From a shot to its frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from filmbench.harness.film.picture import brush, captions
from filmbench.harness.film.picture.acting import PERCH, Actor, Moment, actors
from filmbench.harness.film.picture.blocking import plan
from filmbench.harness.film.picture.body import Held, Pose, draw_body
from filmbench.harness.film.picture.camera import FOCUS, Operator, View, thing_at
from filmbench.harness.film.picture.captured import Captured, captured
from filmbench.harness.film.picture.colours import Light, hour, mix, named
from filmbench.harness.film.picture.figure import Figure, measured
from filmbench.harness.film.picture.finish import Finish
from filmbench.harness.film.picture.layers import Layers, spanned
from filmbench.harness.film.picture.posture import ease
from filmbench.harness.film.picture.props import prop
from filmbench.harness.film.picture.scenery import GROUND, HEIGHT, WIDTH
from filmbench.harness.film.picture.settings import scenery
from filmbench.harness.film.shot import Look, Mouth, Setting, Shot
from filmbench.harness.media.joints import Motion
from filmbench.harness.types import UsageError

BURNING = ("lamp", "fire", "lantern", "candle", "torch")
"""The lights of a shot that are warm and near; of these ``lamp`` is the setting's own."""


@dataclass(frozen=True, slots=True)
class Design:
    """How a film looks: ``looks`` by character, ``settings`` by id, ``motions`` captured ones by deed (``walk`` …)."""

    looks: Mapping[str, Look]
    settings: Mapping[str, Setting]
    motions: Mapping[str, Motion] = field(default_factory=dict)


def count(shot: Shot, fps: float) -> int:
    """How many frames ``shot`` has."""
    return max(1, round(shot.seconds * fps))


def frames(
    shot: Shot,
    design: Design,
    mouths: Mapping[str, Mouth],
    *,
    width: int = 1280,
    height: int = 720,
    fps: float = 24.0,
    seed: int = 0,
    plates: Mapping[str, Iterable[Any]] | None = None,
) -> Iterator[Any]:
    """The frames of ``shot``: uint8 (height, width, 3), RGB, ``count(shot, fps)`` of them.

    ``mouths`` are the speeches of its ``speak`` beats by line; a speech that is not there leaves the mouth shut.
    ``plates`` are moving pictures by name, each frames (uint8, any size, RGB); the one that the shot names stands in
    for what is far away, its last frame holding. Equal arguments give equal bytes. Raises :class:`UsageError` for a
    character, a setting or a plate that is not there.
    """
    _check(shot, design, plates or {})
    studio = Studio(shot, design, mouths, width, height, seed)
    plate = iter(plates[shot.plate]) if plates and shot.plate else None
    behind: Any = None
    for index in range(count(shot, fps)):
        if plate is not None:
            behind = next(plate, behind)
        yield studio.frame(index / fps, index, behind)


def _check(shot: Shot, design: Design, plates: Mapping[str, Any]) -> None:
    unknown = [one.character for one in shot.cast if one.character not in design.looks]
    if unknown:
        raise UsageError(f"shot {shot.id} shows {unknown[0]}, who has no look", "cast every character before drawing")
    if shot.setting not in design.settings:
        raise UsageError(
            f"shot {shot.id} plays in {shot.setting!r}, which is no setting of the design", "add it to the settings"
        )
    if shot.plate and shot.plate not in plates:
        raise UsageError(
            f"shot {shot.id} wants the plate {shot.plate!r}", "give its frames, or leave the plate out of the shot"
        )


class Studio:
    """One shot made ready: planes painted, cast and camera in place."""

    def __init__(
        self, shot: Shot, design: Design, mouths: Mapping[str, Mouth], width: int, height: int, seed: int
    ) -> None:
        import numpy as np
        import skia

        self.shot, self.design, self.seed = shot, design, seed
        self.size, self.unit = (width, height), max(width / WIDTH, height / HEIGHT)
        self.margin = ((width - WIDTH * self.unit) / 2, (height - HEIGHT * self.unit) / 2)
        self.setting = design.settings[shot.setting]
        self.hour = hour(self.setting.time)
        self.looks = {one.character: design.looks[one.character] for one in shot.cast}
        self.figures: dict[str, Figure] = {name: measured(look) for name, look in self.looks.items()}
        self.blocking = plan(shot, self.figures)
        takes: dict[str, Captured] = {deed: captured(motion) for deed, motion in design.motions.items()}
        dim = scenery(self.setting, self._light((0, 0), 0.0, (0, 0)), 0.0, seed)
        self.landmark = dim.lamp
        self.lamp = dim.lamp if shot.light == "lamp" else None
        seeds = {name: look.seed * 31 + seed for name, look in self.looks.items()}
        self.cast = actors(shot, self.blocking, self.figures, mouths, takes, dim.lamp and dim.lamp[:2], seeds)
        self.operator = Operator(shot, self.figures, self.blocking, self.cast)
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self.surface = skia.Surface(self.pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        self.finish = Finish(width, height, seed)
        self._paint()
        self.title = captions.layout(shot.caption, self.size, self.taken()) if shot.caption else None

    # light

    def burn(self, time: float) -> float:
        """How bright the warm light of the shot burns, 0 to 1."""
        if self.shot.lit is not None:
            return ease((time - self.shot.lit) / 0.9)
        return 1.0 if self.shot.light in BURNING else 0.0

    def _light(self, at: tuple[float, float], warm: float, source: tuple[float, float]) -> Light:
        dx, dy = source[0] - at[0], source[1] - at[1]
        far = math.hypot(dx, dy) or 1.0
        if warm <= 0:
            return Light(self.hour, (-0.62, -0.78), 0.12 if self.setting.time != "night" else 0.0)
        return Light(self.hour, (dx / far, dy / far), warm)

    def sources(self, time: float) -> list[tuple[float, float, float, str | None]]:
        """What burns at ``time``: x, y, how bright, and the prop's name (none for the setting's own)."""
        found: list[tuple[float, float, float, str | None]] = []
        by_name = {actor.name: actor for actor in self.cast}
        for name, thing in self.blocking.things.items():
            kind, _ = prop(name)
            if kind.burns and thing.use(time) > 0.01:
                x, foot = thing_at(self.blocking, by_name, name, time)
                found.append((x, foot - kind.height * 0.45, thing.use(time), name))
        if self.shot.light in BURNING and self.burn(time) > 0:
            if self.lamp is not None:
                near = max(self.lamp[2], 0.35)
                found.append((self.lamp[0], self.lamp[1], self.burn(time) * near, None))
            elif not any(prop(name)[0].burns for name in self.blocking.things):
                found.append((1500.0, 420.0, 0.8 * self.burn(time), None))
        if self.shot.light == "sun" or (not found and self.setting.time in ("day", "dawn", "dusk")):
            found.append((380.0, 200.0, 0.55, None))
        return found

    def light_on(self, at: tuple[float, float], time: float) -> Light:
        """The light that falls on someone whose chest is ``at``."""
        best, strength = (0.0, 0.0), 0.0
        for x, y, bright, name in self.sources(time):
            far = math.hypot(x - at[0], (y - at[1]) * 0.8)
            reach = 520.0 if name else 1150.0
            share = bright * max(0.0, 1 - far / reach) ** 0.7
            if share > strength:
                best, strength = (x, y), share
        if best == (0.0, 0.0):
            return self._light(at, 0.0, best)
        return self._light(
            at,
            min(1.0, strength * 1.1),
            (best[0] if abs(best[0] - at[0]) > 24 else at[0] + 60, min(best[1], at[1] - 26)),
        )

    # preparing

    def _paint(self) -> None:
        seconds = self.shot.seconds
        steps = max(2, min(40, round(seconds * 4)))
        views = spanned((seconds * i / steps for i in range(steps + 1)), self.operator.view)
        focus = FOCUS[self.operator.framing]
        ends = {0.0: self._layers(self.burn(0.0), views, focus)}
        if self.shot.lit is not None and 0 <= self.shot.lit < seconds:
            ends[1.0] = self._layers(1.0, views, focus)
        self.layers = ends

    def _layers(self, burn: float, views: list[View], focus: float) -> Layers:
        own = burn if self.lamp is not None else 0.0
        source = self.lamp[:2] if self.lamp and own > 0 else (-600.0, -900.0)
        light = self._light(
            (WIDTH / 2, HEIGHT / 2), 0.4 * own if own else (0.25 if self.setting.time != "night" else 0.0), source
        )
        return Layers(
            scenery(self.setting, light, own, self.seed), self.unit, self.size, views, focus, self.shot.seconds
        )

    def taken(self) -> list[captions.Box]:
        """Where in the picture the cast and the setting's own lamp are in the course of the shot."""
        boxes = []
        for i in range(7):
            time = self.shot.seconds * i / 6
            scale, x, y = self.operator.view(time).lies(1.0)
            for actor in self.cast:
                moment, wide = actor.at(time), actor.figure.arm * 0.8
                left, right = moment.x - wide, moment.x + wide
                top, bottom = moment.y - actor.figure.height * 1.06, moment.y + 12
                px = [(x + at * scale) * self.unit + self.margin[0] for at in (left, right)]
                py = [(y + at * scale) * self.unit + self.margin[1] for at in (top, bottom)]
                boxes.append(captions.Box(px[0], py[0], px[1], py[1]))
            if self.landmark is not None:
                scale, x, y = self.operator.view(time).lies(self.landmark[2])
                at = (x + self.landmark[0] * scale) * self.unit + self.margin[0]
                high = (y + self.landmark[1] * scale) * self.unit + self.margin[1]
                wide, tall = 50 * scale * self.unit, 60 * scale * self.unit
                boxes.append(captions.Box(at - wide, high - tall, at + wide, high + 3.4 * tall))
        return boxes

    # drawing

    def frame(self, time: float, index: int, plate: Any = None) -> Any:
        """The frame at ``time``."""
        import cv2

        canvas, view = self.surface.getCanvas(), self.operator.view(time)
        canvas.clear(0xFF000000)
        if plate is not None:
            self._plate(canvas, plate)
        burn = self.burn(time)
        self._planes(canvas, view, time, burn, 0.95 if plate is not None else 0.0, 1.01)
        moments = [(actor, actor.at(time)) for actor in self.cast]
        canvas.save()
        canvas.translate(*self.margin)
        canvas.scale(self.unit, self.unit)
        scale, x, y = view.lies(1.0)
        canvas.translate(x, y)
        canvas.scale(scale, scale)
        self._stand(canvas, time)
        shoulder = self.operator.shoulder if self.operator.framing == "over-shoulder" else None
        for actor, moment in moments:
            if actor.name != shoulder:
                self._person(canvas, actor, moment, time)
        self._glows(canvas, time)
        canvas.restore()
        if shoulder is not None:
            self._over(canvas, next(pair for pair in moments if pair[0].name == shoulder), time)
        self._planes(canvas, view, time, burn, 1.01, 9.0)
        self.surface.getCanvas().drawImage(self.finish.overlay, 0, 0)
        if self.title is not None:
            captions.draw(canvas, *self.title, time, self.shot.seconds)
        self.surface.flushAndSubmit()
        return self.finish.grained(cv2.cvtColor(self.pixels, cv2.COLOR_RGBA2RGB), index)

    def _planes(self, canvas: Any, view: View, time: float, burn: float, near: float, far: float) -> None:
        if 1.0 not in self.layers or burn < 1.0:
            self.layers[0.0].draw(canvas, view, time, near, far)
        if 1.0 in self.layers and burn > 0:
            self.layers[1.0].draw(canvas, view, time, near, far, burn)

    def _plate(self, canvas: Any, plate: Any) -> None:
        import numpy as np
        import skia

        rgba = np.dstack([plate, np.full(plate.shape[:2], 255, np.uint8)])
        image = skia.Image.fromarray(np.ascontiguousarray(rgba), colorType=skia.kRGBA_8888_ColorType)
        grown = max(self.size[0] / image.width(), self.size[1] / image.height())
        wide, tall = image.width() * grown, image.height() * grown
        where = skia.Rect.MakeXYWH((self.size[0] - wide) / 2, (self.size[1] - tall) / 2, wide, tall)
        canvas.drawImageRect(image, where, skia.SamplingOptions(skia.FilterMode.kLinear))

    def _stand(self, canvas: Any, time: float) -> None:
        """Props that stand on the set, with what small ones stand on."""
        for name, thing in self.blocking.things.items():
            spot = thing.spot(time)
            kind, colour = prop(name)
            places = [place for _, place in thing.spots if isinstance(place, float)]
            for place in dict.fromkeys(places):
                if kind.perch:
                    self._perch(canvas, place, max(kind.width, 40.0), time)
                else:
                    brush.fill(
                        canvas, brush.oval(place, GROUND - 2, kind.width * 0.56, 5), self.hour.shade, 0.5, soft=3
                    )
            if isinstance(spot, float) and thing.moved(time) is None:
                foot = GROUND - 4.0 - (PERCH if kind.perch else 0.0)
                canvas.save()
                canvas.translate(spot, foot)
                kind.draw(canvas, colour, self.light_on((spot, foot - kind.height / 2), time), thing.use(time))
                canvas.restore()
        for actor in self.cast:
            if actor.track.seats:
                self._seat(canvas, actor, time)

    def _perch(self, canvas: Any, x: float, wide: float, time: float) -> None:
        light, half, top = self.light_on((x, GROUND - 30), time), wide * 0.62, GROUND - 4.0 - PERCH
        wood = named()["oak" if self.setting.interior else "timber"]
        brush.fill(canvas, brush.oval(x, GROUND - 2, half * 1.25, 6), self.hour.shade, 0.5, soft=3.5)
        if self.setting.interior:
            for side in (-1, 1):
                brush.piece(
                    canvas,
                    brush.box(x + side * half * 0.75 - 3, top, x + side * half * 0.75 + 3, GROUND, 1),
                    mix(wood, self.hour.shade, 0.2),
                    light,
                    drop=1.5,
                )
            brush.piece(canvas, brush.box(x - half, top, x + half, top + 8, 3), wood, light, drop=3)
            return
        brush.piece(canvas, brush.box(x - half, top, x + half, GROUND, 2), wood, light, drop=3)
        for i in range(1, 3):
            y = top + i * PERCH / 3
            brush.pen(
                canvas, brush.poly([(x - half, y), (x + half, y)], closed=False), mix(wood, self.hour.shade, 0.5), 2
            )
        for side in (-1, 1):
            brush.fill(
                canvas,
                brush.box(x + side * half * 0.86 - 4, top, x + side * half * 0.86 + 4, GROUND),
                mix(wood, self.hour.shade, 0.25),
                0.9,
            )

    def _seat(self, canvas: Any, actor: Actor, time: float) -> None:
        start = actor.track.seats[0][0]
        x, figure = actor.track.place(start + 0.05), actor.figure
        top = actor.ground - figure.foot - figure.leg * 0.46
        light = self.light_on((x, top), time)
        half, wood = figure.head * 0.42, named()["oak" if self.setting.interior else "timber"]
        brush.fill(canvas, brush.oval(x, actor.ground, half * 1.3, 6), self.hour.shade, 0.5, soft=3.5)
        for side in (-1, 1):
            brush.piece(
                canvas,
                brush.box(x + side * half * 0.7 - 3.5, top, x + side * half * 0.7 + 3.5, actor.ground, 1),
                mix(wood, self.hour.shade, 0.25),
                light,
                drop=1.5,
            )
        brush.piece(canvas, brush.box(x - half, top, x + half, top + 9, 3), wood, light, drop=2.5)

    def _person(self, canvas: Any, actor: Actor, moment: Moment, time: float) -> None:
        look, figure = self.looks[actor.name], actor.figure
        chest = (moment.x + moment.pose.joints.chest[0], moment.y + moment.pose.joints.chest[1])
        light = self.light_on(chest, time)
        self._shadow(canvas, actor, moment, light)
        canvas.save()
        canvas.translate(moment.x, moment.y)
        draw_body(canvas, look, figure, self._with_things(actor, moment.pose, time, light), light)
        canvas.restore()
        self._passing(canvas, actor, time, light)

    def _with_things(self, actor: Actor, pose: Pose, time: float, light: Light) -> Pose:
        held: dict[int, Held] = {}
        for name in self.blocking.held(actor.name, time):
            if self.blocking.things[name].moved(time) is None:
                held[self.blocking.hand(actor.name, name, time)] = Held(self._holding(name, time, light, pose.sway))
        return Pose(pose.joints, pose.heading, pose.head_yaw, pose.act, pose.sway, pose.grips, held)

    def _holding(self, name: str, time: float, light: Light, sway: float) -> Any:
        kind, colour = prop(name)
        used = self.blocking.things[name].use(time)

        def draw(canvas: Any) -> None:
            if kind.grip > 0.7 * kind.height:
                canvas.rotate(sway * 0.7)
            canvas.translate(0, kind.grip)
            kind.draw(canvas, colour, light, used)

        return draw

    def _passing(self, canvas: Any, actor: Actor, time: float, light: Light) -> None:
        """A prop on its way into this one's hand or out of it to its place."""
        by_name = {one.name: one for one in self.cast}
        for name, thing in self.blocking.things.items():
            passing = thing.moved(time)
            owner = thing.spot(time) if isinstance(thing.spot(time), str) else passing and passing[0]
            if passing is None or owner != actor.name:
                continue
            kind, colour = prop(name)
            canvas.save()
            canvas.translate(*thing_at(self.blocking, by_name, name, time))
            kind.draw(canvas, colour, light, thing.use(time))
            canvas.restore()

    def _shadow(self, canvas: Any, actor: Actor, moment: Moment, light: Light) -> None:
        """Contact under each sole, and the body's own long shadow away from the light."""
        shade, wide = self.hour.shade, actor.figure.shoulders
        away = -light.towards[0]
        brush.fill(
            canvas,
            brush.oval(
                moment.x + away * wide * (0.5 + 1.2 * light.warm),
                moment.y + 3,
                wide * (1.3 + 1.1 * light.warm * abs(away)),
                7,
            ),
            shade,
            0.34,
            soft=5,
        )
        for side, leg in moment.pose.joints.legs.items():
            ankle = leg[2]
            up = max(0.0, -ankle[1] - actor.figure.foot)
            toe = moment.pose.joints.toes[side] * actor.figure.head * 0.12
            brush.fill(
                canvas,
                brush.oval(moment.x + ankle[0] + toe, moment.y + 1, actor.figure.head * 0.24, 3.4),
                shade,
                0.62 * max(0.15, 1 - up / 22),
                soft=2,
            )

    def _glows(self, canvas: Any, time: float) -> None:
        """Warm light about what burns in a hand or on the set."""
        for x, y, bright, name in self.sources(time):
            if name is None:
                continue
            kind, _ = prop(name)
            flicker = 1 + 0.05 * math.sin(time * 11 + self.seed) + 0.04 * math.sin(time * 6.3)
            size = 165 if kind.height < 46 else 230
            brush.halo(canvas, x, y, size * flicker, self.hour.light, 0.42 * bright)
            brush.halo(canvas, x, y, size * 0.30 * flicker, named()["glow"], 0.50 * bright)

    def _over(self, canvas: Any, pair: tuple[Actor, Moment], time: float) -> None:
        """Whoever is nearest to the camera, from behind, large and out of focus at the picture's edge."""
        import numpy as np
        import skia

        actor, moment = pair
        subject = str(self.operator.subject)
        left = actor.track.place(0) < self.blocking.tracks[subject].place(0)
        width, height = self.size[0] // 3, self.size[1] // 3
        pixels = np.zeros((height, width, 4), np.uint8)
        surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        small, figure, joints = surface.getCanvas(), actor.figure, moment.pose.joints
        zoom = self.operator.view(time).zoom * 1.25 * self.unit / 3
        small.translate(width * (0.14 if left else 0.86), height * 0.60)
        small.scale(zoom, zoom)
        small.translate(-joints.head[0], -joints.head[1])
        turned = 140.0 if left else -140.0
        light = self.light_on((moment.x, moment.y + joints.chest[1]), time)
        dim = Light(
            mixed_hour(light), (abs(light.towards[0]) * (1 if left else -1), light.towards[1]), light.warm * 0.8
        )
        draw_body(
            small, self.looks[actor.name], figure, Pose(joints, turned, turned, moment.pose.act, moment.pose.sway), dim
        )
        surface.flushAndSubmit()
        image = skia.Image.fromarray(pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        canvas.drawImageRect(image, skia.Rect.MakeWH(*self.size), skia.SamplingOptions(skia.CubicResampler.Mitchell()))


def mixed_hour(light: Light) -> Any:
    """The hour of ``light`` with more dark in its air: for what stands between us and the light."""
    from dataclasses import replace

    return replace(light.hour, air=mix(light.hour.air, light.hour.shade, 0.7), veil=min(0.66, light.hour.veil + 0.38))
