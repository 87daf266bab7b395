"""The film's sound: dialogue, music and effects as stems, and the mix of each language at the delivery's loudness.

Dialogue stays near-dry: a room's early reflections at most, since reverberation costs more words than music does.
Music and air step back while somebody speaks. Everything is float32, (n, 2), at 48 kHz, as long as the film.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.film import effects, music
from filmbench.harness.film.music import Cue
from filmbench.harness.film.shot import Mood
from filmbench.harness.film.timeline import Timeline
from filmbench.harness.film.voices import Reading

RATE = 48_000
LOUDNESS = -16.0
PEAK = -2.0
"""True peak of the mix in dBTP: AAC adds some tenths, and −1 is the most that may be delivered."""
DIALOGUE = -19.0
"""LUFS of each line before the mix."""
MUSIC, AIR = -31.0, -38.0
"""LUFS of the whole music and of the air, before they step back."""
DUCK = {"music": 0.55, "air": 0.35}
"""The share by which each steps back under speech."""
RUMBLE = 75.0
REFLECTIONS = ((0.011, 0.09), (0.017, 0.06))
"""Delay in seconds and level of what walls give back, indoors."""
FADE_IN, FADE_OUT = 0.8, 2.5


@dataclass(frozen=True, slots=True)
class Stems:
    """What is mixed. ``dialogue`` is by language; ``played_by`` tells who played the music."""

    dialogue: Mapping[str, Any]
    music: Any
    effects: Any
    played_by: str


def stems(
    timeline: Timeline,
    readings: Mapping[str, Mapping[str, Reading]],
    paths: Mapping[str, Path],
    seed: int,
    folder: Path,
) -> Stems:
    """Every stem of the film. ``paths`` is where the lines' sounds lie, by sha256."""
    spoken = [(line.start, line.start + line.slot) for line in timeline.lines]
    notes = music.score(cues(timeline), spoken)
    played, by = music.played(notes, timeline.seconds, folder)
    air = _levelled(effects.ambience(timeline, seed), AIR)
    return Stems(
        dialogue={language: dialogue(timeline, lines, paths) for language, lines in readings.items()},
        music=_faded(_levelled(played, MUSIC)),
        effects=_faded(air + effects.foley(timeline, seed)),
        played_by=by,
    )


def cues(timeline: Timeline) -> list[Cue]:
    """The music's moods: of each scene the one its faces show most; from the moment a light comes on, happy."""
    found: list[Cue] = []
    lit = next(
        (placed.start + (placed.shot.lit or 0) for placed in timeline.shots if placed.shot.lit is not None), None
    )
    for chapter in timeline.chapters:
        moods: dict[Mood, int] = {}
        for placed in timeline.shots:
            if chapter.start <= placed.start < chapter.end:
                for presence in placed.shot.cast:
                    if presence.mood != "neutral":
                        moods[presence.mood] = moods.get(presence.mood, 0) + 1
        mood = max(moods, key=lambda one: (moods[one], one)) if moods else "neutral"
        if lit is not None and chapter.start <= lit < chapter.end:
            found += [Cue(chapter.start, lit, mood), Cue(lit, chapter.end, "happy")]
        else:
            found.append(Cue(chapter.start, chapter.end, "happy" if lit is not None and lit < chapter.start else mood))
    end: Mood = found[-1].mood if found else "neutral"
    return [*found, Cue(found[-1].end if found else 0.0, timeline.seconds, "tender" if end != "happy" else "happy")]


def dialogue(timeline: Timeline, readings: Mapping[str, Reading], paths: Mapping[str, Path]) -> Any:
    """One language's lines where the timeline has them, each at the same loudness, from its speaker's side."""
    import numpy as np

    sound = np.zeros((round(timeline.seconds * RATE), 2), np.float32)
    for line in timeline.lines:
        reading = readings.get(line.line)
        if reading is None:
            continue
        placed = timeline.shot_of(line.line)
        at = next((one.at for one in placed.shot.cast if one.character == line.who), 0.5)
        wet = "int" in placed.shot.setting.split("-")
        stereo = _sided(_voice(reading, paths[reading.sound.sha256], wet), 0.5 * (at - 0.5))
        first = round(line.start * RATE)
        part = sound[first : first + len(stereo)]
        part += stereo[: len(part)]
    return sound


