"""Real speech for the metrics: sentences from an engine on this machine, damaged in seeded ways."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from filmbench.harness.protocols import Clip, ProviderSpec
from filmbench.harness.types import Outcome, Sample, Take, Timing
from filmbench.metrics.features.speaker import FEATURES
from filmbench.metrics.selfcheck import Sound

LINES = {
    ("slt", 0): "The lamp was still warm when we got there, so whoever lit it cannot have gone far into the marsh.",
    ("slt", 1): "Nobody has opened this door since the summer the river came up to the second stair.",
    ("rms", 0): "You told me the ferry left at nine, and now you say it never sailed at all that night.",
}


@dataclass
class View:
    """A take whose media are held in memory."""

    speech: Clip
    human: Clip | None = None
    prompt: Clip | None = None
    role: str = "arm"
    computed: dict[tuple[str, str], Any] = field(default_factory=dict)
    sample = Sample("s", "d", {"text": "a line"})
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)

    @property
    def spec(self) -> ProviderSpec:
        return ProviderSpec("test/one", ("tts",), "One", "1", "CC0", role=self.role)  # type: ignore[arg-type]

    def output(self, role: str) -> Clip:
        return {"speech": self.speech}[role]

    def reference(self, role: str) -> Clip | None:
        return {"speech": self.human}[role]

    def input(self, role: str) -> Clip | None:
        return {"voice_sample": self.prompt}[role]

    def feature(self, id: str, clip: Clip) -> Any:
        feature = next(feature for feature in FEATURES if feature.spec.id == id)
        return self.computed.setdefault((id, clip.artifact.sha256), feature.compute(clip, self.sample))


class Studio:
    """What the tests make of sound."""

    clip = Sound
    view = View

    def copy(self, speech: Clip, human: Clip) -> View:
        """A floor row: ``speech`` was made by damaging ``human``."""
        return View(speech, human, role="floor")

    def silence(self, seconds: float = 2.0, rate: int = 16_000) -> Sound:
        return Sound(np.zeros(int(seconds * rate)), rate)

    def noisy(self, clip: Clip, snr: float) -> Sound:
        """The clip with white noise ``snr`` dB under its mean power."""
        wave = clip.channels()
        noise = np.random.default_rng(0).standard_normal(wave.shape)
        return Sound(wave + np.sqrt((wave**2).mean()) * 10 ** (-snr / 20) * noise, clip.rate)

    def louder(self, clip: Clip, db: float) -> Sound:
        return Sound(clip.channels() * 10 ** (db / 20), clip.rate)

    def first(self, clip: Clip, seconds: float) -> Sound:
        return Sound(clip.channels()[: round(seconds * clip.rate)], clip.rate)

    def broken(self, clip: Clip) -> Sound:
        """The clip with one sample that is not a number."""
        wave = clip.channels().copy()
        wave[len(wave) // 2] = np.nan
        return Sound(wave, clip.rate)

    def unusable(self, clip: Clip, short: float = 0.05) -> tuple[tuple[Sound, str], ...]:
        """Clips that no metric can judge, and a word of the reason each must give."""
        return (
            (self.silence(), "silent"),
            (Sound(np.full(32_000, 0.2), 16_000), "silent"),
            (self.broken(clip), "not finite"),
            (self.first(clip, short), "too short"),
            (Sound(np.zeros((0, 1)), 16_000), "empty"),
        )


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()


@pytest.fixture(scope="session")
def speak(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Sound]:
    if not shutil.which("flite"):
        pytest.skip("needs flite: apt-get install flite")
    folder: Path = tmp_path_factory.mktemp("speech")

    def line(voice: str, number: int) -> Sound:
        wav = folder / f"{voice}-{number}.wav"
        subprocess.run(["flite", "-voice", voice, "-t", LINES[voice, number], "-o", str(wav)], check=True)
        return Sound(*soundfile.read(wav, dtype="float32"))

    return line


@pytest.fixture(scope="session")
def woman(speak) -> Sound:
    """About six seconds of a woman's voice, mono, 16 kHz."""
    return speak("slt", 0)


@pytest.fixture(scope="session")
def woman_again(speak) -> Sound:
    """The same voice with another line."""
    return speak("slt", 1)


@pytest.fixture(scope="session")
def man(speak) -> Sound:
    """About five seconds of a man's voice, mono, 16 kHz."""
    return speak("rms", 0)
