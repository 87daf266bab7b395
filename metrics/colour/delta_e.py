"""CIEDE2000: how unlike two colours look, for every pixel of a shot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, python, scored, signature

BIN, MOST = 0.02, 200.0
"""Differences are counted in steps of 0.02 up to 200 (the formula's own ceiling is lower)."""
VISIBLE = 2.0


class Difference:
    """The spread of colour differences in the making, of any length in the same memory."""

    def __init__(self) -> None:
        import numpy as np

        self._counts = np.zeros(round(MOST / BIN), np.int64)
        self._sum = 0.0

    def add(self, taken: Any, true: Any) -> None:
        """Count every pixel of two sRGB pictures: uint8, (height, width, 3)."""
        import numpy as np

        differences = delta_e(lab(taken), lab(true))
        self._sum += float(differences.sum())
        bins = np.minimum((differences / BIN).astype(np.int64).ravel(), len(self._counts) - 1)
        self._counts += np.bincount(bins, minlength=len(self._counts))

    def mean(self) -> float:
        """Mean difference. Raises :class:`Unmeasurable` where nothing was counted."""
        return self._sum / self._count()

    def percentile(self, share: float) -> float:
        """The difference that ``share`` of the pixels do not exceed by more than 0.02."""
        import numpy as np

        return float(np.searchsorted(np.cumsum(self._counts), share * self._count())) * BIN

    def above(self, limit: float) -> float:
        """Share of pixels whose difference is ``limit`` or more, in percent."""
        return 100 * float(self._counts[round(limit / BIN) :].sum()) / self._count()

    def _count(self) -> int:
        count = int(self._counts.sum())
        if not count:
            raise Unmeasurable("there is no true picture beside any frame")
        return count


def lab(rgb: Any) -> Any:
    """CIELAB (D65, 2 degrees) of sRGB: float32, (height, width, 3). ``rgb`` is uint8."""
    import numpy as np
    from skimage.color import xyz2lab

    linear = _linear()[rgb]
    return xyz2lab(linear @ np.array(_TO_XYZ, np.float32).T)


_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))


@cache
def _linear() -> Any:
    """Light of each of 256 sRGB levels: float32."""
    import numpy as np

    levels = np.arange(256) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def delta_e(taken: Any, true: Any) -> Any:
    """CIEDE2000 (kL = kC = kH = 1) of CIELAB colours, (..., 3): as many differences, 0 identical."""
    from skimage.color import deltaE_ciede2000

    return deltaE_ciede2000(taken, true)


class DeltaE:
    """How far each pixel's colour is from the shot as the other camera saw it.

    What: CIEDE2000 of corresponding pixels. ``colour.delta_e`` is the mean over all pixels of all frames,
    ``colour.delta_e_p95`` what 95 % of them do not exceed, ``colour.delta_e_visible`` the share of 2 and more, which
    people see side by side.
    Range: from 0, identical; about 1 is the least that trained eyes see; lower is better. Percent for the share.
    Needs: the true shot, in place. Both are read as sRGB, D65.
    Ignores: where in the picture the error is: skin counts as much as wall.
    Known failures: log and HDR material would need other colorimetry. A codec's chroma loss counts as colour error. A
    match that moves the whole shot evenly, which a colourist would accept, counts in full.
    Provenance: library scikit-image, pinned to the 34 published pairs.
    Source: Sharma, Wu and Dalal, Color Research and Application 30(1), 2005; CIE 142-2001.
    Licence: BSD-3-Clause.
    """

    output = "video"
    beside = ("reference.video",)
    specs = tuple(
        MetricSpec(
            id=id,
            title=title,
            unit=unit,
            signature=signature(id, "scikit-image", settings=f"ciede2000;srgb;d65;bin:{BIN}"),
            contracts=("editing/colour",),
            higher_is_better=False,
            provenance="library",
            low=0.0,
            high=high,
            needs=("video",),
            references=("video",),
            requires=(python("skimage", VISION_EXTRA),),
            worst=high,
            licence="BSD-3-Clause",
        )
        for id, title, unit, high in (
            ("colour.delta_e", "ΔE00", "ΔE", None),
            ("colour.delta_e_p95", "ΔE00 p95", "ΔE", None),
            ("colour.delta_e_visible", "ΔE00 ≥ 2", "% of pixels", 100.0),
        )
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the reference ``video``."""
        return _DeltaE(self.specs)


class _DeltaE:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs, self._difference = specs, Difference()

    def update(self, moment: Moment) -> None:
        """Count a frame; a moment without a true one does not count."""
        true = moment.frame("reference.video")
        if true is not None:
            self._difference.add(moment.take.rgb, true.rgb)

    def compute(self) -> Sequence[Score]:
        """The three columns."""
        found = self._difference
        return scored(self._specs, lambda: (found.mean(), found.percentile(0.95), found.above(VISIBLE)))


METRICS = (DeltaE(),)
