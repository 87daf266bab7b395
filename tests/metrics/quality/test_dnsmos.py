"""DNSMOS against ``speechmos`` on the same, already levelled speech."""

import sys

import numpy as np
import pytest
from filmbench.metrics.tts import dnsmos
from filmbench.metrics.tts.loudness import integrated

pytest.importorskip("onnxruntime")
reference = pytest.importorskip("speechmos.dnsmos")
(METRIC,) = dnsmos.METRICS
PACKAGE_COLUMNS = ("sig_mos", "bak_mos", "ovrl_mos", "p808_mos")


@pytest.mark.parametrize("seconds", [0.6, 3.0, 9.01, 20.0])
def test_equals_speechmos(sound, woman, man, seconds: float) -> None:
    wave = np.tile(np.concatenate([woman.mono(), man.mono()]), 2)[: int(seconds * 16_000)]
    assert len(wave) == int(seconds * 16_000)
    package = reference.run(dnsmos.levelled(wave), 16_000)
    scores = METRIC.score(sound.view(sound.clip(wave, 16_000)))
    assert [score.value for score in scores] == pytest.approx([package[name] for name in PACKAGE_COLUMNS], abs=1e-3)


def test_level_is_set_before_the_networks_hear_it(sound, woman) -> None:
    assert integrated(dnsmos.levelled(woman.mono()), 16_000) == pytest.approx(-26.0, abs=0.01)
    loud, soft = (METRIC.score(sound.view(sound.louder(woman, db))) for db in (0, -20))
    assert [s.value for s in soft] == pytest.approx([s.value for s in loud], abs=0.01)


def test_level_never_lifts_a_peak_over_full_scale(sound, woman) -> None:
    quiet = sound.louder(woman, -40).mono().copy()
    quiet[1000] = 0.5
    assert np.abs(dnsmos.levelled(quiet)).max() <= 1.0


def test_background_falls_with_noise(sound, woman) -> None:
    background = [
        METRIC.score(sound.view(clip))[1].value
        for clip in (woman, sound.noisy(woman, 30), sound.noisy(woman, 15), sound.noisy(woman, 0))
    ]
    assert background == sorted(background, reverse=True)
    assert background[0] - background[-1] > 1


def test_what_cannot_be_measured_has_a_reason(sound, woman) -> None:
    for clip, why in (
        (sound.silence(), "silent"),
        (sound.broken(woman), "not finite"),
        (sound.first(woman, 0.3), "too short"),
    ):
        scores = METRIC.score(sound.view(clip))
        assert [score.metric for score in scores] == [spec.id for spec in METRIC.specs]
        assert all(score.value is None and why in score.reason for score in scores)


def test_a_missing_package_is_a_reason(sound, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    dnsmos._stage.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert all("onnxruntime" in score.reason for score in METRIC.score(sound.view(woman)))
