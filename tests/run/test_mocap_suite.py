"""Motion capture from the command line: the quick suite's arms on a cut of its data, and who wins each column."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import humanoid, mocap_motions
from filmbench.harness.dataset.recipes.content import Content
from plugins import suites

FRAMES = 20
RAW, SMOOTH, LIFTED = "MediaPipe Pose, raw", "MediaPipe Pose, one-euro", "Lifted landmarks"
ARMS, REFERENCE, STILL, MIRRORED = (RAW, SMOOTH, LIFTED), "reference", "floor: T-pose", "floor: mirrored body"


def cut(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frames of two motions as a dataset of its own in ``folder``."""
    table = tomllib.loads((files("filmbench.datasets") / "mocap-motions/dataset.toml").read_text())
    clips = [clip for clip in table["recipe"]["clips"] if clip["name"] in ("walk", "jump")]
    whole = humanoid.read
    monkeypatch.setattr(humanoid, "read", lambda *arguments: whole(*arguments)[:FRAMES])
    monkeypatch.setattr(mocap_motions, "CLUTTER", ("plain",))
    content = Content(folder, folder / "scratch")
    manifest = Manifest(folder, folder, {"name": "cut", "version": "1", "recipe": {"clips": clips}})
    content.write(mocap_motions.build(manifest, content, lambda *step: None))
    (folder / "card.md").write_text("# cut\n")
    (folder / "dataset.toml").write_text(
        'name = "cut"\nversion = "1"\ntitle = "cut"\ncontract = "mocap"\nlicence = "rights unstated"\n'
        f'attribution = "pybullet"\nsamples = 4\n[files]\n"samples.jsonl" = "{sha256_of(folder / "samples.jsonl")}"\n'
    )


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float | None]]:
    """Metric, then arm: what the table says."""
    place = tmp_path_factory.mktemp("mocap")
    with pytest.MonkeyPatch.context() as monkeypatch:
        cut(place / "cut", monkeypatch)
    samples = '["walk/front-plain", "jump/front-plain"]'
    table = suites.run_one(
        suites.cut("mocap-quick", place, samples=samples, dataset=f'"folder:{place / "cut"}"'), place
    )
    assert {arm: row["ok"] for arm, row in table.rows.items()} == dict.fromkeys((*ARMS, REFERENCE, STILL, MIRRORED), 2)
    return table.by_metric()


@pytest.mark.parametrize("metric", ["pa_mpjpe", "mpjpe", "w_mpjpe", "wa_mpjpe"])
def test_errors_rank_truth_then_engines_then_floors(values, metric):
    column = values[metric]
    engines = [column[arm] for arm in ARMS]
    assert column[REFERENCE] == pytest.approx(0, abs=1e-3)
    assert min(engines) > 10
    assert max(engines) < column[MIRRORED], "a mirrored body must lose"
    assert max(engines) < column[STILL]


@pytest.mark.parametrize("metric", ["pck_150", "auc"])
def test_shares_rank_the_other_way(values, metric):
    column = values[metric]
    assert column[REFERENCE] == 1.0
    assert min(column[arm] for arm in ARMS) > max(column[MIRRORED], column[STILL])


def test_calm_is_won_by_standing_still(values):
    jitter, slide = values["jitter"], values["foot_slide"]
    assert jitter[STILL] == slide[STILL] == pytest.approx(0, abs=1e-3)
    assert jitter[REFERENCE] < jitter[SMOOTH] < jitter[RAW]
    assert slide[REFERENCE] < slide[SMOOTH] < slide[RAW]
    assert jitter[MIRRORED] == pytest.approx(jitter[REFERENCE], rel=0.1)


def test_acceleration_is_won_by_the_truth_and_lost_by_trembling(values):
    column = values["acceleration_error"]
    assert column[REFERENCE] == pytest.approx(0, abs=1e-3)
    assert column[SMOOTH] < column[RAW] and column[STILL] < column[RAW]


def test_rigid_bodies_win_bone_drift(values):
    column = values["bone_drift"]
    assert max(column[arm] for arm in (REFERENCE, STILL, MIRRORED, LIFTED)) < 0.01
    assert min(column[RAW], column[SMOOTH]) > 1


def test_paths_are_won_by_whoever_knows_where_the_hips_are(values):
    for metric in ("rte", "root_drift"):
        column = values[metric]
        assert column[REFERENCE] == pytest.approx(0, abs=1e-2) and column[MIRRORED] == pytest.approx(0, abs=1e-2)
        assert min(column[arm] for arm in ARMS) > 0.1
        assert max(column[arm] for arm in ARMS) < column[STILL]


def test_everybody_claims_to_see_the_body(values):
    assert set(values["detection_rate"].values()) == {100.0}, "which says nothing of who is right"
