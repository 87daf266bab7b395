"""flite: small statistical voices of 2005 to 2018, English only, 16 kHz.

The same text gives the same bytes. Licence: BSD-like (Carnegie Mellon University).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import _speech as speech
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec
from filmbench.harness.types import Request

FLITE = programs.program("flite")
VOICES = {"slt": "en", "rms": "en", "awb": "en"}


class Flite(LocalEngine):
    """One call of the program a line; its start of some milliseconds is part of the take's time."""

    spec = ProviderSpec(
        id="local/flite",
        contracts=("tts",),
        title="flite",
        revision="1",
        licence="BSD-like (CMU)",
        languages=frozenset({"en"}),
        params={
            "voice": Param("str", "slt: woman; rms: man; awb: man, Scottish", default="slt", choices=tuple(VOICES)),
        },
        requires=(FLITE,),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def identity(self) -> Mapping[str, str]:
        """The program's version; the voices are compiled into it."""
        return {"engine": programs.version(FLITE, r"version: flite-(\S+)")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line at 16 kHz. flite reads bytes as ASCII and spells out the rest, so it gets ASCII."""
        script, spoken = folder / "line.txt", folder / "speech.wav"
        script.write_text(speech.narrowed(speech.line(request, self.spec)), encoding="ascii")
        voice = speech.voice_for(request, VOICES)
        programs.run(FLITE, ["-voice", voice, "-f", str(script), "-o", str(spoken)], folder)
        return speech.recorded(spoken)


PROVIDERS = (Flite(),)
