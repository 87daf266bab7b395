"""The recipe of ``human-prompts``: one set of telephone prompts, read by people in several languages.

Debian's asterisk-core-sounds packages hold each prompt as G.722 (16 kHz) and its text in a list. A prompt is
taken when every language has a recording and a clean text of it (:func:`select`); ``sources.jsonl`` pins
each recording before and after decoding, and ``dataset.toml`` pins the samples that come out.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.dataset.recipes.debian import Package, extract
from filmbench.harness.types import Artifact, Sample, UsageError

INSTALLED = Path("/")
"""Where the packages put their files when they are installed."""

RATE = 16_000
BYTES_PER_SECOND = RATE // 2
"""G.722 at 64 kbit/s: one byte holds two samples."""

# Stage notes, keys written as signs, and the id of a following prompt run into the text ("…dièse.vm-review: …").
_UNSPOKEN = re.compile(r"[][(){}*#/]|\b[a-z]+(?:-[a-z]+)+: ")
_QUOTES = str.maketrans("", "", '"“”«»')


@dataclass(frozen=True, slots=True)
class Voice:
    """The recordings and texts of one language, as the packages hold them."""

    language: str
    folder: str
    speaker: str
    tags: tuple[str, ...]
    packages: tuple[Package, ...]

    def recording(self, root: Path, prompt: str) -> Path:
        """Where the G.722 file of a prompt lies below ``root``."""
        return root / "usr/share/asterisk/sounds" / self.folder / f"{prompt}.g722"

    def list_file(self, root: Path) -> Path:
        """Where the list of texts lies below ``root``."""
        name = f"core-sounds-{self.language}"
        return root / "usr/share/doc" / f"asterisk-{name}" / f"{name}.txt.gz"


@dataclass(frozen=True, slots=True)
class Pin:
    """The sha256 of one recording as packed (G.722) and as decoded (WAV)."""

    language: str
    prompt: str
    g722: str
    wav: str


def voices(recipe: Mapping[str, Any]) -> tuple[Voice, ...]:
    """The voices of the table ``[recipe]``."""
    return tuple(
        Voice(
            language=voice["language"],
            folder=voice["folder"],
            speaker=voice["speaker"],
            tags=tuple(voice["tags"]),
            packages=tuple(
                Package(package["name"], recipe["version"], package["sha256"]) for package in voice["packages"]
            ),
        )
        for voice in recipe["voices"]
    )


def read_pins(file: Path) -> tuple[Pin, ...]:
    """The lines of ``sources.jsonl``."""
    return tuple(Pin(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


# --- texts -------------------------------------------------------------------------------------------


def read_texts(voice: Voice, root: Path) -> dict[str, str]:
    """Prompt id to its text, as listed. Of an id listed twice the first stands."""
    listed = gzip.decompress(voice.list_file(root).read_bytes()).decode("utf-8-sig")
    texts: dict[str, str] = {}
    for line in listed.splitlines():
        prompt, colon, text = line.partition(":")
        if colon and not line.startswith(";"):
            texts.setdefault(prompt.strip(), text)
    return texts


def clean(prompt: str, text: str) -> str | None:
    """The words that are read; ``None`` where the text is missing or holds what nobody speaks."""
    spoken = text.strip().removeprefix(f"{prompt}:").translate(_QUOTES)
    spoken = " ".join(spoken.split()).lstrip(".… ")
    return None if not spoken or _UNSPOKEN.search(spoken) else spoken


def select(recipe: Mapping[str, Any], root: Path) -> list[str]:
    """The prompts with a recording and a clean text in every language, long and short enough, by id."""
    common: set[str] | None = None
    for voice in voices(recipe):
        texts = read_texts(voice, root)
        usable = {prompt for prompt, text in texts.items() if _usable(recipe, voice, root, prompt, text)}
        common = usable if common is None else common & usable
    return sorted((common or set()) - recipe["excluded"].keys())


def _usable(recipe: Mapping[str, Any], voice: Voice, root: Path, prompt: str, text: str) -> bool:
    spoken, recording = clean(prompt, text), voice.recording(root, prompt)
    if spoken is None or not recording.is_file():
        return False
    long_enough = voice.language != "en" or len(spoken.split()) >= recipe["fewest_english_words"]
    return bool(long_enough and recording.stat().st_size <= recipe["most_seconds"] * BYTES_PER_SECOND)


def pins_of(recipe: Mapping[str, Any], root: Path) -> Iterator[Pin]:
    """The content of ``sources.jsonl`` for the packages unpacked at ``root``: what was selected, hashed."""
    prompts = select(recipe, root)
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "decoded.wav"
        for voice in voices(recipe):
            for prompt in prompts:
                decode_g722(voice.recording(root, prompt), wav)
                yield Pin(voice.language, prompt, sha256_of(voice.recording(root, prompt)), sha256_of(wav))


# --- recordings --------------------------------------------------------------------------------------


def decode_g722(source: Path, target: Path) -> None:
    """Decode to a 16 kHz mono 16-bit WAV, bit-exact. Raises :class:`UsageError` on another format."""
    import av

    chunks: list[bytes] = []
    with av.open(str(source), format="g722") as container:
        for frame in container.decode(audio=0):
            if (frame.format.name, frame.layout.nb_channels, frame.sample_rate) != ("s16", 1, RATE):
                raise UsageError(f"{source} does not decode to 16 kHz mono 16 bit", "see: filmbench doctor")
            chunks.append(frame.to_ndarray().tobytes())
    with wave.open(str(target), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(b"".join(chunks))


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Every prompt of every voice. Raises :class:`UsageError` where bytes are not pinned."""
    recipe = manifest.recipe or {}
    pins = read_pins(manifest.folder / "sources.jsonl")
    steps = _Steps(progress, len(pins))
    root = _installed_root(recipe, pins) or _unpacked_root(recipe, content.scratch / "root", steps)
    artifacts = dict(_decoded(recipe, pins, root, content, steps))
    yield from _samples(manifest, artifacts, root)


