"""Match cutting from the command line: each column puts the arms in its own stated order, library by library."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from filmbench.harness import suite

FILMBENCH = Path(sys.executable).with_name("filmbench")
QUICK = Path(suite.__file__).parent / "suites" / "editing-match-cut-quick.toml"
SHAPE, MOTION, RANDOM = "silhouettes", "flow histograms", "floor: random order"


@pytest.fixture(scope="module", params=["shape-a", "motion-a"])
def library(request, tmp_path_factory) -> tuple[str, dict]:
    folder = tmp_path_factory.mktemp("match")
    text = QUICK.read_text().replace('["shape-a", "motion-a"]', f'["{request.param}"]')
    (folder / "small.toml").write_text(text)
    command = [FILMBENCH, "--store", folder / "runs", "run", folder / "small.toml", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    return request.param, {row["arm"]: row["values"] for row in table["rows"]}


@pytest.mark.parametrize("metric", ["match_cut.average_precision", "match_cut.precision_at_5"])
def test_the_ranker_that_looks_at_what_matches_wins(library, metric):
    name, values = library
    order = [SHAPE, RANDOM] if name == "shape-a" else [MOTION, RANDOM]
    for better, worse in pairwise(order):
        assert values[better][metric]["value"] > values[worse][metric]["value"]


def test_chance_stands_beside_every_row(library):
    _, values = library
    assert {round(row["match_cut.chance"]["value"], 2) for row in values.values()} == {9.09}
