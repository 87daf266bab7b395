"""DistillMOS: predicted quality of speech, without a reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import mono, python, scored, signature, threads, weights
from filmbench.metrics.selfcheck import Expect

RATE = 16_000
WINDOW = 122_880
HOP = 16_000


class DistillMos:
    """Mean opinion score of speech quality as a small network predicts it.

    What: a no-reference check that speech is clean and natural sounding; one of the two primary columns
    of the contract ``tts``. It stands where UTMOS often stands.
    Needs: the take alone, mixed to mono at 16 kHz. Windows of 7.68 s, at most 1 s apart, are averaged;
    a shorter clip is padded with zeros at its end.
    Range: 1 bad … 5 excellent, higher is better. Measured: human prompts 4.3, the same in noise of their own spectrum
    at 20, 10 and 0 dB 3.7, 3.0 and 1.7, hard clipped 2.4, low-passed at 3.5 kHz 3.9; hibari 4.6, flite slt 3.1.
    Ignores: level; each window is scaled to its peak before the network sees it.
    Known failures: good systems of 2025 and later all land between 4.2 and 4.7, so it finds breakage and
    does not rank them. It hears no words: fluent nonsense scores high. Half a second of silence on both sides moves it
    by up to 0.2. How it takes acted whispers and shouts is not documented.
    Provenance: library ``distillmos`` with its published weights, pinned by sha256; the windows are cut
    here, by the library's own rule, so that a long take does not need gigabytes (a test holds the two equal).
    Source: Stahl and Gamper, "Distillation and Pruning for Scalable Self-Supervised Representation-Based Speech Quality
    Assessment"; github.com/microsoft/Distill-MOS.
    Licence: MIT, code and weights.
    """

    specs = (
        MetricSpec(
            id="tts.distillmos",
            title="DistillMOS",
            unit="MOS",
            signature=signature(
                "tts.distillmos", "distillmos", weights=("distillmos",), settings=f"sr:{RATE};resample:soxr_hq"
            ),
            contracts=("tts",),
            higher_is_better=True,
            provenance="library",
            low=1.0,
            high=5.0,
            worst=1.0,
            requires=(python("torch"), python("distillmos"), weights("distillmos")),
            licence="MIT",
        ),
    )

    expects = (Expect(ignores={"gain": 0.01, "rate": 0.1}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        return scored(self.specs, lambda: (predict(mono(view.output("speech"), RATE, least=0.5)),))


def predict(samples: Any) -> float:
    """DistillMOS (1..5) of mono samples at 16 kHz, shape (n,)."""
    import torch

    model = _model()
    with torch.inference_mode():
        scores = [model(window[None]).item() for window in _windows(torch.tensor(samples))]
    return float(sum(scores) / len(scores))


def _windows(wave: Any) -> list[Any]:
    """Equally spaced windows over the whole wave, at most ``HOP`` apart; one zero-padded window if it is short."""
    import numpy as np
    from torch.nn.functional import pad

    spare = len(wave) - WINDOW
    if spare <= 0:
        return [pad(wave, (0, -spare))]
    count = int(np.ceil(spare / HOP)) + 1
    return [wave[start : start + WINDOW] for start in (int(part * spare) for part in np.linspace(0, 1, count))]


@cache
def _model() -> Any:
    import torch
    from distillmos import ConvTransformerSQAModel

    torch.set_num_threads(threads())
    model = ConvTransformerSQAModel(load_weights=False, segmenting_in_forward=False)
    model.load_state_dict(torch.load(models.path("distillmos"), map_location="cpu", weights_only=True)["model"])
    return model.eval()


METRICS = (DistillMos(),)
