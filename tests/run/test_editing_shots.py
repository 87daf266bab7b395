"""Shot boundaries from the command line: each column puts the arms in its own stated order."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from filmbench.harness import suite

FILMBENCH = Path(sys.executable).with_name("filmbench")
QUICK = Path(suite.__file__).parent / "suites" / "editing-shots-quick.toml"
TRUE, NETWORK, ADAPTIVE, CONTENT, FADES = (
    "true shots",
    "TransNetV2",
    "PySceneDetect adaptive",
    "PySceneDetect content",
    "PySceneDetect threshold",
)
SPREAD, NONE = "floor: evenly spread", "floor: no cut"


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("shots")
    text = QUICK.read_text().replace('["cuts", "dissolves", "distractions", "mixed"]', '["mixed"]')
    (folder / "small.toml").write_text(text)
    command = [FILMBENCH, "--store", folder / "runs", "run", folder / "small.toml", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    return {row["arm"]: row for row in table["rows"]}


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
def test_each_column_orders_the_arms(rows, metric, order):
    groups = [[rows[arm]["values"][metric]["value"] for arm in group] for group in order]
    for better, worse in pairwise(groups):
        assert min(better) > max(worse), groups


def test_the_floor_without_cuts_has_no_precision(rows):
    found = rows[NONE]["values"]["shots.precision"]
    assert found["value"] is None and "no boundary was found" in found["reason"]
