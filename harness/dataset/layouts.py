"""Readers for the folders that people who work on speech already have.

Each yields one :class:`Entry` a recording or line. A text is what the person reads (the normalised text
where the layout has one), the recording is the reference, and lines of one speaker or chapter form a
cluster. The licence is the folder's owner's to know; it is not read from the layout.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.dataset import motion_layouts
from filmbench.harness.dataset.audio_files import MEDIA_TYPES, artifacts, named
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.types import Artifact, Sample, UsageError, digest


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of text with its place in the corpus; ``prompt`` is a recording of the voice to clone."""

    id: str
    text: str
    cluster: str
    speech: Path | None
    tags: frozenset[str] = frozenset()
    prompt: Path | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay a corpus out. ``language`` is ``None`` where the place names it."""

    title: str
    entries: Callable[[Path], Iterator[Entry]]
    language: str | None
    expected: str
    rights: str


def read(kind: str, place: Path) -> Dataset:
    """The corpus at ``place``. ``kind`` is a layout's name, or ``name@language``.

    Raises :class:`UsageError` for an unknown layout, for a place that does not hold it and for a malformed
    line (with file and line).
    """
    name, _, language = kind.partition("@")
    if name in motion_layouts.LAYOUTS:
        return motion_layouts.read(name, place)
    layout = _layout(name)
    language = language or layout.language or _language_of(place, name)
    if not place.exists():
        raise UsageError(f"{place} does not exist", f"{name}:PATH, where PATH is {layout.expected}")
    entries = list(layout.entries(place))
    if not entries:
        raise UsageError(f"{place} holds nothing in the layout {name}", f"PATH must be {layout.expected}")
    return _dataset(name, layout, language, place, entries)


def _layout(name: str) -> Layout:
    try:
        return LAYOUTS[name]
    except KeyError:
        names = [*LAYOUTS, *motion_layouts.LAYOUTS]
        near = difflib.get_close_matches(name, [*names, "folder"], n=2, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"layouts: folder, {', '.join(names)}"
        raise UsageError(f"there is no dataset layout {name!r}", hint) from None


def _language_of(place: Path, name: str) -> str:
    folder = place.absolute().parent.name
    if len(folder) == 2 and folder.isalpha() and folder.islower():
        return folder
    raise UsageError(f"the language of {place} cannot be told from its folder's name", f"name it: {name}@en:{place}")


def _dataset(name: str, layout: Layout, language: str, place: Path, entries: list[Entry]) -> Dataset:
    known = artifacts(file for entry in entries for file in (entry.speech, entry.prompt) if file)
    content = [
        [
            entry.id,
            entry.text,
            entry.cluster,
            *(known[file].sha256 if file else None for file in (entry.speech, entry.prompt)),
        ]
        for entry in entries
    ]
    sha256 = digest({"layout": name, "language": language, "entries": content})
    version = sha256[:12]
    samples = tuple(_sample(entry, f"{name}@{version}", language, known) for entry in entries)
    _refuse_twins(samples, place)
    recorded = sum(entry.speech is not None for entry in entries)
    return Dataset(
        name=name,
        version=version,
        title=f"{layout.title} at {place}",
        licence="unknown: the owner of the folder knows",
        attribution=layout.rights,
        card=f"# {layout.title}\n\n{len(samples)} lines, {recorded} recorded, in `{place}`.\n\n{layout.rights}\n",
        contract="tts",
        human_reference=recorded > 0,
        samples=samples,
        sha256=sha256,
        media={artifact.sha256: file for file, artifact in known.items()},
    )


def _sample(entry: Entry, dataset: str, language: str, known: dict[Path, Artifact]) -> Sample:
    inputs: dict[str, str | Artifact | tuple[Artifact, ...]] = {"text": entry.text}
    if entry.prompt:
        inputs["voice_sample"] = known[entry.prompt]
    return Sample(
        id=entry.id,
        dataset=dataset,
        inputs=inputs,
        references={"speech": known[entry.speech]} if entry.speech else {},
        language=language,
        cluster=entry.cluster,
        tags=entry.tags,
    )


def _refuse_twins(samples: tuple[Sample, ...], place: Path) -> None:
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise UsageError(f"{place}: the id {sample.id!r} comes twice", "ids must be unique; remove one")
        seen.add(sample.id)


# --- the layouts -------------------------------------------------------------------------------------


def _ljspeech(root: Path) -> Iterator[Entry]:
    """``metadata.csv`` (id|text|normalised text, no quoting) and ``wavs/``; ``LJ001-0001`` is chapter LJ001."""
    for place, fields in _table(root / "metadata.csv", (2, 3)):
        name, text = fields[0], fields[-1]
        yield Entry(
            id=_given(name, place, "id"),
            text=_given(text, place, "text"),
            cluster=name.rpartition("-")[0] or name,
            speech=named(root / "wavs", name),
        )


def _libritts(root: Path) -> Iterator[Entry]:
    """``…/speaker/chapter/name.normalized.txt`` beside ``name.wav``; also one subset's folder alone."""
    for file in sorted(root.rglob("*.normalized.txt")):
        name = file.name.removesuffix(".normalized.txt")
        chapter, speaker = file.parent.name, file.parent.parent.name
        yield Entry(
            id=name,
            text=_given(_read(file), f"{file}:1", "text"),
            cluster=speaker,
            speech=named(file.parent, name),
            tags=frozenset({f"speaker-{speaker}", f"chapter-{chapter}"}),
        )


