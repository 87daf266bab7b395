"""The recipe of ``noisy-speech``: readings of ``human-prompts`` in noise at known ratios, mixed in whole numbers."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.types import Artifact, Sample

SOURCE = "human-prompts@1.0.0"
RATE = 16_000
PROMPTS = {
    "en/conf-onlyone": "hiss",
    "en/demo-nomatch": "rumble",
    "en/followme/sorry": "crowd",
    "en/pbx-invalidpark": "hiss",
    "en/queue-youarenext": "rumble",
    "en/vm-rec-busy": "crowd",
}
"""Which reading is heard in which noise."""
CROWD = ("es/auth-incorrect", "fr/auth-incorrect", "it/auth-incorrect", "ru/auth-incorrect")
RATIOS = {0: 1, 10: 10, 20: 100}
"""Speech over noise in decibels, and as a ratio of power."""
RUMBLE_SAMPLES = 64
"""Rumble is hiss averaged over so many samples: little is left of it above 250 Hz."""


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Each reading at each ratio. Fetches ``human-prompts`` where it is not on this machine."""
    import numpy as np
    from filmbench.harness.dataset import catalogue

    catalogue.fetch(SOURCE.partition("@")[0], progress)
    source = catalogue.load(SOURCE)
    readings = {sample.id: sample for sample in source.samples}

    def samples_of(prompt: str) -> Any:
        artifact = readings[prompt].references["speech"]
        assert isinstance(artifact, Artifact)
        return _read(source.media[artifact.sha256])

    crowd = [samples_of(prompt) for prompt in CROWD]
    for done, (prompt, kind) in enumerate(PROMPTS.items()):
        progress(prompt, done, len(PROMPTS))
        name = prompt.partition("/")[2].replace("/", "-")
        clean = samples_of(prompt) // 2
        noise = _noise(kind, len(clean), crowd, np.random.default_rng(done))
        truth = _written(content, f"media/{name}.wav", clean)
        for decibels, ratio in RATIOS.items():
            yield Sample(
                id=f"{name}-{kind}-{decibels}",
                dataset=f"{manifest.name}@{manifest.version}",
                inputs={"sound": _written(content, f"media/{name}-{decibels}.wav", mixed(clean, noise, ratio))},
                references={"sound": truth, "text": readings[prompt].text()},
                language="en",
                cluster=name,
                tags=frozenset({kind, f"snr-{decibels}"}),
            )


def mixed(clean: Any, noise: Any, ratio: int) -> Any:
    """``clean`` plus ``noise`` at one part in ``ratio`` of its power: int64 within 16 bits."""
    import numpy as np

    power, disturbance = int((clean * clean).sum()), int((noise * noise).sum())
    gain = math.sqrt(power / (disturbance * ratio))
    return np.clip(clean + np.rint(noise * gain).astype(np.int64), -32768, 32767)


def _noise(kind: str, length: int, crowd: list[Any], rng: Any) -> Any:
    import numpy as np

    hiss = plates.bell(rng, (length + RUMBLE_SAMPLES,), 2000)
    if kind == "hiss":
        return hiss[:length]
    if kind == "rumble":
        sums = np.cumsum(hiss)
        return (sums[RUMBLE_SAMPLES:] - sums[:-RUMBLE_SAMPLES]) // RUMBLE_SAMPLES
    return sum(np.resize(np.roll(voice, 7000 * number), length) for number, voice in enumerate(crowd))


def _read(path: Path) -> Any:
    import numpy as np

    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)


def _written(content: Content, place: str, samples: Any) -> Artifact:
    path = content.file(place)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return content.artifact(path, "audio/wav")
