"""Whether a background's layers can be used as such: moved apart and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored, signature


class Layers:
    """How well the layers make up the picture, and how much each adds.

    What: *recomposition error*, the mean absolute difference (0..255) between the picture and its layers laid over one
    another from back to front; *separability*, the effective number of layers: 2 to the entropy of the shares of
    the picture in which each layer is the one mostly seen.
    Range: error 0..255, lower is better; separability 1 to the number of layers, more lets a camera move more planes.
    Needs: layers; ``None`` without. Layers of another size than the picture have no error.
    Ignores: whether a layer is one thing; a picture cut in random pieces would score well.
    Known failures: glow and haze are seen through and count little.
    Provenance: proxy, this project's own.
    Source: none (the effective number is Hill's of order 1, Ecology 1973).
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="background.layer_separability",
            title="Layer separability (proxy)",
            unit="layers",
            signature=signature("background.layer_separability", settings="2^entropy-of-visible-shares"),
            contracts=("background",),
            higher_is_better=True,
            provenance="proxy",
            low=1.0,
            decimals=1,
            needs=("image",),
        ),
        MetricSpec(
            id="background.layer_recomposition",
            title="Layer recomposition error",
            unit="levels",
            signature=signature("background.layer_recomposition", settings="mean-abs;srgb-over"),
            contracts=("background",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            high=255.0,
            needs=("image",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the roles ``layers`` and ``image``."""
        return scored(self.specs, lambda: self._measured(view))

    def _measured(self, view: View) -> tuple[float, float]:
        found = view.outputs("layers")
        if len(found) < 2:
            raise Unmeasurable("no layers were given")
        picture = view.output("image").rgb
        planes = [layer.rgba for layer in found]
        if any(plane.shape[:2] != picture.shape[:2] for plane in planes):
            raise Unmeasurable("the layers have another size than the picture")
        return separability(planes), recomposition(planes, picture)


def separability(planes: Sequence[Any]) -> float:
    """The effective number of layers of RGBA ``planes``, back to front."""
    import numpy as np

    seen = np.ones(planes[0].shape[:2], np.float32)
    best, owner = np.zeros_like(seen), np.zeros(seen.shape, np.int64)
    for number in reversed(range(len(planes))):
        alpha = planes[number][..., 3].astype(np.float32) / 255
        share = seen * alpha
        owner = np.where(share > best, number, owner)
        best = np.maximum(best, share)
        seen *= 1 - alpha
    shares = np.bincount(owner.ravel(), minlength=len(planes)) / owner.size
    shares = shares[shares > 0]
    return float(2 ** -(shares * np.log2(shares)).sum())


def recomposition(planes: Sequence[Any], picture: Any) -> float:
    """Mean absolute difference of ``picture`` from its layers laid over one another, in levels of 0..255."""
    import numpy as np

    made = np.zeros(picture.shape, np.float32)
    for plane in planes:
        made += (plane[..., :3] - made) * (plane[..., 3:].astype(np.float32) / 255)
    return float(np.abs(made - picture).mean())


METRICS = (Layers(),)
