"""Are the words to keep still there, and the others gone? By an independent listener."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Json, Score
from filmbench.metrics import measure
from filmbench.metrics.features.transcript import FEATURES, language
from filmbench.metrics.tts.normalise import NORMALISER, normalise

_PACKAGES = ("jiwer", "whisper-normalizer", "num2words")
_JUDGE = FEATURES[0]


def _spec(id: str, title: str, statistics: tuple[str, str]) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="%",
        signature=measure.signature(id, *_PACKAGES, settings=f"norm:{NORMALISER}|agg:corpus|{_JUDGE.spec.signature}"),
        contracts=("editing/cut",),
        higher_is_better=False,
        provenance="library",
        low=0.0,
        decimals=1,
        needs=("cut",),
        features=(_JUDGE.spec.id,),
        requires=tuple(measure.python(package.replace("-", "_")) for package in _PACKAGES) + _JUDGE.spec.requires,
        statistics=statistics,
        worst=100.0,
        licence="MIT (weights), Apache-2.0 (jiwer)",
    )


class Words:
    """Words lost and words left over, heard by Whisper base in the cut. Percent, lower is better.

    What: ``cut.lost_words`` is the share of the words to keep that are not heard in the cut, or heard as another word;
    ``cut.leftover_words`` how many words are heard beyond them, as a share of the words that had to go.
    Range: 0 to 100 percent for lost words; leftover words may pass 100 where the listener hears more than was said.
    Needs: the cut, the inputs ``keep`` and ``script``. The listener is another model than any local cutter's.
    Ignores: case, punctuation, spelling (the English normaliser of Whisper on both sides; it also drops "um" and "uh",
    so that a hesitation left over is not counted here).
    Known failures: the untouched source loses no word and wins lost words (and leaves all of them over): read the two
    together. The listener errs by itself, as the reference row shows. Word order decides which of two equal words was
    lost. With nothing to remove there are no leftover words to count.
    Provenance: library jiwer (fewest edits between the words to keep and those heard: deletions and substitutions are
    lost, insertions left over).
    Source: https://github.com/jitsi/jiwer; the split is that of text-based editing, an edit script against ASR.
    Licence: MIT (weights), Apache-2.0 (jiwer).
    """

    specs = (
        _spec("cut.lost_words", "Lost words", ("lost", "kept")),
        _spec("cut.leftover_words", "Leftover words", ("leftover", "removed")),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``cut``; statistics are counts of words."""
        try:
            import jiwer
        except ImportError as error:
            return [Score(spec.id, None, f"needs the package {error.name}") for spec in self.specs]
        spoken = language(view.sample) or "en"
        keep, script = (normalise(view.sample.text(role), spoken) for role in ("keep", "script"))
        heard = normalise(str(view.feature(_JUDGE.spec.id, view.output("cut"))["text"]), spoken)
        counted = jiwer.process_words(keep, heard or "-")
        lost = counted.deletions + counted.substitutions
        left = counted.insertions
        kept, removed = len(keep.split()), len(script.split()) - len(keep.split())
        detail: Json = {"heard": heard}
        return [
            _share(self.specs[0], lost, kept, "there is no word to keep", detail),
            _share(self.specs[1], left, removed, "there was no word to remove", detail),
        ]


def _share(spec: MetricSpec, part: int, whole: int, reason: str, detail: Json) -> Score:
    if whole <= 0 or spec.statistics is None:
        return Score(spec.id, None, reason, detail=detail)
    top, bottom = spec.statistics
    return Score(spec.id, 100 * part / whole, statistics={top: part, bottom: whole}, detail=detail)


METRICS = (Words(),)
