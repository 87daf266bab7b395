"""Which file is which take: by the sheet, or by name.

A file is called after its sample: ``<sample>.png``, or, where the sample has a folder, anything in ``<sample>/``. Its
role and the number of its take follow, where they are needed, parted by points: ``<sample>.matte.2.mkv``,
``<sample>/image.2.png``. Pictures of a sequence, and files of which a role takes many, lie in a folder called so:
``<sample>/matte.2/0001.png``.

Nothing outside the folder is read, and no link is followed.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filmbench.harness.contracts import Contract, Role
from filmbench.harness.imports import worksheet
from filmbench.harness.imports.worksheet import Facts, Line
from filmbench.harness.media.names import INSTEAD, SEQUENCES, suffixes
from filmbench.harness.store.artifacts import MAX_BYTES
from filmbench.harness.types import UsageError

GIVEN = "given"
"""The folder of a sample that holds what its maker was given."""
README = "README.md"
MOST_FILES = 200_000
MOST_TAKES = 100
_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class Supplied:
    """One take that a maker brought: ``take`` counts from 0, files are by role."""

    sample: str
    take: int
    files: Mapping[str, tuple[Path, ...]]
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Place:
    """What a name says: the sample, the role (``None``: not said) and the take."""

    sample: str
    role: str | None
    take: int


def match(folder: Path, contract: Contract, samples: Sequence[str]) -> tuple[Supplied, ...]:
    """The takes in ``folder`` by sample and take, with what its ``manifest.csv`` says, where it has one.

    Raises :class:`UsageError` in one sentence for a file that is no sample's, a link, a file of another kind, two files
    of one role, a sheet that leads out of the folder and for a folder without any take.
    """
    files = _walk(folder)
    sheet = folder / worksheet.NAME
    lines = worksheet.read(sheet) if sheet in files else ()
    matcher = _Matcher(folder, contract, tuple(samples))
    named = {file for line in lines for file in matcher.by_line(line, files)}
    evidence = {_inside(folder, line.facts.evidence, files) for line in lines if line.facts.evidence}
    for file in sorted(files):
        if file not in named | evidence | {sheet, folder / README}:
            matcher.by_name(file)
    found = matcher.supplied({(line.sample, line.take): line.facts for line in lines})
    if not found:
        example = f"{samples[0]}{_endings(contract, _main(contract))[0]}"
        raise UsageError(f"{folder} holds no take", f"name each file after its sample, as {example}")
    return found


def _walk(folder: Path) -> set[Path]:
    """Every plain file below ``folder`` that a maker may have put there."""
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError(f"{folder} is no folder", "filmbench import FOLDER --as NAME --suite SUITE")
    found: set[Path] = set()
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not _passed_over(name) and name != GIVEN]
        for name in [*folders, *(name for name in names if not _passed_over(name))]:
            path = Path(root, name)
            facts = path.lstat()
            if stat.S_ISLNK(facts.st_mode):
                raise UsageError(f"{path} is a link, and no link is followed", "put the file itself there")
            if stat.S_ISDIR(facts.st_mode):
                continue
            if not stat.S_ISREG(facts.st_mode):
                raise UsageError(f"{path} is no plain file", "take it away")
            if facts.st_size > MAX_BYTES:
                size = f"{facts.st_size / 2**30:.1f} GB"
                raise UsageError(f"{path} has {size}; the most is {MAX_BYTES / 2**30:.0f} GB", "render it smaller")
            found.add(path)
            if len(found) > MOST_FILES:
                raise UsageError(f"{folder} holds more than {MOST_FILES:,} files", "import it in parts")
    return found


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def _inside(folder: Path, place: str, files: set[Path]) -> Path:
    """The file that a sheet names. Raises :class:`UsageError` for one outside the folder or not there."""
    pure = PurePosixPath(place.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or re.match(r"[A-Za-z]:", place):
        raise UsageError(f"{place} leads out of {folder}", "name files by their place in the folder")
    path = folder.joinpath(*pure.parts)
    if path not in files:
        near = difflib.get_close_matches(place, [file.relative_to(folder).as_posix() for file in files], n=1)
        raise UsageError(f"{folder} holds no file {place}", f"did you mean {near[0]}?" if near else None)
    return path


class _Matcher:
    """Collects files by sample, take and role."""

    def __init__(self, folder: Path, contract: Contract, samples: tuple[str, ...]) -> None:
        self._folder = folder
        self._contract = contract
        self._samples = frozenset(samples)
        self._roles = {role.name: role for role in contract.outputs}
        self._found: dict[tuple[str, int], dict[str, list[Path]]] = {}

    def by_line(self, line: Line, files: set[Path]) -> Iterator[Path]:
        """The files that one line of the sheet names."""
        if line.sample not in self._samples:
            raise UsageError(
                f"line {line.number} of the sheet: there is no sample {line.sample}", self._near(line.sample)
            )
        for name, place in line.files.items():
            parts = sorted(file for file in files if _below(self._folder, place, file))
            for path in parts or [_inside(self._folder, place, files)]:
                self._put(path, _Place(line.sample, name or None, line.take), sequence=bool(parts))
                yield path

    def by_name(self, file: Path) -> None:
        """Put ``file`` where its name says."""
        relative = PurePosixPath(file.relative_to(self._folder).as_posix())
        place = self._read(str(relative.parent))
        if place and place.role and self._gathers(self._roles[place.role], file):
            self._put(file, place, sequence=True)
            return
        name = str(relative.with_suffix(""))
        place = self._read(name)
        if place is None:
            raise UsageError(f"{file}: there is no sample of that name", self._near(name))
        self._put(file, place)

    def supplied(self, facts: Mapping[tuple[str, int], Facts]) -> tuple[Supplied, ...]:
        """All that was found, each with what the sheet says of it."""
        return tuple(
            Supplied(sample, take, {role: tuple(sorted(files, key=_in_order)) for role, files in roles.items()},
                     facts.get((sample, take), Facts()))
            for (sample, take), roles in sorted(self._found.items())
        )  # fmt: skip

    def _gathers(self, role: Role, file: Path) -> bool:
        """Whether files of a role lie together in a folder: layers, and the pictures of a matte."""
        return role.many or (role.kind == "matte" and file.suffix.lower() in SEQUENCES)

    def _read(self, name: str) -> _Place | None:
        """What a name without its suffix says; the longest sample that fits is meant."""
        cuts = [at for at in range(len(name), 0, -1) if at == len(name) or name[at] in "./"]
        for at in cuts:
            if name[:at] in self._samples and (place := self._rest(name[:at], name[at + 1 :])):
                return place
        return None

    def _rest(self, sample: str, rest: str) -> _Place | None:
        role, take = None, None
        for word in filter(None, re.split(r"[./]", rest)):
            if word in self._roles and role is None:
                role = word
            elif word.isascii() and word.isdigit() and take is None and 1 <= int(word[:9]) <= MOST_TAKES:
                take = int(word)
            else:
                return None
        return _Place(sample, role, (take or 1) - 1)

    def _put(self, file: Path, place: _Place, sequence: bool = False) -> None:
        role = self._role(file, place.role)
        many = self._found.setdefault((place.sample, place.take), {}).setdefault(role.name, [])
        if many and not sequence and not role.many:
            raise UsageError(
                f"{file} and {many[0]} are both {role.name} of take {place.take + 1} of {place.sample}",
                f"number takes, as {place.sample}.2{file.suffix}, or keep one of them",
            )
        many.append(file)

    def _role(self, file: Path, name: str | None) -> Role:
        """The role of a file: the one said, else the only one, or the only required one, that takes its kind."""
        if name is not None and name not in self._roles:
            raise UsageError(
                f"{file}: {self._contract.title.lower()} gives no {name}", f"it gives: {', '.join(self._roles)}"
            )
        fitting = [
            role
            for role in self._contract.outputs
            if name in (None, role.name) and file.suffix.lower() in _endings(self._contract, role)
        ]
        required = [role for role in fitting if role.required]
        if len(fitting) == 1 or len(required) == 1:
            return (required or fitting)[0]
        if fitting:
            names = " or ".join(role.name for role in fitting)
            raise UsageError(f"{file} may be {names}", f"say which, as in {file.stem}.{fitting[0].name}{file.suffix}")
        role = self._roles[name] if name else _main(self._contract)
        wanted = ", ".join(_endings(self._contract, role))
        instead = INSTEAD.get(file.suffix.lower())
        raise UsageError(f"{file} is no file for {role.name}", f"{f'{instead}; ' if instead else ''}it takes: {wanted}")

    def _near(self, name: str) -> str:
        """The nearest right name, for a hint."""
        near = difflib.get_close_matches(name, self._samples, n=1, cutoff=0.5)
        example = near[0] if near else min(self._samples)
        said = f"did you mean {example}? " if near else ""
        return f"{said}files are called {example}, then .role and .take where needed, as {example}.2"


def _in_order(file: Path) -> list[tuple[int, str]]:
    """Sort key by which ``layer-10`` comes after ``layer-2``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", file.name)]


def _below(folder: Path, place: str, file: Path) -> bool:
    """Whether ``place``, as a sheet names it, is the folder that ``file`` lies in."""
    return file.parent != folder and file.parent.relative_to(folder).as_posix() == place.replace("\\", "/").rstrip("/")


def _endings(contract: Contract, role: Role) -> tuple[str, ...]:
    return suffixes(contract.id, role.name, role.kind)


def _main(contract: Contract) -> Role:
    return next(role for role in contract.outputs if role.required)
