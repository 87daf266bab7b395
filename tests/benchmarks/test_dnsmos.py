"""DNSMOS beside its own package, on the same takes in the same run. Aim: at least 1.3 times as fast."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
from filmbench.metrics.tts import dnsmos

package = pytest.importorskip("speechmos.dnsmos")
AIM = 1.3
LENGTHS = (3.0, 5.0, 6.5)


def _cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def test_dnsmos_beside_speechmos(benchmark) -> None:
    """``extra_info``: CPU of the package over ours, as the median of interleaved rounds over film-line lengths."""
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, int(max(LENGTHS) * dnsmos.RATE)).astype(np.float32)
    lines = [noise[: int(seconds * dnsmos.RATE)] for seconds in LENGTHS]

    def ours() -> list[float]:
        return [value for line in lines for value in dnsmos.predict(line)]

    def theirs() -> list[float]:
        names = ("sig_mos", "bak_mos", "ovrl_mos", "p808_mos")
        return [result[name] for line in lines for result in [package.run(line, dnsmos.RATE)] for name in names]

    assert ours() == pytest.approx(theirs(), abs=1e-3)
    if benchmark.enabled:
        pairs = [(_cpu(theirs), _cpu(ours)) for _ in range(5)]
        benchmark.extra_info.update(
            peer="speechmos.dnsmos.run",
            ratio=statistics.median(their / our for their, our in pairs),
            aim=AIM,
            clock="process CPU",
        )
    benchmark.pedantic(ours, rounds=3)
