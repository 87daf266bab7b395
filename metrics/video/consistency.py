"""Whether a clip goes on showing the same thing in the same place, by the features of AlexNet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from filmbench.harness import models
from filmbench.harness.media.moments import Moment
from filmbench.harness.media.video import resized
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames import lpips
from filmbench.metrics.measure import VISION_EXTRA, python, signature, weights

PER_SECOND = 8.0
SIDE = 224
CENTRE = 0.5
"""The subject is looked for in the middle half of the frame's width and height; the rest is background."""


class Consistency:
    """Subject and background consistency with VBench's arithmetic on AlexNet's features: proxies, and so named.

    What: eight frames a second at 224×224 go through AlexNet (the LPIPS backbone). *Subject*: the last convolution's
    features, each at its strongest in the middle of the frame; *background*: their means in the rim around it. Each
    frame from the second on scores the mean of max(0, cos) with the frame before and with the first frame; the clip
    their mean.
    Range: 0..1, higher is more consistent.
    Needs: two frames; the pinned LPIPS weights.
    Ignores: motion that leaves the features as they are.
    Known failures: saturated by the still floor (1.0): a clip in which nothing happens is perfectly consistent, so
    never read it without dynamic degree. Independent noise frames look alike to a network and score high too. A camera
    that travels lowers both. The subject need not be in the middle.
    Provenance: proxy: VBench uses DINO and CLIP embeddings of the whole frame.
    Source: the arithmetic: Huang et al., "VBench", CVPR 2024; Krizhevsky et al. 2012 for the network.
    Licence: Apache-2.0; weights BSD.
    """

    specs = tuple(
        MetricSpec(
            id=f"video.{part}_consistency_alexnet",
            title=f"{part.capitalize()} consistency, AlexNet (proxy)",
            unit="",
            signature=signature(
                f"video.{part}_consistency_alexnet",
                "lpips",
                weights=(lpips.WEIGHTS,),
                settings=f"relu5;{SIDE};{PER_SECOND:g}/s",
            ),
            contracts=("video",),
            higher_is_better=True,
            provenance="proxy",
            low=0.0,
            high=1.0,
            decimals=3,
            needs=("video",),
            requires=(python("torch"), python("lpips", VISION_EXTRA), weights(lpips.WEIGHTS)),
            worst=0.0,
        )
        for part in ("subject", "background")
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer."""
        return _Consistency()


class _Consistency:
    def __init__(self) -> None:
        self._next = 0.0
        self._seen: list[tuple[Any, Any]] = []
        self._missing: str | None = None

    def update(self, moment: Moment) -> None:
        if self._missing or moment.time < self._next - 1e-6:
            return
        self._next = moment.time + 1 / PER_SECOND
        try:
            self._seen.append(embeddings(moment.take.rgb))
        except models.ModelUnavailable as error:
            self._missing = str(error)

    def compute(self) -> Sequence[Score]:
        reason = self._missing or ("fewer than two frames" if len(self._seen) < 2 else None)
        if reason:
            return [Score(spec.id, None, reason) for spec in Consistency.specs]
        parts = zip(*self._seen, strict=True)
        return [Score(spec.id, consistency(part)) for spec, part in zip(Consistency.specs, parts, strict=True)]


def embeddings(rgb: Any) -> tuple[Any, Any]:
    """What the middle and the rim of a picture show: two float vectors, shape (256,)."""
    import numpy as np
    import torch

    net = lpips.network()
    with torch.inference_mode():
        pixels = (
            torch.from_numpy(np.ascontiguousarray(resized(rgb, (SIDE, SIDE)))).permute(2, 0, 1)[None].float() / 127.5
            - 1
        )
        features = net.net(net.scaling_layer(pixels))[-1][0].numpy()
    side = features.shape[-1]
    low, high = round(side * (1 - CENTRE) / 2), round(side * (1 + CENTRE) / 2)
    rim = np.ones((side, side), bool)
    rim[low:high, low:high] = False
    return features[:, low:high, low:high].max(axis=(1, 2)), features[:, rim].mean(axis=1)


def consistency(vectors: Sequence[Any]) -> float:
    """VBench's arithmetic on the vectors of two or more frames."""
    import numpy as np

    unit = [np.asarray(one, np.float64) / max(float(np.linalg.norm(one)), 1e-12) for one in vectors]
    alike = [(max(0.0, float(now @ before)) + max(0.0, float(now @ unit[0]))) / 2 for before, now in pairwise(unit)]
    return float(np.mean(alike))


METRICS = (Consistency(),)
