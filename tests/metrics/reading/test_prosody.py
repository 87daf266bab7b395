"""Pace, pauses and melody: what is built into the sound must come out, and what does not matter must not."""

import math
import subprocess

import numpy as np
import pytest
from filmbench.harness.registry import metric_spec
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts import delivery, prosody_band
from filmbench.metrics.tts.delivery import Reading
from filmbench.metrics.tts.prosody import Prosody


def figures(view):
    return {score.metric.removeprefix("tts."): score for score in Prosody().score(view)}


def reading(hz, segments=((0.0, 10.0),), text="one two three four", language="en"):
    return Reading.of(text, language, {"segments": segments}, {"period": 0.005, "hz": list(hz)})


def test_a_slower_voice_has_a_lower_rate_and_the_same_spread(say, view, tmp_path):
    line = "We counted every lantern on the harbour wall before the storm came in."
    slow = tmp_path / "slow.wav"
    stretch = ["--setf", "duration_stretch=1.6"]
    normal = figures(view(say(line), text=line))
    subprocess.run(["flite", "-voice", "slt", *stretch, "-t", line, "-o", slow], check=True)
    slower = figures(view(slow, text=line))
    assert 3 < normal["speaking_rate"].value < 7
    assert slower["speaking_rate"].value == pytest.approx(normal["speaking_rate"].value / 1.6, rel=0.1)
    assert slower["f0_spread"].value == pytest.approx(normal["f0_spread"].value, rel=0.25)


def test_pauses_are_counted_and_measured(say, view, variant):
    line = "We leave before the rain."
    spoken = say(line)

    def twice(samples, rate):
        return np.concatenate([samples, np.zeros(rate), samples])

    one, two = figures(view(spoken, text=line)), figures(view(variant(spoken, twice), text=f"{line} {line}"))
    assert one["pauses_per_minute"].value == 0.0
    assert one["mean_pause"].value is None and one["mean_pause"].reason == "the line has no pause"
    assert two["mean_pause"].value == pytest.approx(1.2, abs=0.2)  # flite begins a line with 0.2 s of silence
    assert two["speaking_rate"].value == pytest.approx(one["speaking_rate"].value, rel=0.05)


def test_gain_and_padding_do_not_matter(say, view, variant):
    spoken = say()
    plain = figures(view(spoken))
    for change in (lambda samples, _: 0.3 * samples, lambda samples, rate: np.pad(samples, (rate, rate // 2))):
        other = figures(view(variant(spoken, change)))
        for id in ("speaking_rate", "f0_spread"):
            assert other[id].value == pytest.approx(plain[id].value, rel=0.05)
        assert other["pauses_per_minute"].value == plain["pauses_per_minute"].value


def test_a_flat_voice_has_no_spread_and_a_lively_one_has():
    times = np.arange(600) * 0.005
    assert delivery.f0_spread(reading(np.full(600, 120.0))) == 0.0
    vibrato = 120 * 2 ** (np.sin(8 * times) * 3 / 12)  # 3 semitones: the sd of a sine is 3 / sqrt 2
    assert delivery.f0_spread(reading(vibrato)) == pytest.approx(3 / math.sqrt(2), rel=0.05)
    with_jumps = vibrato.copy()
    with_jumps[::50] *= 4
    assert delivery.f0_spread(reading(with_jumps)) == pytest.approx(delivery.f0_spread(reading(vibrato)), rel=0.05)


def test_the_final_rise_is_the_slope_of_the_last_300_ms():
    times = np.arange(400) * 0.005
    falling_then_rising = np.where(times < 1.6, 200 * 2 ** (-2 * times / 12), 160 * 2 ** (10 * (times - 1.6) / 12))
    assert delivery.final_rise(reading(falling_then_rising)) == pytest.approx(10.0, rel=0.01)
    unvoiced_end = np.concatenate([falling_then_rising, np.zeros(100)])
    assert delivery.final_rise(reading(unvoiced_end)) == pytest.approx(10.0, rel=0.01)
    one_octave_error = falling_then_rising.copy()
    one_octave_error[-5:] /= 2
    assert delivery.final_rise(reading(one_octave_error)) == pytest.approx(10.0, rel=0.35)


def test_pitch_outside_speech_is_not_heard():
    hum = np.concatenate([np.full(200, 120.0), np.full(200, 700.0)])
    assert delivery.f0_spread(reading(hum, segments=((0.0, 0.9),))) == 0.0


def test_a_question_rises_and_a_statement_falls(say, view):
    rises = {}
    for line in ("Is it really you?", "Is it really you."):
        rises[line[-1]] = figures(view(say(line, "espeak:en"), text=line, tags={"question-rise"}))["final_rise"].value
    assert rises["?"] > 5 > 0 > rises["."]


def test_the_final_rise_is_only_asked_of_tagged_questions(say, view):
    score = figures(view(say()))["final_rise"]
    assert score.value is None and score.reason == "the line is not tagged question-rise"


def test_nobody_speaking_is_a_reason_not_a_number(say, view, variant):
    hiss = variant(say(), lambda samples, _: 0.05 * np.random.default_rng(0).standard_normal(len(samples)))
    assert {(score.value, score.reason) for score in figures(view(hiss)).values()} == {(None, "no speech was found")}


def test_languages_without_rules_or_band(say, view):
    take = view(say("Hyvää päivää, kapteeni. Laiva lähtee illalla.", "espeak:fi"), "Hyvää päivää", "fi")
    found = figures(take)
    assert found["speaking_rate"].value > 0
    assert found["speaking_rate_z"].value is None and "no human band" in found["speaking_rate_z"].reason
    found = figures(view(say(), language="ja"))
    assert found["speaking_rate"].value is None and "syllable rules" in found["speaking_rate"].reason


def test_the_distance_is_in_standard_deviations_of_the_band(say, view):
    found = figures(view(say()))
    for id in ("speaking_rate", "f0_spread", "pauses_per_minute"):
        band = prosody_band.bands()["en", id]
        assert found[f"{id}_z"].value == pytest.approx(abs(found[id].value - band.mean) / band.sd)
    assert metric_spec("tts.speaking_rate_z").signature.endswith(f"band:{prosody_band.source()}")


def test_the_band_is_of_people_in_five_languages():
    found = prosody_band.bands()
    assert prosody_band.source().startswith("human-prompts@")
    for language in ("en", "es", "fr", "it", "ru"):
        assert found[language, "speaking_rate"].n >= 50
        assert 3 < found[language, "speaking_rate"].mean < 9
        assert 1 < found[language, "f0_spread"].mean < 6


def test_a_band_is_mean_and_sample_sd_and_is_written_as_read():
    lines = [("en", reading(np.full(600, 120.0), segments=((0.0, seconds),))) for seconds in np.linspace(1, 2, 25)]
    found = prosody_band.compute(lines)
    rates = 4 / np.linspace(1, 2, 25)
    assert found["en"]["speaking_rate"].n == 25
    assert found["en"]["speaking_rate"].mean == pytest.approx(rates.mean(), abs=1e-4)
    assert found["en"]["speaking_rate"].sd == pytest.approx(rates.std(ddof=1), abs=1e-4)
    assert "mean_pause" not in found["en"], "no line has a pause"
    import tomllib

    written = tomllib.loads(prosody_band.as_toml("some@1", found))
    assert written["languages"]["en"]["speaking_rate"]["n"] == 25


def test_too_little_voice_has_no_melody():
    with pytest.raises(Unmeasurable, match="too little voice"):
        delivery.f0_spread(reading([120.0] * 5))
