"""VMAF against the values of the golden example and against a bare command of ffmpeg."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from filmbench.harness.media.write import write_video
from filmbench.metrics.frames.denoise_picture import METRICS
from filmbench.metrics.frames.vmaf import Vmaf, vmaf
from films import Studio, panned, picture

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([FFMPEG, "-y", "-v", "error", "-threads", "1", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two seconds of a test picture, 640×360: lossless, coarsely encoded, that sharpened, and moved by a frame."""
    studio = Studio(tmp_path_factory.mktemp("films"))
    place = studio.place
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=2", "-pix_fmt", "yuv420p", "-c:v", "ffv1"),
        place("truth.mkv"),
    )
    ffmpeg("-i", place("truth.mkv"), "-c:v", "libx264", "-crf", "38", place("coarse.mp4"))
    coarse = ("-i", place("coarse.mp4"))
    ffmpeg(*coarse, "-vf", "unsharp", "-pix_fmt", "yuv420p", "-c:v", "ffv1", place("sharp.mkv"))
    late = "select='not(eq(n,1))',settb=1/25,setpts=N"
    ffmpeg(*coarse, "-vf", late, "-pix_fmt", "yuv420p", "-c:v", "ffv1", place("late.mkv"))
    return studio


GOLDEN = {
    "coarse.mp4": (76.93, 75.05),
    "sharp.mkv": (91.08, 75.45),
    "truth.mkv": (99.94, None),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_values(films, name: str) -> None:
    found = vmaf(films.clip(films.place(name)), films.clip(films.place("truth.mkv")))
    plain, neg = GOLDEN[name]
    assert found["vmaf"] == pytest.approx(plain, abs=0.1)
    assert neg is None or found["vmaf_neg"] == pytest.approx(neg, abs=0.1)


def test_one_frame_of_shift_costs_half(films) -> None:
    """The bare filter says 36.6, since it holds the last frame, which is right, against the reference's once more."""
    found = vmaf(films.clip(films.place("late.mkv")), films.clip(films.place("truth.mkv")))
    assert (49 * found["vmaf"] + 76.9) / 50 == pytest.approx(36.6, abs=0.2)


def test_it_equals_the_bare_filter(films) -> None:
    log = films.place("bare.json")
    graph = f"[0:v][1:v]libvmaf=model=version=vmaf_v0.6.1:log_fmt=json:log_path={log}"
    ffmpeg("-i", films.place("coarse.mp4"), "-i", films.place("truth.mkv"), "-lavfi", graph, "-f", "null", "-")
    bare = json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"]
    found = vmaf(films.clip(films.place("coarse.mp4")), films.clip(films.place("truth.mkv")), ("vmaf",))
    assert found == {"vmaf": pytest.approx(bare, abs=1e-4)}


def test_time_stamps_of_another_container_change_nothing(films) -> None:
    """Matroska rounds to milliseconds, MP4 holds 1/12800 s: at 30 frames a second none of them is exact in both."""
    ffmpeg(
        "-i", films.place("truth.mkv"), "-vf", "settb=1/30,setpts=N", "-r", "30", "-c:v", "ffv1", films.place("30.mkv")
    )
    ffmpeg("-i", films.place("30.mkv"), "-c:v", "libx264", "-crf", "38", films.place("30.mp4"))
    ffmpeg("-i", films.place("30.mp4"), "-c", "copy", films.place("copy.mkv"))
    truth = films.clip(films.place("30.mkv"))
    mp4, mkv = (vmaf(films.clip(films.place(name)), truth)["vmaf"] for name in ("30.mp4", "copy.mkv"))
    assert mp4 == pytest.approx(mkv, abs=1e-6) and mp4 > 70


def test_another_size_and_a_shorter_take_are_compared_at_the_references(films) -> None:
    ffmpeg("-i", films.place("truth.mkv"), "-vf", "scale=320:180", "-t", "1", "-c:v", "ffv1", films.place("half.mkv"))
    found = vmaf(films.clip(films.place("half.mkv")), films.clip(films.place("truth.mkv")))
    assert 10 < found["vmaf"] < 95


def test_odd_sizes_rotation_and_a_single_frame_are_taken(films) -> None:
    odd = films.film([frame[:161, :173] for frame in panned(4)])
    assert vmaf(odd, odd)["vmaf"] > 95
    single = films.film(panned(1))
    assert vmaf(single, single)["vmaf"] > 95
    for name, quality in (("fine", 10), ("rough", 40)):
        write_video(films.place(f"{name}.mp4"), panned(4), 25, crf=quality)
        turned = films.place(f"{name}-turned.mp4")
        ffmpeg("-display_rotation", "90", "-i", films.place(f"{name}.mp4"), "-c", "copy", turned)
    upright, turned = (
        vmaf(films.clip(films.place(f"rough{way}.mp4")), films.clip(films.place(f"fine{way}.mp4")))["vmaf"]
        for way in ("", "-turned")
    )
    assert turned == pytest.approx(upright, abs=5), "its filters favour no direction much"


def test_reasons_instead_of_numbers(films) -> None:
    metric = Vmaf("t", "video")
    truth, tiny = films.clip(films.place("truth.mkv")), films.film([picture(0, 12, 12)])
    films.place("broken.mp4").write_bytes(b"no film at all")
    cases = {
        "the sample has no reference video": films.view(truth),
        "16 pixels each way": films.view(truth, {"video": tiny}),
        "not a video": films.view(films.clip(films.place("broken.mp4")), {"video": truth}),
    }
    for reason, view in cases.items():
        scores = metric.score(view)
        assert [score.metric for score in scores] == ["t.vmaf", "t.vmaf_neg"]
        assert all(score.value is None and reason in score.reason for score in scores), scores


def test_the_metric_gives_both_columns(films) -> None:
    view = films.view(films.clip(films.place("coarse.mp4")), {"video": films.clip(films.place("truth.mkv"))})
    plain, neg = METRICS[-1].score(view)
    assert (plain.metric, neg.metric) == ("denoise_picture.vmaf", "denoise_picture.vmaf_neg")
    assert plain.value > neg.value > 70
