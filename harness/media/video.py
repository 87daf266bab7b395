"""Untrusted moving pictures, one frame at a time, within bounds of size, length and time.

Nothing is held but the frame at hand, so memory does not grow with a clip. Files are opened through a list of
plain containers, without network protocols. What a reader is given:

- frames upright: a rotation in the file's metadata is carried out;
- ``luma``: 8-bit Y of limited range (16..235), the plane as decoded where it is that already, else converted;
- ``rgb``: 8-bit full-range RGB, by the colour matrix that the file names (BT.601 where it names none, as FFmpeg does);
- opacity (alpha) left out: what it hides is seen as the file holds it; a matte is read by ``grey``;
- HDR (PQ or HLG) refused: its code values mean other light, and no tone mapping is the right one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia, check_bytes, stated_by_matroska
from filmbench.harness.types import Artifact

CONTAINERS = {"mov": "video/mp4", "matroska": "video/x-matroska", "webm": "video/webm", "avi": "video/x-msvideo"}
"""Containers that may be opened, by FFmpeg's name, and what each is called on the web."""
HDR = {16: "PQ", 18: "HLG"}
"""Transfer functions of ITU-T H.273 that are refused."""
TRUNCATED_SECONDS = 0.5
"""By so much a film may be shorter than its header says."""
BLACK_LUMA = 24
"""A clip in which no sampled pixel is brighter than this (of 16..235) is black."""
_PLANAR = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuva420p", "yuva422p", "yuva444p", "nv12"})
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join((*CONTAINERS, "mp4"))}


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What is read at most: seconds of film, bytes of file, pixels of a frame, seconds of work."""

    seconds: float = 40 * 60
    bytes: int = 4 * 2**30
    pixels: int = 4096 * 4096
    work_seconds: float = 1800


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Measured facts of one film.

    ``width`` and ``height`` are those of the upright picture in pixels. ``fps`` is frames over seconds;
    ``variable`` says that frames are not evenly spaced. ``rotation`` is what the metadata asks for, in degrees.
    """

    media_type: str
    codec: str
    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    variable: bool
    rotation: int
    pixel_format: str
    sound: bool


class Frame:
    """One upright picture. Arrays are read-only, made when first asked for and then kept.

    ``index`` counts from 0, ``time`` is seconds from the first frame.
    """

    def __init__(self, decoded: Any, index: int, time: float, size: tuple[int, int] | None = None) -> None:
        self._decoded = decoded
        self.index = index
        self.time = time
        self._size = size

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the arrays."""
        return self._size or self.own_size

    @property
    def own_size(self) -> tuple[int, int]:
        """Width and height of the picture itself."""
        width, height = self._decoded.width, self._decoded.height
        return (height, width) if self._turns % 2 else (width, height)

    @cached_property
    def luma(self) -> Any:
        """uint8, shape (height, width): Y of limited range."""
        frame = self._decoded
        if frame.format.name not in _PLANAR or frame.color_range == _FULL_RANGE:
            frame = frame.reformat(format="yuv444p", dst_color_range="MPEG", threads=1)
        return self._finished(_plane(frame, 0))

    @cached_property
    def rgb(self) -> Any:
        """uint8, shape (height, width, 3)."""
        return self._finished(self._decoded.to_ndarray(format="rgb24", threads=1))

    @cached_property
    def grey(self) -> Any:
        """uint8, shape (height, width): a matte's values, 0..255; the alpha plane where the file has one."""
        frame, name = self._decoded, self._decoded.format.name
        if any(component.is_alpha for component in frame.format.components):
            return self._finished(frame.to_ndarray(format="rgba", threads=1)[..., 3])
        if name == "gray":
            return self._finished(_plane(frame, 0))
        return self._finished(frame.to_ndarray(format="gray", threads=1))

    @cached_property
    def _turns(self) -> int:
        """Quarter turns counter-clockwise that make the picture upright."""
        return int(round(self._decoded.rotation / 90) % 4)

    def _finished(self, array: Any) -> Any:
        import numpy as np

        if self._turns:
            array = np.ascontiguousarray(np.rot90(array, self._turns))
        if self._size and self._size != self.own_size:
            array = resized(array, self._size)
        array = array.view()
        array.setflags(write=False)
        return array


