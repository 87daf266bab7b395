"""Flicker, warping error, motion, frozen and black frames: toys with known answers, and what each must ignore."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise

import cv2
import imageio_ffmpeg
import numpy as np
import pytest
from filmbench.metrics.frames import steadiness
from filmbench.metrics.frames.steadiness import Flicker, FrozenAndBlack, Motion, WarpError
from films import HEIGHT, WIDTH, noisy, panned, picture

ALL = (Flicker("t", "video"), WarpError("t", "video"), Motion("t", "video"), FrozenAndBlack("t", "video"))


def grey(value: int) -> np.ndarray:
    return np.full((64, 64, 3), value, np.uint8)


def test_flicker_of_the_toy(studio) -> None:
    """Frames of 0 and 51 in turn: .8."""
    film = studio.film([grey(51 * (index % 2)) for index in range(6)])
    assert studio.values(ALL[:1], studio.view(film))["t.flicker"] == pytest.approx(0.8)


def test_a_still_image_wins_and_damage_loses(studio) -> None:
    still, steps = [picture()] * 6, (4, 12, 36)
    found = [
        studio.values(ALL, studio.view(studio.film(f))) for f in (still, *(noisy(still, level) for level in steps))
    ]
    assert found[0] == {
        "t.flicker": 1,
        "t.warp_error_dis": 0,
        "t.motion": 0,
        "t.motion_peak": 0,
        "t.motion_change": 0,
        "t.frozen": 100,
        "t.black": 0,
    }
    for id, sign in (("t.flicker", -1), ("t.warp_error_dis", 1), ("t.motion_change", 1)):
        assert (sign * np.diff([one[id] for one in found]) > 0).all(), id


def test_flicker_in_a_region_sees_that_region_alone(studio) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[40:80, 40:80] = 255
    boiling = noisy([picture()] * 4, 30)
    hole = [np.where(mask[..., None] > 0, frame, picture()) for frame in boiling]
    metrics = (Flicker("t", "video", region="hole"), Flicker("t", "video", region="outside"))
    found = studio.values(metrics, studio.view(studio.film(hole), {}, {"mask": studio.film([mask] * 4)}))
    assert found["t.flicker_outside"] == 1 and found["t.flicker_hole"] < 0.95


def test_a_pan_is_measured_in_heights_a_second_at_any_rate_and_size(studio) -> None:
    """3 pixels a frame of 176 at 25 frames a second: .426 heights."""
    truth = 3 * 25 / HEIGHT
    slow, fast = studio.film(panned(7), 25), studio.film(panned(7), 50)
    large = studio.film([cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC) for frame in panned(7)], 25)
    for film, expected in ((slow, truth), (fast, 2 * truth), (large, truth)):
        found = studio.values(ALL, studio.view(film))
        assert found["t.motion"] == pytest.approx(expected, rel=0.05)
        assert found["t.motion_peak"] == pytest.approx(expected, rel=0.1)
        assert found["t.motion_change"] < expected
        assert found["t.frozen"] == 0


def test_warping_takes_motion_away_and_leaves_flicker(studio) -> None:
    steady, unsteady = panned(5), noisy(panned(5), 10)
    (calm,), (restless,) = (
        studio.values(ALL[1:2], studio.view(studio.film(frames))).values() for frames in (steady, unsteady)
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
    border = steadiness._motion_border(flow)
    assert border[:, 29].all() and not border[:, :28].any() and not border[:, 31:].any()
    assert steadiness.warp_error(grey(9)[..., 0], grey(9)[..., 0], np.full((64, 64, 2), 100, np.float32)) is None


def test_frozen_and_black_agree_with_ffmpegs_filters(studio) -> None:
    frames = [*panned(5), *([panned(5)[-1]] * 5), *[np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 3, *panned(3)]
    film = studio.film(frames)
    found = studio.values(ALL[3:], studio.view(film))
    said = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-i", film.path, "-vf"),
            *("format=yuv420p,blackframe=amount=98:threshold=38,freezedetect=d=0.05", "-f", "null", "-"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    black = len(re.findall(r"pblack:", said))
    assert found["t.black"] == pytest.approx(100 * black / len(frames)) and black == 3
    assert found["t.frozen"] == pytest.approx(100 * 7 / 15)
    lasting = [float(duration) for duration in re.findall(r"freeze_duration: ([\d.]+)", said)]
    assert sum(lasting) == pytest.approx(9 / 25, abs=0.05), (
        "two freezes of five and two steps, each with its first frame"
    )


def test_one_frame_has_no_neighbour(studio) -> None:
    scores = studio.scores(ALL, studio.view(studio.film([picture()])))
    assert scores["t.black"].value == 0
    assert all(score.value is None and score.reason for id, score in scores.items() if id != "t.black")


@pytest.mark.parametrize("metric", ALL, ids=lambda one: one.specs[0].id)
def test_facts_of_a_column_are_whole(metric) -> None:
    card = " ".join((metric.__doc__ or "").split())
    for word in ("What:", "Range:", "Needs:", "Ignores:", "Known failures:", "Provenance:", "Source:", "Licence:"):
        assert word in card
    assert all(spec.signature.startswith(f"{spec.id}|") and "absent" not in spec.signature for spec in metric.specs)
