"""Small shots with a known truth, engines asked as a run asks them, and quick suites run as people run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from desk import Desk
from filmbench.harness import dataset
from plugins import suites

SIZE = (96, 64)


def square(frames: int = 8, size: tuple[int, int] = SIZE, step: int = 4) -> Iterator[tuple[Any, Any]]:
    """A red square that moves to the right over a still, mottled grey plate: pictures and masks."""
    width, height = size
    plate = np.random.default_rng(0).integers(90, 130, (height, width, 1)).repeat(3, 2).astype(np.uint8)
    for frame in range(frames):
        mask = np.zeros((height, width), bool)
        mask[20:44, 10 + step * frame : 34 + step * frame] = True
        yield np.where(mask[..., None], np.array([220, 30, 40], np.uint8), plate), mask


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("takes"))


@pytest.fixture(scope="session")
def moving_square() -> tuple[list[Any], list[Any]]:
    pictures, masks = zip(*square(), strict=True)
    return list(pictures), list(masks)


@pytest.fixture(scope="session")
def run_suite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], suites.Table]:
    """Run a built-in suite from the command line."""
    return lambda name: suites.run_one(name, tmp_path_factory.mktemp(name))


@pytest.fixture
def fetched() -> Callable[[str], None]:
    def need(name: str) -> None:
        if not dataset.about(name).fetched:
            dataset.fetch(name)

    return need
