"""Exchange files read on their own: mattes of any depth, looks, skeletons of other rigs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import handmade as hand
import numpy as np
import pytest
from acting import scene
from filmbench.adapters import _exchange as exchange
from filmbench.adapters.local._pictures import Shot
from filmbench.harness import registry
from filmbench.harness.contracts import CONTRACTS
from filmbench.harness.doctor import provider_availability
from filmbench.harness.imports.takes import tool
from filmbench.harness.media import bvh, joints
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Artifact
from PIL import Image


def shot(folder: Path, frames: list[np.ndarray]) -> Shot:
    path, kind = write_lossless(folder / "shot.mkv", frames, hand.FPS)
    clip = VideoClip(Artifact("0" * 64, kind, 1), path)
    return Shot(clip, clip.facts)


@pytest.fixture
def grey(tmp_path: Path) -> Shot:
    return shot(tmp_path, [np.full((hand.HEIGHT, hand.WIDTH, 3), 90, np.uint8)] * 2)


def sequence(folder: Path, pictures: list[Image.Image]) -> list[Path]:
    files = [folder / f"m{number:02d}.png" for number in range(9, 9 + len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        picture.save(file)
    return files


RAMP = np.arange(hand.HEIGHT * hand.WIDTH).reshape(hand.HEIGHT, hand.WIDTH) % 256


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Image.fromarray(RAMP.astype(np.uint8)), "brightness"),
        (Image.fromarray((RAMP * 257).astype(np.uint16)), "brightness"),
        (Image.fromarray(np.stack([RAMP] * 3, -1).astype(np.uint8)), "brightness"),
        (Image.fromarray(np.stack([RAMP] * 3 + [RAMP * 0 + 255], -1).astype(np.uint8)), "brightness"),
        (Image.fromarray(np.stack([RAMP * 0 + 7] * 3 + [RAMP], -1).astype(np.uint8)), "alpha"),
        (
            Image.merge(
                "LA", [Image.fromarray((RAMP * 0 + 7).astype(np.uint8)), Image.fromarray(RAMP.astype(np.uint8))]
            ),
            "alpha",
        ),
    ],
    ids=["8 bits", "16 bits", "rgb", "opaque alpha", "rgba", "grey and alpha"],
)
def test_every_value_of_a_matte_is_kept(tmp_path, grey, picture, said):
    (path, kind), note = exchange.matte(sequence(tmp_path, [picture] * 2), grey, tmp_path)
    assert note == f"matte from 2 PNG pictures, their {said}"
    for frame in VideoClip(Artifact("1" * 64, kind, 1), path).frames():
        assert np.array_equal(frame.grey, RAMP)


def test_one_transparent_picture_makes_a_whole_sequence_one_of_alpha(tmp_path, grey):
    solid = Image.fromarray(np.full((hand.HEIGHT, hand.WIDTH, 4), 255, np.uint8))
    clear = Image.fromarray(np.zeros((hand.HEIGHT, hand.WIDTH, 4), np.uint8))
    (path, kind), note = exchange.matte(sequence(tmp_path, [solid, clear]), grey, tmp_path)
    assert note.endswith("their alpha")
    assert [frame.grey.max() for frame in VideoClip(Artifact("1" * 64, kind, 1), path).frames()] == [255, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "no LUT"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "a damaged LUT"),
        ("LUT_3D_SIZE 2\n" + "nan 0 0\n" * 8, "no numbers"),
        ("LUT_3D_SIZE 4096\n", "cannot be applied"),
        ("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n", "a shaper before it"),
    ],
)
def test_no_look(tmp_path, grey, text, said):
    (tmp_path / "a.cube").write_text(text)
    with pytest.raises(BadMedia, match=said):
        exchange.graded(tmp_path / "a.cube", grey, tmp_path)


def test_a_look_that_changes_nothing_changes_nothing_and_a_curve_is_a_look_too(tmp_path):
    frames = [np.random.default_rng(7).integers(0, 256, (hand.HEIGHT, hand.WIDTH, 3), np.uint8)]
    source = shot(tmp_path, frames)
    steps = [step / 16 for step in range(17)]
    cube = "".join(f"{r} {g} {b}\n" for b in steps for g in steps for r in steps)
    for name, text, wanted in (
        ("it's 1:1, plain.cube", f"LUT_3D_SIZE 17\n{cube}", frames[0]),
        ("negative.cube", "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n", 255 - frames[0]),
    ):
        (tmp_path / name).write_text(text)
        (path, kind), note = exchange.graded(tmp_path / name, source, tmp_path)
        assert name in note
        (frame,) = VideoClip(Artifact("2" * 64, kind, 1), path).frames()
        assert np.array_equal(frame.rgb, wanted)


# --- skeletons -----------------------------------------------------------------------------------------

HUMAN_IK = {"shoulder": "Arm", "elbow": "ForeArm", "wrist": "Hand", "hip": "UpLeg", "knee": "Leg", "ankle": "Foot"}


@pytest.fixture(scope="module")
def walk() -> joints.Motion:
    return scene(frames=5).truth


def places(motion: joints.Motion) -> np.ndarray:
    return motion.positions[:, [motion.names.index(name) for name in joints.BODY]]


def test_a_written_motion_is_read_again(walk, tmp_path):
    bvh.write(tmp_path / "w.bvh", walk)
    read = bvh.read(tmp_path / "w.bvh")
    assert np.abs(places(read) - places(walk)).max() < 1e-5
    assert (read.fps, read.space, len(read.positions)) == (pytest.approx(walk.fps), "own", 5)


def test_another_rig_and_another_unit(walk, tmp_path):
    """As Mixamo names joints: what it calls a shoulder is the collar bone, and is not taken for one."""
    text = bvh.write(tmp_path / "m.bvh", replace(walk, positions=walk.positions / bvh.CENTIMETRES))[0].read_text()
    for side in ("left", "right"):
        for joint, called in HUMAN_IK.items():
            text = text.replace(f"JOINT {side}_{joint}\n", f"JOINT mixamorig:{side.title()}{called}\n")
    (tmp_path / "m.bvh").write_text(text.replace("chest_to_left_shoulder", "mixamorig:LeftShoulder"))
    assert np.abs(places(bvh.read(tmp_path / "m.bvh")) - places(walk)).max() < 1e-3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "", "empty file"),
        (lambda text: "HIERARCHY\n", "no BVH"),
        (lambda text: text.split("MOTION")[0], "no BVH"),
        (lambda text: text.replace("}", "", 1), "no BVH"),
        (lambda text: text.replace("Frames: 5", "Frames: 9"), "no BVH"),
        (lambda text: text.replace("left_knee", "joint7"), "none of the rigs known"),
        (lambda text: "\n".join(text.splitlines()[:-2]), "no BVH"),
        (lambda text: re.sub("Frame Time: .*", "Frame Time: 0", text), "no BVH"),
    ],
)
def test_no_skeleton(walk, tmp_path, change, said):
    text = bvh.write(tmp_path / "w.bvh", walk)[0].read_text()
    (tmp_path / "w.bvh").write_text(change(text))
    with pytest.raises(BadMedia, match=said):
        bvh.read(tmp_path / "w.bvh")


def test_a_giant_is_no_person(walk, tmp_path):
    bvh.write(tmp_path / "g.bvh", replace(walk, positions=walk.positions * 1000))
    with pytest.raises(BadMedia, match="is no person's"):
        bvh.read(tmp_path / "g.bvh")


# --- who works by hand -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "contract", "id"),
    [
        ("Midjourney v7", "background", "by-hand/midjourney"),
        ("Adobe After Effects 26", "editing/roto", "by-hand/after-effects"),
        ("Flow Studio", "editing/cg-character", "by-hand/flow-studio"),
        ("Premiere Pro", "editing/cut", "by-hand/premiere"),
        ("Premiere Pro", "tts", "by-hand/other"),
        ("Ann, pencil", "background", "by-hand/other"),
    ],
)
def test_a_label_names_its_tool(label, contract, id):
    assert tool(label, CONTRACTS[contract]) == id


def test_availability_says_why_nobody_can_ask():
    found = {
        id: provider_availability(provider.spec)
        for id, provider in registry.providers().items.items()
        if id.startswith("by-hand/")
    }
    assert found["by-hand/midjourney"] == "by import only: its terms forbid automation"
    assert len(found) == 5 and all(words.startswith("by import only: ") for words in found.values())
