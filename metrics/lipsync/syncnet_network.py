"""SyncNet v2: two towers that embed five frames of a face and 0.2 s of sound so that what belongs together is near.

Chung and Zisserman, "Out of time: automated lip sync in the wild", ACCV workshop 2016. The layers are those of the
published weights (``syncnet_v2.model``), which a user brings; the sound is described as they were trained: 13 cepstra
of 26 mel bands, 25 ms each 10 ms, lifter 22, the first replaced by the log energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.metrics.measure import threads

WEIGHTS = "syncnet"
FPS, RATE = 25, 16_000
SIDE = 224
SPAN = 5
"""Frames in one window; 20 steps of cepstra."""
SHIFT = 15
"""Offsets are searched up to this many frames to either side, as the published program does."""
BATCH = 10
LIFTER, CEPSTRA, BANDS, BINS = 22, 13, 26, 512


@dataclass(frozen=True, slots=True)
class Sync:
    """``distance`` is LSE-D, ``confidence`` LSE-C; ``offset`` in frames of 40 ms, above 0 where the picture is late."""

    offset: int
    distance: float
    confidence: float


def evaluate(frames: Any, samples: Any) -> Sync:
    """Judge one face track.

    ``frames``: uint8 BGR, (n, 224, 224, 3) at 25 frames a second; ``samples``: float32 -1..1, (m,), 16 kHz. Raises
    ``ValueError`` below six frames and :class:`~filmbench.harness.models.ModelUnavailable`.
    """
    import torch

    sound = cepstra(samples * 32768.0)
    windows = min(len(frames), len(samples) * FPS // RATE) - SPAN
    if windows < 1:
        raise ValueError(f"{len(frames)} frames are too few: SyncNet needs six")
    net = network()
    faces, voices = [], []
    with torch.inference_mode():
        for start in range(0, windows, BATCH):
            at = range(start, min(windows, start + BATCH))
            pictures = torch.stack([torch.from_numpy(frames[i : i + SPAN].copy()).permute(3, 0, 1, 2) for i in at])
            heard = torch.stack([torch.from_numpy(sound[4 * i : 4 * i + 20].T.copy())[None] for i in at])
            faces.append(net.lip(pictures.float()))
            voices.append(net.audio(heard.float()))
        means = _distances(torch.cat(faces), torch.cat(voices))
    least = int(means.argmin())
    return Sync(SHIFT - least, float(means[least]), float(means.median() - means[least]))


def _distances(faces: Any, voices: Any) -> Any:
    """Mean distance of faces and voices at each of the 31 shifts; the voices are lengthened by zeros."""
    import torch

    padded = torch.nn.functional.pad(voices, (0, 0, SHIFT, SHIFT))
    shifted = (padded[shift : shift + len(faces)] for shift in range(2 * SHIFT + 1))
    return torch.stack([torch.nn.functional.pairwise_distance(faces, one).mean() for one in shifted])


def cepstra(samples: Any) -> Any:
    """Mel cepstra of ``samples`` (16-bit scale, (m,), 16 kHz): float64 (steps, 13), one each 10 ms."""
    import numpy as np
    from scipy.fft import dct

    raised = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1]).astype(np.float64)
    length, step = 400, 160
    count = 1 + max(0, -(-(len(raised) - length) // step))
    raised = np.pad(raised, (0, (count - 1) * step + length - len(raised)))
    frames = np.lib.stride_tricks.sliding_window_view(raised, length)[::step][:count]
    power = np.square(np.abs(np.fft.rfft(frames, BINS))) / BINS
    tiny = np.finfo(float).eps
    bands = np.log(np.maximum(power @ _mel_bank().T, tiny))
    found = dct(bands, type=2, axis=1, norm="ortho")[:, :CEPSTRA]
    found *= 1 + (LIFTER / 2) * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER)
    found[:, 0] = np.log(np.maximum(power.sum(axis=1), tiny))
    return found


@cache
def _mel_bank() -> Any:
    """Triangles between whole FFT bins, evenly spaced in mel from 0 to 8 kHz: (26, 257)."""
    import numpy as np

    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    bins = np.floor((BINS + 1) * hertz / RATE).astype(int)
    bank = np.zeros((BANDS, BINS // 2 + 1))
    for band, (low, middle, high) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        bank[band, low:middle] = (np.arange(low, middle) - low) / (middle - low)
        bank[band, middle:high] = (high - np.arange(middle, high)) / (high - middle)
    return bank


@cache
def network() -> Any:
    """The network with the user's weights, ready to run. Raises ``ModelUnavailable`` where they are not there."""
    import torch

    torch.set_num_threads(threads())
    net = built()
    net.load_state_dict(torch.load(models.path(WEIGHTS), map_location="cpu", weights_only=True))
    return net.eval()


def built() -> Any:
    """The network without weights; its parts bear the names that the published file uses."""
    from torch import nn

    def layers(dimension: int, *rows: Any) -> Any:
        convolution, norm, pool = (
            (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d) if dimension == 2 else (nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d)
        )
        parts: list[Any] = []
        for row in rows:
            if row[0] == "pool":
                parts.append(pool(row[1], stride=row[2], padding=row[3]))
            else:
                channels, more, size, stride, padding = row
                parts += [convolution(channels, more, size, stride=stride, padding=padding), norm(more), nn.ReLU()]
        return nn.Sequential(*parts)

    def head() -> Any:
        return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))

    class SyncNet(nn.Module):  # type: ignore[misc]
        """``audio`` takes (n, 1, 13, 20), ``lip`` (n, 3, 5, 224, 224) in 0..255; both give (n, 1024)."""

        def __init__(self) -> None:
            super().__init__()
            self.netcnnaud = layers(
                2,
                (1, 64, 3, 1, 1),
                ("pool", 1, 1, 0),
                (64, 192, 3, 1, 1),
                ("pool", 3, (1, 2), 0),
                (192, 384, 3, 1, 1),
                (384, 256, 3, 1, 1),
                (256, 256, 3, 1, 1),
                ("pool", 3, 2, 0),
                (256, 512, (5, 4), 1, 0),
            )
            self.netcnnlip = layers(
                3,
                (3, 96, (5, 7, 7), (1, 2, 2), 0),
                ("pool", (1, 3, 3), (1, 2, 2), 0),
                (96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1)),
                ("pool", (1, 3, 3), (1, 2, 2), (0, 1, 1)),
                (256, 256, (1, 3, 3), 1, (0, 1, 1)),
                (256, 256, (1, 3, 3), 1, (0, 1, 1)),
                (256, 256, (1, 3, 3), 1, (0, 1, 1)),
                ("pool", (1, 3, 3), (1, 2, 2), 0),
                (256, 512, (1, 6, 6), 1, 0),
            )
            self.netfcaud, self.netfclip = head(), head()

        def audio(self, heard: Any) -> Any:
            """Embed sound."""
            return self.netfcaud(self.netcnnaud(heard).flatten(1))

        def lip(self, pictures: Any) -> Any:
            """Embed faces."""
            return self.netfclip(self.netcnnlip(pictures).flatten(1))

    return SyncNet()
