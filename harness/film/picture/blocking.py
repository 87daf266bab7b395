"""Who stands, walks and turns where, and whose hand holds what when: a shot's beats laid out in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from filmbench.harness.film.picture.figure import LEFT, RIGHT, Figure
from filmbench.harness.film.picture.posture import ease
from filmbench.harness.film.picture.props import prop
from filmbench.harness.film.picture.scenery import WIDTH
from filmbench.harness.film.shot import Beat, Facing, Mood, Presence, Shot

ASIDE = 48.0
"""Degrees that a body faces away from the camera when it faces left or right."""
WALKING = 78.0
HEADINGS: Mapping[Facing, float] = {"left": -ASIDE, "right": ASIDE, "front": 0.0, "away": 180.0}
TURN_SECONDS = 0.55
HANDOVER = 0.55
"""The share of a beat at which a thing changes hands, is put down, lit or opened."""
HANDLING = ("reach", "give", "take", "put", "light", "open")
"""Deeds done with a hand, for which one steps up to what is handled."""


class Change(NamedTuple):
    """A value that moves from ``old`` to ``new`` between two times."""

    start: float
    end: float
    old: float
    new: float


@dataclass(slots=True)
class Track:
    """One character's way through a shot: places in units of the stage, headings in degrees, moods from when on."""

    strong: int
    places: list[Change] = field(default_factory=list)
    headings: list[Change] = field(default_factory=list)
    moods: list[tuple[float, Mood]] = field(default_factory=list)
    seats: list[tuple[float, float]] = field(default_factory=list)
    at: float = 0.0
    heading: float = 0.0

    def place(self, time: float) -> float:
        """Where it stands."""
        return _value(self.places, time, self.at)

    def facing(self, time: float) -> float:
        """Its heading."""
        return _value(self.headings, time, self.heading)

    def seated(self, time: float) -> float:
        """How far it sits, 0 to 1."""
        return max((ease((time - a) / 0.8) * (1 - ease((time - b) / 0.6)) for a, b in self.seats), default=0.0)

    def walked(self, time: float) -> float:
        """The way gone so far."""
        return sum(abs(_value([change], time, change.old) - change.old) for change in self.places)

    def walking(self, time: float) -> float:
        """How much it is walking, 0 to 1."""
        return max((ease((time - c.start) / 0.22) * ease((c.end - time) / 0.22) for c in self.places), default=0.0)


@dataclass(slots=True)
class Thing:
    """A prop through a shot: ``spots`` are who holds it (a name) or where it stands (units) from when on."""

    name: str
    spots: list[tuple[float, str | float]]
    used: list[float] = field(default_factory=list)

    def spot(self, time: float) -> str | float:
        """Its holder or its place."""
        return [spot for since, spot in self.spots if since <= time or since == self.spots[0][0]][-1]

    def moved(self, time: float, seconds: float = 0.24) -> tuple[str | float, float] | None:
        """While it passes over: the spot it comes from and how far it has come, 0 to 1."""
        for (_, before), (since, _) in zip(self.spots, self.spots[1:], strict=False):
            if since <= time < since + seconds:
                return before, ease((time - since) / seconds)
        return None

    def use(self, time: float) -> float:
        """How far it is lit or opened."""
        return max((ease((time - since) / 0.6) for since in self.used), default=0.0)


@dataclass(slots=True)
class Blocking:
    """A whole shot's plan."""

    tracks: dict[str, Track]
    things: dict[str, Thing]

    def held(self, who: str, time: float) -> list[str]:
        """What ``who`` holds, the longest held first."""
        held = [(thing.spots, name) for name, thing in self.things.items() if thing.spot(time) == who]
        return [
            name
            for _, name in sorted(held, key=lambda one: max(s for s, w in one[0] if (w == who and s <= time) or s <= 0))
        ]

    def hand(self, who: str, name: str, time: float) -> int:
        """The hand of ``who`` that holds ``name``: the strong one holds what came first."""
        held = self.held(who, time)
        strong = self.tracks[who].strong
        return strong if not held or name not in held or held.index(name) == 0 else -strong

    def where(self, target: str | float | None, time: float) -> float | None:
        """Where along the stage a beat's target is, in units."""
        if isinstance(target, (int, float)):
            return float(target) * WIDTH
        if target in self.tracks:
            return self.tracks[target].place(time)
        if target in self.things:
            spot = self.things[target].spot(time)
            return spot if isinstance(spot, float) else self.tracks[spot].place(time)
        return None


def plan(shot: Shot, figures: Mapping[str, Figure]) -> Blocking:
    """Lay out ``shot``. Whoever handles something out of reach walks up to it first, in the beat's own time."""
    blocking = Blocking({one.character: _start(one) for one in shot.cast}, {})
    for one in shot.cast:
        if one.holds:
            blocking.things[one.holds] = Thing(one.holds, [(0.0, one.character)])
    for name, at in shot.props:
        blocking.things.setdefault(name, Thing(name, [(0.0, at * WIDTH)]))
    for beat in sorted(shot.beats, key=lambda beat: (beat.start, beat.end)):
        track = blocking.tracks.get(beat.who)
        if track is None:
            continue
        if beat.mood:
            track.moods.append((beat.start, beat.mood))
        _steps(blocking, track, beat, figures)
        _handles(blocking, beat)
    if shot.light in ("lantern", "lamp", "candle", "fire", "torch"):
        for thing in blocking.things.values():
            if prop(thing.name)[0].burns and not thing.used:
                thing.used.append(-9.0 if shot.lit is None else shot.lit)
    return blocking


