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
