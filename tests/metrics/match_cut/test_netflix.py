"""Netflix's own table, from the published labels; they are fetched, never shipped."""

from __future__ import annotations

import pytest
from filmbench.harness.types import UsageError
from filmbench.metrics.match_cut import netflix

PUBLISHED = {
    ("frame", "random, seed 0"): (0.079, 0.094, 0.119),
    ("frame", "heuristic 1"): (0.012, 0.006, 0.017),
    ("frame", "heuristic 2"): (0.169, 0.177, 0.207),
    ("frame", "heuristic 3"): (0.218, 0.234, 0.248),
    ("motion", "random, seed 0"): (0.095, 0.096, 0.122),
    ("motion", "heuristic 4"): (0.195, 0.192, 0.163),
    ("motion", "heuristic 5"): (0.184, 0.134, 0.132),
}


@pytest.fixture(scope="module")
def rows() -> list[netflix.Row]:
    folder = netflix.labels_folder()
    if any(not (folder / name).is_file() for name in netflix.FILES):
        pytest.skip("needs the labels: python -m filmbench.metrics.match_cut.netflix")
    return netflix.table(folder)


@pytest.mark.parametrize("ranker", PUBLISHED, ids=" ".join)
def test_the_papers_numbers_come_out(rows, ranker):
    found = {row.split: row.average_precision for row in rows if (row.task, row.ranker) == ranker}
    assert [round(found[split], 3) for split in netflix.SPLITS] == [*PUBLISHED[ranker]]


def test_chance_is_the_share_of_true_pairs(rows):
    (row,) = (row for row in rows if (row.task, row.ranker, row.split) == ("frame", "heuristic 3", "test"))
    assert (row.pairs, round(row.chance * row.pairs)) == (1996, 196)


def test_missing_and_changed_labels_are_told(tmp_path):
    with pytest.raises(UsageError, match="is missing"):
        netflix.table(tmp_path)
    (tmp_path / "dataset-frame.json").write_text("[]")
    with pytest.raises(UsageError, match="other bytes than pinned"):
        netflix.table(tmp_path)


def test_a_heuristic_is_judged_on_the_pairs_that_it_proposed():
    pairs = [
        {"majority_label": True, "source_info": [{"source_name": "heuristic 1", "score": 0.2}]},
        {"majority_label": False, "source_info": [{"source_name": "heuristic 1", "score": 0.9}]},
        {"majority_label": True, "source_info": [{"source_name": "heuristic 2", "score": 0.9}]},
    ]
    row = netflix.heuristic("frame", "heuristic 1", "test", pairs)
    assert row is not None and (row.pairs, row.average_precision, row.chance) == (2, 0.5, 0.5)
    assert netflix.heuristic("frame", "heuristic 3", "test", pairs) is None
