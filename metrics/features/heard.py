"""Which of two languages a dub speaks, and what it says in it: Whisper base."""

from __future__ import annotations

from collections.abc import Mapping

from filmbench.harness.protocols import Clip, FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.features.transcript import RATE, Transcript, language, whisper

_TRANSCRIPT = Transcript("heard", "whisper-base")


class Heard:
    """The words of a dub in the language it really speaks: ``{"text", "language", "probability"}``.

    Whisper told to write Spanish translates English speech into Spanish, so that an untouched source would read as a
    dub. It is therefore asked first which of the two languages, the source's or the target's, the first 30 s are in;
    ``probability`` is that language's, 0..1, of the two. It then writes in that one, as ``transcript`` does.
    """

    spec = FeatureSpec(
        id="heard",
        signature=f"{_TRANSCRIPT.spec.signature}|language:likelier of source and target",
        requires=_TRANSCRIPT.spec.requires,
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """The two languages."""
        return {"languages": " ".join(_candidates(sample))}

    def compute(self, clip: Clip, sample: Sample) -> Json:
        """Hear ``clip``. Raises ``ValueError`` for languages that Whisper does not write."""
        _, _, found = whisper("whisper-base").detect_language(clip.mono(RATE))
        likely = {name: share for name, share in found if name in _candidates(sample)}
        spoken = max(likely, key=lambda name: likely[name])
        told = _TRANSCRIPT.written(clip, spoken)
        return {**told, "language": spoken, "probability": round(likely[spoken] / max(sum(likely.values()), 1e-9), 4)}


def _candidates(sample: Sample) -> tuple[str, ...]:
    source = sample.inputs.get("source_language")
    both = (source.split("-")[0].lower() if isinstance(source, str) else None, language(sample))
    return tuple(sorted({name for name in both if name}))


FEATURES = (Heard(),)
