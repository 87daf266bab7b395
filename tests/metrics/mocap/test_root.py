"""Where the body is: by PnP with stated intrinsics, or measures of the world have no value and say so. For all arms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from acting import FPS, Scene, scene
from desk import Desk
from filmbench.harness import registry
from filmbench.harness.dataset.recipes.mocap_motions import SKELETON
from filmbench.harness.media import joints
from filmbench.harness.media.open import open_medium
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Artifact, Outcome, Sample

ARMS = {
    "raw": ("local/mediapipe-pose", {"filter": "raw"}),
    "one-euro": ("local/mediapipe-pose", {"filter": "one-euro"}),
    "lifted": ("local/pose-lift", {}),
    "mirrored": ("local/floor-mocap", {"pose": "mirrored"}),
    "t-pose": ("local/floor-mocap", {"pose": "t_pose"}),
}
WORLD = ("mocap.w_mpjpe", "mocap.wa_mpjpe", "mocap.foot_slide")
HIPS = "the motion does not say where the body is (hip-centred)"
AXES = "no camera relates the axes of the motion (camera) to those of the reference (world)"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("takes"))


@pytest.fixture(scope="module")
def walk() -> Scene:
    return scene("walk", frames=8)


@pytest.fixture(scope="module")
def film(walk: Scene, desk: Desk) -> Artifact:
    return desk.add(*write_video(desk.folder() / "walk.mp4", walk.pictures(), FPS))


class View:
    """A take beside its sample."""

    def __init__(self, desk: Desk, sample: Sample, take: Any) -> None:
        self.desk, self.sample, self.take = desk, sample, take

    def output(self, role: str) -> Any:
        return self.take

    def reference(self, role: str) -> Any:
        return self._opened(self.sample.references.get(role))

    def input(self, role: str) -> Any:
        return self._opened(self.sample.inputs.get(role))

    def _opened(self, value: Any) -> Any:
        return open_medium(value, self.desk.path(value)) if isinstance(value, Artifact) else None


def sample(desk: Desk, walk: Scene, film: Artifact, known: str) -> Sample:
    def noted(name: str, value: object) -> Artifact:
        path: Path = desk.folder() / f"{name}.json"
        path.write_text(json.dumps(value))
        return desk.add(path, "application/json")

    camera = walk.camera.facts()
    if known == "intrinsics":
        camera = {name: value for name, value in camera.items() if name not in ("rotation", "translation")}
    inputs = {"video": film, "skeleton": noted("skeleton", SKELETON)}
    truth = desk.add(*joints.write(desk.folder() / "truth.npz", walk.truth))
    return Sample(
        "s", "d", inputs | ({"camera": noted("camera", camera)} if known != "nothing" else {}), {"joints": truth}
    )


@pytest.mark.parametrize("known", ["place", "intrinsics", "nothing"])
@pytest.mark.parametrize("arm", ARMS)
def test_world_measures_have_a_known_root_or_no_value(desk, walk, film, arm: str, known: str) -> None:
    id, params = ARMS[arm]
    asked = sample(desk, walk, film, known)
    if arm == "lifted" and known == "nothing":
        with pytest.raises(Refusal, match="needs the camera") as refused:
            desk.answer(id, "mocap", asked, **params)
        assert refused.value.outcome is Outcome.UNSUPPORTED
        return
    take = desk.clip(desk.answer(id, "mocap", asked, **params)["joints"])
    found = {
        score.metric: score
        for id in ("mocap.w_mpjpe", "mocap.foot_slide", "mocap.pa_mpjpe")
        for score in registry.metrics().get(id).score(View(desk, asked, take))
    }
    assert found["mocap.pa_mpjpe"].value is not None, "the pose needs no place"
    floor = id == "local/floor-mocap"  # it stands where the true one does
    assert take.motion.space == (
        "world" if floor or known == "place" else "camera" if known == "intrinsics" else "root"
    )
    for column in WORLD:
        if floor or known == "place":
            assert found[column].value is not None, found[column]
        else:
            assert (found[column].value, found[column].reason) == (None, AXES if known == "intrinsics" else HIPS)
