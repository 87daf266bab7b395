"""Audio files on disk as artifacts: which suffixes count, and what each file is by content."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from filmbench.harness.dataset.filehash import sha256_of_all
from filmbench.harness.types import Artifact

MEDIA_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg"}


def artifacts(files: Iterable[Path]) -> dict[Path, Artifact]:
    """Each file's artifact; hashes are remembered while a file stays as it was."""
    unique = list(dict.fromkeys(files))
    hashes = sha256_of_all(unique)
    return {
        file: Artifact(sha256, MEDIA_TYPES[file.suffix.lower()], file.stat().st_size)
        for file, sha256 in zip(unique, hashes, strict=True)
    }


def named(folder: Path, stem: str) -> Path | None:
    """The audio file of that name in ``folder``, whatever its suffix."""
    return next((file for suffix in MEDIA_TYPES if (file := folder / f"{stem}{suffix}").is_file()), None)
