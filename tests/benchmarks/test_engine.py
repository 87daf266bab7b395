"""The engine beside Inspect AI, and its memory: what a take costs when the vendor costs nothing.

Both run in processes of their own, one after the other, in the same test: only their ratio is of interest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PEER_SAMPLES = 10_000
TAKES = 10_000
MANY_TAKES = 100_000
AIM = 1 / 20
MEMORY_AIM_MB = 200


def measure(script: str, *arguments: object) -> dict[str, float]:
    environment = {**os.environ, "LOOP_CONCURRENCY": "64", "PYTHONPATH": str(HERE.parent / "plugins")}
    command = [sys.executable, HERE / script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_cpu_of_a_take_beside_inspect(benchmark, tmp_path):
    """``ratio``: CPU of one durable take over CPU of one Inspect sample."""
    pytest.importorskip("inspect_ai")
    if not benchmark.enabled:
        pytest.skip("only measured: pytest tests/benchmarks --benchmark-enable")
    theirs = measure("inspect_run.py", PEER_SAMPLES, tmp_path / "inspect")
    ours = benchmark.pedantic(measure, ("engine_run.py", TAKES, tmp_path / "ours"))
    assert ours["takes"] >= TAKES
    benchmark.extra_info.update(
        peer=f"Inspect AI's CPU a sample ({1000 * theirs['cpu'] / PEER_SAMPLES:.2f} ms at {PEER_SAMPLES})",
        ratio=(ours["cpu"] / ours["takes"]) / (theirs["cpu"] / PEER_SAMPLES),
        aim=AIM,
        at_most=True,
        ours_ms=1000 * ours["cpu"] / ours["takes"],
        clock="process CPU",
    )


def test_memory_of_many_takes(benchmark, tmp_path):
    """``ratio``: the greatest resident size at 100,000 takes, in MB over the aim."""
    if not benchmark.enabled:
        pytest.skip("only measured: pytest tests/benchmarks --benchmark-enable")
    few = measure("engine_run.py", TAKES, tmp_path / "few")
    many = benchmark.pedantic(measure, ("engine_run.py", MANY_TAKES, tmp_path / "many"))
    benchmark.extra_info.update(
        peer=f"{MEMORY_AIM_MB} MB ({many['rss_mb']:.0f} MB at {MANY_TAKES:,} takes, {few['rss_mb']:.0f} at {TAKES:,})",
        ratio=many["rss_mb"] / MEMORY_AIM_MB,
        aim=1.0,
        at_most=True,
    )
