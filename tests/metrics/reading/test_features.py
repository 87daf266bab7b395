"""Speech segments and pitch, the shared measurements, against the reference package and against known truth."""

import json

import numpy as np
import pytest
import soundfile as sf
from filmbench.harness.registry import features
from filmbench.metrics.features.f0 import track
from filmbench.metrics.features.speech_segments import probabilities


def segments(view, path):
    take = view(path)
    return features().get("speech_segments").compute(take.output("speech"), take.sample)["segments"]


@pytest.fixture(scope="module")
def pauses(say, tmp_path_factory):
    """Two lines of flite, 0.8 s of silence before, between and after."""
    lines = [sf.read(say(text)) for text in ("We leave before the rain.", "Nobody saw the letter.")]
    rate = lines[0][1]
    gap = np.zeros(int(0.8 * rate))
    path = tmp_path_factory.mktemp("pauses") / "pauses.wav"
    sf.write(path, np.concatenate([gap, lines[0][0], gap, lines[1][0], gap]), rate)
    return path


def test_segments_are_those_of_the_reference_package(say, view, variant, noise, pauses):
    torch = pytest.importorskip("torch")
    from silero_vad import get_speech_timestamps, load_silero_vad

    reference = load_silero_vad(onnx=True)
    clean = say()
    silence = variant(clean, lambda samples, _: 0 * samples)
    short = variant(clean, lambda samples, rate: samples[: rate // 3])
    cases = [clean, say(voice="rms"), say(voice="espeak:fi"), pauses, variant(clean, noise(0)), silence, short]
    for path in cases:
        samples = torch.tensor(np.array(view(path).output("speech").mono(16_000)))
        found = get_speech_timestamps(samples, reference, sampling_rate=16_000)
        expected = [[round(segment[edge] / 16_000, 4) for edge in ("start", "end")] for segment in found]
        assert segments(view, path) == expected


def test_a_pause_of_known_length_is_found(view, pauses):
    first, second = segments(view, pauses)
    assert 0.8 <= first[0] < 1.1  # flite begins and ends its lines with 0.1 to 0.2 s of silence
    assert 0.8 <= second[0] - first[1] < 1.3


def test_silence_and_hiss_hold_no_speech(view, say, variant):
    hiss = variant(say(), lambda samples, _: 0.05 * np.random.default_rng(0).standard_normal(len(samples)))
    assert segments(view, hiss) == []
    assert len(probabilities(np.zeros(1, np.float32))) == 1


def test_the_pitch_of_a_glide_within_15_cents():
    times = np.arange(32_000) / 16_000
    phase = 2 * np.pi * np.cumsum(120 * 2 ** (times / 2)) / 16_000
    glide = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 20))
    for level in (1.0, 0.01):
        hz = track(level * glide)
        truth = 120 * 2 ** (0.005 * np.arange(len(hz)) / 2)
        voiced = hz > 0
        cents = 1200 * np.log2(hz[voiced] / truth[voiced])
        assert voiced.mean() > 0.95
        assert np.sqrt(np.mean(cents**2)) < 15


def test_unvoiced_frames_are_zero():
    assert not track(np.zeros(16_000, np.float32)).any()


@pytest.mark.parametrize("id", ["f0", "speech_segments", "transcript", "transcript_tiny_en"])
def test_features_are_plain_json_and_signed(say, view, id):
    take = view(say())
    feature = features().get(id)
    measured = feature.compute(take.output("speech"), take.sample)
    assert json.loads(json.dumps(measured, allow_nan=False)) == measured
    assert all(isinstance(value, str) for value in feature.settings(take.sample).values())
    assert feature.spec.signature.startswith(f"{id}|") and "sr:16000" in feature.spec.signature
