"""Dubbing by a chain of small engines: hear, translate, speak, fit the time, mix under the kept background.

Two providers: ``local/dub-chain`` translates with Apertium (a machine draft, and its media say so),
``local/dub-chain-script`` speaks the human translation that the sample brings.

How the background is kept: nothing is separated. Where the source speaks (as Silero hears it, widened by 0.10 s
before and 0.15 s behind) it is turned down by 24 dB, with fades of 50 ms inside that stretch; everywhere else
it stays sample for sample. So music dips under the dub, and outside speech nothing is lost but what AAC takes.
The dub's lines get the power that the source has where it speaks, less where that would carry the mix above
-1.4 dBFS. The picture is copied, not encoded again. The voice is a stock one: nobody is cloned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _listening as listening
from filmbench.adapters.local import _speech as speech
from filmbench.adapters.local import _timefit as timefit
from filmbench.adapters.local import _translation as translation
from filmbench.adapters.local import _voices as voices
from filmbench.adapters.local._timefit import Line, Placed
from filmbench.harness import models
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Artifact, Outcome, Request, Sample

DUCK_DB = -24.0
BEFORE, BEHIND, FADE = 0.10, 0.15, 0.05
LEAST_RATE = 24_000
CEILING = 0.85
"""No voice lifts a sample of the mix above this: 1.4 dB below full scale, room for what AAC adds."""
TEXT = "text/plain"

REQUIRES = (
    *listening.REQUIRES,
    *voices.REQUIRES,
    Requirement("python", "ffmpeg", "pip install ffmpeg-python"),
    Requirement("python", "imageio_ffmpeg", "pip install imageio-ffmpeg"),
    Requirement("python", "soxr", "pip install soxr"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A scene: ``samples`` float32, shape (n, 1 or 2), at ``rate`` Hz; ``film`` where it has pictures."""

    path: Path
    samples: Any
    rate: int
    film: bool

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.rate


def opened(request: Request, media: Media) -> Source:
    """The request's source. Raises :class:`Refusal` (invalid) for one without sound or that cannot be read."""
    from filmbench.harness.media.clip import AudioClip
    from filmbench.harness.media.video import VideoClip, has_picture

    artifact = request.sample.inputs["source"]
    assert isinstance(artifact, Artifact)
    path = media.path(artifact)
    clip = AudioClip(artifact, path)
    try:
        samples, film = clip.channels(), has_picture(path)
        if film:
            VideoClip(artifact, path).first_size  # noqa: B018 - refuses now what no take could be made of later
    except BadMedia as error:
        raise Refusal(f"the source {error.reason}", Outcome.INVALID) from error
    if samples.shape[1] > 2:
        samples = samples.mean(axis=1, keepdims=True)
    rate = max(clip.rate, LEAST_RATE)
    return Source(path, _resampled(samples, clip.rate, rate), rate, film)


def languages(sample: Sample) -> tuple[str, str]:
    """From and to. Raises :class:`Refusal` where they are one, or the target has no voice."""
    source, target = sample.text("source_language"), str(sample.language)
    if source == target:
        raise Refusal(f"the source is in {target} already")
    if target not in voices.VOICES:
        raise Refusal(f"there is no voice for {target}")
    return source, target


def written_translation(sample: Sample) -> str:
    """What the human translator wrote. Raises :class:`Refusal` where the sample brings none."""
    text = sample.inputs.get("translation")
    if not isinstance(text, str) or not re.search(r"\w", text):
        raise Refusal("the sample brings no translation")
    return text


