"""Rankers of match cuts on drawn shots, and libraries without a pair."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.adapters.local.match_embedding import unit
from filmbench.adapters.local.match_motion import histogram
from filmbench.adapters.local.match_shape import silhouette
from filmbench.harness import registry
from filmbench.harness.dataset import catalogue
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample
from filmbench.metrics.match_cut.ranking import average_precision, ranked

DATASET = catalogue.load("match-shots@1.0.0")
SAMPLES = {sample.id: sample for sample in DATASET.samples}
RANKERS = ("local/match-shape", "local/match-motion", "local/match-embedding", "local/floor-match")
LOOKING = RANKERS[:3]
FLOOR = RANKERS[3]


class Files:
    def __init__(self) -> None:
        self.own: dict[str, Path] = {}

    def path(self, artifact: Artifact) -> Path:
        return self.own.get(artifact.sha256) or DATASET.media[artifact.sha256]


@pytest.fixture
def rank(tmp_path):
    files = Files()

    def found(id: str, sample: Sample, take: int = 0) -> list[list[Any]]:
        request = Request("editing/match-cut", sample, Arm(id, id, {}), {}, take=take)
        provider = registry.providers().get(id)
        provider.load()
        made, media_type = provider.render(request, files, tmp_path)["ranking"]
        assert media_type == "application/json"
        return json.loads(made.read_text())

    found.files = files.own  # type: ignore[attr-defined]
    return found


def precision(rows: list[list[Any]], sample: Sample) -> float:
    true = json.loads(DATASET.media[sample.references["pairs"].sha256].read_text())
    return average_precision(ranked(rows, len(sample.inputs["shots"])), {tuple(pair) for pair in true})


@pytest.mark.parametrize(
    ("id", "wins", "loses"),
    [
        ("local/match-shape", "shape-a", "motion-a"),
        ("local/match-motion", "motion-a", "shape-a"),
        ("local/match-embedding", "shape-b", "motion-b"),
    ],
)
def test_each_ranker_finds_what_it_looks_at_and_nothing_else(rank, id, wins, loses):
    rows = rank(id, SAMPLES[wins])
    assert len(rows) == 66
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
    assert precision(rows, SAMPLES[wins]) > 0.5
    assert precision(rank(id, SAMPLES[loses]), SAMPLES[loses]) < 0.25


def test_random_order_is_the_same_for_a_take_and_another_for_the_next(rank):
    sample = SAMPLES["shape-a"]
    assert rank(FLOOR, sample) == rank(FLOOR, sample) != rank(FLOOR, sample, take=1)
    found = [precision(rank(FLOOR, sample, take=take), sample) for take in range(40)]
    assert 0.08 < np.mean(found) < 0.2, "chance is 6 of 66"


def test_a_silhouette_is_what_stands_out_inside_the_frame():
    frame = np.full((72, 128), 60, np.uint8)
    frame[20:50, 40:80] = 200
    frame[:, :10] = 200  # touches the border
    assert silhouette(frame)[22:48, 42:78].all() and silhouette(frame).sum() == pytest.approx(1200, rel=0.02)
    assert silhouette(255 - frame).sum() == silhouette(frame).sum(), "dark on bright stands out as well"
    assert not silhouette(np.full((72, 128), 60, np.uint8)).any()


def test_flow_is_told_apart_by_direction_and_speed():
    def moving(x: float, y: float) -> Any:
        return histogram(np.broadcast_to(np.array([x, y], np.float32), (3, 72, 128, 2)))

    def alike(one: Any, other: Any) -> float:
        return float(np.sqrt(one * other).sum())

    assert moving(3, 0).sum() == pytest.approx(1)
    assert alike(moving(3, 0), moving(3, 0)) == pytest.approx(1)
    assert alike(moving(3, 0), moving(-3, 0)) == alike(moving(3, 0), moving(1.5, 0)) == 0
    assert alike(moving(0, 0), moving(0.1, -0.1)) == pytest.approx(1), "both stand still"


@pytest.mark.parametrize("id", RANKERS)
def test_one_shot_makes_no_pair(rank, id):
    alone = Sample("alone", "test", {"shots": SAMPLES["shape-a"].inputs["shots"][:1]})
    with pytest.raises(Refusal) as refusal:
        rank(id, alone)
    assert refusal.value.outcome is Outcome.INVALID


@pytest.mark.parametrize("id", LOOKING)
def test_shots_of_one_frame_and_damaged_ones(rank, tmp_path, id):
    shots = []
    for number in range(3):
        path, media_type = write_video(tmp_path / f"{number}.mp4", [np.full((36, 64, 3), 90, np.uint8)], 25)
        shots.append(Artifact(str(number), media_type, 1))
        rank.files[str(number)] = path
    assert len(rank(id, Sample("stills", "test", {"shots": tuple(shots)}))) == 3
    path.write_bytes(b"damaged")
    with pytest.raises(Refusal) as refusal:
        rank(id, Sample("stills", "test", {"shots": tuple(shots)}))
    assert refusal.value.outcome is Outcome.INVALID


def test_the_reference_ranks_the_labelled_pairs_first_and_needs_labels(rank, tmp_path):
    sample = SAMPLES["motion-a"]
    rows = rank("local/reference-match", sample)
    assert (len(rows), sum(score for *_, score in rows)) == (66, 6)
    assert precision(rows, sample) == 1
    bare = Sample("bare", "test", sample.inputs)
    with pytest.raises(Refusal, match="no reference"):
        rank("local/reference-match", bare)
    (tmp_path / "bad.json").write_text('{"pairs": 1}')
    rank.files["bad"] = tmp_path / "bad.json"
    with pytest.raises(Refusal, match="not a list of pairs") as refusal:
        rank(
            "local/reference-match",
            Sample("bad", "test", sample.inputs, {"pairs": Artifact("bad", "application/json", 1)}),
        )
    assert refusal.value.outcome is Outcome.INVALID


def test_an_embedding_hears_places_and_not_brightness():
    features = np.random.default_rng(0).random((4, 3, 3))
    assert float(unit(features) @ unit(3 * features + 5)) == pytest.approx(1)
    assert float(unit(features) @ unit(features[:, ::-1, ::-1])) < 0.5
    assert not unit(np.zeros((4, 3, 3))).any()
