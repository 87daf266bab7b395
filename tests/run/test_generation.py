"""Backgrounds and clips from the command line: real engines, every core metric, and each metric's order of the arms."""

from __future__ import annotations

import json

import pytest
from plugins import suites

SUITE = """\
name = "generation"

[[tasks]]
contract = "background"
dataset = "background-prompts@1.0.0"
samples = ["sea-1", "sky-1"]

[[tasks.arms]]
provider = "local/painter"
label = "painter"

[[tasks.arms]]
provider = "local/shader"
label = "shader"

[[tasks.arms]]
provider = "local/floor-background"
label = "flat"
params = { fill = "flat" }

[[tasks.arms]]
provider = "local/floor-background"
label = "noise"
params = { fill = "noise" }

[[tasks]]
contract = "video"
dataset = "video-prompts@1.0.0"
samples = ["temporal-style-1", "image-harbour"]

[[tasks.arms]]
provider = "local/procedural"
label = "procedural"

[[tasks.arms]]
provider = "local/parallax"
label = "parallax"

[[tasks.arms]]
provider = "local/floor-video"
label = "still"
params = { show = "still" }

[[tasks.arms]]
provider = "local/floor-video"
label = "noise"
params = { show = "noise" }
"""
BACKGROUND_ORDERS = {
    "background.brisque": ["painter", "noise"],
    "background.colourfulness": ["noise", "painter", "flat"],
    "background.fine_detail": ["noise", "painter", "shader"],
    "background.palette_distance": ["painter", "noise"],
}
"""Highest first where the measure has no better direction, else best first."""
VIDEO_ORDERS = {
    "video.temporal_flickering": ["still", "parallax", "noise"],
    "video.frozen": ["procedural", "still"],
    "video.dynamic_degree_dis": ["noise", "still"],
    "video.speed_dis": ["noise", "parallax", "still"],
    "video.motion_smoothness_dis": ["still", "parallax", "noise"],
    "video.subject_consistency_alexnet": ["still", "parallax", "noise"],
    "video.background_consistency_alexnet": ["still", "parallax", "noise"],
    "video.brisque": ["procedural", "noise"],
    "video.warp_error_dis": ["still", "parallax", "noise"],
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, suites.Table]:
    folder = tmp_path_factory.mktemp("generation")
    (folder / "generation.toml").write_text(SUITE)
    return suites.run("generation.toml", folder)


def better(table: suites.Table, metric: str) -> bool | None:
    return next(column["higher_is_better"] for column in table.columns if column["id"] == metric)


@pytest.mark.parametrize(
    ("contract", "metric", "order"),
    [("background", *item) for item in BACKGROUND_ORDERS.items()] + [("video", *item) for item in VIDEO_ORDERS.items()],
)
def test_each_metric_orders_the_arms_as_its_card_says(tables, contract, metric, order):
    found = tables[contract].values(metric)
    sign = -1 if better(tables[contract], metric) is False else 1
    ordered = [sign * float(found[arm]) for arm in order]  # type: ignore[arg-type]
    assert ordered == sorted(ordered, reverse=True) and len(set(ordered)) == len(ordered), found


def test_sizes_and_lengths_are_as_asked(tables):
    assert set(tables["background"].values("background.size_error").values()) == {0.0}
    for metric in ("video.length_error", "video.rate_error", "video.size_error"):
        assert all(value == pytest.approx(0, abs=0.01) for value in tables["video"].values(metric).values()), metric


def test_only_painted_layers_are_measured(tables):
    found = tables["background"].values("background.layer_separability")
    assert float(found["painter"] or 0) > 3
    assert found["shader"] is found["flat"] is None
    assert float(tables["background"].values("background.layer_recomposition")["painter"] or 9) < 0.5


def test_a_floor_wins_what_a_floor_can_win(tables):
    still = {metric: tables["video"].values(metric)["still"] for metric in VIDEO_ORDERS}
    assert still["video.temporal_flickering"] == pytest.approx(1, abs=0.001)
    assert still["video.frozen"] == 100
    assert still["video.dynamic_degree_dis"] == 0


def test_nothing_is_ranked_and_the_table_says_why(tables):
    for table in tables.values():
        assert {json.dumps(row["rank"]) for row in table.rows.values()} == {"null"}
        assert any("only people's votes rank this stage" in note for note in table.notes)
        assert "no human reference" in table.notes


def test_what_an_engine_does_not_take_is_coverage(tables):
    rows = tables["video"].rows
    assert rows["parallax"]["unsupported"] == rows["procedural"]["unsupported"] == 1
    assert rows["still"]["unsupported"] == 0
