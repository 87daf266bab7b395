"""What cosines unrelated and translated prompts have, pair by pair, and how the table is made.

    filmbench datasets fetch human-prompts
    python -m filmbench.metrics.dubbing.adequacy_band

embeds every text of the dataset and writes ``adequacy_band.toml`` anew. A prompt and its translation are parallel, a
prompt and every other prompt's translation unrelated.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from filmbench.harness.dataset.manifest import Dataset

FILE = Path(__file__).with_name("adequacy_band.toml")


@dataclass(frozen=True, slots=True)
class Band:
    """Means and standard deviations of cosines over ``n`` prompts in two languages."""

    n: int
    parallel: float
    parallel_sd: float
    unrelated: float
    unrelated_sd: float

    def scaled(self, cosine: float) -> float:
        """0 at the unrelated mean, 1 at the parallel one."""
        return (cosine - self.unrelated) / (self.parallel - self.unrelated)


@cache
def bands() -> Mapping[frozenset[str], Band]:
    """The table, by the two languages."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {frozenset(pair.split("-")): Band(**band) for pair, band in table["pairs"].items()}


def source() -> str:
    """What the table is, for signatures: the start of its sha256."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:16]


def compute(dataset: Dataset) -> dict[str, Band]:
    """The band of every pair of languages in ``dataset``."""
    import numpy as np
    from filmbench.metrics.dubbing.adequacy import embedded
    from filmbench.metrics.tts.normalise import normalise

    texts: dict[str, dict[str, str]] = {}
    for sample in dataset.samples:
        language = str(sample.language)
        texts.setdefault(language, {})[str(sample.cluster)] = normalise(sample.text(), language)
    prompts = sorted(next(iter(texts.values())))
    vectors = {language: embedded([of[prompt] for prompt in prompts]) for language, of in texts.items()}
    found = {}
    for first, second in combinations(sorted(vectors), 2):
        cosines = vectors[first] @ vectors[second].T
        same = np.eye(len(prompts), dtype=bool)
        figures = (round(float(of), 4) for part in (cosines[same], cosines[~same]) for of in (part.mean(), part.std()))
        found[f"{first}-{second}"] = Band(len(prompts), *figures)
    return found


def as_toml(dataset: str, found: Mapping[str, Band]) -> str:
    """The text of ``adequacy_band.toml``."""
    lines = ["# Made by: python -m filmbench.metrics.dubbing.adequacy_band", f'dataset = "{dataset}"', "", "[pairs]"]
    for pair, band in found.items():
        figures = ", ".join(f"{name} = {value}" for name, value in asdict(band).items())
        lines.append(f"{pair} = {{ {figures} }}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the table anew from ``human-prompts`` and write the file."""
    from filmbench.harness.dataset import catalogue

    dataset = catalogue.load("human-prompts")
    FILE.write_text(as_toml(dataset.ref, compute(dataset)), encoding="utf-8")


if __name__ == "__main__":
    main()
