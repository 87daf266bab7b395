"""What an independent listener wrote down: Whisper, run on this machine through CTranslate2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import Clip, FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics import measure

RATE = 16_000
BEAM = 5
TOKENS_PER_SECOND = 20
"""More than anybody speaks, in any language: what bounds a transcript that runs in circles."""


class Transcript:
    """The words Whisper hears, as it spells them: ``{"text", "no_speech"}``.

    One pass: beam search at temperature 0, no second attempt at a higher one, no memory of the previous
    window, no VAD before it; the language is the sample's, never guessed where it is known. The same clip
    gives the same text on the same processor type (int8 kernels differ between instruction sets).
    ``no_speech`` is Whisper's own probability, 0..1, that the least speech-like window holds none; ``None``
    when it found no window at all.

    The text is raw. Whisper may write words over noise or silence ("you", "Thank you."), at most 20 tokens a
    second of clip: a take without sound is refused by the probe, one with noise only counts as wrongly
    spoken, which it is. Whisper also mends slips of the tongue, so that error rates resting on it are too
    kind rather than too harsh.
    """

    def __init__(self, id: str, weights: str, languages: frozenset[str] | None = None) -> None:
        self.weights = weights
        self.languages = languages
        settings = f"int8|beam:{BEAM}|temp:0|tokens/s:{TOKENS_PER_SECOND}|sr:{RATE}|soxr_hq"
        self.spec = FeatureSpec(
            id=id,
            signature=measure.signature(id, "faster-whisper", "ctranslate2", weights=(weights,), settings=settings),
            requires=(measure.python("faster_whisper"), measure.weights(weights)),
        )

    def writes(self, language: str) -> bool:
        """Whether the model can write ``language`` (``en``, ``fi`` …)."""
        from faster_whisper.tokenizer import _LANGUAGE_CODES

        return language in (self.languages or _LANGUAGE_CODES)

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """The language that Whisper is told to write."""
        return {"language": language(sample) or "detected"}

    def compute(self, clip: Clip, sample: Sample) -> Json:
        """Transcribe ``clip``. Raises ``ValueError`` for a language the model does not write."""
        return self.written(clip, language(sample))

    def written(self, clip: Clip, language: str | None) -> dict[str, Json]:
        """What ``clip`` says, written in ``language``; ``None`` leaves that to the model."""
        segments, _ = whisper(self.weights).transcribe(
            clip.mono(RATE),
            language=language,
            beam_size=BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            vad_filter=False,
            max_new_tokens=_most_tokens(clip.seconds),
        )
        heard = list(segments)
        return {
            "text": "".join(segment.text for segment in heard).strip(),
            "no_speech": round(max(segment.no_speech_prob for segment in heard), 4) if heard else None,
        }


def language(sample: Sample) -> str | None:
    """The sample's language without its region (``pt`` of ``pt-BR``), as Whisper names it."""
    return sample.language.replace("_", "-").split("-")[0].lower() if sample.language else None


def _most_tokens(seconds: float) -> int | None:
    """Tokens to write for one window of at most 30 s; ``None`` where the model's own limit is lower."""
    most = round(TOKENS_PER_SECOND * (1 + seconds))
    return most if most < 400 else None


@cache
def whisper(weights: str) -> Any:
    """The model, once per process. ``FILMBENCH_THREADS`` threads (1), since scoring runs in many processes."""
    from faster_whisper import WhisperModel

    folder = str(models.folder(weights))
    return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=measure.threads())


FEATURES = (
    Transcript("transcript", "whisper-base"),
    Transcript("transcript_tiny_en", "whisper-tiny-en", frozenset({"en"})),
)
