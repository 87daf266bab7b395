"""What files are called: the suffix of each media type, and the suffixes that a role takes."""

from __future__ import annotations

from filmbench.harness.contracts import Kind

MEDIA_TYPES = {
    ".wav": "audio/wav", ".aiff": "audio/aiff", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".ogg": "audio/ogg",
    ".m4a": "audio/mp4", ".mp4": "video/mp4", ".mov": "video/mp4", ".mkv": "video/x-matroska",
    ".webm": "video/webm", ".avi": "video/x-msvideo", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".webp": "image/webp", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".json": "application/json", ".otio": "application/json", ".npz": "application/x-npz", ".bvh": "model/bvh",
    ".txt": "text/plain", ".edl": "text/plain",
}  # fmt: skip
"""What a file is taken for by its suffix, until the probe has looked at it."""

_SOUND = (".wav", ".flac", ".aiff", ".mp3", ".m4a", ".ogg")
_FILM = (".mp4", ".mov", ".mkv", ".webm", ".avi")
_BY_KIND: dict[Kind, tuple[str, ...]] = {
    "text": (".txt",),
    "audio": _SOUND,
    "video": _FILM,
    "clip": (*_SOUND, *_FILM),
    "image": (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"),
    "matte": (".mkv", ".mov", ".png", ".exr"),
    "json": (".json",),
    "joints": (".npz",),
    "bvh": (".bvh",),
}
SEQUENCES = (".png", ".exr")
"""Numbered pictures that may stand for a matte."""
USD = (".usda", ".usdc", ".usd")
"""Scenes whose skeleton is read."""
INSTEAD = {".fbx": "export a BVH or USD instead", ".usdz": "unpack the .usdc in it", ".aep": "render it"}
"""What to do about files that nobody but their own program can read."""
_EXCHANGED = {
    ("editing/colour", "video"): (".cube",),
    ("editing/cut", "timeline"): (".otio", ".aaf", ".xml", ".fcpxml"),
    ("editing/cut", "edl"): (".edl",),
    ("mocap", "joints"): USD,
    ("editing/cg-character", "joints"): USD,
}
"""Exchange files of one role of one contract."""


def suffix(media_type: str) -> str:
    """The usual suffix of a media type; empty where none is known."""
    return next((suffix for suffix, known in MEDIA_TYPES.items() if known == media_type), "")


def suffixes(contract: str, role: str, kind: Kind) -> tuple[str, ...]:
    """The suffixes of files that a person may give for an output role."""
    return (*_EXCHANGED.get((contract, role), ()), *_BY_KIND[kind])
