"""Where the camera looks: a view of the stage for every moment, and how each plane lies in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from filmbench.harness.film.picture.acting import PERCH, Actor
from filmbench.harness.film.picture.blocking import Blocking
from filmbench.harness.film.picture.body import palms
from filmbench.harness.film.picture.figure import Figure
from filmbench.harness.film.picture.posture import ease
from filmbench.harness.film.picture.props import prop
from filmbench.harness.film.picture.scenery import GROUND, HEIGHT, WIDTH
from filmbench.harness.film.shot import Shot

FOCUS = {"wide": 0.0, "full": 1.2, "medium": 4.0, "close": 6.5, "over-shoulder": 6.0, "insert": 8.0}
"""How far what is far is out of focus: the blur of the farthest plane, in units of the picture."""


class View(NamedTuple):
    """The middle of the picture on the actors' plane, and how much that plane is enlarged."""

    x: float
    y: float
    zoom: float

    def lies(self, depth: float) -> tuple[float, float, float]:
        """How a plane of ``depth`` lies in the picture: its scale, and the place of the stage's origin."""
        scale = 1 + (self.zoom - 1) * (0.14 + 0.86 * depth**1.2)
        x = WIDTH / 2 + (-WIDTH / 2 - (self.x - WIDTH / 2) * depth) * scale
        y = HEIGHT / 2 + (-HEIGHT / 2 - (self.y - HEIGHT / 2) * depth) * scale
        return scale, x, y


@dataclass(frozen=True, slots=True)
class Frame:
    """What a framing holds: its middle and how high a piece of the stage it shows."""

    x: float
    y: float
    high: float


