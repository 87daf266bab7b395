"""Exchange files read on their own: mattes of any depth, looks, skeletons of other rigs."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
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
from filmbench.harness.media import bvh, joints, timeline
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


@pytest.mark.parametrize(("alpha", "said"), [(RAMP, "alpha"), (RAMP * 0 + 255, "brightness")])
def test_a_layered_film_is_a_matte(tmp_path, alpha, said):
    """ProRes 4444 as After Effects writes it: the cut-out, or the matte itself painted in white over solid alpha."""
    grey = RAMP if said == "brightness" else RAMP * 0 + 200
    pixels = np.stack([grey, grey, grey, alpha], -1).astype(np.uint8)
    with av.open(str(tmp_path / "roto.mov"), "w") as container:
        stream = container.add_stream("prores_ks", rate=hand.FPS, options={"profile": "4444"})
        stream.width, stream.height, stream.pix_fmt = hand.WIDTH, hand.HEIGHT, "yuva444p10le"
        for index in range(2):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format="yuva444p10le")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (path, kind), note = exchange.layered(tmp_path / "roto.mov", tmp_path)
    assert note == f"matte from the {said} of roto.mov"
    for frame in VideoClip(Artifact("1" * 64, kind, 1), path).frames():
        assert np.abs(frame.grey.astype(int) - RAMP).max() <= (1 if said == "alpha" else 4)


def test_a_film_without_alpha_is_left_as_it_is(tmp_path):
    path, _ = write_lossless(tmp_path / "matte.mkv", [RAMP.astype(np.uint8)] * 2, hand.FPS)
    assert exchange.layered(path, tmp_path) is None


# --- cut lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".otio", ".xml", ".fcpxml", ".aaf", ".edl"])
@pytest.mark.parametrize("first", [0, 90_000])
def test_every_editor_says_the_same_cut(tmp_path, ending, first):
    """Also where the recording's own timecode begins at one hour, which an EDL cannot tell."""
    import opentimelineio as otio
    from opentimelineio.opentime import RationalTime, TimeRange

    cuts = timeline.CutList(((10, 30), (40, 44), (50, 75)), Fraction(25), 100, picture=True)
    cut = timeline._timeline(cuts, "source", 25.0)
    for clip in cut.find_clips():
        clip.media_reference.target_url = "file:///rushes/source.mov"
        clip.media_reference.available_range = TimeRange(RationalTime(first, 25), RationalTime(100, 25))
        start = clip.source_range.start_time + RationalTime(first, 25)
        clip.source_range = TimeRange(start, clip.source_range.duration)
    file = tmp_path / f"cut{ending}"
    if ending == ".edl":
        timeline.write_edl(cuts, file, "source")
    else:
        more = {"use_empty_mob_ids": True} if ending == ".aaf" else {}
        otio.adapters.write_to_file(cut, str(file), timeline.FORMATS[ending], **more)
        assert timeline.read_otio(timeline.to_otio(file, tmp_path / "own.otio")[0]) == timeline.read(file, Fraction(25))
    edges = [edge for span in timeline.read(file, Fraction(25)) for edge in span]
    assert edges == pytest.approx([0.4, 1.2, 1.6, 1.76, 2.0, 3.0])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.xml", "<xmeml", "no XML of Final Cut Pro 7"),
        ("a.xml", '<!DOCTYPE x [<!ENTITY a "b">]><xmeml/>', "entities"),
        ("a.fcpxml", "<fcpxml/>", "no FCPXML"),
        ("a.aaf", "no such thing", "no AAF"),
    ],
)
def test_no_cut_list(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadMedia, match=said):
        timeline.read(tmp_path / name, Fraction(25))


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


def scene_of(file: Path, motion: joints.Motion, namespace: str = "mixamorig_", count: int = 1) -> Path:
    """A USD in centimetres, Z up, at two time codes a frame: joints below the hips, names as Maya writes them."""
    from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt

    called = [f"{namespace}{side.title()}{HUMAN_IK[joint]}" for side in ("right", "left") for joint in HUMAN_IK]
    order = ["Hips", *(f"Hips/{name}" for name in called)]
    stage = Usd.Stage.CreateNew(str(file))
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    stage.SetTimeCodesPerSecond(2 * motion.fps)
    stage.SetFramesPerSecond(motion.fps)
    own = places(motion) * 100
    upright = own[..., [0, 2, 1]] * [1, -1, 1]  # Z up
    for person in range(count):
        root = f"/P{person}"
        UsdSkel.Root.Define(stage, root)
        skeleton = UsdSkel.Skeleton.Define(stage, f"{root}/S")
        UsdGeom.Xformable(skeleton).AddTranslateOp().Set(Gf.Vec3d(0, 0, 7))
        for attribute in (skeleton.GetRestTransformsAttr(), skeleton.GetBindTransformsAttr()):
            attribute.Set(Vt.Matrix4dArray([Gf.Matrix4d(1)] * len(order)))
        moves = UsdSkel.Animation.Define(stage, f"{root}/A")
        for thing in (skeleton, moves):
            thing.GetJointsAttr().Set(order)
        for frame, points in enumerate(upright):
            hips = points[[3, 9]].mean(axis=0) - [0, 0, 7]
            steps = [hips, *(point - [0, 0, 7] - hips for point in points)]
            moves.GetTranslationsAttr().Set(Vt.Vec3fArray([Gf.Vec3f(*map(float, step)) for step in steps]), 2 * frame)
            moves.GetRotationsAttr().Set(Vt.QuatfArray([Gf.Quatf(1)] * len(order)), 2 * frame)
            moves.GetScalesAttr().Set(Vt.Vec3hArray([Gf.Vec3h(1)] * len(order)), 2 * frame)
        binding = UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
        binding.CreateAnimationSourceRel().SetTargets([Sdf.Path(f"{root}/A")])
    stage.Save()
    return file


@pytest.mark.parametrize(("name", "namespace"), [("a.usda", "mixamorig_"), ("a.usdc", "")])
def test_a_skeleton_in_a_usd(walk, tmp_path, name, namespace):
    (path, kind), note = exchange.skeleton(scene_of(tmp_path / name, walk, namespace), tmp_path)
    assert (kind, note) == (joints.MEDIA_TYPE, f"joints of {name}")
    read = joints.read(path)
    assert np.abs(places(read) - places(walk)).max() < 1e-5
    assert (read.fps, read.space, len(read.positions)) == (pytest.approx(walk.fps), "own", 5)


def test_a_usd_that_is_none_leads_elsewhere_or_holds_a_crowd(walk, tmp_path):
    (tmp_path / "no.usda").write_text("#usda 1.0\n(")
    (tmp_path / "bare.usda").write_text("#usda 1.0\n")
    (tmp_path / "away.usda").write_text("#usda 1.0\n(\n    subLayers = [@/etc/hostname@]\n)\n")
    scene_of(tmp_path / "crowd.usdc", walk, count=2)
    for name, said in (
        ("no", "no USD scene"),
        ("bare", "holds 0 animated skeletons"),
        ("away", "leads to other files"),
        ("crowd", "holds 2 animated skeletons"),
    ):
        file = next(tmp_path.glob(f"{name}.usd*"))
        with pytest.raises(BadMedia, match=said):
            exchange.skeleton(file, tmp_path)


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
