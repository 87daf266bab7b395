"""One artifact's sound, decoded once for all who read it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import Decoded, decode
from filmbench.harness.types import Artifact

KEPT_BYTES = 256 * 2**20
"""Resampled copies are kept up to this size a clip; beyond it they are made anew for each reader."""


class AudioClip:
    """Sound for metrics: mono at any rate, or the channels as they are. Arrays are read-only and shared.

    Nothing is decoded before the first reader asks, so features that are cached cost no decoding. A
    ``decoded`` file that is at hand already (from probing it) is used as it is. Raises
    :class:`~filmbench.harness.media.decode.BadMedia` at the first reading of a file that is no audio.
    """

    def __init__(self, artifact: Artifact, path: Path, decoded: Decoded | None = None) -> None:
        self.artifact = artifact
        self.path = path
        self._given = decoded
        self._mono: dict[int, Any] = {}

    @cached_property
    def _decoded(self) -> Decoded:
        return self._given or decode(self.path)

    @property
    def seconds(self) -> float:
        """Length of the sound in seconds."""
        return self._decoded.seconds

    @property
    def rate(self) -> int:
        """Sample rate as decoded, in Hz."""
        return self._decoded.rate

    def channels(self) -> Any:
        """float32 samples as decoded, shape (n, channels), full scale 1."""
        return self._decoded.samples

    def mono(self, rate: int | None = None) -> Any:
        """float32 samples, shape (n,): the mean of all channels, resampled by soxr HQ when ``rate`` differs."""
        wanted = rate or self.rate
        if wanted not in self._mono:
            samples = self._mixed() if wanted == self.rate else self._resampled(wanted)
            samples.setflags(write=False)
            if sum(kept.nbytes for kept in self._mono.values()) + samples.nbytes > KEPT_BYTES:
                return samples
            self._mono[wanted] = samples
        return self._mono[wanted]

    def _mixed(self) -> Any:
        samples = self._decoded.samples
        return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype="float32")

    def _resampled(self, rate: int) -> Any:
        import soxr

        return soxr.resample(self.mono(), self.rate, rate, quality="HQ")
