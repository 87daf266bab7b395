"""Datasets by name: those we ship, and folders that people already have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from filmbench.harness.dataset import layouts, recipes
from filmbench.harness.dataset.manifest import (
    Dataset,
    Manifest,
    Problem,
    problems,
    read_dataset,
    read_manifest,
    restore,
)
from filmbench.harness.dataset.recipes.content import Progress
from filmbench.harness.dataset.references import merge_references
from filmbench.harness.types import UsageError


@dataclass(frozen=True, slots=True)
class About:
    """The facts of a dataset that can be told before it is fetched."""

    name: str
    version: str
    title: str
    contract: str
    licence: str
    attribution: str
    languages: tuple[str, ...]
    samples: int
    human_reference: bool
    fetched: bool
    card: str


def names() -> tuple[str, ...]:
    """The datasets that ship with filmbench, fetched or not."""
    return tuple(sorted(_shipped()))


def about(name: str) -> About:
    """What is known of a shipped dataset without reading its samples. Raises :class:`UsageError`."""
    manifest = _manifest(name)
    table = manifest.table
    return About(
        name=manifest.name,
        version=manifest.version,
        title=table["title"],
        contract=table["contract"],
        licence=table["licence"],
        attribution=table["attribution"],
        languages=tuple(table.get("languages", ())),
        samples=table["samples"],
        human_reference=bool(table.get("human_reference", False)),
        fetched=manifest.fetched,
        card=manifest.card(),
    )


def load(ref: str, store: Path | None = None) -> Dataset:
    """The dataset that ``ref`` names, checked against its pins.

    People's readings that :func:`~filmbench.harness.dataset.import_references` brought into ``store`` join
    the samples.

    Raises :class:`UsageError` for a name or version that does not exist, for a file that is not the pinned
    one, for a malformed line (with file and line) and for a dataset that was not fetched yet.
    """
    kind, colon, place = ref.partition(":")
    if not colon:
        dataset = read_dataset(_manifest(ref))
    elif kind == "folder":
        dataset = read_dataset(read_manifest(Path(place).expanduser()))
    else:
        dataset = layouts.read(kind, Path(place).expanduser())
    return merge_references(dataset, store) if store else dataset


def fetch(name: str, progress: Progress | None = None) -> None:
    """Bring what may not be committed to the cache folder, verified; nothing to do where today's recipe made all of it.

    ``progress`` is called with what is being done, the steps done and the steps there are. Raises
    :class:`UsageError` when a source cannot be reached, gives other bytes than pinned, or the cache is full; what
    was there stays.
    """
    manifest = _manifest(name)
    if manifest.recipe is None or (manifest.fetched and not any(_problems(manifest))):
        return
    try:
        recipes.build(manifest, progress or (lambda what, done, total: None))
    except OSError as error:
        raise UsageError(
            f"{name} cannot be fetched into {manifest.content.parent}: {error.strerror or error}",
            "make room, or set FILMBENCH_CACHE to a folder that can be written",
        ) from error


def verify(name: str) -> tuple[Problem, ...]:
    """Every pinned file of a dataset read anew; what differs, an edited recipe among it.

    Raises :class:`UsageError` if not fetched.
    """
    return tuple(_problems(_manifest(name)))


def _problems(manifest: Manifest) -> Iterator[Problem]:
    yield from problems(manifest)
    if manifest.recipe is not None and recipes.edited(manifest):
        message = "made by another recipe than today's: whether that makes these bytes too is not known"
        yield Problem(manifest.content, message, restore(manifest))


def _shipped() -> dict[str, Path]:
    """Folder of each shipped dataset, by name."""
    return {
        entry.name: Path(str(entry))
        for entry in files("filmbench.datasets").iterdir()
        if entry.joinpath("dataset.toml").is_file()
    }


def _manifest(ref: str) -> Manifest:
    name, at, version = ref.partition("@")
    shipped = _shipped()
    if name not in shipped:
        near = difflib.get_close_matches(name, shipped, n=2, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "see: filmbench datasets list"
        raise UsageError(f"there is no dataset {name!r}", hint)
    manifest = read_manifest(shipped[name])
    if at and version != manifest.version:
        raise UsageError(
            f"{name} is at version {manifest.version} here, not {version!r}",
            f"ask for {name}@{manifest.version}, or install the filmbench release that carries {version!r}",
        )
    return manifest
