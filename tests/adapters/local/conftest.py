"""Real engines, real recogniser: what the tests of the local engines share."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from filmbench.harness import models, registry
from filmbench.harness.protocols import LocalEngine
from filmbench.harness.types import Arm, Artifact, Request, Sample


@dataclass
class Files:
    """Artifacts that are files of this machine."""

    paths: dict[str, Path] = field(default_factory=dict)

    def add(self, path: Path, media_type: str = "audio/wav") -> Artifact:
        content = path.read_bytes()
        artifact = Artifact(sha256(content).hexdigest(), media_type, len(content))
        self.paths[artifact.sha256] = path
        return artifact

    def path(self, artifact: Artifact) -> Path:
        return self.paths[artifact.sha256]


@dataclass
class Studio:
    """Makes takes, each in a folder of its own."""

    root: Path
    media: Files = field(default_factory=Files)
    takes: int = 0
    made: dict[Any, Path] = field(default_factory=dict)

    def engine(self, id: str) -> LocalEngine:
        engine = registry.providers().get(id)
        assert isinstance(engine, LocalEngine)
        return engine

    def request(
        self,
        id: str,
        text: str,
        language: str = "en",
        take: int = 0,
        references: Mapping[str, Artifact] | None = None,
        direction: str | None = None,
        **params: Any,
    ) -> Request:
        """A request with defaults filled in, as a plan makes it."""
        filled: dict[str, Any] = {}
        for name, param in self.engine(id).spec.params.items():
            default = param.default
            filled[name] = params.get(name, default[language] if isinstance(default, dict) else default)
        inputs = {"text": text} | ({"direction": direction} if direction else {})
        sample = Sample("line", "test", inputs, references or {}, language=language)
        return Request("tts", sample, Arm(id, id, filled), {}, take=take)

    def say(self, id: str, text: str, **asked: Any) -> Path:
        """The speech file of one take."""
        self.takes += 1
        folder = self.root / str(self.takes)
        folder.mkdir()
        path, media_type = self.engine(id).render(self.request(id, text, **asked), self.media, folder)["speech"]
        assert media_type == "audio/wav"
        assert path.parent == folder
        return path

    def kept(self, id: str, text: str, **asked: Any) -> Path:
        """As :meth:`say`, but made once for all tests that ask the same."""
        key = (id, text, tuple(sorted(asked.items())))
        if key not in self.made:
            self.made[key] = self.say(id, text, **asked)
        return self.made[key]


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("takes"))


@pytest.fixture(scope="session")
def hear() -> Callable[[Path, str], str]:
    """What Whisper understands: tiny.en for English, base for other languages."""

    @cache
    def recogniser(name: str) -> Any:
        from faster_whisper import WhisperModel

        threads = int(os.environ.get("FILMBENCH_THREADS", "1"))
        return WhisperModel(str(models.folder(name)), device="cpu", compute_type="int8", cpu_threads=threads)

    def heard(path: Path, language: str = "en") -> str:
        model = recogniser("whisper-tiny-en" if language == "en" else "whisper-base")
        segments, _ = model.transcribe(str(path), language=language, temperature=0.0, no_repeat_ngram_size=3)
        return " ".join(segment.text.strip() for segment in segments)

    return heard


@pytest.fixture(scope="session")
def error_rate() -> Callable[[str, str, str, str], float]:
    """Share of words (or characters) wrong, after Whisper's own normalisation of English, or the basic one."""
    import jiwer
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    english, basic = EnglishTextNormalizer(), BasicTextNormalizer()

    def rate(asked: str, heard: str, language: str = "en", of: str = "words") -> float:
        normal = english if language == "en" else basic
        measure = jiwer.wer if of == "words" else jiwer.cer
        return float(measure(normal(asked), normal(heard) or "-"))

    return rate
