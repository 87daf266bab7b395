"""PESQ: perceived damage to a reading, measured against the reading itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, python, scored, signature
from filmbench.metrics.selfcheck import Expect
from filmbench.metrics.tts.aligned import RATE, reading_and_copy

LONGEST = 20.0
"""PESQ's C code keeps room for 50 utterances and checks no bound; each takes at least 0.4 s."""


class Pesq:
    """Wide-band PESQ: how much worse a damaged copy sounds than the reading it was made from.

    What: mean opinion score (MOS-LQO) after ITU-T P.862 with the mapping of P.862.2.
    Range: 1.04 to 4.64, higher is better; the reading against itself gives 4.644.
    Needs: a human reading and a sample-aligned copy of it, so it has values on reference and floor rows only, which
    give the table its scale. A free reading of the same words has none: it is not a damaged copy. Both mono at
    16 kHz, 0.5 to 20 s.
    Ignores: level, and silence around the speech.
    Known failures: made for telephony codecs and for noise; blind to pitch, voice and words. It takes out a constant
    delay, but a delay of 10 ms still costs up to 0.4 on an otherwise perfect copy. Beyond some 50 utterances
    its C code writes outside its arrays, so takes above 20 s are refused.
    Provenance: library pesq 0.0.4, called directly: torchmetrics adds only import time.
    Source: ITU-T P.862 (2001), P.862.2 (2007); Rix, Beerends, Hollier and Hekstra, ICASSP 2001.
    Licence: the wrapper is MIT, but the C source inside is the ITU's reference code, **which is not free for commercial
    use**. ``gate`` reads this column only with ``--accept-licence pesq``.
    """

    specs = (
        MetricSpec(
            id="tts.pesq_wb",
            title="PESQ, wide band",
            unit="MOS-LQO",
            signature=signature("tts.pesq_wb", "pesq", settings=f"wb;sr:{RATE};resample:soxr_hq"),
            contracts=("tts",),
            higher_is_better=True,
            provenance="library",
            low=1.0,
            high=4.65,
            references=("speech",),
            requires=(python("pesq"),),
            worst=1.0,
            licence="MIT (wrapper), ITU-T P.862 reference code, not free for commercial use",
            licence_flag="pesq",
        ),
    )

    expects = (Expect(best=4.644, ignores={"gain": 0.01, "padding": 0.1, "rate": 0.05}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech`` against the reference ``speech``."""
        return scored(self.specs, lambda: (wide_band(*reading_and_copy(view, least=0.5)),))


def wide_band(reading: Any, copy: Any) -> float:
    """MOS-LQO of two mono waves (n,) at 16 kHz. Raises :class:`Unmeasurable` where PESQ finds no speech."""
    from pesq import BufferTooShortError, NoUtterancesError, pesq

    if len(reading) > LONGEST * RATE:
        raise Unmeasurable(f"longer than {LONGEST:g} s: more utterances than PESQ's code has room for")
    try:
        return float(pesq(RATE, reading, copy, "wb"))
    except NoUtterancesError:
        raise Unmeasurable("PESQ finds no speech") from None
    except BufferTooShortError:
        raise Unmeasurable("too short for PESQ") from None


METRICS = (Pesq(),)
