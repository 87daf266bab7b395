"""A clip decodes once, mixes and resamples right, and cannot be changed by one of its readers."""

import numpy as np
import pytest
import soundfile as sf
from filmbench.harness.media import clip as clip_module
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import decode
from filmbench.harness.types import Artifact

ARTIFACT = Artifact("0" * 64, "audio/wav", 0)


def stereo(tmp_path, rate=48_000, seconds=1.0):
    time_axis = np.arange(int(seconds * rate)) / rate
    left = 0.5 * np.sin(2 * np.pi * 1000 * time_axis)
    path = tmp_path / "take.wav"
    sf.write(path, np.stack([left, np.zeros_like(left)], axis=1), rate, subtype="FLOAT")
    return path, left


def test_one_decode_for_all_readers(tmp_path, monkeypatch):
    path, _ = stereo(tmp_path)
    decodes = []
    monkeypatch.setattr(clip_module, "decode", lambda p: decodes.append(p) or decode(p))
    clip = AudioClip(ARTIFACT, path)
    assert decodes == []
    assert (clip.rate, clip.seconds) == (48_000, 1.0)
    assert clip.channels().shape == (48_000, 2)
    assert clip.mono(16_000) is clip.mono(16_000)
    assert clip.mono() is clip.mono(48_000)
    assert decodes == [path]
    assert AudioClip(ARTIFACT, path, decode(path)).seconds == 1.0
    assert decodes == [path]


def test_mono_is_the_mean_and_resampling_keeps_the_tone(tmp_path):
    path, left = stereo(tmp_path)
    clip = AudioClip(ARTIFACT, path)
    assert np.allclose(clip.mono(), left / 2, atol=1e-6)
    at_16k = clip.mono(16_000)
    assert at_16k.shape == (16_000,) and at_16k.dtype == np.float32
    expected = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    assert np.abs(at_16k - expected)[200:-200].max() < 1e-3


def test_8_channels_at_96_khz_become_mono_at_16(tmp_path):
    noise = 0.1 * np.random.default_rng(0).standard_normal((48_000, 8))
    sf.write(tmp_path / "take.wav", noise, 96_000, subtype="FLOAT")
    assert AudioClip(ARTIFACT, tmp_path / "take.wav").mono(16_000).shape == (8_000,)


def test_readers_cannot_write(tmp_path):
    path, _ = stereo(tmp_path)
    clip = AudioClip(ARTIFACT, path)
    for samples in (clip.channels(), clip.mono(), clip.mono(16_000)):
        with pytest.raises(ValueError, match="read-only"):
            samples[0] = 1.0


def test_kept_copies_are_bounded(tmp_path, monkeypatch):
    path, _ = stereo(tmp_path)
    monkeypatch.setattr(clip_module, "KEPT_BYTES", 4 * (48_000 + 16_000))
    clip = AudioClip(ARTIFACT, path)
    assert clip.mono(16_000) is clip.mono(16_000)
    assert clip.mono(8_000) is not clip.mono(8_000)
    assert np.array_equal(clip.mono(8_000), clip.mono(8_000))
