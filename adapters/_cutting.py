"""Cutting a recording by its text: what all cutters share once they know when each word is said.

A sound recording is cut to the sample and comes back as WAV; a film is cut to its frames, sound and picture together,
and comes back as MP4. With the cut come its lists: OTIO, and an EDL where the rate allows one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.adapters import _script as scripts
from filmbench.adapters._script import Spoken
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.splice import joined
from filmbench.harness.media.timeline import CutList, write_edl, write_otio
from filmbench.harness.protocols import LocalEngine, Media, Param, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

RATE = 16_000
LONGEST_MS = 200.0

PARAMS = {
    "crossfade": Param("float", "length of the fade over each cut, milliseconds; 0 is a hard cut", default=10.0),
    "pad": Param("float", "how much of a pause stays beside a kept word, milliseconds", default=50.0),
    "snap": Param("float", "how far a cut may move to the quietest moment near it, milliseconds", default=0.0),
}
"""What every cutter may be asked for; a cutter whose times are coarse has another default for ``snap``."""


class Cutter(LocalEngine):
    """Base of engines that find out when each word of the script is said."""

    @abstractmethod
    def times(self, samples: Any, words: Sequence[str]) -> list[Spoken]:
        """When each of ``words`` is said in ``samples`` (float32, shape (n,), 16 kHz), in order."""

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Cut the source so that the words to keep remain. Raises :class:`Refusal` for what cannot be cut."""
        wish = asked(request)
        artifact = request.sample.inputs["source"]
        assert isinstance(artifact, Artifact)
        try:
            source = AudioClip(artifact, media.path(artifact))
            return carried_out(wish, source, self.times(source.mono(RATE), wish.words), folder)
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks of a cutter: which of the script's words stay, and its ``PARAMS`` in seconds."""

    words: Sequence[str]
    stays: Sequence[bool]
    crossfade: float
    pad: float
    snap: float


def asked(request: Request) -> Wish:
    """The wish of a request. Raises :class:`Refusal` for words or parameters that cannot be met."""
    words, keep = (scripts.words(request.sample.text(role)) for role in ("script", "keep"))
    times = (_milliseconds(request, name) for name in ("crossfade", "pad", "snap"))
    return Wish(tuple(words), tuple(scripts.kept(words, keep)), *times)


def carried_out(wish: Wish, source: AudioClip, times: Sequence[Spoken], folder: Path) -> Mapping[str, tuple[Path, str]]:
    """The files of the cut of ``source``, whose words are said at ``times``. Raises :class:`Refusal`, ``BadMedia``."""
    spans = quieter(source.mono(RATE), scripts.spans(times, wish.stays, source.seconds, wish.pad), wish.snap)
    if not spans:
        raise Refusal("none of the words to keep was found in the recording", Outcome.INVALID)
    return cut(source, spans, wish.crossfade, folder)


def cut(
    source: AudioClip, spans: Sequence[tuple[float, float]], crossfade: float, folder: Path
) -> Mapping[str, tuple[Path, str]]:
    """The files of a cut that keeps ``spans`` of ``source``, in seconds, with fades of ``crossfade`` seconds."""
    from filmbench.harness.media.video import VideoClip, has_picture

    film = VideoClip(source.artifact, source.path) if has_picture(source.path) else None
    cuts = _on_frames(film, spans) if film else _on_samples(source, spans)
    sound = joined(source.channels(), _samples(cuts, source.rate), round(crossfade * source.rate))
    files = {"cut": _film(film, cuts, sound, source.rate, folder) if film else _wave(sound, source.rate, folder)}
    files["timeline"] = write_otio(
        cuts, folder / "cut.otio", "source", source_sha256=source.artifact.sha256, crossfade_seconds=crossfade
    )
    if edl := write_edl(cuts, folder / "cut.edl", "source"):
        files["edl"] = edl
    return files


def quieter(samples: Any, spans: Sequence[tuple[float, float]], reach: float) -> list[tuple[float, float]]:
    """``spans`` with each cut moved by at most ``reach`` seconds to the quietest 20 ms of ``samples`` (16 kHz) there.

    The recording's own ends stay, and a cut passes no other one.
    """
    import numpy as np

    if not reach:
        return list(spans)
    step, width = RATE // 200, RATE // 50
    power = np.convolve(np.square(samples, dtype=np.float64), np.ones(width), "same")[::step]
    seconds = len(samples) / RATE
    ends = [edge for span in spans for edge in span]
    for index, edge in enumerate(ends):
        if not 0 < edge < seconds:
            continue
        low = max(edge - reach, ends[index - 1] if index else 0.0)
        high = min(edge + reach, ends[index + 1] if index + 1 < len(ends) else seconds)
        first, last = round(low * RATE / step), round(high * RATE / step)
        if last > first:
            ends[index] = (first + int(power[first:last].argmin())) * step / RATE
    return [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True) if end > start]


def _milliseconds(request: Request, name: str) -> float:
    value = float(request.arm.params[name])
    if not 0 <= value <= LONGEST_MS:
        raise Refusal(f"{name} of {value:g} ms is outside 0 to {LONGEST_MS:g}", Outcome.INVALID)
    return value / 1000


def _on_samples(source: AudioClip, spans: Sequence[tuple[float, float]]) -> CutList:
    length = len(source.channels())
    exact = tuple((round(start * source.rate), min(length, round(end * source.rate))) for start, end in spans)
    return CutList(exact, Fraction(source.rate), length)


def _on_frames(film: Any, spans: Sequence[tuple[float, float]]) -> CutList:
    """The nearest frames. Raises :class:`Refusal` for films whose frames are no clock."""
    facts = film.facts
    if facts.variable:
        raise Refusal("the picture has a variable frame rate: conform it first")
    rate = Fraction(facts.fps).limit_denominator(1001)
    if spans[-1][0] * rate >= facts.frames:
        reason = f"the picture ends at {facts.seconds:.2f} s, words to keep are said after it"
        raise Refusal(reason, Outcome.INVALID)
    found: list[tuple[int, int]] = []
    for start, end in spans:
        first = max(round(start * rate), found[-1][1] if found else 0)
        after = min(facts.frames, max(round(end * rate), first + 1))
        if found and first == found[-1][1]:
            found[-1] = (found[-1][0], after)
        elif after > first:
            found.append((first, after))
    return CutList(tuple(found), rate, facts.frames, picture=True)


def _samples(cuts: CutList, rate: int) -> list[tuple[int, int]]:
    """The spans in samples of a sound of ``rate`` Hz."""
    ratio = Fraction(rate) / cuts.rate
    return [(round(start * ratio), round(end * ratio)) for start, end in cuts.spans]


def _wave(sound: Any, rate: int, folder: Path) -> tuple[Path, str]:
    import soundfile

    path = folder / "cut.wav"
    soundfile.write(path, sound, rate, subtype="PCM_16")
    return path, "audio/wav"


def _film(film: Any, cuts: CutList, sound: Any, rate: int, folder: Path) -> tuple[Path, str]:
    from filmbench.harness.media.write import write_video

    def frames() -> Iterator[Any]:
        waiting = list(cuts.spans)
        for frame in film.frames():
            if waiting and frame.index >= waiting[0][1]:
                waiting.pop(0)
            if waiting and waiting[0][0] <= frame.index:
                yield frame.rgb

    return write_video(folder / "cut.mp4", frames(), cuts.rate, sound=(sound, rate), comment="machine-made cut")
