"""Reading film: what comes out upright and exact, what is refused, and one pass for many readers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest
from filmbench.harness.media import video
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.moments import moments
from filmbench.harness.media.probe import facts
from filmbench.harness.media.still import ImageClip
from filmbench.harness.media.video import VideoClip, VideoLimits
from filmbench.harness.media.write import write_lossless, write_video
from filmbench.harness.types import Artifact

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.float32)


def ramps(count: int, height: int = 90, width: int = 160) -> Iterator[Any]:
    y, x = np.mgrid[:height, :width]
    for step in range(count):
        yield np.stack([(x + 3 * step) % 256, (2 * y + step) % 256, (x + y) // 2 % 256], -1).astype(np.uint8)


def numbered(count: int) -> Iterator[Any]:
    return (np.full((36, 64), 4 * step, np.uint8) for step in range(count))


def clip(path: Path) -> VideoClip:
    return VideoClip(Artifact(path.name, "video/mp4", path.stat().st_size), path)


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([FFMPEG, "-y", "-v", "error", *map(str, arguments)], check=True)


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, ramps(12), 25, (TONE, 48_000), comment="machine-made")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    found = facts(tmp_path / "a.mp4", "video")
    assert (found["width"], found["height"], found["fps"], found["frames"], found["sound"]) == (160, 90, 25, 12, True)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["comment"] == "machine-made"


@pytest.mark.parametrize("fps", [24, Fraction(30000, 1001), 25])
@pytest.mark.parametrize("size", [(90, 160), (91, 161)])
def test_lossless_is_lossless_at_any_size_and_rate(tmp_path: Path, size: tuple[int, int], fps: Fraction) -> None:
    path, _ = write_lossless(tmp_path / "film.mkv", ramps(5, *size), fps)
    for read, made in zip(clip(path).frames(), ramps(5, *size), strict=True):
        assert np.array_equal(read.rgb, made)
    found = clip(path).facts
    assert found.fps == pytest.approx(float(fps)) and found.seconds == pytest.approx(5 / float(fps))


def test_luma_is_the_decoded_plane_and_full_range_is_brought_to_it(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", ramps(3), 25, crf=1)
    ffmpeg(
        "-i", tmp_path / "a.mp4", "-vf", "scale=out_range=pc", "-color_range", "pc", "-crf", "1", tmp_path / "full.mp4"
    )
    limited = next(clip(tmp_path / "a.mp4").frames()).luma.astype(int)
    full = next(clip(tmp_path / "full.mp4").frames()).luma.astype(int)
    assert limited.min() >= 14 and limited.max() <= 237
    assert np.abs(limited - full).mean() < 1.5


def test_a_rotated_film_is_read_upright(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", ramps(3), 25)
    ffmpeg("-display_rotation", "90", "-i", tmp_path / "a.mp4", "-c", "copy", tmp_path / "turned.mp4")
    ffmpeg("-i", tmp_path / "turned.mp4", "-frames:v", "1", tmp_path / "upright.png")
    turned = clip(tmp_path / "turned.mp4")
    assert (turned.facts.width, turned.facts.height, turned.facts.rotation) == (90, 160, 90)
    upright = ImageClip(Artifact("p", "image/png", 1), tmp_path / "upright.png")
    assert np.abs(next(turned.frames()).rgb.astype(int) - upright.rgb).max() <= 1


def test_variable_frame_rate_is_told(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", ramps(30), 30)
    ffmpeg("-i", tmp_path / "a.mp4", "-vf", "select='not(between(n,10,16))'", "-fps_mode", "vfr", tmp_path / "vfr.mp4")
    assert clip(tmp_path / "vfr.mp4").facts.variable and not clip(tmp_path / "a.mp4").facts.variable


def test_alpha_is_read_as_a_matte_and_left_out_of_colours(tmp_path: Path) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", "color=red@0.5:s=64x36:d=0.2,format=yuva444p10le", "-c:v", "prores_ks"),
        *("-profile:v", "4444", tmp_path / "alpha.mov"),
    )
    ffmpeg("-f", "lavfi", "-i", "color=red@0.5:s=64x36:d=0.2:r=25,format=bgra", "-c:v", "ffv1", tmp_path / "alpha.mkv")
    for name in ("alpha.mov", "alpha.mkv"):
        frame = next(clip(tmp_path / name).frames())
        assert abs(int(frame.grey[5, 5]) - 127) <= 2
        assert frame.rgb[5, 5, 0] > 200 and frame.rgb[5, 5, 1] < 40


def test_what_cannot_be_used_is_refused_in_one_clause(tmp_path: Path) -> None:
    write_video(tmp_path / "good.mp4", ramps(50), 25)
    whole = (tmp_path / "good.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no film")
    write_video(tmp_path / "black.mp4", (np.zeros((36, 64, 3), np.uint8) for _ in range(5)), 25)
    ffmpeg(
        "-i",
        tmp_path / "good.mp4",
        "-c:v",
        "libx265",
        "-color_trc",
        "smpte2084",
        "-x265-params",
        "log-level=none:transfer=smpte2084",
        tmp_path / "hdr.mp4",
    )
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "sound.m4a")
    reasons = {
        "cut.mp4": "not a video, or damaged",
        "empty.mp4": "empty file",
        "text.mp4": "not a video",
        "black.mp4": "black",
        "hdr.mp4": r"HDR \(PQ\)",
        "sound.m4a": "holds no picture",
    }
    for name, reason in reasons.items():
        with pytest.raises(BadMedia, match=reason):
            facts(tmp_path / name, "video")
    with pytest.raises(BadMedia, match="longer than"):
        list(video.read(tmp_path / "good.mp4", limits=VideoLimits(seconds=1.0)))
    with pytest.raises(BadMedia, match="allowed"):
        list(video.read(tmp_path / "good.mp4", limits=VideoLimits(pixels=1000)))


def test_a_matroska_cut_short_is_refused_or_shorter(tmp_path: Path) -> None:
    write_lossless(tmp_path / "good.mkv", ramps(50), 25)
    whole = (tmp_path / "good.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadMedia, match="truncated"):
        facts(tmp_path / "cut.mkv", "video")


def test_sound_that_ends_before_the_picture_is_not_truncated(tmp_path: Path) -> None:
    short = TONE[: len(TONE) // 4]
    for name, codec in (("a.mkv", "flac"), ("a.webm", "libopus")):
        write_lossless(tmp_path / "film.mkv", ramps(25), 25, (short, 48_000))
        picture = ("-c:v", "libvpx-vp9") if codec == "libopus" else ("-c:v", "copy")
        ffmpeg("-i", tmp_path / "film.mkv", *picture, "-c:a", codec, tmp_path / name)
        assert facts(tmp_path / name, "clip")["seconds"] == pytest.approx(1.0, abs=0.05)
        assert clip(tmp_path / name).sound.seconds == pytest.approx(0.25, abs=0.02)


def test_one_frame_is_a_film_and_a_matte_may_be_black(tmp_path: Path) -> None:
    write_video(tmp_path / "one.mp4", ramps(1), 25)
    assert facts(tmp_path / "one.mp4", "video")["frames"] == 1
    write_lossless(tmp_path / "matte.mkv", (np.zeros((36, 64), np.uint8) for _ in range(3)), 25)
    assert facts(tmp_path / "matte.mkv", "matte")["frames"] == 3


def test_a_clip_is_sound_with_or_without_pictures(tmp_path: Path) -> None:
    write_video(tmp_path / "film.mp4", ramps(25), 25, (TONE, 48_000))
    ffmpeg("-i", tmp_path / "film.mp4", "-vn", tmp_path / "sound.wav")
    assert facts(tmp_path / "film.mp4", "clip")["frames"] == 25
    assert "frames" not in facts(tmp_path / "sound.wav", "clip")
    write_video(tmp_path / "mute.mp4", ramps(5), 25)
    with pytest.raises(BadMedia, match="holds no sound"):
        facts(tmp_path / "mute.mp4", "clip")
    assert clip(tmp_path / "film.mp4").mono(16_000).shape[0] == pytest.approx(16_000, rel=0.01)


def test_moments_pair_by_time_not_by_number(tmp_path: Path) -> None:
    slow, _ = write_lossless(tmp_path / "slow.mkv", numbered(12), 12)
    fast, _ = write_lossless(tmp_path / "fast.mkv", numbered(19), 24)
    pairs = [
        (moment.take.index, moment.beside["reference.video"].index if "reference.video" in moment.beside else None)
        for moment in moments(clip(slow), {"reference.video": clip(fast)})
    ]
    assert pairs == [(i, 2 * i) for i in range(10)] + [(10, None), (11, None)]


def test_moments_bring_all_to_the_first_companions_size_and_keep_one_before(tmp_path: Path) -> None:
    small, _ = write_lossless(tmp_path / "small.mkv", ramps(4, 45, 80), 25)
    large, _ = write_lossless(tmp_path / "large.mkv", ramps(4), 25)
    seen = list(moments(clip(small), {"reference.video": clip(large)}))
    assert seen[0].take.luma.shape == (90, 160) and seen[0].flow() is None
    assert seen[3].previous is seen[2] and seen[2].previous is None


def test_flow_finds_the_shift(tmp_path: Path) -> None:
    texture = np.random.default_rng(1).integers(0, 255, (200, 300), np.uint8)
    import cv2

    texture = cv2.GaussianBlur(texture, (0, 0), 2)
    frames = (texture[20:180, 40 - 3 * step : 240 - 3 * step] for step in range(3))
    path, _ = write_lossless(tmp_path / "pan.mkv", frames, 25)
    last = list(moments(clip(path), {}))[-1]
    assert np.median(last.flow()[40:-40, 40:-40, 0]) == pytest.approx(3.0, abs=0.2)
    assert last.flow() is last.flow(), "computed once for all who ask"


def test_what_lies_in_unwritten_memory_does_not_matter(tmp_path: Path) -> None:
    """x264's macroblock tree reads it; with other rubbish there, the same frames used to give another file."""
    script = (
        "import sys; from pathlib import Path; from filmbench.harness.dataset.recipes.plates import Plate\n"
        "from filmbench.harness.media.write import write_video\n"
        "plate = Plate('coffee')\n"
        "write_video(Path(sys.argv[1]), [plate.at(frame) for frame in range(24)], 24, crf=14)\n"
    )
    for rubbish in ("37", "111"):
        environment = {**os.environ, "MALLOC_PERTURB_": rubbish}
        subprocess.run([sys.executable, "-c", script, tmp_path / rubbish], check=True, env=environment)
    assert (tmp_path / "37").read_bytes() == (tmp_path / "111").read_bytes()
