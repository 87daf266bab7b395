"""The metrics on takes: what each sees, what each must not see, and when there is no number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acting import scene
from filmbench.adapters.local.floor_mocap import mirrored, t_posed
from filmbench.harness.media import joints
from filmbench.harness.media.documents import Document
from filmbench.harness.media.joints import BODY, Motion, MotionClip
from filmbench.harness.types import Artifact, Sample
from filmbench.metrics.mocap import pose, steadiness, world

ALL = (*pose.METRICS, *steadiness.METRICS, *world.METRICS)
ANY = Artifact("0" * 64, joints.MEDIA_TYPE, 1)
Scores = dict[str, tuple[float | None, str | None]]


class View:
    """One take beside its reference."""

    sample = Sample("s", "d", {})

    def __init__(self, folder: Path, take: Motion, truth: Motion | None, camera: dict | None = None) -> None:
        self._files = {}
        for name, motion in (("take", take), ("truth", truth)):
            if motion is not None:
                self._files[name] = MotionClip(ANY, joints.write(folder / f"{name}.npz", motion)[0])
        self._camera = None
        if camera is not None:
            (folder / "camera.json").write_text(json.dumps(camera))
            self._camera = Document(ANY, folder / "camera.json")

    def output(self, role: str) -> MotionClip:
        return self._files["take"]

    def reference(self, role: str) -> MotionClip | None:
        return self._files.get("truth")

    def input(self, role: str) -> Document | None:
        return self._camera if role == "camera" else None


@pytest.fixture
def score(tmp_path):
    def all_scores(take: Motion, truth: Motion | None, camera: dict | None = None) -> Scores:
        view = View(tmp_path, take, truth, camera)
        return {one.metric.removeprefix("mocap."): (one.value, one.reason) for m in ALL for one in m.score(view)}

    return all_scores


@pytest.fixture(scope="module")
def walk():
    return scene("walk", frames=32)


@pytest.fixture(scope="module")
def truth(walk) -> Motion:
    return walk.truth


def moved(motion: Motion, places: np.ndarray, **changes) -> Motion:
    return replace(motion, positions=places, **changes)


def test_the_truth_itself_is_best(score, truth):
    values = {name: value for name, (value, _) in score(truth, truth).items()}
    zero = ("pa_mpjpe", "mpjpe", "acceleration_error", "w_mpjpe", "wa_mpjpe", "rte", "root_drift")
    assert [values[name] for name in zero] == pytest.approx([0] * len(zero), abs=1e-3)
    assert values["pck_150"] == values["auc"] == 1.0 and values["detection_rate"] == 100.0
    assert values["bone_drift"] < 0.01, "the humanoid is rigid"
    assert 0 < values["foot_slide"] < 150 and values["jitter"] > 0, "a real walk is not still"


@pytest.mark.parametrize("metric", ["pa_mpjpe", "mpjpe", "acceleration_error", "jitter", "bone_drift", "w_mpjpe"])
def test_more_noise_is_worse(score, truth, metric):
    noise = np.random.default_rng(0).standard_normal(truth.positions.shape)
    values = [score(moved(truth, truth.positions + size * noise), truth)[metric][0] for size in (0, 0.01, 0.03, 0.1)]
    assert values == sorted(values) and values[1] > values[0]


def test_each_metric_ignores_what_its_card_says(score, truth):
    turned = truth.positions @ np.array([[0, 0, 1.0], [0, 1, 0], [-1, 0, 0]])
    found = score(moved(truth, 1.2 * turned + [1, 0, 3]), truth)
    assert found["pa_mpjpe"][0] == pytest.approx(0, abs=1e-3) and found["w_mpjpe"][0] == pytest.approx(0, abs=1e-3)
    assert found["mpjpe"][0] > 200, "heading counts in MPJPE"
    assert found["rte"][0] > 5, "a path 20 % too long is no rigid motion"
    elsewhere = score(moved(truth, truth.positions + np.array([1, 0, 3])), truth)
    assert elsewhere["mpjpe"][0] == pytest.approx(0, abs=1e-3) and elsewhere["rte"][0] == pytest.approx(0, abs=1e-3)


def test_a_mirrored_body_loses_and_a_t_pose_wins_only_calm(score, truth):
    mirror, still, own = (score(take, truth) for take in (mirrored(truth), t_posed(truth), truth))
    assert mirror["pa_mpjpe"][0] > 100
    for calm in ("jitter", "bone_drift"):
        assert mirror[calm][0] == pytest.approx(own[calm][0], rel=0.02, abs=0.01)
    for calm in ("jitter", "foot_slide", "bone_drift"):
        assert still[calm][0] == pytest.approx(0, abs=1e-3)
    assert still["pa_mpjpe"][0] > 50 and still["root_drift"][0] == pytest.approx(100, abs=25)


def test_missed_frames_count_with_the_pose_that_is_held(score, truth):
    found = np.ones(len(truth.positions), bool)
    found[8:24] = False
    places = truth.positions.copy()
    places[8:24] = places[7]
    missed = score(moved(truth, places, detected=found), truth)
    assert missed["detection_rate"][0] == 50.0
    assert missed["pa_mpjpe"][0] > 20
    assert missed["pck_150"][0] == 0.5 and missed["auc"][0] == pytest.approx(0.5), "no joint of theirs is right"


def test_frames_after_the_end_were_missed(score, truth):
    short = moved(truth, truth.positions[:16], detected=truth.detected[:16])
    found = score(short, truth)
    assert found["detection_rate"][0] == 50.0 and found["pck_150"][0] == 0.5 and found["pa_mpjpe"][0] > 20


def test_frames_that_the_reference_misses_are_left_out(score, truth):
    seen = np.ones(len(truth.positions), bool)
    seen[10:20] = False
    broken = truth.positions.copy()
    broken[10:20] = 7.0
    found = score(truth, moved(truth, broken, detected=seen))
    assert found["pa_mpjpe"][0] == pytest.approx(0, abs=1e-3)
    assert found["acceleration_error"][0] == pytest.approx(0, abs=1e-3), "no difference across the gap"
    assert found["detection_rate"][0] == 100.0


def test_another_frame_rate_is_resampled(score, truth):
    """Every second frame, told as 12.5 fps, is the same motion but for what lies between."""
    half = moved(truth, truth.positions[::2], detected=truth.detected[::2], fps=12.5)
    found = score(half, truth)
    assert found["detection_rate"][0] == 100.0 and found["pa_mpjpe"][0] < 8
    told_wrongly = score(moved(half, half.positions, fps=25.0), truth)
    assert told_wrongly["pa_mpjpe"][0] > 3 * found["pa_mpjpe"][0]


def test_hip_centred_joints_have_no_place_in_the_world(score, walk, truth):
    hips = truth.positions[:, [3, 9]].mean(axis=1, keepdims=True)
    turned = (truth.positions - hips) @ walk.camera.turn.T
    found = score(moved(truth, turned, space="root"), truth, walk.camera.facts())
    for name in ("w_mpjpe", "wa_mpjpe", "rte", "root_drift", "foot_slide", "jitter"):
        assert found[name] == (None, "the motion does not say where the body is (hip-centred)")
    assert found["mpjpe"][0] == pytest.approx(0, abs=0.01), "the camera relates the axes"
    unrelated = score(moved(truth, turned, space="root"), truth)
    assert unrelated["mpjpe"][0] is None and "no camera relates" in unrelated["mpjpe"][1]
    assert unrelated["pa_mpjpe"][0] == pytest.approx(0, abs=0.01)


def test_axes_of_its_makers_own_are_scored_only_where_they_do_not_matter(score, truth):
    around = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    found = score(moved(truth, truth.positions @ around, space="own"), truth)
    for name in ("mpjpe", "pck_150", "acceleration_error", "rte", "root_drift"):
        assert found[name] == (None, "how the motion's own axes lie to those of the reference is not known")
    for name in ("pa_mpjpe", "w_mpjpe", "wa_mpjpe"):
        assert found[name][0] == pytest.approx(0, abs=0.01), name
    assert found["foot_slide"][0] is not None and found["jitter"][0] is not None


def test_camera_axes_are_turned_into_the_world(score, walk, truth):
    seen = truth.positions @ walk.camera.turn.T + walk.camera.shift
    found = score(moved(truth, seen, space="camera"), truth, walk.camera.facts())
    assert found["mpjpe"][0] == pytest.approx(0, abs=0.01) and found["root_drift"][0] == pytest.approx(0, abs=0.01)


def test_one_frame_has_poses_but_no_motion(score, truth):
    one = moved(truth, truth.positions[:1], detected=truth.detected[:1])
    found = score(one, one)
    assert found["pa_mpjpe"][0] == pytest.approx(0, abs=1e-3) and found["detection_rate"][0] == 100.0
    for name in ("acceleration_error", "jitter", "bone_drift", "w_mpjpe", "rte", "foot_slide"):
        assert found[name][0] is None and "too short" in found[name][1]


def test_a_body_that_stays_in_place_has_no_path(score):
    punch = scene("punch", frames=6).truth
    still = moved(punch, np.repeat(punch.positions[:1], 6, axis=0))
    assert "stays in place" in score(still, still)["rte"][1]


def test_what_is_missing_is_named(score, truth):
    names = tuple("hand" if name == "left_wrist" else name for name in truth.names)
    found = score(replace(truth, names=names), truth)
    assert found["pa_mpjpe"] == (None, "the motion has no left_wrist")
    alone = score(truth, None)
    assert alone["pa_mpjpe"] == (None, "the sample has no reference motion") and alone["jitter"][0] is not None


def test_a_body_in_one_point_is_scored_not_divided_by(score, truth):
    found = score(moved(truth, np.zeros_like(truth.positions)), truth)
    assert found["pa_mpjpe"][0] > 200 and found["pck_150"][0] < 0.2


def test_joints_come_in_any_order(score, truth):
    order = np.random.default_rng(3).permutation(len(truth.names))
    shuffled = replace(
        truth,
        positions=truth.positions[:, order],
        names=tuple(truth.names[i] for i in order),
        parents=tuple(-1 for _ in order),
    )
    assert set(BODY) < set(shuffled.names)
    assert score(shuffled, truth)["mpjpe"][0] == pytest.approx(0, abs=1e-3)
