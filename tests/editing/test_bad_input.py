"""What every engine that works on film does with film that is out of the ordinary."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
ASKED = {
    "local/selfie-segmentation": ("editing/roto", "matte", {}),
    "local/inpaint": ("editing/removal", "video", {"mask": None}),
    "local/ffmpeg-denoise": ("editing/denoise-picture", "video", {}),
    "local/colour-match": ("editing/colour", "video", {"look": None}),
    "local/rule-edit": ("editing/prompt", "video", {"instruction": "make it night"}),
}


def given(desk, engine: str, film) -> tuple[str, str, dict]:
    contract, role, more = ASKED[engine]
    flat = desk.film([np.zeros((40, 60), np.uint8)] * 3)
    return contract, role, {"video": film} | {name: value or flat for name, value in more.items()}


def converted(desk, *options: str, suffix: str = ".mp4"):
    """Three frames of a picture whose upper half is white, after FFmpeg has done something to them."""
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:20] = 255
    path: Path = desk.folder() / f"odd{suffix}"
    source = desk.path(desk.film([picture] * 3))
    subprocess.run([FFMPEG, "-v", "error", "-y", *options[:-1], "-i", source, *options[-1].split(), path], check=True)
    return desk.add(path, "video/mp4" if suffix == ".mp4" else "video/x-matroska")


@pytest.mark.parametrize("engine", ASKED)
def test_uneven_frame_times_are_not_taken_on(desk, engine) -> None:
    path = desk.folder() / "uneven.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 60, 40, "bgr0"
        for time in (0, 1, 2, 6, 7, 12):
            frame = av.VideoFrame.from_ndarray(np.full((40, 60, 3), 90, np.uint8), format="rgb24").reformat(
                format="bgr0"
            )
            frame.pts = time
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    contract, _, inputs = given(desk, engine, desk.add(path, "video/x-matroska"))
    with pytest.raises(Refusal, match="variable frame rate") as refused:
        desk.ask(engine, contract, inputs)
    assert refused.value.outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize("engine", ASKED)
def test_hdr_is_invalid(desk, engine) -> None:
    film = converted(
        desk,
        "-vf setparams=color_trc=smpte2084:colorspace=bt2020nc:color_primaries=bt2020,format=yuv420p10le -c:v libx264",
    )
    contract, _, inputs = given(desk, engine, film)
    with pytest.raises(Refusal, match="HDR") as refused:
        desk.ask(engine, contract, inputs)
    assert refused.value.outcome is Outcome.INVALID


@pytest.mark.parametrize("engine", [name for name in ASKED if name != "local/selfie-segmentation"])
def test_a_turned_film_comes_out_upright(desk, engine) -> None:
    film = converted(desk, "-display_rotation", "180", "-c copy")
    contract, role, inputs = given(desk, engine, film)
    frame = desk.frames(engine, contract, inputs, role)[0].astype(int)
    assert frame[25:].mean() >= frame[:15].mean() and frame.shape == (40, 60, 3)


@pytest.mark.parametrize("engine", ASKED)
def test_opacity_is_left_out(desk, engine) -> None:
    film = converted(desk, "-c:v ffv1 -pix_fmt yuva420p", suffix=".mkv")
    contract, role, inputs = given(desk, engine, film)
    assert len(desk.frames(engine, contract, inputs, role)) == 3


@pytest.mark.parametrize("engine", ASKED)
def test_no_film_at_all_is_invalid(desk, engine) -> None:
    contract, _, inputs = given(desk, engine, None)
    with pytest.raises(Refusal, match="no video") as refused:
        desk.ask(engine, contract, {name: value for name, value in inputs.items() if name != "video"})
    assert refused.value.outcome is Outcome.INVALID
