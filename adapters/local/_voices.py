"""The local text-to-speech engines as voices of a dub: a voice is ``engine/voice``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from filmbench.adapters.local.espeak_ng import DEFAULT, EspeakNg
from filmbench.adapters.local.festival import Festival
from filmbench.adapters.local.flite import Flite
from filmbench.adapters.local.kokoro import Kokoro
from filmbench.harness.protocols import LocalEngine, Media, Param, Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample, digest

ENGINES: Mapping[str, type[LocalEngine]] = MappingProxyType(
    {"kokoro": Kokoro, "festival": Festival, "flite": Flite, "espeak-ng": EspeakNg}
)
VOICES = {language: f"espeak-ng/{voice}" for language, voice in DEFAULT.items()} | {
    "en": "kokoro/af_heart",
    "es": "kokoro/ef_dora",
    "it": "festival/lp_diphone",
    "fi": "festival/suo_fi_lj_diphone",
}
"""The voice of each language, unless the arm names another."""
VOICE = Param(
    "str", "who speaks, as engine/voice of kokoro, festival, flite or espeak-ng", default=VOICES, by_language=True
)
REQUIRES = tuple(dict.fromkeys(need for engine in ENGINES.values() for need in engine.spec.requires))
QUIET_DB = -45.0
"""Below a voice's peak by this much is the silence before and behind what it says."""


@cache
def engine(name: str) -> LocalEngine:
    """An engine, kept, so that a model is loaded once in a worker."""
    return ENGINES[name]()


class Speaker:
    """One voice, asked line by line."""

    def __init__(self, request: Request, folder: Path) -> None:
        voice = request.arm.params.get("voice") or VOICES.get(str(request.sample.language))
        name, _, self._voice = str(voice).partition("/")
        if name not in ENGINES or not self._voice:
            raise Refusal(f"there is no voice {voice!r}: name engine/voice, {', '.join(ENGINES)}", Outcome.INVALID)
        self._engine = engine(name)
        self._sample, self._folder = request.sample, folder

    @property
    def paced(self) -> bool:
        """Whether it can be asked to speak faster."""
        return "speed" in self._engine.spec.params

    def say(self, text: str, speed: float = 1.0) -> tuple[Any, int]:
        """``text`` as float32 samples, shape (n,), without silence around it, and their rate in Hz.

        Raises :class:`Refusal` where the engine cannot say it.
        """
        import soundfile

        params = {"voice": self._voice} | ({"speed": speed} if self.paced else {})
        sample = Sample(self._sample.id, self._sample.dataset, {"text": text}, language=self._sample.language)
        asked = Request("tts", sample, Arm(self._engine.spec.id, "dub", params), {})
        path, _ = self._engine.render(asked, _NoMedia(), self._folder)["speech"]
        samples, rate = soundfile.read(path, dtype="float32")
        return bare(samples), rate


def identities() -> Mapping[str, str]:
    """One digest of what each engine's voices depend on."""
    return {name: digest(dict(engine(name).identity())) for name in ENGINES}


class _NoMedia(Media):
    def path(self, artifact: Artifact) -> Path:
        raise KeyError("a dub's line refers to no media")


def bare(samples: Any) -> Any:
    """``samples``, shape (n,), without what is quiet before and behind."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (QUIET_DB / 20))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]
