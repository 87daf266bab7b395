"""Loudness, true peak and clipping against the sines of the standards."""

import numpy as np
import pytest
from filmbench.metrics.tts.loudness import METRICS, clipped_percent, integrated, true_peak

RATE = 48_000


def sine(level: float, seconds: float, hertz: float = 1000.0) -> np.ndarray:
    """A stereo sine, (n, 2), at ``level`` dBFS."""
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)
    return np.stack([wave, wave], axis=1)


def steps(*parts: tuple[float, float]) -> np.ndarray:
    return np.concatenate([sine(level, seconds) for level, seconds in parts])


def test_full_scale_sine_of_bs1770_reads_minus_3_01() -> None:
    assert integrated(sine(0, 20, 997)[:, 0], RATE) == pytest.approx(-3.0103, abs=5e-4)


@pytest.mark.parametrize(("level", "lufs"), [(-23, -23.000), (-33, -33.000)])
def test_stereo_sine_reads_its_own_level(level: float, lufs: float) -> None:
    assert integrated(sine(level, 20, 997), RATE) == pytest.approx(lufs, abs=1e-3)


@pytest.mark.parametrize(
    ("signal", "lufs"),
    [
        (((-36, 10), (-23, 60), (-36, 10)), -23.014),
        (((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.014),
        (((-26, 20), (-20, 20.1), (-26, 20)), -22.979),
    ],
    ids=["case 3", "case 4", "case 5"],
)
def test_gating_cases_of_ebu_3341(signal: tuple[tuple[float, float], ...], lufs: float) -> None:
    measured = integrated(steps(*signal), RATE)
    assert measured == pytest.approx(lufs, abs=1e-3)
    assert measured == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase", "dbtp"),
    [(4, 0.5, 0.0, -6.0), (4, 0.5, 45.0, -6.0), (6, 0.5, 60.0, -6.0), (8, 0.5, 67.5, -6.0), (4, 1.41, 45.0, 3.0)],
)
def test_true_peak_sees_between_the_samples(divisor: int, amplitude: float, phase: float, dbtp: float) -> None:
    n = np.arange(RATE)
    fade = np.minimum(1, np.minimum(n, n[::-1]) / 2400)
    wave = fade * amplitude * np.sin(2 * np.pi * n / divisor + np.radians(phase))
    measured = true_peak(np.stack([wave, wave], axis=1), RATE)
    assert dbtp - 0.4 <= measured <= dbtp + 0.2


def test_true_peak_of_a_resampled_sine_does_not_depend_on_rate() -> None:
    peaks = [
        true_peak(0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)[:, None], rate)
        for rate in (16_000, 24_000, 44_100, 48_000)
    ]
    assert peaks == pytest.approx([-6.0206] * 4, abs=0.05)


def test_clipping_counts_only_flat_tops(studio) -> None:
    wave = np.zeros((1000, 1), dtype=np.float32)
    wave[10] = wave[20:22] = 1.0
    assert clipped_percent(wave, 16_000) == 0.0
    wave[30:33] = 1.0
    wave[40:44] = -1.0
    assert clipped_percent(wave, 16_000) == pytest.approx(0.7)
    both = np.concatenate([wave, 0.1 * np.ones_like(wave)], axis=1)
    assert clipped_percent(both, 16_000) == pytest.approx(0.35)


def test_clipping_grows_with_overdrive(studio, woman) -> None:
    def overdriven(db: float) -> float:
        wave = np.clip(studio.louder(woman, db).channels(), -1, 1)
        return clipped_percent((wave * 32767).round() / 32768, woman.rate)

    shares = [overdriven(db) for db in (-12, 6, 12, 20)]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert len(set(shares)) == 4


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.specs[0].id)
def test_what_cannot_be_measured_has_a_reason(metric, studio, woman) -> None:
    for clip, why in (case for case in studio.unusable(woman) if case[1] != "too short"):
        (score,) = metric.score(studio.view(clip))
        assert score.value is None
        assert why in score.reason


def test_loudness_needs_one_gating_block_and_at_most_five_channels(studio, woman) -> None:
    metric = METRICS[0]
    (short,) = metric.score(studio.view(studio.first(woman, 0.39)))
    assert short.value is None
    assert "0.4 s" in short.reason
    (many,) = metric.score(studio.view(studio.clip(np.repeat(woman.channels(), 6, axis=1), woman.rate)))
    assert many.value is None
    assert "6 channels" in many.reason


def test_loudness_follows_gain_and_ignores_silence_around(studio, woman) -> None:
    plain = integrated(woman.channels(), woman.rate)
    assert integrated(studio.louder(woman, -20).channels(), woman.rate) == pytest.approx(plain - 20, abs=0.01)
    padded = np.concatenate([np.zeros((16_000, 1)), woman.channels(), np.zeros((16_000, 1))]).astype(np.float32)
    assert integrated(padded, woman.rate) == pytest.approx(plain, abs=0.5)
