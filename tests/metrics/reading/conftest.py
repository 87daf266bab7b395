"""Real speech from the engines of this machine, and the view a metric gets of it."""

import hashlib
import shutil
import subprocess

import numpy as np
import pytest
import soundfile as sf
from filmbench.harness.media.clip import AudioClip
from filmbench.harness.registry import features
from filmbench.harness.types import Artifact, Sample

LINE = "The ship sails at half past seven, and nobody will wait for the old captain."


def clip(path):
    content = path.read_bytes()
    return AudioClip(Artifact(hashlib.sha256(content).hexdigest(), "audio/wav", len(content)), path)


class View:
    """One take and, if there is one, a person's reading; features are computed once."""

    def __init__(self, take, text=LINE, language="en", reference=None, tags=()):
        self.sample = Sample("line", "test@1", {"text": text}, language=language, tags=frozenset(tags))
        self._take = clip(take)
        self._reference = clip(reference) if reference else None
        self._features = {}

    def output(self, role):
        assert role == "speech"
        return self._take

    def reference(self, role):
        assert role == "speech"
        return self._reference

    def feature(self, id, of):
        key = (id, of.artifact.sha256)
        if key not in self._features:
            self._features[key] = features().get(id).compute(of, self.sample)
        return self._features[key]


@pytest.fixture
def view():
    return View


@pytest.fixture(scope="session")
def say(tmp_path_factory):
    """``say(text, voice)``: flite (``slt``, ``rms``) or espeak-ng (``espeak:fi``), as a WAV file."""
    folder = tmp_path_factory.mktemp("speech")

    def render(text=LINE, voice="slt"):
        path = folder / f"{hashlib.sha256(f'{voice}|{text}'.encode()).hexdigest()[:12]}.wav"
        if not path.exists():
            engine, _, name = voice.rpartition(":")
            program = "espeak-ng" if engine else "flite"
            if not shutil.which(program):
                pytest.skip(f"{program} is not installed")
            options = ["-v", name, "-w", path, text] if engine else ["-voice", name, "-t", text, "-o", path]
            subprocess.run([program, *map(str, options)], check=True, capture_output=True)
        return path

    return render


@pytest.fixture
def variant(tmp_path):
    """``variant(path, change)``: the same file with ``change(samples, rate)`` applied, as float WAV."""

    def write(path, change):
        samples, rate = sf.read(path, dtype="float32")
        changed = tmp_path / f"{len(list(tmp_path.iterdir()))}.wav"
        sf.write(changed, change(samples, rate).astype(np.float32), rate, subtype="FLOAT")
        return changed

    return write


def with_noise(snr_db):
    """A change that adds white noise at a signal-to-noise ratio, always the same noise."""

    def change(samples, rate):
        noise = np.random.default_rng(7).standard_normal(len(samples))
        return samples + noise * np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)

    return change


@pytest.fixture
def noise():
    return with_noise


def sing(pitch, formants, rate=16_000):
    """A voice made by rule: a pulse train of ``pitch`` (Hz a sample) through three resonances that glide.

    ``formants`` are (start, end) in Hz of each. Nothing is random, so that values can be pinned.
    """
    from scipy.signal import lfilter

    phase = np.cumsum(pitch) / rate
    sound = np.diff(np.floor(phase), prepend=0.0)
    for first, last in formants:
        pieces, state = [], np.zeros(2)
        for part, centre in zip(np.array_split(sound, 40), np.linspace(first, last, 40), strict=True):
            radius = np.exp(-np.pi * 90 / rate)
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * centre / rate), radius**2]
            filtered, state = lfilter([1.0], poles, part, zi=state)
            pieces.append(filtered)
        sound = np.concatenate(pieces)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="session")
def voices(tmp_path_factory):
    """Two made voices saying the same in other tempo and register: files ``low.wav`` and ``high.wav``."""
    folder = tmp_path_factory.mktemp("voices")
    for name, seconds, base, scale in (("low", 1.5, 110.0, 1.0), ("high", 1.2, 190.0, 1.15)):
        time_axis = np.arange(int(seconds * 16_000)) / 16_000
        pitch = base * 2 ** (0.25 * np.sin(2 * np.pi * time_axis / seconds))
        glides = [(730, 300), (1090, 2200), (2440, 2900)]
        samples = sing(pitch, [(scale * first, scale * last) for first, last in glides])
        sf.write(folder / f"{name}.wav", np.pad(samples, 1600), 16_000, subtype="FLOAT")
    return folder
