"""AlexNet's convolutions from the pinned weights, for all that looks through them: LPIPS and the engines."""

from __future__ import annotations

from typing import Any

from filmbench.harness import models, pickles

ALEXNET = "lpips-alex"
LAYERS = 5


def alexnet() -> tuple[tuple[Any, Any], ...]:
    """Kernel (out, in, h, w) and bias (out,) of each of the five layers, float32 numpy arrays.

    They take RGB in ImageNet's normalisation. Raises :class:`~filmbench.harness.models.ModelUnavailable`.
    """
    import numpy as np

    with (models.folder(ALEXNET) / "alexnet.ckpt").open("rb") as file:
        layers = pickles.arrays(file)["AlexNet_0"]
    found = (layers[f"Conv_{number}"] for number in range(LAYERS))
    return tuple((np.ascontiguousarray(one["kernel"].transpose(3, 2, 0, 1)), one["bias"]) for one in found)
