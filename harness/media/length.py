"""How long a medium says it is, from its header alone: what a vendor that bills by the second is quoted for."""

from __future__ import annotations

from pathlib import Path

from filmbench.harness.media import decode, video

_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(dict.fromkeys((*decode.MEDIA_TYPES, *video.CONTAINERS, "mp4"))),
}


def stated_seconds(path: Path) -> float | None:
    """The length in seconds as the container states it; ``None`` where it states none or is no sound or film."""
    import av

    try:
        with path.open("rb") as file, av.open(file, options=_OPTIONS, timeout=30) as container:
            return container.duration / 1e6 if container.duration and container.duration > 0 else None
    except (OSError, av.FFmpegError, ValueError):
        return None
