"""Shot detectors on real films, and films that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.adapters.local._shots import from_cuts
from filmbench.harness import registry
from filmbench.harness.dataset import catalogue
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample
from filmbench.metrics.shots.boundaries import count

DATASET = catalogue.load("shot-film@1.0.0")
SAMPLES = {sample.id: sample for sample in DATASET.samples}


@pytest.fixture(scope="module")
def network() -> Any:
    engine = registry.providers().get("local/transnetv2")
    engine.load()
    return engine


@pytest.fixture
def detect(network, tmp_path):
    """The shots that an engine finds in a file."""

    def found(id: str, path: Path, **params: Any) -> list[list[int]]:
        engine = network if id == network.spec.id else registry.providers().get(id)
        filled = {name: params.get(name, param.default) for name, param in engine.spec.params.items()}
        sample = Sample("film", "test", {"video": Artifact("x", "video/mp4", 1)})
        media = type("Media", (), {"path": lambda self, artifact: path})()
        made, media_type = engine.render(Request("editing/shots", sample, Arm(id, id, filled), {}), media, tmp_path)[
            "shots"
        ]
        assert media_type == "application/json"
        return json.loads(made.read_text())

    return found


def film(id: str) -> Path:
    return DATASET.media[SAMPLES[id].inputs["video"].sha256]


def truth(id: str) -> list[list[int]]:
    return json.loads(DATASET.media[SAMPLES[id].references["shots"].sha256].read_text())


def test_cuts_are_turned_into_shots():
    assert from_cuts([5, 5, 9, 0, 12], 12) == [[0, 4], [5, 8], [9, 11]]
    assert from_cuts([], 3) == [[0, 2]]


def test_transnetv2_finds_cuts_and_fades(detect):
    true = truth("fades")
    counted = count(detect("local/transnetv2", film("fades")), true)
    assert counted.hits == counted.true == 2


def test_transnetv2_with_a_high_threshold_finds_less(detect):
    assert len(detect("local/transnetv2", film("fades"), threshold=0.999999)) < len(truth("fades"))


def test_pyscenedetect_finds_hard_cuts_to_the_frame(detect):
    assert detect("local/pyscenedetect", film("cuts"), detector="adaptive") == truth("cuts")
    found = detect("local/pyscenedetect", film("cuts"), detector="content")
    assert {first for first, _ in found} < {first for first, _ in truth("cuts")}, "one is too soft for this rule"


def test_its_threshold_detector_finds_fades_and_no_cuts(detect):
    counted = count(detect("local/pyscenedetect", film("fades"), detector="threshold"), truth("fades"))
    assert counted.hits == counted.found == 2
    assert len(detect("local/pyscenedetect", film("cuts"), detector="threshold")) == 1


def test_floors_look_at_the_length_only(detect):
    assert detect("local/floor-shots", film("one-shot")) == [[0, 69]]
    assert detect("local/floor-shots", film("one-shot"), cuts="even") == [[0, 49], [50, 69]]


ENGINES = ("local/transnetv2", "local/pyscenedetect", "local/floor-shots")


@pytest.mark.parametrize("id", ENGINES)
def test_a_film_of_one_frame_is_one_shot(detect, tmp_path, id):
    path, _ = write_video(tmp_path / "one.mp4", [np.full((36, 64, 3), 90, np.uint8)], 25)
    assert detect(id, path) == [[0, 0]]


@pytest.mark.parametrize("id", ENGINES)
def test_what_is_no_film_is_bad_input(detect, tmp_path, id):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film at all")
    with pytest.raises(Refusal) as refusal:
        detect(id, path)
    assert refusal.value.outcome is Outcome.INVALID


def test_frames_of_uneven_length_are_counted_all_the_same(detect, tmp_path):
    import av

    path = tmp_path / "vfr.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "bgr0"
        for index in range(60):
            level = 40 if index < 30 else 200
            picture = av.VideoFrame.from_ndarray(np.full((36, 64, 3), level, np.uint8), format="rgb24")
            picture = picture.reformat(format="bgr0")
            picture.pts = index * 2 + index % 2
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    assert detect("local/pyscenedetect", path) == [[0, 29], [30, 59]]


def test_a_threshold_that_is_no_probability_is_bad_input(detect):
    with pytest.raises(Refusal) as refusal:
        detect("local/transnetv2", film("fades"), threshold=1.5)
    assert refusal.value.outcome is Outcome.INVALID
