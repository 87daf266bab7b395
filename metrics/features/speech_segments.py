"""Where somebody speaks: Silero's voice activity detector on onnxruntime alone, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import Clip, FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics import measure

RATE = 16_000
WINDOW = 512
CONTEXT = 64
BEGIN, END = 0.5, 0.35
"""Speech begins at a window of at least ``BEGIN`` and ends where the probability falls below ``END``."""
LEAST_SPEECH = 0.250
LEAST_SILENCE = 0.100
PAD = 0.030


class SpeechSegments:
    """Stretches of speech, ``{"seconds": whole length, "segments": [[start, end], …]}``, in seconds.

    The rules and their values are those of ``silero_vad.get_speech_timestamps`` (a test holds the two
    equal): windows of 32 ms, silences under 100 ms bridged, speech under 250 ms dropped, 30 ms added at
    both ends. So a boundary is known to about 30 ms and a gap shorter than 160 ms may go unseen.
    """

    spec = FeatureSpec(
        id="speech_segments",
        signature=measure.signature(
            "speech_segments",
            weights=("silero-vad",),
            settings=f"begin:{BEGIN}|end:{END}|speech:{LEAST_SPEECH}|silence:{LEAST_SILENCE}|pad:{PAD}|sr:{RATE}|soxr_hq",
        ),
        requires=(measure.python("onnxruntime"), measure.weights("silero-vad")),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample matters."""
        return {}

    def compute(self, clip: Clip, sample: Sample) -> Json:
        """Find the segments of ``clip``."""
        samples = clip.mono(RATE)
        seconds = len(samples) / RATE
        found = segments(probabilities(samples), seconds)
        return {"seconds": round(seconds, 4), "segments": [[round(start, 4), round(end, 4)] for start, end in found]}


def probabilities(samples: Any) -> list[float]:
    """How likely each window of 32 ms holds speech, 0..1. ``samples``: float32, shape (n,), 16 kHz."""
    import numpy as np

    detector = _detector()
    state = np.zeros((2, 1, 128), np.float32)
    padded = np.pad(samples, (CONTEXT, -len(samples) % WINDOW))
    rate = np.array(RATE, np.int64)
    found = []
    for start in range(0, len(padded) - CONTEXT, WINDOW):
        window = padded[None, start : start + CONTEXT + WINDOW]
        output, state = detector.run(None, {"input": window, "state": state, "sr": rate})
        found.append(float(output[0, 0]))
    return found


def segments(probabilities: Sequence[float], seconds: float) -> list[tuple[float, float]]:
    """Turn probabilities, one for each 32 ms, into (start, end) in seconds."""
    step = WINDOW / RATE
    found: list[tuple[float, float]] = []
    start = fading = None
    for index, probability in enumerate(probabilities):
        now = index * step
        if probability >= BEGIN:
            fading = None
            start = now if start is None else start
        elif start is not None and (probability < END or fading is not None):
            fading = now if fading is None else fading
            if probability < END and now - fading >= LEAST_SILENCE:
                found.append((start, fading))
                start = fading = None
    if start is not None:
        found.append((start, seconds))
    long_enough = [(begin, end) for begin, end in found if end - begin > LEAST_SPEECH]
    return [(max(0.0, begin - PAD), min(seconds, end + PAD)) for begin, end in long_enough]


@cache
def _detector() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(models.path("silero-vad")), sess_options=options, providers=["CPUExecutionProvider"]
    )


FEATURES = (SpeechSegments(),)
