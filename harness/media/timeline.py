"""Cut lists as editors exchange them: OpenTimelineIO (JSON), CMX 3600 (EDL), and, to be read, AAF and Final Cut's XMLs.

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

from filmbench.harness.media.decode import BadMedia, check_bytes
from filmbench.harness.media.documents import MOST_BYTES, read_text

OTIO, EDL = "application/json", "text/plain"
SOUND_EDL_RATE = Fraction(25)
REEL = "SOURCE"
MOST_CLIPS = 100_000
FORMATS = {".otio": "otio_json", ".xml": "fcp_xml", ".fcpxml": "fcpx_xml", ".aaf": "AAF", ".edl": "cmx_3600"}
"""What is read, by suffix: ``.xml`` is Final Cut Pro 7's, which Premiere and Resolve write."""
_SAID = {
    "otio_json": "no OTIO timeline",
    "cmx_3600": "no CMX 3600 list",
    "fcp_xml": "no XML of Final Cut Pro 7",
    "fcpx_xml": "no FCPXML",
    "AAF": "no AAF of a timeline",
}


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
    """The kept stretches of the first track that holds any, in seconds from the source's first frame.

    Raises :class:`BadMedia` for what is no timeline, and for one that plays backwards or at another speed.
    """
    return _kept(path, _read(path, "otio_json"))


def read(path: Path, rate: Fraction) -> tuple[tuple[float, float], ...]:
    """As :func:`read_otio`, of any of ``FORMATS``; an EDL counts ``rate`` frames a second, the others say theirs."""
    return _kept(path, _read(path, FORMATS.get(path.suffix.lower(), "otio_json"), rate))


def to_otio(path: Path, target: Path) -> tuple[Path, str]:
    """Any of ``FORMATS`` but an EDL as OTIO; gives the path and its media type. Raises :class:`BadMedia`."""
    import opentimelineio as otio

    otio.adapters.write_to_file(_read(path, FORMATS[path.suffix.lower()]), str(target), "otio_json")
    return target, OTIO


def _read(path: Path, format: str, rate: Fraction = SOUND_EDL_RATE) -> Any:
    """The one timeline in a file."""
    import opentimelineio as otio

    check_bytes(path, MOST_BYTES)
    text = "" if format == "AAF" else read_text(path)
    if "<!ENTITY" in text:
        raise BadMedia(path, "an XML with entities of its own, which no editor writes")
    try:
        if format == "AAF":
            found = otio.adapters.read_from_file(str(path), format)
        else:
            settings = {"rate": float(rate)} if format == "cmx_3600" else {}
            found = otio.adapters.read_from_string(text, format, **settings)
        many = _timelines(found)
    except Exception as error:  # the readers have exceptions of their own, and let Python's through
        raise BadMedia(path, f"{_SAID[format]} ({type(error).__name__})") from error
    if len(many) != 1:
        raise BadMedia(path, f"holds {len(many)} timelines: export one" if many else _SAID[format])
    return many[0]


def _timelines(found: Any) -> list[Any]:
    """The timelines in a collection, as readers of projects give them."""
    import opentimelineio as otio

    if isinstance(found, otio.schema.Timeline):
        return [found]
    collection = isinstance(found, otio.schema.SerializableCollection)
    return [one for part in found for one in _timelines(part)] if collection else []


def _kept(path: Path, timeline: Any) -> tuple[tuple[float, float], ...]:
    try:
        tracks = [list(track.find_clips()) for track in timeline.tracks]
    except Exception as error:
        raise BadMedia(path, f"a timeline that cannot be walked ({type(error).__name__})") from error
    clips = next((track for track in tracks if track), [])
    if not clips:
        raise BadMedia(path, "a timeline without a clip")
    if len(clips) > MOST_CLIPS:
        raise BadMedia(path, f"more than {MOST_CLIPS:,} clips")
    if any(clip.effects for clip in clips):
        raise BadMedia(path, "holds effects, which move the times of its clips")
    spans = tuple(_span(clip) for clip in clips)
    if any(end <= start for start, end in spans):
        raise BadMedia(path, "holds a clip that ends before it starts")
    return spans


def _span(clip: Any) -> tuple[float, float]:
    """The seconds of the source that a clip shows; a source whose timecode begins later is counted from its start."""
    part, media = clip.trimmed_range(), clip.media_reference
    first = media.available_range.start_time.to_seconds() if media and media.available_range else 0.0
    return part.start_time.to_seconds() - first, part.end_time_exclusive().to_seconds() - first


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
