"""The levels of a segment, by our route or by pandas, in a process of its own.

``python levels_run.py ours|pandas FILE`` prints wall seconds (the best of three, the file warm), the greatest resident
size in MB and a sum of all levels and bounds, by which the two are seen to agree.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.engine_run import peak_mb

ROUNDS = 3


def ours(path: Path) -> list[float]:
    from filmbench.harness.segments import levels

    return [bound for level in levels(path) for bound in (level.value.value, level.value.low, level.value.high)]


def pandas(path: Path) -> list[float]:
    """The same sums by cluster as one reads and groups them in pandas, and the same intervals."""
    import pandas as pd
    from filmbench.harness.stats.intervals import ratio_of_sums

    frame = pd.read_parquet(path, columns=["arm", "metric", "cluster", "top", "bottom"])
    grouped = frame.groupby(["metric", "arm", "cluster"], observed=True)
    sums = grouped.agg(top=("top", "sum"), bottom=("bottom", "sum"), size=("top", "size"))
    found = [
        ratio_of_sums(part["top"], part["bottom"], part["size"])
        for _, part in sums.groupby(level=["metric", "arm"], observed=True)
    ]
    return [bound for value in found for bound in (value.value, value.low, value.high)]


if __name__ == "__main__":
    route, path = {"ours": ours, "pandas": pandas}[sys.argv[1]], Path(sys.argv[2])
    route(path)  # imports and the file's pages are warm
    walls = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        numbers = route(path)
        walls.append(time.perf_counter() - started)
    print(json.dumps({"wall": min(walls), "rss_mb": peak_mb(), "sum": sum(numbers), "levels": len(numbers) // 3}))
