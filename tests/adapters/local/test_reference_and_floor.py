"""Rows that give a table its scale: the reading itself, and readings damaged by a known amount."""

import shutil

import numpy as np
import pytest
import soundfile
from filmbench.adapters.local import floor
from filmbench.harness.contracts import TTS
from filmbench.harness.plan import Plan, PlannedArm, PlannedTask
from filmbench.harness.protocols import Refusal
from filmbench.harness.suite import ArmEntry
from filmbench.harness.types import Artifact, Outcome, Sample

TEXT = "The quick brown fox jumps over the lazy dog, and the camera keeps rolling."
DAMAGES = [*floor.OF_READINGS, "silence", "wrong_words"]


@pytest.fixture(scope="module")
def reading(studio, tmp_path_factory):
    """Stands in for a person's recording: speech at 24 kHz, known to the media."""
    copy = tmp_path_factory.mktemp("readings") / "reading.wav"
    shutil.copyfile(studio.kept("local/hibari", TEXT), copy)
    return studio.media.add(copy)


@pytest.fixture
def damaged(studio, reading):
    """Samples and rate of a row made from the reading."""

    def make(damage):
        return soundfile.read(studio.say("local/floor", TEXT, damage=damage, references={"speech": reading}))

    return make


@pytest.fixture
def clean(studio, reading):
    return soundfile.read(studio.media.path(reading))


def test_the_reference_row_is_the_recording_itself(studio, reading):
    path = studio.say("local/reference", TEXT, references={"speech": reading})
    assert path.read_bytes() == studio.media.path(reading).read_bytes()


def test_no_recording_no_reference_row(studio):
    with pytest.raises(Refusal, match="no human reference") as refused:
        studio.say("local/reference", TEXT)
    assert refused.value.outcome is Outcome.UNSUPPORTED


def test_two_readers_of_one_sentence_are_two_requests(studio):
    """VCTK's speakers read the same lines: a row made of the recording may not come from the other one's cache."""

    def keys(id):
        samples = tuple(
            Sample(name, "d", {"text": TEXT}, {"speech": Artifact(name * 64, "audio/wav", 9)}, language="en")
            for name in ("a", "b")
        )
        arm = PlannedArm(ArmEntry(provider=id), studio.engine(id), None)
        plan = Plan(None, (PlannedTask(TTS, None, samples, (arm,), 1, ()),))
        return {asked.request.key() for _, asked in plan.asked()}

    assert len(keys("local/reference")) == 2
    assert len(keys("local/floor")) == 2
    assert len(keys("local/espeak-ng")) == 1


