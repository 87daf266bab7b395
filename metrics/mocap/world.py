"""How well a motion keeps its place in the world: W- and WA-MPJPE, root trajectory, drift, sliding feet."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored
from filmbench.metrics.mocap import formulas
from filmbench.metrics.mocap.pairs import ANKLES, HIPS, Pair, column, pair

CONTACT = 0.3
"""A true ankle slower than this, in m/s, stands: 10 mm a frame at 30 frames a second."""
SHORTEST_PATH = 0.5
"""Metres the true root must travel before errors are told in parts of its path."""


class WorldMpjpe:
    """Mean joint error in the world, place and heading included.

    What: mean distance over 12 joints and all frames, after each chunk of 100 frames was brought onto the truth by one
    similarity, found on its first two frames (W-MPJPE) or on the whole chunk (WA-MPJPE). A chunk is 100 frames of the
    reference, whatever its rate.
    Range: mm, from 0, lower is better. WA is never much above W.
    Needs: the reference joints, and a motion that says where the body is: hip-centred joints have no value here.
    Two frames in a row.
    Ignores: where the chunk starts and which way it faces; its size.
    Known failures: in clips shorter than 100 frames it cannot tell slow drift. W hangs on how good two poses are: noise
    in the first frames is an error in all. For a body that stays in place a T-pose where it stands does well in WA.
    Provenance: re-implementation in numpy, pinned to WHAM's functions.
    Source: yohanshin/WHAM, lib/eval/evaluate_emdb.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (
        column("mocap.w_mpjpe", "W-MPJPE", "mm", "chunk:100;align:first2"),
        column("mocap.wa_mpjpe", "WA-MPJPE", "mm", "chunk:100;align:all"),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: world_errors(pair(view)))


def world_errors(both: Pair) -> tuple[float, float]:
    """W-MPJPE and WA-MPJPE in mm."""
    both.need_root()
    both.need_frames(2)
    first, whole = (formulas.chunked_errors(both.places, both.truth, leading).mean() for leading in (2, None))
    return 1000 * float(first), 1000 * float(whole)


class RootPath:
    """How far the body's path is from the true one, in parts of that path.

    What: RTE: mean distance of the root, the middle of the hips, from the true one after the whole path was turned and
    shifted onto it (not scaled), over the length of the true path. Root drift: how far the two ends lie apart when both
    paths start in one point and heading is left as it is, over the same length.
    Range: %, from 0, lower is better.
    Needs: the reference joints, a motion that says where the body is, and a true path of at least 0.5 m.
    Ignores: poses.
    Known failures: trembling of the true root lengthens its path and flatters. Standing still costs about a quarter of
    a straight path in RTE and all of it in drift, nothing where the path ends where it began.
    Provenance: RTE: re-implementation in numpy, pinned to WHAM's function. Root drift: proxy.
    Source: yohanshin/WHAM, lib/eval/eval_utils.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (
        column("mocap.rte", "Root trajectory error", "%", "align:rigid"),
        column("mocap.root_drift", "Root drift", "%", "align:first", provenance="proxy"),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: root_path(pair(view)))


def root_path(both: Pair) -> tuple[float, float]:
    """RTE and drift in %."""
    both.need_axes()
    both.need_root()
    both.need_frames(2)
    root, truth = (each[:, list(HIPS)].mean(axis=1) for each in (both.places, both.truth))
    length = formulas.path_length(truth)
    if length < SHORTEST_PATH:
        raise Unmeasurable(f"the body stays in place: a path of {length:.2f} m, at least {SHORTEST_PATH} m are needed")
    return 100 * float(formulas.root_errors(root, truth).mean()) / length, 100 * formulas.drift(root, truth) / length


class FootSlide:
    """How fast feet slide while they should stand.

    What: mean speed of the take's ankles over the steps between two frames in which the true ankle moves at less than
    0.3 m/s; steps with a missed frame are left out.
    Range: mm/s, from 0, lower is better; the true motion's own value is not 0, read it beside the reference row.
    Needs: the reference joints, a motion that says where the body is, and a foot that stands at some time.
    Ignores: feet in the air, and whether the foot stands on the floor.
    Known failures: ankles move a little while a foot rolls. Standing still wins: the T-pose scores 0.
    Provenance: proxy: WHAM's formula, pinned on a toy, but on ankles, because soles need a body model, and in mm/s.
    Source: yohanshin/WHAM, lib/eval/eval_utils.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (
        column("mocap.foot_slide", "Foot slide (ankles)", "mm/s", "feet:ankles;contact:0.3m/s", provenance="proxy"),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: (foot_slide(pair(view)),))


def foot_slide(both: Pair) -> float:
    """In mm/s."""
    both.need_root()
    both.need_frames(2)
    counted = both.steps(1) & both.found[1:] & both.found[:-1]
    feet, truth = (each[:, list(ANKLES)] for each in (both.places, both.truth))
    speeds = formulas.slides(feet, truth, both.fps, CONTACT, counted)
    if not len(speeds):
        raise Unmeasurable("no foot stands in this clip while the body is found")
    return 1000 * float(speeds.mean())


METRICS = (WorldMpjpe(), RootPath(), FootSlide())
