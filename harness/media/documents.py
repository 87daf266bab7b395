"""Untrusted data files: JSON and text within bounds."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia, check_bytes
from filmbench.harness.types import Artifact

MOST_BYTES = 64 * 2**20


class Document:
    """One artifact that is data: ``json`` or ``text``, read once."""

    def __init__(self, artifact: Artifact, path: Path) -> None:
        self.artifact = artifact
        self.path = path

    @cached_property
    def text(self) -> str:
        """The whole file as UTF-8 text. Raises :class:`BadMedia`."""
        return read_text(self.path)

    @cached_property
    def json(self) -> Any:
        """The whole file as JSON. Raises :class:`BadMedia`."""
        return read_json(self.path)


def read_text(path: Path) -> str:
    """``path`` as UTF-8 text. Raises :class:`BadMedia`."""
    check_bytes(path, MOST_BYTES)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadMedia(path, "not UTF-8 text") from error


def read_json(path: Path) -> Any:
    """``path`` as JSON without NaN. Raises :class:`BadMedia`."""
    try:
        return json.loads(read_text(path), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadMedia(path, f"not JSON ({error})") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"holds {constant}, which is no number")
