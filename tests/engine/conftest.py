"""The loopback vendor of ``tests/plugins`` as a server of its own, and suites that ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).parents[1] / "plugins"
DRIVE = Path(__file__).with_name("drive.py")
PRICES = """\
- {vendor: loop, model: job, unit: character, per: 1000, usd: 1, as_of: 2026-01-01, source: this test, confidence: high}
- {vendor: loop, model: call, unit: character, per: 1000, usd: 1, as_of: 2026-01-01, source: this test, confidence: high}
"""


@dataclass
class LoopServer:
    """A running loopback vendor."""

    url: str

    def script(self, **script: Any) -> None:
        """Say what the server does next: ``kill``, ``status``, ``delay``."""
        body = json.dumps(script).encode()
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_script", body, headers)).close()

    def paid(self) -> dict[str, int]:
        """Paid POSTs by text and take."""
        with urllib.request.urlopen(f"{self.url}/_counts") as answer:
            return json.load(answer)


@pytest.fixture
def server() -> Iterator[LoopServer]:
    """A fresh vendor, in its own process."""
    process = subprocess.Popen([sys.executable, PLUGINS / "loopserver.py"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield LoopServer(f"http://127.0.0.1:{process.stdout.readline().strip()}")
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment in which the plug-in is installed and has prices."""
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    return {**os.environ, "PYTHONPATH": str(PLUGINS), "FILMBENCH_PRICES": str(prices)}


@pytest.fixture
def suite_file(tmp_path: Path, server: LoopServer) -> Callable[..., Path]:
    """Writes a suite that asks ``loop/<model>`` for some film lines."""

    def write(model: str, lines: int = 3, takes: int = 1) -> Path:
        file = tmp_path / f"{model}.toml"
        file.write_text(
            textwrap.dedent(f"""\
                name = "loop"
                timeout = 20.0
                endpoints = {{ loop = "{server.url}" }}

                [[tasks]]
                contract = "tts"
                dataset = "film-lines"
                languages = ["en"]
                limit = {lines}
                takes = {takes}

                [[tasks.arms]]
                provider = "loop/{model}"
                """)
        )
        return file

    return write


@pytest.fixture
def drive(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``drive.py`` on a store in a process of its own."""

    def run(suite: Path, *options: str, store: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(DRIVE), str(store or tmp_path / "store"), str(suite), *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    return run
