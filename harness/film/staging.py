"""Who is where in a scene, what they hold and feel, and what an action line has them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from filmbench.harness.film.screenplay import Action, Dialogue, Scene
from filmbench.harness.film.shot import Beat, Deed, Facing, Mood, Presence
from filmbench.harness.film.words import DEEDS, FIXED, SETTINGS_OWN, mood, prop, sentences, words

LASTS: dict[Deed, float] = {"walk": 1.8, "sit": 1.2, "light": 1.5, "open": 1.2, "give": 1.1, "take": 1.0, "put": 1.0}
"""Seconds that a deed takes; the others take one."""
OVERLAP = 0.25
"""Seconds by which a deed begins before the one before it ends."""
MOST = 4
"""Deeds of one action line that are staged; what is written beyond is left to the reader."""
EDGES = (0.26, 0.74)
BRINGING = frozenset({"with", "carrying", "holding", "carries", "holds", "clutching", "clutches"})
RISING = frozenset({"stands", "stand", "rises", "rise", "jumps", "jump"})
BURNING = ("lantern", "candle", "torch", "fire")
"""Things that light the shots they are in."""
SEATED = (-9.0, -8.0)
"""When whoever already sits did so, in seconds before the shot."""
PRONOUNS = frozenset({"he", "she", "they"})


@dataclass(frozen=True, slots=True)
class Doing:
    """One deed that an action line names, not yet timed; ``thing`` is the prop it is done with."""

    who: str
    deed: Deed
    target: str | None
    thing: str | None = None


def light(scene: Scene) -> str:
    """What burns in a scene before anybody lights anything."""
    said = (scene.time or "").upper()
    night = any(word in said for word in ("NIGHT", "MIDNIGHT"))
    if scene.place == "INT":
        return "moon" if night else "sun"
    return "moon" if night or "DUSK" in said or "EVENING" in said else "sun"


def mood_of(speech: Dialogue) -> Mood | None:
    """What the parentheticals of a speech ask for."""
    return next((found for _, text in speech.directions if (found := mood(text))), None)


def seconds(done: Sequence[Doing]) -> float:
    """How long the deeds take, one after another."""
    return sum(LASTS.get(doing.deed, 1.0) for doing in done) - OVERLAP * max(0, len(done) - 1)


class Stage:
    """The state of one scene, moved on as its shots are made."""

    def __init__(self, scene: Scene, holds: Mapping[str, str] = MappingProxyType({})) -> None:
        named = [speech.character for speech in scene.speeches if not _off(speech)]
        actions = [element.text for element in scene.elements if isinstance(element, Action)]
        everyone = [*dict.fromkeys([*named, *(speech.character for speech in scene.speeches)])]
        self._names = everyone
        self._cast = [*dict.fromkeys(named)]
        self._at = dict(zip(self._cast, _places(len(self._cast)), strict=True))
        self._moods: dict[str, Mood] = {}
        self._holds = {who: thing for who, thing in holds.items() if who in self._at}
        self._turned: dict[str, Facing] = {}
        self._light = light(scene)
        self._given: dict[tuple[str, float], str] = {}
        for text in actions:
            for who, thing in self._brought(text):
                self._holds.setdefault(who, thing)
        self._props = {name: place for name, place in _props(actions) if name not in self._holds.values()}

        self._seated: set[str] = set()
        burning = next((thing for thing in (*self._holds.values(), *self._props) if thing in BURNING), None)
        if burning and not any(_lights(text) for text in actions):
            self._light = burning

    @property
    def holds(self) -> Mapping[str, str]:
        """Who holds what now."""
        return self._holds

    @property
    def first(self) -> str | None:
        """Who is there before the others."""
        return self._cast[0] if self._cast else None

    def has(self, thing: str) -> bool:
        """Whether ``thing`` stands here or somebody holds it."""
        return thing in self._props or thing in self._holds.values()

    def enter(self, who: str) -> None:
        """``who`` is in the scene from now on, where there is most room."""
        if who not in self._at:
            taken = sorted([0.0, *self._at.values(), 1.0])
            gap = max(pairwise(taken), key=lambda pair: pair[1] - pair[0])
            self._cast.append(who)
            self._at[who] = round(sum(gap) / 2, 3)

    def feel(self, who: str, found: Mood | None) -> None:
        """A parenthetical's mood; without one the face comes to rest again."""
        self._moods.pop(who, None)
        if found:
            self._moods[who] = found

    def listener(self, who: str) -> str | None:
        """Who is spoken to: the nearest other."""
        others = [other for other in self._cast if other != who]
        here = self._at.get(who, 0.5)
        return min(others, key=lambda other: abs(self._at[other] - here)) if others else None

    def deeds(self, text: str) -> list[Doing]:
        """What an action line has whom do, in order, at most a few."""
        found: list[Doing] = []
        doer: str | None = None
        for sentence in sentences(text):
            said = words(sentence)
            for index, word in enumerate(said):
                doer = self._named(said, index) or doer or (self.first if word in PRONOUNS else None)
                deed = DEEDS.get(word)
                if doer and word in RISING and _verb(said, index):
                    self._seated.discard(doer)
                if deed is None or doer is None or not _verb(said, index):
                    continue
                behind = said[index + 1 :]
                thing = prop(" ".join(behind))
                found.append(Doing(doer, deed, self._target(doer, deed, behind), thing))
        unlike = [doing for number, doing in enumerate(found) if doing not in found[:number]]
        return unlike[:MOST]

    def perform(self, done: Sequence[Doing], start: float, seconds: float) -> tuple[tuple[Beat, ...], float | None]:
        """The deeds as beats from ``start``, within a shot of ``seconds``; when a light comes on, if one does."""
        beats: list[Beat] = []
        lit: float | None = None
        at = start
        for doing in done:
            end = min(at + LASTS.get(doing.deed, 1.0), seconds)
            if end - at < 0.2:
                break
            beats.append(Beat(round(at, 3), round(end, 3), doing.who, doing.deed, self._aim(doing)))
            if doing.deed == "give" and doing.thing:
                self._given[doing.who, round(at, 3)] = doing.thing
            if doing.deed == "light":
                lit = round((at + end) / 2, 3)
            at = end if doing.deed == "walk" else end - OVERLAP
        return tuple(beats), lit

    def seen(self, beats: Iterable[Beat]) -> tuple[tuple[Presence, ...], tuple[tuple[str, float], ...], str]:
        """Everybody and everything as a shot begins; what its beats change is so from the next shot on."""
        cast = tuple(
            Presence(who, self._at[who], self._facing(who), self._moods.get(who, "neutral"), self._holds.get(who))
            for who in self._cast
        )
        props, burning = tuple(self._props.items()), self._light
        for beat in beats:
            self._change(beat)
        return cast, props, burning

    def seated(self) -> tuple[Beat, ...]:
        """Whoever sits already as a shot begins, as beats that lie before it."""
        return tuple(Beat(*SEATED, who, "sit") for who in self._cast if who in self._seated)

    def _change(self, beat: Beat) -> None:
        held = self._holds.get(beat.who)
        match beat.deed:
            case "walk" if isinstance(beat.target, float):
                self._at[beat.who] = beat.target
                self._seated.discard(beat.who)
            case "sit":
                self._seated.add(beat.who)
            case "take" if isinstance(beat.target, str) and beat.target not in self._at:
                if beat.target not in FIXED:
                    self._props.pop(beat.target, None)
                    self._holds[beat.who] = beat.target
            case "give" if isinstance(beat.target, str) and beat.target in self._at:
                given = self._given.get((beat.who, beat.start)) or held
                if given and given not in FIXED:
                    self._holds = {who: thing for who, thing in self._holds.items() if thing != given}
                    self._holds[beat.target] = given
                    self._props.pop(given, None)
            case "put" if held:
                self._props[self._holds.pop(beat.who)] = round(min(0.95, self._at[beat.who] + 0.06), 3)
            case "light":
                self._light = beat.target if beat.target in BURNING and isinstance(beat.target, str) else "lamp"
            case "turn":
                self._turned[beat.who] = "right" if self._facing(beat.who) == "left" else "left"

    def _facing(self, who: str) -> Facing:
        other = self.listener(who)
        if who in self._turned:
            return self._turned[who]
        if other is None:
            return "front"
        return "right" if self._at[other] >= self._at[who] else "left"

    def _aim(self, doing: Doing) -> str | float | None:
        """Where a walk leads: to whom or what it names, stopping short of it; else across the stage."""
        if doing.deed != "walk":
            if doing.deed == "give" and doing.target not in self._at:
                return self.listener(doing.who)
            return doing.target
        here = self._at[doing.who]
        goal = self._at.get(doing.target or "", self._props.get(doing.target or ""))
        if goal is None:
            goal = EDGES[1] if here < 0.5 else EDGES[0]
            return round(here + 0.5 * (goal - here), 3) if len(self._cast) > 1 else goal
        return round(goal - 0.12 if goal > here else goal + 0.12, 3)

    def _named(self, said: Sequence[str], index: int) -> str | None:
        """The character whose name begins at ``index``: any one word of a name will do."""
        for name in self._names:
            if said[index].removesuffix("'s") in words(name) and len(said[index]) > 1:
                self.enter(name)
                return name
        return None

    def _brought(self, text: str) -> Iterable[tuple[str, str]]:
        """Who comes with something in hand: ``with a lantern``, ``carrying the letter``."""
        for sentence in sentences(text):
            said = words(sentence)
            doer: str | None = None
            for index, word in enumerate(said):
                doer = self._named(said, index) or doer
                if doer and word in BRINGING:
                    thing = prop(" ".join(said[index + 1 : index + 6]))
                    if thing and thing not in FIXED:
                        yield doer, thing

    def _target(self, doer: str, deed: Deed, behind: Sequence[str]) -> str | None:
        others = [name for word in behind for name in self._names if name != doer and word in words(name)]
        if deed == "give":
            return next(iter(others), None)
        for word in behind:
            for name in others:
                if word in words(name):
                    return name
            if word in SETTINGS_OWN:
                return "lamp"
            if found := prop(word):
                return found
        return None


