"""Shot boundaries: the vectors of TransNetV2's evaluation, gradual changes, films of one shot, bad lists."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from filmbench.harness.media.documents import Document
from filmbench.harness.types import Artifact
from filmbench.metrics.shots.boundaries import METRICS, count

FOUND = [(0, 5), (6, 9)]


@pytest.mark.parametrize(
    ("tolerance", "hits"),
    [(0, [True, False, False, False]), (1, [True, True, False, False]), (2, [True, True, True, False])],
)
def test_hits_and_misses_of_the_docstring_of_evaluate_scenes(tolerance, hits):
    truths = [[(0, 5), (6, 9)], [(0, 4), (5, 9)], [(0, 3), (4, 9)], [(0, 2), (3, 9)]]
    assert [bool(count(FOUND, true, tolerance).hits) for true in truths] == hits


def test_each_boundary_is_used_once():
    counted = count([(0, 9), (10, 10), (11, 30)], [(0, 9), (10, 30)])
    assert (counted.hits, counted.found, counted.true) == (1, 2, 1)


def test_a_dissolve_is_hit_anywhere_inside_and_missed_outside():
    true = [(0, 19), (30, 60)]
    for last, hit in ((15, 0), (18, 1), (25, 1), (31, 1), (33, 0)):
        assert count([(0, last), (last + 1, 60)], true).hits == hit, last


@pytest.fixture
def values(tmp_path: Path):
    def document(name: str, content) -> Document:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return Document(Artifact(name, "application/json", 1), path)

    def score(found, true) -> dict:
        view = SimpleNamespace(
            output=lambda role: document("found.json", found),
            reference=lambda role: None if true is None else document("true.json", true),
        )
        return {one.metric.removeprefix("shots."): one for one in METRICS[0].score(view)}

    return score


def test_all_columns_of_a_film(values):
    found = values([[0, 9], [10, 24], [25, 39], [40, 80]], [[0, 9], [10, 19], [30, 80]])
    assert found["f1"].statistics == {"twice_hits": 4, "found_and_true": 5}
    assert found["f1"].value == found["f1_mean"].value == pytest.approx(80)
    assert found["f1_mean"].statistics is None, "the mean of films, not of boundaries"
    assert found["precision"].statistics == {"hits": 2, "found": 3}
    assert found["recall"].statistics == {"hits": 2, "true": 2}
    assert found["recall_cut"].value == found["recall_gradual"].value == 100
    missed = values([[0, 80]], [[0, 9], [10, 19], [30, 80]])
    assert missed["recall_cut"].value == missed["recall_gradual"].value == missed["f1"].value == 0
    assert missed["precision"].reason == "no boundary was found"


def test_a_film_of_one_shot(values):
    right = values([[0, 80]], [[0, 80]])
    assert {one.value for one in right.values()} == {None}
    wrong = values([[0, 40], [41, 80]], [[0, 80]])
    assert (wrong["f1"].value, wrong["precision"].value, wrong["recall"].value) == (0, 0, None)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([], "not written as"),
        ({"shots": 1}, "not written as"),
        ([[0, 1.5], [2, 3]], "whole frames"),
        ([[0, 5], [4, 9]], "overlap"),
        ([[5, 2]], "overlap"),
        ("[[0, 5]", "not written as"),
    ],
)
def test_what_is_no_list_of_shots_has_no_value(values, found, reason):
    scores = values(found, [[0, 9], [10, 20]])
    assert all(one.value is None and reason in one.reason for one in scores.values())


def test_without_truth_there_is_no_value(values):
    assert {one.reason for one in values([[0, 9]], None).values()} == {"the true shots are not known"}
