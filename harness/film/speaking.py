"""How long words take to say: speaking rates by language, and how they are measured.

    filmbench datasets fetch human-prompts
    python -m filmbench.harness.film.speaking

has lines of known text spoken, or takes people's readings of them, and writes ``speaking.toml`` anew: words and
letters divided by seconds from the first sound to the last, pauses within included. Where a neural voice speaks the
language it reads our film dialogue, which is what we estimate; else people reading telephone prompts; else the best
voice there is. A figure is one or two speakers', so that an actor may be a quarter faster or slower.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("speaking.toml")
WORD = re.compile(r"\w+(?:['’.,\-]\w+)*")
SILENT_DB = -40.0
"""Below the loudest 10 ms of a recording: silence at its edges."""
VOICES = {
    "en": ("local/kokoro", ("af_heart", "am_puck")),
    "es": ("local/kokoro", ("ef_dora", "em_alex")),
    "fi": ("local/festival", ("suo_fi_lj_diphone",)),
}
"""Who reads ``film-lines`` in which language, taking turns line by line."""
READINGS = ("fr", "it")
"""Languages measured on people's readings in ``human-prompts``."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``words`` and ``letters`` (figures are letters) a second of speech; ``source`` says who spoke what."""

    words: float
    letters: float
    source: str


def words(text: str) -> int:
    """Words in ``text``: letters and figures, held together by apostrophes, hyphens and decimal points."""
    return len(WORD.findall(text))


def letters(text: str) -> int:
    """Letters and figures in ``text``."""
    return sum(sign.isalnum() for sign in text)


@cache
def rates() -> dict[str, Rate]:
    """The measured rates, by language."""
    measured = tomllib.loads(FILE.read_text(encoding="utf-8"))["languages"]
    return {
        language: Rate(one["words_per_second"], one["letters_per_second"], one["source"])
        for language, one in measured.items()
    }


def rate(language: str) -> Rate:
    """The rate of ``language``; of one that was not measured, the mean of those that were, and its source says so."""
    known = rates()
    if language in known:
        return known[language]
    count = len(known)
    return Rate(
        sum(one.words for one in known.values()) / count,
        sum(one.letters for one in known.values()) / count,
        f"not measured; the mean of {', '.join(sorted(known))}",
    )


def seconds(text: str, language: str) -> float:
    """How long ``text`` takes to say: its letters at the language's rate, for words differ in length."""
    return letters(text) / rate(language).letters


def main() -> None:
    """Measure anew and write the file."""
    FILE.write_text(_toml([*_spoken(), *_read()]), encoding="utf-8")


def _read() -> Iterator[tuple[str, str, str, float]]:
    from filmbench.harness.dataset import catalogue
    from filmbench.harness.types import Artifact

    dataset = catalogue.load("human-prompts")
    for sample in dataset.samples:
        recording = sample.references["speech"]
        if sample.language in READINGS and isinstance(recording, Artifact):
            source = f"one person reading {dataset.ref}"
            yield sample.language, source, sample.text(), _sounding(dataset.media[recording.sha256])


def _spoken() -> Iterator[tuple[str, str, str, float]]:
    from tempfile import TemporaryDirectory

    from filmbench.harness import registry
    from filmbench.harness.dataset import catalogue
    from filmbench.harness.protocols import LocalEngine
    from filmbench.harness.types import Arm, Request

    dataset = catalogue.load("film-lines")
    engines = {id: registry.providers().get(id) for id, _ in VOICES.values()}
    for language, (id, voices) in VOICES.items():
        engine = engines[id]
        assert isinstance(engine, LocalEngine)
        engine.load()
        source = f"{id} ({', '.join(voices)}) reading {dataset.ref}"
        defaults = {name: param.default for name, param in engine.spec.params.items()}
        lines = [sample for sample in dataset.samples if sample.language == language]
        for number, sample in enumerate(lines):
            arm = Arm(id, id, defaults | {"voice": voices[number % len(voices)]})
            with TemporaryDirectory() as folder:
                made = engine.render(Request("tts", sample, arm, engine.identity()), _NoMedia(), Path(folder))
                spoken = made["speech"]
                assert not isinstance(spoken, list)
                yield language, source, sample.text(), _sounding(spoken[0])


class _NoMedia:
    """A line of text refers to no file."""

    def path(self, artifact: object) -> Path:
        raise KeyError(artifact)


def _sounding(file: Path) -> float:
    """Seconds from the first sound of a recording to its last."""
    import numpy as np
    import soundfile

    samples, sample_rate = soundfile.read(file, dtype="float32", always_2d=True)
    step = sample_rate // 100
    count = len(samples) // step
    level = np.sqrt((samples[: count * step, 0].reshape(count, step) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (SILENT_DB / 20))
    return float(loud[-1] - loud[0] + 1) / 100


def _toml(lines: Iterable[tuple[str, str, str, float]]) -> str:
    totals: dict[tuple[str, str], list[float]] = {}
    for language, source, text, lasts in lines:
        total = totals.setdefault((language, source), [0, 0, 0, 0])
        for at, more in enumerate((1, words(text), letters(text), lasts)):
            total[at] += more
    text = "# Made by: python -m filmbench.harness.film.speaking\n"
    for (language, source), (count, said, spelled, lasted) in sorted(totals.items()):
        text += f'\n[languages.{language}]\nsource = "{source}"\nlines = {count:.0f}\nseconds = {lasted:.1f}\n'
        text += f"words_per_second = {said / lasted:.3f}\nletters_per_second = {spelled / lasted:.3f}\n"
    return text


if __name__ == "__main__":
    main()
