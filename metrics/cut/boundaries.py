"""How far from the words' true borders the cuts lie."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.cut import edit
from filmbench.metrics.cut.edit import EDGE, Word
from filmbench.metrics.measure import Unmeasurable

WITHIN_MS = (20, 50, 100)


def _spec(id: str, title: str, unit: str, statistics: tuple[str, str] | None = None) -> MetricSpec:
    share = unit == "%"
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=f"{id}|filmbench:1|truth:pause;nearest:same-kind",
        contracts=("editing/cut",),
        higher_is_better=share,
        provenance="reimplementation",
        low=0.0,
        high=100.0 if share else None,
        decimals=0,
        needs=("cut", "timeline"),
        references=("words",),
        statistics=statistics,
        worst=0.0 if share else None,
    )


class Boundaries:
    """Word-boundary error of the cuts.

    What: for each place where a word that stays meets one that goes, how far the nearest cut of the same kind (out of
    the recording, or back into it) lies from the pause between the two. A cut inside the pause is right: error 0.
    ``cut.boundary_error`` is the mean in milliseconds over all boundaries, ``cut.boundary_median`` the median of a
    take, averaged over takes, ``cut.within_20`` (``_50``, ``_100``) the share of boundaries met within so many ms.
    Range: 0 up, lower is better; shares 0 to 100 %, higher is better.
    Needs: the take's timeline (OTIO) and the true times of the words. Without a timeline there is no value.
    Ignores: what the fades do; superfluous cuts (those lose words).
    Known failures: nothing says that the timeline is what was really cut: the other columns listen to that. Several
    boundaries may share one cut. Frames of a film round a cut by up to half a frame.
    Provenance: reimplementation of the usual word-boundary error of forced alignment, with the pause as the target;
    pinned by hand-made vectors.
    Source: the shares within 20, 50 and 100 ms follow the evaluation of phone and word alignment (McAuliffe et al.,
    "Montreal Forced Aligner", Interspeech 2017).
    Licence: Apache-2.0.
    """

    specs = (
        _spec("cut.boundary_error", "Boundary error", "ms", ("milliseconds", "boundaries")),
        _spec("cut.boundary_median", "Boundary error, median", "ms"),
        *(_spec(f"cut.within_{ms}", f"Within {ms} ms", "%", ("met", "boundaries")) for ms in WITHIN_MS),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the timeline; statistics count boundaries."""
        try:
            source: Any = view.input("source")
            seconds = len(source.mono()) / source.rate
            found = [1000 * error for error in errors(edit.truth(view), edit.spans(view), seconds)]
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        count = len(found)
        mean, middle, *shares = self.specs
        return [
            Score(mean.id, fmean(found), statistics={"milliseconds": sum(found), "boundaries": count}),
            Score(middle.id, median(found)),
            *(_within(spec, found, ms) for spec, ms in zip(shares, WITHIN_MS, strict=True)),
        ]


def _within(spec: MetricSpec, found: Sequence[float], ms: int) -> Score:
    met = sum(error <= ms for error in found)
    return Score(spec.id, 100 * met / len(found), statistics={"met": met, "boundaries": len(found)})


def errors(words: Sequence[Word], spans: Sequence[tuple[float, float]], seconds: float) -> list[float]:
    """Seconds between each true boundary and the nearest cut of its kind, in order of the words.

    Raises :class:`Unmeasurable` where nothing had to be cut, or no cut of a kind was made.
    """
    outs = [end for _, end in spans if end < seconds - EDGE]
    ins = [start for start, _ in spans if start > EDGE]
    found: list[float] = []
    for one, other in pairwise(words):
        if one.keep == other.keep:
            continue
        cuts = outs if one.keep else ins
        if not cuts:
            raise Unmeasurable(f"no cut {'out of' if one.keep else 'into'} the recording was made, where one is due")
        found.append(min(_outside(cut, one.end, other.start) for cut in cuts))
    if not found:
        raise Unmeasurable("nothing had to be cut inside this recording")
    return found


def _outside(cut: float, low: float, high: float) -> float:
    """How far ``cut`` lies outside the pause; float noise of a timeline counted in frames is none."""
    return round(max(low - cut, cut - high, 0.0), 6)


METRICS = (Boundaries(),)
