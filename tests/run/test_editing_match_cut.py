"""Match cutting from the command line: each column puts the arms in its own stated order, library by library."""

from __future__ import annotations

from itertools import pairwise

import pytest
from plugins import suites

SHAPE, MOTION, SEEN = "silhouettes", "flow histograms", "AlexNet embedding"
TRUTH, RANDOM = "reference: labelled pairs", "floor: random order"
ORDERS = {
    "shape-a": ([TRUTH, SEEN, RANDOM], [TRUTH, SHAPE, RANDOM]),
    "motion-a": ([TRUTH, MOTION], [MOTION, SHAPE], [MOTION, SEEN], [MOTION, RANDOM]),
}
SATURATED = ("motion-a", TRUTH, MOTION)
"""The flow histograms order a motion library as its labels do (the card says so): equal, not better."""


@pytest.fixture(scope="module", params=["shape-a", "motion-a"])
def library(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, suites.Table]:
    folder = tmp_path_factory.mktemp("match")
    small = suites.cut("editing-match-cut-quick", folder, samples=f'["{request.param}"]')
    return request.param, suites.run_one(small, folder)


@pytest.mark.parametrize("metric", ["match_cut.average_precision", "match_cut.precision_at_5"])
def test_the_ranker_that_looks_at_what_matches_wins_and_the_truth_beats_all(library, metric):
    name, table = library
    assert table.value(TRUTH, metric) == 100
    for order in ORDERS[name]:
        for better, worse in pairwise(order):
            above, below = table.value(better, metric), table.value(worse, metric)
            assert above >= below if (name, better, worse) == SATURATED else above > below


def test_chance_stands_beside_every_row(library):
    _, table = library
    assert {round(value, 2) for value in table.values("match_cut.chance").values()} == {9.09}
