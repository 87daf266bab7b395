"""Steadiness from frame to frame: toys with known answers, what each formula must ignore, and ffmpeg's own filters."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise

import cv2
import imageio_ffmpeg
import numpy as np
import pytest
from filmbench.harness.media.flow import FlowSearch, lengths
from filmbench.metrics.frames import steadiness
from filmbench.metrics.frames.steadiness import WarpError
from filmbench.metrics.video import motion
from filmbench.metrics.video import steadiness as video
from films import HEIGHT, WIDTH, noisy, panned, picture

WARP = (WarpError("t", "video"),)


def grey(value: int) -> np.ndarray:
    return np.full((64, 64), value, np.uint8)


def test_a_still_image_wins_and_damage_loses(studio) -> None:
    still = [picture()] * 6
    columns = (*video.METRICS, *motion.METRICS)
    found = [
        studio.values(columns, studio.view(studio.film(frames)))
        for frames in (still, *(noisy(still, level) for level in (4, 12, 36)))
    ]
    assert found[0] == {
        "video.temporal_flickering": 1,
        "video.frozen": 100,
        "video.black": 0,
        "video.dynamic_degree_dis": 0,
        "video.speed_dis": 0,
        "video.motion_smoothness_dis": 1,
        "video.warp_error_dis": 0,
    }
    for id, sign in (
        ("video.temporal_flickering", -1),
        ("video.motion_smoothness_dis", -1),
        ("video.warp_error_dis", 1),
    ):
        assert (sign * np.diff([one[id] for one in found]) > 0).all(), id


def test_a_pan_is_measured_in_heights_a_second_at_any_rate_and_size(studio) -> None:
    """3 pixels a frame of 176 at 25 frames a second: .426 heights."""
    truth = 3 * 25 / HEIGHT
    slow, fast = studio.film(panned(7), 25), studio.film(panned(7), 50)
    large = studio.film([cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC) for frame in panned(7)], 25)
    for film, expected in ((slow, truth), (fast, 2 * truth), (large, truth)):
        found = studio.values(motion.METRICS, studio.view(film))
        assert found["video.speed_dis"] == pytest.approx(expected, rel=0.05)


def test_warping_takes_motion_away_and_leaves_flicker(studio) -> None:
    steady, unsteady = panned(5), noisy(panned(5), 10)
    (calm,), (restless,) = (
        studio.values(WARP, studio.view(studio.film(frames))).values() for frames in (steady, unsteady)
    )
    unwarped = np.mean([(a.astype(float) / 255 - b / 255.0) ** 2 for a, b in pairwise(steady)])
    assert calm < 0.05 * 1000 * unwarped
    assert restless > 10 * calm


def test_flow_may_be_that_of_the_reference(studio) -> None:
    """A take frozen while the reference moves is wrong along the reference's motion only."""
    still, moving = studio.film([panned(5)[0]] * 5), studio.film(panned(5))
    own, given = WarpError("own", "video"), WarpError("given", "video", flow_of="reference.video")
    found = studio.values((own, given), studio.view(still, {"video": moving}))
    assert found["own.warp_error_dis"] == 0 < found["given.warp_error_dis"]


def test_the_border_of_motion_is_left_out() -> None:
    flow = np.zeros((40, 60, 2), np.float32)
    flow[:, 30:, 0] = 4
    border = steadiness.motion_border(flow) == 255
    assert border[:, 29].all() and not border[:, :28].any() and not border[:, 31:].any()
    assert steadiness.warp_error(grey(9), grey(9), np.full((64, 64, 2), 100, np.float32)) is None


def test_change_that_the_truth_has_too_is_no_stray_change() -> None:
    """The truth goes up by 10; the take does, and by 20 more where the mask is."""
    before, true = grey(100), grey(110)
    now = true.copy()
    now[:8] += 20
    place = np.zeros((64, 64), bool)
    place[:16] = True
    assert steadiness.stray_change(before, true, before, true, place) == 0
    assert steadiness.stray_change(before, now, before, true, place) == 10
    assert steadiness.stray_change(grey(250), grey(0), grey(0), grey(250), place) == 500, "nothing wraps around"


@pytest.mark.parametrize("size", [(360, 640), (176, 192), (33, 400)])
def test_flow_follows_a_pan_at_any_size(size) -> None:
    height, width = size
    wide = picture(0, height, width + 6)[..., 1]
    flow = FlowSearch().between(wide[:, 6:], wide[:, :width])
    assert min(flow.shape[:2]) == min(180, height)
    middle = flow[8:-8, 16:-16] * (width / flow.shape[1])
    assert np.median(middle[..., 0]) == pytest.approx(6, abs=0.3)
    assert abs(np.median(middle[..., 1])) < 0.3
    assert np.median(lengths(middle)) == pytest.approx(6, abs=0.3)


def test_a_strip_too_narrow_to_follow_anything_in_is_left_out(studio) -> None:
    """OpenCV's search would end the process."""
    assert FlowSearch().between(np.zeros((24, 3000), np.uint8), np.zeros((24, 3000), np.uint8)) is None
    scores = studio.scores(motion.METRICS, studio.view(studio.film([picture(seed, 24, 200) for seed in range(4)])))
    assert all(score.value is None and score.reason for score in scores.values())


def test_frozen_and_black_agree_with_ffmpegs_filters(studio) -> None:
    frames = [*panned(5), *([panned(5)[-1]] * 5), *[np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 3, *panned(3)]
    film = studio.film(frames)
    found = studio.values(video.METRICS, studio.view(film))
    noise = f"{video.FROZEN_LEVELS / 255:.6f}"
    said = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-i", film.path, "-vf"),
            *(
                f"format=yuv420p,blackframe=amount=98:threshold=32,freezedetect=n={noise}:d=0.05",
                *("-f", "null", "-"),
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    black = len(re.findall(r"pblack:", said))
    assert found["video.black"] == pytest.approx(100 * black / len(frames)) and black == 3
    assert found["video.frozen"] == pytest.approx(100 * 7 / 15)
    lasting = [float(duration) for duration in re.findall(r"freeze_duration: ([\d.]+)", said)]
    assert sum(lasting) == pytest.approx(9 / 25, abs=0.05), (
        "two freezes of five and two steps, each with its first frame"
    )


def test_one_frame_has_no_neighbour(studio) -> None:
    scores = studio.scores((*video.METRICS, *motion.METRICS), studio.view(studio.film([picture()])))
    assert scores["video.black"].value == 0
    assert all(score.value is None and score.reason for id, score in scores.items() if id != "video.black")


@pytest.mark.parametrize("metric", (*WARP, *video.METRICS, *motion.METRICS), ids=lambda one: one.specs[0].id)
def test_facts_of_a_column_are_whole(metric) -> None:
    card = " ".join((metric.__doc__ or "").split())
    for word in ("What:", "Range:", "Needs:", "Ignores:", "Known failures:", "Provenance:", "Source:", "Licence:"):
        assert word in card
    assert all(spec.signature.startswith(f"{spec.id}|") and "absent" not in spec.signature for spec in metric.specs)
