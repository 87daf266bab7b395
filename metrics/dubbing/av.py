"""Do sound and picture still belong together? A/V offset by what was kept of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.dubbing import sound
from filmbench.metrics.features.motion_track import FEATURES as MOTION
from filmbench.metrics.features.speech_segments import FEATURES as SEGMENTS
from filmbench.metrics.measure import Unmeasurable, python, signature

EARLY_DETECTABLE, LATE_DETECTABLE = 45.0, -125.0
EARLY_ACCEPTABLE, LATE_ACCEPTABLE = 90.0, -185.0
"""ITU-R BT.1359-1, in ms; positive: the sound comes early."""
STEP = 0.01
LEAST_CHANGE = 0.05
LARGEST_LAG = 1.0


def _spec(id: str, title: str, unit: str, higher: bool | None, statistics: tuple[str, str] | None) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=f"{title} (ours)",
        unit=unit,
        signature=signature(
            id, "scipy", settings=f"step:{STEP}|{MOTION[0].spec.signature}|{SEGMENTS[0].spec.signature}"
        ),
        contracts=("dubbing",),
        higher_is_better=higher,
        provenance="proxy",
        low=None if higher is None else 0.0,
        high=None if higher is None else 100.0,
        decimals=0,
        needs=("dubbed",),
        features=(MOTION[0].spec.id, SEGMENTS[0].spec.id),
        requires=(*MOTION[0].spec.requires, *SEGMENTS[0].spec.requires, python("scipy", "pip install scipy")),
        statistics=statistics,
        worst=0.0 if higher else None,
    )


class AvOffset:
    """How far the take moved its sound against its picture, held against ITU-R BT.1359-1.

    What: ``av_offset`` in ms, positive where the sound comes early, 0 being as in the source, which is taken as right.
    BT.1359-1: detectable beyond +45 and -125 ms, unacceptable beyond +90 and -185 ms; ``detail`` says which.
    ``av_acceptable``: share of takes within the latter, in percent.
    Formula: the delay of the kept background (cross-correlation outside speech) less the delay of the picture
    (cross-correlation of how much it changes from frame to frame), the starts of both streams in the file counted in.
    Sound is known to a sample, the picture to about half a frame.
    Needs: a film whose picture moves, and a take that keeps enough background to time it by (correlation of 0.3). It
    says nothing of the voice: whether words come with the mouth is ``dubbing.onset_error``, lips are lip sync's affair.
    Sound alone, a still picture or a lost background: no value, with the reason.
    Known failures: delays above 1 s; music that repeats itself within a second. The untouched source wins it.
    Provenance: proxy, ours; the limits are the Recommendation's. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.av_offset", "A/V offset", "ms", None, None),
        _spec("dubbing.av_acceptable", "A/V offset within BT.1359", "%", True, ("within", "takes")),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the input ``source``."""
        offset, share = self.specs
        try:
            found = 1000 * _offset(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        within = LATE_ACCEPTABLE <= found <= EARLY_ACCEPTABLE
        return [
            Score(offset.id, found, detail=verdict(found)),
            Score(share.id, 100.0 * within, statistics={"within": float(within), "takes": 1.0}),
        ]


def verdict(offset: float) -> str:
    """What BT.1359-1 calls an offset in ms."""
    if LATE_DETECTABLE <= offset <= EARLY_DETECTABLE:
        return "not detectable"
    return "detectable" if LATE_ACCEPTABLE <= offset <= EARLY_ACCEPTABLE else "not acceptable"


def _offset(view: View) -> float:
    source, dub = view.input("source"), view.output("dubbed")
    pictures = _picture_delay(view, source, dub) + starts(dub)[1] - starts(source)[1]
    known, free = sound.background(view)
    late, likeness = sound.lag(known, free, sound.samples(dub))
    if likeness < sound.LEAST_LIKENESS:
        raise Unmeasurable(f"the take keeps no background to time its sound by (correlation {likeness:.2f})")
    sounds = late / sound.RATE + starts(dub)[0] - starts(source)[0]
    return pictures - sounds


def _picture_delay(view: View, source: Any, dub: Any) -> float:
    """How many seconds later the picture comes in the dub."""
    import numpy as np
    from scipy.signal import correlate

    curves = [_curve(view, clip, name) for clip, name in ((source, "the source"), (dub, "the take"))]
    length = max(map(len, curves))
    first, second = (np.pad(curve - curve.mean(), (0, length - len(curve))) for curve in curves)
    most = min(round(LARGEST_LAG / STEP), length - 1)
    found = correlate(second, first, mode="full", method="fft")[length - 1 - most : length + most]
    best = int(np.argmax(found))
    alike = float(found[best]) / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9)
    if alike < sound.LEAST_LIKENESS:
        raise Unmeasurable(f"the take's picture moves otherwise than the source's (correlation {alike:.2f})")
    return (best - most) * STEP


def _curve(view: View, clip: Any, name: str) -> Any:
    """A film's change of picture every 10 ms."""
    import numpy as np

    track = view.feature(MOTION[0].spec.id, clip)
    if "reason" in track:
        raise Unmeasurable(f"{name}: {track['reason']}")
    times, change = (np.array(track[part]) for part in ("times", "change"))
    if len(times) < 2 or np.ptp(change) < LEAST_CHANGE:
        raise Unmeasurable(f"the picture of {name} does not move, so that nothing times it")
    return np.interp(np.arange(0, times[-1] + STEP, STEP), times, change)


def starts(clip: Any) -> tuple[float, float]:
    """When sound and picture begin in a film, in seconds of the file's own clock."""
    from filmbench.harness.media.video import VideoLimits, opened

    with opened(clip.path, VideoLimits()) as film:
        streams = (film.streams.audio[0], film.streams.video[0])
        times = [float((stream.start_time or 0) * stream.time_base) for stream in streams]
    return times[0], times[1]


METRICS = (AvOffset(),)
