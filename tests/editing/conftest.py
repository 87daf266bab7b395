"""Small shots with a known truth, engines asked as a run asks them, and quick suites run as people run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.harness import dataset, registry
from filmbench.harness.media.open import open_medium
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import LocalEngine
from filmbench.harness.types import Arm, Artifact, Request, Sample

FILMBENCH = Path(sys.executable).with_name("filmbench")
SIZE = (96, 64)


@dataclass
class Desk:
    """Makes media and asks engines; each take lies in a folder of its own."""

    root: Path
    paths: dict[str, Path] = field(default_factory=dict)
    takes: int = 0

    def path(self, artifact: Artifact) -> Path:
        return self.paths[artifact.sha256]

    def add(self, path: Path, media_type: str) -> Artifact:
        content = path.read_bytes()
        artifact = Artifact(sha256(content).hexdigest(), media_type, len(content))
        self.paths[artifact.sha256] = path
        return artifact

    def folder(self) -> Path:
        self.takes += 1
        folder = self.root / str(self.takes)
        folder.mkdir()
        return folder

    def film(self, frames: Any, fps: float = 24, sound: Any = None) -> Artifact:
        return self.add(*write_lossless(self.folder() / "film.mkv", frames, fps, sound))

    def still(self, array: Any) -> Artifact:
        from PIL import Image

        path = self.folder() / "still.png"
        Image.fromarray(array).save(path)
        return self.add(path, "image/png")

    def engine(self, id: str) -> LocalEngine:
        engine = registry.providers().get(id)
        assert isinstance(engine, LocalEngine)
        return engine

    def ask(self, id: str, contract: str, inputs: Mapping[str, Any], **params: Any) -> dict[str, tuple[Path, str]]:
        """The files of one take. Parameters that are not given have their defaults, as in a plan."""
        engine = self.engine(id)
        filled = {name: param.default for name, param in engine.spec.params.items()} | params
        request = Request(contract, Sample("one", "test", inputs), Arm(id, id, filled), engine.identity())
        return dict(engine.render(request, self, self.folder()))

    def frames(self, id: str, contract: str, inputs: Mapping[str, Any], role: str = "video", **params: Any) -> list:
        """The frames of one take: RGB, or grey levels of a matte."""
        clip = self.clip(self.ask(id, contract, inputs, **params)[role])
        return [frame.grey if role == "matte" else frame.rgb for frame in clip.frames()]

    def clip(self, made: tuple[Path, str]) -> Any:
        return open_medium(self.add(*made), made[0])


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


@dataclass(frozen=True)
class Result:
    """One table of a run: metric values by arm, and the rows themselves."""

    rows: Mapping[str, Any]

    def value(self, arm: str, metric: str) -> float | None:
        found = self.rows[arm]["values"].get(metric)
        return None if found is None else found["value"]

    def order(self, metric: str, best_first: bool = True) -> list[str]:
        """The arms that have a value, the highest (else the lowest) first."""
        values = {arm: self.value(arm, metric) for arm in self.rows}
        known = [arm for arm, value in values.items() if value is not None]
        return sorted(known, key=lambda arm: values[arm], reverse=best_first)


@pytest.fixture(scope="session")
def run_suite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Result]:
    """Run a built-in suite from the command line."""

    def run(name: str, *options: str) -> Result:
        folder = tmp_path_factory.mktemp(name)
        clean = {key: value for key, value in os.environ.items() if not key.endswith("_API_KEY")}
        done = subprocess.run(
            [FILMBENCH, "--store", folder / "runs", "run", name, "--json", *options],
            env=clean, capture_output=True, text=True, timeout=600, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (table,) = json.loads(done.stdout)["tables"]
        return Result({row["arm"]: row for row in table["rows"]})

    return run


@pytest.fixture
def fetched() -> Callable[[str], None]:
    def need(name: str) -> None:
        if not dataset.about(name).fetched:
            dataset.fetch(name)

    return need
