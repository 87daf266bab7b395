"""How near each pose is to the true one: MPJPE, PA-MPJPE, PCK, AUC."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import View
from filmbench.harness.types import Score
from filmbench.metrics.measure import scored
from filmbench.metrics.mocap import formulas
from filmbench.metrics.mocap.pairs import HIPS, SERVED, Pair, column, pair

NEAR = 0.150
"""Metres within which a joint counts as correct."""


class PaMpjpe:
    """Mean joint error of each pose on its own, whatever its place, heading and size.

    What: mean distance over 12 joints and all frames, after each frame's pose was brought onto the true one by the best
    similarity (scale, rotation, shift; Procrustes, never a reflection).
    Range: mm, from 0, lower is better. 50 is good on film from outdoors; the drawn person's joints and the detector's
    idea of hips and shoulders differ by some cm, which no tool can win back here.
    Needs: the reference joints. Missed frames count with the pose that is held there; interpolated to the reference's
    frames.
    Ignores: place, heading, size, drift and foot skate: never look at it alone for production.
    Known failures: a pose that is right but left-right swapped costs as much as one that is wrong. Its floor is not
    reached by standing still: a T-pose beats a bad capture of a person who stands.
    Provenance: re-implementation in numpy, pinned to WHAM's functions.
    Source: yohanshin/WHAM, lib/eval/eval_utils.py (MIT); Umeyama 1991 for the alignment.
    Licence: Apache-2.0.
    """

    specs = (column("mocap.pa_mpjpe", "PA-MPJPE", "mm", "procrustes:frame,scale", contracts=SERVED),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: (pa_mpjpe(pair(view)),))


def pa_mpjpe(both: Pair) -> float:
    """PA-MPJPE in mm."""
    return 1000 * float(formulas.distances(formulas.aligned(both.places, both.truth), both.truth).mean())


class Mpjpe:
    """Mean joint error around the hips, and how many joints are near enough.

    What: distances over 12 joints and all frames after the root, the middle of the two hips, was brought together.
    MPJPE is their mean; PCK the share of at most 150 mm; AUC the mean share over the 31 thresholds 0, 5, …, 150 mm.
    Range: MPJPE mm from 0, lower is better; PCK and AUC 0..1, higher is better.
    Needs: the reference joints, in axes that can be brought together: a take in the camera's axes needs the camera.
    In MPJPE missed frames count with the pose that is held there; in PCK and AUC none of their joints is correct.
    Ignores: where the body is.
    Known failures: "root-aligned" is not one thing: with another root the same data differ by 9 %. Heading counts, so a
    camera that is stated wrongly costs more than a bad capture. PCK saturates at 1 for anything decent; a body whose
    left and right are mixed up still has its trunk within 150 mm.
    Provenance: re-implementation in numpy, pinned to WHAM's functions; the thresholds of AUC are the usual ones of
    MPI-INF-3DHP (Mehta et al. 2017).
    Source: yohanshin/WHAM, lib/eval/evaluate_emdb.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (
        column("mocap.mpjpe", "MPJPE", "mm", contracts=SERVED),
        column("mocap.pck_150", "PCK@150 mm", "", "missed:wrong", higher=True, high=1.0, decimals=3, contracts=SERVED),
        column(
            *("mocap.auc", "AUC to 150 mm", "", "thresholds:0..150/31;missed:wrong"),
            higher=True,
            high=1.0,
            decimals=3,
            contracts=SERVED,
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: around_hips(pair(view)))


def around_hips(both: Pair) -> tuple[float, float, float]:
    """MPJPE in mm, PCK and AUC."""
    import numpy as np

    both.need_axes()
    errors = formulas.distances(formulas.centred(both.places, HIPS), formulas.centred(both.truth, HIPS))
    counted = np.where(both.found[:, None], errors, np.inf)
    return 1000 * float(errors.mean()), formulas.share_within(counted, NEAR), formulas.area_under_curve(counted)


METRICS = (PaMpjpe(), Mpjpe())
