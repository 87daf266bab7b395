"""What all tests share: the slow ones only on request, and nothing of the user's own store, prices or keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["plugins.loop_fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also run tests marked slow")
    parser.addoption("--screenshots", metavar="FOLDER", help="keep what the browser tests see")


LONGEST = ("film", "run", "editing", "report", "adapters/local", "benchmarks")
"""Folders of long tests: started first, so that two workers end together."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order = {f"tests/{folder}/": place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: next((order[one] for one in order if item.nodeid.startswith(one)), len(order)))
    if config.getoption("--all"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key or folder in the developer's environment must not change what a test sees."""
    for name in list(os.environ):
        ours = name.startswith("FILMBENCH_") and name not in ("FILMBENCH_CACHE", "FILMBENCH_WEIGHTS")
        if ours or name.endswith(("_API_KEY", "_API_SECRET", "_API_TOKEN", "FAL_KEY")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with one small real run, and the run's id; to be read, or copied before it is changed."""
    import shown as small

    folder = tmp_path_factory.mktemp("shown") / "store"
    return folder, small.make(folder)
