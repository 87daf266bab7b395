"""Real speech for the metrics: sentences from an engine on this machine, damaged in seeded ways."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from filmbench.harness.protocols import ProviderSpec
from filmbench.harness.types import Artifact, Outcome, Sample, Take, Timing

WOMAN = "The lamp was still warm when we got there, so whoever lit it cannot have gone far into the marsh."
MAN = "You told me the ferry left at nine, and now you say it never sailed at all that night."


@dataclass
class ArrayClip:
    """A clip held in memory: float32 of shape (n, channels) at ``rate``."""

    samples: Any
    rate: int
    artifact: Artifact = field(init=False)
    path: Path = Path("/dev/null")

    def __post_init__(self) -> None:
        self.samples = np.asarray(self.samples, dtype=np.float32)
        if self.samples.ndim == 1:
            self.samples = self.samples[:, None]
        self.artifact = Artifact(hashlib.sha256(self.samples.tobytes()).hexdigest(), "audio/wav", self.samples.nbytes)

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def mono(self, rate: int | None = None) -> Any:
        mixed = self.samples.mean(axis=1)
        if rate is None or rate == self.rate:
            return mixed
        return soxr.resample(mixed, self.rate, rate, quality="HQ").astype(np.float32)

    def channels(self) -> Any:
        return self.samples


@dataclass
class ArrayView:
    """A take whose media are arrays."""

    speech: ArrayClip
    human: ArrayClip | None = None
    prompt: ArrayClip | None = None
    role: str = "arm"
    sample = Sample("s", "d", {"text": "a line"})
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)

    @property
    def spec(self) -> ProviderSpec:
        return ProviderSpec("test/one", ("tts",), "One", "1", "CC0", role=self.role)  # type: ignore[arg-type]

    def output(self, role: str) -> ArrayClip:
        return {"speech": self.speech}[role]

    def reference(self, role: str) -> ArrayClip | None:
        return {"speech": self.human}[role]

    def input(self, role: str) -> ArrayClip | None:
        return {"voice_sample": self.prompt}[role]

    def feature(self, id: str, clip: Any) -> Any:
        raise AssertionError("signal metrics read no features")


class Sound:
    """What the tests make of sound."""

    clip = ArrayClip
    view = ArrayView

    def silence(self, seconds: float = 2.0, rate: int = 16_000) -> ArrayClip:
        return ArrayClip(np.zeros(int(seconds * rate)), rate)

    def noise(self, seconds: float = 3.0, rate: int = 16_000, level: float = 0.1) -> ArrayClip:
        return ArrayClip(level * np.random.default_rng(1).standard_normal(int(seconds * rate)), rate)

    def noisy(self, clip: ArrayClip, snr: float) -> ArrayClip:
        """The clip with white noise ``snr`` dB under its mean power."""
        noise = np.random.default_rng(0).standard_normal(clip.samples.shape)
        return ArrayClip(clip.samples + np.sqrt((clip.samples**2).mean()) * 10 ** (-snr / 20) * noise, clip.rate)

    def louder(self, clip: ArrayClip, db: float) -> ArrayClip:
        return ArrayClip(clip.samples * 10 ** (db / 20), clip.rate)

    def first(self, clip: ArrayClip, seconds: float) -> ArrayClip:
        return ArrayClip(clip.samples[: int(seconds * clip.rate)], clip.rate)

    def broken(self, clip: ArrayClip) -> ArrayClip:
        """The clip with one sample that is not a number."""
        samples = clip.samples.copy()
        samples[len(samples) // 2] = np.nan
        return ArrayClip(samples, clip.rate)


@pytest.fixture(scope="session")
def sound() -> Sound:
    return Sound()


def _flite(voice: str, text: str, folder: Path) -> ArrayClip:
    if not shutil.which("flite"):
        pytest.skip("needs flite: apt-get install flite")
    wav = folder / f"{voice}.wav"
    subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(wav)], check=True)
    samples, rate = soundfile.read(wav, dtype="float32")
    return ArrayClip(samples, rate)


@pytest.fixture(scope="session")
def woman(tmp_path_factory: pytest.TempPathFactory) -> ArrayClip:
    """About six seconds of a woman's voice, mono, 16 kHz."""
    return _flite("slt", WOMAN, tmp_path_factory.mktemp("woman"))


@pytest.fixture(scope="session")
def man(tmp_path_factory: pytest.TempPathFactory) -> ArrayClip:
    """About five seconds of a man's voice, mono, 16 kHz."""
    return _flite("rms", MAN, tmp_path_factory.mktemp("man"))
