"""What each adapter adds to a call: its CPU beside bare aiohttp calls that bring the same bytes, in one process.

The vendors run in another process and answer without a delay, so that only what happens on this side is counted: the
adapter, the vendor's package where it is used, and HTTP.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.adapter_calls import CASES
from loopback import audio

HERE = Path(__file__).parent
CALLS = 60

pytestmark = pytest.mark.skipif(not audio.available(), reason="espeak-ng is not installed, so no vendor can speak")


def measure(name: str, calls: int = CALLS) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, HERE / "adapter_calls.py", name, str(calls)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", CASES)
def test_cpu_of_a_call_beside_bare_aiohttp(benchmark, name):
    """``overhead_ms``: CPU of a call through the adapter less that of the same HTTP calls made with aiohttp alone."""
    if not benchmark.enabled:
        pytest.skip("only measured: pytest tests/benchmarks --benchmark-enable")
    found = benchmark.pedantic(measure, (name,))
    assert found["calls"] == CALLS
    benchmark.extra_info.update(found, adapter=name)


@pytest.mark.parametrize("name", ["cartesia", "sync-lipsync"])
def test_the_measuring_program_makes_real_calls(name):
    found = measure(name, calls=2)
    assert found["bytes"] > 1000
    assert found["requests"] >= (3 if name.startswith("sync") else 1)
    assert found["adapter_ms"] > 0
    assert found["bare_ms"] > 0
