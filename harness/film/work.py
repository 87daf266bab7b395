"""What a film asks of each stage, cut up as vendors are asked: so many lines, clips, shots or pictures, so long."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from filmbench.harness.film.assumptions import Assumptions, Items
from filmbench.harness.film.breakdown import Breakdown
from filmbench.harness.types import Artifact

Input = str | Artifact


@dataclass(frozen=True, slots=True)
class Item:
    """``count`` equal pieces: each a take of ``seconds`` (0 for a picture), asked with these inputs by role.

    ``also`` is what the film can give besides, for vendors that ask for it: a clip's first frame, say.
    """

    count: int
    seconds: float
    inputs: Mapping[str, Input]
    also: Mapping[str, Input] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """One stage's work for one ``group``: a character, a place, a language, or the whole film.

    ``share`` is the group's part of its stage (all groups of a stage and language make 1). ``spread`` names what the
    quantity hangs on. ``by_text``: vendors are sent words, whose number is certain however long they take to speak.
    """

    stage: str
    group: str
    items: tuple[Item, ...]
    share: float
    rule: str
    language: str | None = None
    spread: Literal["speech", "picture", "none"] = "none"
    by_text: bool = False

    @property
    def count(self) -> int:
        """Pieces in all."""
        return sum(item.count for item in self.items)

    @property
    def seconds(self) -> float:
        """Their length in all."""
        return sum(item.count * item.seconds for item in self.items)

    @property
    def name(self) -> str:
        """The group with its language, as tables name it."""
        return f"{self.group} ({self.language})" if self.language and self.group != self.language else self.group


def work(film: Breakdown, assumed: Assumptions) -> tuple[Work, ...]:
    """All that the film asks, in the order of the stages. What it asks nothing of is absent."""
    items = assumed.items
    made = [
        *_speech(film),
        *_dubbing(film),
        *_lips(film),
        *_clips("mocap", film.motion_seconds, items.motion_seconds, "motion", _filmed),
        *_clips("video", film.generated_seconds, items.clip_seconds, "generated pictures", lambda s: _wanted(s, items)),
        *_places(film, items),
        *_shots("editing/roto", film, film.roto_seconds, "to be cut out"),
        *_shots("editing/removal", film, film.clean_up_seconds, "to be cleaned up"),
        *_shots("editing/colour", film, film.seconds, "to be matched"),
        *_sound("music", film.music_seconds),
        *_sound("foley", film.foley_seconds),
    ]
    return tuple(one for one in made if one.count)


def _speech(film: Breakdown) -> Iterator[Work]:
    """A character's lines in the film's own language; the others are dubbed."""
    own = [part for part in film.parts if part.language == film.languages[0] and part.lines]
    spoken = sum(part.seconds for part in own) or 1.0
    for part in own:
        each, more = divmod(part.characters, part.lines)
        seconds = part.seconds / part.lines
        pieces = ((more, each + 1), (part.lines - more, each))
        yield Work(
            "tts",
            part.character,
            tuple(Item(count, seconds, {"text": "x" * length}) for count, length in pieces if count),
            part.seconds / spoken,
            f"{part.lines} lines of {part.characters} characters in all, evenly long",
            part.language,
            "speech",
            by_text=True,
        )


def _dubbing(film: Breakdown) -> Iterator[Work]:
    """Each scene in which somebody speaks, whole, into each other language."""
    scenes = [scene.seconds for scene in film.scenes if scene.characters and scene.seconds > 0]
    for language in film.languages[1:]:
        yield Work(
            "dubbing",
            language,
            tuple(Item(1, one, {"source": _film(one), "source_language": film.languages[0]}) for one in scenes),
            1 / (len(film.languages) - 1),
            f"each of {len(scenes)} scenes in which somebody speaks, whole",
            language,
            "speech",
        )


def _lips(film: Breakdown) -> Iterator[Work]:
    """Each shot in which somebody is seen speaking, as long as that speech, in every language."""
    if not film.dialogue_shots:
        return
    for language in film.languages:
        own = [part for part in film.parts if part.language == language]
        spoken = sum(part.seconds if part.seen_seconds is None else part.seen_seconds for part in own)
        if not spoken:
            continue
        each = spoken / film.dialogue_shots
        item = Item(film.dialogue_shots, each, {"video": _film(each), "speech": _recording(each)})
        rule = f"{film.dialogue_shots} shots in which somebody is seen speaking, as long as that speech"
        yield Work("lipsync", language, (item,), 1 / len(film.languages), rule, language, "speech")


def unknown(film: Breakdown) -> tuple[str, ...]:
    """Stages whose quantity the script's language does not let anybody count, with the reason."""
    found = {"mocap": film.motion_seconds, "editing/roto": film.roto_seconds, "editing/removal": film.clean_up_seconds}
    return tuple(
        f"{stage}: there is no list of {film.languages[0]} words to count it by"
        for stage, seconds in found.items()
        if seconds is None
    )


def _clips(
    stage: str, seconds: float | None, most: float, what: str, asked: Callable[[float], dict[str, Input]]
) -> Iterator[Work]:
    """Seconds in clips of at most so many, evenly long."""
    if not seconds:
        return
    count = math.ceil(round(seconds / most, 6))
    each = seconds / count
    rule = f"{seconds:.0f} s of {what} in {count} clips of at most {most:g} s"
    frame: dict[str, Input] = {"image": Artifact("0" * 64, "image/png", 0)} if stage == "video" else {}
    yield Work(stage, "film", (Item(count, each, asked(each), frame),), 1.0, rule, None, "picture")


def _places(film: Breakdown, items: Items) -> Iterator[Work]:
    """One picture or more of each location."""
    inputs: dict[str, Input] = {"prompt": "x" * items.prompt_characters, "size": items.size}
    for place in film.locations:
        item = Item(items.plates_per_location, 0.0, inputs)
        yield Work("background", place, (item,), 1 / len(film.locations), f"{items.plates_per_location} a location")


def _shots(stage: str, film: Breakdown, seconds: float | None, what: str) -> Iterator[Work]:
    """Seconds in shots of the film's mean length."""
    if not seconds or not film.shots:
        return
    count = max(1, round(film.shots * seconds / film.seconds)) if film.seconds else 1
    each = seconds / count
    inputs = _filmed(each) | ({"look": _film(each)} if stage == "editing/colour" else {})
    rule = f"{seconds:.0f} s {what}, in shots as long as the film's are on average"
    yield Work(stage, "film", (Item(count, each, inputs),), 1.0, rule, None, "picture")


def _sound(stage: str, seconds: float) -> Iterator[Work]:
    if seconds > 0:
        yield Work(stage, "film", (Item(1, seconds, {}),), 1.0, f"{seconds:.0f} s", None, "picture")


def _filmed(seconds: float) -> dict[str, Input]:
    return {"video": _film(seconds)}


def _wanted(seconds: float, items: Items) -> dict[str, Input]:
    words = "x" * items.prompt_characters
    return {"prompt": words, "seconds": f"{seconds:.3f}", "size": items.size, "fps": str(items.fps)}


def _film(seconds: float) -> Artifact:
    """A film that is not made yet: all that a quote reads of it is its length."""
    return Artifact("0" * 64, "video/mp4", 0, seconds)


def _recording(seconds: float) -> Artifact:
    return Artifact("0" * 64, "audio/wav", 0, seconds)
