"""Mask and matte measures, pinned to values that the published code gives for closed formulas."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.metrics.roto import masks, matting

ROWS, COLUMNS = np.mgrid[:480, :854]


def disc(radius: int, shift: int = 0) -> np.ndarray:
    return (ROWS - 240) ** 2 + (COLUMNS - 427 - shift) ** 2 <= radius**2


def soft_disc(shift: int) -> np.ndarray:
    return np.clip((100 - np.hypot(ROWS - 240, COLUMNS - 427 - shift)) / 20 + 0.5, 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("shift", "j", "f"),
    [
        (0, 1.0, 1.0),
        (2, 0.974856, 1.0),
        (5, 0.938483, 1.0),
        (10, 0.880751, 0.649254),
        (20, 0.775022, 0.256219),
        (50, 0.521294, 0.106965),
    ],
)
def test_j_and_f_are_those_of_davis(shift: int, j: float, f: float) -> None:
    true, taken = disc(100), disc(100, shift)
    assert masks.region(taken, true) == pytest.approx(j, abs=1e-6)
    assert masks.contour(taken, true)["f"] == pytest.approx(f, abs=1e-6)


def test_a_smaller_disc() -> None:
    assert masks.region(disc(95), disc(100)) == pytest.approx(0.902219, abs=1e-6)
    assert masks.contour(disc(95), disc(100))["f"] == 1.0


def test_an_error_of_five_pixels_is_perfect_for_davis_and_not_for_film() -> None:
    found = masks.contour(disc(95), disc(100))
    assert found["f"] == 1.0 and found["f_2px"] == 0.0 and found["f_1px"] == 0.0


def test_empty_masks() -> None:
    nothing, something = np.zeros((40, 60), bool), disc(100)[200:280, 400:450]
    assert masks.region(nothing, nothing) == 1.0 and set(masks.contour(nothing, nothing).values()) == {1.0}
    empty = np.zeros_like(something)
    something[:10] = False
    assert masks.region(empty, something) == 0.0
    assert set(masks.contour(empty, something).values()) == {0.0} == set(masks.contour(something, empty).values())


@pytest.mark.parametrize("frames", [100, 255, 256, 300, 1000])
def test_decay_of_a_ramp_at_any_length(frames: int) -> None:
    assert masks.decay(list(np.linspace(1, 0, frames))) == pytest.approx(0.75, abs=0.01)
    assert masks.decay([0.7] * frames) == pytest.approx(0.0)


def test_matte_errors_are_those_of_the_usual_code() -> None:
    true, taken = soft_disc(0), soft_disc(3)
    assert matting.mad(taken, true) == pytest.approx(2.9273, abs=5e-5)
    assert matting.mse(taken, true) == pytest.approx(0.330289, abs=5e-7)
    assert matting.sad(taken, true) == pytest.approx(1.19996, abs=5e-6)
    assert matting.grad(taken, true) == pytest.approx(0.237681, abs=5e-6)
    assert matting.conn(taken, true) == pytest.approx(1.086162, abs=5e-6)
    assert matting.dtssd(taken, true, true, true) == pytest.approx(1.817387, abs=5e-6)


def test_a_patch_torn_off_is_what_connectivity_counts() -> None:
    true = soft_disc(0)
    torn = true.copy()
    torn[10:30, 10:30] = 0.6
    assert matting.conn(torn, true) == pytest.approx(0.6 * 400 / 1e3, rel=1e-5)
    assert matting.conn(true, true) == 0.0


@pytest.mark.parametrize("metric", [*masks.METRICS, *matting.METRICS], ids=lambda metric: metric.specs[0].id)
def test_cards_are_whole(metric) -> None:
    card = metric.__doc__
    for word in ("What:", "Range:", "Needs:", "Ignores:", "Known failures:", "Provenance:", "Source:", "Licence:"):
        assert word in card
    assert all("absent" not in spec.signature for spec in metric.specs)
