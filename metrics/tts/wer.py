"""Does it say what the script says? Word and character error rates by an independent listener."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Json, Score
from filmbench.metrics import measure
from filmbench.metrics.features.transcript import FEATURES, Transcript, language
from filmbench.metrics.tts.normalise import CHARACTERS_ONLY, NORMALISER, normalise

_PACKAGES = ("jiwer", "whisper-normalizer", "num2words")
_BASE, _TINY = FEATURES


def _spec(id: str, title: str, feature: Transcript, unit: str) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="%",
        signature=measure.signature(id, *_PACKAGES, settings=f"norm:{NORMALISER}|agg:corpus|{feature.spec.signature}"),
        contracts=("tts",),
        higher_is_better=False,
        provenance="library",
        low=0.0,
        high=None,
        decimals=1,
        features=(feature.spec.id,),
        requires=tuple(measure.python(package.replace("-", "_")) for package in _PACKAGES) + feature.spec.requires,
        statistics=("errors", unit),
        worst=100.0,
        licence="MIT (weights), Apache-2.0 (jiwer)",
    )


class _ErrorRates:
    """What the two judges share: text in, transcript in, counted edits out."""

    specs: tuple[MetricSpec, ...]
    judge: Transcript

    def score(self, view: View) -> Sequence[Score]:
        """One Score per spec; statistics are counts, ``value`` is the line's own rate in percent."""
        tongue = language(view.sample)
        if tongue is None:
            return self._none("the sample names no language")
        if not self.judge.writes(tongue):
            return self._none(f"{self.judge.weights} does not write the language {tongue!r}")
        target = normalise(view.sample.text(), tongue)
        if not target:
            return self._none("the text holds no word to compare")
        raw = str(view.feature(self.judge.spec.id, view.output("speech"))["text"])
        heard = normalise(raw, tongue)
        detail: Json = {"reference": target, "hypothesis": heard, "heard": raw}
        return [rate(spec, target, heard, tongue, detail) for spec in self.specs]

    def _none(self, reason: str) -> Sequence[Score]:
        return [Score(spec.id, None, reason) for spec in self.specs]


def rate(spec: MetricSpec, target: str, heard: str, tongue: str, detail: Json) -> Score:
    """The share of wrong words (or characters, as ``spec.statistics`` says) of two normalised texts, in percent."""
    import jiwer

    assert spec.statistics is not None
    unit = spec.statistics[1]
    if unit == "words" and tongue in CHARACTERS_ONLY:
        return Score(spec.id, None, f"words are not set apart in {tongue!r}: see the character error rate")
    edits = jiwer.process_words(target, heard) if unit == "words" else jiwer.process_characters(target, heard)
    errors = edits.substitutions + edits.deletions + edits.insertions
    total = edits.hits + edits.substitutions + edits.deletions
    return Score(spec.id, 100 * errors / total, statistics={"errors": errors, unit: total}, detail=detail)


class ErrorRates(_ErrorRates):
    """Word and character error rate against the script, heard by Whisper base (multilingual).

    What: how many words or characters a listener who does not know the script would write down wrongly.
    Formula: 100 × (substitutions + deletions + insertions) / words (characters, spaces included) of the
    script, both sides normalised first (see ``normalise.py``). The table's value is the corpus rate: edits
    summed over lines, then divided. It is not the mean of the lines' rates that seed-tts-eval prints.
    Range: 0 upwards, in percent, lower is better; insertions can bring it above 100. An absent take counts
    as 100, every word deleted.
    Measured on people reading telephone prompts (a fifth of ``human-prompts``), character rate: English 1.3,
    Italian 2.3, Russian 2.7, Spanish 3.9 (its texts lack accents), French 5.4.
    Needs: the take and the script's text; no reading by a person. Whisper base, beam 5, temperature 0.
    Provenance: library (jiwer 4.0.0, the vendor-independent Whisper of faster-whisper 1.2.1).
    Licence: jiwer Apache-2.0, Whisper weights MIT, whisper-normalizer MIT, num2words LGPL.
    Known failures: the listener is part of the number. It repairs mispronounced words from context (too
    kind), misspells names (too harsh, for every arm alike: read it beside the reference row), writes words
    over noise or music, can loop on long pauses, and is weaker outside English. WER is not given for
    Chinese, Japanese, Thai, Korean and other languages without agreed word boundaries; Chinese may come out
    in the other script. Compare only equal signatures.
    """

    judge = _BASE
    specs = (
        _spec("tts.wer", "Word error rate", _BASE, "words"),
        _spec("tts.cer", "Character error rate", _BASE, "characters"),
    )


class SecondJudge(_ErrorRates):
    """Word error rate by a second, smaller listener: Whisper tiny.en, English only.

    What: a check on ``tts.wer``. Two arms that the two listeners rank differently are not told apart by
    either. Formula, range, direction and statistics as ``tts.wer``.
    Needs: the take and an English script. Provenance: library (jiwer 4.0.0, faster-whisper 1.2.1).
    Licence: as ``tts.wer``. Known failures: as ``tts.wer``, more of each; it mends less, so that it is the
    harsher of the two on unclear speech. It is no independent architecture: both are Whisper.
    """

    judge = _TINY
    specs = (_spec("tts.wer_tiny_en", "Word error rate, second judge", _TINY, "words"),)


METRICS = (ErrorRates(), SecondJudge())
