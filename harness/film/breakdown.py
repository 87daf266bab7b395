"""What a screenplay asks for, counted: the quantities that every stage's price is multiplied by."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from filmbench.harness.film import paper, speaking, translation
from filmbench.harness.film.screenplay import Dialogue, Scene, Screenplay, Transition
from filmbench.harness.types import UsageError

KEYWORDS = Path(__file__).with_name("keywords.toml")
LINE_SECONDS = 60 / paper.PAGE
"""A page is a minute on the screen, as the trade reckons."""
GAP_SECONDS = 0.5
LONGEST_ACTION, LONGEST_SPEECH = 6.0, 8.0
"""Seconds of the longest shot that the rule allows."""
UNSEEN = re.compile(r"\b(V\.? ?O\.?|O\.? ?S\.?|O\.? ?C\.?|OFF|VOICE[- ]?OVER)(?!\w)", re.IGNORECASE)
"""Extensions that say nobody's mouth is seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """One character's speech in one language: ``seconds`` from that language's measured speaking rate.

    ``seen_seconds`` of them have a mouth in the picture (neither ``V.O.`` nor ``O.S.``) and want lips in sync.
    ``characters`` counts every sign and blank, as vendors of speech do; ``letters`` are what is spoken of them.
    """

    character: str
    language: str
    lines: int
    words: int
    letters: int
    characters: int
    seconds: float
    seen_seconds: float | None = None


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
    ``rules``: quantity to sentence. ``None``: the rule needs words of a language for which there is no list.
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
    motion_seconds: float | None
    generated_seconds: float
    roto_seconds: float | None
    clean_up_seconds: float | None
    music_seconds: float
    foley_seconds: float
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A piece of the film as the script gives it: a heading, an element."""

    text: str
    seconds: float
    shots: int
    spoken: bool = False
    seen: bool = False
    named: bool = False
    heading: bool = False


def breakdown(screenplay: Screenplay, translations: Sequence[Screenplay] = ()) -> Breakdown:
    """Count ``screenplay``; each translation adds parts of its own, and the picture is as long as the original.

    Raises :class:`UsageError` for a translation of another shape, and for two of one language.
    """
    language = screenplay.language
    languages = (language, *(other.language for other in translations))
    if twice := {one for one in languages if languages.count(one) > 1}:
        raise UsageError(f"Two scripts are in one language ({', '.join(sorted(twice))}).", "Give one a language.")
    parts = [*_parts(screenplay, {speech.id: speech.text for speech in screenplay.speeches}, language)]
    for other in translations:
        parts += _parts(screenplay, translation.lines(screenplay, other), other.language)
    names: dict[int, set[tuple[str, ...]]] = {}
    for name in map(_words_of, screenplay.characters):
        names.setdefault(len(name), set()).add(name)
    film = [(scene, list(_stretches(scene, language, names))) for scene in screenplay.scenes]
    stretches = [stretch for _, inside in film for stretch in inside]
    scenes = tuple(_scene(scene, inside) for scene, inside in film)
    seconds = sum(scene.seconds for scene in scenes)
    return Breakdown(
        title=screenplay.title,
        languages=languages,
        pages=screenplay.pages,
        scenes=scenes,
        locations=tuple(dict.fromkeys(scene.location.upper() for scene in screenplay.scenes if scene.location)),
        parts=tuple(parts),
        seconds=seconds,
        shots=sum(scene.shots for scene in scenes),
        dialogue_shots=sum(stretch.shots for stretch in stretches if stretch.seen),
        motion_seconds=_named_work("motion", stretches, language),
        generated_seconds=_generated(stretches, language),
        roto_seconds=_named_work("roto", stretches, language),
        clean_up_seconds=_named_work("clean_up", stretches, language),
        music_seconds=sum(_music(inside, language) for _, inside in film),
        foley_seconds=seconds,
        rules=_rules(languages),
    )


def _parts(screenplay: Screenplay, texts: dict[str, str], language: str) -> Iterator[Part]:
    """Each speaker's part, in order of appearance; who says what is the original's, the words are ``texts``."""
    spoken: dict[str, list[Dialogue]] = {}
    for speech in screenplay.speeches:
        spoken.setdefault(speech.character, []).append(replace(speech, text=texts[speech.id]))
    for character, lines in spoken.items():
        yield Part(
            character,
            language,
            lines=len(lines),
            words=sum(speaking.words(line.text) for line in lines),
            letters=sum(speaking.letters(line.text) for line in lines),
            characters=sum(len(line.text) for line in lines),
            seconds=sum(speaking.seconds(line.text, language) for line in lines),
            seen_seconds=sum((speaking.seconds(line.text, language) for line in lines if _seen(line)), 0.0),
        )


