"""The report of the speed aims: each benchmark leaves ``ratio``, ``aim`` and ``peer`` in its ``extra_info``."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    known = [(bench.name, bench.extra_info) for bench in session.benchmarks] if session else []
    _adapters(terminalreporter, [info for _, info in known if "adapter" in info])
    aims = [(name, info) for name, info in known if "aim" in info]
    if not aims:
        return
    terminalreporter.section(f"speed aims (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
    for name, info in aims:
        hit = info["ratio"] <= info["aim"] if info.get("at_most") else info["ratio"] >= info["aim"]
        sign = "≤" if info.get("at_most") else "≥"
        word = "hit " if hit else "MISS"
        terminalreporter.write_line(f"{word} {name}: {info['ratio']:.3g} {sign} {info['aim']:.3g} × {info['peer']}")


def _adapters(terminalreporter: pytest.TerminalReporter, found: list[dict[str, float]]) -> None:
    """The table of the adapters' own overhead, as README prints it."""
    if not found:
        return
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    terminalreporter.section(f"CPU of a call through each adapter ({load})")
    terminalreporter.write_line("| adapter | HTTP requests | CPU ms a call | aiohttp alone | overhead |")
    terminalreporter.write_line("|---|---|---|---|---|")
    for info in found:
        over = info["adapter_ms"] - info["bare_ms"]
        figures = f"{info['adapter_ms']:.2f} | {info['bare_ms']:.2f} | {over:.2f} ms"
        terminalreporter.write_line(f"| {info['adapter']} | {info['requests']:g} | {figures} |")
