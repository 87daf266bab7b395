"""What the camera sees: the nouns between those who direct the film and those who draw it.

A shot says who is where and does what when; how that looks is the drawing's own affair. Times are seconds from the
shot's beginning, places across the picture run from 0 (left) to 1 (right) of a stage as wide as the widest framing.
A shot is plain data: equal shots, drawn with one seed, give equal frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Framing = Literal["wide", "full", "medium", "close", "over-shoulder", "insert"]
Mood = Literal["neutral", "happy", "sad", "afraid", "angry", "surprised", "tender"]
Facing = Literal["left", "right", "front", "away"]
Deed = Literal["speak", "walk", "turn", "reach", "give", "take", "put", "look", "nod", "sit", "point", "light", "open"]
Joining = Literal["cut", "dissolve", "fade"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a character is drawn, made once for the film from the script's words about it.

    ``age`` child, adult or old; colours are names of the film's palette; ``seed`` settles what the words leave open.
    """

    name: str
    age: Literal["child", "adult", "old"]
    gender: Literal["f", "m"] | None
    skin: str
    hair: str
    top: str
    legs: str
    wears: tuple[str, ...] = ()
    build: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a scene plays. ``kind`` is one the drawing knows (``shore``, ``room``, ``street``, ``forest`` …)."""

    id: str
    kind: str
    interior: bool
    time: Literal["day", "dusk", "night", "dawn"]
    words: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Presence:
    """One character in a shot: where it stands (0..1), which way it faces, in what mood, and what it holds."""

    character: str
    at: float
    facing: Facing
    mood: Mood = "neutral"
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """Something done from ``start`` to ``end``. ``target`` is a character, a prop, or a place as a number 0..1.

    ``line`` names the speech of a ``speak``. ``mood`` is what it leaves on the face.
    """

    start: float
    end: float
    who: str
    deed: Deed
    target: str | float | None = None
    line: str | None = None
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """Framing, on whom or what, and how far it moves.

    ``push`` > 0 closes in, ``pan`` > 0 goes right: shares of the picture's width over the whole shot.
    """

    framing: Framing
    subject: str | None = None
    push: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Shot:
    """``id`` is stable while the script around it is. ``props`` stand in the setting: name and place 0..1.

    ``light`` is what burns: ``moon``, ``lamp``, ``sun``, ``fire`` … ``lit`` is when it comes on, if within the shot.
    ``caption`` is the title's or credits' lines. ``plate`` names a generated moving plate that stands behind.
    """

    id: str
    scene: int
    seconds: float
    setting: str
    camera: Camera
    cast: tuple[Presence, ...] = ()
    beats: tuple[Beat, ...] = ()
    props: tuple[tuple[str, float], ...] = ()
    light: str = "moon"
    lit: float | None = None
    joining: Joining = "cut"
    caption: tuple[str, ...] = ()
    plate: str | None = None

    @property
    def speaks(self) -> bool:
        """Whether a mouth moves, so that every language wants its own frames."""
        return any(beat.deed == "speak" for beat in self.beats)


@dataclass(frozen=True, slots=True)
class Mouth:
    """What a speech does to a mouth: phonemes (IPA, start, end) in seconds from its first sound."""

    line: str
    seconds: float
    phonemes: tuple[tuple[str, float, float], ...]
