"""Shot boundaries found, missed and made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable

TOLERANCE = 2
"""Frames by which a boundary may be missed, as TransNetV2's own evaluation has it."""

Interval = tuple[float, float]


def _spec(name: str, title: str, statistics: tuple[str, str] | None, core: bool = True) -> MetricSpec:
    over = "corpus" if statistics else "mean"
    return MetricSpec(
        id=f"shots.{name}",
        title=title,
        unit="%",
        signature=f"shots.{name}|filmbench:1|evaluate_scenes;tolerance:{TOLERANCE};agg:{over}",
        contracts=("editing/shots",),
        higher_is_better=True,
        provenance="reimplementation",
        low=0.0,
        high=100.0,
        decimals=1,
        needs=("shots",),
        references=("shots",),
        statistics=statistics,
        worst=0.0,
        core=core,
        licence="Apache-2.0",
    )


class Boundaries:
    """Precision, recall and F1 of shot boundaries within two frames. Percent, higher is better.

    What: two shots that follow each other make a boundary, the interval from the last frame of the one to the first of
    the other; a dissolve or fade is a long interval. Both lists are gone through in order; a found boundary and a true
    one that overlap, both widened to the tolerance, are a hit, each used once. F1 = 2·hits / (found + true).
    ``shots.f1``, ``shots.precision`` and ``shots.recall`` are those of all films together (sums of hits);
    ``shots.f1_mean`` is the mean of the films' own F1, in which a film with few cuts weighs as much as one with many.
    ``shots.recall_cut`` and ``shots.recall_gradual`` part the true boundaries into cuts and gradual changes.
    Range: 0 to 100 %.
    Needs: ``shots`` of the take and of the truth, as first and last frames, counted from 0.
    Ignores: what kind a boundary is said to be; frame rate, since frames are counted.
    Known failures: with gradual changes a hit may cover only one frame of a long dissolve. A film of one shot has no
    recall and, where nothing was found in it, no F1; what is found there counts in precision and in the corpus F1.
    A take that finds nothing has no precision, so the floor without cuts has none.
    Provenance: reimplementation of ``evaluate_scenes`` of TransNetV2, pinned by the vectors of its docstring.
    Source: Souček and Lokoč, "TransNet V2", 2020; https://github.com/soCzech/TransNetV2.
    Licence: Apache-2.0 (ours); the original is MIT.
    """

    specs = (
        _spec("f1", "F1", ("twice_hits", "found_and_true")),
        _spec("precision", "Precision", ("hits", "found")),
        _spec("recall", "Recall", ("hits", "true")),
        _spec("f1_mean", "F1, mean of films", None),
        _spec("recall_cut", "Recall of cuts", ("hits", "true"), core=False),
        _spec("recall_gradual", "Recall of gradual changes", ("hits", "true")),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``shots``; statistics count boundaries."""
        try:
            reference = view.reference("shots")
            if reference is None:
                raise Unmeasurable("the true shots are not known")
            true = read(reference)
            counted = count(read(view.output("shots")), true)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        gradual = [after[0] - before[1] > 1 for before, after in pairwise(true)]
        met = [hit for hit, soft in zip(counted.met, gradual, strict=True) if soft]
        f1, precision, recall, mean, cuts, changes = self.specs
        both, none = counted.found + counted.true, "nothing was found in a film of one shot"
        return [
            _share(f1, 2 * counted.hits, both, none),
            _share(precision, counted.hits, counted.found, "no boundary was found"),
            _share(recall, counted.hits, counted.true, "the film is one shot"),
            _share(mean, 2 * counted.hits, both, none),
            _share(cuts, counted.hits - sum(met), gradual.count(False), "the film has no cut"),
            _share(changes, sum(met), gradual.count(True), "the film has no gradual change"),
        ]


def _share(spec: MetricSpec, part: int, whole: int, reason: str) -> Score:
    if not whole:
        return Score(spec.id, None, reason)
    statistics = {spec.statistics[0]: part, spec.statistics[1]: whole} if spec.statistics else None
    return Score(spec.id, 100 * part / whole, statistics=statistics)


def read(document: Any) -> list[tuple[int, int]]:
    """The shots of a JSON document. Raises :class:`Unmeasurable` for what is no list of shots in order."""
    try:
        shots = [(first, last) for first, last in document.json]
        whole = all(type(edge) is int and edge >= 0 for shot in shots for edge in shot)
    except (BadMedia, TypeError, ValueError):
        raise Unmeasurable("the shots are not written as [[first, last], …]") from None
    if not shots or not whole:
        raise Unmeasurable("the shots are not written as [[first, last], …] in whole frames")
    if any(last < first for first, last in shots) or any(one[1] >= other[0] for one, other in pairwise(shots)):
        raise Unmeasurable("the shots overlap or are not in order")
    return shots


@dataclass(frozen=True, slots=True)
class Counted:
    """Boundaries found, true and hit; ``met`` says of each true one whether it was."""

    hits: int
    found: int
    true: int
    met: tuple[bool, ...]


def count(found: Sequence[tuple[int, int]], true: Sequence[tuple[int, int]], tolerance: int = TOLERANCE) -> Counted:
    """Hits between two lists of shots. Where boundaries lie close together the earlier ones meet first."""
    ours, theirs = _boundaries(found, tolerance), _boundaries(true, tolerance)
    met = [False] * len(theirs)
    at = number = 0
    while at < len(ours) and number < len(theirs):
        if ours[at][0] > theirs[number][1]:
            number += 1
        elif ours[at][1] < theirs[number][0]:
            at += 1
        else:
            met[number] = True
            at, number = at + 1, number + 1
    return Counted(sum(met), len(ours), len(theirs), tuple(met))


def _boundaries(shots: Sequence[tuple[int, int]], tolerance: int) -> list[Interval]:
    """Each boundary as an interval of frame times: half the tolerance wider than the change itself."""
    widen = tolerance / 2
    return [(before[1] + 0.5 - widen, after[0] - 0.5 + widen) for before, after in pairwise(shots)]


METRICS = (Boundaries(),)
