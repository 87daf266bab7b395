"""Whether a background has the size it was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored, signature


class Size:
    """How far the delivered picture is from the size asked for.

    What: |log2| of delivered over asked, the larger of width and height, in octaves: 0 is exact, 1 is half or double.
    Range: octaves, 0 and more, lower is better.
    Needs: a readable size in the sample (``1920x1080``).
    Ignores: what is seen; an upscaled picture passes (see sharpness).
    Known failures: saturated by every floor, which delivers nothing in the right size. A gate, not a rank.
    Provenance: proxy, this project's own arithmetic.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.size_error",
            title="Size error",
            unit="octaves",
            signature=signature("background.size_error", settings="max|log2|"),
            contracts=("background",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            needs=("image",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image``."""
        return scored(self.specs, lambda: (self._octaves(view),))

    def _octaves(self, view: View) -> float:
        wide, high = asked_size(view)
        facts = view.output("image").facts
        return octaves((facts.width, facts.height), (wide, high))


def asked_size(view: View) -> tuple[int, int]:
    """The sample's size. Raises :class:`Unmeasurable` where it is none."""
    found = re.fullmatch(r"\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*", str(view.sample.inputs.get("size", "")))
    if not found or not int(found[1]) or not int(found[2]):
        raise Unmeasurable("the sample asks for no readable size")
    return int(found[1]), int(found[2])


def octaves(delivered: tuple[float, float], asked: tuple[float, float]) -> float:
    """The larger |log2| of two ratios."""
    from math import log2

    return max(abs(log2(got / wanted)) for got, wanted in zip(delivered, asked, strict=True))


METRICS = (Size(),)
