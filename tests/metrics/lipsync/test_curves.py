"""The lag of a drawn ellipse is found, whatever it is, and a mouth out of time follows less and less."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from filmbench.metrics.lipsync import curves
from filmbench.metrics.lipsync.seen import Seen
from filmbench.metrics.lipsync.sync import closures
from filmbench.metrics.measure import Unmeasurable

FPS = 25
SECONDS = 4
RATE = 16_000


def syllables(times: Any) -> Any:
    """An irregular envelope, 0..1."""
    middles = np.array([0.4, 0.62, 1.05, 1.5, 1.71, 2.2, 2.75, 3.0, 3.45])
    return np.exp(-0.5 * np.square((times[:, None] - middles) / 0.07)).sum(axis=1).clip(0, 1)


def drawn_gaps(late: int) -> Any:
    """Heights in pixels, as seen, of an ellipse that opens with the envelope, ``late`` frames after it."""
    gaps = []
    for opened in syllables(np.arange(FPS * SECONDS) / FPS - late / FPS):
        picture = np.full((120, 120), 200, np.uint8)
        cv2.ellipse(picture, (60, 60), (30, round(2 + 30 * opened)), 0, 0, 360, 20, -1)
        gaps.append(int((picture[:, 60] < 100).sum()))
    return np.array(gaps, float)


@pytest.fixture(scope="module")
def curve() -> curves.Curve:
    times = np.arange(RATE * SECONDS) / RATE
    noise = np.random.default_rng(1).normal(0, 0.2, len(times))
    return curves.of_energy(noise * syllables(times), RATE)


@pytest.mark.parametrize("late", range(-5, 6))
def test_the_lag_of_an_ellipse_mouth_is_found(late: int, curve: curves.Curve) -> None:
    fit = curves.best_fit(np.arange(FPS * SECONDS) / FPS, drawn_gaps(late), curve, FPS)
    assert fit.lag == late
    assert fit.r > 0.85


def test_out_of_time_the_fit_falls_step_by_step(curve: curves.Curve) -> None:
    times = np.arange(FPS * SECONDS) / FPS
    for sign in (-1, 1):
        fits = [curves.pearson(drawn_gaps(sign * late), curve(times)) for late in range(6)]
        assert all(nearer > farther for nearer, farther in pairwise(fits[:5])), fits
        assert fits[0] > fits[5] + 0.5


def test_a_still_mouth_follows_nothing(curve: curves.Curve) -> None:
    times = np.arange(FPS * SECONDS) / FPS
    assert curves.best_fit(times, np.full(len(times), 0.1), curve, FPS) == curves.Fit(0.0, 0)


def test_phones_open_the_mouth_after_their_height() -> None:
    curve = curves.of_phones([("SIL", 0, 0.3), ("AA", 0.3, 0.6), ("M", 0.6, 0.9), ("IY", 0.9, 1.2)])
    silent, open_vowel, shut, close_vowel, after = curve(np.array([0.1, 0.45, 0.75, 1.05, 2.0]))
    assert silent == pytest.approx(0, abs=1e-3) and shut == pytest.approx(0, abs=1e-3) and after == 0
    assert open_vowel == pytest.approx(1.0, abs=0.01) and close_vowel == pytest.approx(0.3, abs=0.01)


def test_closures_are_counted_at_the_bilabials_only() -> None:
    times = np.arange(50) / FPS
    gaps = np.full(50, 1.0)
    gaps[10] = 0.05  # at 0.4 s
    heard = [("B", 0.35, 0.45), ("P", 1.15, 1.25), ("AA", 1.5, 1.6)]
    assert closures(Seen(times, gaps, FPS), heard) == 0.5
    with pytest.raises(Unmeasurable, match="no p, b or m"):
        closures(Seen(times, gaps, FPS), [("AA", 0.0, 1.0)])
