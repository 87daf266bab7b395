"""BRISQUE: how unnatural the statistics of a picture are, by the support vector machine in the package ``brisque``.

The features and their fit are computed here as that package computes them (its own code no longer runs beside
current numpy), with separable filters instead of its two-dimensional convolution; the machine is run by libsvm.
"""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.metrics.measure import Unmeasurable

SIGMA = 7 / 6
TAPS = 7
LEAST_SIDE = 32
_SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))


def brisque(rgb: Any) -> float:
    """The score of an RGB picture, uint8, shape (height, width, 3); lower is more natural.

    Raises :class:`Unmeasurable` for a picture that is too small, or too flat for its statistics to be fitted.
    """
    import cv2
    import numpy as np

    if min(rgb.shape[:2]) < LEAST_SIDE:
        raise Unmeasurable(f"smaller than {LEAST_SIDE} pixels")
    grey = np.asarray(rgb, np.float64) @ np.array((0.2125, 0.7154, 0.0721)) / 255
    if grey.std() < 1e-4:
        raise Unmeasurable("the picture is flat: it has no statistics to judge")
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_CUBIC)
    return _predict([*_features(grey), *_features(half)])


def _features(grey: Any) -> list[float]:
    """18 numbers: the fit of the normalised luminance, and of its products with four neighbours."""
    normal = _normalised(grey)
    shape, _, left, right = _fit(normal)
    found = [shape, (left**2 + right**2) / 2]
    height, width = normal.shape
    for down, across in _SHIFTS:
        if across >= 0:
            product = normal[: height - down, : width - across] * normal[down:, across:]
        else:
            product = normal[down:, :across] * normal[: height - down, -across:]
        shape, mean, left, right = _fit(product)
        found += [shape, mean, left**2, right**2]
    return found


def _normalised(grey: Any) -> Any:
    """Luminance minus its local mean, over its local deviation (outside the picture is black)."""
    import cv2
    import numpy as np

    kernel = np.exp(-((np.arange(TAPS) - TAPS // 2) ** 2) / (2 * SIGMA**2))
    kernel /= kernel.sum()

    def local(image: Any) -> Any:
        return cv2.sepFilter2D(image, cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)

    mean = local(grey)
    return (grey - mean) / (np.sqrt(np.abs(mean**2 - local(grey**2))) + 1 / 255)


def _fit(x: Any) -> tuple[float, float, float, float]:
    """Shape, mean, left and right deviation of an asymmetric generalised Gaussian, by moments."""
    import numpy as np
    from scipy.optimize import root
    from scipy.special import gamma

    low, high = x[x < 0], x[x >= 0]
    if not len(low) or not len(high) or not np.any(x):
        raise Unmeasurable("the picture is too flat: its statistics have one side only")
    left, right = np.sqrt(np.mean(low**2)), np.sqrt(np.mean(high**2))
    if right < 1e-12:
        raise Unmeasurable("the picture is too flat for its statistics to be fitted")
    ratio = left / right
    plain = np.mean(np.abs(x)) ** 2 / np.mean(x**2)
    aimed = plain * (ratio**3 + 1) * (ratio + 1) / (ratio**2 + 1) ** 2
    shape = float(root(lambda a: gamma(2 / a) ** 2 / (gamma(1 / a) * gamma(3 / a)) - aimed, [0.2]).x[0])
    mean = (right - left) * np.sqrt(gamma(1 / shape) / gamma(3 / shape)) * gamma(2 / shape) / gamma(1 / shape)
    found = (shape, float(mean), float(left), float(right))
    if not np.isfinite(found).all():
        raise Unmeasurable("the picture's statistics cannot be fitted")
    return found


def _predict(features: list[float]) -> float:
    from libsvm import svmutil

    machine, low, high = _machine()
    scaled = [-1 + 2 * (x - a) / (b - a) for x, a, b in zip(features, low, high, strict=True)]
    nodes, _ = svmutil.gen_svm_nodearray(scaled, isKernel=False)
    return float(svmutil.libsvm.svm_predict(machine, nodes))


@cache
def _machine() -> tuple[Any, list[float], list[float]]:
    """The machine and the ranges of its features."""
    from libsvm import svmutil

    folder = models.folder("brisque")
    with (folder / "normalize.pickle").open("rb") as file:
        ranges = _Plain(file).load()
    return svmutil.svm_load_model(str(folder / "svm.txt")), ranges["min_"], ranges["max_"]


class _Plain(pickle.Unpickler):
    """Reads lists and numbers; any name in the file is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not wanted")
