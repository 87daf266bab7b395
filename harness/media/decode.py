"""Untrusted sound files turned into samples, once, within bounds of size, length, memory and time.

PyAV reads a file object through a list of plain containers: no network protocol can be reached, and the
playlist formats that open other files (HLS, concat, …) are not on the list.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from filmbench.harness.types import UsageError

MEDIA_TYPES = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "mov": "audio/mp4",
    "matroska": "audio/x-matroska",
    "webm": "audio/webm",
}
"""Containers that may be opened, by FFmpeg's name, and what each is called on the web."""

_SAMPLE_EXACT = {"wav", "aiff", "flac"}  # their headers count samples
_SCALES = {"u1": (128, 2.0**7), "i2": (0, 2.0**15), "i4": (0, 2.0**31), "i8": (0, 2.0**63), "f4": (0, 1), "f8": (0, 1)}
"""The value of silence and of full scale in each sample format a decoder may give."""
_LENGTH_UNKNOWN = 2**31 - 2**16  # writers that cannot seek back put 0 or a huge length into a WAV header


_COMMON = "give a whole file in a common format (WAV, FLAC, MP3, Ogg, M4A; MP4, WebM, MKV; PNG, JPEG, WebP)"


class BadMedia(UsageError):
    """A file that is no usable take. ``reason`` is one short clause (``"silent"``, ``"empty file"``)."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path.name}: {reason}",
            _COMMON,
        )
        self.reason = reason


def check_bytes(path: Path, most: int) -> None:
    """Raise :class:`BadMedia` for an empty file, and for one of more than ``most`` bytes."""
    size = path.stat().st_size
    if size == 0:
        raise BadMedia(path, "empty file")
    if size > most:
        raise BadMedia(path, f"{size / 2**20:.0f} MB is more than the {most / 2**20:.0f} MB allowed")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most: seconds of sound, bytes of file, decoded values (frames × channels), seconds of work."""

    seconds: float = 30 * 60
    bytes: int = 512 * 2**20
    values: int = 200_000_000
    work_seconds: float = 120


@dataclass(frozen=True, slots=True)
class Decoded:
    """A whole file in memory: float32 ``samples`` of shape (n, channels), full scale 1, at ``rate`` Hz."""

    samples: Any
    rate: int
    codec: str
    media_type: str

    @property
    def seconds(self) -> float:
        """Length of the sound itself, whatever the header says."""
        return len(self.samples) / self.rate


def decode(path: Path, limits: Limits = Limits()) -> Decoded:
    """Decode the first audio stream of ``path`` whole.

    Raises :class:`BadMedia` when the file is empty, too large, too long, not audio, holds no sound, ends
    before its header says, is damaged inside, or holds samples that are not numbers. Where a container
    states no length (Ogg, raw AAC, MP3 without a Xing frame, WAV streamed with an open length) a clean cut
    between two frames cannot be seen in the file: whoever downloads must compare with the announced size.
    """
    import av

    check_bytes(path, limits.bytes)
    with path.open("rb") as file, _opened(path, file) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise BadMedia(path, "holds no sound")
        name = _container_name(container.format.name)
        context = stream.codec_context
        if not context.sample_rate:
            raise BadMedia(path, "the header says 0 Hz")
        if not context.channels:
            raise BadMedia(path, "holds no sound")
        promised = _promised_seconds(container, stream, name, path)
        if promised and promised > limits.seconds:
            raise BadMedia(path, _too_long(promised, limits))
        frames = _Frames(path, context.sample_rate, context.channels, limits, promised)
        try:
            for frame in container.decode(stream):
                frames.add(frame)
        except (av.FFmpegError, ValueError) as error:
            reason = f"damaged or truncated {frames.seconds:.2f} s after its beginning ({type(error).__name__})"
            raise BadMedia(path, reason) from error
        decoded = Decoded(frames.whole(), context.sample_rate, context.codec.name, MEDIA_TYPES[name])
    _check_whole(path, decoded, promised, name)
    return decoded