def _lights(text: str) -> bool:
    """Whether somebody lights something in ``text``."""
    said = words(text)
    return any(DEEDS.get(word) == "light" and _verb(said, index) for index, word in enumerate(said))


def _verb(said: Sequence[str], index: int) -> bool:
    """Whether the word at ``index`` is used as a verb, as far as the word before it tells."""
    before = said[index - 1] if index else ""
    return before not in ("the", "a", "an", "of", "her", "his", "their", "its", "my", "your", "no", "this", "that")


def _places(count: int) -> list[float]:
    """Places for ``count`` people across the stage, evenly, clear of its edges."""
    if count <= 1:
        return [0.5] * count
    low, high = (0.34, 0.66) if count == 2 else (0.2, 0.8)
    return [round(low + (high - low) * number / (count - 1), 3) for number in range(count)]


def _props(actions: Sequence[str]) -> Iterable[tuple[str, float]]:
    """The things that a scene's action names, each in a place of its own between and beside the people."""
    pairs = [(one, next_one) for text in actions for one, next_one in pairwise([*words(text), ""])]
    named = [found for pair in pairs if (found := prop(pair[0])) and prop(" ".join(pair)) == found]
    places = (0.5, 0.82, 0.14, 0.42, 0.9, 0.08)
    return zip(dict.fromkeys(named), places, strict=False)


def _off(speech: Dialogue) -> bool:
    return bool(speech.extension) and speech.extension is not None and speech.extension.upper()[:1] in ("V", "O")
