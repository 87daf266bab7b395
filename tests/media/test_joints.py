"""Bodies in motion: their files, cameras and skeletons, BVH for other software, and the stick figure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from acting import scene
from filmbench.harness.dataset.recipes.mocap_motions import SKELETON
from filmbench.harness.media import bvh, bvh_read, joints, stick_figure
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.probe import facts

bvhio = pytest.importorskip("bvhio")


@pytest.fixture(scope="module")
def dance() -> joints.Motion:
    return scene("dance_a", frames=20).truth


def test_a_motion_is_read_as_written_and_has_one_file(dance, tmp_path):
    for name in ("a.npz", "b.npz"):
        joints.write(tmp_path / name, dance)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = joints.read(tmp_path / "a.npz")
    assert np.abs(again.positions - dance.positions).max() < 1e-6
    assert (again.names, again.parents, again.fps, again.space) == (dance.names, dance.parents, 25.0, "world")
    assert facts(tmp_path / "a.npz", "joints")["seconds"] == pytest.approx(0.8)


def test_a_camera_and_its_world(tmp_path):
    walk = scene(frames=1)
    (tmp_path / "c.json").write_text(json.dumps(walk.camera.facts()))
    camera = joints.camera(tmp_path / "c.json")
    places = walk.truth.positions
    assert camera.to_world(camera.from_world(places)) == pytest.approx(places, abs=1e-6)
    assert (camera.from_world(places)[..., 2] > 1).all(), "the body stands before the camera"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fx": 0}, "without size or focal length"),
        ({"fx": "wide"}, "no camera"),
        ({"rotation": [[1, 0], [0, 1]]}, "no camera"),
        ({"rotation": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}, "the camera's rotation is none"),
        ({"rotation": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "the camera's rotation is none"),
    ],
)
def test_cameras_that_are_none(tmp_path, change, said):
    (tmp_path / "c.json").write_text(json.dumps(scene(frames=1).camera.facts() | change))
    with pytest.raises(BadMedia, match=said):
        joints.camera(tmp_path / "c.json")


def test_skeletons(tmp_path):
    (tmp_path / "s.json").write_text(json.dumps(SKELETON))
    assert joints.skeleton(tmp_path / "s.json") == SKELETON
    for wrong, said in (({"thigh": 42.0}, "between 0 and 5 m"), ({"shin": None}, "no skeleton")):
        (tmp_path / "s.json").write_text(json.dumps(SKELETON | wrong))
        with pytest.raises(BadMedia, match=said):
            joints.skeleton(tmp_path / "s.json")


# --- BVH ---------------------------------------------------------------------------------------------


def places_by_bvhio(path: Path, motion: joints.Motion) -> np.ndarray:
    """Where bvhio has each joint, in metres: (frames, joints, 3)."""
    root = bvhio.readAsHierarchy(str(path))
    found = np.full(motion.positions.shape, np.nan)
    layout = [(joint, motion.names.index(joint.Name)) for joint, *_ in root.layout() if joint.Name in motion.names]
    for frame in range(len(motion.positions)):
        root.loadPose(frame)
        for joint, index in layout:
            found[frame, index] = np.array(list(joint.PositionWorld)) / bvh.CENTIMETRES
    return found


def test_bvhio_has_every_joint_where_it_was(dance, tmp_path):
    bvh.write(tmp_path / "dance.bvh", dance)
    found = places_by_bvhio(tmp_path / "dance.bvh", dance)
    assert np.abs(found - dance.positions).max() < 0.0005, "half a millimetre, also for wrists and ankles"


def test_a_bvh_is_read_as_bvhio_reads_it(dance, tmp_path):
    path, _ = bvh.write(tmp_path / "dance.bvh", dance)
    again = bvh.read(path)
    wanted = places_by_bvhio(path, dance)[:, [dance.names.index(name) for name in joints.BODY]]
    assert np.abs(again.positions - wanted).max() < 1e-4
    assert (again.names, again.fps, again.space) == (joints.BODY, pytest.approx(25.0), "own")


BROKEN = {
    "nothing": "HIERARCHY",
    "words": "HIERARCHY nothing",
    "no-end": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 3 Zrotation Xrotation Yrotation",
    "odd-channels": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 900000000 Zrotation",
    "twice": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 2 Zrotation Zrotation } MOTION Frames: 1 Frame Time: 1 0 0",
    "short": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 1 Zrotation } MOTION Frames: 2 Frame Time: 1 0",
    "no-number": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 1 Zrotation } MOTION Frames: 1 Frame Time: 1 nan",
    "endless": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 1 Zrotation } MOTION Frames: 99999999999 Frame Time: 1 0",
    "no-time": "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 1 Zrotation } MOTION Frames: 1 Frame Time: 0 0",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_bvh_is_refused(tmp_path, kind):
    (tmp_path / "x.bvh").write_text(BROKEN[kind])
    with pytest.raises(BadMedia, match="no BVH"):
        bvh.read(tmp_path / "x.bvh")


def test_a_joint_that_has_positions_of_its_own_is_there(tmp_path):
    (tmp_path / "x.bvh").write_text(
        "HIERARCHY ROOT a { OFFSET 5 0 0 CHANNELS 4 Xposition Yposition Zposition Yrotation"
        " JOINT b { OFFSET 1 1 1 CHANNELS 1 Xposition End Site { OFFSET 0 1 0 } } } MOTION Frames: 1 Frame Time: 0.5"
        " 10 20 30 90 2"
    )
    moved = bvh_read.parse(tmp_path / "x.bvh")
    assert moved.places[0].tolist() == [pytest.approx([10, 20, 30]), pytest.approx([11, 21, 28])]
    assert (moved.names, moved.fps) == (("a", "b"), 2.0)


def test_a_bvh_is_what_animation_software_expects(dance, tmp_path):
    text = bvh.write(tmp_path / "dance.bvh", dance)[0].read_text()
    assert text.startswith("HIERARCHY\nROOT pelvis\n{\n  OFFSET 0.000000 0.000000 0.000000\n  CHANNELS 6 Xposition")
    assert text.count("{") == text.count("}") and text.count("End Site") == 5
    assert "CHANNELS 3 Zrotation Xrotation Yrotation" in text and "Frame Time: 0.040000000" in text
    channels = 3 + 3 * text.count("Zrotation")
    rows = text.split("Frame Time: 0.040000000\n")[1].splitlines()
    assert len(rows) == 20 and {len(row.split()) for row in rows} == {channels}
    read = bvhio.readAsBvh(str(tmp_path / "dance.bvh"))
    assert (read.FrameCount, read.FrameTime) == (20, pytest.approx(0.04))


def test_bones_that_stretch_come_out_rigid(dance, tmp_path):
    knee = dance.names.index("left_knee")
    places = dance.positions.copy()
    places[::2, knee] += [0, 0.05, 0]
    stretched = replace(dance, positions=places)
    bvh.write(tmp_path / "s.bvh", stretched)
    off = np.abs(places_by_bvhio(tmp_path / "s.bvh", stretched)[:, knee] - places[:, knee]).max()
    assert 0.005 < off < 0.06


def test_the_cameras_axes_are_set_upright(tmp_path):
    walk = scene(frames=3)
    seen = replace(walk.truth, positions=walk.camera.seen(walk.truth.positions), space="camera")
    bvh.write(tmp_path / "c.bvh", seen)
    found = places_by_bvhio(tmp_path / "c.bvh", seen)
    assert (found[:, seen.names.index("chest"), 1] > found[:, seen.names.index("left_knee"), 1]).all()


def test_a_limb_against_its_rest_pose_is_no_special_case(tmp_path):
    names, parents = ("pelvis", "left_knee", "left_ankle"), (-1, 0, 1)
    up = np.array([[[0, 0, 0], [0, 0.4, 0], [0, 0.8, 0]]], float)
    motion = joints.Motion(up, names, parents, 25.0, "world", np.ones(1, bool))
    bvh.write(tmp_path / "up.bvh", motion)
    assert places_by_bvhio(tmp_path / "up.bvh", motion)[0, 1] == pytest.approx([0, 0.4, 0], abs=1e-5)


def test_a_body_in_pieces_is_refused(dance, tmp_path):
    with pytest.raises(ValueError, match="one root"):
        bvh.write(tmp_path / "x.bvh", replace(dance, parents=tuple(-1 for _ in dance.names)))


# --- the stick figure --------------------------------------------------------------------------------


def coloured(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """x of the pixels that have the colour."""
    return np.nonzero((picture == colour).all(axis=2))[1]


@pytest.mark.parametrize("size", [(480, 480), (321, 201)])
def test_the_figure_is_seen_from_its_front_and_whole(size):
    walk = scene("walk", frames=5).truth
    pictures = list(stick_figure.frames(walk, size))
    assert len(pictures) == 5 and {(p.shape, p.dtype) for p in pictures} == {((size[1], size[0], 3), np.dtype("uint8"))}
    first = pictures[0]
    left, right = (coloured(first, colour) for colour in (stick_figure.LEFT, stick_figure.RIGHT))
    assert len(left) > 50 and len(right) > 50 and left.mean() > right.mean(), "its left is the viewer's right"
    for picture in pictures:
        body = np.concatenate([coloured(picture, colour) for colour in (stick_figure.LEFT, stick_figure.RIGHT)])
        assert body.min() > 0 and body.max() < size[0] - 1


def test_the_camera_stands_still_and_frames_without_a_body_are_grey():
    walk = scene("walk", frames=5).truth
    unseen = replace(walk, detected=np.array([True, True, False, True, True]))
    pictures = list(stick_figure.frames(unseen))
    floors = {tuple(np.nonzero((p[:, 2] == stick_figure.FLOOR).all(axis=1))[0]) for p in pictures}
    assert len(floors) == 1
    assert len(coloured(pictures[2], stick_figure.LEFT)) == 0 and len(coloured(pictures[2], stick_figure.UNSEEN)) > 50


@pytest.mark.parametrize("space", ["camera", "root"])
def test_a_body_in_the_cameras_axes_stands_upright(space):
    walk = scene(frames=2)
    motion = replace(walk.truth, positions=walk.camera.seen(walk.truth.positions), space=space)
    picture = next(stick_figure.frames(motion))
    ground = np.nonzero((picture[:, 2] == stick_figure.FLOOR).all(axis=1))[0].mean()
    head = np.nonzero((picture == stick_figure.MIDDLE).all(axis=2))[0].mean()
    assert head < ground - 100


def test_a_flipped_bit_in_a_motion_is_refused_or_changes_nothing(dance, tmp_path):
    path, _ = joints.write(tmp_path / "whole.npz", dance)
    whole, bad = path.read_bytes(), tmp_path / "bad.npz"
    refused = 0
    for position in range(0, len(whole), max(1, len(whole) // 120)):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        bad.write_bytes(flipped)
        try:
            found = joints.read(bad)
        except BadMedia:
            refused += 1
        else:
            assert np.array_equal(found.positions, joints.read(path).positions), position
    assert refused > 60
