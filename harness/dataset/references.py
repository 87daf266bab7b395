"""People's own readings of a dataset's lines: files named by sample, kept in the store.

``en-s03-l2.wav`` is a reading of the sample ``en-s03-l2``; ids with a slash are folders
(``fr/vm-sorry.flac``). In the store's folder ``references`` the copies lie under their sha256 in ``media``,
and ``<dataset>.json`` says which reading belongs to which sample of which version.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from filmbench.harness.contracts import contract
from filmbench.harness.dataset.audio_files import MEDIA_TYPES, artifacts
from filmbench.harness.dataset.filehash import changed
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.types import Artifact, Sample, UsageError, canonical_json, digest


def with_references(dataset: Dataset, folder: Path) -> Dataset:
    """The dataset with the readings in ``folder``, left where they are.

    Raises :class:`UsageError` when a file's name is no sample's id, when two files are readings of one
    sample, and when there is no reading at all.
    """
    readings = _match(dataset, folder)
    known = artifacts(readings.values())
    return _joined(dataset, {id: (known[file], file) for id, file in readings.items()})


def import_references(dataset: Dataset, folder: Path, store: Path) -> int:
    """Copy the readings in ``folder`` into ``store``, where ``load(ref, store)`` finds them; how many.

    Readings imported before stay, unless ``folder`` has another for the same sample. Raises
    :class:`UsageError` as :func:`with_references` does, and for a file that is silent or no sound at all.
    """
    from filmbench.harness.media.probe import probe

    readings = _match(dataset, folder)
    for file in readings.values():
        probe(file)
    listing = _listing(store, dataset)
    entries = dict(_entries(listing, dataset)) if listing.exists() else {}
    media = listing.parent / "media"
    media.mkdir(parents=True, exist_ok=True)
    known = artifacts(readings.values())
    for id, file in readings.items():
        artifact = known[file]
        name = f"{artifact.sha256}{file.suffix.lower()}"
        _copy(file, media / name)
        entries[id] = {"file": f"media/{name}", "media_type": artifact.media_type, "bytes": artifact.bytes}
    fresh = listing.with_suffix(".part")
    fresh.write_text(canonical_json({"dataset": dataset.ref, "readings": entries}), encoding="utf-8")
    fresh.replace(listing)
    return len(readings)


def merge_references(dataset: Dataset, store: Path) -> Dataset:
    """The dataset with the readings imported into ``store``, if there are any, each checked by hash."""
    listing = _listing(store, dataset)
    if not listing.exists():
        return dataset
    readings: dict[str, tuple[Artifact, Path]] = {}
    for id, entry in _entries(listing, dataset).items():
        file = listing.parent / entry["file"]
        readings[id] = Artifact(file.stem, entry["media_type"], entry["bytes"]), file
    for file, _ in changed({file: artifact.sha256 for artifact, file in readings.values()}):
        raise UsageError(f"{file} is not the reading that was imported", "import the readings again")
    return _joined(dataset, readings)


def _listing(store: Path, dataset: Dataset) -> Path:
    return store / "references" / f"{dataset.name}.json"


def _match(dataset: Dataset, folder: Path) -> dict[str, Path]:
    """Sample id to its reading."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "filmbench import --reference FOLDER")
    ids = {sample.id for sample in dataset.samples}
    readings: dict[str, Path] = {}
    unknown: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() not in MEDIA_TYPES or not file.is_file():
            continue
        id = file.relative_to(folder).with_suffix("").as_posix()
        if id in readings:
            raise UsageError(f"{file} and {readings[id]} are readings of one sample", "keep one of them")
        if id in ids:
            readings[id] = file
        else:
            unknown.append(id)
    if unknown:
        raise _unknown(dataset, folder, unknown, ids)
    if not readings:
        suffixes = ", ".join(MEDIA_TYPES)
        example = dataset.samples[0].id
        raise UsageError(f"{folder} holds no recordings ({suffixes})", f"name each by its sample, as {example}.wav")
    return readings


def _unknown(dataset: Dataset, folder: Path, unknown: list[str], ids: set[str]) -> UsageError:
    shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
    near = difflib.get_close_matches(unknown[0], ids, n=1, cutoff=0.6)
    hint = f"is {unknown[0]} meant to be {near[0]}?" if near else f"see: filmbench datasets show {dataset.name}"
    return UsageError(f"{folder}: {dataset.ref} has no sample named {shown}", hint)


def _entries(listing: Path, dataset: Dataset) -> Mapping[str, Any]:
    try:
        table = json.loads(listing.read_text(encoding="utf-8"))
        made_for, entries = table["dataset"], table["readings"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{listing} cannot be read: {error}", "import the readings again") from None
    if made_for != dataset.ref:
        raise UsageError(f"{listing} holds readings of {made_for}, not of {dataset.ref}", "import the readings again")
    readings: Mapping[str, Any] = entries
    return readings


def _joined(dataset: Dataset, readings: Mapping[str, tuple[Artifact, Path]]) -> Dataset:
    role = contract(dataset.contract).references[0].name

    def read_by_a_person(sample: Sample) -> Sample:
        if sample.id not in readings:
            return sample
        return replace(sample, references={**sample.references, role: readings[sample.id][0]})

    return replace(
        dataset,
        human_reference=True,
        samples=tuple(read_by_a_person(sample) for sample in dataset.samples),
        sha256=digest({"dataset": dataset.sha256, "readings": {id: a.sha256 for id, (a, _) in readings.items()}}),
        media={**dataset.media, **{artifact.sha256: file for artifact, file in readings.values()}},
    )


def _copy(file: Path, target: Path) -> None:
    if not target.exists():
        part = target.with_suffix(".part")
        shutil.copyfile(file, part)
        part.replace(target)
