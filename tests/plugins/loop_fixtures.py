"""The loopback vendor of ``tests/plugins`` as a server of its own, and suites that ask it."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).parent
sys.path.insert(0, str(PLUGINS))  # also that of the processes started below
PRICES = "\n".join(
    f"- {{vendor: loop, model: {model}, unit: character, per: 1000, usd: 1, as_of: 2026-01-01, "
    "source: this test, confidence: high}"
    for model in ("job", "call")
)


@dataclass
class LoopServer:
    """A running loopback vendor."""

    url: str

    def script(self, **script: Any) -> None:
        """Say what the server does next (``kill``, ``status``, ``delay``) and forget what it counted."""
        body = json.dumps(script).encode()
        headers = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_script", body, headers)).close()

    def paid(self) -> dict[str, int]:
        """Paid POSTs by text and take."""
        with urllib.request.urlopen(f"{self.url}/_counts") as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def _server() -> Iterator[LoopServer]:
    process = subprocess.Popen([sys.executable, PLUGINS / "loopserver.py"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield LoopServer(f"http://127.0.0.1:{process.stdout.readline().strip()}")
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def server(_server: LoopServer) -> LoopServer:
    """The vendor, in its own process, with nothing counted yet."""
    _server.script()
    return _server


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
                metrics = ["tts.clipping"]

                [[tasks.arms]]
                provider = "loop/{model}"
                """)
        )
        return file

    return write


@dataclass
class Ended:
    """How a driven process ended."""

    returncode: int
    error: str


_LIBRARIES = ("alembic.command", "sqlalchemy.dialects.sqlite", "av", "aiohttp", "pydantic", "tenacity", "fsspec")


def _adapters() -> list[str]:
    """The modules of our own providers: a process that plans loads them all. The loop vendor reads its environment."""
    return [
        point.module for point in entry_points(group="filmbench.providers") if point.module.startswith("filmbench.")
    ]


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Any]:
    """Starts ``drive.drive`` in a process of its own; gives the process."""
    from drive import Drive, drive

    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["drive", "filmbench.harness.media.decode", *_LIBRARIES, *_adapters()])

    def run(
        suite: Path, store: Path | None = None, concurrency: int = 3, keys: dict[str, str] | None = None, **options: Any
    ) -> Any:
        environment = {"FILMBENCH_PRICES": str(prices), "LOOP_CONCURRENCY": str(concurrency), **(keys or {})}
        plan = Drive(store or tmp_path / "store", suite, environment, **options)
        process = context.Process(target=drive, args=(plan,))
        process.start()
        return process

    return run


@pytest.fixture
def drive(start: Callable[..., Any], tmp_path: Path) -> Callable[..., Ended]:
    """Runs ``drive.drive`` to its end."""

    def run(suite: Path, **options: Any) -> Ended:
        errors = tmp_path / "store.err"
        errors.unlink(missing_ok=True)
        process = start(suite, **options)
        process.join(120)
        return Ended(process.exitcode, errors.read_text() if errors.exists() else "")

    return run
