"""MOS and MUSHRA: known values, screening, and what is no test."""

from __future__ import annotations

import pytest
from filmbench.harness.stats.opinions import Opinion, mos, mushra


def test_mean_opinion_score_with_its_t_interval():
    votes = [Opinion("A", "line", f"r{n}", score) for n, score in enumerate([4, 5, 3, 4, 4, 5, 2, 4])]
    found = mos(votes)[0]
    assert found.score.value == 3.875
    assert (found.score.low, found.score.high) == (pytest.approx(3.046, abs=5e-4), pytest.approx(4.704, abs=5e-4))
    assert found.thin == ()


def test_clips_with_few_votes_are_named_and_arms_stand_best_first():
    votes = [Opinion(arm, clip, f"r{n}", score) for arm, score in (("dull", 2), ("fine", 4))
             for clip, count in (("much", 9), ("little", 3)) for n in range(count)]  # fmt: skip
    found = mos(votes)
    assert [one.arm for one in found] == ["fine", "dull"]
    assert found[0].thin == ("little",)
    assert found[0].score.low is None  # all alike: no spread to go by


def panel(careless=()):
    """Ten raters, ten clips; those who are careless cannot tell the reference."""
    found = []
    for number in range(10):
        rater = f"r{number}"
        for clip in range(10):
            hidden = 60 if rater in careless and clip < 2 else 98
            scores = {"hidden reference": hidden, "mid anchor": 40, "vendor": 70 + number % 3, "other": 60 - clip % 2}
            found += [Opinion(arm, f"c{clip}", rater, score) for arm, score in scores.items()]
    return found


def test_mushra_medians_and_friedman():
    found = mushra(panel())
    assert [one.arm for one in found.arms] == ["hidden reference", "vendor", "other", "mid anchor"]
    assert (found.arms[1].low_quartile, found.arms[1].median, found.arms[1].high_quartile) == (70, 71, 72)
    assert found.screened == {}
    assert found.p < 1e-10


def test_who_cannot_tell_the_reference_is_screened_out():
    found = mushra(panel(careless={"r3"}))
    assert found.screened == {"r3": "rates the hidden reference below 90 in 2 of 10 clips"}
    assert found.arms[0].n == 90


def test_without_a_hidden_reference_it_is_no_mushra():
    with pytest.raises(ValueError, match="hidden reference"):
        mushra([Opinion("A", "c", "r", 50)])


@pytest.mark.parametrize(("rate", "score"), [(mos, 0), (mos, 6), (mushra, 101)])
def test_scores_off_the_scale_are_refused(rate, score):
    with pytest.raises(ValueError, match="outside"):
        rate([Opinion("A", "c", "r", score)])


def test_no_ratings():
    with pytest.raises(ValueError, match="no ratings"):
        mos([])
