"""DNSMOS: predicted quality of signal, background and whole, without a reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import mono, python, scored, signature, threads, weights
from filmbench.metrics.tts.loudness import FILTER, integrated

RATE = 16_000
WINDOW = 144_160
BATCH = 4
TARGET_LUFS = -26.0

COLUMNS = (
    ("tts.dnsmos_sig", "DNSMOS signal"),
    ("tts.dnsmos_bak", "DNSMOS background"),
    ("tts.dnsmos_ovrl", "DNSMOS overall"),
    ("tts.dnsmos_p808", "DNSMOS P.808"),
)

# The published maps from the network's raw output to the P.835 scale, highest power first.
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


class Dnsmos:
    """Mean opinion scores that two networks predict for noisy speech. 1 bad … 5 excellent; higher is better.

    ``tts.dnsmos_sig`` is how natural the speech itself is, ``tts.dnsmos_bak`` how unobtrusive what lies behind it,
    ``tts.dnsmos_ovrl`` the whole (all three after ITU-T P.835), ``tts.dnsmos_p808`` the whole by another network
    (after ITU-T P.808).

    **Use**: hiss, hum, babble, codec damage. Made for noise suppression, so the background column is the strongest.
    **Input**: the take alone, mono at 16 kHz, brought to -26 LUFS first: the networks read level as quality (a clean
    file at a tenth of its amplitude loses 0.8). Where that gain would lift a peak over full scale, it is made smaller.
    Windows of 9.01 s every second are averaged. **A take shorter than 9.01 s is repeated until it is long enough**, as
    published: a line of two seconds is heard eight times, joins included. At least 0.5 s.
    **Scale, measured**: clean reading 3.2 / 3.6 signal, 4.0 background, 3.2 overall, 3.8 to 3.9 P.808; with babble at
    0 dB 1.2, 1.2, 1.1, 2.5. No reading reaches 5.
    **Known failures**: trained on English video-call audio: acted whispers and shouts read as damage, music and ambience
    as noise. It hears no words. Joins of repeated short takes cost up to a few tenths: compare arms on the same lines.
    **Provenance**: library: the networks and maps published with DNSMOS, pinned by sha256; fed here in batches, equal
    within 0.001 to ``speechmos.dnsmos.run`` on the same samples (a test holds the two together). PLCMOS is left out: it
    is not deterministic.
    **Source**: Reddy, Gopal and Cutler, "DNSMOS P.835", ICASSP 2022; "DNSMOS", ICASSP 2021;
    github.com/microsoft/DNS-Challenge.
    **Licence**: MIT.
    """

    specs = tuple(
        MetricSpec(
            id=id,
            title=title,
            unit="MOS",
            signature=signature(
                id,
                "speechmos",
                "onnxruntime",
                weights=("dnsmos-p808" if id.endswith("p808") else "dnsmos-p835",),
                settings=f"sr:{RATE};resample:soxr_hq;level:{TARGET_LUFS:g}LUFS/{FILTER};window:9.01;hop:1",
            ),
            contracts=("tts",),
            higher_is_better=True,
            provenance="library",
            low=1.0,
            high=5.0,
            worst=1.0,
            requires=(
                python("onnxruntime"),
                python("librosa"),
                python("pyloudnorm", "pip install pyloudnorm"),
                weights("dnsmos-p835"),
                weights("dnsmos-p808"),
            ),
            licence="MIT",
        )
        for id, title in COLUMNS
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        return scored(self.specs, lambda: predict(levelled(mono(view.output("speech"), RATE, least=0.5))))


def levelled(samples: Any) -> Any:
    """Mono samples at 16 kHz brought to ``TARGET_LUFS``, or as near as full scale allows."""
    import numpy as np

    gain = 10 ** ((TARGET_LUFS - integrated(samples, RATE)) / 20)
    return samples * np.float32(min(gain, 1 / np.abs(samples).max()))


def predict(samples: Any) -> tuple[float, float, float, float]:
    """Signal, background, overall (P.835) and P.808 scores of mono samples in -1..1 at 16 kHz, shape (n,)."""
    import numpy as np

    windows = _windows(samples)
    p835, p808 = _session("dnsmos-p835"), _session("dnsmos-p808")
    raw, whole = [], []
    for start in range(0, len(windows), BATCH):
        batch = np.ascontiguousarray(windows[start : start + BATCH])
        raw.append(p835.run(None, {"input_1": batch})[0])
        whole.append(p808.run(None, {"input_1": _log_mel(batch[:, :-160])})[0])
    signal, background, overall = np.concatenate(raw).T.astype(np.float64)
    return (
        float(np.polyval(SIGNAL, signal).mean()),
        float(np.polyval(BACKGROUND, background).mean()),
        float(np.polyval(OVERALL, overall).mean()),
        float(np.concatenate(whole).mean(dtype=np.float64)),
    )


def _windows(samples: Any) -> Any:
    """All whole windows, (windows, WINDOW) float32, of the samples doubled until one fits."""
    import numpy as np

    while len(samples) < WINDOW:
        samples = np.tile(samples, 2)
    whole_seconds = len(samples) // RATE
    starts = [
        second * RATE
        for second in range(int(whole_seconds - WINDOW / RATE) + 1)
        # As published: where this product rounds down by one sample, the window is left out.
        if int((second + WINDOW / RATE) * RATE) == second * RATE + WINDOW
    ]
    return np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), WINDOW)[starts]


def _log_mel(batch: Any) -> Any:
    """The P.808 network's input, (windows, 900, 120): 120 mel bands in dB under each window's own maximum."""
    import numpy as np

    size, hop = 321, 160
    padded = np.pad(batch, ((0, 0), (size // 2, size // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::hop]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * hann)) ** 2
    mel = np.maximum(power.astype(np.float32) @ _mel_bands().T, 1e-10)
    decibels = 10 * np.log10(mel / mel.max(axis=(1, 2), keepdims=True))
    return ((np.maximum(decibels, -80) + 40) / 40).astype(np.float32)


@cache
def _mel_bands() -> Any:
    from librosa.filters import mel

    return mel(sr=RATE, n_fft=321, n_mels=120)


@cache
def _session(name: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    return onnxruntime.InferenceSession(str(models.path(name)), options, providers=["CPUExecutionProvider"])


METRICS = (Dnsmos(),)
