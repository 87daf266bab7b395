"""Which phones a clip's sound holds and when, found from the sound alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import Clip, FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.features.transcript import language
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, mono, python, signature

RATE = 16_000
LEAST_SECONDS = 0.5
FRAMES_PER_SECOND = 100
ALIGNED = frozenset({"en"})
"""Languages of the acoustic model inside the package."""


class Phones:
    """``{"text": what was heard, "phones": [[name, start, end], …]}`` with times in seconds, or ``{"reason"}``.

    PocketSphinx recognises the words with its US English model, then aligns the phones of what it recognised. No text
    is given to it, so nothing of the take's making is used. Names are CMU's (``AA`` … ``ZH``), ``SIL`` between them.
    A misheard word mostly holds alike phones at the same times; speech that it cannot follow at all gives a poor curve,
    which the reference row of a table shows. English only.
    Source: github.com/cmusphinx/pocketsphinx (BSD-2-Clause).
    """

    spec = FeatureSpec(
        id="phones",
        signature=signature("phones", "pocketsphinx", settings=f"en-us;recognised,aligned;sr:{RATE};soxr_hq"),
        requires=(python("pocketsphinx", VISION_EXTRA),),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """The language spoken."""
        return {"language": language(sample) or "unknown"}

    def compute(self, clip: Clip, sample: Sample) -> Json:
        """Listen to ``clip``."""
        spoken = language(sample)
        if spoken not in ALIGNED:
            return {"reason": f"no phone aligner for {spoken or 'an unnamed language'}: English only"}
        try:
            return _aligned(mono(clip, RATE, LEAST_SECONDS))
        except (Unmeasurable, BadMedia) as error:
            return {"reason": getattr(error, "reason", str(error))}


def _aligned(samples: Any) -> Json:
    import numpy as np
    from pocketsphinx import Decoder

    sound = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    decoder = Decoder(samprate=RATE, loglevel="FATAL")  # one a clip: it adapts to what it has heard
    _hear(decoder, sound)
    heard = decoder.hyp()
    if heard is None or not heard.hypstr.strip():
        return {"reason": "no words were recognised in the sound"}
    decoder.set_alignment()
    _hear(decoder, sound)
    found = decoder.get_alignment()
    if found is None:
        return {"reason": "the recognised words could not be aligned"}
    phones: list[Json] = [
        [phone.name, phone.start / FRAMES_PER_SECOND, (phone.start + phone.duration) / FRAMES_PER_SECOND]
        for word in found
        for phone in word
    ]
    return {"text": heard.hypstr, "phones": phones}


def _hear(decoder: Any, sound: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()


FEATURES = (Phones(),)
