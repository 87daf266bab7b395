"""One scene of ours, changed in known ways, and the view a metric gets of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dubs import RATE, View, medium
from filmbench.harness import dataset
from filmbench.harness.media.open import open_medium
from filmbench.harness.media.write import write_with_sound
from filmbench.harness.types import Artifact, Sample


@pytest.fixture(scope="session")
def scenes() -> dataset.Dataset:
    return dataset.load("dub-scene")


@pytest.fixture(scope="session")
def scene(scenes: dataset.Dataset) -> Sample:
    return scenes.samples[0]


@pytest.fixture(scope="session")
def view(scenes: dataset.Dataset, scene: Sample) -> Callable[..., View]:
    def made(take: Any, sample: Sample = scene, **outputs: Any) -> View:
        return View(sample, dict(scenes.media), dubbed=take, **outputs)

    return made


@pytest.fixture(scope="session")
def source(scenes: dataset.Dataset, scene: Sample) -> Any:
    artifact = scene.inputs["source"]
    assert isinstance(artifact, Artifact)
    return open_medium(artifact, scenes.media[artifact.sha256])


@pytest.fixture
def changed(tmp_path: Path, source: Any) -> Callable[..., Any]:
    """``changed(edit)``: the scene's sound edited, lossless as a WAV; ``film=True``: under the same picture."""

    def write(edit: Callable[[np.ndarray], np.ndarray], film: bool = False) -> Any:
        sound = edit(source.mono(RATE).copy()).astype(np.float32)
        if film:
            path, kind = write_with_sound(tmp_path / "take.mp4", source.path, (sound, RATE))
            return medium(path, kind)
        soundfile.write(tmp_path / "take.wav", sound, RATE, subtype="FLOAT")
        return medium(tmp_path / "take.wav", "audio/wav")

    return write
