"""What made ``dub-scene``: short drawn scenes with music and effects whose stems are known, spoken by people.

The speech is that of ``human-prompts``; music, effects and pictures are made here of whole numbers, so that the
same files come out everywhere. The dataset is small and committed; a test holds this module to its bytes.

    python -m filmbench.harness.dataset.recipes.dub_scene FOLDER      # writes samples.jsonl and media
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.catalogue import load
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.types import Artifact, Sample

RATE = 16_000
FPS = 25
WIDTH, HEIGHT = 320, 180
LEAD, BETWEEN, TAIL = 16_000, 12_800, 9_600
"""Samples before the first line, between two lines and behind the last one."""
QUIET, GAP = 400, 4_800
"""A silence inside a line: no sample above ``QUIET`` (of 32768) for ``GAP`` samples."""
SOURCE = "en"
TARGETS = ("es", "it")
DATASET = "dub-scene@1.0.0"


@dataclass(frozen=True, slots=True)
class Scene:
    """Two prompts, spoken one behind the other; ``notes`` are the music's periods in samples."""

    id: str
    prompts: tuple[str, str]
    notes: tuple[int, ...]
    wall: tuple[int, int, int]


SCENES = (
    Scene("reception", ("vm-sorry", "vm-savefolder"), (61, 49, 41, 49), (66, 58, 84)),
    Scene("conference", ("conf-placeintoconf", "conf-waitforleader"), (73, 58, 49, 46), (52, 74, 78)),
    Scene("switchboard", ("vm-enter-num-to-call", "followme/pls-hold-while-try"), (82, 65, 55, 65), (84, 66, 52)),
)


