"""How people deliver lines: the single-speaker telephone-prompt band, and how it is made.

    filmbench datasets fetch human-prompts
    python -m filmbench.metrics.tts.prosody_band

reads every recording of the dataset and writes ``prosody_band.toml`` anew. The band is of one professional
speaker a language, reading telephone prompts: the name says so wherever it is shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.types import Artifact
from filmbench.metrics.features.f0 import FEATURES as PITCH
from filmbench.metrics.features.speech_segments import FEATURES as SEGMENTS
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts.delivery import STATISTICS, Reading

FILE = Path(__file__).with_name("prosody_band.toml")
LEAST_LINES = 10
"""A statistic found on fewer lines, or equal on all of them, gives no band."""


@dataclass(frozen=True, slots=True)
class Band:
    """How one statistic falls over people's lines in one language: their count, mean and standard deviation."""

    n: int
    mean: float
    sd: float


@cache
def bands() -> Mapping[tuple[str, str], Band]:
    """The band, by (language, statistic)."""
    return {
        (language, statistic): Band(**figures)
        for language, statistics in tomllib.loads(FILE.read_text(encoding="utf-8"))["languages"].items()
        for statistic, figures in statistics.items()
    }


@cache
def source() -> str:
    """The dataset the band was made from, with its version."""
    return str(tomllib.loads(FILE.read_text(encoding="utf-8"))["dataset"])


def compute(lines: Iterable[tuple[str, Reading]]) -> dict[str, dict[str, Band]]:
    """The band of (language, reading) pairs: language, statistic, figures. The sd is that of a sample (n − 1)."""
    import numpy as np

    values: dict[tuple[str, str], list[float]] = {}
    for language, reading in lines:
        for statistic in STATISTICS:
            if statistic.banded:
                with suppress(Unmeasurable):
                    values.setdefault((language, statistic.id), []).append(statistic.measure(reading))
    found: dict[str, dict[str, Band]] = {}
    for (language, id), figures in sorted(values.items()):
        if len(figures) >= LEAST_LINES and np.std(figures) > 0:
            band = Band(len(figures), round(float(np.mean(figures)), 4), round(float(np.std(figures, ddof=1)), 4))
            found.setdefault(language, {})[id] = band
    return found


def readings(dataset: Dataset) -> Iterator[tuple[str, Reading]]:
    """(Language, reading) of every recording in ``dataset`` that holds speech."""
    from filmbench.harness.media.clip import AudioClip

    for sample in dataset.samples:
        recording = sample.references["speech"]
        assert isinstance(recording, Artifact)
        clip = AudioClip(recording, dataset.media[recording.sha256])
        segments, track = (feature.compute(clip, sample) for feature in (*SEGMENTS, *PITCH))
        with suppress(Unmeasurable):
            yield sample.language or "", Reading.of(sample.text(), sample.language, segments, track)


def as_toml(dataset: str, found: Mapping[str, Mapping[str, Band]]) -> str:
    """The text of ``prosody_band.toml``."""
    lines = [
        "# Made by: python -m filmbench.metrics.tts.prosody_band",
        'name = "single-speaker telephone-prompt band"',
        f'dataset = "{dataset}"',
    ]
    for language, statistics in found.items():
        lines += ["", f"[languages.{language}]"]
        lines += [f"{id} = {{ n = {b.n}, mean = {b.mean}, sd = {b.sd} }}" for id, b in statistics.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the band anew from ``human-prompts`` and write the file."""
    from filmbench.harness.dataset import catalogue

    dataset = catalogue.load("human-prompts")
    FILE.write_text(as_toml(dataset.ref, compute(readings(dataset))), encoding="utf-8")


if __name__ == "__main__":
    main()
