"""PESQ, STOI and SI-SDR against other routes to the same number, and their refusal of what is not aligned."""

import sys
import warnings

import numpy as np
import pytest
from filmbench.metrics.tts import intelligibility, perceptual, si_sdr

(PESQ,), (STOI,), (SI_SDR,) = perceptual.METRICS, intelligibility.METRICS, si_sdr.METRICS
ALL = pytest.mark.parametrize("metric", [PESQ, STOI, SI_SDR], ids=lambda metric: metric.specs[0].id)


@pytest.fixture(scope="module")
def audio():
    """The functional audio metrics of torchmetrics, whose import takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("torchmetrics.functional.audio")


def values(metric, view) -> list[float]:
    scores = metric.score(view)
    assert all(score.value is not None for score in scores), scores
    return [score.value for score in scores]


def test_a_reading_against_itself_is_perfect(studio, woman) -> None:
    itself = studio.view(woman, woman, role="reference")
    assert values(PESQ, itself) == pytest.approx([4.643888], abs=1e-5)
    assert values(STOI, itself) == pytest.approx([1.0, 1.0], abs=1e-9)
    assert values(SI_SDR, itself) == [100.0]


def test_pesq_equals_torchmetrics(studio, woman, audio) -> None:
    import torch

    for snr in (30, 10):
        damaged = studio.noisy(woman, snr)
        expected = audio.perceptual_evaluation_speech_quality(
            torch.tensor(damaged.mono()), torch.tensor(woman.mono()), 16_000, "wb"
        )
        assert values(PESQ, studio.copy(damaged, woman)) == pytest.approx([expected.item()], abs=1e-4)


def test_stoi_and_estoi_equal_torchmetrics(studio, man, audio) -> None:
    import torch

    damaged = studio.noisy(man, 5)
    expected = [
        audio.short_time_objective_intelligibility(
            torch.tensor(damaged.mono()), torch.tensor(man.mono()), 16_000, extended=extended
        ).item()
        for extended in (False, True)
    ]
    assert values(STOI, studio.copy(damaged, man)) == pytest.approx(expected, abs=1e-5)


def test_si_sdr_of_the_published_toy(audio) -> None:
    """Published: 18.4030 without mean removal. With it, as here, the published SI-SNR of 15.0918."""
    import torch

    truth, estimate = np.array([3.0, -0.5, 2.0, 7.0]), np.array([2.5, 0.0, 2.0, 8.0])
    assert si_sdr.si_sdr(truth, estimate) == pytest.approx(15.0918, abs=1e-4)
    published = audio.scale_invariant_signal_distortion_ratio(torch.tensor(estimate), torch.tensor(truth))
    assert published.item() == pytest.approx(18.4030, abs=1e-4)


@pytest.mark.parametrize("snr", [30, 15, 0])
def test_si_sdr_reads_the_noise_that_was_added(studio, woman, snr: float) -> None:
    assert values(SI_SDR, studio.copy(studio.noisy(woman, snr), woman)) == pytest.approx([snr], abs=0.1)


def test_si_sdr_ignores_level_and_offset(studio, woman) -> None:
    damaged = studio.noisy(woman, 10)
    shifted = studio.clip(0.5 * damaged.channels() + 0.2, damaged.rate)
    expected = values(SI_SDR, studio.copy(damaged, woman))
    assert values(SI_SDR, studio.copy(shifted, woman)) == pytest.approx(expected, abs=0.01)


def test_stoi_pays_for_delay(studio, woman) -> None:
    """The known failure that keeps these columns off free readings."""
    wave = woman.channels()
    delayed = [
        values(STOI, studio.copy(studio.clip(np.pad(wave, ((late, 0), (0, 0)))[: len(wave)], woman.rate), woman))[0]
        for late in (0, 160, 800)
    ]
    assert delayed[0] > delayed[1] > delayed[2]
    assert delayed[2] < 0.6


@ALL
def test_a_free_reading_has_no_value(metric, studio, woman, man) -> None:
    for view in (studio.view(woman, woman), studio.view(woman, man)):
        assert all("free reading is not a damaged copy" in score.reason for score in metric.score(view))


@ALL
def test_floor_rows_need_a_reading_of_the_same_length(metric, studio, woman) -> None:
    assert all("no human reading" in s.reason for s in metric.score(studio.view(woman, role="floor")))
    shorter = studio.clip(woman.channels()[:-2], woman.rate)
    assert all("not sample-aligned" in s.reason for s in metric.score(studio.copy(shorter, woman)))
    one_off = studio.clip(woman.channels()[:-1], woman.rate)
    assert all(score.value is not None for score in metric.score(studio.copy(one_off, woman)))


@ALL
def test_what_cannot_be_measured_has_a_reason(metric, studio, woman) -> None:
    for clip, why in studio.unusable(woman):
        human = studio.clip(np.resize(woman.channels(), clip.channels().shape), clip.rate)
        scores = metric.score(studio.copy(clip, human))
        assert [score.metric for score in scores] == [spec.id for spec in metric.specs]
        assert all(score.value is None and why in score.reason for score in scores)


def test_pesq_refuses_what_its_code_has_no_room_for(studio, woman) -> None:
    long = studio.clip(np.tile(woman.channels(), (4, 1)), woman.rate)
    (score,) = PESQ.score(studio.copy(long, long))
    assert score.value is None
    assert "longer than 20 s" in score.reason


def test_pesq_without_speech_has_a_reason(studio, woman) -> None:
    wave = np.zeros((32_000, 1), dtype=np.float32)
    wave[16_000:17_500] = woman.channels()[16_000:17_500]
    (score,) = PESQ.score(studio.copy(studio.clip(wave, 16_000), studio.clip(wave, 16_000)))
    assert score.value is None
    assert "no speech" in score.reason


def test_stoi_of_a_short_word_is_refused_not_made_up(studio, woman) -> None:
    wave = np.zeros((16_000, 1), dtype=np.float32)
    wave[:3_000] = woman.channels()[16_000:19_000]
    scores = STOI.score(studio.copy(studio.clip(wave, 16_000), studio.clip(wave, 16_000)))
    assert all(score.value is None and "less than 0.4 s of speech" in score.reason for score in scores)


@pytest.mark.parametrize(
    ("metric", "package"), [(PESQ, "pesq"), (STOI, "pystoi"), (SI_SDR, "torchmetrics.functional.audio.sdr")]
)
def test_a_missing_package_is_a_reason(metric, package, studio, woman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    scores = metric.score(studio.copy(woman, woman))
    assert all(score.value is None and package in score.reason for score in scores)


def test_pesq_is_flagged_as_not_free() -> None:
    (spec,) = PESQ.specs
    assert spec.licence_flag == "pesq"
    assert "not free for commercial" in " ".join((PESQ.__doc__ or "").split())
