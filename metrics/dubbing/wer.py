"""Can the dub be understood, and in the right language?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Json, Score
from filmbench.metrics import measure
from filmbench.metrics.dubbing import hearing
from filmbench.metrics.features.heard import FEATURES as HEARD
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts.normalise import normalise
from filmbench.metrics.tts.wer import rate

_PACKAGES = ("jiwer", "whisper-normalizer", "num2words")


def _spec(id: str, title: str, needs: tuple[str, ...], references: tuple[str, ...]) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="%",
        signature=measure.signature(id, *_PACKAGES, settings=f"agg:corpus|{hearing.SETTINGS}"),
        contracts=("dubbing",),
        higher_is_better=False,
        provenance="library",
        low=0.0,
        decimals=1,
        needs=needs,
        references=references,
        features=hearing.FEATURE_IDS,
        requires=(*(measure.python(package.replace("-", "_")) for package in _PACKAGES), *hearing.REQUIRES),
        statistics=("errors", "words"),
        worst=100.0,
        licence="MIT (weights), Apache-2.0 (jiwer)",
    )


class DubWordErrors:
    """Word error rate in the target language, twice: against the arm's own script, and against the translation.

    What: ``dubbing.wer_script`` asks whether the words the arm says it speaks can be understood;
    ``dubbing.wer_translation`` whether they are the human translator's words. They are two columns since they are two
    questions: a clear voice that speaks a bad draft has a low first and a high second.
    Formula: as ``tts.wer`` (corpus rate, both sides normalised). Range: 0 upwards, in percent, lower is better.
    Listener: as ``dubbing.chrf``. Needs: a script of the arm's (first), the sample's translation (second).
    Known failures: those of ``tts.wer``; music under the dub and stretched speech cost words; a free translation has
    many "errors" in the second column. Unaligned speech without background wins the first: nothing covers it.
    Provenance: library (jiwer, faster-whisper). Licence: Apache-2.0, MIT.
    """

    specs = (
        _spec("dubbing.wer_script", "Word error rate against its own script", ("dubbed", "script"), ()),
        _spec("dubbing.wer_translation", "Word error rate against the translation", ("dubbed",), ("translation",)),
    )

    def score(self, view: View) -> Sequence[Score]:
        """One Score per spec; statistics are counts of words."""
        texts = (hearing.script, hearing.translation)
        return [_errors(spec, view, text) for spec, text in zip(self.specs, texts, strict=True)]


def _errors(spec: MetricSpec, view: View, text: Callable[[View], str]) -> Score:
    try:
        tongue = hearing.target(view)
        wanted = hearing.plain(text(view), tongue)
    except Unmeasurable as error:
        return Score(spec.id, None, str(error))
    raw = hearing.heard(view)
    said = normalise(raw, tongue)
    detail: Json = {"reference": wanted, "hypothesis": said, "heard": raw}
    return rate(spec, wanted, said, tongue, detail)


class SpokenLanguage:
    """Share of takes heard in the language asked for rather than in the source's.

    What: Whisper base's choice between the two languages, on the first 30 s. Formula: takes heard in the target over
    takes, in percent; higher is better. Needs: the two languages. Ignores: what is said.
    Known failures: close languages and very short lines; Whisper base is sure of Spanish prompts only by a little when
    it may choose among all languages, less so between two.
    Provenance: library faster-whisper. Licence: MIT.
    """

    specs = (
        MetricSpec(
            id="dubbing.target_language",
            title="Heard in the target language",
            unit="%",
            signature=measure.signature("dubbing.target_language", settings=HEARD[0].spec.signature),
            contracts=("dubbing",),
            higher_is_better=True,
            provenance="library",
            low=0.0,
            high=100.0,
            decimals=0,
            needs=("dubbed",),
            features=(HEARD[0].spec.id,),
            requires=HEARD[0].spec.requires,
            statistics=("right", "takes"),
            worst=0.0,
            licence="MIT",
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed``."""
        (spec,) = self.specs
        try:
            tongue = hearing.target(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error))]
        found = view.feature(HEARD[0].spec.id, view.output("dubbed"))
        right = found["language"] == tongue
        detail: Json = {"language": found["language"], "probability": found["probability"]}
        return [Score(spec.id, 100.0 * right, statistics={"right": float(right), "takes": 1.0}, detail=detail)]


METRICS = (DubWordErrors(), SpokenLanguage())
