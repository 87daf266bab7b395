"""How ``cut-speech`` was made: lines spoken by two synthesisers that tell when each word begins and ends.

What must go stands in brackets below. festival prints the times of its words; flite prints those of its phones, which
belong to words by the phones that it gives each word alone. The media are committed, since other builds of the two
programs may differ in the last bit; this module says how they came about and makes them again.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.media.splice import joined
from filmbench.harness.media.timeline import CutList, write_otio
from filmbench.harness.media.write import MATROSKA, write_lossless
from filmbench.harness.types import Artifact, Sample, UsageError

FPS = 25
RATE = 16_000
SIZE = (96, 54)
FADE_SECONDS = 0.005
ROOM_LEVEL = 6
"""Greatest size of the room's noise, in 16-bit steps: about −79 dBFS RMS."""


@dataclass(frozen=True, slots=True)
class Line:
    """One recording. What stands in brackets in ``text`` must go."""

    id: str
    voice: str
    text: str
    tags: tuple[str, ...]
    film: bool = False


LINES = (
    Line(
        "boat",
        "slt",
        "So, [um,] we found the boat near the old bridge. [I mean, you know,] it was tied to a post.",
        ("filler",),
    ),
    Line(
        "door",
        "rms",
        "[The door was locked. No, wait.] The door was locked when I came home, [like,] and the window stood open.",
        ("filler", "repeat"),
    ),
    Line(
        "letter",
        "slt",
        "[Nobody told me about the letter.] Nobody told me about the letter. I found it under the bread.",
        ("repeat",),
    ),
    Line(
        "key",
        "rms",
        "I keep the spare key [on the, on the, you know,] under the third flower pot.",
        ("filler", "false-start"),
    ),
    Line(
        "road",
        "slt",
        "We could leave tonight, [well, actually, I was thinking,] if the road is clear.",
        ("filler",),
    ),
    Line(
        "seven",
        "rms",
        "[He said seven in the morning, sorry, let me start again.] He said seven in the morning, and he never came.",
        ("repeat",),
    ),
    Line(
        "mill",
        "slt",
        "Turn left at the mill. [Oh no, that was wrong.] Turn left at the church, and stop at the gate.",
        ("false-start",),
        film=True,
    ),
    Line(
        "train",
        "rms",
        "The last train leaves at ten. [What I mean is,] you have to run, [right,] and you must not look back.",
        ("filler",),
    ),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its true times in seconds."""

    word: str
    start: float
    end: float
    keep: bool


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every line, spoken, filmed where it asks for that, and cut."""
    for number, line in enumerate(LINES):
        progress(line.id, number, len(LINES))
        words, samples = _spoken(line, content.scratch)
        samples = _in_a_room(samples, number)
        spans = true_spans(words, len(samples) / RATE)
        length = len(samples) * FPS // RATE if line.film else len(samples)
        unit = Fraction(FPS if line.film else RATE)
        exact = tuple((round(start * unit), min(length, round(end * unit))) for start, end in spans)
        cuts = CutList(exact, unit, length, picture=line.film)
        yield Sample(
            id=line.id,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={
                "source": _recording(content, line, samples),
                "script": line.text.replace("[", "").replace("]", ""),
                "keep": " ".join(re.sub(r"\[.*?\]", "", line.text).split()),
            },
            references={
                "words": _words(content, line, words),
                "cut": _cut(content, line, samples, cuts),
                "timeline": content.artifact(*write_otio(cuts, content.file(f"{line.id}.otio"), "source")),
            },
            language="en",
            cluster=line.id,
            tags=frozenset({*line.tags, line.voice, "film" if line.film else "sound"}),
        )


def true_spans(words: Sequence[Word], seconds: float) -> list[tuple[float, float]]:
    """What stays of the recording: cuts in the middle of the pause between a word that stays and one that goes."""
    edges = [0.0, *((one.end + other.start) / 2 for one, other in pairwise(words)), seconds]
    spans: list[tuple[float, float]] = []
    for index, word in enumerate(words):
        if word.keep and spans and spans[-1][1] == edges[index]:
            spans[-1] = (spans[-1][0], edges[index + 1])
        elif word.keep:
            spans.append((edges[index], edges[index + 1]))
    return spans


def _spoken(line: Line, scratch: Path) -> tuple[list[Word], Any]:
    """The words with their times, and the sound: int16, shape (n,), at 16 kHz."""
    import numpy as np
    import soundfile
    import soxr

    marked = [(word.strip("[],.").lower(), keep) for word, keep in _marked(line.text)]
    wave = scratch / f"{line.id}.wav"
    text = re.sub(r"[\[\]]", "", line.text)
    times = _festival(text, wave) if line.voice == "slt" else _flite(text, [word for word, _ in marked], wave)
    if [word.lower() for word, _, _ in times] != [word for word, _ in marked]:
        raise UsageError(f"{line.id}: the synthesiser speaks other words than were written", "write numbers as words")
    samples, rate = soundfile.read(wave, dtype="float32")
    samples = np.round(soxr.resample(samples, rate, RATE, quality="HQ") * 32767).astype(np.int16)
    words = [Word(word, start, end, keep) for (word, keep), (_, start, end) in zip(marked, times, strict=True)]
    return words, samples


def _marked(text: str) -> Iterator[tuple[str, bool]]:
    """Each word, and whether it stands outside brackets."""
    outside = True
    for word in text.split():
        outside = outside and not word.startswith("[")
        yield word, outside
        outside = outside or word.endswith("]")


def _festival(text: str, wave: Path) -> list[tuple[str, float, float]]:
    script = f"""(voice_cmu_us_slt_arctic_hts)
(set! utt (utt.synth (Utterance Text "{text}")))
(mapcar (lambda (w) (format t "%s %f %f\\n" (item.name w) (item.feat w "word_start") (item.feat w "word_end")))
  (utt.relation.items utt 'Word))
(utt.save.wave utt "{wave}" 'riff)"""
    file = wave.with_suffix(".scm")
    file.write_text(script, encoding="ascii")
    lines = _run("festival", "-b", str(file)).splitlines()
    return [(word, float(start), float(end)) for word, start, end in (line.split() for line in lines)]


def _flite(text: str, words: Sequence[str], wave: Path) -> list[tuple[str, float, float]]:
    printed = _run("flite", "-voice", "rms", "-psdur", "-t", text, "-o", str(wave)).split()
    ends = [(phone, float(end)) for phone, end in (entry.split(":") for entry in printed)]
    timed = [
        (before, end)
        for (_, before), (phone, end) in pairwise([("pau", 0.0), *ends])
        if phone != "pau"
    ]  # fmt: skip
    found: list[tuple[str, float, float]] = []
    for word in words:
        alone = _run("flite", "-voice", "rms", "-ps", "-t", word, "-o", str(wave.with_suffix(".word"))).split()
        count = len([phone for phone in alone if phone != "pau"])
        mine, timed = timed[:count], timed[count:]
        found.append((word, mine[0][0], mine[-1][1]))
    if timed:
        raise UsageError(f"flite says {text!r} with other phones than its words alone", "choose other words")
    return found


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def _in_a_room(samples: Any, seed: int) -> Any:
    """The sound over an even, quiet noise, made as long as whole frames of a film."""
    import numpy as np

    samples = np.pad(samples, (0, -len(samples) % (RATE // FPS)))
    noise = np.random.default_rng(seed).integers(-ROOM_LEVEL, ROOM_LEVEL, len(samples), endpoint=True)
    return np.clip(samples + noise, -32768, 32767).astype(np.int16)


def _recording(content: Content, line: Line, samples: Any) -> Artifact:
    import numpy as np

    if not line.film:
        return _flac(content, line.id, samples)
    frames = (picture(index) for index in range(len(samples) * FPS // RATE))
    sound = (samples.astype(np.float32) / 32768, RATE)
    return content.artifact(*write_lossless(content.file(f"{line.id}.mkv"), frames, FPS, sound))


def _cut(content: Content, line: Line, samples: Any, cuts: CutList) -> Artifact:
    import numpy as np

    ratio = Fraction(RATE) / cuts.rate
    spans = [(round(start * ratio), round(end * ratio)) for start, end in cuts.spans]
    sound = joined((samples.astype(np.float32) / 32768)[:, None], spans, round(FADE_SECONDS * RATE))[:, 0]
    if not line.film:
        return _flac(content, f"{line.id}-cut", np.round(sound * 32768).astype(np.int16))
    frames = (picture(index) for start, end in cuts.spans for index in range(start, end))
    path, _ = write_lossless(content.file(f"{line.id}-cut.mkv"), frames, FPS, (sound, RATE))
    return content.artifact(path, MATROSKA)


def _flac(content: Content, name: str, samples: Any) -> Artifact:
    import soundfile

    path = content.file(f"{name}.flac")
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return content.artifact(path, "audio/flac")


def _words(content: Content, line: Line, words: Sequence[Word]) -> Artifact:
    path = content.file(f"{line.id}.json")
    rows = [
        {"word": one.word, "start": round(one.start, 4), "end": round(one.end, 4), "keep": one.keep} for one in words
    ]
    path.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
    return content.artifact(path, "application/json")


def picture(index: int) -> Any:
    """A slate that counts: its number as figures, as squares (binary), and as a bar that moves. uint8 RGB."""
    import cv2
    import numpy as np

    width, height = SIZE
    frame = np.full((height, width, 3), (40, 44, 52), np.uint8)
    for bit in range(10):
        lit = index >> bit & 1
        frame[4:12, 4 + 9 * bit : 11 + 9 * bit] = 230 if lit else 70
    left = 3 * index % (width - 8)
    frame[44:50, left : left + 8] = (220, 160, 60)
    cv2.putText(frame, f"{index:04d}", (20, 38), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (235, 235, 235), 1, cv2.LINE_8)
    return frame
