"""The formulas on closed-form skeletons, against the values that WHAM's own functions give for them."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.metrics.mocap import formulas

T, J = 60, 24
HIPS = (1, 2)
t, j, c = np.ogrid[:T, :J, :3]
TRUTH = np.sin(0.1 * t + 0.7 * j + 1.3 * c) * 0.3 + 0.02 * t * (c == 0) + 0.05 * j * (c == 1)
TAKE = TRUTH + 0.01 * np.cos(0.9 * t + 0.4 * j + 2.1 * c)
QUARTER_TURN = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])


def mm(metres: np.ndarray) -> float:
    return 1000 * float(np.mean(metres))


def moving(powers: int) -> np.ndarray:
    """One second at 30 fps of joints with x = time to the power."""
    places = np.zeros((30, J, 3))
    places[..., 0] = ((np.arange(30) / 30.0) ** powers)[:, None]
    return places


def test_mpjpe_and_how_much_the_root_matters():
    hips = formulas.distances(formulas.centred(TAKE, HIPS), formulas.centred(TRUTH, HIPS))
    pelvis = formulas.distances(formulas.centred(TAKE, (0,)), formulas.centred(TRUTH, (0,)))
    assert mm(hips) == pytest.approx(14.0125407, rel=1e-7)
    assert mm(pelvis) == pytest.approx(15.2368791, rel=1e-7)
    assert mm(formulas.distances(TAKE, TRUTH)) == pytest.approx(12.2474084, rel=1e-7)


def test_pa_mpjpe():
    assert mm(formulas.distances(formulas.aligned(TAKE, TRUTH), TRUTH)) == pytest.approx(11.6713143, rel=1e-4)


def test_pa_mpjpe_forgives_a_similarity_but_never_a_mirror():
    moved = 1.7 * (TRUTH @ QUARTER_TURN.T) + [1, 2, 3.0]
    assert mm(formulas.distances(formulas.aligned(moved, TRUTH), TRUTH)) == pytest.approx(0.0, abs=1e-9)
    mirrored = TRUTH * [-1, 1, 1]
    assert mm(formulas.distances(formulas.aligned(mirrored, TRUTH), TRUTH)) == pytest.approx(114.2137, rel=1e-4)


def test_three_joints_are_no_special_case():
    three = TRUTH[:, :3]
    assert mm(formulas.distances(formulas.aligned(2 * three @ QUARTER_TURN, three), three)) < 1e-9


def test_pck_and_auc():
    errors = formulas.distances(formulas.centred(TAKE, HIPS), formulas.centred(TRUTH, HIPS))
    assert formulas.share_within(errors, 0.020) == pytest.approx(0.708333, abs=1e-6)
    assert formulas.share_within(errors, 0.150) == 1.0
    assert formulas.area_under_curve(errors) == pytest.approx(0.8938172, abs=1e-7)


def test_acceleration_error():
    errors = formulas.acceleration_errors(TAKE, TRUTH, fps=30)
    assert errors.mean() == pytest.approx(8.3417495, rel=1e-7)
    assert mm(errors / 900) == pytest.approx(9.2686106, rel=1e-7)
    assert errors[1:-1].mean() == pytest.approx(8.3417419, rel=1e-7)
    still = np.zeros_like(moving(2))
    assert formulas.acceleration_errors(moving(2), still, fps=30).mean() == pytest.approx(2.0)


def test_jitter_holds_the_frame_rate():
    assert formulas.jerks(TAKE, fps=30).mean() == pytest.approx(217.815752, rel=1e-7)
    assert formulas.jerks(TAKE, fps=60).mean() == pytest.approx(1742.526, rel=1e-6)
    assert formulas.jerks(moving(3), fps=30).mean() == pytest.approx(6.0), "jerk of t³"


def test_world_errors_in_one_chunk():
    assert mm(formulas.chunked_errors(TAKE, TRUTH, None)) == pytest.approx(12.2436, abs=5e-4)
    assert mm(formulas.chunked_errors(TAKE, TRUTH, 2)) == pytest.approx(12.3195, abs=5e-4)


@pytest.mark.parametrize("frames", [100, 101, 102, 250])
def test_each_chunk_is_aligned_by_itself(frames):
    """A step aside between chunks is forgiven, within one it is not; a single last frame is no chunk."""
    long = np.concatenate([TRUTH] * 5)[:frames]
    stepped = long + (np.arange(frames) >= 100)[:, None, None] * [0.5, 0, 0]
    errors = formulas.chunked_errors(stepped, long, 2)
    assert errors.shape == (frames, J)
    assert (mm(errors) < 1e-6) == (frames != 101)


def test_root_trajectory():
    root = TRUTH[:, 0]
    drifting = root + np.stack([0.002 * np.arange(T), np.zeros(T), np.zeros(T)], axis=1)
    share = formulas.root_errors(drifting, root).mean() / formulas.path_length(root)
    assert 100 * share == pytest.approx(0.931592, rel=1e-4)
    assert formulas.drift(drifting, root) == pytest.approx(0.002 * (T - 1))


def test_foot_slide():
    truth, take = np.zeros((2, 6, 1, 3))
    truth[:, 0, 0] = np.array([0, 2, 4, 6, 50, 100]) / 1000
    take[:, 0, 0] = np.array([0, 10, 20, 30, 80, 130]) / 1000
    speeds = formulas.slides(take, truth, fps=30, contact=0.3)
    assert len(speeds) == 3 and mm(speeds / 30) == pytest.approx(10.0)
    assert len(formulas.slides(take, truth, fps=120, contact=0.3)) == 3, "2 mm a frame is 0.24 m/s at 120 fps"
    assert len(formulas.slides(take, truth, fps=240, contact=0.3)) == 0, "and 0.48 m/s at 240"


def test_bones_that_breathe():
    places = np.zeros((100, 2, 3))
    places[:, 1, 1] = 0.4 + 0.04 * np.where(np.arange(100) % 2, 1, -1)
    assert formulas.bone_variation(places, ((0, 1),)) == pytest.approx([0.1])
