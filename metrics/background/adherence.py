"""Whether a background shows what its prompt says."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import clip
from filmbench.metrics.measure import scored, signature


class Adherence:
    """CLIPScore of the picture and its prompt; needs weights that a user brings.

    What: 100 max(cos, 0) between CLIP ViT-B/16's embeddings of the picture and of the prompt.
    Range: 0..100, higher is better; in practice 20 to 35.
    Needs: the CLIP weights, in no package: ``None: needs weights …`` until ``filmbench models add`` brought them. No
    other measure stands in.
    Ignores: whatever stands beyond the 77th token, and the picture's sides beyond its middle square.
    Known failures: counts, places ("left of") and negations are hardly read; words written in a picture raise it.
    Provenance: reimplementation of torchmetrics' scale on transformers' model (torchmetrics 1.9 does not run on
    transformers 5); formula pinned by cos 0.3 = 30.
    Source: Hessel et al., "CLIPScore", EMNLP 2021; Radford et al. 2021.
    Licence: Apache-2.0; weights MIT.
    """

    specs = (
        MetricSpec(
            id="background.clip_score",
            title="CLIPScore",
            unit="",
            signature=signature(
                "background.clip_score", "transformers", weights=(clip.WEIGHTS,), settings="100max(cos,0)"
            ),
            contracts=("background",),
            higher_is_better=True,
            provenance="reimplementation",
            low=0.0,
            high=100.0,
            decimals=1,
            needs=("image",),
            requires=clip.REQUIRES,
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``image`` against the input ``prompt``."""
        return scored(self.specs, lambda: (clip.clip_score([view.output("image").rgb], view.sample.text("prompt")),))


METRICS = (Adherence(),)
