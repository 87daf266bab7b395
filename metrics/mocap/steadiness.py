"""How steady a motion is: acceleration error, jitter, bones that change their length, frames without a body."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored
from filmbench.metrics.mocap import formulas
from filmbench.metrics.mocap.pairs import HIPS, LIMBS, Pair, body, captured, column, pair


class AccelerationError:
    """How far joints accelerate otherwise than the true ones.

    What: mean length of the difference of second differences over time, times fps², around the middle of the hips,
    over 12 joints and all frames with a neighbour on both sides.
    Range: m/s², from 0, lower is better.
    Needs: the reference joints in axes that can be brought together; three frames in a row.
    Ignores: constant errors of place.
    Known failures: its constant holds fps²: a film read at half its rate shows a quarter. A motion that never moves
    scores what the true motion itself accelerates by, which beats many a raw capture: a T-pose may win it.
    Provenance: re-implementation in numpy, pinned to WHAM's function.
    Source: yohanshin/WHAM, lib/eval/eval_utils.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (column("mocap.acceleration_error", "Acceleration error", "m/s²", "fps:reference", decimals=2),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints`` against its reference."""
        return scored(self.specs, lambda: (acceleration_error(pair(view)),))


def acceleration_error(both: Pair) -> float:
    """In m/s²."""
    both.need_axes()
    both.need_frames(3)
    places, truth = (formulas.centred(each, HIPS) for each in (both.places, both.truth))
    return float(formulas.acceleration_errors(places, truth, both.fps)[both.steps(2)].mean())


class Jitter:
    """How much joints tremble: the mean jerk.

    What: mean length of the third difference over time, times fps³, of 12 joints in the world, at the take's own fps.
    Range: m/s³, from 0, lower is better, but the true motion is not at 0: read it beside the reference row. WHAM's
    tables state a tenth of it (units of 10 m/s³).
    Needs: a motion that says where the body is; four frames.
    Ignores: everything but trembling: no reference is looked at.
    Known failures: fps³ is inside: the same trembling at 60 fps reads 8 times that at 30. Standing still wins: the
    T-pose scores 0, and too much smoothing does better than the truth.
    Provenance: re-implementation in numpy, pinned to WHAM's function (times 10).
    Source: yohanshin/WHAM, lib/eval/eval_utils.py (MIT).
    Licence: Apache-2.0.
    """

    specs = (column("mocap.jitter", "Jitter", "m/s³", "joints:body12;world;fps:own", alone=True),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints``."""
        return scored(self.specs, lambda: (jitter(view),))


def jitter(view: View) -> float:
    """In m/s³."""
    motion = captured(view)
    if motion.space == "root":
        raise Unmeasurable("the motion does not say where the body is (hip-centred)")
    if len(motion.positions) < 4:
        raise Unmeasurable(f"too short: {len(motion.positions)} frames, at least 4 are needed")
    return float(formulas.jerks(body(motion), motion.fps).mean())


class BoneDrift:
    """Whether bones keep their length.

    What: standard deviation over mean, over the frames with a body, of the length of each upper arm, forearm, thigh and
    shin; the worst of the eight.
    Range: %, from 0, lower is better. Above 10 a rig stretches visibly.
    Needs: two frames with a body. No reference is looked at.
    Ignores: whether the lengths are right.
    Known failures: whoever fits a rigid skeleton scores 0 whatever the pose, the T-pose and the mirrored floor too.
    Provenance: proxy: a plain coefficient of variation; published measures of it differ.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        column("mocap.bone_drift", "Bone length drift", "%", "bones:limbs8;max;cv", provenance="proxy", alone=True),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints``."""
        return scored(self.specs, lambda: (bone_drift(view),))


def bone_drift(view: View) -> float:
    """In %."""
    motion = captured(view)
    places = body(motion)[motion.detected]
    if len(places) < 2:
        raise Unmeasurable(f"too short: {len(places)} frames with a body, at least 2 are needed")
    return 100 * float(formulas.bone_variation(places, LIMBS).max())


class DetectionRate:
    """In how many frames the tool claims to see the body.

    What: the share of the reference's frames in which the take says that it found somebody; a frame after the take's
    end was not found.
    Range: %, 0..100, higher is better.
    Needs: the reference joints, for how many frames there are.
    Ignores: whether what was found is right. Detected is not correct: never rank by it.
    Known failures: a tool that always claims to see somebody scores 100, as both floors do.
    Provenance: proxy: the claim is the take's own.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (column("mocap.detection_rate", "Frames detected", "%", higher=True, high=100.0, provenance="proxy"),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``joints``."""
        return scored(self.specs, lambda: (100 * float(pair(view).found.mean()),))


METRICS = (AccelerationError(), Jitter(), BoneDrift(), DetectionRate())
