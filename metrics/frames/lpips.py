"""LPIPS: how unlike two pictures look, by the features of a network that was tuned on people's judgements."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

from filmbench.harness import backbones, models
from filmbench.metrics.frames.winograd import Convolution
from filmbench.metrics.measure import threads

WEIGHTS = backbones.ALEXNET
SMALLEST = 32
"""The least side in pixels that AlexNet's poolings leave anything of."""
_CONVOLUTIONS = ("slice1.0", "slice2.3", "slice3.6", "slice4.8", "slice5.10")


def distance(a: Any, b: Any, mask: Any | None = None) -> float:
    """LPIPS v0.1 on AlexNet of two pictures: 0 identical, upwards without bound (about 0.7 is plainly different).

    ``a`` and ``b`` are uint8 sRGB, shape (h, w, 3). With ``mask`` (bool, (h, w)) the map of distances, each layer's
    brought to the picture's size, is averaged where it is true; the features there still see their surroundings.
    Raises ``ValueError`` for unlike shapes, for sides under 32 pixels and for a mask without a pixel, and
    :class:`~filmbench.harness.models.ModelUnavailable`.

    Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018. It equals the ``lpips`` package's own call to 1e-5.
    """
    return mean(maps(a, b), mask)


def maps(a: Any, b: Any) -> list[Any]:
    """The weighted squared differences of each layer's unit features: five float32 maps, each of its own size."""
    import numpy as np
    import torch
    from lpips import normalize_tensor

    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"LPIPS needs two RGB pictures of one size, not {a.shape} and {b.shape}")
    if min(a.shape[:2]) < SMALLEST:
        raise ValueError(f"{a.shape[1]}×{a.shape[0]} pixels are too few: LPIPS needs {SMALLEST} each way")
    net = network()
    with torch.inference_mode():
        pair = torch.from_numpy(np.stack((a, b))).permute(0, 3, 1, 2).float() / 127.5 - 1
        features = (normalize_tensor(layer) for layer in _features(net.scaling_layer(pair)))
        return [head((f[:1] - f[1:]) ** 2)[0, 0].numpy() for f, head in zip(features, net.lins, strict=True)]


def mean(layers: list[Any], mask: Any | None = None) -> float:
    """The distance that :func:`maps` add up to, over all or where ``mask`` (bool, (h, w)) is true."""
    import cv2
    import numpy as np

    if mask is None:
        return float(sum(layer.mean() for layer in layers))
    if not mask.any():
        raise ValueError("the mask holds no pixel")
    size = (mask.shape[1], mask.shape[0])
    whole = sum(cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR) for layer in layers)
    return float(cv2.mean(whole, np.ascontiguousarray(mask, np.uint8))[0])


def _features(x: Any) -> Iterator[Any]:
    """What ``network().net`` gives: the five layers of AlexNet, all but the first convolved the short way."""
    from torch.nn.functional import max_pool2d, relu_

    for number, convolution in enumerate(_convolutions()):
        x = relu_(convolution(max_pool2d(x, 3, 2) if number in (1, 2) else x))
        yield x


@cache
def _convolutions() -> tuple[Any, ...]:
    from torch.nn import Conv2d

    first, *others = (layer for layer in network().net.modules() if isinstance(layer, Conv2d))
    return (first, *(Convolution(layer) for layer in others))


@cache
def network() -> Any:
    """The ``lpips`` package's own module with the pinned weights; nothing is downloaded."""
    import torch

    torch.set_num_threads(threads())
    folder = models.folder(WEIGHTS)
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")  # torchvision's, of an argument that lpips still uses
        from lpips import LPIPS

        net = LPIPS(net="alex", pnet_rand=True, model_path=str(folder / "alex.pth"), verbose=False)
    state = net.state_dict()
    for name, (kernel, bias) in zip(_CONVOLUTIONS, backbones.alexnet(), strict=True):
        state[f"net.{name}.weight"], state[f"net.{name}.bias"] = torch.from_numpy(kernel), torch.from_numpy(bias)
    net.load_state_dict(state)
    return net.eval()
