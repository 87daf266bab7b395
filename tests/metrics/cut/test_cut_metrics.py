"""Metrics of text-based cutting against known cuts, hand-made vectors and the golden values of the literature."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from filmbench.harness.media.timeline import CutList, write_otio
from filmbench.metrics.cut import boundaries, clicks, joins, length, slip, words
from filmbench.metrics.cut.edit import Join, Word
from filmbench.metrics.measure import Unmeasurable

WORDS = [
    Word("so", 0.0, 1.0, True),
    Word("um", 1.2, 1.5, False),
    Word("we", 1.6, 2.0, True),
    Word("left", 2.0, 2.5, True),
    Word("like", 2.5, 3.0, False),
]


def values(metric, view) -> dict[str, float | None]:
    return {score.metric: score.value for score in metric.score(view)}


def reasons(metric, view) -> set[str | None]:
    return {score.reason for score in metric.score(view)}


# --- boundaries --------------------------------------------------------------------------------------


def test_a_cut_in_the_pause_is_right_and_one_in_a_word_is_as_wrong_as_it_is_deep():
    assert boundaries.errors(WORDS, [(0.0, 1.1), (1.55, 2.5)], 3.0) == [0.0, 0.0, 0.0]
    assert boundaries.errors(WORDS, [(0.0, 1.25), (1.7, 2.4)], 3.0) == pytest.approx([0.05, 0.1, 0.1])
    assert boundaries.errors(WORDS, [(0.0, 0.98), (1.58, 3.0)], 3.0) == pytest.approx([0.02, 0.02 - 0.02, 1.52])


def test_the_ends_of_the_recording_are_no_cuts():
    with pytest.raises(Unmeasurable, match="no cut into"):
        boundaries.errors(WORDS, [(0.0, 1.1)], 3.0)
    with pytest.raises(Unmeasurable, match="nothing had to be cut"):
        boundaries.errors(WORDS[2:4], [(0.0, 3.0)], 3.0)


def test_the_true_cut_has_no_error(view):
    found = values(boundaries.METRICS[0], view("boat"))
    assert found == {
        "cut.boundary_error": 0.0,
        "cut.boundary_median": 0.0,
        "cut.within_20": 100.0,
        "cut.within_50": 100.0,
        "cut.within_100": 100.0,
    }


def test_a_cut_list_moved_by_60_ms_into_words_is_found_so(view, tmp_path):
    true = view("key")
    words = true.reference("words").json
    gone = [index for index, word in enumerate(words) if not word["keep"]]
    out, into = words[gone[0] - 1]["end"], words[gone[-1] + 1]["start"]
    spans, last = ((0, round(1000 * out) - 60), (round(1000 * into) + 60, 4440)), 4440
    timeline = write_otio(CutList(spans, Fraction(1000), last), tmp_path / "cut.otio", "source")
    found = values(boundaries.METRICS[0], view("key", cut=true.files["cut"], timeline=timeline))
    assert found["cut.boundary_error"] == pytest.approx(60, abs=0.6)
    assert (found["cut.within_50"], found["cut.within_100"]) == (0.0, 100.0)


def test_without_a_timeline_or_with_a_broken_one_there_is_a_reason(view, tmp_path):
    bare = view("boat", cut=view("boat").files["cut"])
    for metric in (boundaries.METRICS[0], clicks.METRICS[0], *joins.METRICS):
        assert reasons(metric, bare) == {"the take tells no cuts: it gave no timeline"}
    broken = tmp_path / "broken.otio"
    broken.write_text('{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}')
    spoilt = view("boat", cut=view("boat").files["cut"], timeline=(broken, "application/json"))
    (reason,) = reasons(clicks.METRICS[0], spoilt)
    assert reason is not None and reason.startswith("the timeline cannot be read")


# --- joins -------------------------------------------------------------------------------------------


def tone(rate: int = 48_000):
    return np.sin(2 * np.pi * 220 * np.arange(rate) / rate)


def test_click_ratio_is_the_golden_one():
    cut = np.delete(tone(), slice(20_000, 20_100))
    assert clicks.click_ratio(cut, [20_000], 240) == pytest.approx(1898, rel=0.005)
    assert clicks.click_ratio(tone(), [20_000], 240) == pytest.approx(1.0, abs=0.001)
    assert clicks.click_ratio(cut, [30_000], 240) == pytest.approx(1.0, abs=0.001), "only the joins are looked at"


def test_clicks_of_a_film_without_sound_around_its_joins():
    with pytest.raises(Unmeasurable, match="nothing is heard"):
        clicks.click_ratio(np.zeros(1000), [500], 10)


def test_pause_change_is_against_the_longer_pause_around_what_went():
    join = Join(out=1.05, into=1.55, at=1.05)  # 50 + 50 ms of pause are left where the longer one had 200
    assert joins.pause_changes(WORDS, [join]) == pytest.approx([0.1])
    assert joins.pause_changes(WORDS, [Join(1.2, 1.6, 1.2)]) == pytest.approx([0.0])
    with pytest.raises(Unmeasurable):
        joins.pause_changes(WORDS, [Join(2.6, 2.9, 2.6)])


def test_a_room_6_db_louder_after_the_join_is_a_jump_of_6():
    noise = np.random.default_rng(0).standard_normal(32_000) * 0.01
    noise[16_000:] *= 10 ** (6 / 20)
    assert joins.room_tone_jump(noise, 16_000, [1.0]) == pytest.approx(6.0, abs=0.3)
    assert joins.room_tone_jump(noise, 16_000, [0.5]) < 0.5
    with pytest.raises(Unmeasurable, match="both sides"):
        joins.room_tone_jump(noise, 16_000, [0.1])


# --- length and slip ---------------------------------------------------------------------------------


def test_length_is_held_against_the_true_cut(view, tmp_path):
    true = view("boat")
    assert values(length.METRICS[0], true) == {"cut.length_error": 0.0}
    longer = tmp_path / "longer.wav"
    clip = true.output("cut")
    soundfile.write(longer, np.pad(clip.mono(), (0, clip.rate // 2)), clip.rate)
    found = values(length.METRICS[0], view("boat", cut=(longer, "audio/wav")))
    assert found["cut.length_error"] == pytest.approx(0.5)


@pytest.mark.parametrize("frames", [0, 3, -5])
def test_slip_is_the_number_of_frames_by_which_sound_was_moved(view, tmp_path, frames):
    from filmbench.harness.media.write import write_video

    film = view("mill").output("cut")
    sound = film.mono()
    moved = np.roll(sound, frames * film.rate // 25)
    made = write_video(tmp_path / "cut.mp4", (frame.rgb for frame in film.frames()), 25, sound=(moved, film.rate))
    found = values(slip.METRICS[0], view("mill", cut=made))
    assert found["cut.av_slip"] == pytest.approx(abs(frames), abs=0.1)


def test_slip_needs_a_moving_picture_on_both_sides(view, tmp_path):
    from filmbench.harness.media.write import write_video

    assert reasons(slip.METRICS[0], view("boat")) == {"the source has no picture"}
    film = view("mill").output("cut")
    wave = tmp_path / "cut.wav"
    soundfile.write(wave, film.mono(), film.rate)
    assert reasons(slip.METRICS[0], view("mill", cut=(wave, "audio/wav"))) == {"the cut has lost its picture"}
    grey = [np.full((54, 96, 3), 128, np.uint8)] * 50
    still = write_video(tmp_path / "still.mp4", grey, 25, sound=(film.mono()[: 2 * film.rate], film.rate))
    (reason,) = reasons(slip.METRICS[0], view("mill", cut=still))
    assert reason is not None and "placed in the source" in reason


# --- words -------------------------------------------------------------------------------------------


class Heard:
    """A view in which the listener's words are given."""

    def __init__(self, view, text: str) -> None:
        self.sample, self._text = view.sample, text

    def output(self, role: str):
        return role

    def feature(self, id: str, clip) -> dict[str, str]:
        assert id == "transcript", "the judge is Whisper base, not the cutter's tiny.en"
        return {"text": self._text}


def test_lost_and_leftover_words_are_counted_apart(view):
    metric = words.METRICS[0]
    keep = view("road").sample.text("keep")
    assert keep == "We could leave tonight, if the road is clear."
    assert values(metric, Heard(view("road"), keep)) == {"cut.lost_words": 0.0, "cut.leftover_words": 0.0}
    scores = metric.score(Heard(view("road"), "We leave tonight well if the toad is clear"))
    assert scores[0].statistics == {"lost": 2, "kept": 9}
    assert scores[1].statistics == {"leftover": 1, "removed": 5}
    untouched = values(metric, Heard(view("road"), view("road").sample.text("script")))
    assert untouched == {"cut.lost_words": 0.0, "cut.leftover_words": 100.0}
    assert values(metric, Heard(view("road"), ""))["cut.lost_words"] == 100.0
