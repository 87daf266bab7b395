"""FFmpeg's filters over raw frames and samples, through pipes: it opens no file, and speaks no network protocol.

Graphs are composed by ffmpeg-python and run by the program that imageio-ffmpeg packages.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from threading import Thread
from typing import Any

from filmbench.harness.protocols import Requirement

NEEDS = (
    Requirement("python", "ffmpeg", "pip install ffmpeg-python"),
    Requirement("python", "imageio_ffmpeg", "pip install imageio-ffmpeg"),
)
PIPES = {"protocol_whitelist": "pipe"}


@cache
def program() -> str:
    """The packaged program."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def program_version() -> str:
    """Its name and version."""
    said = subprocess.run([program(), "-version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"ffmpeg version (\S+)", said)
    return f"ffmpeg {found[1] if found else 'unknown'}"


def filtered_frames(
    frames: Iterable[Any], size: tuple[int, int], fps: float, filters: Iterable[tuple[str, dict[str, Any]]]
) -> Iterator[Any]:
    """RGB ``frames`` of ``size`` (width, height) after ``filters``: uint8, (height, width, 3), one for one.

    Raises ``RuntimeError`` with what the program said where it fails.
    """
    import ffmpeg
    import numpy as np

    raw = {"format": "rawvideo", "pix_fmt": "rgb24", "s": f"{size[0]}x{size[1]}"}
    stream = ffmpeg.input("pipe:0", framerate=fps, **raw, **PIPES).video
    for name, options in filters:
        stream = stream.filter(name, **options)
    stream = stream.output("pipe:1", format="rawvideo", pix_fmt="rgb24", fps_mode="passthrough")
    length = size[0] * size[1] * 3
    for data in _piped(stream, (np.ascontiguousarray(frame).tobytes() for frame in frames), length):
        yield np.frombuffer(data, np.uint8).reshape(size[1], size[0], 3)


def filtered_sound(samples: Any, rate: int, name: str, **options: Any) -> Any:
    """Mono ``samples`` (float32, (n,)) at ``rate`` Hz after one filter: float32, (n,)."""
    import ffmpeg
    import numpy as np

    raw = {"format": "f32le", "ar": rate, "ac": 1}
    stream = ffmpeg.input("pipe:0", **raw, **PIPES).audio.filter(name, **options).output("pipe:1", **raw)
    return np.frombuffer(b"".join(_piped(stream, [samples.astype("<f4").tobytes()], 65536)), "<f4")


def _piped(stream: Any, chunks: Iterable[bytes], length: int) -> Iterator[bytes]:
    """What the graph gives for ``chunks``, in pieces of ``length`` bytes; a thread feeds it meanwhile."""
    import ffmpeg

    quiet = stream.global_args("-v", "error", "-nostdin", "-threads", "1", "-filter_threads", "1")
    process = ffmpeg.run_async(quiet, cmd=program(), pipe_stdin=True, pipe_stdout=True, pipe_stderr=True)
    said: list[bytes] = []
    feeder = Thread(target=_feed, args=(process.stdin, chunks), daemon=True)
    listener = Thread(target=lambda: said.append(process.stderr.read()), daemon=True)
    feeder.start()
    listener.start()
    try:
        while data := process.stdout.read(length):
            yield data
        listener.join()
        if process.wait():
            raise RuntimeError(f"ffmpeg: {b''.join(said).decode(errors='replace').strip()}")
    finally:
        process.kill()
        process.wait()
        feeder.join()


def _feed(stdin: Any, chunks: Iterable[bytes]) -> None:
    try:
        with stdin:
            for chunk in chunks:
                stdin.write(chunk)
    except BrokenPipeError:
        return  # the program has ended; its exit code tells why