def resized(array: Any, size: tuple[int, int]) -> Any:
    """``array`` (height, width[, channels]) at ``size`` (width, height): area averages down, cubic up."""
    import cv2

    smaller = size[0] * size[1] < array.shape[0] * array.shape[1]
    return cv2.resize(array, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


class VideoClip:
    """One artifact's pictures and sound. It reads as an audio clip too: ``mono`` and ``channels`` are its sound."""

    def __init__(self, artifact: Artifact, path: Path) -> None:
        self.artifact = artifact
        self.path = path

    @cached_property
    def facts(self) -> VideoFacts:
        """Measured facts; decodes the file once. Raises :class:`BadMedia`."""
        return examine(self.path)[0]

    @property
    def first_size(self) -> tuple[int, int]:
        """Width and height of the first frame, upright; reads no more than that."""
        return self._head[0]

    @property
    def nominal_fps(self) -> float:
        """Frames a second as the file states them; :attr:`facts` measures."""
        return self._head[1]

    @cached_property
    def _head(self) -> tuple[tuple[int, int], float]:
        with closing(read(self.path)) as frames:
            size = next(frames).size
        with opened(self.path, VideoLimits()) as container:
            return size, float(container.streams.video[0].average_rate or 25)

    @cached_property
    def sound(self) -> AudioClip:
        """Its sound. Raises :class:`BadMedia` at the first reading where there is none."""
        return AudioClip(self.artifact, self.path)

    @property
    def seconds(self) -> float:
        """Length of the picture in seconds."""
        return self.facts.seconds

    @property
    def rate(self) -> int:
        """Sample rate of the sound in Hz."""
        return self.sound.rate

    def mono(self, rate: int | None = None) -> Any:
        """The sound: float32, shape (n,). See :class:`AudioClip`."""
        return self.sound.mono(rate)

    def channels(self) -> Any:
        """The sound: float32, shape (n, channels)."""
        return self.sound.channels()

    def frames(self, size: tuple[int, int] | None = None) -> Generator[Frame, None, None]:
        """Every frame in order, at ``size`` (width, height) or its own; a decoding pass of its own.

        Metrics that read every frame should be frame metrics, which share one pass.
        """
        return read(self.path, size)


def read(
    path: Path,
    size: tuple[int, int] | None = None,
    limits: VideoLimits = VideoLimits(),
) -> Generator[Frame, None, None]:
    """The frames of ``path`` in order of showing. Raises :class:`BadMedia` for what cannot be read whole."""
    import av

    deadline = time.monotonic() + limits.work_seconds
    with opened(path, limits) as container:
        stream = container.streams.video[0]
        first: float | None = None
        index, at = 0, 0.0
        try:
            for decoded in container.decode(stream):
                at = index / float(stream.average_rate or 25) if decoded.time is None else decoded.time
                first = at if first is None else first
                if transfer := HDR.get(int(decoded.color_trc)):
                    raise BadMedia(path, f"HDR ({transfer}) cannot be compared with SDR: ask for SDR")
                if at - first > limits.seconds:
                    raise BadMedia(path, f"longer than {limits.seconds / 60:g} minutes")
                if time.monotonic() > deadline:
                    raise BadMedia(path, f"takes more than {limits.work_seconds:g} s to decode")
                yield Frame(decoded, index, at - first, size)
                index += 1
        except av.FFmpegError as error:
            raise BadMedia(path, f"damaged or truncated after {index} frames ({type(error).__name__})") from error
        promised, length = stream.frames, stated_by_matroska(container, stream)
    if not index:
        raise BadMedia(path, "holds no picture")
    if promised and index < promised:
        raise BadMedia(path, f"truncated: {index} of the {promised} frames its header promises")
    if length and at - (first or 0.0) < length - TRUNCATED_SECONDS:
        raise BadMedia(path, f"truncated: {at:.2f} s of the {length:.2f} s its header promises")


def has_picture(path: Path) -> bool:
    """Whether ``path`` is a film rather than sound alone (a cover picture is no film)."""
    import av

    try:
        with path.open("rb") as file, av.open(file, options=_OPTIONS, timeout=30) as container:
            return any(not _is_cover(stream) for stream in container.streams.video)
    except (av.FFmpegError, ValueError):
        return False


def _is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


@contextmanager
def opened(path: Path, limits: VideoLimits) -> Iterator[Any]:
    """The container of ``path``, its video stream looked at and found usable."""
    import av

    check_bytes(path, limits.bytes)
    with path.open("rb") as file:
        try:
            container = av.open(file, mode="r", options=_OPTIONS, timeout=30)
        except (av.FFmpegError, ValueError) as error:
            raise BadMedia(path, f"not a video, or damaged ({type(error).__name__})") from error
        with container:
            _usable(path, container, limits)
            yield container


def _usable(path: Path, container: Any, limits: VideoLimits) -> None:
    stream = next(iter(container.streams.video), None)
    if stream is None or not stream.codec_context.width:
        raise BadMedia(path, "holds no picture")
    context = stream.codec_context
    if context.width * context.height > limits.pixels:
        raise BadMedia(path, f"{context.width}×{context.height} pixels are more than the {limits.pixels:,} allowed")
    if stream.duration and stream.time_base and float(stream.duration * stream.time_base) > limits.seconds:
        raise BadMedia(path, f"longer than {limits.seconds / 60:g} minutes")
    stream.thread_type = "AUTO"


def examine(path: Path, limits: VideoLimits = VideoLimits()) -> tuple[VideoFacts, bool]:
    """The facts of ``path`` and whether anything is to be seen in it (a black film is no take)."""
    times: list[float] = []
    brightest = 0
    first: Frame | None = None
    for frame in read(path, limits=limits):
        first = first or frame
        times.append(frame.time)
        if brightest <= BLACK_LUMA:
            brightest = max(brightest, int(frame.luma[::4, ::4].max()))
    assert first is not None
    with opened(path, limits) as container:
        stream = container.streams.video[0]
        name = next(name for name in container.format.name.split(",") if name in CONTAINERS)
        rate = float(stream.average_rate or 0)
        sound, codec = bool(container.streams.audio), stream.codec_context.codec.canonical_name
    steps = [later - sooner for sooner, later in pairwise(times)]
    step = sorted(steps)[len(steps) // 2] if steps else 1 / (rate or 25.0)
    width, height = first.size
    variable = any(abs(one - step) > 0.25 * step for one in steps)
    fps = rate if rate and not variable and abs(rate * step - 1) < 0.05 else len(times) / (times[-1] + step)
    facts = VideoFacts(
        media_type=CONTAINERS[name],
        codec=codec,
        width=width,
        height=height,
        fps=fps,
        frames=len(times),
        seconds=len(times) / fps,
        variable=variable,
        rotation=int(first._decoded.rotation),
        pixel_format=first._decoded.format.name,
        sound=sound,
    )
    return facts, brightest > BLACK_LUMA


def _plane(frame: Any, number: int) -> Any:
    """One 8-bit plane as (height, width), a view of the decoder's own memory."""
    import numpy as np

    plane = frame.planes[number]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
