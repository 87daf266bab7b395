"""A screenplay as its scenes and what happens in them, in the writer's order and words.

Every way of writing one down (Fountain, Final Draft) is read into these nouns, and everything after knows no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Place = Literal["INT", "EXT", "INT/EXT"]


@dataclass(frozen=True, slots=True)
class Action:
    """What is seen and heard, one paragraph."""

    text: str
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One character's speech, without its parentheticals, which are ``directions`` with the words before each.

    ``id`` is ``<scene>.<n>``, the n-th speech of its scene, from 1. ``extension`` is what stands in brackets behind the
    name (``V.O.``, ``O.S.``). ``dual``: spoken at once with the speech before it.
    """

    id: str
    character: str
    text: str
    directions: tuple[tuple[int, str], ...] = ()
    extension: str | None = None
    dual: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """How one scene gives way to the next: ``CUT TO:``, ``DISSOLVE TO:``, ``FADE OUT.``"""

    text: str


@dataclass(frozen=True, slots=True)
class Lyrics:
    """Words that are sung; ``character`` is who sings, ``None`` where nobody is named."""

    text: str
    character: str | None = None


Element = Action | Dialogue | Transition | Lyrics


@dataclass(frozen=True, slots=True)
class Scene:
    """``number`` counts from 1 in the order of the script; ``label`` is the writer's own number, if there is one.

    ``heading`` is as written; ``place``, ``location`` (``LIGHTHOUSE - LAMP ROOM``) and ``time`` (``NIGHT``) are read
    out of it, ``None`` where it does not say. What stands before the first heading is a scene without one.
    """

    number: int
    heading: str
    elements: tuple[Element, ...]
    place: Place | None = None
    location: str = ""
    time: str | None = None
    label: str | None = None

    @property
    def speeches(self) -> tuple[Dialogue, ...]:
        """Who says what, in order."""
        return tuple(element for element in self.elements if isinstance(element, Dialogue))


@dataclass(frozen=True, slots=True)
class Screenplay:
    """A whole script; ``pages`` is its length at the trade's page of 55 lines, to an eighth.

    ``language`` is an ISO 639-1 code, ``about`` the title page's other lines, ``notes`` the writer's, with sections
    and synopses, which are not filmed. ``remarks`` is what the reader noticed and its user should know.
    """

    title: str
    language: str
    scenes: tuple[Scene, ...]
    pages: float
    author: str | None = None
    about: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def speeches(self) -> Iterator[Dialogue]:
        """Every speech of the script."""
        return (speech for scene in self.scenes for speech in scene.speeches)

    @property
    def characters(self) -> tuple[str, ...]:
        """Who speaks, in order of appearance."""
        return tuple(dict.fromkeys(speech.character for speech in self.speeches))
