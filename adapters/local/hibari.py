"""hibari: a 7.9 MB network distilled from Kokoro's voice "heart", English, 24 kHz.

The breath of the voice is noise drawn from a seed, and the seed is the take's index: the same take gives the
same bytes, another take of the same line differs a little. Licence: Apache-2.0 (https://pypi.org/project/hibari-tts).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Requirement
from filmbench.harness.types import Request

HIBARI = (
    Requirement("python", "hibari", "pip install hibari-tts"),
    Requirement("weights", "hibari", "pip install hibari-tts"),
)


class Hibari(LocalEngine):
    """The one voice that comes inside the package; the others would be downloads."""

    spec = ProviderSpec(
        id="local/hibari",
        contracts=("tts",),
        title="hibari, voice heart",
        revision="1",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        params={"speed": Param("float", "speaking rate, 0.5 to 2", default=1.0)},
        requires=(*HIBARI, Requirement("python", "onnxruntime", "pip install onnxruntime")),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def __init__(self) -> None:
        self._voice: Any = None

    def identity(self) -> Mapping[str, str]:
        """Versions of the package and of the runtime; the pin of the weights."""
        versions = f"{speech.package_version('hibari-tts')}, {speech.package_version('onnxruntime')}"
        return {"engine": versions, "weights": models.entry("hibari").sha256}

    def load(self) -> None:
        """Open the network and the word lists. The weights are checked before the package is imported."""
        weights = models.path("hibari")
        from hibari import Hibari as Voice

        self._voice = Voice(model=str(weights), threads=speech.threads())
        self._voice.phonemize("Ready.")

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line at 24 kHz."""
        text = speech.line(request, self.spec)
        if self._voice is None:
            self.load()
        samples = self._voice(text, speed=speech.speed_of(request), seed=request.take)
        return speech.written(samples, self._voice.sample_rate, folder)


PROVIDERS = (Hibari(),)
