"""DNSMOS: predicted quality of signal, background and whole, without a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import mono, python, scored, signature, threads, weights
from filmbench.metrics.selfcheck import Change, Expect
from filmbench.metrics.tts.loudness import FILTER, levelled

RATE = 16_000
WINDOW = 144_160
HOP_FRAMES = 100
HALO = 4
PIECE = 96
TARGET_LUFS = -26.0
IGNORES: Mapping[Change, float] = {"gain": 0.01, "rate": 0.1}

COLUMNS = (
    ("tts.dnsmos_sig", "DNSMOS signal"),
    ("tts.dnsmos_bak", "DNSMOS background"),
    ("tts.dnsmos_ovrl", "DNSMOS overall"),
    ("tts.dnsmos_p808", "DNSMOS P.808"),
)

# Where the P.835 network is cut: samples, log spectrum, halved output of its fourth convolution, scores.
CUTS = ("input_1", "adjusted_input6", "mos_estimator_logpow/conv2d_3/Relu:0_pooling0", "Identity:0")

# The published maps from the network's raw output to the P.835 scale, highest power first.
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)


class Dnsmos:
    """Mean opinion scores that two networks predict for noisy speech.

    ``tts.dnsmos_sig`` is how natural the speech itself is, ``tts.dnsmos_bak`` how unobtrusive what lies behind it,
    ``tts.dnsmos_ovrl`` the whole (all three after ITU-T P.835), ``tts.dnsmos_p808`` the whole by another network
    (after ITU-T P.808).

    What: hiss, hum, babble, codec damage. Made for noise suppression, so the background column is the strongest.
    Needs: the take alone, mono at 16 kHz, brought to -26 LUFS first: the networks read level as quality (a clean
    file at a tenth of its amplitude loses 0.8). Where that gain would lift a peak over full scale, it is made smaller.
    Windows of 9.01 s every second are averaged. A take shorter than 9.01 s is repeated until it is long enough, as
    published: a line of two seconds is heard eight times, joins included. At least 0.5 s.
    Range: 1 bad … 5 excellent, higher is better. Measured (signal, background, overall, P.808): human prompts
    3.5, 4.0, 3.2, 3.8; the same in noise of their own spectrum at 20 dB 3.6, 3.3, 2.8, 3.4, at 0 dB 1.4, 1.2, 1.1, 2.3.
    Known failures: made for video calls, so music and ambience are noise to it. It hears no words. Short takes score
    lower: the same ten seconds cut into pieces of 5 s and of 2 s went from 3.2 to 3.0 and 2.7 overall, from 3.7 to 3.7
    and 3.1 by P.808, so compare arms on the same lines. The signal column does not move until white noise comes within
    about 10 dB of the speech, and hardly at all with overdrive. The published code loses, to a rounding error, the
    windows that begin in seconds 7 to 23 (and 119 to 122), and so does this one, to stay comparable: a take of 17 to
    34 s is judged by its first 15 s.
    Provenance: library: the networks and maps published with DNSMOS, pinned by sha256; what windows share is
    computed once, which is faster and equal within 0.001 to ``speechmos.dnsmos.run`` on the same samples (a test
    holds the two together). PLCMOS is left out: it is not deterministic.
    Source: Reddy, Gopal and Cutler, "DNSMOS P.835", ICASSP 2022; "DNSMOS", ICASSP 2021;
    github.com/microsoft/DNS-Challenge.
    Licence: MIT.
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
                python("onnx"),
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

    expects = (
        Expect(damage="heavy noise", ignores=IGNORES),
        Expect(ignores=IGNORES),
        Expect(ignores=IGNORES),
        Expect(ignores=IGNORES),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""

        def all_four() -> tuple[float, float, float, float]:
            return predict(levelled(mono(view.output("speech"), RATE, least=0.5), RATE, TARGET_LUFS))

        return scored(self.specs, all_four)


def predict(samples: Any) -> tuple[float, float, float, float]:
    """Signal, background, overall (P.835) and P.808 scores of mono samples in -1..1 at 16 kHz, shape (n,)."""
    import numpy as np

    windows, kept = _windows(samples)
    signal, background, overall = _p835(windows, kept).T
    return (
        float(np.polyval(SIGNAL, signal).mean()),
        float(np.polyval(BACKGROUND, background).mean()),
        float(np.polyval(OVERALL, overall).mean()),
        _p808(windows[kept]),
    )


def _windows(samples: Any) -> tuple[Any, list[int]]:
    """Windows of the samples, doubled until one fits: (seconds, WINDOW) float32, and which of them are scored."""
    import numpy as np

    while len(samples) < WINDOW:
        samples = np.tile(samples, 2)
    count = int(len(samples) // RATE - WINDOW / RATE) + 1
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), WINDOW)[::RATE][:count]
    # As published: a window is left out where its end in seconds, times the rate, rounds down by one sample.
    kept = [second for second in range(count) if int((second + WINDOW / RATE) * RATE) == second * RATE + WINDOW]
    return windows[: kept[-1] + 1], kept


