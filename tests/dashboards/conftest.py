"""The dashboard run headless, as its own tests and as a server that a browser opens."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def store(shown: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the small run's store, free to be changed."""
    folder = tmp_path / "store"
    shutil.copytree(shown[0], folder)
    return folder


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Any]:
    """Runs the dashboard on a store, without a browser."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="needs the Python package streamlit")
    app = importlib.util.find_spec("filmbench.dashboards.app")
    assert app and app.origin

    def run(folder: Path) -> Any:
        monkeypatch.setenv("FILMBENCH_STORE", str(folder))
        return testing.AppTest.from_file(app.origin, default_timeout=180).run()

    return run
