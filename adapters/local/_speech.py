"""What the local speech engines share: reading the request, cleaning its text, writing 16-bit WAV.

None of these engines can act: an input ``direction`` ("whispered", "shouting") is left unread.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.harness.protocols import ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_CHARACTERS = 5000
WAV = "audio/wav"
SLOWEST, FASTEST = 0.5, 2.0


def line(request: Request, spec: ProviderSpec) -> str:
    """The text to speak, on one line, without control characters and without engines' own markup.

    ``[[…]]`` (espeak-ng, Piper) and ``[…](…)`` (hibari) would be read as phonemes, so they are broken up.
    Raises :class:`Refusal` for a language the engine lacks, too long a text, and a text without a word.
    """
    language = request.sample.language
    if spec.languages is not None and language not in spec.languages:
        raise Refusal(f"{spec.id} does not speak {language}")
    text = request.sample.text()
    if spec.max_characters is not None and len(text) > spec.max_characters:
        reason = f"{spec.id} takes at most {spec.max_characters} characters, the text has {len(text)}"
        raise Refusal(reason, Outcome.INVALID)
    spoken = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text)
    spoken = " ".join(spoken.split()).replace("[[", "[ [").replace("](", "] (")
    if not any(char.isalnum() for char in spoken):
        raise Refusal("the text holds no letter or digit to speak", Outcome.INVALID)
    return spoken


def narrowed(text: str, letters: str = "") -> str:
    """``text`` for an engine that knows ASCII and ``letters`` only; what it lacks becomes its nearest, or goes.

    Dashes become commas, since that is the pause they stand for; no comma stands alone, to be read out as a word.
    """
    return " ".join("".join(_nearest(char, letters) for char in text).split()).replace(" ,", ",").lstrip(", ")


def _nearest(char: str, letters: str) -> str:
    if char.isascii() or char in letters:
        return char
    return _NEAREST.get(char) or "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii())


_NEAREST = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "—": ", ", "–": ", ", "€": " euro ",
    "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L",
}  # fmt: skip


def voice_for(request: Request, languages: Mapping[str, str]) -> str:
    """The arm's voice, where ``languages`` tells which language each voice speaks.

    Raises :class:`Refusal` (unsupported) when that voice speaks another language than the sample's.
    """
    voice = str(request.arm.params["voice"])
    spoken = languages.get(voice)
    if spoken is None:
        raise Refusal(f"there is no voice {voice!r}; there are {', '.join(languages)}", Outcome.INVALID)
    if spoken != request.sample.language:
        raise Refusal(f"voice {voice!r} speaks {spoken}, not {request.sample.language}")
    return voice


def speed_of(request: Request) -> float:
    """The arm's speaking rate, 1 being the voice's own. Raises :class:`Refusal` outside 0.5 to 2."""
    speed = float(request.arm.params.get("speed", 1.0))
    if not SLOWEST <= speed <= FASTEST:
        raise Refusal(f"speed {speed:g} is outside {SLOWEST:g} to {FASTEST:g}", Outcome.INVALID)
    return speed


def threads() -> int:
    """How many threads an engine may use: all cores, or ``FILMBENCH_THREADS``. Raises :class:`UsageError`."""
    wanted = os.environ.get("FILMBENCH_THREADS") or str(os.cpu_count() or 1)
    if not wanted.isascii() or not wanted.isdigit() or int(wanted) < 1:
        raise UsageError(f"FILMBENCH_THREADS must be a whole number above 0, not {wanted!r}")
    return int(wanted)


@cache
def package_version(name: str) -> str:
    """The installed version of a Python package, with its name."""
    return f"{name} {version(name)}"


def written(samples: NDArray[np.floating[Any]], rate: int, folder: Path) -> Mapping[str, tuple[Path, str]]:
    """``samples`` (mono, -1..1, clipped beyond) as 16-bit PCM at ``rate`` Hz in ``folder``, at their own level."""
    import soundfile

    if not len(samples):
        raise Refusal("the engine made no sound of this text", Outcome.INVALID)
    path = folder / "speech.wav"
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return {"speech": (path, WAV)}


def recorded(path: Path) -> Mapping[str, tuple[Path, str]]:
    """A WAV file that a program wrote, once it is seen to hold sound."""
    import soundfile

    if not path.is_file() or path.stat().st_size == 0 or soundfile.info(path).frames == 0:
        raise Refusal("the engine made no sound of this text", Outcome.INVALID)
    return {"speech": (path, WAV)}