def _start(one: Presence) -> Track:
    heading = HEADINGS[one.facing]
    return Track(LEFT if 0 <= heading < 180 else RIGHT, at=one.at * WIDTH, heading=heading, moods=[(-9.0, one.mood)])


def _steps(blocking: Blocking, track: Track, beat: Beat, figures: Mapping[str, Figure]) -> None:
    here, goal = track.place(beat.start), blocking.where(beat.target, beat.start)
    if beat.deed == "turn":
        _turn(track, beat.start, beat.end, _turned(track.facing(beat.start), here, goal, beat.target))
    elif beat.deed == "sit":
        track.seats.append((beat.start, 1e9))
    elif beat.deed == "walk" and goal is not None:
        if not isinstance(beat.target, (int, float)):
            goal += 120 if goal < here else -120
        _go(track, beat.start, beat.end, goal)
        if beat.target in blocking.tracks:
            _turn(
                track,
                beat.end,
                beat.end + TURN_SECONDS,
                ASIDE if (blocking.where(beat.target, beat.end) or 0) > goal else -ASIDE,
            )
    elif (
        beat.deed in (*HANDLING, "point")
        and goal is not None
        and beat.target not in blocking.held(beat.who, beat.start)
    ):
        _approach(blocking, track, beat, goal, figures)


def _approach(blocking: Blocking, track: Track, beat: Beat, goal: float, figures: Mapping[str, Figure]) -> None:
    here = track.place(beat.start)
    way = 1.0 if goal >= here else -1.0
    arm = figures[beat.who].arm
    other = figures[str(beat.target)].arm if beat.target in blocking.tracks else 0.0
    reach = 0.80 * (arm + other) + figures[beat.who].shoulders * 0.6
    if beat.deed != "point" and abs(goal - here) > reach:
        until = beat.start + 0.42 * (beat.end - beat.start)
        _go(track, beat.start, until, goal - way * reach)
    elif track.facing(beat.start) * way <= 0 or abs(track.facing(beat.start)) > 100:
        _turn(track, beat.start, beat.start + TURN_SECONDS, way * ASIDE)


def _go(track: Track, start: float, end: float, goal: float) -> None:
    here = track.place(start)
    if abs(goal - here) < 1.0 or end <= start:
        return
    way = 1.0 if goal > here else -1.0
    track.seats = [(a, min(b, start)) for a, b in track.seats]
    track.places.append(Change(start, end, here, goal))
    _turn(track, start, start + 0.35, way * WALKING)
    _turn(track, end - 0.1, end + 0.3, way * ASIDE)


def _turn(track: Track, start: float, end: float, to: float) -> None:
    now = track.facing(start)
    if abs(now) > 90 and abs(to) > 90 and now * to < 0:
        now = -now
    if now == 180.0 and to < 0:
        now = -180.0
    track.headings.append(Change(start, max(end, start + 0.2), now, to))


def _turned(heading: float, here: float, goal: float | None, target: str | float | None) -> float:
    if goal is not None:
        return ASIDE if goal >= here else -ASIDE
    if target in HEADINGS:
        return HEADINGS[target]  # type: ignore[index]
    if abs(heading) > 100:
        return 0.0
    return -heading if heading else ASIDE


def _handles(blocking: Blocking, beat: Beat) -> None:
    moment, things = beat.start + HANDOVER * (beat.end - beat.start), blocking.things
    held, target = blocking.held(beat.who, beat.start), beat.target
    match beat.deed:
        case "give" if held and target in blocking.tracks:
            things[held[0]].spots.append((moment, str(target)))
        case "take" if isinstance(target, str):
            theirs = blocking.held(target, beat.start) if target in blocking.tracks else [target]
            for wanted in theirs[:1]:
                near = blocking.tracks[beat.who].place(moment) + 60.0
                things.setdefault(wanted, Thing(wanted, [(0.0, near)])).spots.append((moment, beat.who))
        case "put" if held:
            track = blocking.tracks[beat.who]
            ahead = 46.0 if track.facing(moment) >= 0 else -46.0
            goal = blocking.where(target, beat.start) if target not in held else None
            things[held[0]].spots.append((moment, track.place(moment) + ahead if goal is None else goal))
        case "light" | "open":
            name = str(target) if target in things else next((one for one in held), None)
            if name is not None and not (beat.deed == "light" and not prop(name)[0].burns):
                things[name].used.append(moment)
        case _:
            pass


def _value(changes: list[Change], time: float, first: float) -> float:
    value = first
    for change in changes:
        if time >= change.start:
            value = change.old + (change.new - change.old) * ease((time - change.start) / (change.end - change.start))
    return value
