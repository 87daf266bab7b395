"""Baselines: what a run found, frozen under a name, in one file that a repository can carry.

A baseline is a zip with the run's takes and scores as Parquet, its suite and manifest as JSON, and the media that
were chosen. Equal runs give equal bytes, so its sha256 says which it is, wherever it lies.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from filmbench.harness import contracts, results
from filmbench.harness.archives import DAMAGED
from filmbench.harness.results import Results
from filmbench.harness.store import Store
from filmbench.harness.suite import Suite
from filmbench.harness.types import UsageError, canonical_json

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
SUFFIX = ".filmbench"
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]*")
_JSON_COLUMNS = {"takes": ("tags",), "scores": ("statistics", "detail")}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline's file: what it is called, its content's hash, which run it froze."""

    name: str
    file: Path
    sha256: str
    run: str
    suite: str
    takes: int
    arms: tuple[str, ...]
    media: int

    @property
    def bytes(self) -> int:
        """The file's size."""
        return self.file.stat().st_size


def save(store: Store, found: Results, name: str, *, media: int = 0, file: Path | None = None) -> Baseline:
    """Freeze ``found`` as ``name`` in the store, or in ``file``; one of that name is replaced at once or not at all.

    ``media``: for how many samples the media go along, in the order of the plan. Those whose licence is not known stay.
    Raises :class:`UsageError` for a bad name or a place that cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"a baseline cannot be called {name!r}", "use a-z, 0-9, dot, dash, underscore and @")
    place = file or _place(store.folder, name)
    members = dict(_members(store, found, media))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(place.name + ".part")
        unfinished.write_bytes(_packed(members))
        unfinished.replace(place)
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror or error}") from None
    return describe(place, name)


def find(folder: Path, *names: str) -> Path:
    """The file of the first of ``names`` that is a baseline of the store ``folder``, or is a file's path."""
    places = [place for name in names for place in (_place(folder, name), Path(name))]
    if found := next((place for place in places if place.is_file()), None):
        return found
    name = names[-1]
    known = [one.stem for one in _files(folder)]
    hint = f"baselines: {', '.join(known)}" if known else f"save one: filmbench baseline save {name}"
    raise UsageError(f"there is no baseline {name!r}", hint)


def listed(folder: Path) -> tuple[Baseline, ...]:
    """The baselines of a store, by name."""
    return tuple(describe(file, file.stem) for file in _files(folder))


def drop(folder: Path, name: str) -> None:
    """Delete a baseline of the store."""
    find(folder, name)
    _place(folder, name).unlink(missing_ok=True)


def describe(file: Path, name: str | None = None) -> Baseline:
    """What a baseline's file holds. Raises :class:`UsageError` for one that is cut short or is none."""
    with _opened(file) as (archive, head):
        media = sum(member.startswith("media/") for member in archive.namelist())
        takes = int(head["takes"])
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    arms = tuple(head["arms"])
    return Baseline(name or file.stem, file, sha256, head["run"], head["suite"]["name"], takes, arms, media)


def read(file: Path) -> Results:
    """The results that a baseline froze, to be compared with those of today.

    Raises :class:`UsageError` for a file that is cut short or is none, and for one whose measures were made in
    another way than today's.
    """
    with _opened(file) as (archive, head):
        suite = Suite.model_validate(head["suite"])
        takes, scores = _frame(archive, "takes"), _frame(archive, "scores")
    found = Results(head["run"], suite, takes, scores, (), dict(head["skipped"]), head["manifest"])
    results.refuse_other_signatures(found, f"baseline {file.stem}")
    return found


def older(store: Store, newer: Results, run: str | None, baseline: str | None) -> Results | None:
    """What ``newer`` is to be compared with: an earlier run, a baseline (name or file), or itself (``None``).

    Raises :class:`UsageError` for both at once, and where the two were not asked or measured alike.
    """
    if run and baseline:
        raise UsageError("an earlier run and a baseline are given", "give --base-run or --baseline")
    if not run and not baseline:
        return None
    if run:
        found = results.read(store, run)
    else:
        file = find(store.folder, baseline or "")
        found = read(file)
        _bring_media(store, file)
    results.refuse_unlike(found, newer)
    return found


def _bring_media(store: Store, file: Path) -> None:
    """Put a baseline's media into the store, to be played beside the candidate's; their names are their hashes."""
    with _opened(file) as (archive, _), TemporaryDirectory() as folder:
        for member in archive.namelist():
            if member.startswith("media/"):
                content = archive.read(member)
                if hashlib.sha256(content).hexdigest() != member.removeprefix("media/"):
                    raise UsageError(f"{file} holds a medium that is not what its name says", "fetch or save it again")
                medium = Path(folder) / "medium"
                medium.write_bytes(content)
                store.artifacts.add(medium, "application/octet-stream")


def _place(folder: Path, name: str) -> Path:
    return folder / "baselines" / f"{Path(name).name}{SUFFIX}"


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "baselines").glob(f"*{SUFFIX}"))


def _members(store: Store, found: Results, media: int) -> Iterator[tuple[str, bytes]]:
    head = {
        "format": FORMAT,
        "run": found.run,
        "suite": found.suite.model_dump(mode="json"),
        "manifest": dict(found.manifest),
        "skipped": found.skipped,
        "takes": len(found.takes),
        "arms": sorted(set(found.takes["arm"])),
    }
    yield "baseline.json", canonical_json(head).encode()
    yield "scores.parquet", _parquet(found.scores, _JSON_COLUMNS["scores"])
    yield "takes.parquet", _parquet(found.takes, _JSON_COLUMNS["takes"])
    for sha256 in sorted(set(_chosen(store, found, media))):
        yield f"media/{sha256}", store.artifacts.find(sha256).read_bytes()


def _chosen(store: Store, found: Results, samples: int) -> Iterator[str]:
    """The media of the first samples that may be passed on."""
    from filmbench.harness.report import provenance

    first = found.takes.drop_duplicates(["dataset", "sample"])[:samples]
    known = {one.ref: one for one in provenance.data(store, found.suite)}
    wanted = found.takes.merge(first[["dataset", "sample"]], on=["dataset", "sample"])
    for row in wanted[wanted["artifact"].notna()].itertuples():
        data = known.get(str(row.dataset))
        theirs = data is None or data.withholds(str(row.sample))
        if not theirs or (row.role == "arm" and not contracts.contract(str(row.contract)).reworks):
            yield str(row.artifact)


def _parquet(frame: pd.DataFrame, as_json: tuple[str, ...]) -> bytes:
    frame = frame.copy()
    for name in set(as_json) & set(frame):
        frame[name] = [json.dumps(value, sort_keys=True) for value in frame[name]]
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _frame(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(archive.read(f"{name}.parquet")))
    for column in set(_JSON_COLUMNS[name]) & set(frame):
        frame[column] = pd.Series([json.loads(text) for text in frame[column]], dtype=object)
    return frame


def _packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """The archive with every byte checked, and its head."""
    try:
        raw = file.open("rb")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    try:
        with raw, zipfile.ZipFile(raw) as archive:
            if bad := archive.testzip():
                raise UsageError(f"{file} is damaged at {bad}", "fetch or save it again")
            head = json.loads(archive.read("baseline.json"))
            if head["format"] > FORMAT:
                raise UsageError(f"{file} was written by a newer filmbench", "update filmbench")
            yield archive, head
    except DAMAGED as error:
        raise UsageError(f"{file} is cut short or no baseline ({error})", "fetch or save it again") from None