def _vctk(root: Path) -> Iterator[Entry]:
    """``txt/p225/p225_001.txt`` with ``wav48_silence_trimmed/`` (0.92, first microphone) or ``wav48/`` (0.80)."""
    for file in sorted(root.glob("txt/*/*.txt")):
        speaker = file.parent.name
        spoken = (
            named(root / "wav48_silence_trimmed" / speaker, f"{file.stem}_mic1"),
            named(root / "wav48" / speaker, file.stem),
        )
        yield Entry(
            id=file.stem,
            text=_given(_read(file), f"{file}:1", "text"),
            cluster=speaker,
            speech=next((recording for recording in spoken if recording), None),
            tags=frozenset({f"speaker-{speaker}"}),
        )


def _seed_tts_eval(meta: Path) -> Iterator[Entry]:
    """``name|prompt text|prompt wav|text`` or with a fifth field, the human reading of the text.

    Without the fifth field the reading is ``wavs/name.wav`` beside the list, where that exists. Paths are
    relative to the list. The prompt is the voice to clone; its owner's consent is not in the layout.
    """
    for place, fields in _table(meta, (4, 5)):
        name, prompt, text = _given(fields[0], place, "name"), meta.parent / fields[2], fields[3]
        if prompt.suffix.lower() not in MEDIA_TYPES or not prompt.is_file():
            raise UsageError(f"{place}: there is no prompt recording {prompt}", "paths are relative to the list")
        reading = meta.parent / fields[4] if len(fields) == 5 else named(meta.parent / "wavs", name)
        if reading and not reading.is_file():
            raise UsageError(f"{place}: there is no recording {reading}", "paths are relative to the list")
        yield Entry(id=name, text=_given(text, place, "text"), cluster=prompt.stem, speech=reading, prompt=prompt)


LAYOUTS = {
    "ljspeech": Layout(
        title="LJSpeech layout",
        entries=_ljspeech,
        language="en",
        expected="a folder with metadata.csv and wavs/",
        rights="LJ Speech itself is in the public domain; other data in this layout has its own terms.",
    ),
    "libritts": Layout(
        title="LibriTTS layout",
        entries=_libritts,
        language="en",
        expected="a folder with speaker/chapter/*.normalized.txt below it",
        rights="LibriTTS itself is CC BY 4.0 (Zen et al. 2019); other data in this layout has its own terms.",
    ),
    "vctk": Layout(
        title="VCTK layout",
        entries=_vctk,
        language="en",
        expected="a folder with txt/ and wav48_silence_trimmed/ or wav48/",
        rights="VCTK 0.92 itself is CC BY 4.0 (Yamagishi et al. 2019); other data in this layout has its own terms.",
    ),
    "seed-tts-eval": Layout(
        title="seed-tts-eval list",
        entries=_seed_tts_eval,
        language=None,
        expected="a list of lines name|prompt text|prompt wav|text",
        rights="The recordings come from other corpora, each with its own terms; cloning a voice needs consent.",
    ),
}


def _table(file: Path, widths: tuple[int, ...]) -> Iterator[tuple[str, list[str]]]:
    """Place (``file:line``) and fields of each line that is not empty."""
    for number, line in enumerate(_read(file).split("\n"), start=1):
        if line.strip():
            fields = [field.strip() for field in line.split("|")]
            if len(fields) not in widths:
                wanted = " or ".join(map(str, widths))
                raise UsageError(
                    f"{file}:{number}: {len(fields)} fields, not {wanted} (fields are parted by '|')", "mend that line"
                )
            yield f"{file}:{number}", fields


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist", "give the folder that holds it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "it must be UTF-8 text") from None


def _given(value: str, place: str, what: str) -> str:
    words = " ".join(value.split())
    if not words:
        raise UsageError(f"{place}: the {what} is empty", "mend that line")
    return words
