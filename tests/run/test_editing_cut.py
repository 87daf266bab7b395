"""Text-based cutting from the command line: each column puts the arms in its own stated order."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from filmbench.harness import suite

FILMBENCH = Path(sys.executable).with_name("filmbench")
QUICK = Path(suite.__file__).parent / "suites" / "editing-cut-quick.toml"


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("cut")
    text = QUICK.read_text().replace('["boat", "door", "road", "mill"]', '["boat", "mill"]')
    (folder / "small.toml").write_text(text)
    command = [FILMBENCH, "--store", folder / "runs", "run", folder / "small.toml", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    return {row["arm"]: row for row in table["rows"]}


TRUE, SPHINX, WHISPER = "true cut", "pocketsphinx alignment", "Whisper tiny.en words"
SPREAD, UNTOUCHED = "floor: evenly spread", "floor: untouched"


def test_every_arm_made_every_take(rows):
    assert {arm: row["ok"] for arm, row in rows.items()} == dict.fromkeys((TRUE, SPHINX, WHISPER, SPREAD, UNTOUCHED), 2)


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
def test_each_column_orders_the_arms(rows, metric, order):
    groups = [[rows[arm]["values"][metric]["value"] for arm in group] for group in order]
    for better, worse in pairwise(groups):
        assert max(better) < min(worse), groups


@pytest.mark.parametrize(("ms", "best"), [(20, 100.0), (50, 100.0), (100, 100.0)])
def test_shares_of_boundaries_met(rows, ms, best):
    column = f"cut.within_{ms}"
    assert rows[TRUE]["values"][column]["value"] == best
    assert rows[SPREAD]["values"][column]["value"] < rows[SPHINX]["values"][column]["value"]


def test_no_cutter_slips_and_only_films_can(rows):
    for arm in (TRUE, SPHINX, WHISPER, SPREAD, UNTOUCHED):
        found = rows[arm]["values"]["cut.av_slip"]
        assert found["value"] < 0.25 and found["n"] == 1


def test_who_tells_no_cuts_has_no_values_where_cuts_are_needed(rows):
    found = rows[UNTOUCHED]["values"]["cut.boundary_error"]
    assert found["value"] is None and "no timeline" in found["reason"]
