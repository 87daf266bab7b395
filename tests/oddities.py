"""One small film in every way that is out of the ordinary, by the encoders that make such films."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import imageio_ffmpeg
import numpy as np
from filmbench.harness.media.write import write_video

FPS = 24
RATE = 48_000
LONGER = 3
"""By so much the long sound is longer than the picture."""


def box(count: int = 12, width: int = 160, height: int = 120) -> list[Any]:
    """A red box that crosses a cloudy plate, which is bright above and dark below: uint8, (height, width, 3)."""
    noise = np.random.default_rng(0).integers(60, 120, (6, 8, 3), np.uint8)
    plate = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    plate[: height // 4] += 100
    frames = []
    for index in range(count):
        frame = plate.copy()
        frame[30:70, 10 + 4 * index : 50 + 4 * index] = (220, 40, 40)
        frames.append(frame)
    return frames


def tone(seconds: float) -> Any:
    """A hum that swells and fades three times a second: float32 at 48 kHz."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 300 * times) * np.sin(3 * np.pi * times) ** 2 + 0.001).astype(np.float32)


def films(folder: Path, frames: Sequence[Any], sound: Any | None = None) -> dict[str, Path]:
    """``plain`` and each oddity of :mod:`filmbench.harness.unusual` that is the file's, not the picture's.

    ``HLG`` is there beside ``HDR`` (PQ). ``sound`` is float32 at 48 kHz, as long as the picture where it is not given.
    """
    heard = tone(len(frames) / FPS) if sound is None else sound
    made = {name: folder / f"{name.replace(' ', '-')}.mp4" for name in (
        "plain", "one frame", "odd size", "rotated", "no sound", "sound longer than picture", "variable frame rate",
        "HDR", "HLG",
    )}  # fmt: skip
    made["alpha"] = folder / "alpha.mov"

    def written(name: str, pictures: Sequence[Any], samples: Any | None = heard) -> None:
        write_video(made[name], pictures, FPS, None if samples is None else (samples, RATE), crf=6)

    written("plain", frames)
    written("one frame", frames[:1])
    written("odd size", [frame[:-1, :-1] for frame in frames])
    written("no sound", frames, None)
    written("sound longer than picture", frames, np.tile(heard, LONGER))
    lying = write_video(
        folder / "lying.mp4", [np.ascontiguousarray(np.rot90(one)) for one in frames], FPS, (heard, RATE), crf=6
    )[0]
    ffmpeg("-display_rotation", "-90", "-i", lying, "-c", "copy", made["rotated"])
    plain = ("-i", made["plain"])
    ffmpeg(
        *plain, "-vf", r"select=not(between(n\,3\,4))", "-fps_mode", "vfr", "-crf", "6", "-c:a", "copy",
        made["variable frame rate"],
    )  # fmt: skip
    ffmpeg(
        *plain, "-vf", "format=bgra,colorchannelmixer=aa=0.5", "-c:v", "prores_ks", "-profile:v", "4444",
        "-pix_fmt", "yuva444p10le", "-c:a", "aac", made["alpha"],
    )  # fmt: skip
    for name, transfer in (("HDR", "smpte2084"), ("HLG", "arib-std-b67")):
        colour = f"transfer={transfer}:colorprim=bt2020:colormatrix=bt2020nc"
        ffmpeg(
            *plain, "-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
            "-x265-params", f"log-level=none:{colour}", "-c:a", "copy", made[name],
        )  # fmt: skip
    return made


def ffmpeg(*arguments: str | Path) -> None:
    """Run the packaged ffmpeg."""
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)], check=True)
