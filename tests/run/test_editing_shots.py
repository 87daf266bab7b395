"""Shot boundaries from the command line: each column puts the arms in its own stated order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from plugins import suites

TRUE, NETWORK, ADAPTIVE, CONTENT, FADES = (
    "true shots",
    "TransNetV2",
    "PySceneDetect adaptive",
    "PySceneDetect content",
    "PySceneDetect threshold",
)
SPREAD, NONE = "floor: evenly spread", "floor: no cut"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> suites.Table:
    folder = tmp_path_factory.mktemp("shots")
    return suites.run_one(suites.cut("editing-shots-quick", folder, samples='["mixed"]'), folder)


@pytest.mark.parametrize(
    ("metric", "order"),
    [
        ("shots.f1", [{TRUE}, {FADES}, {NONE}]),
        ("shots.f1", [{TRUE, NETWORK}, {SPREAD}]),
        ("shots.f1_mean", [{TRUE, NETWORK, CONTENT}, {NONE}]),
        # A detector of fades alone makes nothing up: precision does not see what it misses.
        ("shots.precision", [{TRUE, FADES}, {SPREAD}]),
        ("shots.recall", [{TRUE, NETWORK}, {FADES}, {NONE}]),
        ("shots.recall_gradual", [{TRUE, NETWORK}, {NONE}]),
    ],
)
def test_each_column_orders_the_arms(table, metric, order):
    groups = [[table.value(arm, metric) for arm in group] for group in order]
    for better, worse in pairwise(groups):
        assert min(better) > max(worse), groups


def test_the_floor_without_cuts_has_no_precision(table):
    found = table.cell(NONE, "shots.precision")
    assert found["value"] is None and "no boundary was found" in found["reason"]
