"""Text-based cutting from the command line: each column puts the arms in its own stated order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from plugins import suites


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> suites.Table:
    folder = tmp_path_factory.mktemp("cut")
    return suites.run_one(suites.cut("editing-cut-quick", folder, samples='["boat", "mill"]'), folder)


TRUE, SPHINX, WHISPER = "true cut", "pocketsphinx alignment", "Whisper tiny.en words"
SPREAD, UNTOUCHED = "floor: evenly spread", "floor: untouched"


def test_every_arm_made_every_take(table):
    assert {arm: row["ok"] for arm, row in table.rows.items()} == dict.fromkeys(
        (TRUE, SPHINX, WHISPER, SPREAD, UNTOUCHED), 2
    )


@pytest.mark.parametrize(
    ("metric", "order"),
    [
        # The untouched source loses no word: the floor that wins this column, as its card says.
        ("cut.lost_words", [{UNTOUCHED, TRUE, SPHINX}, {SPREAD}]),
        ("cut.leftover_words", [{TRUE, SPHINX, WHISPER}, {UNTOUCHED}]),
        ("cut.boundary_error", [{TRUE}, {SPHINX}, {SPREAD}]),
        ("cut.boundary_median", [{TRUE, WHISPER}, {SPREAD}]),
        ("cut.click_ratio", [{TRUE, SPHINX, WHISPER}, {SPREAD}]),
        ("cut.pause_change", [{TRUE}, {SPREAD}]),
        ("cut.length_error", [{TRUE}, {SPHINX}, {UNTOUCHED}]),
    ],
)
def test_each_column_orders_the_arms(table, metric, order):
    groups = [[table.value(arm, metric) for arm in group] for group in order]
    for better, worse in pairwise(groups):
        assert max(better) < min(worse), groups


@pytest.mark.parametrize(("ms", "best"), [(20, 100.0), (50, 100.0), (100, 100.0)])
def test_shares_of_boundaries_met(table, ms, best):
    column = f"cut.within_{ms}"
    assert table.value(TRUE, column) == best
    assert table.value(SPREAD, column) < table.value(SPHINX, column)


def test_no_cutter_slips_and_only_films_can(table):
    for arm in (TRUE, SPHINX, WHISPER, SPREAD, UNTOUCHED):
        found = table.cell(arm, "cut.av_slip")
        assert found["value"] < 0.25 and found["n"] == 1


def test_who_tells_no_cuts_has_no_values_where_cuts_are_needed(table):
    found = table.cell(UNTOUCHED, "cut.boundary_error")
    assert found["value"] is None and "no timeline" in found["reason"]
