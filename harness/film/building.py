"""From what a reader finds, one after the other, to a screenplay: scenes are numbered and speeches get their ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from filmbench.harness.film import headings, paper
from filmbench.harness.film.screenplay import Action, Dialogue, Element, Lyrics, Scene, Screenplay, Transition

NO_DIALOGUE = "Nobody speaks in this script: there is nothing to voice, dub or sync."
CONTINUED = re.compile(r"cont(['’.]|inued$|inuing$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """One line below a character's name: spoken, sung, or a direction."""

    kind: Literal["spoken", "sung", "direction"]
    text: str


@dataclass(slots=True)
class Builder:
    """Takes a script's parts in their order; :meth:`screenplay` is what they make."""

    scenes: list[Scene] = field(default_factory=list)
    heading: str = ""
    label: str | None = None
    elements: list[Element] = field(default_factory=list)
    spoken: int = 0
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, element: Element) -> None:
        """What happens next in the scene; an element without a word is none."""
        if element.text.strip():
            self.elements.append(element)

    def note(self, text: str) -> None:
        """What the writer says to those who make the film."""
        if words := " ".join(text.split()):
            self.notes.append(words)

    def scene(self, heading: str, label: str | None = None) -> None:
        """A new scene. Transitions before the first one (``FADE IN:``) are that scene's, not one of their own."""
        if self.heading or any(not isinstance(element, Transition) for element in self.elements):
            self._close()
        self.heading, self.label = heading, label

    def speech(self, character: str, extension: str | None, lines: Iterable[Said], *, dual: bool = False) -> None:
        """What one character says. Song in its midst parts it; a direction without a word is an action."""
        words: list[str] = []
        directions: list[tuple[int, str]] = []

        def say() -> None:
            if words:
                self.spoken += 1
                id = f"{len(self.scenes) + 1}.{self.spoken}"
                text = " ".join(words)
                self.add(Dialogue(id, character, text, tuple(directions), extension, dual))
            else:
                for _, direction in directions:
                    self.add(Action(f"{character} ({direction})"))
            words.clear()
            directions.clear()

        for line in lines:
            if line.kind == "direction":
                directions.append((len(words), line.text))
            elif line.kind == "spoken":
                words.extend(line.text.split())
            else:
                if words:
                    say()
                self.add(Lyrics(line.text, character))
        say()

    def screenplay(
        self, title: str, language: str, author: str | None = None, about: tuple[tuple[str, str], ...] = ()
    ) -> Screenplay:
        """Everything that was added, as one script."""
        if self.heading or self.elements:
            self._close()
        if not any(scene.speeches for scene in self.scenes):
            self.remarks.append(NO_DIALOGUE)
        scenes = tuple(self.scenes)
        return Screenplay(
            title, language, scenes, paper.pages(scenes), author, about, tuple(self.notes), tuple(self.remarks)
        )

    def _close(self) -> None:
        place, location, time = headings.parts(self.heading)
        number = len(self.scenes) + 1
        self.scenes.append(Scene(number, self.heading, tuple(self.elements), place, location, time, self.label))
        self.heading, self.label, self.elements, self.spoken = "", None, [], 0


def named(cue: str) -> tuple[str, str | None]:
    """Name and extension of a cue: ``ANNA (V.O.) (CONT'D)`` is ANNA, ``V.O.``.

    ``CONT'D`` says only that the page's layout broke the speech, and is dropped.
    """
    extensions: list[str] = []
    cue = cue.strip()
    end = len(cue)
    while cue[end - 1 : end] == ")" and (opened := cue.rfind("(", 0, end)) > 0:
        extensions.append(cue[opened + 1 : end - 1].strip())
        end = opened
        while cue[end - 1].isspace():
            end -= 1
    told = [one for one in reversed(extensions) if one and not CONTINUED.match(one)]
    return " ".join(cue[:end].split()), ", ".join(told) or None
