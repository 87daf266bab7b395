"""Does the dub sound like the person who speaks in the source?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.features.speaker import FEATURES
from filmbench.metrics.measure import scored
from filmbench.metrics.tts.speaker_similarity import cosine

(EMBEDDING,) = FEATURES


class CrossLingualSpeaker:
    """Cosine of the GE2E embeddings of dub and source: the same voice in another language.

    What: likeness of the voices, across languages. Range: 0 to 1, higher is better, 0 is not the floor.
    Bands, measured on a third of ``human-prompts`` (26 prompts), each English reading against the other language's
    reading of the same prompt (10th percentile, median, 90th): the same woman in Spanish 0.67, 0.75, 0.81; another
    woman in French 0.65, 0.69, 0.73; a man in Italian 0.50, 0.57, 0.61. So the cosine falls even for one bilingual
    person, and one line hardly tells her from another woman: read means over many lines, and the reference row beside.
    Needs: a second of speech in each. Known failures: those of ``tts.speaker_similarity``; it hears music and effects
    as part of the voice, which lifts dubs that keep the background; the untouched source wins it.
    Provenance: library Resemblyzer. Source: Wan et al., ICASSP 2018. Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="dubbing.speaker_similarity",
            title="Speaker similarity across languages",
            unit="cosine",
            signature=f"dubbing.speaker_similarity|cosine|{EMBEDDING.spec.signature}",
            contracts=("dubbing",),
            higher_is_better=True,
            provenance="library",
            low=0.0,
            high=1.0,
            decimals=3,
            needs=("dubbed",),
            features=(EMBEDDING.spec.id,),
            requires=EMBEDDING.spec.requires,
            worst=0.0,
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the input ``source``."""
        source: Any = view.input("source")
        return scored(self.specs, lambda: (cosine(view, (view.output("dubbed"), "take"), (source, "source")),))


METRICS = (CrossLingualSpeaker(),)
