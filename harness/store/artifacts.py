"""Content-addressed media: ``artifacts/ab/cd/<sha256>``, on this disk or in an object store.

Bytes are hashed while they stream into a spool (in memory while they are few); only a whole, flushed file
gets its name, so a name that exists is a file that is whole. Where an object store is named (``s3://…``),
files go there as well, through fsspec, and what is not here is read from there.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO

from filmbench.harness.types import Artifact, UsageError

MAX_BYTES = 2 * 1024**3
_IN_MEMORY = 4 * 1024**2
_REMEMBERED = 10_000


class Oversized(Exception):
    """More bytes came than any answer of this kind may have."""


class Spooled:
    """One artifact on its way in: the Writer that a provider sees."""

    def __init__(self, role: str, media_type: str, file: IO[bytes], limit: int, clock: float) -> None:
        self.role = role
        self.media_type = media_type
        self.bytes = 0
        self.arrivals: list[tuple[int, float]] = []
        self._file = file
        self._hash = hashlib.sha256()
        self._limit = limit
        self._clock = clock

    async def write(self, chunk: bytes) -> None:
        """Append ``chunk`` and log when it came. Raises :class:`Oversized` past the size cap."""
        self.bytes += len(chunk)
        if self.bytes > self._limit:
            raise Oversized(f"more than {self._limit / 1e6:.0f} MB came for {self.role!r}")
        self.arrivals.append((self.bytes, time.perf_counter() - self._clock))
        self._hash.update(chunk)
        self._file.write(chunk)

    @property
    def sha256(self) -> str:
        """Of the bytes so far."""
        return self._hash.hexdigest()


class Artifacts:
    """The artifacts of one store. ``root`` is a folder; ``remote`` an fsspec URL that mirrors it.

    For one that is ``read_only`` no folder is made.
    """

    def __init__(self, root: Path, remote: str | None = None, read_only: bool = False) -> None:
        self.root = root
        self.remote = remote.rstrip("/") if remote else None
        self._spool = root / "spool"
        self._here: set[str] = set()
        if read_only:
            return
        try:
            self._spool.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"the store {root} cannot be made: {error.strerror}", "choose another --store") from None

    @classmethod
    def at(cls, store: Path, read_only: bool = False) -> Artifacts:
        """The artifacts of a store folder; ``FILMBENCH_ARTIFACTS`` may name an object store."""
        return cls(store / "artifacts", os.environ.get("FILMBENCH_ARTIFACTS"), read_only)

    def path(self, artifact: Artifact) -> Path:
        """A local file with the artifact's bytes. Raises :class:`UsageError` when they are gone."""
        return self.find(artifact.sha256)

    def find(self, sha256: str) -> Path:
        """:meth:`path` for those who know only the hash."""
        local = self._place(sha256)
        if not local.exists() and self.remote:
            self._bring(sha256, local)
        if not local.exists():
            raise UsageError(f"the media {sha256[:12]}… is missing from {self.root}", "run the suite again")
        return local

    @asynccontextmanager
    async def receive(self, role: str, media_type: str, clock: float, limit: int = MAX_BYTES) -> AsyncIterator[Spooled]:
        """Take in one artifact while it streams; it is kept only when the block ends without an error.

        ``clock`` is the ``time.perf_counter()`` of sending the request, from which arrivals are measured.
        """
        with _disk_faults(), SpooledTemporaryFile(_IN_MEMORY, dir=str(self._spool)) as file:
            spooled = Spooled(role, media_type, file, limit, clock)
            yield spooled
            if not self._has(spooled.sha256):
                await asyncio.to_thread(self._keep, file, spooled.sha256)

    def add(self, source: Path, media_type: str) -> Artifact:
        """Copy a finished local file in."""
        with source.open("rb") as stream, _disk_faults():
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            if not self._has(sha256):
                self._keep(stream, sha256)
            return Artifact(sha256, media_type, stream.tell())

    def _place(self, sha256: str) -> Path:
        return Path(f"{self.root}/{sha256[:2]}/{sha256[2:4]}/{sha256}")

    def _has(self, sha256: str) -> bool:
        """Whether the bytes need not be written. What was seen once is not looked for again by those who write."""
        if sha256 in self._here:
            return True
        if not self._place(sha256).exists():
            return False
        if len(self._here) >= _REMEMBERED:
            self._here.clear()
        self._here.add(sha256)
        return True

    def _keep(self, content: IO[bytes], sha256: str) -> None:
        """Write whole content under its name: to a scratch file, flushed, renamed, the folder flushed."""
        target = self._place(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        content.seek(0)
        with NamedTemporaryFile(dir=self._spool, delete=False) as file:
            try:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(target)
            finally:
                Path(file.name).unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        if self.remote:
            self._send(target, sha256)

    def _send(self, local: Path, sha256: str) -> None:
        import fsspec

        files, base = fsspec.core.url_to_fs(self.remote)
        there = f"{base}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        files.makedirs(there.rsplit("/", 1)[0], exist_ok=True)
        files.put_file(str(local), there)
        with files.open(there, "rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                raise UsageError(
                    f"the object store changed {sha256[:12]}… on the way", "check the store, then --resume"
                )

    def _bring(self, sha256: str, local: Path) -> None:
        import fsspec

        files, base = fsspec.core.url_to_fs(self.remote)
        there = f"{base}/{sha256[:2]}/{sha256[2:4]}/{sha256}"
        if not files.exists(there):
            return
        local.parent.mkdir(parents=True, exist_ok=True)
        self._spool.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=self._spool, delete=False) as file:
            files.get_file(there, file.name)
        with Path(file.name).open("rb") as stream:
            whole = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
        if whole:
            Path(file.name).replace(local)
        else:
            Path(file.name).unlink()


@contextmanager
def _disk_faults() -> Iterator[None]:
    """Turn the faults a user can mend into sentences."""
    try:
        yield
    except OSError as error:
        raise _explained(error) from error


def _explained(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UsageError(
            "the disk is full: no more media can be kept", "free some space, then: filmbench run --resume"
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return UsageError("the store cannot be written (read-only folder)", "choose another --store or mend its rights")
    return error
