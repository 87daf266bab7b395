"""Does it sound like the voice it should be?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import Clip, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.features.speaker import FEATURES
from filmbench.metrics.measure import Unmeasurable, scored
from filmbench.metrics.selfcheck import Expect

(EMBEDDING,) = FEATURES


class SpeakerSimilarity:
    """How alike two voices are: cosine of the GE2E embeddings of the take and of the voice it should have.

    What: the voice to match is the sample's ``voice_sample`` (the prompt of a clone) where it has one, else the human
    reading of the line; without either there is no value. An arm that was never asked for that voice is not worse for
    scoring low: read the column for clones, and on reference rows.
    Range: 0 to 1 (the embedding has no negative part), higher is better. **0 is not the floor**; bands measured
    on lines of 3 to 6 s: same voice, other line 0.88 to 0.99 (a person, flite, hibari); other voice 0.44 to 0.76; the
    reading in noise of its own spectrum at 20, 10 and 0 dB 0.89, 0.79 and 0.60, low-passed at 3.5 kHz 0.91; white
    noise alone 0.40 to 0.53. Between languages, the same person 0.87.
    Needs: at least one second of speech in each. The shorter, the lower: 1 s of a line against another line of the same
    voice gives 0.80, 1.6 s 0.85, 3 s 0.93. Compare arms on the same lines.
    Ignores: level and silence around the speech.
    Known failures: hears the channel as well as the voice (noise, codec, room); weaker outside English; says nothing of
    manner. A threshold for "same person" must be set per language and material.
    Provenance: library Resemblyzer, weights pinned by sha256.
    Source: Wan, Wang, Papir and Moreno, ICASSP 2018; github.com/resemble-ai/Resemblyzer.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="tts.speaker_similarity",
            title="Speaker similarity",
            unit="cosine",
            signature=f"tts.speaker_similarity|cosine|{EMBEDDING.spec.signature}",
            contracts=("tts",),
            higher_is_better=True,
            provenance="library",
            low=0.0,
            high=1.0,
            decimals=3,
            features=(EMBEDDING.spec.id,),
            requires=EMBEDDING.spec.requires,
            worst=0.0,
        ),
    )

    expects = (Expect(best=1.0, ignores={"gain": 0.01, "padding": 0.05, "rate": 0.05}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        return scored(self.specs, lambda: (_similarity(view),))


def _similarity(view: View) -> float:
    wanted = view.input("voice_sample") or view.reference("speech")
    if wanted is None:
        raise Unmeasurable("the sample names no voice: it has neither a voice sample nor a human reading")
    return cosine(view, (view.output("speech"), "take"), (wanted, "voice to match"))


def cosine(view: View, first: tuple[Clip, str], second: tuple[Clip, str]) -> float:
    """Likeness of two named clips' voices, at most 1. Raises :class:`Unmeasurable`, naming the clip at fault."""
    ours, theirs = (_vector(view, clip, name) for clip, name in (first, second))
    return min(1.0, sum(a * b for a, b in zip(ours, theirs, strict=True)))


def _vector(view: View, clip: Clip, name: str) -> list[float]:
    embedding: dict[str, Any] = view.feature(EMBEDDING.spec.id, clip)
    if "reason" in embedding:
        raise Unmeasurable(f"the {name}: {embedding['reason']}")
    vector: list[float] = embedding["vector"]
    return vector


METRICS = (SpeakerSimilarity(),)
