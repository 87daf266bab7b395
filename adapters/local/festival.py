"""festival: an HTS voice in English, diphone voices in Italian and Finnish, from Debian's packages.

Rates are the voices' own: 32 kHz (English), 16 kHz (Italian), 22.05 kHz (Finnish). The same text gives the same
bytes. Licences: festival X11-like; voices BSD-like (slt), GPL-2+ (Italian), LGPL-2.1+ (Finnish): all are run as a
program. No voice is loaded once for all: every line starts the program, whose start is part of the take's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import _speech as speech
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

TEXT2WAVE = programs.program("text2wave", package="festival")
FESTIVAL = programs.program("festival")


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice, the Debian package that holds it, and the letters beyond ASCII that its rules know."""

    language: str
    package: str
    letters: str = ""


VOICES = {
    "cmu_us_slt_arctic_hts": Voice("en", "festvox-us-slt-hts"),
    "lp_diphone": Voice("it", "festvox-italp16k", "àèéìíòóùúÀÈÉÌÍÒÓÙÚ"),
    "pc_diphone": Voice("it", "festvox-itapc16k", "àèéìíòóùúÀÈÉÌÍÒÓÙÚ"),
    "suo_fi_lj_diphone": Voice("fi", "festvox-suopuhe-lj", "äöåÄÖÅ"),
}


class Festival(LocalEngine):
    """One call of ``text2wave`` a line. festival reads Latin-1, and a letter without a rule would silence it all."""

    spec = ProviderSpec(
        id="local/festival",
        contracts=("tts",),
        title="festival",
        revision="1",
        licence="X11-like (program); voices BSD-like, GPL-2+, LGPL-2.1+",
        languages=frozenset(voice.language for voice in VOICES.values()),
        params={
            "voice": Param(
                "str",
                "slt: American woman; lp: Italian woman; pc: Italian man; suo_fi_lj: Finnish woman",
                default={"en": "cmu_us_slt_arctic_hts", "it": "lp_diphone", "fi": "suo_fi_lj_diphone"},
                choices=tuple(VOICES),
                by_language=True,
            ),
        },
        requires=(TEXT2WAVE, FESTIVAL),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def identity(self) -> Mapping[str, str]:
        """The program's version, and those of the voices' packages that are installed."""
        versions = {voice.package: programs.debian_version(voice.package) for voice in VOICES.values()}
        installed = ", ".join(f"{package} {version}" for package, version in versions.items() if version)
        return {"engine": programs.version(FESTIVAL, r"System: ([^:\s]+)"), "voices": installed}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line. The text goes through a file: festival's Scheme reader never sees it."""
        text = speech.line(request, self.spec)
        name = speech.voice_for(request, {name: voice.language for name, voice in VOICES.items()})
        voice = VOICES[name]
        if programs.debian_version(voice.package) is None:
            raise Refusal(f"voice {name} is not installed: {programs.debian(voice.package).remedy}")
        script, spoken = folder / "line.txt", folder / "speech.wav"
        script.write_text(speech.narrowed(text, voice.letters), encoding="latin-1")
        programs.run(TEXT2WAVE, ["-o", str(spoken), "-eval", f"(voice_{name})", str(script)], folder)
        return speech.recorded(spoken)


PROVIDERS = (Festival(),)
