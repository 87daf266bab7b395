"""Where every shot comes from: which provider and model made what of it, by which take, and the hash of what came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from filmbench.harness.film.master import MACHINE_MADE
from filmbench.harness.film.render import Piece, Segment, drawing
from filmbench.harness.film.stages import Granted
from filmbench.harness.film.timeline import Timeline
from filmbench.harness.film.voices import Reading
from filmbench.harness.types import Json

LIPS = "drawn anew from the phonemes of this language; no lip-sync provider was asked"


def write(
    timeline: Timeline,
    pieces: Mapping[str, Sequence[Piece]],
    segments: Mapping[str, Segment],
    readings: Mapping[str, Mapping[str, Reading]],
    shared: Sequence[Granted],
    folder: Path,
    notes: Sequence[str],
) -> Path:
    """``provenance.json`` in ``folder``. ``shared`` are the takes behind plates and motions."""
    shots: list[Json] = []
    for number, placed in enumerate(timeline.shots):
        own = {line.line for line in timeline.lines if line.shot == placed.shot.id}
        pictures: dict[str, Json] = {}
        for language, many in pieces.items():
            piece, segment = many[number], segments[many[number].key]
            pictures[language] = {
                "sha256": segment.artifact.sha256,
                "key": segment.key,
                "lips": LIPS if piece.shot.speaks else None,
            }
        behind = [one for one in shared if _behind(one, placed.shot.plate, {beat.deed for beat in placed.shot.beats})]
        lines: list[Json] = [
            _line(reading) for read in readings.values() for line, reading in read.items() if line in own
        ]
        shots.append(
            {
                "id": placed.shot.id,
                "scene": placed.shot.scene,
                "start": round(placed.start, 4),
                "seconds": round(placed.shot.seconds, 4),
                "picture": {"provider": "filmbench", "model": f"cut paper {drawing()[:12]}", "by_language": pictures},
                "lines": lines,
                "stages": [_take(one) for one in behind],
            }
        )
    record: dict[str, Json] = {
        "title": timeline.title, "statement": MACHINE_MADE, "c2pa": None, "notes": list(notes), "shots": shots
    }  # fmt: skip
    path = folder / "provenance.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _behind(one: Granted, plate: str | None, deeds: set[str]) -> bool:
    kind = one.wish.id.partition("/")[0]
    return (kind == "plate" and plate is not None) or (kind == "motion" and "walk" in deeds)


def _line(reading: Reading) -> Json:
    made: dict[str, Json] = {
        "line": reading.line.id,
        "who": reading.line.who,
        "language": reading.line.language,
        "speed": reading.speed,
        "timing": reading.timing,
        "voice": _take(reading.granted),
    }
    return made | ({"denoised": _take(reading.denoised)} if reading.denoised else {})


def _take(one: Granted) -> Json:
    provider, params = one.wish.provider, dict(one.wish.params)
    return {
        "stage": one.wish.contract,
        "provider": provider,
        "model": one.model or provider.partition("/")[2],
        "params": params,
        "take": f"{one.key}/{one.epoch}",
        "outcome": one.outcome.value,
        "artifacts": {role: [artifact.sha256 for artifact in many] for role, many in one.artifacts.items()},
    }
