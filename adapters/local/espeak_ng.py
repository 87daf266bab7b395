"""espeak-ng: formant synthesis, the plainest voice there is and a baseline in many languages.

The same text gives the same bytes. Licence of the program: GPL-3.0-or-later, so it is run, not linked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import _speech as speech
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec
from filmbench.harness.types import Request

ESPEAK = programs.program("espeak-ng")

VOICES = {
    "en-us": "en", "en-gb": "en", "es": "es", "es-419": "es", "fr-fr": "fr", "it": "it", "fi": "fi", "ru": "ru",
    "de": "de", "pt-br": "pt", "nl": "nl", "pl": "pl", "sv": "sv",
}  # fmt: skip
"""Language of each voice; the first of a language is its default."""
DEFAULT = {language: next(voice for voice in VOICES if VOICES[voice] == language) for language in VOICES.values()}
WORDS_PER_MINUTE = 175


def espeak_version() -> str:
    """The program's name and version."""
    return programs.version(ESPEAK, r"text-to-speech: (\S+)")


def speak(text: str, voice: str, folder: Path, speed: float = 1.0) -> Path:
    """``text`` spoken by ``voice`` into a 22.05 kHz WAV in ``folder``."""
    path = folder / "speech.wav"
    rate = str(round(WORDS_PER_MINUTE * speed))
    programs.run(ESPEAK, ["-b", "1", "-v", voice, "-s", rate, "-w", str(path), "--stdin"], folder, text)
    return path


class EspeakNg(LocalEngine):
    """One call of the program a line; its start of some milliseconds is part of the take's time."""

    spec = ProviderSpec(
        id="local/espeak-ng",
        contracts=("tts",),
        title="espeak-ng",
        revision="1",
        licence="GPL-3.0-or-later (program)",
        languages=frozenset(VOICES.values()),
        params={
            "voice": Param(
                "str",
                "voice, named after its language and country",
                default=DEFAULT,
                choices=tuple(VOICES),
                by_language=True,
            ),
            "speed": Param("float", "speaking rate, 0.5 to 2; 1 is 175 words a minute", default=1.0),
        },
        requires=(ESPEAK,),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def identity(self) -> Mapping[str, str]:
        """The program's version."""
        return {"engine": espeak_version()}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line at 22.05 kHz."""
        text = speech.line(request, self.spec)
        return speech.recorded(speak(text, speech.voice_for(request, VOICES), folder, speech.speed_of(request)))


PROVIDERS = (EspeakNg(),)
