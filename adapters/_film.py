"""Films on their way to vendors that take no Matroska, in which lossless shots are kept."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

MATROSKA = "video/x-matroska"
NEAR_LOSSLESS = 8
"""x264's constant rate factor: no difference is to be seen, some tens of MB a minute."""


def as_mp4(film: Path) -> bytes:
    """The same film as MP4 (H.264, AAC). Raises :class:`BadMedia` for what cannot be read whole."""
    from filmbench.harness.media import decode, video
    from filmbench.harness.media.write import write_video

    facts, _ = video.examine(film)
    heard = decode.decode(film) if facts.sound else None
    sound = (heard.samples, heard.rate) if heard else None
    with TemporaryDirectory(prefix="filmbench-") as folder:
        frames = (frame.rgb for frame in video.read(film))
        path, _ = write_video(Path(folder) / "film.mp4", frames, facts.fps, sound, crf=NEAR_LOSSLESS)
        return path.read_bytes()
