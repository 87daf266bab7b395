"""The dashboard run headless, and as servers that one browser opens, all of them once for all tests."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from served import served


@pytest.fixture
def store(shown: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the small run's store, free to be changed."""
    folder = tmp_path / "store"
    shutil.copytree(shown[0], folder)
    return folder


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a page of the dashboard on a store, without a browser. ``asked`` is what the address asks for."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="needs the Python package streamlit")
    app = importlib.util.find_spec("filmbench.dashboards.pages.app")
    assert app and app.origin

    def run(folder: Path, page: str = "overview", **asked: str) -> Any:
        monkeypatch.setenv("FILMBENCH_STORE", str(folder))
        found = testing.AppTest.from_file(app.origin, default_timeout=180)
        found.switch_page(f"{page}.py")
        for name, value in asked.items():
            found.query_params[name] = value
        return found.run()

    return run


@pytest.fixture(scope="session")
def address(shown: tuple[Path, str]) -> Iterator[str]:
    """The dashboard on the small run."""
    with served(shown[0]) as found:
        yield found


@pytest.fixture(scope="session")
def demo_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard where there is no run."""
    with served(tmp_path_factory.mktemp("nothing")) as found:
        yield found


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests."""
    from browser import chromium

    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
