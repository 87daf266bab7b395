"""The recipe of ``talking-face``: a drawn character who speaks with known visemes.

A program speaks each line and tells its phonemes' times; every phoneme has a mouth shape; the shapes blend into one
another as a speaker's do; and every frame is drawn from them. The film to be changed shows the same character in the
same head movement, saying another line or nothing, so that only the mouth differs from the truth.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import drawn_face
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.dataset.recipes.drawn_face import Look, Pose
from filmbench.harness.dataset.recipes.timed_speech import Phoneme, speak
from filmbench.harness.types import Artifact, Json, Sample

FPS = 25
LOOKS = {
    "mira": Look(
        skin=(236, 188, 158), shade=(196, 134, 106), hair=(62, 40, 30), lips=(196, 88, 86),
        iris=(78, 108, 128), coat=(54, 84, 110), wall=(120, 146, 150),
    ),
    "tomas": Look(
        skin=(150, 100, 72), shade=(104, 64, 44), hair=(24, 18, 18), lips=(140, 62, 62),
        iris=(60, 38, 24), coat=(150, 70, 50), wall=(182, 168, 140), width=0.95,
    ),
}  # fmt: skip

SHAPES: Mapping[tuple[float, float], str] = {
    # CMU's names (flite and festival's English voices)
    (0.95, 0.0): "aa ao",
    (0.85, 0.3): "ae ay aw",
    (0.60, 0.1): "ah eh",
    (0.55, 0.5): "ey",
    (0.50, -0.6): "ow oy",
    (0.35, 0.1): "ax ih",
    (0.30, 0.8): "iy",
    (0.28, -0.8): "uh uw er axr",
    (0.15, -0.9): "w",
    (0.22, 0.5): "y",
    (0.0, 0.0): "p b m pau # _",
    (0.08, 0.2): "f v",
    (0.20, -0.3): "r ch jh sh zh S tS dZ",
    (0.15, 0.3): "s z ts dz",
    (0.22, 0.1): "t d n th dh l hh k g ng nn dx el en L J",
    # Italian names (festival's diphone voices), where they differ; 1 marks the stressed vowel
    (0.90, 0.1): "a a1",
    (0.60, 0.3): "E E1",
    (0.48, 0.5): "e e1",
    (0.62, -0.5): "O O1",
    (0.48, -0.7): "o o1",
    (0.28, 0.8): "i i1 j",
    (0.24, -0.9): "u u1",
}
"""How far each phoneme opens the mouth (0..1) and spreads (1) or rounds (-1) it."""
VISEMES = {name: shape for shape, names in SHAPES.items() for name in names.split()}
BILABIALS = frozenset("pbm")
REACH = 0.060
"""A neighbour's shape is felt this many seconds away."""
CLOSED_FROM, CLOSED_TO = 0.3, 0.9
"""The lips of p, b and m stay shut over this part of the phoneme."""


def shape_at(phonemes: Sequence[Phoneme], time: float) -> tuple[float, float]:
    """Opening and spread at ``time``: the mean of the shapes near it, each by how near; shut inside p, b, m."""
    total = opened = spread = 0.0
    for one in phonemes:
        away = max(0.0, one.start - time, time - one.end)
        if away >= REACH:
            continue
        weight = (1 - away / REACH) ** 2 * (0.03 + min(one.end, time + REACH) - max(one.start, time - REACH))
        shape = VISEMES[one.name]
        total, opened, spread = total + weight, opened + weight * shape[0], spread + weight * shape[1]
        length = one.end - one.start
        if one.name in BILABIALS and one.start + CLOSED_FROM * length <= time <= one.start + CLOSED_TO * length:
            return 0.0, 0.0
    return (round(opened / total, 4), round(spread / total, 4)) if total else (0.0, 0.0)


def poses(phonemes: Sequence[Phoneme], frames: int, phase: float) -> Iterator[Pose]:
    """``frames`` poses: the mouth by the phonemes, the rest by the clock, so that two films of a scene agree."""
    for index in range(frames):
        time = index / FPS
        opened, spread = shape_at(phonemes, time)
        yield Pose(
            open=opened,
            wide=spread,
            blink=_blink(time + phase),
            dx=round(3.0 * math.sin(1.9 * time + phase), 3),
            dy=round(1.6 * math.sin(2.7 * time + 2 * phase), 3),
            tilt=round(0.025 * math.sin(1.3 * time + phase), 4),
        )


