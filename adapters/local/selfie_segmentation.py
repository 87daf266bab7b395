"""MediaPipe's selfie segmentation: a small network that finds people near the camera, frame by frame.

Everybody it sees is foreground, and with nobody in the picture the matte is empty. Objects that are no people are
not its business. The network that comes in MediaPipe's package is pinned by sha256. Licence: Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._speech import package_version
from filmbench.harness import models
from filmbench.harness.media.hush import hushed
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Requirement
from filmbench.harness.types import Request

WEIGHTS = "selfie-segmentation"


class SelfieSegmentation(LocalEngine):
    """Its confidence that a pixel belongs to a person, taken as opacity; no frame knows of the others."""

    spec = ProviderSpec(
        id="local/selfie-segmentation",
        contracts=("editing/roto",),
        title="MediaPipe selfie segmentation",
        revision="1",
        licence="Apache-2.0",
        requires=(
            Requirement("python", "mediapipe", "pip install --no-deps mediapipe==0.10.14"),
            Requirement("weights", WEIGHTS, "pip install --no-deps mediapipe==0.10.14"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Version and network."""
        return {
            "engine": package_version("mediapipe"),
            "weights": models.entry(WEIGHTS).sha256,
        }

    def load(self) -> None:
        """Check the network's bytes; MediaPipe opens the same file."""
        models.path(WEIGHTS)

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Find the people in every frame."""
        models.path(WEIGHTS)
        source = pictures.shot(request, media)
        return pictures.made("matte", _found(source.pictures()), source, folder)


def _found(frames: Iterator[Any]) -> Iterator[Any]:
    """The opacity of each frame: uint8, (height, width)."""
    import numpy as np
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation as Network

    with hushed(), Network(model_selection=0) as network:
        for rgb in frames:
            confidence = network.process(np.ascontiguousarray(rgb)).segmentation_mask
            yield np.clip(np.rint(confidence * 255), 0, 255).astype(np.uint8)


PROVIDERS = (SelfieSegmentation(),)
