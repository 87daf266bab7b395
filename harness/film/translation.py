"""A script in a second language: another file of the same shape beside the first (``lamp.es.fountain``)."""

from __future__ import annotations

from glob import escape
from itertools import zip_longest
from pathlib import Path

from filmbench.harness.film.screenplay import Dialogue, Screenplay
from filmbench.harness.types import UsageError

NEXT = "Give both scripts the same scenes, and in each the same speeches by the same characters in the same order."


def beside(file: Path) -> dict[str, Path]:
    """The translations lying beside a script, by language: ``lamp.es.fountain`` beside ``lamp.fountain``."""
    found = {}
    for other in sorted(file.parent.glob(f"{escape(file.stem)}.??{escape(file.suffix)}")):
        language = other.stem[-2:]
        if language.isalpha():
            found[language.lower()] = other
    return found


def lines(original: Screenplay, translated: Screenplay) -> dict[str, str]:
    """What is said in the translation, by the id of the speech in the original.

    Raises :class:`UsageError` that names the first speech at which the two differ in shape: another scene, another
    character, one that is spoken at once in only one of them, or one too few. Words, directions and notes are free.
    """
    if translated.language == original.language:
        raise UsageError(
            f"The translation is in the script's own language ({original.language}).",
            "Name it after its language (NAME.es.fountain) or write Language: es on its title page.",
        )
    for ours, theirs in zip_longest(original.speeches, translated.speeches):
        if ours is None or theirs is None or _shape(ours) != _shape(theirs):
            raise UsageError(
                f"The {translated.language} script differs from the {original.language} one: "
                f"{_told(ours, original.language)}, but {_told(theirs, translated.language)}.",
                NEXT,
            )
    if len(original.scenes) != len(translated.scenes):
        counts = f"{len(original.scenes)} scenes in {original.language}, {len(translated.scenes)}"
        raise UsageError(f"The scripts differ: {counts} in {translated.language}.", NEXT)
    return {speech.id: speech.text for speech in translated.speeches}


def _shape(speech: Dialogue) -> tuple[str, str, bool]:
    return speech.id, speech.character.casefold(), speech.dual


def _told(speech: Dialogue | None, language: str) -> str:
    if speech is None:
        return f"the {language} one ends before"
    start = " ".join(speech.text.split()[:6])
    together = ", at once with the one before," if speech.dual else ""
    return f"line {speech.id} in {language} is {speech.character}'s{together} “{start}”"
