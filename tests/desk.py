"""Media and engines, asked as a run asks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from filmbench.harness import registry
from filmbench.harness.media.open import open_medium
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import LocalEngine
from filmbench.harness.types import Arm, Artifact, Request, Sample


@dataclass
class Desk:
    """Makes media and asks engines; each take lies in a folder of its own."""

    root: Path
    paths: dict[str, Path] = field(default_factory=dict)
    takes: int = 0

    def path(self, artifact: Artifact) -> Path:
        return self.paths[artifact.sha256]

    def add(self, path: Path, media_type: str) -> Artifact:
        content = path.read_bytes()
        artifact = Artifact(sha256(content).hexdigest(), media_type, len(content))
        self.paths[artifact.sha256] = path
        return artifact

    def folder(self) -> Path:
        self.takes += 1
        folder = self.root / str(self.takes)
        folder.mkdir()
        return folder

    def film(self, frames: Any, fps: float = 24, sound: Any = None) -> Artifact:
        return self.add(*write_lossless(self.folder() / "film.mkv", frames, fps, sound))

    def still(self, array: Any) -> Artifact:
        from PIL import Image

        path = self.folder() / "still.png"
        Image.fromarray(array).save(path)
        return self.add(path, "image/png")

    def engine(self, id: str) -> LocalEngine:
        engine = registry.providers().get(id)
        assert isinstance(engine, LocalEngine)
        return engine

    def ask(self, id: str, contract: str, inputs: Mapping[str, Any], **params: Any) -> dict[str, tuple[Path, str]]:
        """The files of one take. Parameters that are not given have their defaults, as in a plan."""
        return self.answer(id, contract, Sample("one", "test", inputs), **params)

    def answer(self, id: str, contract: str, sample: Sample, **params: Any) -> dict[str, tuple[Path, str]]:
        """The files of one take of ``sample``."""
        engine = self.engine(id)
        filled = {name: param.default for name, param in engine.spec.params.items()} | params
        engine.load()
        return dict(
            engine.render(Request(contract, sample, Arm(id, id, filled), engine.identity()), self, self.folder())
        )

    def frames(self, id: str, contract: str, inputs: Mapping[str, Any], role: str = "video", **params: Any) -> list:
        """The frames of one take: RGB, or grey levels of a matte."""
        clip = self.clip(self.ask(id, contract, inputs, **params)[role])
        return [frame.grey if role == "matte" else frame.rgb for frame in clip.frames()]

    def clip(self, made: tuple[Path, str]) -> Any:
        return open_medium(self.add(*made), made[0])
