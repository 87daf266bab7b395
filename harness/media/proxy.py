"""Small copies for players, that any browser opens: sound at one loudness, so that comparing is fair; film; pictures.

Sound is mono Opus in Ogg at 64 kb/s, which speech survives unharmed, brought to −23 LUFS (EBU R 128). Film is H.264
of at most 640 × 640 pixels with its sound at that loudness as AAC; a motion is drawn as a stick figure; a picture is
WebP of at most 1280 × 1280. They are for ears and eyes only: every measurement reads the original.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, Literal

from filmbench.harness.media.joints import MEDIA_TYPE as MOTION

Player = Literal["audio", "video", "image"]
MEDIA_TYPES: dict[Player, str] = {"audio": "audio/ogg", "video": "video/mp4", "image": "image/webp"}
_SUFFIXES: dict[Player, str] = {"audio": ".ogg", "video": ".mp4", "image": ".webp"}
RATE = 48_000
BIT_RATE = 64_000
"""Less and noisy speech comes out up to 0.5 LU softer than it went in."""
LOUDNESS = -23.0
PEAK = 10 ** (-1 / 20)
"""No proxy rises above −1 dBFS: what would is played softer."""
FILM_SIDE = 640
FILM_CRF = 28
PICTURE_SIDE = 1280
PICTURE_QUALITY = 82
REVISION = 2
"""Part of a kept proxy's name: raise it when the same original would now become other bytes."""
SECOND_BYTES: dict[Player, float] = {"audio": BIT_RATE / 8, "video": 60_000.0, "image": 0.0}
PICTURE_BYTES = 120_000.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A copy for a player: its bytes and how a browser is to take them."""

    player: Player
    data: bytes

    @property
    def media_type(self) -> str:
        """As browsers name it."""
        return MEDIA_TYPES[self.player]


def player(media_type: str | None) -> Player | None:
    """What plays an artifact of ``media_type``; ``None`` for data, which is read, not played."""
    match (media_type or "").split("/")[0]:
        case "audio":
            return "audio"
        case "video":
            return "video"
        case "image":
            return "image"
        case _:
            return "video" if media_type == MOTION else None


def expected_bytes(media_type: str | None, seconds: float | None) -> float:
    """About how large the proxy of an artifact will be; 0 where there is none."""
    kind = player(media_type)
    if kind is None:
        return 0.0
    return PICTURE_BYTES if kind == "image" else SECOND_BYTES[kind] * (seconds or 0.0)


def kept(folder: Path, sha256: str, media_type: str, source: Path, comment: str = "") -> Proxy:
    """The proxy of the artifact ``sha256`` from ``folder``, made from ``source`` at the first call.

    Raises :class:`~filmbench.harness.media.decode.BadMedia` for a source that cannot be played.
    """
    place = name(folder, sha256, media_type)
    kind = player(media_type)
    assert kind is not None
    if place.exists():
        return Proxy(kind, place.read_bytes())
    made = encode(source, media_type, comment)
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as unfinished:  # others may make it too
        unfinished.write(made.data)
    Path(unfinished.name).replace(place)
    return made


def name(folder: Path, sha256: str, media_type: str) -> Path:
    """Where the proxy of an artifact is kept."""
    kind = player(media_type)
    return folder / f"{sha256}-{REVISION}{_SUFFIXES[kind] if kind else ''}"


def encode(source: Path, media_type: str, comment: str = "") -> Proxy:
    """``source`` as a proxy; the same file gives the same bytes. ``comment`` goes into its metadata.

    Raises :class:`~filmbench.harness.media.decode.BadMedia` for a source that cannot be played.
    """
    match player(media_type):
        case "audio":
            return Proxy("audio", _sound(source, comment))
        case "video":
            return Proxy("video", _motion(source, comment) if media_type == MOTION else _film(source, comment))
        case "image":
            return Proxy("image", _picture(source))
        case None:
            raise ValueError(f"{media_type} has no player")


def _sound(source: Path, comment: str) -> bytes:
    import av

    samples = _levelled(_mono(source))
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        stream.codec_context.options = {"application": "audio", "vbr": "constrained"}
        if comment:
            stream.metadata["comment"] = comment
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _film(source: Path, comment: str) -> bytes:
    from filmbench.harness.media import video

    facts, _ = video.examine(source)
    scale = min(1.0, FILM_SIDE / max(facts.width, facts.height))
    size = (max(2, round(facts.width * scale) // 2 * 2), max(2, round(facts.height * scale) // 2 * 2))
    grey = facts.pixel_format == "gray"
    frames = (_grey_rgb(frame.grey) if grey else frame.rgb for frame in video.read(source, size))
    sound = (_levelled(_mono(source)), RATE) if facts.sound else None
    return _written(frames, facts.fps, sound, comment)


def _motion(source: Path, comment: str) -> bytes:
    from filmbench.harness.media import joints, stick_figure

    motion = joints.read(source)
    return _written(stick_figure.frames(motion), motion.fps, None, comment)


def _written(frames: Any, fps: float, sound: tuple[Any, int] | None, comment: str) -> bytes:
    from filmbench.harness.media.write import write_video

    with TemporaryDirectory(prefix="filmbench-") as folder:
        path, _ = write_video(Path(folder) / "proxy.mp4", frames, fps, sound, crf=FILM_CRF, comment=comment)
        return path.read_bytes()


def _grey_rgb(grey: Any) -> Any:
    import numpy as np

    return np.repeat(grey[..., None], 3, axis=2)


def _picture(source: Path) -> bytes:
    from filmbench.harness.media import still
    from filmbench.harness.types import Artifact
    from PIL import Image

    clip = still.ImageClip(Artifact("", "image/png", 0), source)
    image = Image.fromarray(clip.rgba)
    image.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=PICTURE_QUALITY)
    return buffer.getvalue()


def _mono(source: Path) -> Any:
    import soxr
    from filmbench.harness.media.decode import decode

    decoded = decode(source)
    mixed = decoded.samples.mean(axis=1, dtype="float32")
    return mixed if decoded.rate == RATE else soxr.resample(mixed, decoded.rate, RATE, quality="HQ")


def _levelled(samples: Any) -> Any:
    """Samples at the common loudness; what is too short or too soft to have one stays as it is."""
    import numpy as np
    import pyloudnorm

    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    if len(samples) < meter.block_size * RATE:
        return samples
    loudness = meter.integrated_loudness(samples.astype(np.float64))
    if not np.isfinite(loudness):
        return samples
    gain = 10 ** ((LOUDNESS - loudness) / 20)
    return (samples * min(gain, PEAK / np.abs(samples).max())).astype(np.float32)
