"""What a screenplay asks for, counted: the quantities that every stage's price is multiplied by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One character's speech in one language: ``seconds`` from that language's measured speaking rate."""

    character: str
    language: str
    lines: int
    words: int
    letters: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SceneCount:
    """One scene: its length on the page (eighths of a page) and on the screen, and the shots the stated rule gives."""

    number: int
    heading: str
    eighths: int
    seconds: float
    shots: int
    characters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The whole script. Seconds are of the finished film.

    ``motion_seconds``: bodies that move and want motion capture; ``generated_seconds``: pictures without speech that
    video generation could give; ``roto_seconds`` and ``clean_up_seconds``: where the action names what must be cut out
    or removed; ``music_seconds`` and ``foley_seconds``: what sounds besides speech. Each rule is stated in
    ``rules``: quantity to sentence.
    """

    title: str
    languages: tuple[str, ...]
    pages: float
    scenes: tuple[SceneCount, ...]
    locations: tuple[str, ...]
    parts: tuple[Part, ...]
    seconds: float
    shots: int
    dialogue_shots: int
    motion_seconds: float
    generated_seconds: float
    roto_seconds: float
    clean_up_seconds: float
    music_seconds: float
    foley_seconds: float
    rules: tuple[tuple[str, str], ...]
