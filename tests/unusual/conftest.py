"""The films of these tests, made once."""

from __future__ import annotations

from pathlib import Path

import oddities
import pytest
from acting import scene
from desk import Desk
from filmbench.harness.dataset.recipes.drawn_face import Pose, draw
from filmbench.harness.dataset.recipes.talking_face import LOOKS

Films = dict[str, Path]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("takes"))


@pytest.fixture(scope="session")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """A moving box, half a second."""
    return oddities.films(tmp_path_factory.mktemp("boxes"), oddities.box())


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """A drawn face of 320×320 that turns a little and speaks, under a second."""
    looks = [draw(LOOKS["mira"], Pose(open=0.5 * (index % 4) / 3, dx=0.4 * index)) for index in range(16)]
    return oddities.films(tmp_path_factory.mktemp("faces"), looks)


@pytest.fixture(scope="session")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """A drawn person who walks, 8 frames of 640×480: in smaller ones the detector finds less."""
    return oddities.films(tmp_path_factory.mktemp("persons"), list(scene(frames=8).pictures()))
