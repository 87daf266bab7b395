"""A CG character from Flow Studio's files to the table: skeleton as BVH, matte as pictures, plate as film."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import av
import handmade as hand
import numpy as np
import pytest
from filmbench.harness import dataset, suite
from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import cg_shots, humanoid
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.media import bvh, joints
from filmbench.harness.media.video import VideoClip, read
from PIL import Image

FRAMES = 5
PRIMARY = ("mocap.pa_mpjpe", "roto.jf_2px", "cg_plate.psnr_hole")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first frames of one of the dataset's shots, as a dataset of their own."""
    place = tmp_path_factory.mktemp("cg")
    table = tomllib.loads((files("filmbench.datasets") / "cg-shots/dataset.toml").read_text())
    content = Content(place / "data", place / "scratch")
    manifest = Manifest(
        place, place, {"name": "cut", "version": "1", "recipe": {"clips": table["recipe"]["clips"][:1]}}
    )
    whole = humanoid.read
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(humanoid, "read", lambda *arguments: whole(*arguments)[:FRAMES])
        content.write(cg_shots.build(manifest, content, lambda *step: None))
    (place / "data/card.md").write_text("# cut\n")
    (place / "data/dataset.toml").write_text(
        'name = "cut"\nversion = "1"\ntitle = "cut"\ncontract = "editing/cg-character"\nlicence = "rights unstated"\n'
        f'attribution = "x"\nsamples = 1\n[files]\n"samples.jsonl" = "{sha256_of(place / "data/samples.jsonl")}"\n'
    )
    return place


def test_what_is_true_of_a_shot(shots):
    data = dataset.load(f"folder:{shots / 'data'}")
    (sample,) = data.samples
    films = {
        name: list(read(data.media[artifact.sha256]))
        for name, artifact in (("video", sample.inputs["video"]), *sample.references.items())
        if name != "joints"
    }
    plates, mattes = films["plate"], films["matte"]
    acted = list(read(data.media[sample.inputs["video"].sha256]))
    assert {len(frames) for frames in films.values()} == {FRAMES}
    for acting, character, plate, matte in zip(acted, films["video"], plates, mattes, strict=True):
        person = matte.grey == 255
        assert 0.02 < person.mean() < 0.3
        away = np.abs(acting.rgb.astype(int) - plate.rgb)
        assert away[person].mean() > 20 > 5 > np.median(away[matte.grey == 0]), (
            "the plate is the set without the person"
        )
        assert np.abs(character.rgb.astype(int) - acting.rgb)[person].mean() > 15, "the character wears other clothes"
    motion = joints.read(data.media[sample.references["joints"].sha256])
    camera = joints.camera(data.media[sample.inputs["camera"].sha256])
    seen = camera.from_world(motion.positions[0])
    pixels = seen[:, :2] / seen[:, 2:] * camera.focal + camera.centre
    inside = mattes[0].grey[pixels[:, 1].astype(int), pixels[:, 0].astype(int)]
    assert (inside > 0).mean() > 0.85, "joints lie in the person"


def test_flow_studio_beside_the_truth_and_the_floor(shots):
    arms = "".join(
        f'[[tasks.arms]]\nprovider = "{provider}"\nlabel = "{label}"\n'
        for provider, label in (
            ("by-hand/flow-studio", "Flow Studio"), ("local/reference", "truth"), ("local/untouched", "floor")
        )
    )  # fmt: skip
    hand.suite(shots, "editing/cg-character", f"folder:{shots / 'data'}", PRIMARY, arms)
    data = dataset.load(f"folder:{shots / 'data'}")
    (sample,) = data.samples
    made = shots / "made" / sample.id
    (made / "matte").mkdir(parents=True)
    paths = {name: data.media[artifact.sha256] for name, artifact in sample.references.items()}
    (made / "video.mp4").write_bytes(paths["video"].read_bytes())
    motion = joints.read(paths["joints"])
    bent = motion.positions.copy()
    bent[:, motion.names.index("left_wrist")] += [0.05, 0.0, 0.0]
    bvh.write(made / "flow.bvh", joints.Motion(bent, *(getattr(motion, name) for name in ("names", "parents", "fps")),
              "world", motion.detected))  # fmt: skip
    (made / "flow.bvh").rename(made / "bvh.bvh")
    for frame in read(paths["matte"]):
        Image.fromarray(np.roll(frame.grey, 1, axis=1)).save(made / f"matte/{frame.index:04d}.png")
    with av.open(str(made / "plate.mov"), "w") as container:
        stream = container.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv422p10le"
        for plate in read(paths["plate"]):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(plate.rgb), format="rgb24")
            picture.pts = plate.index
            container.mux(stream.encode(picture.reformat(format="yuv422p10le")))
        container.mux(stream.encode(None))
    hand.done("run", "suite.toml", at=shots)
    rows = hand.table(shots, "import", "made", "--as", "Flow Studio", "--suite", "suite.toml")
    truth, flow, floor = (hand.values(rows[arm]) for arm in ("truth", "Flow Studio", "floor"))
    assert truth["mocap.pa_mpjpe"] == pytest.approx(0, abs=0.01) and truth["roto.jf_2px"] == 1.0
    assert 1 < flow["mocap.pa_mpjpe"] < 15, "one of twelve joints is some centimetres off"
    assert 0.8 < flow["roto.jf_2px"] < 1.0
    assert truth["cg_plate.psnr_hole"] > flow["cg_plate.psnr_hole"] > 25
    assert flow["cg_plate.psnr_hole"] > floor["cg_plate.psnr_hole"] + 8
    assert floor["mocap.pa_mpjpe"] is None and floor["roto.jf_2px"] is None
    (take,) = [take for take in hand.takes(shots) if take["outcome"] == "ok" and take["billed_nano"] is None]
    assert set(take["artifacts"]) == {"video", "plate", "matte", "joints", "bvh"}
    assert take["reason"] == f"matte from {FRAMES} PNG pictures, their brightness; joints of bvh.bvh"
    assert VideoClip(*hand.kept(shots, take, "plate")).facts.codec == "prores"


def test_the_demo_does_without_a_quick_suite_of_it():
    assert "editing/cg-character" not in {task.contract for task in suite.demo(("editing",)).tasks}
