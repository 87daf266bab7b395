"""Writing film: the same frames give the same bytes on every x86-64 machine, whatever its cores.

H.264 for what is looked at (4:2:0, BT.709, one encoder thread), FFV1 for mattes and whatever must be lossless.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

MP4 = "video/mp4"
MATROSKA = "video/x-matroska"
SOUND_BIT_RATE = 128_000
_IN_MP4 = frozenset({"av1", "h264", "hevc", "mpeg4", "vp9"})
X264 = "mbtree=0"
"""Its macroblock tree reads memory that nobody wrote and divides approximately: other bytes in every process."""


def write_video(
    path: Path,
    frames: Iterable[Any],
    fps: Fraction | float,
    sound: tuple[Any, int] | None = None,
    crf: int = 18,
    preset: str = "veryfast",
    comment: str = "",
) -> tuple[Path, str]:
    """Write RGB ``frames`` (uint8, (height, width, 3)) as MP4; gives the path and its media type.

    ``sound`` is float32 samples, shape (n,) or (n, channels), with their rate; it is written as AAC. Odd sizes
    are kept (as 4:4:4). ``comment`` goes into the metadata. Raises ``ValueError`` when there is no frame.
    """
    return _write(path, frames, fps, sound, "h264", {"crf": str(crf), "preset": preset, "x264-params": X264}, comment)


def write_lossless(
    path: Path, frames: Iterable[Any], fps: Fraction | float, sound: tuple[Any, int] | None = None, comment: str = ""
) -> tuple[Path, str]:
    """Write frames (uint8; (height, width) grey or (height, width, 3) RGB) as FFV1 in Matroska, bit for bit."""
    return _write(path, frames, fps, sound, "ffv1", {"slices": "4", "level": "3"}, comment)


def _write(
    path: Path,
    frames: Iterable[Any],
    fps: Fraction | float,
    sound: tuple[Any, int] | None,
    codec: str,
    options: dict[str, str],
    comment: str,
) -> tuple[Path, str]:
    import av

    mp4 = codec == "h264"
    fps = Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4" if mp4 else "matroska", options={"fflags": "+bitexact"}) as container:
        if comment:
            container.metadata["comment"] = comment
        stream = audio = None
        for index, array in enumerate(frames):
            if stream is None:
                stream = container.add_stream("libx264" if mp4 else "ffv1", rate=fps)
                _shape(stream, array, codec)
                stream.options = options
                if sound is not None:
                    audio = _audio_stream(container, sound, mp4)
            frame = _frame(array, stream.pix_fmt)
            frame.pts, frame.time_base = index, 1 / fps
            container.mux(stream.encode(frame))
        if stream is None:
            raise ValueError(f"{path.name}: no frames to write")
        container.mux(stream.encode(None))
        if audio is not None and sound is not None:
            _write_sound(container, audio, sound)
    return path, MP4 if mp4 else MATROSKA


def _shape(stream: Any, array: Any, codec: str) -> None:
    height, width = array.shape[:2]
    stream.width, stream.height = width, height
    stream.codec_context.thread_count = 1
    stream.codec_context.flags |= 0x00800000  # AV_CODEC_FLAG_BITEXACT
    if codec == "ffv1":
        stream.pix_fmt = "gray" if array.ndim == 2 else "bgr0"
        return
    stream.pix_fmt = "yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p"
    context = stream.codec_context
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1


def _frame(array: Any, pix_fmt: str) -> Any:
    import av
    import numpy as np

    array = np.ascontiguousarray(array)
    if array.ndim == 2:
        return av.VideoFrame.from_ndarray(array, format="gray")
    frame = av.VideoFrame.from_ndarray(array, format="rgb24")
    if pix_fmt == "bgr0":
        return frame.reformat(format="bgr0", threads=1)
    scaler = av.video.reformatter.Interpolation
    exact = scaler.BICUBIC | scaler.ACCURATE_RND | scaler.BITEXACT  # else the rounding is that of the processor's kind
    return frame.reformat(
        format=pix_fmt, dst_colorspace="itu709", dst_color_range="MPEG", interpolation=exact, threads=1
    )


def _audio_stream(container: Any, sound: tuple[Any, int], mp4: bool) -> Any:
    import numpy as np

    samples, rate = sound
    channels = 1 if np.ndim(samples) == 1 else samples.shape[1]
    layout = {1: "mono", 2: "stereo"}.get(channels)
    if layout is None:
        raise ValueError(f"{channels} channels of sound cannot be written: mix to two")
    stream = container.add_stream("aac" if mp4 else "flac", rate=rate, layout=layout)
    if mp4:
        stream.bit_rate = SOUND_BIT_RATE
    return stream


def _write_sound(container: Any, stream: Any, sound: tuple[Any, int]) -> None:
    import av
    import numpy as np

    samples, rate = sound
    planes = np.atleast_2d(np.asarray(samples, np.float32).T)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), format="fltp", layout=stream.layout.name)
    frame.sample_rate, frame.pts = rate, 0
    resampler = av.AudioResampler(stream.format.name, stream.layout.name, rate, stream.frame_size or 4096)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def write_with_sound(path: Path, source: Path, sound: tuple[Any, int], comment: str = "") -> tuple[Path, str]:
    """The film ``source`` with another ``sound``: its pictures packet for packet, as they are.

    A film of the MP4 family becomes MP4 with AAC, unless MP4 cannot hold its pictures (ProRes); any other Matroska
    with FLAC (16 bits). Gives the path and its media type.
    Raises :class:`~filmbench.harness.media.decode.BadMedia` for a source that is no film.
    """
    import av
    from filmbench.harness.media.video import VideoLimits, opened

    with opened(source, VideoLimits()) as film:
        pictures = film.streams.video[0]
        mp4 = "mp4" in film.format.name.split(",") and pictures.codec_context.codec.canonical_name in _IN_MP4
        options = {"fflags": "+bitexact"}
        with av.open(str(path), "w", format="mp4" if mp4 else "matroska", options=options) as container:
            if comment:
                container.metadata["comment"] = comment
            copied = container.add_stream_from_template(pictures, opaque=True)
            audio = _audio_stream(container, sound, mp4)
            for packet in film.demux(pictures):
                if packet.dts is not None:
                    packet.stream = copied
                    container.mux(packet)
            _write_sound(container, audio, sound)
    return path, MP4 if mp4 else MATROSKA
