"""The film as an editor opens it: picture, dialogue, music and effects on tracks, in OpenTimelineIO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filmbench.harness.film.timeline import Timeline


def write(
    timeline: Timeline, fps: int, pictures: Mapping[str, Sequence[str]], stems: Mapping[str, str], target: Path
) -> Path:
    """Write ``target``. ``pictures`` is language to one file a shot, ``stems`` name to file, all relative to it."""
    import opentimelineio as otio

    film = otio.schema.Timeline(timeline.title, global_start_time=otio.opentime.RationalTime(0, fps))
    film.metadata["filmbench"] = {"machine_made": True}
    for language, files in pictures.items():
        track = otio.schema.Track(f"Picture {language}", kind="Video")
        for placed, file in zip(timeline.shots, files, strict=True):
            first, last = placed.frames(fps)
            track.append(_clip(placed.shot.id, file, last - first, fps))
        film.tracks.append(track)
    for name, file in stems.items():
        track = otio.schema.Track(name, kind="Audio")
        track.append(_clip(name, file, timeline.frames(fps), fps))
        film.tracks.append(track)
    for chapter in timeline.chapters:
        film.tracks.markers.append(
            otio.schema.Marker(
                chapter.title, _range(round(chapter.start * fps), round((chapter.end - chapter.start) * fps), fps)
            )
        )
    otio.adapters.write_to_file(film, str(target), "otio_json")
    return target


def _clip(name: str, file: str, frames: int, fps: int) -> Any:
    import opentimelineio as otio

    whole = _range(0, frames, fps)
    return otio.schema.Clip(name, otio.schema.ExternalReference(file, whole), whole)


def _range(start: int, frames: int, fps: int) -> Any:
    from opentimelineio.opentime import RationalTime, TimeRange

    return TimeRange(RationalTime(start, fps), RationalTime(frames, fps))
