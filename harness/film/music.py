"""A small score that follows the scenes: chords for each mood, a melody where nobody speaks, played by FluidSynth.

It is written as MIDI and played from Debian's General MIDI soundfont; where the program or the soundfont is missing,
plain tones play the same notes. One tempo holds throughout, so that every change of mood falls on a beat.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.film.shot import Mood

RATE = 48_000
BEAT = 60 / 72
BAR = 3
SOUNDFONTS = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), Path("/usr/share/sounds/sf2/default-GM.sf2"))
TAIL = 3.0
HARP, STRINGS, BOX, CELLO = 46, 48, 10, 42


@dataclass(frozen=True, slots=True)
class Cue:
    """From ``start`` to ``end`` (seconds of the film) the music has this mood."""

    start: float
    end: float
    mood: Mood


@dataclass(frozen=True, slots=True)
class Note:
    """One note of one instrument (General MIDI program), times in seconds, ``pitch`` and ``force`` as in MIDI."""

    program: int
    pitch: int
    start: float
    end: float
    force: int


@dataclass(frozen=True, slots=True)
class _Style:
    chords: tuple[tuple[int, int, int], ...]
    tune: tuple[int | None, ...]
    force: int


_MINOR = ((57, 60, 64), (53, 57, 60), (48, 55, 64), (55, 59, 62))
_MAJOR = ((48, 55, 64), (53, 60, 69), (55, 62, 71), (48, 60, 67))
_STYLES: dict[Mood, _Style] = {
    "neutral": _Style(_MINOR, (76, None, 72, 74, 71, None, 72, None, 69, 71, 67, None), 44),
    "tender": _Style(((53, 57, 60), (48, 55, 64), (50, 57, 65), (55, 59, 62)), (72, None, 76, 74, None, 69), 46),
    "happy": _Style(_MAJOR, (76, 77, 79, 76, None, 72, 74, None, 71, 72, None, None), 58),
    "sad": _Style(((57, 60, 64), (50, 57, 65), (52, 56, 62), (57, 60, 64)), (76, None, None, 74, None, 72), 38),
    "afraid": _Style(((57, 60, 63), (56, 59, 62), (57, 60, 63), (53, 56, 60)), (75, None, None, None, 74, None), 36),
    "angry": _Style(((45, 52, 57), (46, 53, 58), (45, 52, 57), (44, 52, 56)), (69, 70, None, 69, None, None), 56),
    "surprised": _Style(((50, 57, 66), (52, 59, 68), (48, 55, 64), (55, 62, 71)), (78, None, 76, None, 81, None), 50),
}


def score(cues: Sequence[Cue], speech: Sequence[tuple[float, float]]) -> list[Note]:
    """The notes under ``cues``; the melody rests while somebody speaks (``speech``: starts and ends in seconds)."""
    notes: list[Note] = []
    end = max((cue.end for cue in cues), default=0.0)
    bars = int(end / (BEAT * BAR)) + 1
    for bar in range(bars):
        start = bar * BAR * BEAT
        moods: list[Mood] = [cue.mood for cue in cues if cue.start <= start + BEAT < cue.end]
        notes += _bar(_STYLES[moods[0] if moods else "neutral"], bar, start, speech)
    return [note for note in notes if note.start < end]


def _bar(style: _Style, bar: int, start: float, speech: Sequence[tuple[float, float]]) -> Iterable[Note]:
    low, middle, high = style.chords[bar % len(style.chords)]
    half = BEAT / 2
    for step, pitch in enumerate((low, middle, high, middle + 12, high, middle)):
        at = start + step * half
        yield Note(HARP, pitch, at, at + 0.9 * BEAT, style.force - (4 if step else 0))
    for pitch in (low, middle, high):
        yield Note(STRINGS, pitch, start, start + BAR * BEAT, style.force - 10)
    yield Note(CELLO, low - 12, start, start + BAR * BEAT, style.force - 8)
    if bar == 0:
        return
    for step in range(BAR * 2):
        tone = style.tune[(bar * BAR * 2 + step) % len(style.tune)]
        at = start + step * half
        if tone is not None and not any(first - half < at < last for first, last in speech):
            yield Note(BOX, tone, at, at + half, style.force + 12)


def played(notes: Sequence[Note], seconds: float, folder: Path) -> tuple[Any, str]:
    """The music, float32 (n, 2) at 48 kHz, ``seconds`` long, and what played it."""
    soundfont = next((font for font in SOUNDFONTS if font.is_file()), None)
    if soundfont is not None and shutil.which("fluidsynth"):
        return _fitted(_synthesised(notes, soundfont, folder), seconds), "fluidsynth"
    return _fitted(_tones(notes, seconds), seconds), "plain tones"


def write_midi(notes: Sequence[Note], path: Path) -> Path:
    """The score as a Standard MIDI file, one track an instrument."""
    import mido

    ticks = 480
    file = mido.MidiFile(ticks_per_beat=ticks)
    for channel, program in enumerate(sorted({note.program for note in notes})):
        track = mido.MidiTrack()
        file.tracks.append(track)
        if channel == 0:
            track.append(mido.MetaMessage("set_tempo", tempo=round(BEAT * 1e6)))
        track.append(mido.Message("program_change", channel=channel, program=program))
        events = []
        for note in notes:
            if note.program == program:
                events += [(note.start, 1, note), (note.end, 0, note)]
        before = 0
        for at, begins, note in sorted(events, key=lambda event: (event[0], event[1], event[2].pitch)):
            tick = round(at / BEAT * ticks)
            kind, force = ("note_on", note.force) if begins else ("note_off", 0)
            track.append(mido.Message(kind, channel=channel, note=note.pitch, velocity=force, time=tick - before))
            before = tick
    file.save(str(path))
    return path


def _synthesised(notes: Sequence[Note], soundfont: Path, folder: Path) -> Any:
    import soundfile
    from filmbench.adapters.local import _programs as programs

    write_midi(notes, folder / "music.mid")
    need = programs.program("fluidsynth")
    settings = ["-o", "synth.reverb.active=1", "-o", "synth.chorus.active=0", "-o", "synth.cpu-cores=1"]
    quiet = ["-ni", "-q", "-g", "0.6", "-r", str(RATE), *settings, "-F", "music.wav"]
    programs.run(need, [*quiet, str(soundfont), "music.mid"], folder)
    samples, _ = soundfile.read(folder / "music.wav", dtype="float32", always_2d=True)
    return samples


def _tones(notes: Sequence[Note], seconds: float) -> Any:
    import numpy as np

    sound = np.zeros(round((seconds + TAIL) * RATE), np.float32)
    for note in notes:
        time = np.arange(round((note.end - note.start + 0.6) * RATE)) / RATE
        pitch = 440.0 * 2 ** ((note.pitch - 69) / 12)
        fall = np.exp(-time * (0.8 if note.program in (STRINGS, CELLO) else 4.0)) * np.minimum(1, time / 0.01)
        tone = (np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)) * fall
        at = round(note.start * RATE)
        part = sound[at : at + len(tone)]
        part += (0.03 * note.force / 64 * tone[: len(part)]).astype(np.float32)
    return np.stack([sound, sound], axis=1)


def _fitted(samples: Any, seconds: float) -> Any:
    import numpy as np

    wanted = round(seconds * RATE)
    return np.pad(samples, ((0, max(0, wanted - len(samples))), (0, 0)))[:wanted].astype(np.float32)
