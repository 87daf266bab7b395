"""The reader that fits an artifact, by its media type."""

from __future__ import annotations

from pathlib import Path

from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.documents import Document
from filmbench.harness.media.joints import MEDIA_TYPE as MOTION
from filmbench.harness.media.joints import MotionClip
from filmbench.harness.media.still import ImageClip
from filmbench.harness.media.video import VideoClip
from filmbench.harness.types import Artifact

Medium = AudioClip | VideoClip | ImageClip | MotionClip | Document


def open_medium(artifact: Artifact, path: Path) -> Medium:
    """Sound, film, picture, motion or data; nothing is read before it is asked for."""
    if artifact.media_type == MOTION:
        return MotionClip(artifact, path)
    match artifact.media_type.split("/")[0]:
        case "audio":
            return AudioClip(artifact, path)
        case "video":
            return VideoClip(artifact, path)
        case "image":
            return ImageClip(artifact, path)
        case _:
            return Document(artifact, path)
