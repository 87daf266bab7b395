"""DNSMOS against ``speechmos`` on the same, already levelled speech."""

import sys

import numpy as np
import pytest
from filmbench.metrics.tts import dnsmos
from filmbench.metrics.tts.loudness import integrated, levelled

pytest.importorskip("onnxruntime")
reference = pytest.importorskip("speechmos.dnsmos")
(METRIC,) = dnsmos.METRICS
PACKAGE_COLUMNS = ("sig_mos", "bak_mos", "ovrl_mos", "p808_mos")


def level(wave: np.ndarray) -> np.ndarray:
    return levelled(wave, 16_000, dnsmos.TARGET_LUFS)


@pytest.mark.parametrize("seconds", [0.6, 3.0, 9.01, 20.0])
def test_equals_speechmos(studio, woman, man, seconds: float) -> None:
    wave = np.tile(np.concatenate([woman.mono(), man.mono()]), 2)[: int(seconds * 16_000)]
    assert len(wave) == int(seconds * 16_000)
    package = reference.run(level(wave), 16_000)
    scores = METRIC.score(studio.view(studio.clip(wave, 16_000)))
    assert [score.value for score in scores] == pytest.approx([package[name] for name in PACKAGE_COLUMNS], abs=1e-3)


def test_level_is_set_before_the_networks_hear_it(studio, woman) -> None:
    assert integrated(level(woman.mono()), 16_000) == pytest.approx(-26.0, abs=0.01)
    loud, soft = (METRIC.score(studio.view(studio.louder(woman, db))) for db in (0, -20))
    assert [s.value for s in soft] == pytest.approx([s.value for s in loud], abs=0.01)


def test_level_never_lifts_a_peak_over_full_scale(studio, woman) -> None:
    quiet = studio.louder(woman, -40).mono().copy()
    quiet[1000] = 0.5
    assert np.abs(level(quiet)).max() <= 1.0


def test_background_falls_with_noise(studio, woman) -> None:
    background = [
        METRIC.score(studio.view(clip))[1].value
        for clip in (woman, studio.noisy(woman, 30), studio.noisy(woman, 15), studio.noisy(woman, 0))
    ]
    assert background == sorted(background, reverse=True)
    assert background[0] - background[-1] > 1


def test_what_cannot_be_measured_has_a_reason(studio, woman) -> None:
    for clip, why in studio.unusable(woman):
        scores = METRIC.score(studio.view(clip))
        assert [score.metric for score in scores] == [spec.id for spec in METRIC.specs]
        assert all(score.value is None and why in score.reason for score in scores)


def test_a_missing_package_is_a_reason(studio, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    dnsmos._stage.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert all("onnxruntime" in score.reason for score in METRIC.score(studio.view(woman)))
