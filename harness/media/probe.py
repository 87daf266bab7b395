"""What a file from outside really is, measured before anything else looks at it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.contracts import Kind
from filmbench.harness.media import documents, joints, still, video
from filmbench.harness.media.decode import BadMedia, Decoded, Limits, decode

__all__ = ["SILENT_DBFS", "BadMedia", "Decoded", "Limits", "Probe", "decode", "examine", "facts", "probe"]

AUDIBLE_DBFS = -50.0
"""Level of the first frame that counts as heard."""
SILENT_DBFS = -60.0
"""A file without one frame above this level is silent."""
FRAME_SECONDS = 0.010
BLOCK_FRAMES = 6000
"""Frames measured at once: a minute, so that a long file needs no second copy of itself."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Measured facts of one sound file.

    ``samples`` counts frames in time, ``peak`` is the greatest magnitude in any channel (full scale 1;
    float files may exceed it). ``active_from`` is where the first 10 ms frame above −50 dBFS begins, in
    seconds, or ``None`` when all stay below.
    """

    media_type: str
    seconds: float
    rate: int
    channels: int
    codec: str
    samples: int
    peak: float
    active_from: float | None


def facts(path: Path, kind: Kind) -> dict[str, Any]:
    """Decode or parse ``path`` whole, as its role's ``kind`` asks, and tell what it is, as plain JSON.

    Raises :class:`BadMedia` for what is empty, damaged, truncated, oversized, silent, black or another kind of
    file. A matte may be black (there may be nothing to cut out), a ``clip`` may have no picture.
    """
    match kind:
        case "audio":
            return asdict(probe(path))
        case "video" | "matte":
            return _film(path, may_be_black=kind == "matte")
        case "clip":
            return _clip(path)
        case "image":
            return asdict(still.examine(path))
        case "json":
            return {"items": len(content) if isinstance(content := documents.read_json(path), list | dict) else 1}
        case "joints":
            return joints.facts(path)
        case "text" | "bvh":
            return {"characters": len(documents.read_text(path))}


def probe(path: Path, limits: Limits = Limits()) -> Probe:  # noqa: B008 - frozen
    """Decode a sound file whole and measure it.

    Raises :class:`BadMedia`: whatever :func:`decode` refuses, and ``"silent"`` when no 10 ms frame rises
    above −60 dBFS. To keep the samples, call :func:`decode` and then :func:`examine`.
    """
    found = examine(decode(path, limits))
    if found is None:
        raise BadMedia(path, "silent")
    return found


def _film(path: Path, may_be_black: bool) -> dict[str, Any]:
    found, seen = video.examine(path)
    if not seen and not may_be_black:
        raise BadMedia(path, "black")
    return asdict(found)


def _clip(path: Path) -> dict[str, Any]:
    """Sound, with or without pictures: silent is a fault."""
    sound = asdict(probe(path))
    if not video.has_picture(path):
        return sound
    return {**_film(path, may_be_black=False), "active_from": sound["active_from"], "rate": sound["rate"]}


def examine(decoded: Decoded) -> Probe | None:
    """The facts of sound already in memory, or ``None`` when it is silent.

    A frame's level is the RMS over all channels, the mean of the channel taken away first, so that a
    constant offset is no sound.
    """
    import numpy as np

    levels = _frame_levels(decoded)
    if not (levels > SILENT_DBFS).any():
        return None
    audible = np.flatnonzero(levels > AUDIBLE_DBFS)
    return Probe(
        media_type=decoded.media_type,
        seconds=decoded.seconds,
        rate=decoded.rate,
        channels=decoded.samples.shape[1],
        codec=decoded.codec,
        samples=len(decoded.samples),
        peak=float(max(decoded.samples.max(), -decoded.samples.min())),
        active_from=float(audible[0]) * _frame_length(decoded.rate) / decoded.rate if len(audible) else None,
    )


def _frame_length(rate: int) -> int:
    return max(1, round(FRAME_SECONDS * rate))


def _frame_levels(decoded: Decoded) -> Any:
    """RMS of each 10 ms frame in dBFS, shape (frames,); a shorter rest at the end is a frame of its own."""
    import numpy as np

    length, samples = _frame_length(decoded.rate), decoded.samples
    mean = samples.mean(axis=0, dtype=np.float64).astype(np.float32)
    powers = []
    for start in range(0, len(samples), BLOCK_FRAMES * length):
        block = samples[start : start + BLOCK_FRAMES * length] - mean
        power = np.einsum("nc,nc->n", block, block)
        edges = np.arange(0, len(power), length)
        sizes = np.diff(np.append(edges, len(power))) * samples.shape[1]
        powers.append(np.add.reduceat(power, edges) / sizes)
    return 10 * np.log10(np.maximum(np.concatenate(powers), 1e-20))
