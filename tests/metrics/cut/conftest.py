"""Takes of text-based cutting, made of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filmbench.harness import registry
from filmbench.harness.dataset import catalogue
from filmbench.harness.media.open import open_medium
from filmbench.harness.types import Artifact, Sample

DATASET = catalogue.load("cut-speech@1.0.0")


@dataclass
class View:
    """One take of a sample: its files by role."""

    sample: Sample
    files: Mapping[str, tuple[Path, str]]
    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def outputs(self, role: str) -> tuple[Any, ...]:
        return (self.output(role),) if role in self.files else ()

    def output(self, role: str) -> Any:
        path, media_type = self.files[role]
        return open_medium(Artifact(str(path), media_type, path.stat().st_size), path)

    def reference(self, role: str) -> Any:
        return _opened(self.sample.references.get(role))

    def input(self, role: str) -> Any:
        return _opened(self.sample.inputs.get(role))

    def feature(self, id: str, clip: Any) -> Any:
        place = (id, clip.artifact.sha256)
        if place not in self.known:
            self.known[place] = registry.features().get(id).compute(clip, self.sample)
        return self.known[place]


def _opened(value: Any) -> Any:
    return open_medium(value, DATASET.media[value.sha256]) if isinstance(value, Artifact) else None


@pytest.fixture(scope="session")
def view() -> Any:
    """Makes a view: of a sample's name and files by role; ``true cut`` gives its references."""
    samples = {sample.id: sample for sample in DATASET.samples}

    def made(id: str, **files: tuple[Path, str]) -> View:
        sample = samples[id]
        if not files:
            roles = ("cut", "timeline")
            artifacts = {role: sample.references[role] for role in roles}
            files = {
                role: (DATASET.media[one.sha256], one.media_type)
                for role, one in artifacts.items()
                if isinstance(one, Artifact)
            }
        return View(sample, files)

    return made
