"""The level of a dub: as delivered, and against the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import python, scored, signature
from filmbench.metrics.tts.loudness import FILTER, GATING_BLOCK, OVERSAMPLING, integrated, true_peak


def _spec(id: str, title: str, unit: str, package: str, settings: str) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, package, settings=settings),
        contracts=("dubbing",),
        higher_is_better=None,
        provenance="library",
        decimals=1,
        needs=("dubbed",),
        requires=(python(package, f"pip install {package}"),),
        licence="MIT" if package == "pyloudnorm" else "BSD-3-Clause",
    )


_BS1770 = f"BS.1770-4;filter:{FILTER};block:{GATING_BLOCK}"


class DubLoudness:
    """Integrated loudness, change of loudness against the source, and true peak.

    What: ``loudness_lufs`` of the whole take (EBU R 128 asks for -23 LUFS ±0.5); ``loudness_change``: that minus the
    source's, in LU, 0 being right for a scene that goes back into its film; ``true_peak_dbtp`` (EBU R 128: at most -1).
    All two-sided. Needs: the take as decoded, all channels. Formula, golden values and failures: ``tts.loudness_lufs``
    and ``tts.true_peak_dbtp``, whose code this is. A programme's loudness is not its dialogue's: music counts too.
    Provenance: libraries pyloudnorm (filter class "DeMan") and scipy. Source: ITU-R BS.1770-4. Licence: MIT, BSD.
    """

    specs = (
        _spec("dubbing.loudness_lufs", "Loudness", "LUFS", "pyloudnorm", _BS1770),
        _spec("dubbing.loudness_change", "Loudness against the source", "LU", "pyloudnorm", _BS1770),
        _spec("dubbing.true_peak_dbtp", "True peak", "dBTP", "scipy", f"BS.1770-4;oversampling:{OVERSAMPLING}"),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed``."""
        level, change, peak = self.specs
        dub: Any = view.output("dubbed")
        source: Any = view.input("source")

        def loudness() -> tuple[float]:
            return (integrated(dub.channels(), dub.rate),)

        def against() -> tuple[float]:
            return (loudness()[0] - integrated(source.channels(), source.rate),)

        return (
            *scored((level,), loudness),
            *scored((change,), against),
            *scored((peak,), lambda: (true_peak(dub.channels(), dub.rate),)),
        )


METRICS = (DubLoudness(),)
