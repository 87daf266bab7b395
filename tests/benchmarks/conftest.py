"""The report of the speed aims: each benchmark leaves ``ratio``, ``aim`` and ``peer`` in its ``extra_info``."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    aims = (
        [(bench.name, bench.extra_info) for bench in session.benchmarks if "aim" in bench.extra_info] if session else []
    )
    if not aims:
        return
    terminalreporter.section(f"speed aims (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    for name, info in aims:
        hit = info["ratio"] <= info["aim"] if info.get("at_most") else info["ratio"] >= info["aim"]
        sign = "≤" if info.get("at_most") else "≥"
        word = "hit " if hit else "MISS"
        terminalreporter.write_line(f"{word} {name}: {info['ratio']:.3g} {sign} {info['aim']:.3g} × {info['peer']}")
