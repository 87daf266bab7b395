"""Cut lists as editors exchange them: OpenTimelineIO (JSON) and CMX 3600 (EDL).

A cut list is the stretches of one source that are kept, in order, counted in units of ``rate`` a second: frames
where there is a picture, samples where there is sound alone. OTIO holds them exactly. An EDL counts frames of a
SMPTE rate: a cut list of samples is rounded to 25 a second in it, and at other rates there is no EDL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import read_text

OTIO, EDL = "application/json", "text/plain"
SOUND_EDL_RATE = Fraction(25)
REEL = "SOURCE"
MOST_CLIPS = 100_000


@dataclass(frozen=True, slots=True)
class CutList:
    """Kept stretches ``spans`` (first unit, first unit after) of a source of ``length`` units, ``rate`` a second."""

    spans: tuple[tuple[int, int], ...]
    rate: Fraction
    length: int
    picture: bool = False
    sound: bool = True

    @property
    def seconds(self) -> tuple[tuple[float, float], ...]:
        """The spans in seconds of the source."""
        return tuple((float(start / self.rate), float(end / self.rate)) for start, end in self.spans)


def write_otio(cuts: CutList, path: Path, name: str, **notes: Any) -> tuple[Path, str]:
    """Write ``cuts`` as OTIO; gives the path and its media type. ``notes`` go into the timeline's metadata."""
    import opentimelineio as otio

    timeline = _timeline(cuts, name, float(cuts.rate))
    timeline.metadata["filmbench"] = notes
    otio.adapters.write_to_file(timeline, str(path), "otio_json")
    return path, OTIO


def write_edl(cuts: CutList, path: Path, name: str) -> tuple[Path, str] | None:
    """Write ``cuts`` as CMX 3600; ``None`` where the rate is none that SMPTE timecode counts."""
    import opentimelineio as otio

    rate = cuts.rate if cuts.picture else SOUND_EDL_RATE
    ratio = rate / cuts.rate
    spans = tuple((round(start * ratio), round(end * ratio)) for start, end in cuts.spans)
    in_frames = CutList(spans, rate, round(cuts.length * ratio), picture=True, sound=False)
    try:
        text = otio.adapters.write_to_string(_timeline(in_frames, name, float(rate)), "cmx_3600", rate=float(rate))
    except ValueError:  # "SMPTE timecode does not support this rate"
        return None
    # The adapter writes picture events only, so that the channel of each event is put right here.
    channel = "V" if not cuts.sound else "B" if cuts.picture else "A"
    path.write_text(re.sub(rf"^(\d+  {REEL} +)V", rf"\g<1>{channel}", text, flags=re.MULTILINE), encoding="utf-8")
    return path, EDL


def read_otio(path: Path) -> tuple[tuple[float, float], ...]:
    """The kept stretches of the first track that holds any, in seconds of the source.

    Raises :class:`BadMedia` for what is no timeline, and for one that plays backwards or at another speed.
    """
    return _kept(path, "otio_json", "no OTIO timeline")


def read_edl(path: Path, rate: Fraction) -> tuple[tuple[float, float], ...]:
    """As :func:`read_otio`, of a CMX 3600 list that counts ``rate`` frames a second."""
    return _kept(path, "cmx_3600", "no CMX 3600 list", rate=float(rate))


def _kept(path: Path, format: str, otherwise: str, **settings: Any) -> tuple[tuple[float, float], ...]:
    import opentimelineio as otio

    text = read_text(path)
    try:
        timeline = otio.adapters.read_from_string(text, format, **settings)
        tracks = [list(track.find_clips()) for track in timeline.tracks]
    except Exception as error:  # the reader of CMX 3600 has exceptions of its own, and lets Python's through
        raise BadMedia(path, f"{otherwise} ({type(error).__name__})") from error
    clips = next((track for track in tracks if track), [])
    if not clips:
        raise BadMedia(path, "a timeline without a clip")
    if len(clips) > MOST_CLIPS:
        raise BadMedia(path, f"more than {MOST_CLIPS:,} clips")
    if any(clip.effects for clip in clips):
        raise BadMedia(path, "holds effects, which move the times of its clips")
    ranges = [clip.trimmed_range() for clip in clips]
    spans = tuple((part.start_time.to_seconds(), part.end_time_exclusive().to_seconds()) for part in ranges)
    if any(end <= start for start, end in spans):
        raise BadMedia(path, "holds a clip that ends before it starts")
    return spans


def _timeline(cuts: CutList, name: str, rate: float) -> Any:
    """One track of picture and one of sound, as far as the source has them, with the same cuts."""
    import opentimelineio as otio
    from opentimelineio.opentime import RationalTime, TimeRange

    timeline = otio.schema.Timeline(name, global_start_time=RationalTime(0, rate))
    available = TimeRange(RationalTime(0, rate), RationalTime(cuts.length, rate))
    for kind in [kind for kind, there in (("Video", cuts.picture), ("Audio", cuts.sound)) if there]:
        track = otio.schema.Track(kind, kind=kind)
        for number, (start, end) in enumerate(cuts.spans, start=1):
            part = TimeRange(RationalTime(start, rate), RationalTime(end - start, rate))
            source = otio.schema.ExternalReference(name, available)
            clip = otio.schema.Clip(f"{name} {number}", source, part, metadata={"cmx_3600": {"reel": REEL}})
            track.append(clip)
        timeline.tracks.append(track)
    return timeline