class DubChain(LocalEngine):
    """Hears, lets :meth:`script` say what is spoken instead, speaks it in time and mixes."""

    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    def identity(self) -> Mapping[str, str]:
        """Versions of every engine, pins of the listeners' weights."""
        packages = ("faster-whisper", "ctranslate2", "soxr")
        versions = ", ".join((*(speech.package_version(name) for name in packages), timefit.ffmpeg_version()))
        ears = ", ".join(models.entry(name).sha256 for name in ("whisper-tiny-en", "whisper-base"))
        return {"engine": versions, "weights": ears, **voices.identities()}

    def script(self, lines: Sequence[Line], sample: Sample, folder: Path) -> list[Line]:
        """What is spoken, and where. Raises :class:`Refusal`."""
        return given_lines(written_translation(sample), lines)

    def origin(self, sample: Sample) -> str:
        """Who translated, for the media's comment."""
        return "translation given by the sample"

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The dub, and the script it speaks."""
        import soxr

        spoken_in, _ = languages(request.sample)
        origin = self.origin(request.sample)
        speaker = voices.Speaker(request, folder)
        source = opened(request, media)
        mono = soxr.resample(source.samples.mean(axis=1), source.rate, listening.RATE, quality="HQ")
        heard = listening.heard(mono, spoken_in)
        script = self.script(heard, request.sample, folder)
        placed = timefit.fitted(script, source.seconds, speaker, folder)
        sound = mixed(source, heard, placed)
        text = folder / "script.txt"
        text.write_text("\n".join(line.text for line in script) + "\n", encoding="utf-8")
        return {
            "dubbed": written(source, sound, folder, f"machine-made dub; {origin}"),
            "script": (text, TEXT),
        }


class DraftingDubChain(DubChain):
    """The chain with Apertium as translator."""

    def identity(self) -> Mapping[str, str]:
        """The chain's, and Apertium's version."""
        return {**super().identity(), "translation": translation.versions()}

    def script(self, lines: Sequence[Line], sample: Sample, folder: Path) -> list[Line]:
        """Every line heard, translated by rule."""
        modes = translation.route(*languages(sample))
        drafts = [Line(line.start, line.end, translation.translated(line.text, modes, folder)) for line in lines]
        spoken = [draft for draft in drafts if re.search(r"\w", draft.text)]
        if not spoken:
            raise Refusal("the translation holds no word", Outcome.INVALID)
        return spoken

    def origin(self, sample: Sample) -> str:
        """Apertium, by name: a draft."""
        return f"translation: {translation.DRAFT} by Apertium {' '.join(translation.route(*languages(sample)))}"


def given_lines(text: str, lines: Sequence[Line]) -> list[Line]:
    """A written translation laid on the lines heard.

    Written lines go one to one where there are as many. Else each sentence goes to the line in whose share of the
    speaking time its middle falls, shares of text counted in characters.
    """
    written = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    if len(written) == len(lines):
        return [Line(line.start, line.end, said) for line, said in zip(lines, written, strict=True)]
    sentences = [part for line in written for part in re.split(r"(?<=[.?!…])\s+", line) if re.search(r"\w", part)]
    total = sum(map(len, sentences))
    spans = [line.end - line.start for line in lines]
    shares = [sum(spans[: index + 1]) / sum(spans) for index in range(len(spans))]
    gathered: dict[int, list[str]] = {}
    passed = 0
    for sentence in sentences:
        middle = (passed + len(sentence) / 2) / total
        place = next((index for index, share in enumerate(shares) if middle <= share), len(lines) - 1)
        gathered.setdefault(place, []).append(sentence)
        passed += len(sentence)
    places = sorted(gathered)
    bounds = [0, *places[1:], len(lines)]
    return [
        Line(lines[first].start, lines[behind - 1].end, " ".join(gathered[place]))
        for place, (first, behind) in zip(places, pairwise(bounds), strict=True)
    ]


def mixed(source: Source, heard: Sequence[Line], placed: Sequence[Placed]) -> Any:
    """The dub's sound, float32, shape as the source's: the source ducked where it speaks, the lines on top."""
    import numpy as np

    length, rate = len(source.samples), source.rate
    gain = np.ones(length, np.float32)
    speaking = np.zeros(length, bool)
    low, fade = 10 ** (DUCK_DB / 20), int(FADE * rate)
    for line in heard:
        start, end = max(0, int((line.start - BEFORE) * rate)), min(length, int((line.end + BEHIND) * rate))
        dip = np.full(end - start, low, np.float32)
        ramp = np.linspace(1.0, low, min(fade, len(dip) // 2), dtype=np.float32)
        dip[: len(ramp)], dip[len(dip) - len(ramp) :] = ramp, ramp[::-1]
        gain[start:end] = np.minimum(gain[start:end], dip)
        speaking[max(0, int(line.start * rate)) : min(length, int(line.end * rate))] = True
    voice = np.zeros(length, np.float32)
    for one in placed:
        samples = _resampled(one.samples[:, None], one.rate, rate)[:, 0]
        start = int(one.start * rate)
        samples = samples[: length - start]
        voice[start : start + len(samples)] += samples
    spoken = voice[voice != 0]
    if len(spoken) and speaking.any():
        wanted = float(np.mean(np.square(source.samples[speaking].mean(axis=1), dtype=np.float64)))
        voice *= np.float32((wanted / max(float(np.mean(np.square(spoken, dtype=np.float64))), 1e-12)) ** 0.5)
    bed = source.samples * gain[:, None]
    return (bed + _within(voice, np.abs(bed).max(axis=1))[:, None]).astype(np.float32)


def _within(voice: Any, bed: Any) -> Any:
    """``voice``, turned down where it would carry the mix with a ``bed`` of those magnitudes past the ceiling."""
    import numpy as np

    loud = np.abs(voice) > np.maximum(CEILING - bed, 0)
    if not loud.any():
        return voice
    return voice * np.float32(max(0.0, float(((CEILING - bed[loud]) / np.abs(voice[loud])).min())))


def written(source: Source, sound: Any, folder: Path, comment: str) -> tuple[Path, str]:
    """The scene with ``sound`` as its sound: the film as it was, or a 16-bit WAV; ``comment`` in its metadata."""
    import soundfile
    from filmbench.harness.media.write import write_with_sound

    if source.film:
        return write_with_sound(folder / "dubbed", source.path, (sound, source.rate), comment)
    path = folder / "dubbed.wav"
    with soundfile.SoundFile(path, "w", source.rate, sound.shape[1], "PCM_16") as file:
        file.comment = comment
        file.write(sound)
    return path, speech.WAV


def _resampled(samples: Any, rate: int, wanted: int) -> Any:
    import soxr

    return samples if rate == wanted else soxr.resample(samples, rate, wanted, quality="HQ")


def _spec(id: str, title: str, *needs: Requirement) -> ProviderSpec:
    return ProviderSpec(
        id=id,
        contracts=("dubbing",),
        title=title,
        revision="1",
        licence="MIT (Whisper), GPL (Apertium, espeak-ng, ffmpeg: programs), the voices' own",
        languages=frozenset(voices.VOICES),
        params={"voice": voices.VOICE},
        requires=(*REQUIRES, *needs),
        local=True,
        verified="live",
    )


PROVIDERS = (
    DraftingDubChain(
        _spec("local/dub-chain", "Whisper, Apertium (machine draft), stock voice", translation.APERTIUM),
    ),
    DubChain(_spec("local/dub-chain-script", "Whisper, human translation, stock voice")),
)
