"""What a picture shows to the Inception network of the FID paper."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.measure import VISION_EXTRA, python, signature, threads, weights

WEIGHTS = "inception-fid"


class Inception:
    """The 2048 numbers before the last layer of Inception v3, with the FID paper's weights, which a user brings.

    The network and its resizing (TensorFlow 1's bilinear, to 299×299, as the paper has it) are torch-fidelity's. It
    equals torchmetrics' extractor with ``antialias=False``; torchmetrics' default, and clean-fid, give other numbers.
    Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017;
    github.com/toshas/torch-fidelity.
    """

    spec = FeatureSpec(
        id="inception",
        signature=signature("inception", "torch-fidelity", weights=(WEIGHTS,), settings="2048"),
        requires=(python("torch"), python("torch_fidelity", VISION_EXTRA), weights(WEIGHTS)),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample: a picture shows what it shows."""
        return {}

    def compute(self, clip: Any, sample: Sample) -> Json:
        """Look at a picture (``clip.rgb``: uint8, (h, w, 3)): 2048 floats. Raises ``ModelUnavailable``."""
        return [round(float(part), 6) for part in embedding(clip.rgb, models.path(WEIGHTS))]


def embedding(rgb: Any, path: Path) -> Any:
    """The features of one picture, float32, shape (2048,), by the weights at ``path``."""
    import numpy as np
    import torch

    with torch.inference_mode():
        (vector,) = _network(path)(torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None])
    return vector[0].numpy()


@cache
def _network(path: Path) -> Any:
    import torch
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    torch.set_num_threads(threads())
    # torch-fidelity unpickles whatever the file holds; so it first has to pass as tensors and nothing else.
    torch.load(path, weights_only=True)
    return FeatureExtractorInceptionV3("fid", ["2048"], feature_extractor_weights_path=str(path))


FEATURES = (Inception(),)
