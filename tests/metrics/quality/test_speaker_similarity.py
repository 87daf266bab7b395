"""Speaker similarity against its own package, and the bands on its card."""

import sys

import numpy as np
import pytest
from filmbench.harness import models
from filmbench.metrics.features import speaker
from filmbench.metrics.tts.loudness import levelled
from filmbench.metrics.tts.speaker_similarity import METRICS

package = pytest.importorskip("resemblyzer")
(METRIC,) = METRICS


def similarity(studio, clip, prompt) -> float:
    (score,) = METRIC.score(studio.view(clip, prompt=prompt))
    assert score.value is not None, score.reason
    return score.value


def test_equals_the_package(studio, woman, man) -> None:
    encoder = package.VoiceEncoder("cpu", verbose=False)
    ours, theirs = (
        encoder.embed_utterance(package.preprocess_wav(levelled(clip.mono(), 16_000, -26.0))) for clip in (woman, man)
    )
    assert similarity(studio, woman, man) == pytest.approx(float(ours @ theirs), abs=1e-4)


def test_weights_hold_nothing_but_tensors() -> None:
    import torch

    state = torch.load(models.path("ge2e"), map_location="cpu", weights_only=True)
    assert "model_state" in state


def test_tells_voices_apart(studio, woman, woman_again, man) -> None:
    assert similarity(studio, woman, woman) == pytest.approx(1.0, abs=1e-5)
    assert similarity(studio, woman_again, woman) > 0.9
    assert similarity(studio, man, woman) < 0.8


def test_ignores_level(studio, woman, woman_again) -> None:
    plain = similarity(studio, woman_again, woman)
    assert similarity(studio, studio.louder(woman_again, -20), woman) == pytest.approx(plain, abs=0.01)


def test_a_prompt_goes_before_a_reading(studio, woman, woman_again, man) -> None:
    (both,) = METRIC.score(studio.view(woman_again, human=man, prompt=woman))
    (reading,) = METRIC.score(studio.view(woman_again, human=man))
    assert both.value == pytest.approx(similarity(studio, woman_again, woman))
    assert reading.value == pytest.approx(similarity(studio, woman_again, man))


def test_without_a_voice_there_is_no_value(studio, woman) -> None:
    (score,) = METRIC.score(studio.view(woman))
    assert score.value is None
    assert "names no voice" in score.reason


def test_what_cannot_be_measured_has_a_reason(studio, woman) -> None:
    for clip, why in studio.unusable(woman, short=0.9):
        (take,) = METRIC.score(studio.view(clip, prompt=woman))
        (prompt,) = METRIC.score(studio.view(woman, prompt=clip))
        assert take.value is None and "the take: " in take.reason and why in take.reason
        assert prompt.value is None and "the voice to match: " in prompt.reason and why in prompt.reason


def test_too_little_speech_is_no_voice(studio, woman) -> None:
    mostly_silent = np.zeros((48_000, 1), dtype=np.float32)
    mostly_silent[20_000:28_000] = woman.channels()[16_000:24_000]
    (score,) = METRIC.score(studio.view(studio.clip(mostly_silent, 16_000), prompt=woman))
    assert score.value is None
    assert "s of speech" in score.reason


def test_a_missing_package_is_a_reason(studio, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    (score,) = METRIC.score(studio.view(woman, prompt=woman))
    assert score.value is None
    assert "resemblyzer" in score.reason


def test_the_embedding_is_plain_json(woman) -> None:
    import json

    embedding = speaker.FEATURES[0].compute(woman, None)
    assert json.loads(json.dumps(embedding)) == embedding
    assert len(embedding["vector"]) == 256
    assert np.linalg.norm(embedding["vector"]) == pytest.approx(1, abs=1e-4)
