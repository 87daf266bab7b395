"""Match cuts by likeness: what AlexNet sees where in the middle of two shots.

The paper's strongest rankers compare embeddings of a shot's middle frame; this does so with the packaged network that
LPIPS stands on. The map of features keeps its places, since a match cut keeps things where they are. Licences: torch
and torchvision BSD-3-Clause; weights as LPIPS'.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from filmbench.adapters.local import _match as match
from filmbench.adapters.local import _speech as speech
from filmbench.harness import backbones, models
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import ProviderSpec, Requirement

SIDE = 224
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LAST = 12
"""torchvision's layers up to the last convolution's rectifier."""


class MatchEmbedding(match.Ranker):
    """Cosine of two maps of features, each less its own mean, so that common brightness is no likeness."""

    spec = ProviderSpec(
        id="local/match-embedding",
        contracts=("editing/match-cut",),
        title="AlexNet embedding",
        revision="1",
        licence="BSD-3-Clause",
        requires=(
            match.CV2,
            Requirement("python", "torchvision", "pip install 'filmbench[speech]'"),
            Requirement("weights", backbones.ALEXNET, models.remedy(backbones.ALEXNET)),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of what is computed with, and the weights."""
        names = ("torch", "torchvision", "opencv-contrib-python-headless")
        engine = ", ".join(speech.package_version(name) for name in names)
        return {"engine": engine, "weights": models.entry(backbones.ALEXNET).sha256}

    def load(self) -> None:
        """Build the network."""
        import torch
        from torchvision.models import alexnet

        network = alexnet(weights=None).features[:LAST].eval()
        layers = [layer for layer in network if isinstance(layer, torch.nn.Conv2d)]
        for layer, (kernel, bias) in zip(layers, backbones.alexnet(), strict=True):
            layer.load_state_dict({"weight": torch.from_numpy(kernel), "bias": torch.from_numpy(bias)})
        self._network = network

    def describe(self, shot: VideoClip) -> Any:
        """The features of the middle frame: unit length, shape (256 · 13 · 13,)."""
        import cv2
        import numpy as np
        import torch

        middle = shot.facts.frames // 2
        rgb = next(frame.rgb for frame in shot.frames() if frame.index == middle)
        small = cv2.resize(np.ascontiguousarray(rgb), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        pixels = ((small / 255 - MEAN) / DEVIATION).astype(np.float32)
        with torch.inference_mode():
            seen = self._network(torch.from_numpy(pixels).permute(2, 0, 1)[None])[0].numpy()
        return unit(seen)

    def likeness(self, one: Any, other: Any) -> float:
        """-1 to 1."""
        return float(one @ other)


def unit(features: Any) -> Any:
    """A map of features less its mean over all channels and places, flat and of unit length; zeros stay zeros."""
    import numpy as np

    flat = np.asarray(features, np.float64).ravel()
    flat = flat - flat.mean()
    return flat / max(float(np.linalg.norm(flat)), 1e-12)


PROVIDERS = (MatchEmbedding(),)
