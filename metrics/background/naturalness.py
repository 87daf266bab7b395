"""BRISQUE of a background."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.brisque import brisque
from filmbench.metrics.measure import CV2, VISION_EXTRA, python, scored, signature, weights


class Naturalness:
    """BRISQUE: how far local contrast is from that of undamaged photographs.

    What: 36 statistics of locally normalised luminance at two scales, judged by a support vector machine.
    Range: about 0 (natural) to 100; it may pass both ends. Lower is better.
    Needs: an image of at least 32 pixels a side that is not flat: the flat floor is ``None``.
    Ignores: colour and content.
    Known failures: it was trained on photographs with blur, noise and compression: drawn pictures and smooth skies are
    strange to it, and it says nothing of beauty. Do not compare styles by it.
    Provenance: reimplementation, equal to the package ``brisque`` 0.2.0 (its machine and ranges) to 1e-6.
    Source: Mittal, Moorthy and Bovik, "No-reference image quality assessment in the spatial domain", IEEE TIP 2012.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.brisque",
            title="BRISQUE",
            unit="",
            signature=signature("background.brisque", "libsvm-official", "scipy", weights=("brisque",)),
            contracts=("background",),
            higher_is_better=False,
            provenance="reimplementation",
            decimals=1,
            needs=("image",),
            requires=(python("libsvm", VISION_EXTRA), CV2, weights("brisque")),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image``."""
        return scored(self.specs, lambda: (brisque(view.output("image").rgb),))


METRICS = (Naturalness(),)