class _Steps:
    """Counts packages and recordings for the caller's progress bar."""

    def __init__(self, progress: Progress, recordings: int) -> None:
        self.progress, self.done, self.total = progress, 0, recordings

    def expect(self, more: int) -> None:
        """Further steps were found to be needed."""
        self.total += more

    def __call__(self, what: str) -> None:
        """One step begins."""
        self.progress(what, self.done, self.total)
        self.done += 1


def _installed_root(recipe: Mapping[str, Any], pins: Iterable[Pin]) -> Path | None:
    """The file system's root where the very packages are installed, else ``None``."""
    speakers = {voice.language: voice for voice in voices(recipe)}
    if not all(voice.list_file(INSTALLED).is_file() for voice in speakers.values()):
        return None
    recordings = ((pin, speakers[pin.language].recording(INSTALLED, pin.prompt)) for pin in pins)
    return INSTALLED if all(file.is_file() and sha256_of(file) == pin.g722 for pin, file in recordings) else None


def _unpacked_root(recipe: Mapping[str, Any], root: Path, steps: _Steps) -> Path:
    packages = [package for voice in voices(recipe) for package in voice.packages]
    steps.expect(len(packages))
    extract(packages, root, steps)
    return root


def _decoded(
    recipe: Mapping[str, Any], pins: Iterable[Pin], root: Path, content: Content, steps: _Steps
) -> Iterator[tuple[Pin, Artifact]]:
    speakers = {voice.language: voice for voice in voices(recipe)}
    for pin in pins:
        steps(f"{pin.language}/{pin.prompt}")
        source = speakers[pin.language].recording(root, pin.prompt)
        if not source.is_file() or sha256_of(source) != pin.g722:
            raise UsageError(
                f"the recording {pin.language}/{pin.prompt} in the packages is not the pinned one",
                f"version {recipe['version']} of the packages is needed; fetch again",
            )
        wav = content.file(f"media/{pin.language}/{pin.prompt}.wav")
        decode_g722(source, wav)
        if sha256_of(wav) != pin.wav:
            raise UsageError(
                f"{pin.language}/{pin.prompt} decodes to other samples than pinned",
                "this PyAV does not decode G.722 bit-exactly: install the pinned version",
            )
        yield pin, content.artifact(wav, "audio/wav")


def _samples(manifest: Manifest, artifacts: Mapping[Pin, Artifact], root: Path) -> Iterator[Sample]:
    for voice in voices(manifest.recipe or {}):
        texts = read_texts(voice, root)
        for pin, artifact in artifacts.items():
            if pin.language == voice.language:
                text = clean(pin.prompt, texts.get(pin.prompt, "")) or "missing"
                yield Sample(
                    id=f"{voice.language}/{pin.prompt}",
                    dataset=f"{manifest.name}@{manifest.version}",
                    inputs={"text": text},
                    references={"speech": artifact},
                    language=voice.language,
                    cluster=pin.prompt,
                    tags=frozenset({"prompt", f"speaker-{voice.speaker}", *voice.tags, *_tags_of(text)}),
                )


def _tags_of(text: str) -> Iterator[str]:
    if any(character.isdigit() for character in text):
        yield "number"
    if text.endswith("?"):
        yield "question"