@pytest.mark.parametrize(("damage", "decibels"), [("noise_20", 20), ("noise_10", 10), ("noise_0", 0)])
def test_noise_has_the_level_and_the_colour_it_says(damaged, clean, damage, decibels):
    (noisy, rate), (speech, clean_rate) = damaged(damage), clean
    assert rate == clean_rate
    gain = np.dot(noisy, speech) / np.dot(speech, speech)
    noise = noisy / gain - speech
    assert 10 * np.log10(np.mean(speech**2) / np.mean(noise**2)) == pytest.approx(decibels, abs=0.3)
    bands = [
        np.add.reduceat(np.abs(np.fft.rfft(signal)) ** 2, np.arange(0, len(signal) // 2, 500))
        for signal in (speech, noise)
    ]
    assert np.corrcoef(*np.log(bands))[0, 1] > 0.95


def test_clipping_flattens_the_peaks(damaged, clean):
    assert np.mean(np.abs(damaged("clipping")[0]) > 0.999) > 0.05 > np.mean(np.abs(clean[0]) > 0.999)


def test_low_pass_takes_the_top_and_leaves_the_rest(damaged, clean):
    (filtered, rate), (speech, _) = damaged("low_pass"), clean
    frequencies = np.fft.rfftfreq(len(speech), 1 / rate)
    before, after = (np.abs(np.fft.rfft(signal)) ** 2 for signal in (speech, filtered))
    top, rest = frequencies > 5000, frequencies < 2500
    assert after[top].sum() < 1e-3 * before[top].sum()
    assert after[rest].sum() == pytest.approx(before[rest].sum(), rel=0.01)


def test_the_robot_has_no_melody_but_the_words(studio, reading, hear, error_rate, damaged, clean):
    import pyworld

    (flat, rate), (speech, _) = damaged("robot"), clean
    tracks = [pyworld.stonemask(x, *pyworld.dio(x, rate), rate) for x in (flat, speech)]
    spread = [np.subtract(*np.percentile(pitch[pitch > 0], [90, 10])) for pitch in tracks]
    assert spread[0] < 0.1 * spread[1]
    assert np.median(tracks[0][tracks[0] > 0]) == pytest.approx(np.median(tracks[1][tracks[1] > 0]), rel=0.02)
    path = studio.say("local/floor", TEXT, damage="robot", references={"speech": reading})
    assert error_rate(TEXT, hear(path)) < 0.35


def test_silence_is_as_long_as_the_reading_and_holds_nothing(damaged, clean):
    silent, _ = damaged("silence")
    assert len(silent) == len(clean[0])
    assert not silent.any()


@pytest.mark.parametrize("language", sorted(floor.WRONG_WORDS))
def test_wrong_words_are_speech_of_something_else(studio, hear, error_rate, language):
    path = studio.say("local/floor", TEXT, damage="wrong_words", language=language)
    assert soundfile.info(path).duration > 2
    if language == "en":
        heard = hear(path)
        assert error_rate(floor.WRONG_WORDS["en"], heard) < 0.6
        assert error_rate(TEXT, heard) > 0.8


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_same_damage_gives_the_same_bytes(studio, reading, damage):
    asked = {"damage": damage, "references": {"speech": reading}}
    first, again = (studio.say("local/floor", TEXT, **asked) for _ in range(2))
    assert first.read_bytes() == again.read_bytes()


def test_another_take_has_other_noise(studio, reading):
    takes = [studio.say("local/floor", TEXT, damage="noise_10", references={"speech": reading}, take=n) for n in (0, 1)]
    assert takes[0].read_bytes() != takes[1].read_bytes()


@pytest.mark.parametrize("damage", ["noise_20", "noise_10", "noise_0", "clipping", "low_pass"])
def test_without_a_reading_there_is_nothing_to_damage(studio, damage):
    with pytest.raises(Refusal, match="no human reference to damage") as refused:
        studio.say("local/floor", TEXT, damage=damage)
    assert refused.value.outcome is Outcome.UNSUPPORTED


def test_without_a_reading_the_robot_and_silence_are_made_anyway(studio):
    robot = soundfile.info(studio.say("local/floor", TEXT, damage="robot"))
    silence = soundfile.info(studio.say("local/floor", TEXT, damage="silence"))
    assert robot.duration > 3
    assert silence.duration == pytest.approx(len(TEXT) / 15, abs=0.01)
    with pytest.raises(Refusal, match="not asked to speak ja"):
        studio.say("local/floor", "カメラ", damage="robot", language="ja")
    with pytest.raises(Refusal, match="no wrong words for ja"):
        studio.say("local/floor", "カメラ", damage="wrong_words", language="ja")


def test_a_stereo_flac_reading_is_read_too(studio, tmp_path):
    samples, rate = soundfile.read(studio.kept("local/flite", TEXT))
    soundfile.write(tmp_path / "two.flac", np.stack([samples, samples], axis=1), rate)
    reading = studio.media.add(tmp_path / "two.flac", "audio/flac")
    path = studio.say("local/floor", TEXT, damage="low_pass", references={"speech": reading})
    assert soundfile.info(path).samplerate == rate
    with pytest.raises(Refusal, match="at 6000 Hz"):
        floor.low_passed(samples, 6000)
