"""How a background looks, without a picture to hold it against: sharpness and colourfulness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import CV2, OPENCV, scored, signature


class Sharpness:
    """How much of the picture's detail lies in its finest octave: an upscaled or blurred one has little.

    What: the standard deviation of luma minus its Gaussian blur (sigma 1 pixel), over the standard deviation of luma.
    Range: 0 and more; no better direction: a soft wash may be meant, noise has most (about 0.87).
    Needs: an image that is not flat.
    Ignores: contrast and brightness.
    Known failures: noise wins it; grain raises it; a large smooth sky lowers it. Compare one style with itself.
    Provenance: proxy, this project's own; it is none of the published sharpness measures.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.fine_detail",
            title="Fine detail (proxy)",
            unit="",
            signature=signature("background.fine_detail", OPENCV, settings="sigma:1"),
            contracts=("background",),
            higher_is_better=None,
            provenance="proxy",
            low=0.0,
            decimals=3,
            needs=("image",),
            requires=(CV2,),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image``."""
        return scored(self.specs, lambda: (fine_detail(view.output("image").rgb),))


class Colourfulness:
    """Hasler and Süsstrunk's colourfulness M3: how far colours spread and how strong they are.

    What: with rg = R−G and yb = (R+G)/2−B of 0..255, sqrt(σ²rg + σ²yb) + 0.3 sqrt(μ²rg + μ²yb).
    Range: 0 and more; about 15 slightly, 33 moderately, 59 highly colourful in the paper. No better direction: a night
    may be dull on purpose.
    Needs: an image.
    Ignores: composition.
    Known failures: coloured noise wins it with about 138; a grey floor has 0.
    Provenance: reimplementation of the published formula, pinned by hand-computed values.
    Source: Hasler and Süsstrunk, "Measuring colourfulness in natural images", SPIE Human Vision and Electronic
    Imaging 2003.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.colourfulness",
            title="Colourfulness M3",
            unit="",
            signature=signature("background.colourfulness", settings="hasler-suesstrunk-2003"),
            contracts=("background",),
            higher_is_better=None,
            provenance="reimplementation",
            low=0.0,
            decimals=1,
            needs=("image",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image``."""
        return scored(self.specs, lambda: (colourfulness(view.output("image").rgb),))


def fine_detail(rgb: Any) -> float:
    """Share of the luma's deviation in its finest octave. Raises :class:`Unmeasurable` for a flat picture."""
    import cv2
    import numpy as np
    from filmbench.metrics.measure import Unmeasurable

    luma = np.asarray(rgb, np.float32) @ np.array((0.299, 0.587, 0.114), np.float32)
    spread = float(luma.std())
    if spread < 0.5:
        raise Unmeasurable("the picture is flat")
    return float((luma - cv2.GaussianBlur(luma, (0, 0), 1.0)).std()) / spread


def colourfulness(rgb: Any) -> float:
    """M3 of an RGB picture, uint8, shape (height, width, 3)."""
    import numpy as np

    red, green, blue = (np.asarray(rgb[..., channel], np.float64) for channel in range(3))
    rg, yb = red - green, 0.5 * (red + green) - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


METRICS = (Sharpness(), Colourfulness())
