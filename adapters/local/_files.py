"""Handing a sample's own medium out as a take."""

from __future__ import annotations

import shutil
from pathlib import Path

from filmbench.harness.protocols import Media
from filmbench.harness.types import Artifact

SUFFIXES = {
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    "video/x-matroska": ".mkv",
    "video/webm": ".webm",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/json": ".json",
    "application/x-npz": ".npz",
    "model/bvh": ".bvh",
}


def copied(artifact: Artifact, role: str, media: Media, folder: Path) -> tuple[Path, str]:
    """A copy of ``artifact`` in ``folder``, byte for byte, with its media type."""
    copy = folder / f"{role}{SUFFIXES.get(artifact.media_type, '')}"
    shutil.copyfile(media.path(artifact), copy)
    return copy, artifact.media_type
