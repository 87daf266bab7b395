"""What a puppet does at a moment: posture, hands, face and gaze, out of the plan of the shot."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from filmbench.harness.film.picture import faces, posture
from filmbench.harness.film.picture.blocking import HANDLING, HANDOVER, Blocking, Track
from filmbench.harness.film.picture.body import Pose, hand_size
from filmbench.harness.film.picture.brush import Point
from filmbench.harness.film.picture.captured import Captured
from filmbench.harness.film.picture.faces import EXPRESSIONS, Act
from filmbench.harness.film.picture.figure import Figure, Hands, Joints, seen, solve, spread
from filmbench.harness.film.picture.hands import REACH, Grip
from filmbench.harness.film.picture.mouths import SHUT, Lips, lips, stress
from filmbench.harness.film.picture.posture import MOODS, POSES, STAND, Posture, blend, during, ease
from filmbench.harness.film.picture.props import prop
from filmbench.harness.film.picture.scenery import GROUND
from filmbench.harness.film.shot import Beat, Mood, Mouth, Shot

PERCH = 66.0
"""How high small things stand, on a crate or a little table."""
MOOD_SECONDS = 0.45


@dataclass(frozen=True, slots=True)
class Moment:
    """A puppet at a time: where its soles are on the stage, and its pose."""

    x: float
    y: float
    pose: Pose


@dataclass(slots=True)
class Actor:
    """One character of a shot. ``lamp`` is where the setting's own lamp is, for those who look at it."""

    name: str
    figure: Figure
    shot: Shot
    blocking: Blocking
    mouths: Mapping[str, Mouth]
    captured: Mapping[str, Captured]
    figures: Mapping[str, Figure]
    ground: float
    lamp: Point | None
    seed: int

    @property
    def track(self) -> Track:
        """Its way through the shot."""
        return self.blocking.tracks[self.name]

    def beats(self, *deeds: str) -> list[Beat]:
        """Its beats of these deeds."""
        return [beat for beat in self.shot.beats if beat.who == self.name and beat.deed in deeds]

    def at(self, time: float) -> Moment:
        """What it does at ``time``."""
        track = self.track
        heading, x = track.facing(time), track.place(time)
        body = self._posture(time)
        joints = solve(self.figure, body, heading)
        hands, grips = self._hands(time, body, joints, heading, x)
        joints = solve(self.figure, body, heading, hands)
        head = self._head_heading(time, heading, x)
        sway = 5 * math.sin(time * 1.7 + self.seed) + 9 * track.walking(time) * math.sin(time * 9)
        return Moment(x, self.ground, Pose(joints, heading, head, self._act(time, body, head, x), sway, grips))

    # posture

    def _posture(self, time: float) -> Posture:
        track, breath = self.track, math.sin(time * 1.9 + self.seed)
        body = blend(STAND, self._mood(time, MOODS), 0.85)
        body = body._replace(lean=body.lean + 0.6 * breath, tilt=body.tilt + 1.2 * math.sin(time * 0.8 + self.seed * 2))
        body = blend(body, POSES["sit"], track.seated(time))
        walking = track.walking(time)
        if walking > 0:
            body = blend(body, self._walk(time), walking)
        for beat in self.beats(*POSES):
            if beat.deed in ("sit", "walk"):
                continue
            weight = during(time, beat.start, beat.end) * (1 - 0.8 * walking)
            pose = POSES[beat.deed]
            if beat.deed in self.captured and weight > 0:
                take = self.captured[beat.deed]
                pose = take.at((time - beat.start) / max(beat.end - beat.start, 1e-6) * take.seconds)
            if weight > 0:
                seat = track.seated(time)
                body = blend(
                    body,
                    pose._replace(
                        near_foot=_part(pose.near_foot, body.near_foot, seat),
                        far_foot=_part(pose.far_foot, body.far_foot, seat),
                    ),
                    weight,
                )
        return self._nods(time, body)

    def _walk(self, time: float) -> Posture:
        way = self.track.walked(time) / self.figure.leg
        take = self.captured.get("walk")
        return posture.walk(way / posture.CYCLE) if take is None else take.cycled(way / take.travel)

    def _nods(self, time: float, body: Posture) -> Posture:
        pitch = body.pitch
        for beat in self.beats("nod"):
            weight = during(time, beat.start, beat.end, 0.15, 0.2)
            pitch += weight * (0.35 + 0.6 * math.sin((time - beat.start) * math.tau / 0.62))
        for beat, mouth in self._speeches():
            live = during(time, beat.start, beat.start + mouth.seconds, 0.2, 0.3)
            if live > 0:
                pitch += live * (
                    0.34 * (stress(mouth, time - beat.start) - 0.35) + 0.08 * math.sin(time * 2.3 + self.seed)
                )
        return body._replace(pitch=pitch)

    def _mood(self, time: float, table: Mapping[Mood, Posture]) -> Posture:
        found = table[self.track.moods[0][1]]
        for since, mood in self.track.moods[1:]:
            found = blend(found, table[mood], ease((time - since) / MOOD_SECONDS))
        return found

    # hands

    def _hands(
        self, time: float, body: Posture, joints: Joints, heading: float, x: float
    ) -> tuple[Hands, dict[int, Grip]]:
        hands, grips = spread(body, heading), dict[int, Grip]()
        strong, profile = self.track.strong, seen(heading)[0]
        facing = 1.0 if profile >= 0 else -1.0
        out = 1.0 if abs(profile) > 0.4 else 0.0
        for name in self.blocking.held(self.name, time):
            side = self.blocking.hand(self.name, name, time)
            hanging = prop(name)[0].grip > 0.7 * prop(name)[0].height
            carried = (0.34, 0.78) if hanging else posture.HOLD
            hands = hands.moved(side, (carried[0] * (facing * out + side * 0.7 * (1 - out)), carried[1]), 1.0)
            grips[side] = "grip"
        busy = set(grips)
        hands = self._gestures(time, hands, busy, facing * out + (1 - out) * strong, grips)
        for beat in (*self.beats("point", *HANDLING), *self._receiving()):
            side, goal = self._hand_of(beat, time), self._goal(beat, time)
            weight = self._reaching(beat, time)
            if goal is None or weight <= 0:
                continue
            shoulder = joints.arms[side][0]
            reach = self.figure.arm + (hand_size(self.figure) * REACH * 0.6)
            dx, dy = goal[0] - x - shoulder[0], goal[1] - self.ground - shoulder[1]
            far = math.hypot(dx, dy)
            scale = min(1.0, 1.0 / max(far / reach, 1e-6)) / reach if beat.deed != "point" else 0.98 / max(far, 1e-6)
            hands = hands.moved(side, (dx * scale, dy * scale), weight)
            if side not in busy and weight > 0.3:
                grips[side] = "point" if beat.deed == "point" else "open"
        return hands, grips

    def _gestures(self, time: float, hands: Hands, busy: set[int], way: float, grips: dict[int, Grip]) -> Hands:
        free = next((side for side in (self.track.strong, -self.track.strong) if side not in busy), None)
        if free is None or self.track.walking(time) > 0.5:
            return hands
        for beat, mouth in self._speeches():
            live = during(time, beat.start + 0.1, beat.start + mouth.seconds, 0.35, 0.45)
            wave = max(0.0, math.sin(math.tau * (time - beat.start) / 2.6 + self.seed % 3)) ** 0.7
            beaten = stress(mouth, time - beat.start)
            amount = live * wave * 0.85
            if amount > 0.02:
                hands = hands.moved(free, (way * (0.50 + 0.10 * beaten), 0.50 - 0.26 * beaten), amount)
                if amount > 0.35:
                    grips[free] = "open"
        return hands

    def _receiving(self) -> list[Beat]:
        """Others' beats that this one's hand answers: being given something, or having it taken."""
        return [
            beat
            for beat in self.shot.beats
            if beat.deed in ("give", "take") and beat.target == self.name and beat.who in self.blocking.tracks
        ]

    def _reaching(self, beat: Beat, time: float) -> float:
        span = beat.end - beat.start
        if beat.deed == "point":
            return during(time, beat.start, beat.end)
        middle = beat.start + HANDOVER * span
        return during(time, middle - 0.42 * span, middle + 0.34 * span, 0.30 * span, 0.26 * span)

    def _hand_of(self, beat: Beat, time: float) -> int:
        held = self.blocking.held(self.name, time)
        giving = (beat.deed in ("give", "put", "open", "light") and beat.who == self.name) or (
            beat.deed == "take" and beat.target == self.name
        )
        taking = (beat.deed in ("take", "reach", "point") and beat.who == self.name) or (
            beat.deed == "give" and beat.target == self.name
        )
        strong = self.track.strong
        before = self.blocking.held(self.name, beat.start)
        if taking and before:
            return -strong
        if giving and beat.deed in ("open", "light") and held and beat.target not in held:
            return -strong
        return strong

    def _goal(self, beat: Beat, time: float) -> Point | None:
        """Where on the stage the hand goes."""
        if beat.deed in ("give", "take") and (beat.target in self.blocking.tracks or beat.who != self.name):
            other = str(beat.target) if beat.who == self.name else beat.who
            mine, theirs = self.track.place(time), self.blocking.tracks[other].place(time)
            high = min(one.leg + one.trunk * 0.62 for one in (self.figure, self.figures[other]))
            return (mine + theirs) / 2, self.ground - high
        if (
            (
                self.lamp is not None
                and beat.deed in ("light", "point", "reach")
                and beat.target in ("lamp", "light", "lens", "lighthouse", None)
            )
            and beat.target not in self.blocking.things
            and not (beat.deed == "light" and self.blocking.held(self.name, time))
        ):
            return self.lamp
        if beat.target in self.blocking.things:
            spot = self.blocking.things[str(beat.target)].spot(beat.start)
            kind = prop(str(beat.target))[0]
            if isinstance(spot, str):
                return None if spot == self.name else (self.blocking.tracks[spot].place(time), self.ground - 120)
            return spot, self.ground - kind.grip - (PERCH if kind.perch else 0)
        where = self.blocking.where(beat.target, time)
        if where is None:
            return None
        if beat.target in self.blocking.tracks:
            return where, self.ground - self.figures[str(beat.target)].height * 0.72
        return where, self.ground - (
            PERCH if beat.deed == "put" else self.figure.height * (0.62 if beat.deed != "point" else 0.80)
        )

    # face

    def _speeches(self) -> list[tuple[Beat, Mouth]]:
        return [
            (beat, mouth) for beat in self.beats("speak") if (mouth := self.mouths.get(beat.line or "")) is not None
        ]

    def _lips(self, time: float) -> tuple[Lips, float]:
        for beat, mouth in self._speeches():
            within = time - beat.start
            if -0.1 <= within <= mouth.seconds + 0.15:
                return lips(mouth, within), ease((within + 0.1) / 0.1) * ease((mouth.seconds + 0.15 - within) / 0.15)
        return SHUT, 0.0

    def _target(self, time: float) -> str | float | None:
        """What it looks at: what a beat says, else whoever speaks, else whoever is nearest."""
        for beat in reversed(self.beats("look", "point", "give", "take", "put", "light", "reach", "open")):
            if beat.start <= time <= beat.end + (0.6 if beat.deed == "look" else 0.0) and beat.target is not None:
                return beat.target
        for beat in self.shot.beats:
            if (
                beat.deed == "speak"
                and beat.who != self.name
                and beat.who in self.blocking.tracks
                and beat.start - 0.2 <= time <= beat.end + 0.3
            ):
                return beat.who
        here = self.track.place(time)
        others = [name for name in self.blocking.tracks if name != self.name]
        return min(others, key=lambda name: abs(self.blocking.tracks[name].place(time) - here), default=None)

    def _sight(self, time: float, x: float) -> tuple[float, float] | None:
        """Right and down to what it looks at, in units."""
        target = self._target(time)
        if (
            self.lamp is not None
            and target in ("lamp", "light", "lens", "lighthouse")
            and target not in self.blocking.things
        ):
            return self.lamp[0] - x, self.lamp[1] - (self.ground - self.figure.height * 0.86)
        where = self.blocking.where(target, time)
        if where is None:
            return None
        high = self.ground - PERCH - 20.0
        if target in self.blocking.tracks:
            high = self.ground - self.figures[str(target)].height * 0.86 * (
                1 - 0.28 * self.blocking.tracks[str(target)].seated(time)
            )
        elif isinstance(target, (int, float)):
            high = self.ground - self.figure.height * 0.9
        return where - x, high - (self.ground - self.figure.height * 0.86)

    def _head_heading(self, time: float, heading: float, x: float) -> float:
        sight = self._sight(time, x)
        if sight is None or abs(heading) > 100 or abs(sight[0]) < 20:
            return heading
        wanted = math.copysign(56.0, sight[0])
        looks = any(beat.start <= time <= beat.end for beat in self.beats("look"))
        return heading + max(-70.0, min(70.0, wanted - heading)) * (0.85 if looks else 0.35) * self._settling(time)

    def _settling(self, time: float) -> float:
        """A look is taken up and given up softly."""
        weights = [during(time, beat.start, beat.end + 0.6, 0.3, 0.4) for beat in self.beats("look")]
        return max(weights, default=1.0) if weights and max(weights) > 0 else 1.0

    def _act(self, time: float, body: Posture, head: float, x: float) -> Act:
        said, speaking = self._lips(time)
        expression = EXPRESSIONS[self.track.moods[0][1]]
        for since, mood in self.track.moods[1:]:
            expression = faces.between(expression, EXPRESSIONS[mood], ease((time - since) / MOOD_SECONDS))
        lively = speaking * (said.open - 0.25)
        expression = expression._replace(
            gape=expression.gape * (1 - speaking),
            smile=expression.smile * (1 - 0.7 * speaking),
            tight=expression.tight * (1 - 0.8 * speaking),
            brow=expression.brow + 0.45 * max(0.0, lively),
        )
        return Act(
            expression, said, self._gaze(time, head, x), self._blink(time), pitch=max(-0.9, min(0.9, body.pitch))
        )

    def _gaze(self, time: float, head: float, x: float) -> tuple[float, float]:
        sight = self._sight(time, x)
        dart = random.Random(f"{self.seed}|{int(time / 1.3)}")  # noqa: S311 - a glance, not a secret
        jitter = (dart.uniform(-0.10, 0.10), dart.uniform(-0.06, 0.06))
        if sight is None:
            return 0.28 * seen(head)[0] + jitter[0], jitter[1]
        turn = seen(head)[0]
        across = max(-1.0, min(1.0, sight[0] / 160)) * 0.85 - turn * 0.38
        down = max(-0.9, min(0.8, sight[1] / max(abs(sight[0]), 120)))
        return max(-0.9, min(0.9, across)) + jitter[0], down + jitter[1]

    def _blink(self, time: float) -> float:
        dice = random.Random(f"{self.seed}|blink")  # noqa: S311 - an eyelid, not a secret
        at = dice.uniform(0.4, 2.6)
        while at < time + 0.2:
            if at <= time < at + 0.20:
                return 1 - abs((time - at) / 0.10 - 1) ** 2
            at += dice.uniform(1.7, 4.4)
        return 0.0


def actors(
    shot: Shot,
    blocking: Blocking,
    figures: Mapping[str, Figure],
    mouths: Mapping[str, Mouth],
    captured: Mapping[str, Captured],
    lamp: Point | None,
    seeds: Mapping[str, int],
) -> list[Actor]:
    """The cast of a shot, those farther from the camera first."""
    return [
        Actor(
            one.character,
            figures[one.character],
            shot,
            blocking,
            mouths,
            captured,
            figures,
            GROUND + 5.0 * (i % 3),
            lamp,
            seeds[one.character],
        )
        for i, one in enumerate(shot.cast)
    ]


def _part(one: Point, other: Point, amount: float) -> Point:
    return one[0] + (other[0] - one[0]) * amount, one[1] + (other[1] - one[1]) * amount
