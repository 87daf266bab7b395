"""Engines that take something out of a shot: what they fill in, what they refuse, and how each measure ranks them."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

REMOVAL = "editing/removal"
TRUTH, MEDIAN, TELEA, FLUID, UNTOUCHED = (
    "reference: true plate",
    "Median plate",
    "Telea",
    "Navier–Stokes",
    "floor: untouched",
)
ENGINES = [
    ("local/median-plate", {}),
    ("local/inpaint", {"method": "telea"}),
    ("local/inpaint", {"method": "navier_stokes"}),
]


@pytest.fixture
def shot(desk, moving_square):
    pictures, masks = moving_square
    return {"video": desk.film(pictures), "mask": desk.film([mask.astype(np.uint8) * 255 for mask in masks])}


def test_the_median_plate_is_the_plate(desk, shot, moving_square) -> None:
    """The square moves 28 pixels, more than its width, so other frames show all that it hides."""
    plate = moving_square[0][0].copy()
    plate[20:44, 10:34] = moving_square[0][-1][20:44, 10:34]
    for frame in desk.frames("local/median-plate", REMOVAL, shot):
        assert np.abs(frame.astype(int) - plate)[:, :38].max() <= 2


@pytest.mark.parametrize(("engine", "params"), ENGINES)
def test_only_the_hole_changes(desk, shot, moving_square, engine, params) -> None:
    pictures, masks = moving_square
    frames = desk.frames(engine, REMOVAL, shot, **params)
    for frame, picture, mask in zip(frames, pictures, masks, strict=True):
        assert np.array_equal(frame[~mask], picture[~mask])
        assert np.abs(frame[mask].astype(int) - (220, 30, 40)).sum(axis=1).min() > 100  # the red is gone


@pytest.mark.parametrize(("engine", "params"), ENGINES)
def test_one_frame_odd_sizes_and_no_hole(desk, engine, params) -> None:
    picture = np.full((63, 95, 3), 100, np.uint8)
    picture[20:30, 20:30] = 250
    mask = np.zeros((63, 95), np.uint8)
    untouched = {"video": desk.film([picture]), "mask": desk.film([mask])}
    assert np.array_equal(desk.frames(engine, REMOVAL, untouched, **params)[0], picture)
    mask[19:31, 19:31] = 255
    (filled,) = desk.frames(engine, REMOVAL, {"video": untouched["video"], "mask": desk.film([mask])}, **params)
    assert np.abs(filled.astype(int) - 100).max() <= 2


@pytest.mark.parametrize(("engine", "params"), ENGINES)
def test_a_mask_that_does_not_fit(desk, shot, engine, params) -> None:
    full = desk.film([np.full((64, 96), 255, np.uint8)] * 8)
    short = desk.film([np.zeros((64, 96), np.uint8)] * 3)
    for mask, said in ((full, "nothing to fill"), (short, "3 frames, the video 8")):
        with pytest.raises(Refusal, match=said) as refused:
            desk.ask(engine, REMOVAL, shot | {"mask": mask}, **params)
        assert refused.value.outcome is Outcome.INVALID


def test_the_sound_comes_along(desk, moving_square) -> None:
    pictures, masks = moving_square
    tone = (0.3 * np.sin(np.arange(16_000) / 8)).astype(np.float32)
    given = {
        "video": desk.film(pictures, sound=(tone, 48_000)),
        "mask": desk.film([mask.astype(np.uint8) * 255 for mask in masks]),
    }
    clip = desk.clip(desk.ask("local/inpaint", REMOVAL, given)["video"])
    assert clip.rate == 48_000
    assert np.abs(clip.mono()[: len(tone)] - tone).max() < 1e-3


def test_damaged_film_is_invalid(desk, shot) -> None:
    whole = desk.path(shot["video"]).read_bytes()
    path = desk.folder() / "torn.mkv"
    path.write_bytes(whole[:300])
    with pytest.raises(Refusal, match="video: ") as refused:
        desk.ask("local/inpaint", REMOVAL, shot | {"video": desk.add(path, "video/x-matroska")})
    assert refused.value.outcome is Outcome.INVALID


def test_outside_the_mask_the_data_are_the_plate(desk, fetched) -> None:
    fetched("removal-shots")
    shots = dataset.load("removal-shots")
    desk.paths.update(shots.media)
    assert dataset.about("removal-shots").samples == len(shots.samples) == 4
    sample = shots.samples[0]
    video, mask, plate = (
        desk.clip((desk.path(role), role.media_type))
        for role in (sample.inputs["video"], sample.inputs["mask"], sample.references["video"])
    )
    for dirty, hole, clean in zip(video.frames(), mask.frames(), plate.frames(), strict=True):
        assert np.array_equal(dirty.rgb[hole.grey == 0], clean.rgb[hole.grey == 0])
        assert not np.array_equal(dirty.rgb, clean.rgb)


def test_each_measure_ranks_the_arms_in_its_own_order(run_suite, fetched) -> None:
    fetched("removal-shots")
    table = run_suite("editing-removal-quick")
    for metric, best_first in (("removal.psnr_hole", True), ("removal.ssim_hole", True), ("removal.lpips_hole", False)):
        order = table.order(metric, best_first)
        assert order[:2] == [TRUTH, MEDIAN] and order[-1] == UNTOUCHED and set(order[2:4]) == {TELEA, FLUID}
    # Along the true plate's motion the figure that moves otherwise is the worst error; a filling that boils is less.
    warped = table.order("removal.warp_error_dis", best_first=False)
    assert warped[-1] == UNTOUCHED, table.values("removal.warp_error_dis")
    flicker = table.order("removal.flicker", best_first=False)
    assert flicker[:2] == [TRUTH, MEDIAN] and flicker[-1] == UNTOUCHED
    # Nobody touched what is outside, and the mask is wider than the figure: doing nothing wins both columns.
    assert all(table.value(arm, "removal.psnr_outside") == 100.0 for arm in table.rows)
    assert table.value(TRUTH, "removal.seam") == 0.0
    assert table.value(UNTOUCHED, "removal.seam") < 0.01
    assert table.order("removal.seam", best_first=False)[2] == MEDIAN
