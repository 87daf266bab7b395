"""Who speaks, as a point on a sphere: the GE2E speaker embedding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import Clip, FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.measure import Unmeasurable, mono, python, signature, threads, weights
from filmbench.metrics.tts.loudness import levelled

RATE = 16_000
LEVEL_LUFS = -26.0
LEAST_SPEECH = 1.0
REMEDY = "pip install --no-deps Resemblyzer==0.1.4"


class SpeakerEmbedding:
    """The GE2E embedding of a clip: ``{"vector": 256 floats of length 1, "speech_s"}``, or ``{"reason"}``.

    The clip is brought to -26 LUFS (the network hears level: 20 dB less moves the cosine by 0.1), cut to what the
    package's voice detector takes for speech, and embedded in windows of 1.6 s whose mean is the vector. Less than one
    second of speech gives a reason instead.
    Source: Wan, Wang, Papir and Moreno, "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018;
    github.com/resemble-ai/Resemblyzer.
    """

    spec = FeatureSpec(
        id="speaker_embedding",
        signature=signature(
            "speaker_embedding", "Resemblyzer", weights=("ge2e",), settings=f"sr:{RATE};level:{LEVEL_LUFS:g}LUFS;vad"
        ),
        requires=(python("torch"), python("resemblyzer", REMEDY), python("webrtcvad"), weights("ge2e")),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample: the embedding knows no language."""
        return {}

    def compute(self, clip: Clip, sample: Sample) -> Json:
        """Embed ``clip``."""
        try:
            speech = voiced(levelled(mono(clip, RATE, LEAST_SPEECH), RATE, LEVEL_LUFS))
        except Unmeasurable as error:
            return {"reason": str(error)}
        vector: list[Json] = [round(float(part), 6) for part in _encoder().embed_utterance(speech)]
        return {"vector": vector, "speech_s": round(len(speech) / RATE, 3)}


def voiced(samples: Any) -> Any:
    """What the package's detector takes for speech, joined. Raises :class:`Unmeasurable` below one second."""
    from resemblyzer import preprocess_wav

    speech = preprocess_wav(samples)
    if len(speech) < LEAST_SPEECH * RATE:
        raise Unmeasurable(f"only {len(speech) / RATE:.2f} s of speech, at least {LEAST_SPEECH:g} s are needed")
    return speech


@cache
def _encoder() -> Any:
    import torch
    from resemblyzer import VoiceEncoder

    torch.set_num_threads(threads())
    # torch.load's default refuses anything but plain tensors in the pinned file.
    return VoiceEncoder("cpu", verbose=False, weights_fpath=models.path("ge2e"))


FEATURES = (SpeakerEmbedding(),)
