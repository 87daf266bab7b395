"""A run's levels from its Parquet segment are the leaderboard's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from filmbench.harness import results, segments
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.stats.intervals import Estimate
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError


def same(ours: Estimate, theirs: Estimate) -> bool:
    facts = ("n", "clusters", "kind", "reason", "covers")
    numbers = ("value", "low", "high")
    assert [getattr(ours, name) for name in facts] == [getattr(theirs, name) for name in facts]
    for name in numbers:
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one == other or one == pytest.approx(other, rel=1e-12, abs=1e-12)
    return True


def agree(found: tuple[segments.Level, ...], boards: list) -> int:
    """How many levels stand on both sides; none stands on one side only."""
    ours = {(one.heading.contract, one.heading.dataset, one.heading.role, one.heading.arm, one.heading.live,
             one.heading.metric): one.value for one in found}  # fmt: skip
    theirs = {
        (board.contract, board.datasets[0], row.role, row.arm, row.live, id): value
        for board in boards
        for row in board.rows
        for id, value in row.values.items()
        if value.value is not None
    }
    assert ours.keys() == theirs.keys()
    return sum(same(ours[key], theirs[key]) for key in ours)


@pytest.mark.parametrize("languages", [(), ("en",), ("es", "en")])
def test_levels_of_a_segment_are_those_of_the_leaderboard(studio, metrics, tmp_path: Path, languages) -> None:
    takes, scores = studio.frames()
    segments.write(tmp_path / "levels.parquet", takes, scores, metrics)
    found = segments.levels(tmp_path / "levels.parquet", languages)
    assert agree(found, [leaderboard(takes, scores, metrics, languages=languages or None)]) > 10


def test_several_takes_of_a_sample_are_averaged_and_arms_without_language_stay(new_ledger, metrics, tmp_path) -> None:
    ledger = new_ledger()
    for sample, values in (("a", (1, 4)), ("b", (2,)), ("c", (5, 5))):
        for take, value in enumerate(values):
            ledger.take("one", sample, take=take, language=None, mos=value, cer=(take, 10 + take))
    takes, scores = ledger.frames()
    segments.write(tmp_path / "levels.parquet", takes, scores, metrics)
    found = segments.levels(tmp_path / "levels.parquet")
    assert agree(found, [leaderboard(takes, scores, metrics)]) == 2
    assert segments.levels(tmp_path / "levels.parquet", ["en"]) == ()
    rows = pd.read_parquet(tmp_path / "levels.parquet")  # other tools need nothing of ours
    assert sorted(rows.loc[rows["metric"] == "tts.distillmos", "top"]) == [2, 2.5, 5]
    assert set(rows["arm"]) == {"one"}


def test_a_real_run_leaves_its_segment_beside_its_tables(shown, tmp_path: Path) -> None:
    folder, run = shown
    with Store.reading(folder) as store:
        found = results.read(store, run)
    segments.write(tmp_path / "levels.parquet", found.takes, found.scores, found.metrics)
    assert agree(segments.levels(tmp_path / "levels.parquet"), list(found.boards())) >= 6


def test_no_file_and_no_parquet_are_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no levels"):
        segments.levels(tmp_path / "none.parquet")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(UsageError, match="holds no levels"):
        segments.levels(tmp_path / "cut.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(UsageError, match="holds no levels"):
        segments.levels(tmp_path / "other.parquet")
