"""MCD and pitch errors against a reading: pinned by an independent chain, and true to what is known by design."""

import numpy as np
import pytest
from filmbench.harness.registry import metric_spec
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts.f0 import F0Errors, pitch_errors, voicing_error
from filmbench.metrics.tts.mcd import MelCepstralDistortion, mel_cepstral_distortion
from filmbench.metrics.tts.warping import warp


def errors(view, take, reading):
    pair = view(take, reference=reading)
    return {score.metric: score.value for score in (*MelCepstralDistortion().score(pair), *F0Errors().score(pair))}


def test_the_published_constant():
    frames = np.zeros((5, 24))
    moved = frames.copy()
    moved[:, 0] = 1.0
    assert mel_cepstral_distortion(frames, moved) == pytest.approx(6.141851463713754, rel=1e-12)


def test_pinned_by_pyworld_pysptk_and_another_exact_dtw(view, voices):
    """Values of a separate chain: pyworld 0.3.5, pysptk 1.0.1, dtw-python 1.9.0 with step pattern symmetric1."""
    assert errors(view, voices / "high.wav", voices / "low.wav") == pytest.approx(
        {
            "tts.mcd": 6.118202784,
            "tts.f0_rmse_cents": 962.6160571,
            "tts.f0_contour_rmse_cents": 137.7381355,
            "tts.f0_correlation": 0.7816873,
            "tts.vuv_error": 0.0,
        },
        rel=1e-3,
    )


@pytest.mark.parametrize("engine", ["slt", "espeak:en"])
def test_the_reading_itself_is_perfect(say, view, engine):
    reading = say(voice=engine)
    assert errors(view, reading, reading) == {
        "tts.mcd": 0.0,
        "tts.f0_rmse_cents": 0.0,
        "tts.f0_contour_rmse_cents": 0.0,
        "tts.f0_correlation": pytest.approx(1.0),
        "tts.vuv_error": 0.0,
    }


def test_gain_does_not_matter(say, view, variant):
    reading = say()
    found = errors(view, variant(reading, lambda samples, _: 0.5 * samples), reading)
    assert found["tts.mcd"] < 0.02
    assert found["tts.f0_rmse_cents"] < 1 and found["tts.vuv_error"] < 0.5


def test_padding_and_delay_do_not_matter(say, view, variant):
    reading = say()
    found = errors(view, variant(reading, lambda samples, rate: np.pad(samples, (rate // 5, rate // 2))), reading)
    assert found["tts.mcd"] < 0.3
    assert found["tts.f0_contour_rmse_cents"] < 60 and found["tts.vuv_error"] < 2


def test_neither_channels_nor_a_rate_it_once_had_matter(say, view, tmp_path):
    import soundfile as sf
    import soxr

    reading = say()
    samples, rate = sf.read(reading)
    eightfold = np.tile(soxr.resample(samples, rate, 96_000)[:, None], (1, 8))
    sf.write(tmp_path / "wide.wav", eightfold, 96_000, subtype="PCM_24")
    found = errors(view, tmp_path / "wide.wav", reading)
    assert found["tts.mcd"] < 0.1 and found["tts.f0_rmse_cents"] < 5


def test_noise_moves_the_spectrum_away_step_by_step(say, view, variant, noise):
    reading = say()
    found = [errors(view, variant(reading, noise(snr_db)), reading)["tts.mcd"] for snr_db in (40, 20, 5)]
    assert 0 < found[0] < found[1] < found[2]


def test_another_speaker_is_further_away_than_noise_that_nobody_minds(say, view, variant, noise):
    reading = say()
    other = errors(view, say(voice="rms"), reading)
    assert other["tts.mcd"] > errors(view, variant(reading, noise(40)), reading)["tts.mcd"]
    assert other["tts.f0_rmse_cents"] > 600, "a man against a woman"
    assert other["tts.f0_contour_rmse_cents"] < other["tts.f0_rmse_cents"] / 2


def test_without_a_reading_there_is_no_number(say, view):
    pair = view(say())
    for score in (*MelCepstralDistortion().score(pair), *F0Errors().score(pair)):
        assert score.value is None and score.reason == "there is no human reading of this line"


def test_a_whisper_has_spectrum_but_no_pitch(say, view, variant):
    reading = say()
    hiss = variant(reading, lambda samples, _: 0.1 * np.random.default_rng(0).standard_normal(len(samples)))
    found = errors(view, hiss, reading)
    assert found["tts.mcd"] > 5
    assert found["tts.f0_rmse_cents"] is None and found["tts.vuv_error"] > 50


def test_what_a_known_melody_gives():
    times = np.arange(200) * 0.01
    melody = 150 * 2 ** (0.2 * np.sin(6 * times))
    higher = melody * 2 ** (200 / 1200)
    rmse, contour, r = pitch_errors(higher, melody)
    assert (rmse, contour, r) == pytest.approx((200.0, 0.0, 1.0), abs=1e-6)
    upside_down = 150 * 2 ** (-0.2 * np.sin(6 * times))
    assert pitch_errors(upside_down, melody)[2] == pytest.approx(-1.0)
    half_unvoiced = np.where(np.arange(200) < 100, higher, 0.0)
    assert voicing_error(half_unvoiced, melody) == 50.0
    assert pitch_errors(half_unvoiced, melody)[0] == pytest.approx(200.0)
    with pytest.raises(Unmeasurable, match="too little voice"):
        pitch_errors(np.zeros(200), melody)
    with pytest.raises(Unmeasurable, match="never moves"):
        pitch_errors(np.full(200, 100.0), melody)


def least_cost(first, second):
    """The textbook recursion, cell by cell."""
    total = {(-1, -1): 0.0}
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            before = (total.get(place, np.inf) for place in ((i - 1, j - 1), (i - 1, j), (i, j - 1)))
            total[i, j] = np.linalg.norm(one - other) + min(before)
    return total[len(first) - 1, len(second) - 1]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 7), (9, 2), (30, 41)])
def test_the_warping_path_is_a_path_and_the_cheapest(n, m):
    random = np.random.default_rng(n * m)
    first, second = random.standard_normal((n, 3)), random.standard_normal((m, 3))
    rows, columns = warp(first, second)
    assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, n - 1, m - 1)
    steps = set(zip(np.diff(rows).tolist(), np.diff(columns).tolist(), strict=True))
    assert steps <= {(1, 1), (1, 0), (0, 1)}
    cost = np.linalg.norm(first[rows] - second[columns], axis=1).sum()
    assert cost == pytest.approx(least_cost(first, second), rel=1e-12)


@pytest.mark.slow
def test_the_warping_path_is_librosas():
    from librosa.sequence import dtw

    random = np.random.default_rng(0)
    first, second = random.standard_normal((200, 24)), random.standard_normal((230, 24))
    _, path = dtw(first.T, second.T)
    assert np.array_equal(np.stack(warp(first, second), axis=1), path[::-1])


def test_signatures_tell_what_a_number_depends_on():
    signature = metric_spec("tts.mcd").signature
    for part in ("c1-c24", "order:24", "alpha:0.41", "period:0.01", "sr:16000", "pyworld:", "pysptk:"):
        assert part in signature