class Operator:
    """The camera of one shot. It goes with a subject that walks, and is still where nothing moves it."""

    def __init__(self, shot: Shot, figures: Mapping[str, Figure], blocking: Blocking, cast: Sequence[Actor]) -> None:
        self.shot, self.figures, self.blocking = shot, figures, blocking
        self.cast = {actor.name: actor for actor in cast}
        self.framing = shot.camera.framing
        if self.framing == "over-shoulder" and self.shoulder is None:
            self.framing = "close"
        self.subject = self._subject()
        self._first = self._frame(0.0)

    @property
    def shoulder(self) -> str | None:
        """Over whose shoulder the camera looks: whoever stands nearest to the subject."""
        if self.shot.camera.framing != "over-shoulder" or self.shot.camera.subject not in self.cast:
            return None
        here = self.blocking.tracks[str(self.shot.camera.subject)].place(0)
        others = [name for name in self.cast if name != self.shot.camera.subject]
        return min(others, key=lambda name: abs(self.blocking.tracks[name].place(0) - here), default=None)

    @property
    def moves(self) -> bool:
        """Whether the view changes in the course of the shot."""
        camera = self.shot.camera
        walks = self.subject in self.cast and bool(self.blocking.tracks[str(self.subject)].places)
        carried = (
            self.framing == "insert" and self.shot.seconds > 0 and self._frame(0.0) != self._frame(self.shot.seconds)
        )
        return bool(camera.push or camera.pan) or (walks and self.framing not in ("wide", "insert")) or carried

    def view(self, time: float) -> View:
        """The view at ``time``."""
        camera, u = self.shot.camera, time / self.shot.seconds if self.shot.seconds > 0 else 0.0
        frame = self._frame(time) if self.moves else self._first
        u = ease(u) * 0.5 + u * 0.5
        high = frame.high * (1 - camera.push * u)
        x = frame.x + camera.pan * (u - 0.5) * high * WIDTH / HEIGHT
        low = min(HEIGHT + 40, GROUND + 130) - high / 2
        return View(min(max(x, -60 + high * 0.2), WIDTH + 60 - high * 0.2), min(frame.y, low), HEIGHT / high)

    def _subject(self) -> str | None:
        wanted = self.shot.camera.subject
        if wanted is not None and (wanted in self.cast or wanted in self.blocking.things):
            return wanted
        if self.framing in ("close", "medium", "insert") and len(self.cast) == 1:
            return next(iter(self.cast))
        return None

    def _frame(self, time: float) -> Frame:
        if self.framing == "wide":
            return Frame(WIDTH / 2, HEIGHT / 2, HEIGHT)
        if self.framing == "insert":
            return self._insert(time)
        if self.subject in self.cast:
            return self._single(str(self.subject), time)
        if self.subject is not None:
            return self._thing(self.subject, 4.5 if self.framing == "close" else 7.0, time)
        return self._group(time)

    def _single(self, name: str, time: float) -> Frame:
        figure, track = self.figures[name], self.blocking.tracks[name]
        ground = self.cast[name].ground
        sunk = figure.leg * 0.46 * track.seated(0.0 if self.framing != "full" else time)
        crown = ground - figure.height + sunk
        heads = {"full": 0.0, "medium": 2.65, "close": 1.9, "over-shoulder": 2.35}[self.framing]
        high = figure.head * heads if heads else (figure.height - sunk) * 1.36
        air = {"full": 0.13, "medium": 0.15, "close": 0.15, "over-shoulder": 0.20}[self.framing]
        way = max(-1.0, min(1.0, track.facing(time) / 45)) if abs(track.facing(time)) < 120 else 0.0
        lead = {"full": 0.05, "medium": 0.11, "close": 0.12, "over-shoulder": 0.0}[self.framing] * high * way
        if self.framing == "over-shoulder":
            other = self.blocking.tracks[str(self.shoulder)].place(0)
            lead = (-0.20 if other < track.place(0) else 0.20) * high
        return Frame(track.place(time) + lead, crown - air * high + high / 2, high)

    def _group(self, time: float) -> Frame:
        if not self.cast:
            high = HEIGHT if self.framing == "full" else HEIGHT * 0.72
            return Frame(WIDTH / 2, HEIGHT / 2, high)
        places = [self.blocking.tracks[name].place(time) for name in self.cast]
        sunk = {name: self.figures[name].leg * 0.46 * self.blocking.tracks[name].seated(time) for name in self.cast}
        tallest = max(self.figures[name].height - sunk[name] for name in self.cast)
        spread = max(places) - min(places) + {"full": 260, "medium": 190, "close": 150}.get(self.framing, 200)
        fits = spread * HEIGHT / WIDTH
        own = {"full": tallest * 1.36, "medium": tallest * 0.80, "close": tallest * 0.62}.get(self.framing, tallest)
        high = min(max(own, fits), HEIGHT)
        return Frame((max(places) + min(places)) / 2, GROUND - tallest - 0.13 * high + high / 2, high)

    def _insert(self, time: float) -> Frame:
        if self.subject in self.blocking.things:
            return self._thing(str(self.subject), 2.3, time)
        if self.subject in self.cast:
            actor = self.cast[str(self.subject)]
            moment = actor.at(time)
            hand = palms(actor.figure, moment.pose.joints)[actor.track.strong]
            return Frame(moment.x + hand[0], moment.y + hand[1], actor.figure.head * 1.1)
        return Frame(WIDTH / 2, HEIGHT * 0.52, HEIGHT * 0.42)

    def _thing(self, name: str, times: float, time: float) -> Frame:
        kind, _ = prop(name)
        x, foot = thing_at(self.blocking, self.cast, name, time)
        high = max(kind.height, kind.width * 0.8, 16.0) * times
        return Frame(x, foot - kind.height * 0.5, min(high, HEIGHT))


def thing_at(blocking: Blocking, cast: Mapping[str, Actor], name: str, time: float) -> tuple[float, float]:
    """Where a prop's foot is on the stage, in hand or standing; on its way from hand to hand it is between them."""
    thing = blocking.things[name]
    now = _spot(blocking, cast, name, thing.spot(time), time)
    passing = thing.moved(time)
    if passing is None:
        return now
    before = _spot(blocking, cast, name, passing[0], time)
    return before[0] + (now[0] - before[0]) * passing[1], before[1] + (now[1] - before[1]) * passing[1]


def _spot(
    blocking: Blocking, cast: Mapping[str, Actor], name: str, spot: str | float, time: float
) -> tuple[float, float]:
    kind, _ = prop(name)
    if isinstance(spot, float):
        return spot, GROUND - 4.0 - (PERCH if kind.perch else 0.0)
    actor = cast[spot]
    moment = actor.at(time)
    hand = palms(actor.figure, moment.pose.joints)[blocking.hand(spot, name, time)]
    return moment.x + hand[0], moment.y + hand[1] + kind.grip