def build(content: Content) -> Iterator[Sample]:
    """Every scene in every target language. Needs ``human-prompts`` on this machine."""
    prompts = load("human-prompts")
    readings = {sample.id: sample for sample in prompts.samples}
    for number, scene in enumerate(SCENES):
        spoken = {
            language: [_samples(prompts.media, readings[f"{language}/{prompt}"]) for prompt in scene.prompts]
            for language in (SOURCE, *TARGETS)
        }
        texts = {
            language: "\n".join(readings[f"{language}/{prompt}"].text() for prompt in scene.prompts)
            for language in spoken
        }
        slots = [max(len(lines[index]) for lines in spoken.values()) for index in range(2)]
        starts = (LEAD, LEAD + slots[0] + BETWEEN)
        length = starts[1] + slots[1] + TAIL
        bed = background(scene, length, number)
        times = [
            stretch for start, line in zip(starts, spoken[SOURCE], strict=True) for stretch in stretches(line, start)
        ]
        frames = list(pictures(scene, length * FPS // RATE, times, number))
        films = {
            language: _film(content, scene.id, language, frames, _mixed(bed, lines, starts))
            for language, lines in spoken.items()
        }
        shared: dict[str, str | Artifact | tuple[Artifact, ...]] = {
            "transcript": texts[SOURCE],
            "background": _flac(content, scene.id, bed),
            "speech_times": _json(content, scene.id, [[start / RATE, end / RATE] for start, end in times]),
        }
        for target in TARGETS:
            yield Sample(
                id=f"{SOURCE}-{target}/{scene.id}",
                dataset=DATASET,
                inputs={"source": films[SOURCE], "source_language": SOURCE, "translation": texts[target]},
                references={"dubbed": films[target], "translation": texts[target], **shared},
                language=target,
                cluster=scene.id,
                tags=frozenset({"scene", "music", "effects", *({"same-speaker"} if target == "es" else ())}),
            )


# --- sound, in whole numbers of 16 bits --------------------------------------------------------------


def background(scene: Scene, length: int, seed: int) -> Any:
    """Music and effects: int64, shape (length,). A plucked string, rain, and a knock before each quarter's end."""
    import numpy as np

    bed = rain(length, seed)
    beat = RATE * 2 // 5
    for index, start in enumerate(range(0, length - beat, beat)):
        bed[start : start + 2 * beat] += pluck(scene.notes[index % len(scene.notes)], 2 * beat, index)[: length - start]
    for start in (RATE // 2, length - RATE // 2):
        knock = pluck(170, RATE // 4, 900 + seed) * 2
        bed[start : start + len(knock)] += knock[: length - start]
    return np.clip(bed, -12_000, 12_000)


def pluck(period: int, length: int, seed: int) -> Any:
    """A plucked string (Karplus and Strong 1983): noise of one period, averaged as it goes round."""
    import numpy as np

    string = _noise(period, seed) // 6
    rounds = []
    for _ in range(-(-length // period)):
        rounds.append(string)
        string = (string + np.roll(string, 1)) * 498 // 1000
    return np.concatenate(rounds)[:length]


def rain(length: int, seed: int) -> Any:
    """Noise through a moving average of four samples, quiet."""
    import numpy as np

    sums = np.cumsum(np.append(0, _noise(length + 3, 500 + seed)))
    return (sums[4:] - sums[:-4]) // 4 // 24


def _noise(length: int, seed: int) -> Any:
    import numpy as np

    return np.frombuffer(random.Random(seed).randbytes(2 * length), "<i2").astype(np.int64)  # noqa: S311 - repeatable


def stretches(line: Any, start: int) -> list[tuple[int, int]]:
    """Where a recording speaks, in samples of the scene, when it begins at ``start``; silences of 0.3 s part them."""
    import numpy as np

    loud = np.flatnonzero(np.abs(line) > QUIET)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > GAP) + 1)
    return [(start + int(part[0]), start + int(part[-1]) + 1) for part in parts]


def _mixed(bed: Any, lines: list[Any], starts: tuple[int, int]) -> Any:
    mix = bed.copy()
    for line, start in zip(lines, starts, strict=True):
        mix[start : start + len(line)] += line
    return mix


# --- pictures, in whole numbers too ------------------------------------------------------------------


def pictures(scene: Scene, count: int, times: list[tuple[int, int]], seed: int) -> Iterator[Any]:
    """``count`` frames, uint8 RGB: a face at a window in the rain; its mouth moves while the source speaks."""
    import cv2
    import numpy as np

    chance = random.Random(700 + seed)  # noqa: S311 - repeatable, nothing secret
    drops = [(chance.randrange(196, 300), chance.randrange(90), chance.randrange(3, 7)) for _ in range(24)]
    for index in range(count):
        frame = np.full((HEIGHT, WIDTH, 3), scene.wall, np.uint8)
        cv2.rectangle(frame, (190, 20), (304, 120), (30, 38, 60), -1)
        for x, y, speed in drops:
            top = 21 + (y + speed * index) % 90
            cv2.line(frame, (x, top), (x, min(119, top + 8)), (150, 160, 180), 1)
        cv2.rectangle(frame, (190, 20), (304, 120), (24, 20, 18), 3)
        cv2.circle(frame, (96, 84), 46, (214, 170, 140), -1)
        for eye in (78, 114):
            cv2.circle(frame, (eye, 72), 5, (30, 24, 24), -1)
        at = index * RATE // FPS
        speaks = any(start <= at < end for start, end in times)
        cv2.ellipse(frame, (96, 106), (16, (2, 9, 5, 11)[index // 2 % 4] if speaks else 2), 0, 0, 360, (96, 30, 34), -1)
        cv2.rectangle(frame, (0, 150), (WIDTH, HEIGHT), (48, 34, 26), -1)
        yield frame


# --- files -------------------------------------------------------------------------------------------


def _samples(media: Mapping[str, Path], reading: Sample) -> Any:
    import numpy as np
    import soundfile

    speech = reading.references["speech"]
    assert isinstance(speech, Artifact)
    return soundfile.read(media[speech.sha256], dtype="int16")[0].astype(np.int64)


def _film(content: Content, scene: str, language: str, frames: list[Any], mix: Any) -> Artifact:
    import numpy as np
    from filmbench.harness.media.write import write_video

    sound = (mix / 32768).astype(np.float32)
    path = content.file(f"media/{scene}-{language}.mp4")
    comment = "drawn scene; speech by people, see card.md"
    write_video(path, frames, FPS, (sound, RATE), crf=26, preset="medium", comment=comment)
    return content.artifact(path, "video/mp4")


def _flac(content: Content, scene: str, bed: Any) -> Artifact:
    import numpy as np
    import soundfile

    path = content.file(f"media/{scene}-background.flac")
    soundfile.write(path, bed.astype(np.int16), RATE)
    return content.artifact(path, "audio/flac")


def _json(content: Content, scene: str, value: list[list[float]]) -> Artifact:
    path = content.file(f"media/{scene}-speech.json")
    path.write_text(json.dumps(value) + "\n", encoding="utf-8")
    return content.artifact(path, "application/json")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = Content(Path(sys.argv[1]), Path(scratch))
        made.write(build(made))
