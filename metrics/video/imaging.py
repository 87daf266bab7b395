"""The picture quality of a clip's frames, and whether they show what was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from filmbench.harness import models
from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import clip
from filmbench.metrics.brisque import brisque
from filmbench.metrics.measure import CV2, VISION_EXTRA, Unmeasurable, python, signature, weights

PER_SECOND = 2.0


class Imaging:
    """BRISQUE of two frames a second, averaged: a proxy for imaging quality (VBench's is MUSIQ).

    What: see ``background.brisque``.
    Range: about 0 (natural) to 100, lower is better.
    Needs: frames of at least 32 pixels a side that are not flat.
    Ignores: motion, colour, content.
    Known failures: trained on photographs; drawn and smooth pictures are strange to it. It says nothing of beauty.
    Provenance: proxy for the quality of a clip; each frame's value is a reimplementation equal to the package's.
    Source: Mittal, Moorthy and Bovik, IEEE TIP 2012.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="video.brisque",
            title="BRISQUE of frames",
            unit="",
            signature=signature(
                "video.brisque", "libsvm-official", "scipy", weights=("brisque",), settings=f"{PER_SECOND:g}/s"
            ),
            contracts=("video",),
            higher_is_better=False,
            provenance="proxy",
            decimals=1,
            needs=("video",),
            requires=(python("libsvm", VISION_EXTRA), CV2, weights("brisque")),
        ),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer."""
        return _Sampled(self.specs[0].id, brisque)


class Adherence:
    """CLIPScore of two frames a second and the prompt, averaged; needs weights that a user brings.

    What: see ``background.clip_score``.
    Range: 0..100, higher is better.
    Needs: the CLIP weights, in no package: ``None: needs weights …`` until ``filmbench models add`` brought them.
    Ignores: everything that takes time: a clip played backwards scores the same.
    Known failures: those of CLIPScore; actions and camera moves are hardly read from stills.
    Provenance: reimplementation of torchmetrics' scale on transformers' model; formula pinned by cos 0.3 = 30.
    Source: Hessel et al., "CLIPScore", EMNLP 2021.
    Licence: Apache-2.0; weights MIT.
    """

    specs = (
        MetricSpec(
            id="video.clip_score",
            title="CLIPScore of frames",
            unit="",
            signature=signature(
                "video.clip_score", "transformers", weights=(clip.WEIGHTS,), settings=f"100max(cos,0);{PER_SECOND:g}/s"
            ),
            contracts=("video",),
            higher_is_better=True,
            provenance="reimplementation",
            low=0.0,
            high=100.0,
            decimals=1,
            needs=("video",),
            requires=clip.REQUIRES,
        ),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer, told the prompt."""
        prompt = view.sample.text("prompt")
        return _Sampled(self.specs[0].id, lambda rgb: clip.clip_score([rgb], prompt))


class _Sampled:
    """The mean of a measure of pictures, taken twice a second."""

    def __init__(self, id: str, measure: Callable[[Any], float]) -> None:
        self._id, self._measure = id, measure
        self._next = 0.0
        self._values: list[float] = []
        self._reason = "no frame"

    def update(self, moment: Moment) -> None:
        if moment.time < self._next - 1e-6:
            return
        self._next = moment.time + 1 / PER_SECOND
        try:
            self._values.append(self._measure(moment.take.rgb))
        except (Unmeasurable, models.ModelUnavailable) as error:
            self._reason = str(error)

    def compute(self) -> Sequence[Score]:
        if not self._values:
            return (Score(self._id, None, self._reason),)
        return (Score(self._id, sum(self._values) / len(self._values)),)


METRICS = (Imaging(), Adherence())
