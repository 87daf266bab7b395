"""Engines that cut figures out: what they find, what they refuse, and how each measure ranks them."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

ROTO = "editing/roto"
TRUTH, GRABCUT, SELFIE, KEY, FROZEN, ALL = (
    "reference: true matte",
    "GrabCut along the flow",
    "Selfie segmentation",
    "Chroma key",
    "floor: first mask frozen",
    "floor: everything",
)


def overlap(matte, mask) -> float:
    taken = matte >= 128
    return (taken & mask).sum() / (taken | mask).sum()


@pytest.fixture
def shot(desk, moving_square):
    pictures, masks = moving_square
    return {"video": desk.film(pictures), "first_mask": desk.still(masks[0].astype(np.uint8) * 255)}


def test_grabcut_follows_what_moves(desk, shot, moving_square) -> None:
    mattes = desk.frames("local/grabcut", ROTO, shot, "matte")
    assert len(mattes) == 8
    assert min(overlap(matte, mask) for matte, mask in zip(mattes, moving_square[1], strict=True)) > 0.9


def test_the_same_shot_gives_the_same_matte(desk, shot) -> None:
    first, second = (desk.ask("local/grabcut", ROTO, shot)["matte"][0].read_bytes() for _ in range(2))
    assert first == second


def test_grabcut_needs_a_first_mask_of_the_same_size(desk, shot) -> None:
    with pytest.raises(Refusal, match="first_mask") as refused:
        desk.ask("local/grabcut", ROTO, {"video": shot["video"]})
    assert refused.value.outcome is Outcome.UNSUPPORTED
    with pytest.raises(Refusal, match="the video 96×64") as refused:
        desk.ask("local/grabcut", ROTO, shot | {"first_mask": desk.still(np.zeros((10, 10), np.uint8))})
    assert refused.value.outcome is Outcome.INVALID
    with pytest.raises(Refusal, match="band"):
        desk.ask("local/grabcut", ROTO, shot, band=0)


def test_an_empty_first_mask_stays_empty(desk, shot) -> None:
    nothing = desk.still(np.zeros((64, 96), np.uint8))
    assert not np.any(desk.frames("local/grabcut", ROTO, shot | {"first_mask": nothing}, "matte"))


def green(desk, screen=(0, 177, 64)):
    frames = [np.full((64, 96, 3), screen, np.uint8) for _ in range(3)]
    for frame in frames:
        frame[20:40, 30:60] = (200, 150, 120)
    return desk.film(frames)


def test_chroma_key_keys_the_colour_it_is_given(desk) -> None:
    mattes = desk.frames("local/chroma-key", ROTO, {"video": green(desk), "key_colour": "#00b140"}, "matte")
    expected = np.zeros((64, 96), np.uint8)
    expected[20:40, 30:60] = 255
    assert all(np.array_equal(matte, expected) for matte in mattes)
    blue = {"video": green(desk, (20, 60, 220)), "key_colour": "#143cdc"}
    assert np.array_equal(desk.frames("local/chroma-key", ROTO, blue, "matte")[0], expected)


@pytest.mark.parametrize(
    ("colour", "outcome", "said"),
    [
        (None, Outcome.UNSUPPORTED, "no key_colour"),
        ("green", Outcome.INVALID, "#rrggbb"),
        ("#808080", Outcome.INVALID, "hue"),
    ],
)
def test_no_usable_colour_no_key(desk, colour, outcome, said) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        desk.ask("local/chroma-key", ROTO, {"video": green(desk)} | ({"key_colour": colour} if colour else {}))
    assert refused.value.outcome is outcome


def test_segmentation_finds_the_person_and_nobody_in_an_empty_picture(desk, fetched) -> None:
    fetched("roto-shots")
    shots = dataset.load("roto-shots")
    desk.paths.update(shots.media)
    person = next(sample for sample in shots.samples if sample.id == "astronaut-brick")
    truth = desk.clip((desk.path(person.references["matte"]), "video/x-matroska"))
    mattes = desk.frames("local/selfie-segmentation", ROTO, person.inputs, "matte")
    masks = [frame.grey >= 128 for frame in truth.frames()]
    assert np.mean([overlap(matte, mask) for matte, mask in zip(mattes, masks, strict=True)]) > 0.8
    empty = desk.film(np.full((2, 64, 96, 3), 90, np.uint8))
    nobody = desk.frames("local/selfie-segmentation", ROTO, {"video": empty}, "matte")
    assert np.mean(np.array(nobody) >= 128) < 0.05


def test_floors_do_not_look(desk, shot, moving_square) -> None:
    frozen = desk.frames("local/roto-floor", ROTO, shot, "matte", matte="first_mask")
    assert all(np.array_equal(matte >= 128, moving_square[1][0]) for matte in frozen)
    assert np.all(np.array(desk.frames("local/roto-floor", ROTO, shot, "matte", matte="everything")) == 255)
    with pytest.raises(Refusal, match="first_mask"):
        desk.ask("local/roto-floor", ROTO, {"video": shot["video"]}, matte="first_mask")


def test_data_are_as_their_card_says(fetched) -> None:
    fetched("roto-shots")
    shots = dataset.load("roto-shots")
    assert dataset.about("roto-shots").samples == len(shots.samples) == 6
    assert all(f"`{sample.id}`" in shots.card for sample in shots.samples)
    assert {s.id for s in shots.samples if "key_colour" in s.inputs} == {"astronaut-screen", "blurred-star-screen"}


def test_each_measure_ranks_the_arms_in_its_own_order(run_suite, fetched) -> None:
    """Two shots hold the astronaut, one a star that no segmenter of people can know."""
    fetched("roto-shots")
    table = run_suite("editing-roto-quick")
    assert table.rows[KEY]["unsupported"] == 2 and table.rows[KEY]["ok"] == 1
    for metric in ("roto.jf_2px", "roto.j", "roto.jf", "roto.f_2px"):
        order = table.order(metric)
        assert table.value(TRUTH, metric) == 1.0
        assert order[:3] == [TRUTH, KEY, GRABCUT] and order[3] == SELFIE and set(order[4:]) == {FROZEN, ALL}
    for metric in ("roto.mad", "roto.grad"):
        assert table.value(TRUTH, metric) == 0.0
        assert set(table.order(metric, best_first=False)[-2:]) == {FROZEN, ALL}
    assert table.order("roto.mad", best_first=False)[-1] == ALL
    # Two still mattes change alike, which is not at all: this column cannot tell them apart.
    assert table.value(FROZEN, "roto.dtssd") == pytest.approx(table.value(ALL, "roto.dtssd"), abs=1e-6)
    assert table.order("roto.dtssd", best_first=False)[:2] == [TRUTH, KEY]
