"""Does the dub speak when the source speaks, and for as long?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import measure
from filmbench.metrics.dubbing import intervals
from filmbench.metrics.features.speech_segments import FEATURES as SEGMENTS
from filmbench.metrics.features.speech_segments import RATE
from filmbench.metrics.measure import Unmeasurable, scored

ONSET_MS = 120.0


def _spec(
    id: str,
    title: str,
    unit: str,
    higher: bool,
    high: float | None = None,
    decimals: int = 0,
    core: bool = True,
    statistics: tuple[str, str] | None = None,
) -> MetricSpec:
    settings = f"line pause:{intervals.LINE_PAUSE}|onset:{ONSET_MS:g}ms|{SEGMENTS[0].spec.signature}"
    return MetricSpec(
        id=id,
        title=f"{title} (ours)",
        unit=unit,
        signature=measure.signature(id, settings=settings),
        contracts=("dubbing",),
        higher_is_better=higher,
        provenance="proxy",
        low=0.0,
        high=high,
        decimals=decimals,
        needs=("dubbed",),
        features=(SEGMENTS[0].spec.id,),
        requires=SEGMENTS[0].spec.requires,
        statistics=statistics,
        worst=0.0 if higher else None,
        core=core,
    )


class SpeechOverlap:
    """How far the dub's speech covers the source's in time. Ours, in the spirit of IWSLT's automatic dubbing task.

    What: ``speech_overlap`` is the share of the source's speaking time in which the dub speaks too; ``speech_iou`` also
    punishes speech where the source is silent; ``speech_f1`` lies between the two. 0 to 1, higher is better.
    Formula: lengths of intersections and unions of intervals. Not IWSLT's script, which was not at hand to compare.
    Needs: where the source speaks (the sample's ``speech_times``, else Silero on the source); the dub by Silero, which
    may take sung music for speech. Without ``speech_times``, ``local/dub-chain`` lays its lines where another copy of
    Silero hears the source: the columns are then kind to it.
    Known failures: human dubbers do not keep isochrony strictly (Brannon et al. 2022), so a good dub may score lower
    than a stretched one: make it a gate with a loose margin, not an aim. The untouched source wins it.
    Provenance: proxy; the interval arithmetic is pinned by a worked example. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.speech_overlap", "Speech overlap, of the source", "ratio", True, 1.0, 2),
        _spec("dubbing.speech_iou", "Speech overlap, of both", "ratio", True, 1.0, 2),
        _spec("dubbing.speech_f1", "Speech overlap, F1", "ratio", True, 1.0, 2, core=False),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the source's speech."""

        def measured() -> tuple[float, float, float]:
            found = intervals.overlap(*_both(view))
            return found.recall, found.iou, found.f1

        return scored(self.specs, measured)


class Onsets:
    """Does every line begin with the source's line?

    What: for each line of the source (stretches less than 0.6 s apart are one line), how far off the nearest beginning
    of a stretch of the dub's speech lies. ``onset_error``: mean of the sizes, in ms, lower is better.
    ``onset_within_120ms``: share of lines within 120 ms, in percent, higher is better. ``detail``: signed, dub later
    than source positive.
    Needs: as ``dubbing.speech_overlap``; a boundary is known to about 30 ms. Known failures: nearest is lenient where
    the dub has many pauses. The untouched source wins it.
    Provenance: proxy. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.onset_error", "Onset error", "ms", False),
        _spec("dubbing.onset_within_120ms", "Onsets within 120 ms", "%", True, 100.0, statistics=("within", "lines")),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the source's lines."""
        try:
            source, dub = _both(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        lines = intervals.merged(source, intervals.LINE_PAUSE)
        late = [1000 * offset for offset in intervals.onset_offsets(lines, dub)]
        within = sum(abs(offset) <= ONSET_MS for offset in late)
        mean, share = self.specs
        return [
            Score(mean.id, sum(map(abs, late)) / len(late), detail=[round(offset, 1) for offset in late]),
            Score(share.id, 100 * within / len(late), statistics={"within": within, "lines": len(late)}),
        ]


class Lengths:
    """Does every line last as long as the source's, and the whole as long as the source?

    What: ``length_error``: mean over lines of |dub's speaking time / source's − 1|, in percent, lower is better; the
    dub's time is counted from the line's start to the next line's. ``duration_10`` and ``duration_20``: share of lines
    within 10 and 20 percent (duration compliance). ``media_length_error``: how many seconds of sound the take is longer
    or shorter than the source, without sign.
    Needs: as ``dubbing.speech_overlap``. Known failures: a line that starts early loses what it says before the window
    to the line before. The untouched source wins all four.
    Provenance: proxy; pinned by a worked example. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.length_error", "Length error of lines", "%", False),
        _spec("dubbing.duration_10", "Lines within 10 % of length", "%", True, 100.0, statistics=("within", "lines")),
        _spec("dubbing.duration_20", "Lines within 20 % of length", "%", True, 100.0, statistics=("within", "lines")),
        _spec("dubbing.media_length_error", "Length error of the whole", "s", False, decimals=2),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the source's lines and length."""
        try:
            source, dub = _both(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        mean, tenth, fifth, whole = self.specs
        ratios = intervals.length_ratios(intervals.merged(source, intervals.LINE_PAUSE), dub)
        off = [100 * abs(ratio - 1) for ratio in ratios]
        longer = _seconds(view.output("dubbed")) - _seconds(view.input("source"))
        return [
            Score(mean.id, sum(off) / len(off), detail=[round(ratio, 3) for ratio in ratios]),
            *(_share(spec, ratios, within) for spec, within in ((tenth, 0.1), (fifth, 0.2))),
            Score(whole.id, abs(longer), detail=round(longer, 3)),
        ]


def _share(spec: MetricSpec, ratios: Sequence[float], within: float) -> Score:
    count = intervals.compliant(ratios, within)
    return Score(spec.id, 100 * count / len(ratios), statistics={"within": count, "lines": len(ratios)})


def _both(view: View) -> tuple[list[intervals.Interval], list[intervals.Interval]]:
    return intervals.source_times(view), intervals.spoken(view, view.output("dubbed"), "the take")


def _seconds(clip: Any) -> float:
    return len(clip.mono(RATE)) / RATE


METRICS = (SpeechOverlap(), Onsets(), Lengths())