def _blink(time: float) -> float:
    """0 open, 1 shut: a blink of 0.2 s every 2.3 s."""
    return max(0.0, 1 - abs(time % 2.3 - 1.1) / 0.1)


def truth(pose: Pose) -> tuple[float, list[Json]]:
    """The opening as a share of the face's height, and 20 lip points in the picture's pixels.

    The points run round the outer edge clockwise from the left corner (12), then round the inner one (8).
    """
    at = drawn_face.mouth(pose)
    outer = [*(at.top[i] for i in (0, 3, 5, 8, 11, 13, 16)), *(at.bottom[i] for i in (13, 11, 8, 5, 3))]
    inner = [*(at.upper[i] for i in (0, 5, 8, 11, 16)), *(at.lower[i] for i in (11, 8, 5))]
    x0, y0 = drawn_face.MOUTH_AT
    points = drawn_face.placed([(x0 + x, y0 + y) for x, y in (*outer, *inner)], pose)
    return round(at.gap / drawn_face.FACE_HEIGHT, 5), [[round(x, 2), round(y, 2)] for x, y in points]


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every line of the manifest. Raises :class:`UsageError` where a speech program is missing."""
    recipe = manifest.recipe or {}
    lines = {line["id"]: line for line in recipe["lines"]}
    for done, line in enumerate(lines.values()):
        progress(f"drawing {line['id']}", done, len(lines))
        yield _sample(line, lines.get(line["over"]), content, manifest, phase=round(0.7 * done, 1))


def _sample(
    line: Mapping[str, Any], over: Mapping[str, Any] | None, content: Content, manifest: Manifest, phase: float
) -> Sample:
    """One line, put over another (or over silence)."""
    from filmbench.harness.media.clip import AudioClip

    id = line["id"]
    wav = content.file(f"{id}/speech.wav")
    phonemes = speak(line["program"], line["voice"], line["text"], wav)
    speech = content.artifact(wav, "audio/wav")
    length = frames_of(AudioClip(speech, wav).seconds)
    look = LOOKS[line["character"]]

    old: list[Phoneme] = []
    old_wav = content.scratch / "old.wav"
    frames = length
    if over is not None:
        old = speak(over["program"], over["voice"], over["text"], old_wav)
        frames = max(length, frames_of(old[-1].end))
    source = _film(content, f"{id}/source.mp4", look, list(poses(old, frames, phase)), old_wav if old else None)

    true_poses = list(poses(phonemes, length, phase))
    mouths = [truth(pose) for pose in true_poses]
    mouth: Json = {"fps": FPS, "aperture": [gap for gap, _ in mouths], "landmarks": [points for _, points in mouths]}
    spoken: Json = {
        "program": line["program"],
        "phonemes": [[one.name, round(one.start, 4), round(one.end, 4)] for one in phonemes],
    }
    return Sample(
        id=id,
        dataset=f"{manifest.name}@{manifest.version}",
        language=line["language"],
        cluster=id,
        tags=frozenset({"drawn", line["character"], "over-speech" if old else "over-silence"}),
        inputs={"video": source, "speech": speech, "text": line["text"]},
        references={
            "video": _film(content, f"{id}/truth.mp4", look, true_poses, wav),
            "mouth": _json(content, f"{id}/mouth.json", mouth),
            "phonemes": _json(content, f"{id}/phonemes.json", spoken),
            "text": line["text"],
        },
    )


def frames_of(seconds: float) -> int:
    """Whole frames that hold ``seconds``."""
    return max(1, math.ceil(round(seconds * FPS, 6)))


def _film(content: Content, place: str, look: Look, drawn: Sequence[Pose], wav: Path | None) -> Artifact:
    import soundfile
    from filmbench.harness.media.write import write_video

    sound = soundfile.read(wav, dtype="float32") if wav else None
    path = content.file(place)
    pictures = (drawn_face.draw(look, pose) for pose in drawn)
    return content.artifact(*write_video(path, pictures, FPS, sound=sound, comment="machine-made: drawn character"))


def _json(content: Content, place: str, value: Json) -> Artifact:
    path = content.file(place)
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")
    return content.artifact(path, "application/json")
