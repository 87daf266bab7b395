"""DistillMOS against its own package on the same speech."""

import sys

import numpy as np
import pytest
from filmbench.metrics.tts import distillmos

pytest.importorskip("distillmos")
(METRIC,) = distillmos.METRICS


@pytest.mark.parametrize("seconds", [3.0, 7.68, 9.3])
def test_equals_the_package(studio, woman, man, seconds: float) -> None:
    import torch
    from distillmos import ConvTransformerSQAModel

    wave = np.concatenate([woman.mono(), man.mono()])[: int(seconds * 16_000)]
    assert len(wave) == int(seconds * 16_000)
    package = ConvTransformerSQAModel().eval()
    with torch.inference_mode():
        expected = package(torch.from_numpy(wave)[None]).item()
    (score,) = METRIC.score(studio.view(studio.clip(wave, 16_000)))
    assert score.value == pytest.approx(expected, abs=1e-4)


def test_falls_with_noise_and_ignores_level_and_rate(studio, woman) -> None:
    def mos(clip) -> float:
        return METRIC.score(studio.view(clip))[0].value

    plain = mos(woman)
    assert plain > mos(studio.noisy(woman, 20)) > mos(studio.noisy(woman, 10)) > mos(studio.noisy(woman, 0))
    assert mos(studio.louder(woman, -20)) == pytest.approx(plain, abs=0.01)
    assert 1 <= plain <= 5


def test_what_cannot_be_measured_has_a_reason(studio, woman) -> None:
    for clip, why in studio.unusable(woman):
        (score,) = METRIC.score(studio.view(clip))
        assert score.value is None
        assert why in score.reason


def test_a_missing_package_is_a_reason(studio, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    distillmos._model.cache_clear()
    monkeypatch.setitem(sys.modules, "distillmos", None)
    (score,) = METRIC.score(studio.view(woman))
    assert score.value is None
    assert "distillmos" in score.reason


def test_only_pinned_weights_are_loaded(studio, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own loading is never used: with file reading watched, only the registry's path is opened."""
    import torch
    from filmbench.harness import models

    distillmos._model.cache_clear()
    loaded = []
    real = torch.load

    def watched(file, **settings):
        loaded.append((file, settings["weights_only"]))
        return real(file, **settings)

    monkeypatch.setattr(torch, "load", watched)
    METRIC.score(studio.view(woman))
    assert loaded == [(models.path("distillmos"), True)]
