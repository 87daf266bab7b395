"""Average precision of rankings: the published vector, chance, ties, bad rankings, bounds."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from filmbench.harness.media.documents import Document
from filmbench.harness.types import Artifact
from filmbench.metrics.match_cut import ranking


def test_the_published_vector():
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]
    scores = dict(zip(pairs, [0.1, 0.9, 0.95, 0.1, 0.8], strict=True))
    assert ranking.average_precision(scores, {(0, 1), (0, 3)}) == pytest.approx(0.7)


@pytest.fixture
def values(tmp_path: Path):
    def document(name: str, content) -> Document:
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return Document(Artifact(name, "application/json", 1), path)

    def score(rows, true=((0, 1), (2, 3)), shots=4) -> dict:
        view = SimpleNamespace(
            inputs=lambda role: (None,) * shots,
            output=lambda role: document("ranking.json", rows),
            reference=lambda role: document("pairs.json", true),
        )
        return {one.metric.removeprefix("match_cut."): one for one in ranking.METRICS[0].score(view)}

    return score


def test_columns_of_a_library_of_four_shots(values):
    best = values([[1, 0, 9], [3, 2, 8], [0, 2, 1]])
    assert best["average_precision"].value == 100
    assert best["chance"].value == pytest.approx(100 * 2 / 6)
    assert best["precision_at_5"].value == pytest.approx(40)
    assert best["ap_low"].value <= 100 <= best["ap_high"].value
    worst = values([[0, 2, 4], [0, 3, 3], [1, 2, 2], [1, 3, 1]])
    assert worst["average_precision"].value == pytest.approx(100 * 2 / 6), "true pairs come last, tied: chance"


def test_pairs_given_twice_count_with_their_higher_score_and_ties_are_one_step(values):
    assert values([[0, 1, 1], [1, 0, 9], [2, 3, 8], [0, 2, 5]])["average_precision"].value == 100
    assert values([[0, 1, 1], [0, 2, 1]])["average_precision"].value == pytest.approx(100 * (0.5 * 0.5 + 0.5 / 3))


def test_the_interval_holds_the_value_and_narrows_with_shots():
    def bounds(shots: int) -> tuple[float, float]:
        scores = {(i, j): float((i * 37 + j * 11) % 23) for i in range(shots) for j in range(i + 1, shots)}
        true = {pair for pair in scores if sum(pair) % 4 == 1}
        low, high = ranking.interval(scores, true, shots)
        assert low < ranking.average_precision(scores, true) < high
        assert (low, high) == ranking.interval(scores, true, shots), "seeded"
        return low, high

    (low, high), (small_low, small_high) = bounds(24), bounds(8)
    assert high - low < small_high - small_low


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "empty"),
        ([[0, 1]], "3 entries"),
        ([[0, 9, 1]], "no pair of the 4 shots"),
        ([[1, 1, 1]], "no pair"),
        ([[0, 1, "best"]], "not a number"),
        ({"best": 1}, "3 entries"),
        (7, "list of lists"),
    ],
)
def test_what_is_no_ranking_has_no_value(values, rows, reason):
    assert all(one.value is None and reason in one.reason for one in values(rows).values())


def test_a_library_without_match_cuts_has_no_value(values):
    assert {one.reason for one in values([[0, 1, 1]], true=()).values()} == {"no pair of this library is a match cut"}