def _p835(windows: Any, kept: list[int]) -> Any:
    """The P.835 network's raw output, (kept, 3), for windows one second apart.

    Neighbours share eight of their nine seconds, and nearly all of the work lies in four convolutions that look
    ``HALO`` frames far. So these run once over the whole take and again only at the edges of each window,
    where the network sees zeros instead of the neighbouring sound.
    """
    import numpy as np

    spectrum, trunk, head = (_stage(*ends) for ends in pairwise(CUTS))
    first, *later = (spectrum(window[None]) for window in windows)
    frames = np.concatenate([first, *(window[:, :, -HOP_FRAMES:] for window in later)], axis=2)
    whole = np.concatenate([*_pieces(trunk, frames)], axis=2)
    raw = []
    for start in (second * HOP_FRAMES for second in kept):
        stop = start + first.shape[2]
        inside = whole[:, :, start // 2 : stop // 2].copy()
        inside[:, :, : HALO // 2] = trunk(frames[:, :, start : start + 2 * HALO])[:, :, : HALO // 2]
        inside[:, :, -HALO // 2 :] = trunk(frames[:, :, stop - 2 * HALO : stop])[:, :, -HALO // 2 :]
        raw.append(head(inside))
    return np.concatenate(raw).astype(np.float64)


def _pieces(trunk: Callable[[Any], Any], frames: Any) -> Iterator[Any]:
    """The trunk over all frames, piece by piece, so that its wide layers stay small in memory."""
    for start in range(0, frames.shape[2], PIECE):
        before = min(start, HALO)
        piece = trunk(frames[:, :, start - before : start + PIECE + HALO])
        yield piece[:, :, before // 2 : (before + PIECE) // 2]


def _p808(windows: Any) -> float:
    """The P.808 network's mean score of windows, (n, WINDOW)."""
    import numpy as np

    network = _p808_network()
    scores = [network.run(None, {"input_1": _log_mel(window[None, :-160])})[0] for window in windows]
    return float(np.concatenate(scores).mean(dtype=np.float64))


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
def _stage(begin: str, end: str) -> Callable[[Any], Any]:
    """The part of the P.835 network between two of its tensors, as a function of one array."""
    import onnx
    from onnx.utils import Extractor

    network = onnx.load(models.path("dnsmos-p835"))
    shapes: dict[str, list[str | int | None]] = {CUTS[1]: ["n", 1, "frames", 161], CUTS[2]: ["n", 32, "pairs", 80]}
    del network.graph.value_info[:]
    network.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()
    )
    session = _session(Extractor(network).extract_model([begin], [end]).SerializeToString())
    return lambda array: session.run(None, {begin: array})[0]


@cache
def _p808_network() -> Any:
    return _session(str(models.path("dnsmos-p808")))


def _session(network: str | bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


METRICS = (Dnsmos(),)