def _voice(reading: Reading, path: Path, wet: bool) -> Any:
    """One line at 48 kHz, without rumble, at the dialogue's loudness: float32 (n,)."""
    import numpy as np
    import soxr
    from filmbench.harness.film.voices import samples_of
    from scipy.signal import butter, sosfiltfilt

    samples, rate = samples_of(path)
    first = round(reading.offset * rate)
    samples = samples[first : first + round(reading.seconds * rate)]
    samples = samples if rate == RATE else soxr.resample(samples, rate, RATE, quality="HQ")
    voice = sosfiltfilt(butter(2, RUMBLE, "high", fs=RATE, output="sos"), samples)
    edge = min(round(0.008 * RATE), len(voice) // 2)
    voice[:edge] *= np.linspace(0, 1, edge)
    voice[len(voice) - edge :] *= np.linspace(1, 0, edge)
    if wet:
        dry = voice.copy()
        for delay, level in REFLECTIONS:
            shift = round(delay * RATE)
            voice[shift:] += level * dry[: len(dry) - shift]
    return _levelled(voice.astype(np.float32), DIALOGUE)


def _sided(mono: Any, side: float) -> Any:
    """Both channels at equal power, ``side`` from −0.5 (left) to 0.5."""
    import numpy as np

    angle = (side + 0.5) * np.pi / 2
    return np.stack([np.cos(angle) * mono, np.sin(angle) * mono], axis=1).astype(np.float32) * np.float32(2**0.5)


def mix(stems: Stems, language: str) -> Any:
    """One language's whole sound at −16 LUFS with its true peak held; reaches both by measuring again."""
    import numpy as np

    speech = stems.dialogue[language]
    level = _envelope(speech)
    bed = stems.music * (1 - DUCK["music"] * level)[:, None] + stems.effects * (1 - DUCK["air"] * level)[:, None]
    whole = (speech + bed).astype(np.float32)
    for _ in range(4):
        loud = loudness(whole)
        if loud is None:
            return whole
        whole = limited(whole * np.float32(10 ** ((LOUDNESS - loud) / 20)), PEAK)
        if abs((loudness(whole) or LOUDNESS) - LOUDNESS) < 0.1:
            break
    return whole


def loudness(samples: Any) -> float | None:
    """Integrated loudness in LUFS (ITU-R BS.1770-4); ``None`` for what is too short or too soft to have one."""
    import math

    from filmbench.metrics.measure import Unmeasurable
    from filmbench.metrics.tts.loudness import integrated

    try:
        found = integrated(samples, RATE)
    except Unmeasurable:
        return None
    return found if math.isfinite(found) else None


def limited(samples: Any, ceiling: float) -> Any:
    """``samples`` turned down, smoothly and ahead of time, wherever their true peak would pass ``ceiling`` dBTP."""
    import numpy as np
    from scipy.ndimage import maximum_filter1d, minimum_filter1d
    from scipy.signal import resample_poly

    top = 10 ** (ceiling / 20)
    between = np.abs(resample_poly(samples, 4, 1, axis=0)).max(axis=1)[: 4 * len(samples)].reshape(-1, 4).max(axis=1)
    if between.max() <= top:
        return samples
    window = round(0.005 * RATE)
    peaks = maximum_filter1d(between, 2 * window + 1)
    wanted = minimum_filter1d(np.minimum(1.0, top / np.maximum(peaks, 1e-9)), 2 * window + 1)
    kernel = np.hanning(2 * window + 1)
    gain = np.convolve(np.pad(wanted, window, mode="edge"), kernel / kernel.sum(), "valid")
    return (samples * gain[:, None]).astype(np.float32)


def _envelope(speech: Any) -> Any:
    """0 where nobody speaks to 1 in speech: quick to rise, half a second to fall. (n,)"""
    import numpy as np
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    hop = RATE // 100
    count = -(-len(speech) // hop)
    padded = np.pad(np.abs(speech).max(axis=1), (0, count * hop - len(speech)))
    loud = (padded.reshape(count, hop).max(axis=1) > 10 ** (-45 / 20)).astype(np.float32)
    held = uniform_filter1d(maximum_filter1d(loud, 51), 31)
    return np.interp(np.arange(len(speech)) / hop, np.arange(count) + 0.5, held).astype(np.float32)


def _levelled(samples: Any, wanted: float) -> Any:
    """``samples`` at ``wanted`` LUFS; what has no loudness is left as it is."""
    import numpy as np

    found = loudness(samples if samples.ndim == 2 else samples[:, None])
    return samples if found is None else (samples * 10 ** ((wanted - found) / 20)).astype(np.float32)


def _faded(samples: Any) -> Any:
    """``samples`` out of silence and into it again at the film's two ends."""
    import numpy as np

    samples = samples.copy()
    for seconds, rise in ((FADE_IN, True), (FADE_OUT, False)):
        count = min(round(seconds * RATE), len(samples))
        ramp = np.linspace(0, 1, count, dtype=np.float32)[:, None]
        if rise:
            samples[:count] *= ramp
        else:
            samples[len(samples) - count :] *= ramp[::-1]
    return samples