def _stretches(scene: Scene, language: str, names: dict[int, set[tuple[str, ...]]]) -> Iterator[_Stretch]:
    """The scene's pieces in order, with their length on the screen and their shots."""
    if scene.heading:
        yield _Stretch(scene.heading, paper.height(scene.heading) * LINE_SECONDS, 1, heading=True)
    before = 0.0
    for element in scene.elements:
        if isinstance(element, Dialogue):
            lasts = speaking.seconds(element.text, language) + GAP_SECONDS
            shots = max(1, math.ceil(lasts / LONGEST_SPEECH))
            if element.dual:
                shots, lasts, before = 0, max(0.0, lasts - before), max(before, lasts)
            else:
                before = lasts
            yield _Stretch(element.text, lasts, shots, spoken=True, seen=_seen(element))
        elif not isinstance(element, Transition):
            lasts = paper.height(element.text) * LINE_SECONDS
            shots = math.ceil(lasts / LONGEST_ACTION)
            yield _Stretch(element.text, lasts, shots, named=_names_any(names, element.text))


def _scene(scene: Scene, stretches: list[_Stretch]) -> SceneCount:
    return SceneCount(
        scene.number,
        scene.heading,
        paper.eighths(scene),
        seconds=sum(stretch.seconds for stretch in stretches),
        shots=sum(stretch.shots for stretch in stretches),
        characters=tuple(dict.fromkeys(speech.character for speech in scene.speeches)),
    )


def _named_work(kind: str, stretches: list[_Stretch], language: str) -> float | None:
    """Seconds of the action that names work of a kind."""
    words = _words(language, kind)
    if words is None:
        return None
    return sum((one.seconds for one in stretches if not one.spoken and words.search(one.text)), 0.0)


def _generated(stretches: list[_Stretch], language: str) -> float:
    """Seconds of places shown, and of action with nobody in it who speaks or moves."""
    moving = _words(language, "motion")
    return sum(
        one.seconds
        for one in stretches
        if one.heading or not (one.spoken or one.named or moving is None or moving.search(one.text))
    )


def _music(stretches: list[_Stretch], language: str) -> float:
    """Seconds of one scene with music: all of it where the action names music, else what is not speech."""
    words = _words(language, "music")
    everywhere = words is not None and any(words.search(one.text) for one in stretches if not one.spoken)
    return sum((one.seconds for one in stretches if everywhere or not one.spoken), 0.0)


def _seen(speech: Dialogue) -> bool:
    return not (speech.extension and UNSEEN.search(speech.extension))


def _names_any(names: dict[int, set[tuple[str, ...]]], text: str) -> bool:
    """Whether any of ``names``, each as its words and by their number, stands in ``text``."""
    words = _words_of(text)
    return any(words[at : at + count] in some for count, some in names.items() for at in range(len(words)))


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))


@cache
def _words(language: str, kind: str) -> re.Pattern[str] | None:
    """Finds any word that asks for work of a kind; ``None`` in a language without a list."""
    lists = tomllib.loads(KEYWORDS.read_text(encoding="utf-8")).get(language)
    if lists is None:
        return None
    entries = (re.escape(entry.rstrip("*")) + ("" if entry.endswith("*") else r"\b") for entry in lists[kind])
    return re.compile(rf"\b(?:{'|'.join(entries)})", re.IGNORECASE)


def _rules(languages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """How each quantity was found."""
    spoken = []
    for language in languages:
        rate = speaking.rate(language)
        spoken.append(f"{language} {rate.letters:.2f} letters a second ({rate.source})")
    listed = _words(languages[0], "motion") is not None
    unlisted = "" if listed else f"; there is no list of words for {languages[0]}, so it is not known"
    action = "seconds of the paragraphs of action with a word of the list"
    return (
        ("pages", f"{paper.PAGE} lines a page, action {paper.WIDE} and speech {paper.SPEECH} characters wide"),
        ("parts", f"letters spoken, at measured rates: {'; '.join(spoken)}"),
        (
            "seconds",
            f"speech as long as its letters take, and {GAP_SECONDS} s behind each; headings and paragraphs of action "
            f"{LINE_SECONDS:.2f} s a line on paper and the blank one below; of two speeches at once the longer",
        ),
        (
            "shots",
            f"one a heading, one a paragraph of action and one more for each further {LONGEST_ACTION:.0f} s, one a "
            f"speech and one more for each further {LONGEST_SPEECH:.0f} s, none for a speech said at once with another",
        ),
        ("dialogue_shots", "the shots of speeches, without those of voices off (V.O., O.S.)"),
        ("motion_seconds", f"{action} for bodies that move{unlisted}"),
        (
            "generated_seconds",
            "headings, and paragraphs of action that name nobody who speaks and no movement"
            + ("" if listed else f"; at least, for without a list of words for {languages[0]} only headings count"),
        ),
        ("roto_seconds", f"{action} for pictures within the picture, reflections and ghosts{unlisted}"),
        ("clean_up_seconds", f"{action} for what flies, vanishes or hangs on wires{unlisted}"),
        (
            "music_seconds",
            "all that is not speech, and the whole of a scene whose action names music"
            + ("" if listed else "; at least"),
        ),
        ("foley_seconds", "the whole film: nothing is recorded on a set, so that all that is seen wants its sound"),
    )
