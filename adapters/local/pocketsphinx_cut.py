"""Cutting by forced alignment: pocketsphinx is told the script and finds when each of its words is said.

It knows the words of CMU's English dictionary; a script with another word is ``unsupported``. Licence: BSD-2-Clause
(program and models).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from filmbench.adapters import _cutting as cutting
from filmbench.adapters._script import Spoken
from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.protocols import ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome

WEIGHTS = "pocketsphinx-en-us"
FRAMES_PER_SECOND = 100


class PocketsphinxCut(cutting.Cutter):
    """One Viterbi pass over the words of the script, with optional pauses between them."""

    spec = ProviderSpec(
        id="local/pocketsphinx-cut",
        contracts=("editing/cut",),
        title="pocketsphinx forced alignment",
        revision="1",
        licence="BSD-2-Clause",
        languages=frozenset({"en"}),
        params=cutting.PARAMS,
        requires=(
            Requirement("python", "pocketsphinx", "pip install 'filmbench[vision]'"),
            Requirement("python", "opentimelineio", "pip install 'filmbench[vision]'"),
            Requirement("weights", WEIGHTS, "pip install pocketsphinx"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The aligner's version and its models."""
        return {"engine": speech.package_version("pocketsphinx"), "weights": models.entry(WEIGHTS).sha256}

    def times(self, samples: Any, script: Sequence[str]) -> list[Spoken]:
        """When each word of ``script`` is said. Raises :class:`Refusal` for unknown words and where nothing fits."""
        from pocketsphinx import Decoder

        folder = models.folder(WEIGHTS)
        # A decoder of its own for each recording: it adapts to what it hears, and takes must not depend on each other.
        decoder = Decoder(
            samprate=cutting.RATE,
            lm=None,
            hmm=str(folder),
            dict=str(folder / "cmudict-en-us.dict"),
            loglevel="FATAL",
        )
        if unknown := sorted({word for word in script if decoder.lookup_word(word) is None}):
            raise Refusal(f"{self.spec.id} has no pronunciation of {', '.join(unknown[:5])}")
        decoder.set_align_text(" ".join(script))
        decoder.start_utt()
        decoder.process_raw((samples.clip(-1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        segments = [segment for segment in decoder.seg() or () if not segment.word.startswith(("<", "["))]
        if len(segments) != len(script):
            raise Refusal("the script cannot be laid over the recording", Outcome.INVALID)
        return [
            Spoken(segment.start_frame / FRAMES_PER_SECOND, (segment.end_frame + 1) / FRAMES_PER_SECOND)
            for segment in segments
        ]


PROVIDERS = (PocketsphinxCut(),)
