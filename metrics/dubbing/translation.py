"""Is the dub a good translation? chrF and BLEU against what a human translator wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Json, Score
from filmbench.metrics.dubbing import hearing
from filmbench.metrics.measure import Unmeasurable, python, signature
from filmbench.metrics.tts.normalise import CHARACTERS_ONLY, normalise

CHRF = "chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no"
BLEU = "BLEU|nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp"


def _spec(id: str, title: str, formula: str, ears: bool) -> MetricSpec:
    settings = f"{formula}|mean of takes|{hearing.SETTINGS if ears else 'the script as written'}"
    return MetricSpec(
        id=id,
        title=title,
        unit="points",
        signature=signature(id, "sacrebleu", settings=settings),
        contracts=("dubbing",),
        higher_is_better=True,
        provenance="library",
        low=0.0,
        high=100.0,
        decimals=1,
        needs=("dubbed",) if ears else ("script",),
        references=("translation",),
        features=hearing.FEATURE_IDS if ears else (),
        requires=(python("sacrebleu"), *(hearing.REQUIRES if ears else ())),
        worst=0.0,
        core=id != "dubbing.script_bleu",
    )


class HeardTranslation:
    """chrF2 and BLEU of what an independent listener hears, against the human translation.

    What: how near the words of the dub, as they reach an ear, come to what a person wrote. Primary: chrF2.
    Formula: sacrebleu's chrF2 and BLEU of each take (``eff:yes``: no higher order than the take has), 0 to 100, higher
    is better; the table's value is the mean over takes, **not** corpus BLEU. Both sides are normalised first
    (``tts/normalise.py``): case and punctuation are the listener's own.
    Listener: Whisper base in the language it hears of the two (source, target); Whisper tiny.en for dubs into English.
    Needs: the sample's translation. Ignores: timing, voice, sound.
    Known failures: one human wording is the only truth, so a free but right translation scores low, and the human
    recording itself stays under 100 (the listener's errors; texts without accents). The listener's errors add to the
    translator's: see ``dubbing.script_chrf``. Unaligned speech of the human translation wins, and a chain that is given
    that translation may pass the human recording: read it with the timing columns. Lines as short as these have
    few 4-grams: trust chrF over BLEU.
    Provenance: library sacrebleu; pinned by the three-sentence example of its documentation.
    Source: Popović, "chrF", WMT 2015; Papineni et al., ACL 2002; Post, "A Call for Clarity", WMT 2018.
    Licence: Apache-2.0 (sacrebleu), MIT (Whisper's weights).
    """

    specs = (
        _spec("dubbing.chrf", "chrF2, as heard", CHRF, ears=True),
        _spec("dubbing.bleu", "Sentence BLEU, as heard", BLEU, ears=True),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the reference ``translation``."""
        try:
            tongue = hearing.target(view)
            wanted = hearing.plain(hearing.translation(view), tongue)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        raw = hearing.heard(view)
        said = normalise(raw, tongue)
        return _scores(self.specs, said, wanted, tongue, {"reference": wanted, "hypothesis": said, "heard": raw})


class ScriptTranslation:
    """chrF2 and BLEU of the script that the arm says it speaks, against the human translation.

    What: the translator alone, without voice and listener. Formula, range and direction as ``dubbing.chrf``, but on
    the texts as written, case and punctuation kept.
    Needs: an arm that gives its script; the sample's translation. Known failures: an arm may claim what it does not
    speak: see ``dubbing.wer_script``. An arm that is given the translation scores 100 by doing nothing.
    Provenance: library sacrebleu. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.script_chrf", "chrF2 of the script", CHRF, ears=False),
        _spec("dubbing.script_bleu", "Sentence BLEU of the script", BLEU, ears=False),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``script`` against the reference ``translation``."""
        try:
            tongue = hearing.target(view)
            said, wanted = (" ".join(text(view).split()) for text in (hearing.script, hearing.translation))
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        return _scores(self.specs, said, wanted, tongue, {"reference": wanted, "hypothesis": said})


def _scores(specs: Sequence[MetricSpec], said: str, wanted: str, tongue: str, detail: Json) -> list[Score]:
    chrf_spec, bleu_spec = specs
    words = tongue not in CHARACTERS_ONLY
    return [
        Score(chrf_spec.id, chrf(said, wanted), detail=detail),
        Score(bleu_spec.id, bleu(said, wanted), detail=detail)
        if words
        else Score(bleu_spec.id, None, f"words are not set apart in {tongue!r}: see chrF"),
    ]


def chrf(said: str, wanted: str) -> float:
    """chrF2 of one text, 0..100."""
    return float(metric("chrf").sentence_score(said, [wanted]).score)


def bleu(said: str, wanted: str) -> float:
    """Sentence BLEU of one text with effective order, 0..100."""
    return float(metric("bleu").sentence_score(said, [wanted]).score)


def metric(name: str) -> Any:
    """sacrebleu's own metric, set as the signature says."""
    from sacrebleu import metrics

    return metrics.CHRF() if name == "chrf" else metrics.BLEU(effective_order=True)


METRICS = (HeardTranslation(), ScriptTranslation())
