"""Ratings from votes: published examples, known parameters found again, and what cannot be rated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from filmbench.harness.stats import preferences as module
from filmbench.harness.stats.preferences import ELO, Disconnected, Vote, preferences

# Wikipedia, "Bradley-Terry model": wins of the row over the column.
PLAYERS = "ABCD"
WINS = [[0, 2, 0, 1], [3, 0, 5, 0], [0, 3, 0, 1], [4, 0, 3, 0]]
STRENGTHS = {"A": 0.63983482, "B": 1.0433144, "C": 0.6598102, "D": 2.27037663}


def games(wins, raters=8):
    rows = [(i, j) for i in range(len(wins)) for j in range(len(wins)) for _ in range(wins[i][j])]
    return [Vote(PLAYERS[i], PLAYERS[j], 1, f"r{number % raters}") for number, (i, j) in enumerate(rows)]


def ratings(found):
    return {one.arm: one.rating.value for one in found.ratings}


def test_the_worked_example_of_wikipedia():
    found = preferences(games(WINS))
    assert [one.arm for one in found.ratings] == ["D", "B", "C", "A"]
    for arm, rating in ratings(found).items():
        assert rating == pytest.approx(1000 + ELO * math.log(STRENGTHS[arm]), abs=0.01)
    assert sum(ratings(found).values()) == pytest.approx(4000)
    assert not found.prior
    assert found.table[0] == (0, 0, 3, 4)  # D against D, B, C, A


def test_eight_wins_to_two_are_241_points():
    votes = [Vote("A", "B", 1 if number < 8 else 2, f"r{number}") for number in range(10)]
    found = preferences(votes)
    assert ratings(found)["A"] - ratings(found)["B"] == pytest.approx(240.82, abs=0.01)
    # One vote a rater: the sandwich is the model's own error, 137.3 points, but for its factor n / (n - 1).
    half = found.ratings[0].rating.high - found.ratings[0].rating.value
    error = 2 * half / 2.2621571628  # of the gap, both arms moving against each other; t with 9 degrees of freedom
    assert error == pytest.approx(137.3 * math.sqrt(10 / 9), rel=1e-3)


def simulated(theta, nu, votes, raters, rng, taste=0.0):
    """Votes by Davidson's own model; raters may differ in taste."""
    arms = len(theta)
    own = theta + rng.normal(0, taste, (raters, arms)) if taste else np.tile(theta, (raters, 1))
    found = []
    for number in range(votes):
        rater = number % raters
        first, second = rng.choice(arms, 2, replace=False)
        odds = np.array([math.exp(own[rater][first]), math.exp(own[rater][second]), 0.0])
        odds[2] = nu * math.sqrt(odds[0] * odds[1])
        outcome = rng.choice(3, p=odds / odds.sum())
        found.append(Vote(f"a{first}", f"a{second}", (1, 2, 0)[outcome], f"r{rater}"))
    return found


def test_strengths_and_ties_are_found_again():
    theta, nu = np.array([0.9, 0.2, -0.3, -0.8]), 0.7
    found = preferences(simulated(theta, nu, 20_000, 50, np.random.default_rng(1)))
    for arm, rating in ratings(found).items():
        assert (rating - 1000) / ELO == pytest.approx(theta[int(arm[1])], abs=0.06)
    assert found.tie_parameter == pytest.approx(nu, rel=0.05)
    assert [one.ranks for one in found.ratings] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_the_maximum_is_the_one_that_a_general_optimiser_finds():
    from scipy.optimize import minimize

    votes = simulated(np.array([0.5, 0.0, -0.5]), 1.2, 90, 9, np.random.default_rng(2))
    data = module._Data.of(votes, ["a0", "a1", "a2"])

    def loss(free):
        return -module._likelihood(data, np.array([free[0], free[1], -free[0] - free[1], free[2]]), True, np.zeros(4))

    best = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000})
    found = preferences(votes)
    assert ratings(found)["a0"] == pytest.approx(1000 + ELO * best.x[0], abs=0.01)
    assert math.log(found.tie_parameter) == pytest.approx(best.x[2], abs=1e-4)


def test_groups_never_compared_are_refused():
    votes = [Vote("A", "B", 1, "r"), Vote("B", "A", 1, "s"), Vote("C", "D", 1, "r")]
    with pytest.raises(Disconnected, match="A, B; C, D"):
        preferences(votes)