class _Frames:
    """A growing (n, channels) float32 array that refuses to pass the limits."""

    def __init__(self, path: Path, rate: int, channels: int, limits: Limits, promised: float | None) -> None:
        import numpy as np

        self._path, self._rate, self._channels, self._limits = path, rate, channels, limits
        self._most = min(int(limits.seconds * rate), limits.values // channels)
        self._deadline = time.monotonic() + limits.work_seconds
        expected = int((promised or 10.0) * rate) + 4096
        self._buffer = np.empty((min(expected, self._most), channels), np.float32)
        self._filled = 0

    def add(self, frame: Any) -> None:
        """Append one decoded frame."""
        import numpy as np

        if (frame.sample_rate, frame.layout.nb_channels) != (self._rate, self._channels):
            raise BadMedia(self._path, "changes its sample rate or channels midway")
        values = frame.to_ndarray()
        rows = values.T if frame.format.is_planar else values.reshape(-1, self._channels)
        end = self._filled + len(rows)
        if end > self._most:
            raise BadMedia(self._path, self._too_much())
        if time.monotonic() > self._deadline:
            raise BadMedia(self._path, f"takes more than {self._limits.work_seconds:g} s to decode")
        if end > len(self._buffer):
            grown = np.empty((min(self._most, max(end, 2 * len(self._buffer))), self._channels), np.float32)
            grown[: self._filled] = self._buffer[: self._filled]
            self._buffer = grown
        zero, full_scale = _SCALES[values.dtype.str[1:]]
        target = self._buffer[self._filled : end]
        target[:] = rows
        target -= zero
        target /= full_scale
        self._filled = end

    @property
    def seconds(self) -> float:
        """How much there is so far."""
        return self._filled / self._rate

    def whole(self) -> Any:
        """All samples, read-only: one clip serves many metrics."""
        samples = self._buffer[: self._filled].copy() if self._filled < len(self._buffer) // 2 else self._buffer
        samples = samples[: self._filled]
        samples.setflags(write=False)
        return samples

    def _too_much(self) -> str:
        if self._most == int(self._limits.seconds * self._rate):
            return _too_long(self._most / self._rate, self._limits)
        return f"decodes to more than {self._limits.values:,} values ({self._channels} channels at {self._rate} Hz)"


def _too_long(seconds: float, limits: Limits) -> str:
    return f"{seconds / 60:.0f} minutes or more; at most {limits.seconds / 60:g} are read"


@contextmanager
def _opened(path: Path, file: BinaryIO) -> Iterator[Any]:
    import av

    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(MEDIA_TYPES),
        "max_probe_packets": "1",  # nobody hides AC-3 in the samples of a WAV; looking for it takes ten times as long
    }
    try:
        container = av.open(file, mode="r", options=options, timeout=10)
    except (av.FFmpegError, ValueError) as error:
        raise BadMedia(path, _why_unreadable(path, error)) from error
    with container:
        yield container


def _why_unreadable(path: Path, error: Exception) -> str:
    """A clause a person understands, from the file's first bytes; the library's own words come last."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        at = head.find(b"fmt ")
        if at >= 0 and head[at + 12 : at + 16] == bytes(4):
            return "the header says 0 Hz"
        if b"data" not in head:
            return "truncated: the WAV header is cut off"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "not audio but text"
    return f"not audio, or damaged ({type(error).__name__})"


def _container_name(format_name: str) -> str:
    return next(name for name in format_name.split(",") if name in MEDIA_TYPES)


def _promised_seconds(container: Any, stream: Any, name: str, path: Path) -> float | None:
    """The length the header states; ``None`` where there is none or it was only guessed from bit rate and size."""
    if name == "wav" and (data_bytes := _wav_data_bytes(path)) is not None:
        context = stream.codec_context
        bit_rate = context.bit_rate or context.sample_rate * context.channels * 8 * context.format.bytes
        return data_bytes * 8 / bit_rate if 0 < data_bytes < _LENGTH_UNKNOWN else None
    if name in ("aac", "ogg") or (name == "mp3" and not _counts_frames(path)):
        return None
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    return stated_by_matroska(container, stream)


def stated_by_matroska(container: Any, stream: Any) -> float | None:
    """Seconds of ``stream`` in a container that states no stream's length but in a tag; ``None`` where none is stated.

    The container's own length is that of its longest stream: it says nothing of another one.
    """
    if said := stream.metadata.get("DURATION"):
        hours, minutes, seconds = said.split(":")
        return 3600.0 * int(hours) + 60.0 * int(minutes) + float(seconds)
    if len(container.streams) == 1 and container.duration:
        return float(container.duration) / 1e6
    return None


def _wav_data_bytes(path: Path) -> int | None:
    """The length a RIFF header gives its data chunk, which FFmpeg trims to what is there; ``None`` if not RIFF."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return None
        file.seek(12)
        while len(header := file.read(8)) == 8:
            length = int.from_bytes(header[4:], "little")
            if header[:4] == b"data":
                return length
            file.seek(length + length % 2, 1)
    return None


def _counts_frames(path: Path) -> bool:
    """Whether an MP3 begins with a Xing/Info frame, which counts those that follow."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    return b"Xing" in head or b"Info" in head


def _check_whole(path: Path, decoded: Decoded, promised: float | None, name: str) -> None:
    import numpy as np

    if not len(decoded.samples):
        raise BadMedia(path, "holds no sound")
    if promised is not None:
        slack = 0.01 if name in _SAMPLE_EXACT else 0.25  # lossy codecs trim their own delay
        if decoded.seconds < promised - slack:
            raise BadMedia(path, f"truncated: {decoded.seconds:.2f} s of the {promised:.2f} s its header promises")
    if not np.isfinite([decoded.samples.min(), decoded.samples.max()]).all():
        raise BadMedia(path, "holds samples that are not numbers")
