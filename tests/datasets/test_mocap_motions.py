"""The recipe of the drawn person: where its joints are, what is drawn, and that every machine draws the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from acting import CLOTHES, FPS, motion_file, scene
from filmbench.harness import dataset
from filmbench.harness.dataset.manifest import Manifest, read_manifest
from filmbench.harness.dataset.recipes import actor, humanoid, mocap_motions
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.dataset.recipes.stage import CLUTTER, HEIGHT, WIDTH
from filmbench.harness.media import joints
from filmbench.harness.media.video import examine
from filmbench.harness.types import UsageError

MANIFEST = Path(__file__).parents[2] / "datasets/mocap-motions"


@pytest.mark.parametrize("clip", ["walk", "cartwheel", "dance_b"])
def test_joints_are_where_the_physics_engine_has_them(clip):
    """At its keys, where nothing is interpolated."""
    pybullet = pytest.importorskip("pybullet")
    import pybullet_data

    world = pybullet.connect(pybullet.DIRECT)
    model = pybullet.loadURDF(
        str(Path(pybullet_data.getDataPath()) / "humanoid/humanoid.urdf"), globalScaling=0.25, physicsClientId=world
    )
    links = {pybullet.getJointInfo(model, i)[12].decode(): i for i in range(pybullet.getNumJoints(model))}
    frames = json.loads(motion_file(clip).read_text())["Frames"]
    for frame in frames[:: len(frames) // 5]:
        ours = humanoid._posed(frame, frame, 0.0)
        turn = [*frame[5:8], frame[4]]
        pybullet.resetBasePositionAndOrientation(model, frame[1:4], turn)
        for name, where in zip(humanoid.NAMES[1:], humanoid._ROTATIONS[1:], strict=True):
            if where and where[1] == 4:
                w, *xyz = frame[where[0] : where[0] + 4]
                pybullet.resetJointStateMultiDof(model, links[name], [*xyz, w])
            elif where:
                pybullet.resetJointState(model, links[name], frame[where[0]])
        for index, name in enumerate(humanoid.NAMES[1:], start=1):
            theirs = pybullet.getLinkState(model, links[name], computeForwardKinematics=True)[4]
            assert ours.places[index] == pytest.approx(theirs, abs=2e-5), name
    pybullet.disconnect(world)


def test_a_further_round_goes_on_from_where_the_first_ended():
    once, twice = (np.array([m.places for m in humanoid.read(motion_file("walk"), FPS, n)]) for n in (1, 2))
    assert abs(len(twice) - 2 * len(once)) <= 1
    assert np.abs(twice[: len(once) - 1] - once[:-1]).max() < 1e-9
    steps = np.linalg.norm(np.diff(twice, axis=0), axis=2)
    assert steps.max() < 1.5 * np.linalg.norm(np.diff(once, axis=0), axis=2).max(), "no jump at the seam"
    assert twice[-1, 0, 0] - twice[0, 0, 0] == pytest.approx(2 * (once[-1, 0, 0] - once[0, 0, 0]), rel=0.1)


def test_the_person_is_drawn_where_the_joints_are():
    shot = scene("walk", frames=1)
    (picture,) = shot.pictures()
    empty = shot.stage.picture(actor.Facets(np.zeros((0, 4, 3)), np.zeros((0, 3))))
    changed = (picture.astype(int) - empty).any(axis=2)
    seen = shot.camera.seen(shot.truth.positions[0])
    for name, (x, y) in zip(shot.truth.names, seen[:, :2] / seen[:, 2:] * 600 + [WIDTH / 2, HEIGHT / 2], strict=True):
        assert changed[round(y), round(x)], name
    assert 0.02 < changed.mean() < 0.3


def test_every_machine_draws_the_same():
    """Pinned here, so that a CPU or library that draws otherwise is seen at once."""
    drawn = hashlib.sha256()
    for clutter in CLUTTER:
        for picture in scene("dance_a", frames=2, azimuth=-60, clutter=clutter).pictures():
            drawn.update(picture.tobytes())
    assert drawn.hexdigest() == "15511497ccfa47a6c89cd9c2d6a170b751d26d433e31fc93aa963bdd71832c8f"


def test_facets_of_the_body_face_outwards():
    body = actor.dressed(scene(frames=1).moments[0], *CLOTHES)
    normals = actor.cross(body.corners[:, 2] - body.corners[:, 0], body.corners[:, 3] - body.corners[:, 1])
    enclosed = actor.dot(normals, body.corners.mean(axis=1)).sum() / 6
    assert 0.04 < enclosed < 0.09, "a person's volume in m³ (parts overlap)"


def small(tmp_path: Path, **clip: object) -> tuple[Manifest, Content]:
    full = read_manifest(MANIFEST)
    first = {**full.table["recipe"]["clips"][2], "cycles": 1, **clip}
    manifest = Manifest(MANIFEST, tmp_path, {**full.table, "recipe": {"by": "mocap_motions", "clips": [first]}})
    return manifest, Content(tmp_path / "content", tmp_path / "scratch")


def test_a_motion_becomes_six_films(tmp_path, monkeypatch):
    whole = humanoid.read
    monkeypatch.setattr(humanoid, "read", lambda *arguments: whole(*arguments)[:4])
    manifest, content = small(tmp_path)
    samples = list(mocap_motions.build(manifest, content, lambda *step: None))
    assert [sample.id for sample in samples] == [
        f"jump/{camera}-{clutter}" for camera in ("front", "side") for clutter in CLUTTER
    ]
    assert {sample.cluster for sample in samples} == {"jump"}
    facts, seen = examine(content.folder / "jump/side-busy.mp4")
    assert seen and (facts.width, facts.height, facts.fps, facts.frames) == (640, 480, 25, 4)
    truth = joints.read(content.folder / "jump/joints.npz")
    assert len(truth.positions) == 4 and set(joints.BODY) < set(truth.names)
    camera = joints.camera(content.folder / "jump/side.json")
    away = camera.from_world(truth.positions)
    x, y = (away[..., axis] / away[..., 2] * camera.focal[axis] + camera.centre[axis] for axis in (0, 1))
    assert x.min() > 0 and x.max() < 640 and y.min() > 0 and y.max() < 480, "the whole motion is in the picture"
    bones = joints.skeleton(content.folder / "skeleton.json")
    at = truth.names.index
    shin = np.linalg.norm(truth.positions[:, at("left_knee")] - truth.positions[:, at("left_ankle")], axis=1)
    assert shin == pytest.approx(np.full(4, bones["shin"]), abs=1e-4)


def test_another_motion_file_is_refused(tmp_path):
    manifest, content = small(tmp_path, sha256="0" * 64)
    with pytest.raises(UsageError, match=r"another data/motions/humanoid3d_jump\.txt than the pinned one"):
        list(mocap_motions.build(manifest, content, lambda *step: None))


def test_what_is_known_before_it_is_made():
    about = dataset.about("mocap-motions")
    assert (about.contract, about.samples, about.human_reference) == ("mocap", 48, False)
    assert about.licence.startswith("not stated") and "pybullet" in about.attribution
    assert not [file for file in MANIFEST.iterdir() if file.suffix not in (".toml", ".md")], "nothing made is committed"


@pytest.mark.slow
def test_the_whole_recipe_gives_the_pinned_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    dataset.fetch("mocap-motions")
    assert dataset.verify("mocap-motions") == ()
    assert len(dataset.load("mocap-motions").samples) == 48
