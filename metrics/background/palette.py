"""Whether a background is painted in the colours that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, python, scored, signature

SIDE = 128


class PaletteDistance:
    """Distance of the picture's main colours from the palette asked for.

    What: the picture, brought to 128 pixels on its longer side, is grouped by k-means in CIELAB into as many colours
    as were asked for (k-means++ from a fixed seed); each is paired with one asked colour so that the sum of CIEDE2000
    differences is least; the mean of the pairs.
    Range: ΔE00, 0 and more, lower is better. About 1 is just visible, 10 another shade.
    Needs: a palette of at least two colours in the sample; ``None`` without.
    Ignores: where a colour is and how much of it there is.
    Known failures: a lamp of few pixels is never a main colour. Light and haze shade colours between those asked for.
    One flat colour counts as all groups at once.
    Provenance: proxy (the grouping is ours); ΔE00 from colour-science, pinned by Sharma's pairs in its own tests.
    Source: CIE 142-2001; Kuhn 1955 for the assignment (scipy).
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.palette_distance",
            title="Palette distance (proxy)",
            unit="ΔE00",
            signature=signature(
                "background.palette_distance",
                "colour-science",
                "scikit-learn",
                settings=f"lab-kmeans;side:{SIDE};seed:0",
            ),
            contracts=("background",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            decimals=1,
            needs=("image",),
            requires=(python("colour", VISION_EXTRA), python("sklearn", VISION_EXTRA), python("skimage", VISION_EXTRA)),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image`` against the input ``palette``."""
        return scored(self.specs, lambda: (self._distance(view),))

    def _distance(self, view: View) -> float:
        text = view.sample.inputs.get("palette")
        if not isinstance(text, str):
            raise Unmeasurable("no palette was asked for")
        asked = hexes(text)
        if len(asked) < 2:
            raise Unmeasurable("a palette of one colour says nothing")
        return distance(main_colours(view.output("image").rgb, len(asked)), asked)


def hexes(text: str) -> Any:
    """``#102040 #f0c080`` as sRGB 0..1, shape (n, 3). Raises :class:`Unmeasurable`."""
    import numpy as np

    words = text.replace(",", " ").split()
    try:
        return np.array([[int(word[at : at + 2], 16) for at in (1, 3, 5)] for word in words if word[0] == "#"]) / 255
    except ValueError:
        raise Unmeasurable(f"{text!r} is no palette") from None


def main_colours(rgb: Any, number: int) -> Any:
    """The picture's ``number`` main colours in CIELAB, shape (number, 3)."""
    import cv2
    import numpy as np
    from skimage.color import rgb2lab
    from sklearn.cluster import KMeans

    height, width = rgb.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    small = cv2.resize(rgb, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    pixels = rgb2lab(small).reshape(-1, 3)
    distinct = np.unique(pixels.round(3), axis=0)
    if len(distinct) <= number:
        return np.resize(distinct, (number, 3))
    return KMeans(number, n_init=4, random_state=0).fit(pixels).cluster_centers_


def distance(lab: Any, srgb: Any) -> float:
    """Mean ΔE00 of ``lab`` (n, 3) and ``srgb`` (n, 3), paired at least cost."""
    import colour
    from scipy.optimize import linear_sum_assignment
    from skimage.color import rgb2lab

    asked = rgb2lab(srgb[None])[0]
    costs = colour.delta_E(lab[:, None, :], asked[None, :, :], method="CIE 2000")
    return float(costs[linear_sum_assignment(costs)].mean())


METRICS = (PaletteDistance(),)
