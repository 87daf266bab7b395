"""PSNR, SSIM and MS-SSIM of two pictures of one size, as pure functions.

SSIM works on 8-bit luma (any range of 0..255) with Wang's window and constants. Its map has a value at every pixel,
the picture mirrored beyond its edge; what is averaged of it is the choice of :func:`ssim`'s ``edge``.
"""

from __future__ import annotations

import math
from typing import Any, Literal

PEAK = 255.0
CEILING = 100.0
"""PSNR in dB that stands for identical; one step of one value in a frame of 640×360 RGB is 106."""
WINDOW = 11
"""Side in pixels of Wang's Gaussian window, of standard deviation 1.5."""
MARGIN = WINDOW // 2
_SIGMA = 1.5
_C1, _C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
SMALLEST_MS_SSIM = (WINDOW - 1) * 2 ** (len(_SCALE_WEIGHTS) - 1) + 1
"""The least side in pixels for five scales."""


def mean_squared_error(a: Any, b: Any, mask: Any | None = None) -> float:
    """Mean of squared differences over all values, or those of the pixels where ``mask`` (bool, (h, w)) is true.

    ``a`` and ``b`` are of one shape, (h, w) or (h, w, 3), of uint8 or floats; differences never wrap around. Raises
    ``ValueError`` for unlike shapes and for a mask without a pixel.
    """
    import cv2
    import numpy as np

    if a.shape != b.shape or (mask is not None and mask.shape != a.shape[:2]):
        raise ValueError(f"shapes differ: {a.shape}, {b.shape}{'' if mask is None else f', mask {mask.shape}'}")
    if a.dtype != b.dtype or a.dtype not in (np.uint8, np.float32, np.float64):
        a, b = a.astype(np.float64), b.astype(np.float64)
    pixels = a.shape[0] * a.shape[1] if mask is None else int(np.count_nonzero(mask))
    if not pixels:
        raise ValueError("the mask holds no pixel")
    where = None if mask is None else np.ascontiguousarray(mask, np.uint8)
    return float(cv2.norm(a, b, cv2.NORM_L2SQR, where)) / (pixels * (a.shape[2] if a.ndim == 3 else 1))


def psnr(mse: float, peak: float = PEAK) -> float:
    """Peak signal-to-noise ratio in dB of a mean squared error, cut at 100, which stands for identical."""
    return CEILING if mse <= 0 else min(CEILING, 10 * math.log10(peak**2 / mse))


def ssim_map(a: Any, b: Any) -> Any:
    """SSIM at every pixel of two lumas: float32, shape (h, w), in -1..1, 1 for identical surroundings.

    ``a`` and ``b`` are uint8 or floats of 0..255, shape (h, w). Raises ``ValueError`` for unlike shapes and for
    pictures smaller than the window. Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 13(4), 2004: Gaussian 11/1.5,
    K 0.01 and 0.03, population covariance, no downsampling.
    """
    light, structure = _similarities(*_lumas(a, b))
    return light * structure


def ssim(a: Any, b: Any, mask: Any | None = None, edge: Literal["whole", "mirrored"] = "whole") -> float:
    """Mean of :func:`ssim_map`, 1 best; over the pixels where ``mask`` (bool, (h, w)) is true when there is one.

    ``edge="whole"`` leaves out the 5 pixels along the edge, whose window is not whole, as Wang's code, scikit-image
    (``gaussian_weights``) and piq do; ``"mirrored"`` counts them, as torchmetrics does. Raises ``ValueError`` as
    :func:`ssim_map` does, and where the mask leaves no pixel.
    """
    return mean_of_map(ssim_map(a, b), mask, edge)


def mean_of_map(similarity: Any, mask: Any | None = None, edge: Literal["whole", "mirrored"] = "whole") -> float:
    """What :func:`ssim` makes of a map that is there already."""
    import cv2
    import numpy as np

    inner = slice(MARGIN, -MARGIN) if edge == "whole" else slice(None)
    similarity = similarity[inner, inner]
    where = None if mask is None else np.ascontiguousarray(mask[inner, inner], np.uint8)
    if where is not None and not where.any():
        raise ValueError("the mask holds no pixel of the map")
    return float(cv2.mean(similarity, where)[0])


def ms_ssim(a: Any, b: Any) -> float:
    """SSIM over five scales of two lumas: 0..1, 1 best. Equals piq's to 1e-5.

    Wang, Simoncelli and Bovik, Asilomar 2003: contrast and structure at each scale, light at the last, weighted by
    exponents; windows that are whole only; 2×2 averages between scales, an odd side lengthened first. Raises
    ``ValueError`` as :func:`ssim_map` does, and for pictures with a side under 161 pixels.
    """
    a, b = _lumas(a, b)
    if min(a.shape) < SMALLEST_MS_SSIM:
        raise ValueError(f"{a.shape[1]}×{a.shape[0]} pixels are too few: five scales need {SMALLEST_MS_SSIM}")
    value = 1.0
    for scale, weight in enumerate(_SCALE_WEIGHTS):
        if scale:
            a, b = _halved(a), _halved(b)
        light, similarity = _similarities(a, b)
        if scale == len(_SCALE_WEIGHTS) - 1:
            similarity = light * similarity
        value *= max(0.0, mean_of_map(similarity)) ** weight
    return value


def _lumas(a: Any, b: Any) -> tuple[Any, Any]:
    """Both as float32. Raises ``ValueError`` for what SSIM cannot take."""
    import numpy as np

    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"SSIM needs two lumas of one size, not {a.shape} and {b.shape}")
    if min(a.shape) < WINDOW:
        raise ValueError(f"{a.shape[1]}×{a.shape[0]} pixels are fewer than the window's {WINDOW}×{WINDOW}")
    return a.astype(np.float32), b.astype(np.float32)


def _similarities(a: Any, b: Any) -> tuple[Any, Any]:
    """The factors of SSIM at every pixel: of light, and of contrast with structure. float32, shape (h, w).

    Only the sum of both variances is needed, so four blurs do. In place where it can be: this is the inner loop.
    """
    import cv2

    def blurred(array: Any) -> Any:
        return cv2.GaussianBlur(array, (WINDOW, WINDOW), _SIGMA, borderType=cv2.BORDER_REFLECT_101)

    mean_a, mean_b = blurred(a), blurred(b)
    products, squares = mean_a * mean_b, mean_a * mean_a
    squares += mean_b * mean_b
    covariance, variances = blurred(a * b), blurred(a * a + b * b)
    covariance -= products
    variances -= squares
    light = (2 * products + _C1) / (squares + _C1)
    return light, (2 * covariance + _C2) / (variances + _C2)


def _halved(array: Any) -> Any:
    """2×2 averages; when a side is odd, both are lengthened at their beginning first, as piq does."""
    import cv2

    odd = max(side % 2 for side in array.shape)
    if odd:
        array = cv2.copyMakeBorder(array, 1, 0, 1, 0, cv2.BORDER_REPLICATE)
    height, width = (side // 2 for side in array.shape)
    return cv2.resize(array[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
