"""Engines that grade: to match a look, or as an instruction says; what they refuse, and how each measure ranks them."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.adapters.local import rule_edit
from filmbench.harness import dataset
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

COLOUR, PROMPT = "editing/colour", "editing/prompt"
METHODS = ("reinhard", "histogram", "transport")


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    rng = np.random.default_rng(3)
    smooth = rng.normal(0, 1, (64, 96, 3)) @ np.array([[30, 12, 4], [0, 22, 10], [0, 0, 18]])
    return np.clip(smooth + np.array([130, 110, 90]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", METHODS)
def test_a_linear_change_of_colour_is_found(desk, scene, method) -> None:
    """The look is the same scene, brighter and tinted: every method can undo that."""
    look = np.clip(scene * (0.9, 0.8, 0.7) + (30, 20, 10), 0, 255).astype(np.uint8)
    given = {"video": desk.film([scene] * 2), "look": desk.film([look[:, ::-1]] * 2)}
    frames = desk.frames("local/colour-match", COLOUR, given, method=method)
    before, after = (np.abs(picture.astype(int) - look).mean() for picture in (scene, frames[0]))
    assert after < 0.25 * before and np.array_equal(*frames)


@pytest.mark.parametrize("method", METHODS)
def test_flat_pictures_and_odd_sizes(desk, method) -> None:
    flat, look = np.full((63, 95, 3), 80, np.uint8), np.full((20, 30, 3), 160, np.uint8)
    (frame,) = desk.frames(
        "local/colour-match", COLOUR, {"video": desk.film([flat]), "look": desk.film([look])}, method=method
    )
    assert np.abs(frame.astype(int) - 160).max() <= 1


def test_a_missing_look_is_invalid(desk, scene) -> None:
    with pytest.raises(Refusal, match="no look") as refused:
        desk.ask("local/colour-match", COLOUR, {"video": desk.film([scene])})
    assert refused.value.outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("instruction", "look"),
    [
        ("Make it night.", "night"),
        ("make the light warmer, please", "warmer"),
        ("Turn it into black and white.", "black and white"),
        ("Add some fog", "fog"),
        ("Give it a VINTAGE look.", "vintage"),
    ],
)
def test_what_it_understands(instruction, look) -> None:
    assert rule_edit.understood(instruction) == look


@pytest.mark.parametrize(
    "instruction", ["add a dragon", "make it night and add fog", "make it", "not night", "warmer and cooler"]
)
def test_what_it_does_not_understand_it_says(instruction) -> None:
    with pytest.raises(Refusal, match="it knows night, day, warmer") as refused:
        rule_edit.understood(instruction)
    assert refused.value.outcome is Outcome.UNSUPPORTED


def test_an_empty_instruction_is_invalid() -> None:
    with pytest.raises(Refusal) as refused:
        rule_edit.understood("  …  ")
    assert refused.value.outcome is Outcome.INVALID


@pytest.mark.parametrize("name", rule_edit.LOOKS)
def test_every_look_changes_the_picture_as_its_name_says(desk, scene, name) -> None:
    given = {"video": desk.film([scene]), "instruction": f"make it {name}"}
    red, green, blue = desk.frames("local/rule-edit", PROMPT, given)[0].reshape(-1, 3).mean(axis=0)
    was_red, was_green, was_blue = scene.reshape(-1, 3).mean(axis=0)
    darker = red + green + blue < was_red + was_green + was_blue
    warmer = red - blue > was_red - was_blue
    expected = {
        "night": darker and not warmer,
        "day": not darker,
        "warmer": warmer,
        "cooler": not warmer,
        "brighter": not darker,
        "darker": darker,
        "black and white": abs(red - blue) < 1 and abs(red - green) < 1,
        "vintage": abs(green - blue) > 1 and red > green > blue,
        "fog": not darker and red - blue < was_red - was_blue,
    }
    assert expected[name]


@pytest.mark.parametrize("name", ["camera-pairs", "prompt-edits"])
def test_data_are_as_their_manifest_says(fetched, name) -> None:
    fetched(name)
    loaded = dataset.load(name)
    assert len(loaded.samples) == dataset.about(name).samples
    assert len({sample.id for sample in loaded.samples}) == len(loaded.samples)


def test_each_measure_of_colour_ranks_the_arms_in_its_own_order(run_suite, fetched) -> None:
    fetched("camera-pairs")
    table = run_suite("editing-colour-quick")
    truth, untouched = "reference: the other camera", "floor: untouched"
    for metric in ("colour.delta_e", "colour.delta_e_p95", "colour.delta_e_visible"):
        order = table.order(metric, best_first=False)
        assert order[0] == truth and order[-1] == untouched, metric
        assert table.value(truth, metric) == 0.0


def test_each_measure_of_an_edit_ranks_the_arms_in_its_own_order(run_suite, fetched) -> None:
    fetched("prompt-edits")
    table = run_suite("editing-prompt-quick")
    hand, rules, untouched = "reference: by hand", "Looks by rule", "floor: untouched"
    assert table.order("prompt_edit.followed") == [hand, rules, untouched]
    assert table.order("prompt_edit.delta_e", best_first=False) == [hand, rules, untouched]
    assert table.value(untouched, "prompt_edit.followed") == pytest.approx(0.0, abs=1e-9)
    # Nothing keeps more than doing nothing: the floor wins what an edit should leave.
    assert table.order("prompt_edit.structure")[0] == untouched
    assert table.order("prompt_edit.unsteady", best_first=False)[0] == untouched
    assert table.value(untouched, "prompt_edit.structure") == 1.0
