"""From a screenplay and the lengths of its spoken lines to the cut: which shots, how framed, who does what when.

The rules, in short. A scene opens wide, with its first action in the picture. Each speech gets a set-up of its speaker
(two-shot, over the listener's shoulder, close-up) that differs from its neighbour's; the end of a long line, and what
a strong mood does, is seen on the listener. An action line becomes a shot of its doer with the deeds its verbs name, or
an insert of the thing it names when nobody does anything. What is taken is held until it is given or put down. Nothing
here is drawn by chance: the same script and lengths give the same cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from filmbench.harness.film import staging
from filmbench.harness.film.screenplay import Action, Dialogue, Element, Lyrics, Scene, Screenplay, Transition
from filmbench.harness.film.shot import Beat, Camera, Framing, Joining, Mood, Shot
from filmbench.harness.film.staging import Stage
from filmbench.harness.film.timeline import Chapter, Placed, Spoken, Timeline, on_grid
from filmbench.harness.film.words import FIXED, joining, prop
from filmbench.harness.types import UsageError

TITLE, CREDITS = 3.0, 4.0
LEAD, TAIL = 0.2, 0.15
"""Seconds before a line in its shot, and behind it."""
OPENING = 1.5
ACTION = (1.25, 3.0)
INSERT = 1.0
REACTION = 0.7
LONG_LINE = 4.2
SPOKEN_ON_THE_SPEAKER = 0.62
"""The share of a long line after which the listener is seen."""
STRONG: frozenset[Mood] = frozenset({"afraid", "angry", "surprised", "sad", "happy"})
PUSH = {"wide": 0.03, "full": 0.02, "medium": 0.02, "close": 0.04, "over-shoulder": 0.02, "insert": 0.03}
UNSEEN = ("V.O", "VO", "O.S", "OS", "O.C", "OC")
"""How an extension begins that says the speaker is not in the picture."""


def direct(
    screenplay: Screenplay,
    slots: Mapping[str, float],
    places: Mapping[int, str],
    scenes: Sequence[int] = (),
    credits: Sequence[str] = (),
    plate: str | None = None,
) -> Timeline:
    """The cut of ``screenplay``, or of the ``scenes`` chosen by number. ``slots`` are the lines' lengths in seconds.

    ``places`` are the scenes' settings by number, ``plate`` the moving plate behind title and credits.

    Raises :class:`UsageError` for scenes that there are not, and for a script without one.
    """
    chosen = _chosen(screenplay, scenes)
    shots: list[Placed] = []
    lines: list[Spoken] = []
    chapters: list[Chapter] = []
    at = 0.0
    begins: Joining = "fade"
    holds: Mapping[str, str] = {}
    title = _title(screenplay, chosen[0], places, plate)
    shots.append(Placed(title, at))
    at += title.seconds
    for scene in chosen:
        director = _Scene(scene, slots, places[scene.number], begins, holds)
        opened = at
        for shot, spoken in director.shots():
            shots.append(Placed(shot, at))
            lines += [replace(line, start=round(at + line.start, 4)) for line in spoken]
            at = round(at + shot.seconds, 6)
        chapters.append(Chapter(scene.heading.title() if scene.heading else screenplay.title, opened, at))
        begins, holds = director.gives_way, director.holds
    last = Shot(
        id="credits",
        scene=chosen[-1].number,
        seconds=CREDITS,
        setting=places[_open_air(chosen)[-1].number],
        camera=Camera("wide", pan=0.02),
        light=staging.light(_open_air(chosen)[-1]),
        joining="fade",
        caption=tuple(credits) or (screenplay.title,),
        plate=plate,
    )
    shots.append(Placed(last, at))
    first = replace(chapters[0], start=0.0)
    return Timeline(screenplay.title, tuple(shots), tuple(lines), (first, *chapters[1:]))


def _chosen(screenplay: Screenplay, scenes: Sequence[int]) -> tuple[Scene, ...]:
    known = {scene.number for scene in screenplay.scenes}
    if missing := [number for number in scenes if number not in known]:
        raise UsageError(f"there is no scene {missing[0]}", f"the script's scenes are 1 to {len(known)}")
    chosen = tuple(scene for scene in screenplay.scenes if not scenes or scene.number in scenes)
    if not any(isinstance(element, Action | Dialogue) for scene in chosen for element in scene.elements):
        raise UsageError("the script holds nothing to film", "it needs a scene with action or dialogue")
    return chosen


def _open_air(scenes: Sequence[Scene]) -> Sequence[Scene]:
    """The scenes out of doors, or all where there is none: title and credits want the open."""
    return [scene for scene in scenes if scene.place != "INT"] or scenes


def _title(screenplay: Screenplay, scene: Scene, places: Mapping[int, str], plate: str | None) -> Shot:
    lines = (screenplay.title, *((f"by {screenplay.author}",) if screenplay.author else ()))
    return Shot(
        id="title",
        scene=scene.number,
        seconds=TITLE,
        setting=places[scene.number],
        camera=Camera("wide", push=0.02),
        light=staging.light(scene),
        joining="fade",
        caption=lines,
        plate=plate,
    )


@dataclass(frozen=True, slots=True)
class _SetUp:
    framing: Framing
    subject: str | None


class _Scene:
    """One scene as it is shot: what stands where is in ``stage``, what was seen last in ``_before``."""

    def __init__(
        self, scene: Scene, slots: Mapping[str, float], place: str, begins: Joining, holds: Mapping[str, str]
    ) -> None:
        self.scene = scene
        self._place = place
        self.gives_way: Joining = "cut"
        self._slots = slots
        self._begins = begins
        self._stage = Stage(scene, holds)
        self._before: _SetUp | None = None
        self._turn: dict[str, int] = {}
        self._reactions = 0
        self._lines = 0

    @property
    def holds(self) -> Mapping[str, str]:
        """Who holds what at the scene's end."""
        return self._stage.holds

    def shots(self) -> Iterable[tuple[Shot, list[Spoken]]]:
        """Every shot of the scene with the lines that begin in it (their starts counted from the shot's)."""
        elements = [element for element in self.scene.elements if not isinstance(element, Lyrics)]
        first = elements[0] if elements else None
        opening = first if isinstance(first, Action) else None
        elements = elements[1:] if opening else elements
        yield self._opening(opening), []
        number = 0
        index = 0
        while index < len(elements):
            element = elements[index]
            number += 1
            if isinstance(element, Transition):
                self.gives_way = joining(element.text)
            elif isinstance(element, Action):
                for shot in self._action(element, f"{self.scene.number}.action{number}"):
                    yield shot, []
            elif isinstance(element, Dialogue):
                together = _together(elements, index)
                index += len(together) - 1
                yield from self._speech(together)
            index += 1

    # --- action ------------------------------------------------------------------------------------

    def _opening(self, action: Action | None) -> Shot:
        done = self._stage.deeds(action.text) if action else []
        seconds = on_grid(max(OPENING, 0.5 + staging.seconds(done)))
        beats, lit = self._stage.perform(done, 0.5, seconds)
        return self._shot(f"{self.scene.number}.opening", _SetUp("wide", None), seconds, beats, lit, self._begins)

    def _action(self, action: Action, id: str) -> Iterable[Shot]:
        """One shot of what is done, or of the thing that is named; a second one where a prop changes hands."""
        done = self._stage.deeds(action.text)
        thing = prop(action.text)
        if thing is not None and not self._stage.has(thing):
            thing = None
        if not done and thing is None:
            seconds = on_grid(_clipped(0.25 * len(action.text.split()), *ACTION))
            setup = self._other(_SetUp("wide", None), _SetUp("full", self._stage.first))
            yield self._shot(id, setup, seconds, (), None)
            return
        if done:
            seconds = on_grid(_clipped(0.6 + staging.seconds(done), *ACTION))
            doer = done[0].who
            near = all(deed.deed in ("look", "nod", "take", "open") for deed in done)
            framings: tuple[Framing, ...] = ("medium", "full", "close") if near else ("full", "medium", "wide")
            setup = self._other(*(_SetUp(framing, doer) for framing in framings))
            beats, lit = self._stage.perform(done, 0.3, seconds)
            yield self._shot(id, setup, seconds, beats, lit)
        if thing is not None and (not done or (thing not in FIXED and any(deed.target == thing for deed in done))):
            setup = self._other(_SetUp("insert", thing), _SetUp("close", self._stage.first))
            yield self._shot(f"{id}.{thing}", setup, on_grid(INSERT), (), None)

    # --- speech ------------------------------------------------------------------------------------

    def _speech(self, speeches: list[Dialogue]) -> Iterable[tuple[Shot, list[Spoken]]]:
        said = speeches[0]
        self._lines += len(speeches)
        slot = max(self._slots.get(speech.id, 0.0) for speech in speeches)
        moods = [staging.mood_of(speech) for speech in speeches]
        for speech, mood in zip(speeches, moods, strict=True):
            self._stage.feel(speech.character, mood)
        seen = [speech for speech in speeches if not _unseen(speech)]
        for speech in seen:
            self._stage.enter(speech.character)
        listener = self._stage.listener(said.character)
        if not seen:
            yield self._voice_over(said, slot, listener)
            return
        setup = self._setup(said, listener, len(seen) > 1)
        cuts_away = slot > LONG_LINE and listener is not None and len(speeches) == 1
        spoken = slot * SPOKEN_ON_THE_SPEAKER if cuts_away else slot
        seconds = on_grid(LEAD + spoken + (0.0 if cuts_away else TAIL))
        end = min(LEAD + slot, seconds)
        beats = tuple(
            Beat(LEAD, end, one.character, "speak", self._stage.listener(one.character), one.id) for one in seen
        )
        heard = [self._line(one, one in seen) for one in speeches]
        yield (
            self._shot(said.id, setup, seconds, beats, None),
            [replace(line, shot=said.id, start=LEAD) for line in heard],
        )
        strong = moods[0] in STRONG and self._reactions * 4 <= self._lines
        if cuts_away and listener is not None:
            rest = on_grid(LEAD + slot - seconds + TAIL)
            yield self._reaction(said.id, listener, rest), []
        elif strong and listener is not None and len(speeches) == 1:
            self._reactions += 1
            yield self._reaction(said.id, listener, on_grid(REACTION)), []

    def _voice_over(self, said: Dialogue, slot: float, listener: str | None) -> tuple[Shot, list[Spoken]]:
        """Who is heard and not seen: the picture stays with the listener, or with the place."""
        choices = [_SetUp("medium", listener), _SetUp("close", listener)] if listener else []
        setup = self._other(*choices, _SetUp("wide", None), _SetUp("full", None))
        shot = self._shot(said.id, setup, on_grid(LEAD + slot + TAIL), (), None)
        return shot, [replace(self._line(said, False), shot=said.id, start=LEAD)]

    def _line(self, speech: Dialogue, seen: bool) -> Spoken:
        return Spoken(speech.id, speech.character, 0.0, self._slots.get(speech.id, 0.0), "", seen)

    def _setup(self, said: Dialogue, listener: str | None, both: bool) -> _SetUp:
        """The speaker's next set-up in turn, other than the one before it."""
        who = said.character
        turn = self._turn[who] = self._turn.get(who, -1) + 1
        if both:
            return self._other(_SetUp("full", None), _SetUp("wide", None))
        order: tuple[Framing, ...] = (
            ("medium", "close", "full") if listener is None else ("medium", "close", "over-shoulder")
        )
        if staging.mood_of(said) in STRONG:
            order = ("close", *(framing for framing in order if framing != "close"))
            turn = 0
        first = turn % len(order)
        return self._other(*(_SetUp(framing, who) for framing in (*order[first:], *order[:first])))

    def _reaction(self, line: str, listener: str, seconds: float) -> Shot:
        setup = self._other(_SetUp("close", listener), _SetUp("medium", listener))
        beats = (Beat(0.15, min(0.9, seconds), listener, "nod" if seconds > REACTION else "look"),)
        return self._shot(f"{line}.reaction", setup, seconds, beats, None)

    # --- both --------------------------------------------------------------------------------------

    def _other(self, *choices: _SetUp) -> _SetUp:
        """The first choice that is no jump cut: its framing or its subject differs from the shot before."""
        return next((choice for choice in choices if choice != self._before), _SetUp("wide", None))

    def _shot(
        self,
        id: str,
        setup: _SetUp,
        seconds: float,
        beats: tuple[Beat, ...],
        lit: float | None,
        begins: Joining = "cut",
    ) -> Shot:
        self._before = setup
        seated = self._stage.seated()
        cast, props, light = self._stage.seen(beats)
        return Shot(
            id=id,
            scene=self.scene.number,
            seconds=seconds,
            setting=self._place,
            camera=Camera(setup.framing, setup.subject, push=PUSH[setup.framing]),
            cast=cast,
            beats=(*seated, *beats),
            props=props,
            light=light,
            lit=lit,
            joining=begins,
        )


def _together(elements: Sequence[Element], index: int) -> list[Dialogue]:
    """The speech at ``index`` and those spoken at once with it."""
    found = [element for element in elements[index : index + 1] if isinstance(element, Dialogue)]
    for element in elements[index + 1 :]:
        if not isinstance(element, Dialogue) or not element.dual:
            break
        found.append(element)
    return found


def _unseen(speech: Dialogue) -> bool:
    said = (speech.extension or "").upper().replace(" ", "")
    return said.startswith(UNSEEN)


def _clipped(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
