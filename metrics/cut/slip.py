"""Do picture and sound still belong together after the cut?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import CV2, Unmeasurable, scored, signature

THUMBNAIL = (64, 36)
RATE = 8000
WINDOW_SECONDS = 0.2
SEARCHED_SECONDS = 1.0
LEAST_CORRELATION = 0.9
MOST_FRAMES = 20_000
MOST_WINDOWS = 200
SURE = 1.5
"""A frame's place is known when the next likely frame of the source differs so many times as much."""


class Slip:
    """The greatest slip between picture and sound in the cut. Frames, lower is better.

    What: each looked-at frame of the cut is found in the source film by its picture, the 200 ms of sound around it by
    cross-correlation within 1 s of that place. The distance of the two places is the slip; the
    greatest one that two neighbouring moments agree on counts, since sound across a join may be misplaced once.
    Range: 0 up; under half a frame the two are as they were shot. ITU-R BT.1359 asks for less than about 1.1 frames of
    early sound at 25 a second, and 3.1 of late sound.
    Needs: a source with picture and sound, and a cut of it that has both.
    Ignores: windows across a join (they match no place of the source), silence, and frames that look like others.
    Known failures: a picture that does not move has no place; a slip of more than a second is not found. Lossy coding
    of the sound moves it by less than a sample.
    Provenance: proxy, ours: measured against the source, pinned by films slipped by known amounts.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="cut.av_slip",
            title="A/V slip",
            unit="frames",
            signature=signature(
                "cut.av_slip",
                "numpy",
                settings=f"thumb:{THUMBNAIL[0]}x{THUMBNAIL[1]};sr:{RATE};window:{WINDOW_SECONDS}s;ncc:{LEAST_CORRELATION};max-of-two",
            ),
            contracts=("editing/cut",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            needs=("cut",),
            requires=(CV2,),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``cut`` against the input ``source``."""

        def measure() -> Sequence[float]:
            source, cut = view.input("source"), view.output("cut")
            if not isinstance(source, VideoClip):
                raise Unmeasurable("the source has no picture")
            if not isinstance(cut, VideoClip):
                raise Unmeasurable("the cut has lost its picture")
            slips = slips_of(source, cut)
            if len(slips) < 2:
                raise Unmeasurable("too little of the cut could be placed in the source by picture and sound")
            return (max(min(abs(one), abs(other)) for one, other in pairwise(slips)),)

        return scored(self.specs, measure)


def slips_of(source: VideoClip, cut: VideoClip) -> list[float]:
    """How many frames the sound is late (positive) or early at each moment that could be placed."""
    import numpy as np

    fps = source.facts.fps
    shown, cut_shown = _thumbnails(source), _thumbnails(cut)
    heard, cut_heard = source.mono(RATE), cut.mono(RATE)
    half = round(WINDOW_SECONDS * RATE / 2)
    found = []
    for index in np.unique(np.linspace(0, len(cut_shown) - 1, MOST_WINDOWS).round().astype(int)):
        middle = round((index + 0.5) / cut.facts.fps * RATE)
        if middle < half or middle + half > len(cut_heard):
            continue
        place = _place(shown, cut_shown[index])
        if place is None:
            continue
        pictured = (place + 0.5) / fps
        sounded = _sounded(heard, cut_heard[middle - half : middle + half], pictured)
        if sounded is not None:
            found.append((pictured - sounded) * fps)
    return found


def _thumbnails(clip: VideoClip) -> Any:
    """int16, shape (frames, pixels)."""
    import numpy as np

    frames: list[Any] = []
    for frame in clip.frames(THUMBNAIL):
        if len(frames) == MOST_FRAMES:
            raise Unmeasurable(f"more than {MOST_FRAMES:,} frames: cut scene by scene")
        frames.append(frame.luma.astype(np.int16).ravel())
    return np.array(frames)


def _place(shown: Any, frame: Any) -> int | None:
    """The one frame of ``shown`` that looks like ``frame``; ``None`` where that is not sure."""
    import numpy as np

    distances = np.abs(shown - frame).mean(axis=1, dtype=np.float64) + 0.01
    best = int(distances.argmin())
    others = np.delete(distances, best)
    return best if not len(others) or others.min() > SURE * distances[best] else None


def _sounded(heard: Any, window: Any, near: float) -> float | None:
    """Seconds of the source where the middle of ``window`` was said; ``None`` where nothing there is like it."""
    import numpy as np
    from scipy.signal import correlate

    reach = round(SEARCHED_SECONDS * RATE) + len(window) // 2
    first = max(0, round(near * RATE) - reach)
    part = np.asarray(heard[first : round(near * RATE) + reach], np.float64)
    wanted = np.asarray(window, np.float64)
    energy = float(np.square(wanted).sum())
    if len(part) < len(wanted) or energy / len(wanted) < 1e-6:
        return None
    products = correlate(part, wanted, mode="valid")
    sums = np.cumsum(np.concatenate(([0.0], np.square(part))))
    energies = sums[len(wanted) :] - sums[: -len(wanted)]
    likeness = products / np.sqrt(np.maximum(energies * energy, 1e-12))
    best = int(likeness.argmax())
    if likeness[best] < LEAST_CORRELATION:
        return None
    return (first + best + len(wanted) / 2) / RATE


METRICS = (Slip(),)