def test_the_undefeated_and_the_winless_stand_by_the_prior_and_are_flagged():
    votes = [Vote("best", "mid", 1, f"r{n}") for n in range(6)] + [Vote("mid", "worst", 1, f"r{n}") for n in range(6)]
    found = preferences(votes)
    assert found.prior
    assert {one.arm: one.flagged for one in found.ratings} == {
        "best": "undefeated: its rating leans on the prior",
        "mid": None,
        "worst": "winless: its rating leans on the prior",
    }
    assert 1000 < ratings(found)["best"] < 2000


def test_ties_bound_an_arm_that_never_lost_only_where_others_fix_how_often_arms_tie():
    duel = [Vote("A", "B", 1, "r"), Vote("A", "B", 1, "s"), Vote("A", "B", 0, "t")]
    found = preferences(duel)  # the farther A goes and the likelier ties are, the better it fits
    assert found.prior
    assert [one.flagged.split(":")[0] for one in found.ratings] == ["undefeated", "winless"]
    others = [Vote("B", "C", 1, "r"), Vote("C", "B", 1, "s"), Vote("B", "C", 0, "t")]
    found = preferences(duel + others)
    assert not found.prior
    assert [one.arm for one in found.ratings] == ["A", "B", "C"]


def test_many_wins_and_ties_without_a_loss_still_converge():
    """Fourteen wins and four ties: no maximum of the likelihood, and Newton's method must not look for one."""
    votes = [Vote("A", "B", 1, f"r{n % 3}") for n in range(14)] + [Vote("A", "B", 0, f"r{n % 3}") for n in range(4)]
    found = preferences(votes)
    assert found.prior
    assert found.ratings[0].arm == "A"
    assert 1100 < ratings(found)["A"] < 1600


def test_nothing_but_ties_is_a_draw():
    found = preferences([Vote("A", "B", 0, "r"), Vote("B", "A", 0, "s"), Vote("A", "B", 0, "t")])
    assert found.prior
    assert ratings(found) == {"A": pytest.approx(1000), "B": pytest.approx(1000)}
    assert {one.ranks for one in found.ratings} == {(1, 2)}


def test_one_rater_gets_no_interval_and_no_rank():
    found = preferences([Vote("A", "B", 1, "me"), Vote("A", "B", 1, "me"), Vote("B", "A", 1, "me")])
    assert found.ratings[0].rating.low is None
    assert "one rater" in found.ratings[0].rating.reason
    assert {one.ranks for one in found.ratings} == {(1, 2)}
    assert found.top_holds is None


def test_a_taste_for_the_left_side_is_shown():
    votes = [Vote(*pair, 1 if n % 5 else 2, f"r{n % 6}") for n in range(60) for pair in (("A", "B"), ("B", "A"))]
    found = preferences(votes)
    assert found.side.value == pytest.approx(0.8)
    assert found.side.low > 0.5
    assert ratings(found)["A"] == pytest.approx(ratings(found)["B"])  # balanced sides cancel it


def test_one_rater_who_makes_the_leader_is_found_out():
    votes = [Vote("A", "B", 2, f"r{n}") for n in range(3)] + [Vote("A", "B", 1, f"r{n}") for n in range(3)]
    votes += [Vote("A", "B", 1, "fan")] * 4
    found = preferences(votes)
    assert found.ratings[0].arm == "A"
    assert found.top_holds is False or found.ratings[0].without_one[0] == pytest.approx(1000)


def test_many_votes_of_few_raters_are_not_many_opinions():
    """Three raters who always agree with themselves: 300 votes weigh like three."""
    votes = [Vote("A", "B", 1 if rater < 2 else 2, f"r{rater}") for rater in range(3) for _ in range(100)]
    assert preferences(votes).ratings[0].ranks == (1, 2)


@pytest.mark.slow
def test_intervals_cover():
    """95 % of intervals hold the truth although raters differ in taste."""
    rng = np.random.default_rng(3)
    theta = np.array([0.6, 0.1, -0.7])
    hits = total = 0
    for _ in range(150):
        found = preferences(simulated(theta, 0.5, 400, 20, rng, taste=0.4))
        for one in found.ratings:
            truth = 1000 + ELO * theta[int(one.arm[1])]
            hits += one.rating.low <= truth <= one.rating.high
            total += 1
    assert 0.91 <= hits / total <= 0.985
