"""sha256 of many files, remembered while a file stays as it was.

A corpus of several gigabytes is hashed once; later loads compare size and times with what is remembered in
``file-hashes.sqlite`` in the cache folder. A change that keeps size, modification and change time is seen
only by ``fresh=True``, which reads every byte.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from filmbench.harness.models import cache_folder

# A file written this recently could change again without a new time stamp, so its hash is not remembered.
SETTLED_AFTER = 2.0

_TABLE = "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, state TEXT NOT NULL, sha256 TEXT NOT NULL)"


def sha256_of(file: Path) -> str:
    """64 hex digits. Raises ``OSError`` when the file cannot be read."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_all(files: Sequence[Path], fresh: bool = False) -> list[str]:
    """The hash of each file, in order. Raises ``OSError`` when one cannot be read."""
    if fresh:
        return _read_all(files)
    states = {file: _state(file) for file in files}
    known = _recall(states)
    missing = [file for file in states if file not in known]
    fresh_hashes = dict(zip(missing, _read_all(missing), strict=True))
    _remember({file: (states[file], value) for file, value in fresh_hashes.items()})
    return [known[file] if file in known else fresh_hashes[file] for file in files]


def changed(pins: Mapping[Path, str], fresh: bool = False) -> Iterator[tuple[Path, str | None]]:
    """The files that are not as pinned, each with the sha256 it has now (``None``: it is missing)."""
    present = [file for file in pins if file.is_file()]
    found = dict(zip(present, sha256_of_all(present, fresh), strict=True))
    for file, pin in pins.items():
        if found.get(file) != pin:
            yield file, found.get(file)


def _read_all(files: Sequence[Path]) -> list[str]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing releases the interpreter lock
        return list(pool.map(sha256_of, files))


def _state(file: Path) -> tuple[str, float]:
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}", max(stat.st_mtime, stat.st_ctime)


def _recall(states: dict[Path, tuple[str, float]]) -> dict[Path, str]:
    known: dict[Path, str] = {}
    with suppress(sqlite3.Error, OSError), closing(_open()) as memory:
        for file, (state, _) in states.items():
            row = memory.execute("SELECT state, sha256 FROM files WHERE path = ?", (str(file.absolute()),)).fetchone()
            if row and row[0] == state:
                known[file] = row[1]
    return known


def _remember(hashes: dict[Path, tuple[tuple[str, float], str]]) -> None:
    settled = time.time() - SETTLED_AFTER
    rows: Iterable[tuple[str, str, str]] = [
        (str(file.absolute()), state, value) for file, ((state, changed), value) in hashes.items() if changed < settled
    ]
    if not rows:
        return
    with suppress(sqlite3.Error, OSError), closing(_open()) as memory, memory:
        memory.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)


def _open() -> sqlite3.Connection:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    memory = sqlite3.connect(folder / "file-hashes.sqlite", timeout=10)
    memory.execute(_TABLE)
    return memory
