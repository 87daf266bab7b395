"""One line of ``talking-face``, made as its recipe makes it, and views on takes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filmbench.harness import registry
from filmbench.harness.dataset.catalogue import _manifest
from filmbench.harness.dataset.recipes import talking_face
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.media.open import open_medium
from filmbench.harness.protocols import ProviderSpec
from filmbench.harness.types import Artifact, Outcome, Sample, Take, Timing


@dataclass
class Scene:
    """The sample ``en-map`` and the folder that holds its media."""

    sample: Sample
    content: Content

    def medium(self, artifact: Artifact) -> Any:
        return open_medium(artifact, self.path(artifact))

    def path(self, artifact: Artifact) -> Path:
        return self.content.folder / self.content._files[artifact.sha256]

    def view(self, take: Any, given: Any = None, true: Any = None) -> View:
        """``take`` (a medium) held against the scene's own media, or others."""
        references = {role: self.medium(a) for role, a in self.sample.references.items() if isinstance(a, Artifact)}
        inputs = {role: self.medium(a) for role, a in self.sample.inputs.items() if isinstance(a, Artifact)}
        if given is not None:
            inputs["video"] = given
        if true is not None:
            references["video"] = true
        return View(self.sample, take, inputs, references)


@dataclass
class View:
    sample: Sample
    film: Any
    media: dict[str, Any]
    truth: dict[str, Any]
    computed: dict[tuple[str, str], Any] = field(default_factory=dict)
    spec = ProviderSpec("test/one", ("lipsync",), "One", "1", "CC0")
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)

    def output(self, role: str) -> Any:
        return {"video": self.film}[role]

    def outputs(self, role: str) -> tuple[Any, ...]:
        return (self.film,) if role == "video" else ()

    def reference(self, role: str) -> Any:
        return self.truth.get(role)

    def input(self, role: str) -> Any:
        return self.media.get(role)

    def inputs(self, role: str) -> tuple[Any, ...]:
        return (self.media[role],) if role in self.media else ()

    def feature(self, id: str, clip: Any) -> Any:
        place = (id, clip.artifact.sha256)
        if place not in self.computed:
            self.computed[place] = registry.features().get(id).compute(clip, self.sample)
        return self.computed[place]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Drawn anew: about 150 frames."""
    folder = tmp_path_factory.mktemp("talking")
    manifest = _manifest("talking-face")
    lines = {one["id"]: one for one in (manifest.recipe or {})["lines"]}
    content = Content(folder / "content", folder / "scratch")
    line = lines["en-map"]
    return Scene(talking_face._sample(line, lines[line["over"]], content, manifest, 0.0), content)
