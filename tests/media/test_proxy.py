"""Copies of film and pictures for players: small, the same bytes for the same original, in formats of browsers."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from filmbench.harness.media import joints, proxy
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import examine
from filmbench.harness.media.write import write_lossless, write_video
from PIL import Image

RATE = 48_000


def test_film_is_small_h264_with_levelled_sound(tmp_path: Path) -> None:
    frames = (np.full((540, 961, 3), 10 * step, np.uint8) for step in range(1, 20))
    soft = (0.01 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)
    source, media_type = write_video(tmp_path / "film.mp4", frames, 19, (soft, RATE))
    made = proxy.encode(source, media_type, "machine-made")
    assert made == proxy.encode(source, media_type, "machine-made") and made.media_type == "video/mp4"
    (tmp_path / "proxy.mp4").write_bytes(made.data)
    facts, _ = examine(tmp_path / "proxy.mp4")
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert (facts.width, facts.height, facts.frames) == (640, 360, 19)
    with av.open(str(tmp_path / "proxy.mp4")) as container:
        assert container.metadata["comment"] == "machine-made"
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert np.abs(sound).max() > 5 * np.abs(soft).max(), "brought to the common loudness"


def test_a_matte_is_shown_as_grey(tmp_path: Path) -> None:
    source, media_type = write_lossless(
        tmp_path / "matte.mkv", (np.full((36, 64), 200, np.uint8) for _ in range(3)), 25
    )
    (tmp_path / "proxy.mp4").write_bytes(proxy.encode(source, media_type).data)
    with av.open(str(tmp_path / "proxy.mp4")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(shown.astype(int) - 200).max() <= 3


def test_a_picture_keeps_its_opacity_and_loses_its_size(tmp_path: Path) -> None:
    picture = np.zeros((1500, 3000, 4), np.uint8)
    picture[:, :1500] = (255, 0, 0, 255)
    Image.fromarray(picture).save(tmp_path / "layer.png")
    made = proxy.encode(tmp_path / "layer.png", "image/png")
    (tmp_path / "proxy.webp").write_bytes(made.data)
    with Image.open(tmp_path / "proxy.webp") as shown:
        assert shown.size == (1280, 640) and shown.format == "WEBP"
        assert shown.getpixel((100, 100))[3] == 255 and shown.getpixel((1200, 100))[3] == 0


def test_data_has_no_player_and_a_broken_film_says_why(tmp_path: Path) -> None:
    assert proxy.player("application/json") is None and proxy.expected_bytes("application/json", None) == 0
    (tmp_path / "cut.mp4").write_bytes(b"\0" * 100)
    with pytest.raises(BadMedia, match="not a video"):
        proxy.kept(tmp_path, "ab" * 32, "video/mp4", tmp_path / "cut.mp4")


def test_a_motion_is_drawn(tmp_path: Path) -> None:
    places = np.random.default_rng(0).normal(size=(5, 3, 3)).cumsum(axis=0)
    motion = joints.Motion(places, ("pelvis", "neck", "head"), (-1, 0, 1), 25.0, "world", np.ones(5, bool))
    source, media_type = joints.write(tmp_path / "motion.npz", motion)
    (tmp_path / "proxy.mp4").write_bytes(proxy.encode(source, media_type).data)
    facts, seen = examine(tmp_path / "proxy.mp4")
    assert (facts.frames, facts.fps, seen) == (5, 25.0, True)
