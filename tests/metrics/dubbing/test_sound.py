"""Background, level, timing and A/V offset on a real scene, damaged by known amounts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from dubs import RATE
from filmbench.metrics.dubbing.av import AvOffset, verdict
from filmbench.metrics.dubbing.background import BackgroundKept, BackgroundUnderSpeech
from filmbench.metrics.dubbing.loudness import DubLoudness
from filmbench.metrics.dubbing.speaker import CrossLingualSpeaker
from filmbench.metrics.dubbing.timing import Lengths, Onsets, SpeechOverlap


def values(metric, view):
    return [score.value for score in metric.score(view)]


def test_the_untouched_source_wins_what_doing_nothing_wins(view, source):
    untouched = view(source)
    si_sdr, distance, level = values(BackgroundKept(), untouched)
    assert si_sdr == 100 and distance == pytest.approx(0, abs=1e-6) and level == pytest.approx(0, abs=1e-6)
    recall, iou, f1 = values(SpeechOverlap(), untouched)
    assert recall > 0.95 and iou > 0.85 and f1 > 0.9
    error, within = values(Onsets(), untouched)
    assert error < 60 and within == 100
    assert values(AvOffset(), untouched) == [pytest.approx(0, abs=1), 100]
    assert values(DubLoudness(), untouched)[1] == pytest.approx(0)
    assert values(CrossLingualSpeaker(), untouched) == [pytest.approx(1, abs=1e-4)]


def test_noise_at_a_known_level_costs_the_known_decibels(view, changed, source):
    power = np.mean(np.square(source.mono(RATE)[: RATE // 2]))
    noise = np.random.default_rng(5).normal(0, 1, len(source.mono(RATE)))
    found = values(BackgroundKept(), view(changed(lambda sound: 0.5 * (sound + noise * np.sqrt(power) * 0.1))))
    assert 12 < found[0] < 30, "20 dB below the opening's background, one gain for all costs nothing"
    assert found[1] > 1
    assert found[2] == pytest.approx(-6, abs=0.5)


def test_a_lost_background_is_the_bottom(view, changed, source):
    def dry(sound):
        sound[: int(1.0 * RATE)] = 0
        sound[int(4.2 * RATE) : int(4.8 * RATE)] = 0
        sound[int(7.8 * RATE) :] = 0
        return sound

    assert values(BackgroundKept(), view(changed(dry)))[0] == -30
    (score, _) = AvOffset().score(view(changed(dry, film=True)))
    assert score.value is None and "no background" in score.reason


def test_ducking_is_seen_under_speech_and_not_outside_it(view, changed, scene, source, scenes):
    stem = view(source).reference("background").mono(RATE)

    def ducked(sound):
        sound = sound[: len(stem)]
        for start, end in view(source).reference("speech_times").json:
            part = slice(int(start * RATE), int(end * RATE))
            sound[part] -= 0.9 * stem[part]
        return sound

    kept = values(BackgroundUnderSpeech(), view(source))[0]
    assert kept == pytest.approx(0, abs=2)
    assert values(BackgroundUnderSpeech(), view(changed(ducked)))[0] < kept - 10
    assert values(BackgroundKept(), view(changed(ducked)))[0] > 60


@pytest.mark.parametrize("late", [0.2, -0.1])
def test_a_shifted_sound_is_that_much_out_of_sync(view, changed, late):
    samples = int(abs(late) * RATE)
    shift = (lambda sound: np.pad(sound, (samples, 0))) if late > 0 else (lambda sound: sound[samples:])
    offset, acceptable = AvOffset().score(view(changed(shift, film=True)))
    assert offset.value == pytest.approx(-1000 * late, abs=12), "positive is early"
    assert acceptable.value == 0


def test_limits_are_those_of_bt_1359():
    assert [verdict(ms) for ms in (45, 46, 91, -125, -126, -186)] == [
        "not detectable", "detectable", "not acceptable", "not detectable", "detectable", "not acceptable",
    ]  # fmt: skip


def test_sound_alone_has_no_av_offset(view, changed):
    reasons = {score.reason for score in AvOffset().score(view(changed(lambda sound: sound)))}
    assert reasons == {"the take: sound alone: there is no picture"}


def test_late_speech_is_late(view, changed):
    late = view(changed(lambda sound: np.pad(sound, (RATE // 2, 0))[: len(sound)]))
    error, within = Onsets().score(late)
    assert error.value == pytest.approx(500, abs=80) and within.value == 0
    assert values(SpeechOverlap(), late)[0] < 0.9
    assert values(Lengths(), late)[3] == pytest.approx(0, abs=0.01)


def test_silence_where_speech_should_be_has_reasons(view, changed, source, scene):
    bed = view(source).reference("background")
    for metric in (SpeechOverlap(), Onsets(), Lengths()):
        assert {score.reason for score in metric.score(view(bed))} == {"no speech is heard in the take"}
    silent = replace(scene, inputs={**scene.inputs, "source": scene.references["background"]}, references={})
    assert {score.reason for score in Onsets().score(view(source, silent))} == {"no speech is heard in the source"}
