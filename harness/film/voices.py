"""Who speaks with which voice, every line spoken in every language, and when its phonemes sound.

The first language sets the pace: a line that is longer in another language is asked once more, faster, within bounds
that stay natural, where the voice can be paced. What is still longer gets a longer slot: nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness import registry
from filmbench.harness.film.shot import Look, Mouth
from filmbench.harness.film.stages import Granted, Stages, Wish
from filmbench.harness.types import UsageError

QUIET_DB = -45.0
"""What is softer than a line's peak by this much is the silence before and behind it."""
BEFORE, BEHIND = 0.03, 0.08
"""Seconds of it that are kept."""
CLOSE_ENOUGH = 1.05
FASTEST = 1.25
GUIDE = "local/kokoro"
KNOWN: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "local/kokoro": {
        "en": {"f": ("af_heart", "bf_emma"), "m": ("am_puck", "bm_george")},
        "es": {"f": ("ef_dora",), "m": ("em_alex",)},
    }
}
"""Voices by provider, language and gender, the younger first."""
NOISY_DB = 38.0
"""A line whose pauses lie less than this below its speech is sent to be denoised."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is said: the script's speech in one language. ``direction`` is its parentheticals."""

    id: str
    who: str
    language: str
    text: str
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as it was spoken: ``sound`` is the artifact to use from ``offset`` for ``seconds``.

    ``timing`` tells where the phonemes' times come from: ``exact`` (the engine's own) or ``estimated`` (aligned here).
    """

    line: Line
    granted: Granted
    sound: Any
    offset: float
    seconds: float
    mouth: Mouth
    timing: str
    speed: float
    denoised: Granted | None = None


def cast_voices(
    provider: str, looks: Mapping[str, Look], languages: Sequence[str], asked: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """A voice for each character and language, as unlike as the provider's voices allow; ``asked`` goes before.

    Raises :class:`UsageError` for a name in ``asked`` that nobody bears.
    """
    spec = registry.providers().get(provider).spec
    if unknown := [name for name in asked if name not in looks]:
        raise UsageError(f"nobody is called {unknown[0]!r}", f"characters: {', '.join(looks)}")
    chosen: dict[tuple[str, str], str] = {}
    param = spec.params.get("voice")
    for language in languages:
        taken: list[str] = []
        for name, look in looks.items():
            voices = _voices(provider, language, look, param)
            free = [voice for voice in voices if voice not in taken] or list(voices)
            voice = asked.get(name) or (free[-1 if look.age == "old" else 0] if free else "")
            if voice:
                taken.append(voice)
                chosen[name, language] = voice
    return chosen


def _voices(provider: str, language: str, look: Look, param: Any) -> tuple[str, ...]:
    known = KNOWN.get(provider, {}).get(language)
    if known is not None:
        return known[look.gender] if look.gender else (*known["f"], *known["m"])
    if param is None:
        return ()
    default = param.default.get(language) if isinstance(param.default, dict) else param.default
    return (str(default),) if default else tuple(map(str, param.choices[:1]))


def speak(
    stages: Stages,
    provider: str,
    lines: Sequence[Line],
    voices: Mapping[tuple[str, str], str],
    languages: Sequence[str],
) -> dict[str, dict[str, Reading]]:
    """Every line read: language to line to reading. The first of ``languages`` sets the pace."""
    spec = registry.providers().get(provider).spec
    first = [line for line in lines if line.language == languages[0]]
    others = [line for line in lines if line.language != languages[0]]
    natural = _read(stages, provider, [*first, *others], voices, {})
    paces: dict[str, float] = {}
    for line in others:
        own, reading = natural.get(f"{line.id}/{languages[0]}"), natural[_key(line)]
        if own and "speed" in spec.params and reading.seconds > CLOSE_ENOUGH * own.seconds:
            paces[_key(line)] = round(min(FASTEST, reading.seconds / own.seconds), 2)
    faster = _read(stages, provider, [natural[key].line for key in paces], voices, paces)
    readings: dict[str, dict[str, Reading]] = {language: {} for language in languages}
    for reading in (natural | faster).values():
        readings[reading.line.language][reading.line.id] = reading
    return readings


def _read(
    stages: Stages,
    provider: str,
    lines: Sequence[Line],
    voices: Mapping[tuple[str, str], str],
    paces: Mapping[str, float],
) -> dict[str, Reading]:
    """``lines`` spoken, by ``line/language``."""
    wishes = []
    for line in lines:
        params: dict[str, Any] = {}
        if voice := voices.get((line.who, line.language)):
            params["voice"] = voice
        if pace := paces.get(_key(line)):
            params["speed"] = pace
        inputs = {"text": line.text} | ({"direction": line.direction} if line.direction else {})
        wishes.append(Wish(_key(line), "tts", provider, inputs, params, line.language))
    granted = stages.need("voices", wishes)
    clean = _denoised(stages, granted)
    guides = _guides(stages, [line for line in lines if "phonemes" not in granted[_key(line)].artifacts])
    return {_key(line): _reading(stages, line, granted[_key(line)], clean, guides, paces) for line in lines}


def _key(line: Line) -> str:
    return f"{line.id}/{line.language}"


def _denoised(stages: Stages, granted: Mapping[str, Granted]) -> dict[str, Granted]:
    """The lines whose pauses are noisy, denoised; what cannot be is used as it came."""
    wishes = [
        Wish(f"{id}/clean", "editing/denoise-sound", "local/afftdn", {"sound": one.one("speech")}, {})
        for id, one in granted.items()
        if _floor(stages.path(one.one("speech"))) < NOISY_DB
    ]
    made = stages.ask("denoise", wishes)
    return {id.removesuffix("/clean"): one for id, one in made.items() if one.ok}


def _floor(path: Path) -> float:
    """How many dB the quietest tenth of a line's moments lie below its loudest tenth."""
    import numpy as np

    samples, rate = samples_of(path)
    hop = max(1, rate // 50)
    level = np.sqrt(np.mean(np.square(samples[: len(samples) // hop * hop].reshape(-1, hop)), axis=1)) + 1e-7
    low, high = np.percentile(level, (10, 90))
    return float(20 * np.log10(high / low))


def samples_of(path: Path) -> tuple[Any, int]:
    """A sound file's mix to one channel, float32 (n,), and its rate."""
    from filmbench.harness.media.decode import decode

    decoded = decode(path)
    return decoded.samples.mean(axis=1), decoded.rate


def _reading(
    stages: Stages,
    line: Line,
    granted: Granted,
    clean: Mapping[str, Granted],
    guides: Mapping[str, Granted],
    paces: Mapping[str, float],
) -> Reading:
    denoised = clean.get(_key(line))
    sound = denoised.one("sound") if denoised else granted.one("speech")
    samples, rate = samples_of(stages.path(sound))
    first, last = _sounding(samples, rate)
    offset, seconds = first / rate, (last - first) / rate
    if "phonemes" in granted.artifacts:
        times, timing = _told(stages.path(granted.one("phonemes"))), "exact"
    else:
        times, timing = _aligned(stages, line, samples, rate, guides.get(_key(line))), "estimated"
    phonemes = tuple(
        (symbol, round(max(0.0, start - offset), 4), round(min(seconds, end - offset), 4))
        for symbol, start, end in times
        if end > offset and start < offset + seconds
    )
    mouth = Mouth(line.id, round(seconds, 4), phonemes)
    return Reading(line, granted, sound, offset, seconds, mouth, timing, paces.get(_key(line), 1.0), denoised)


def _sounding(samples: Any, rate: int) -> tuple[int, int]:
    """First and one behind the last sample that is kept of a line. Raises ``ValueError`` for silence."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max(initial=0.0) * 10 ** (QUIET_DB / 20))
    if not len(loud):
        raise ValueError("a line is silent")
    return max(0, int(loud[0]) - round(BEFORE * rate)), min(len(samples), int(loud[-1]) + 1 + round(BEHIND * rate))


def _told(path: Path) -> list[tuple[str, float, float]]:
    from filmbench.harness.media.documents import read_json

    return mouthed([(str(symbol), float(start), float(end)) for symbol, start, end in read_json(path)])


def mouthed(told: Sequence[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Phonemes as a mouth makes them: a stress mark's time is its vowel's, a length mark's and a space's the phoneme's
    before; at any other mark the mouth rests, which is a gap."""
    found: list[tuple[str, float, float]] = []
    begins: float | None = None
    for symbol, start, end in told:
        if symbol in "ˈˌ":
            begins = start if begins is None else begins
        elif symbol in "ː ʰʲ" and found and begins is None:
            if found[-1][2] >= start:  # else a mark stands between: the mouth rests
                found[-1] = (found[-1][0], found[-1][1], end)
        elif symbol.isalpha():
            found.append((symbol, start if begins is None else begins, end))
            begins = None
    return found


def _guides(stages: Stages, lines: Sequence[Line]) -> dict[str, Granted]:
    """A reading with known times of each line that has none, where the guiding voice speaks its language."""
    spoken = KNOWN[GUIDE]
    wishes = [
        Wish(_key(line), "tts", GUIDE, {"text": line.text}, {"voice": spoken[line.language]["f"][0]}, line.language)
        for line in lines
        if line.language in spoken
    ]
    return {id: one for id, one in stages.ask("timing", wishes).items() if one.ok}


def _aligned(
    stages: Stages, line: Line, samples: Any, rate: int, guide: Granted | None
) -> list[tuple[str, float, float]]:
    """Phoneme times of a line whose engine tells none: a timed reading laid over it, else its letters spread evenly."""
    import soxr

    if guide is None:
        return list(_spread(line.text, *(sample / rate for sample in _sounding(samples, rate))))
    from filmbench.adapters.local import _visemes as visemes

    reading, own = samples_of(stages.path(guide.one("speech")))
    warp = visemes.laid_over(
        soxr.resample(reading, own, visemes.RATE, quality="HQ"),
        soxr.resample(samples, rate, visemes.RATE, quality="HQ"),
    )
    told = _told(stages.path(guide.one("phonemes")))
    return [(symbol, warp(start), warp(end)) for symbol, start, end in told]


def _spread(text: str, start: float, end: float) -> Iterable[tuple[str, float, float]]:
    """The letters of ``text`` as if each were a phoneme, vowels twice as long."""
    letters = [letter.lower() for letter in text if letter.isalpha() or letter == " "]
    weights = [2.0 if letter in "aeiouáéíóúàèìòùäöüy" else 1.0 for letter in letters]
    scale = (end - start) / max(sum(weights), 1e-6)
    at = start
    for letter, weight in zip(letters, weights, strict=True):
        yield letter, at, at + weight * scale
        at += weight * scale
