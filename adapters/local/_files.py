"""Handing a sample's own medium out as a take."""

from __future__ import annotations

import shutil
from pathlib import Path

from filmbench.harness.media.names import suffix
from filmbench.harness.protocols import Media
from filmbench.harness.types import Artifact


def copied(artifact: Artifact, role: str, media: Media, folder: Path) -> tuple[Path, str]:
    """A copy of ``artifact`` in ``folder``, byte for byte, with its media type."""
    copy = folder / f"{role}{suffix(artifact.media_type)}"
    shutil.copyfile(media.path(artifact), copy)
    return copy, artifact.media_type
