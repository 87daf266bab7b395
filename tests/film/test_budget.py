"""The best film for the money: proven against every choice there is, held on fresh scenarios, told with its price."""

from __future__ import annotations

import itertools
import math

import film_costs as given
import numpy as np
import pytest
from filmbench.harness.film import budget as budgets
from filmbench.harness.film import program
from filmbench.harness.film.assumptions import default
from filmbench.harness.film.budget import Budget, budget
from filmbench.harness.types import NothingMeasured, UsageError

BOOK = given.book(
    given.row("openai/tts-1", "character", "0.015", "1000"),
    given.row("sync/lipsync-2-pro", "output_second", "0.08"),
    given.row("runway/gen4_turbo", "credit", "0.01"),
    given.row("fal/flux-dev", "megapixel", "0.025"),
)
KNOWN = [
    given.judged("tts", "elevenlabs/eleven_v3", 0.9),
    given.judged("tts", "openai/tts-1", 0.5),
    given.judged("dubbing", "elevenlabs/dubbing_v1", 0.6),
    given.judged("lipsync", "sync/lipsync-2", 0.5),
    given.judged("lipsync", "sync/lipsync-2-pro", 0.8),
    given.judged("video", "runway/gen4.5", 0.8),
    given.judged("background", "stability/stable-image-core", 0.7),
]
NAMED = {"mocap": "none", "editing/colour": "none", "music": "none"}


def made(cap: float, known=KNOWN, arms=NAMED, **more) -> Budget:
    return budget(given.FILM, default(), BOOK, given.TODAY, known, cap, arms=arms, **more)


def choices(seed: int):
    """Groups of two to four arms, dear together, and every choice of one arm each."""
    rng = np.random.default_rng(seed)
    common = rng.lognormal(0, 0.4, (1, 30))
    costs = [rng.gamma(2, 10, (rng.integers(2, 5), 1)) * common for _ in range(4)]
    costs = [one * rng.lognormal(0, 0.25, one.shape) for one in costs]
    worths = [rng.random(len(one)) for one in costs]
    every = list(itertools.product(*(range(len(one)) for one in costs)))
    totals = np.array([np.sort(sum(cost[arm] for cost, arm in zip(costs, arms, strict=True))) for arms in every])
    worth = np.array([sum(w[arm] for w, arm in zip(worths, arms, strict=True)) for arms in every])
    return costs, worths, totals, worth


@pytest.mark.parametrize("seed", range(8))
def test_the_program_finds_what_trying_everything_finds(seed):
    costs, worths, totals, worth = choices(seed)
    wanted = totals[:, math.ceil(0.8 * 30) - 1]  # the cap that a choice keeps in 24 of 30 scenarios
    cap = float(np.quantile(wanted, 0.35))
    best = program.best(costs, worths, cap, 0.8)
    assert best is not None
    assert best.certificate.optimal
    assert best.certificate.gap < 1e-9
    assert best.certificate.value == pytest.approx(worth[wanted <= cap].max(), abs=1e-9)
    chosen = sum(cost[arm] for cost, arm in zip(costs, best.arms, strict=True))
    assert (chosen <= cap + 1e-6).sum() >= 24

    assert program.best(costs, worths, float(wanted.min()) * 0.99, 0.8) is None
    least = program.cheapest(costs, worths, 0.8)
    assert least is not None
    assert least.certificate.value == pytest.approx(wanted.min(), rel=1e-6)

    asked = float(np.quantile(worth, 0.9))
    better = program.cheapest(costs, worths, 0.8, asked)
    assert better is not None
    assert better.certificate.value == pytest.approx(wanted[worth >= asked].min(), rel=1e-6)
    assert program.cheapest(costs, worths, 0.8, worth.max() + 0.01) is None


def test_the_choice_is_proven_and_holds_on_fresh_scenarios():
    found = made(40)
    assert found.certificate.optimal
    assert found.certificate.value == pytest.approx(found.certificate.bound)
    assert found.held >= 0.9 * budgets.SCENARIOS
    assert found.fresh > 0.8
    arms = {(group.stage, group.name): option.label for group, option in found.picks}
    assert set(arms) == {
        *(("tts", "MARA (en)"), ("tts", "TOBY (en)"), ("dubbing", "es"), ("lipsync", "en"), ("lipsync", "es")),
        *(("video", "film"), ("background", "PIER"), ("background", "LAMP ROOM")),
    }
    assert found.worth == pytest.approx(
        sum(weight * quality for weight, quality in ((3, 0.9), (2, 0.6), (2, 0.8), (3, 0.8), (2, 0.7))) / 12
    )
    assert found.better is None  # everything already is the best there is


