"""Untrusted pictures: one decoded image within bounds, upright as its EXIF asks, of 8 bits a channel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia, check_bytes
from filmbench.harness.types import Artifact

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "TIFF": "image/tiff"}
MOST_PIXELS = 64_000_000
MOST_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Measured facts of one picture; sizes in pixels, upright."""

    media_type: str
    width: int
    height: int
    mode: str


class ImageClip:
    """One artifact's picture, decoded once. Arrays are read-only."""

    def __init__(self, artifact: Artifact, path: Path) -> None:
        self.artifact = artifact
        self.path = path

    @cached_property
    def facts(self) -> ImageFacts:
        """Measured facts. Raises :class:`BadMedia`."""
        return examine(self.path)

    @cached_property
    def rgb(self) -> Any:
        """uint8, shape (height, width, 3), sRGB; opacity left out."""
        return self._array("RGB")

    @cached_property
    def rgba(self) -> Any:
        """uint8, shape (height, width, 4)."""
        return self._array("RGBA")

    @cached_property
    def grey(self) -> Any:
        """uint8, shape (height, width): a mask's values."""
        return self._array("L")

    def _array(self, mode: str) -> Any:
        import numpy as np

        array = np.asarray(_opened(self.path).convert(mode))
        array.setflags(write=False)
        return array


def examine(path: Path) -> ImageFacts:
    """The facts of ``path``. Raises :class:`BadMedia` for what is no whole picture."""
    image = _opened(path)
    return ImageFacts(FORMATS[str(image.format or _format(path))], image.width, image.height, image.mode)


def _format(path: Path) -> str:
    from PIL import Image

    with Image.open(path, formats=list(FORMATS)) as image:
        return str(image.format)


def _opened(path: Path) -> Any:
    from PIL import Image, ImageOps, UnidentifiedImageError

    check_bytes(path, MOST_BYTES)
    try:
        image = Image.open(path, formats=list(FORMATS))
        if image.width * image.height > MOST_PIXELS:
            raise BadMedia(path, f"{image.width}×{image.height} pixels are more than the {MOST_PIXELS:,} allowed")
        if str(image.mode).startswith(("I", "F")):
            raise BadMedia(path, f"has {image.mode} pixels, more than 8 bits: HDR is not taken")
        image.load()
        return ImageOps.exif_transpose(image)
    except UnidentifiedImageError as error:
        raise BadMedia(path, "not a picture, or damaged") from error
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadMedia(path, f"damaged or truncated ({error})") from error
