"""A take beside its sample, as a metric of dubbing sees it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from filmbench.harness.media.open import open_medium
from filmbench.harness.registry import features
from filmbench.harness.types import Artifact, Sample

RATE = 16_000


def medium(path: Path, media_type: str) -> Any:
    content = path.read_bytes()
    return open_medium(Artifact(hashlib.sha256(content).hexdigest(), media_type, len(content)), path)


class View:
    """A take beside its sample; features are computed once."""

    def __init__(self, sample: Sample, media: dict[str, Path], **outputs: Any) -> None:
        self.sample, self._media, self._outputs = sample, media, outputs
        self._features: dict[tuple[str, str], Any] = {}

    def output(self, role: str) -> Any:
        return self._outputs[role]

    def outputs(self, role: str) -> tuple[Any, ...]:
        return (self._outputs[role],) if role in self._outputs else ()

    def input(self, role: str) -> Any:
        return self._opened(self.sample.inputs.get(role))

    def reference(self, role: str) -> Any:
        return self._opened(self.sample.references.get(role))

    def _opened(self, value: Any) -> Any:
        return open_medium(value, self._media[value.sha256]) if isinstance(value, Artifact) else value

    def feature(self, id: str, clip: Any) -> Any:
        place = (id, clip.artifact.sha256)
        if place not in self._features:
            self._features[place] = features().get(id).compute(clip, self.sample)
        return self._features[place]