def test_told_prices_are_true_to_the_cent():
    """With the told budget the better choice is made, with a cent less it is not; so it is with the cheapest."""
    with pytest.raises(UsageError, match="the cheapest wants") as told:
        made(2)
    least = float(str(told.value).rpartition("$")[2])
    cheap = made(least)
    with pytest.raises(UsageError):
        made(round(least - 0.01, 2))
    assert cheap.better is not None
    assert cheap.better.changes
    dearer = made(cheap.better.usd)
    assert dearer.worth >= cheap.better.worth > cheap.worth
    assert made(round(cheap.better.usd - 0.01, 2)).worth == pytest.approx(cheap.worth)


def test_the_budget_at_which_every_stage_passes():
    failing = [
        given.judged(one.contract, one.provider, one.quality, passes=one.provider != "openai/tts-1") for one in KNOWN
    ]
    passing = made(60, failing).passing
    assert passing is not None
    assert made(passing.usd, failing).held >= 0.9 * budgets.SCENARIOS
    with pytest.raises(UsageError):
        made(round(passing.usd - 0.01, 2), [one for one in failing if one.passes])
    nobody = [given.judged(one.contract, one.provider, one.quality, passes=one.contract != "lipsync") for one in KNOWN]
    found = made(40, nobody)
    assert found.passing is None
    assert found.not_passing is not None
    assert "lipsync" in found.not_passing


def test_what_nobody_judged_is_never_chosen_and_listed():
    found = made(40)
    labels = {(one.stage, one.label): one.reason for one in found.unjudged}
    assert labels["tts", "cartesia/sonic-3"] == "not judged: no run of yours has it"
    unpriced = made(40, [*KNOWN, given.judged("video", "fal/mochi-v1", 1.0)])
    assert "not priced" in {(one.stage, one.label): one.reason for one in unpriced.unjudged}["video", "fal/mochi-v1"]
    assert {option.label for group, option in unpriced.picks if group.stage == "video"} == {"runway/gen4.5"}
    blank = made(40, [one for one in KNOWN if one.contract != "video"])
    assert blank.open == ("video",)
    assert blank.estimate.at_least
    with pytest.raises(NothingMeasured):
        made(40, [])


def test_arms_judged_on_another_basis_are_not_held_against_the_rest():
    other = given.judged("tts", "elevenlabs/eleven_flash_v2_5", 1.0, basis=("other-lines@1", "tts.cer, worst to best"))
    found = made(40, [*KNOWN, other])
    assert {option.label for group, option in found.picks if group.stage == "tts"} == {"elevenlabs/eleven_v3"}
    assert any("another basis" in one.reason for one in found.unjudged if one.label == other.label)


def test_an_arm_the_user_names_is_kept_though_nobody_judged_it():
    found = made(60, arms={**NAMED, "tts": "cartesia/sonic-3"})
    own = [(option.label, option.quality, group.fixed) for group, option in found.picks if group.stage == "tts"]
    assert own == [("cartesia/sonic-3", None, True)] * 2
    assert found.estimate.at_least  # our book has no price of it here


def test_equal_seeds_choose_alike():
    one, other = made(60, seed=4), made(60, seed=4)
    assert [option.label for _, option in one.picks] == [option.label for _, option in other.picks]
    assert (one.estimate.p10, one.fresh) == (other.estimate.p10, other.fresh)


@pytest.mark.parametrize(("cap", "confidence"), [(0.0, 0.9), (-5.0, 0.9), (math.nan, 0.9), (10.0, 1.0), (10.0, 0.0)])
def test_budgets_that_cannot_be(cap, confidence):
    with pytest.raises(UsageError):
        made(cap, confidence=confidence)


def test_many_characters_are_a_few_groups():
    from dataclasses import replace

    crowd = tuple(replace(given.FILM.parts[0], character=f"GUARD {n}", seconds=40.0 - n) for n in range(40))
    film = replace(given.FILM, languages=("en",), parts=crowd)
    found = budget(film, default(), BOOK, given.TODAY, KNOWN, 400, arms=NAMED)
    voices = [(group, option) for group, option in found.picks if group.stage == "tts"]
    assert len(voices) == budgets.GROUPS
    assert sum(len(option.lines) for _, option in voices) == 40
