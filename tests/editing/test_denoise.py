"""Engines that take noise off film and sound: what they clean, what they refuse, and how each measure ranks them."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from filmbench.harness import dataset
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from filmbench.metrics.frames.fidelity import mean_squared_error
from filmbench.metrics.tts.si_sdr import si_sdr

PICTURE, SOUND = "editing/denoise-picture", "editing/denoise-sound"
FILTERS = ("hqdn3d", "nlmeans", "bm3d")


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    """A smooth slope with one hard edge: (64, 96, 3)."""
    slope = np.linspace(60, 160, 96)[None, :, None].repeat(64, 0).repeat(3, 2)
    slope[20:40, 30:60] += 60
    return slope.astype(np.uint8)


@pytest.fixture(scope="module")
def noisy(clean) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [np.clip(clean + rng.normal(0, 16, clean.shape), 0, 255).astype(np.uint8) for _ in range(4)]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_comes_nearer_to_the_clean_shot(desk, clean, noisy, name) -> None:
    frames = desk.frames("local/ffmpeg-denoise", PICTURE, {"video": desk.film(noisy)}, filter=name)
    assert len(frames) == len(noisy)
    before, after = (np.mean([mean_squared_error(frame, clean) for frame in many]) for many in (noisy, frames))
    assert after < 0.8 * before


@pytest.mark.parametrize("name", FILTERS)
def test_one_frame_of_odd_size(desk, name) -> None:
    (frame,) = desk.frames(
        "local/ffmpeg-denoise", PICTURE, {"video": desk.film([np.full((63, 95, 3), 99, np.uint8)])}, filter=name
    )
    assert frame.shape == (63, 95, 3) and np.abs(frame.astype(int) - 99).max() <= 2


def test_what_cannot_be_filtered(desk, noisy) -> None:
    tiny = desk.film([np.full((8, 8, 3), 99, np.uint8)])
    with pytest.raises(Refusal, match="too few") as refused:
        desk.ask("local/ffmpeg-denoise", PICTURE, {"video": tiny})
    assert refused.value.outcome is Outcome.INVALID
    with pytest.raises(Refusal, match="strength"):
        desk.ask("local/ffmpeg-denoise", PICTURE, {"video": desk.film(noisy)}, strength=0.0)


def test_the_program_says_what_was_wrong() -> None:
    from filmbench.adapters.local._ffmpeg import filtered_sound

    with pytest.raises(RuntimeError, match="no_such_filter"):
        filtered_sound(np.zeros(480, np.float32), 48_000, "no_such_filter")


@pytest.fixture(scope="module")
def speech(fetched_speech):
    """A clean reading and the same in hiss at 10 dB: samples at 16 kHz, and the artifact of the noisy one."""
    data, sample = fetched_speech
    read = [
        soundfile.read(data.media[role["sound"].sha256], dtype="float32")[0]
        for role in (sample.references, sample.inputs)
    ]
    return *read, sample.inputs["sound"]


@pytest.fixture(scope="module")
def fetched_speech(desk):
    if not dataset.about("human-prompts").fetched:
        pytest.skip("needs human-prompts: filmbench datasets fetch human-prompts")
    dataset.fetch("noisy-speech")
    data = dataset.load("noisy-speech")
    desk.paths.update(data.media)
    return data, next(sample for sample in data.samples if sample.tags >= {"hiss", "snr-10"})


@pytest.mark.parametrize(("engine", "gain"), [("local/afftdn", 3.0), ("local/deepfilternet", 3.0)])
def test_a_denoiser_is_in_time_and_nearer_to_the_clean_reading(desk, speech, engine, gain) -> None:
    import soxr

    clean, noisy, artifact = speech
    path, media_type = desk.ask(engine, SOUND, {"sound": artifact})["sound"]
    cleaned, rate = soundfile.read(path, dtype="float32")
    assert media_type == "audio/flac" and len(cleaned) == pytest.approx(len(clean) * rate / 16_000, abs=2)
    cleaned = soxr.resample(cleaned, rate, 16_000, quality="HQ")[: len(clean)]
    assert si_sdr(clean[: len(cleaned)], cleaned) > si_sdr(clean, noisy) + gain
    late = si_sdr(clean[16 : len(cleaned)], cleaned[:-16])
    assert si_sdr(clean[: len(cleaned)], cleaned) > late + 3  # a millisecond off would show


@pytest.mark.parametrize("engine", ["local/afftdn", "local/deepfilternet"])
def test_both_channels_are_cleaned_and_damage_is_refused(desk, speech, engine) -> None:
    folder = desk.folder()
    soundfile.write(folder / "two.wav", np.stack([speech[1], -speech[1]], axis=1)[:16_000], 16_000)
    two = desk.add(folder / "two.wav", "audio/wav")
    cleaned, _ = soundfile.read(desk.ask(engine, SOUND, {"sound": two})["sound"][0])
    assert cleaned.shape == (48_000, 2)
    assert np.corrcoef(cleaned.T)[0, 1] < -0.9
    (folder / "torn.wav").write_bytes(b"RIFF, but no more than that")
    with pytest.raises(Refusal, match="sound: ") as refused:
        desk.ask(engine, SOUND, {"sound": desk.add(folder / "torn.wav", "audio/wav")})
    assert refused.value.outcome is Outcome.INVALID


def test_noise_has_the_ratio_it_says(desk, fetched_speech) -> None:
    data, _ = fetched_speech
    assert len(data.samples) == dataset.about("noisy-speech").samples == 18
    for sample in data.samples[:6]:
        clean, noisy = (
            soundfile.read(data.media[a.sha256])[0] for a in (sample.references["sound"], sample.inputs["sound"])
        )
        asked = float(sample.id.rpartition("-")[2])
        assert 10 * np.log10((clean**2).sum() / ((noisy - clean) ** 2).sum()) == pytest.approx(asked, abs=0.1)


def test_shots_have_the_noise_they_say(desk) -> None:
    dataset.fetch("noisy-shots")
    shots = dataset.load("noisy-shots")
    desk.paths.update(shots.media)
    assert len(shots.samples) == dataset.about("noisy-shots").samples == 12
    for sample in shots.samples:
        noisy, clean = (
            next(desk.clip((desk.path(a), a.media_type)).frames()).rgb.astype(int)
            for a in (sample.inputs["video"], sample.references["video"])
        )
        inner = (clean > 80) & (clean < 175)
        level = int(sample.id.rpartition("-")[2])
        assert (noisy - clean)[inner].std() == pytest.approx(level, rel=0.1 if "sensor" in sample.tags else 0.25)


def test_each_measure_of_sound_ranks_the_arms_in_its_own_order(run_suite, fetched_speech) -> None:
    """As loud as the voice, in hiss, rumble and a crowd."""
    truth, network, spectral, untouched = "reference: clean reading", "DeepFilterNet 3", "afftdn", "floor: untouched"
    table = run_suite("editing-denoise-sound-quick")
    for metric in (
        "denoise_sound.si_sdr",
        "denoise_sound.pesq_wb",
        "denoise_sound.dnsmos_ovrl",
        "denoise_sound.dnsmos_bak",
    ):
        assert table.order(metric) == [truth, network, spectral, untouched], metric
    assert table.order("denoise_sound.stoi")[0] == truth
    assert table.value(truth, "denoise_sound.si_sdr") == 100.0
    assert table.value(untouched, "denoise_sound.si_sdr") == pytest.approx(0.0, abs=0.2)


def test_each_measure_of_picture_ranks_the_arms_in_its_own_order(run_suite) -> None:
    truth, untouched = "reference: clean shot", "floor: untouched"
    dataset.fetch("noisy-shots")
    table = run_suite("editing-denoise-picture-quick")
    # nlmeans takes more of the noise, bm3d less of the picture: pixels like the one, coarse scales and LPIPS the other.
    by_pixels, by_features = ["nlmeans", "bm3d"], ["bm3d", "nlmeans"]
    for name, best in (("psnr", by_pixels), ("ssim", by_pixels), ("ms_ssim", by_features), ("lpips", by_features)):
        order = table.order(f"denoise_picture.{name}", best_first=name != "lpips")
        assert order == [truth, *best, "hqdn3d", untouched], name
    # VMAF takes noise for detail: every filter loses to doing nothing, by NEG as well.
    for metric in ("denoise_picture.vmaf", "denoise_picture.vmaf_neg"):
        assert table.order(metric)[:2] == [truth, untouched], metric
