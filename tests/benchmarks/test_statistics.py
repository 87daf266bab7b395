"""Statistics over many samples and many scores beside scipy and pandas, in the same run.

Without ``--benchmark-enable`` the data are small, and what is held is that both routes give the same numbers.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.test_engine import measure
from benchmarks.test_frames import compare
from filmbench.harness import segments
from filmbench.harness.stats.paired import FLIPS, Pairing, paired_ratios
from scipy import stats
from threadpoolctl import threadpool_limits

RESAMPLES = 10_000


def test_comparing_twenty_metrics_beside_scipy(benchmark) -> None:
    """Sizes, intervals and tests of 20 metrics: we draw 20,000 flips, scipy 10,000 resamples of each metric."""
    samples = 1000 if benchmark.enabled else 200
    drawn = np.random.default_rng(0).gamma(1.0, 1.0, (20, 2, samples))
    one = np.ones(samples)

    def ours() -> list[float]:
        return [found.standard_error for found in paired_ratios([Pairing(a, one, b, one) for a, b in drawn])]

    def theirs() -> list[float]:
        return [
            stats.bootstrap((b - a,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=1).standard_error
            for a, b in drawn
        ]

    assert FLIPS >= RESAMPLES
    with threadpool_limits(1):  # on a busy machine waiting threads of BLAS burn CPU
        assert ours() == pytest.approx(theirs(), rel=0.04)
        compare(benchmark, ours, theirs, 5, 10, "scipy.stats.bootstrap, metric by metric")


@pytest.fixture(scope="module")
def segment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 arms by 10 metrics on 50,000 lines in 5,000 scenes: 10 million rows; else as many on 50 lines."""
    lines = 50_000 if request.config.getoption("--benchmark-enable") else 50
    path = tmp_path_factory.mktemp("segment") / segments.NAME
    chance = np.random.default_rng(0)
    scene = np.repeat(np.arange(lines // 10), 10)

    def values(_: Any) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "language": "en",
                "cluster": scene,
                "top": chance.gamma(1.0, 1.0, lines) * chance.gamma(2.0, 0.5, lines // 10)[scene],
                "bottom": 1.0,
            }
        )

    headings = [
        segments.Heading("tts", "lines@1.0.0", "arm", f"arm {arm:02}", True, f"tts.m{metric}", "M", "", 2, None, None)
        for metric in range(10)
        for arm in range(20)
    ]
    segments.store(path, headings, map(values, headings))
    return path


def test_the_leaderboard_over_ten_million_scores_beside_pandas(benchmark, segment: Path) -> None:
    ours, theirs = (measure("levels_run.py", route, segment) for route in ("ours", "pandas"))
    assert ours["levels"] == theirs["levels"] == 200
    assert ours["sum"] == pytest.approx(theirs["sum"], rel=1e-12)
    if benchmark.enabled:
        rounds = [(measure("levels_run.py", "pandas", segment), measure("levels_run.py", "ours", segment))
                  for _ in range(3)]  # fmt: skip
        ratio = statistics.median(slow["wall"] / fast["wall"] for slow, fast in rounds)
        benchmark.extra_info.update(ratio=ratio, aim=4, peer="warm pandas on the same Parquet", clock="wall")
    benchmark.pedantic(segments.levels, (segment,), rounds=1)


def test_the_leaderboards_memory_beside_pandas(benchmark, segment: Path) -> None:
    if not benchmark.enabled:
        pytest.skip("only measured: pytest tests/benchmarks --benchmark-enable")
    ours, theirs = (measure("levels_run.py", route, segment)["rss_mb"] for route in ("ours", "pandas"))
    benchmark.extra_info.update(
        ratio=ours / theirs,
        aim=1 / 5,
        peer=f"pandas' {theirs:.0f} MB (ours {ours:.0f} MB)",
        clock="peak RSS",
        at_most=True,
    )
    benchmark.pedantic(lambda: None, rounds=1)
