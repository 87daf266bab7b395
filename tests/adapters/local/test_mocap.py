"""Motion from film: the pieces on exact numbers, the engines on a drawn person, and films that are no good."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from acting import FPS, Scene, scene
from filmbench.adapters.local import _pose as pose
from filmbench.adapters.local import pose_lift
from filmbench.adapters.local.floor_mocap import FloorMocap
from filmbench.adapters.local.mediapipe_pose import MediaPipePose
from filmbench.harness import models
from filmbench.harness.dataset.recipes.actor import Facets
from filmbench.harness.dataset.recipes.mocap_motions import SKELETON
from filmbench.harness.media import joints
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import LocalEngine, Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample
from filmbench.metrics.mocap import formulas

NOBODY = Facets(np.zeros((0, 4, 3)), np.zeros((0, 3)))


@dataclass
class Shelf:
    """Media by their sha256."""

    files: dict[str, Path]

    def path(self, artifact: Artifact) -> Path:
        return self.files[artifact.sha256]


class Studio:
    """Asks an engine for the motion in a film."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: dict[type, LocalEngine] = {}

    def ask(self, kind: type, film: Path, params: dict | None = None, **given: object) -> joints.Motion:
        """``given`` are further inputs as JSON; ``reference`` is a motion."""
        files, inputs = {"video": film}, {"video": Artifact("video", "video/mp4", 1)}
        references = {}
        for role, value in given.items():
            files[role] = self.folder / f"{role}.json"
            if role == "reference":
                files[role] = joints.write(self.folder / "truth.npz", value)[0]
                references["joints"] = Artifact(role, joints.MEDIA_TYPE, 1)
            else:
                files[role].write_text(json.dumps(value))
                inputs[role] = Artifact(role, "application/json", 1)
        engine = self.engines.setdefault(kind, kind())
        arm = Arm(engine.spec.id, "x", {name: p.default for name, p in engine.spec.params.items()} | (params or {}))
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        request = Request("mocap", Sample("s", "d", inputs, references), arm, {})
        made = engine.render(request, Shelf(files), out)
        assert set(made) == {"joints", "bvh"} and made["bvh"][0].read_text().startswith("HIERARCHY")
        return joints.read(made["joints"][0])


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="module")
def walk() -> Scene:
    return scene("walk", frames=8)


@pytest.fixture(scope="module")
def film(walk, tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("film") / "walk.mp4", walk.pictures(), FPS)[0]


def errors(motion: joints.Motion, truth: joints.Motion, align: bool = True) -> np.ndarray:
    take, true = (each.positions[:, [each.names.index(name) for name in joints.BODY]] for each in (motion, truth))
    return formulas.distances(formulas.aligned(take, true) if align else take, true)


# --- the pieces --------------------------------------------------------------------------------------


def exact(walk: Scene) -> pose.Tracks:
    """Landmarks without an error, depths overstated four times."""
    truth, camera = walk.truth, walk.camera
    seen = camera.seen(truth.positions)
    hips = (seen[:, truth.names.index("left_hip")] + seen[:, truth.names.index("right_hip")]) / 2
    image, metres = np.zeros((2, len(seen), len(pose.LANDMARKS), 3))
    for index, name in enumerate(pose.LANDMARKS):
        at = seen[:, truth.names.index(name if name in truth.names else "neck")]
        metres[:, index] = at - hips
        image[:, index, :2] = at[:, :2] / at[:, 2:] * 600 + [320, 240]
        image[:, index, 2] = 4 * (at[:, 2] - hips[:, 2]) * 600 / hips[:, 2]
    return pose.Tracks(image, metres, np.ones(len(seen), bool), float(FPS), (640, 480))


def placed(walk: Scene, tmp_path: Path) -> joints.Camera:
    (tmp_path / "camera.json").write_text(json.dumps(walk.camera.facts()))
    return joints.camera(tmp_path / "camera.json")


def test_pnp_finds_the_place_of_exact_landmarks(walk, tmp_path):
    tracks, camera = exact(walk), placed(walk, tmp_path)
    points = camera.to_world(tracks.metres + pose.place(tracks.metres, tracks.image, camera)[:, None])
    assert errors(pose.whole(points, tracks, "world"), walk.truth, align=False).max() < 1e-6


def test_lifting_exact_landmarks_on_known_bones(walk, tmp_path):
    """The depth's scale is found from the bones; what is left is the trunk, which bends."""
    motion = pose_lift.lifted(exact(walk), placed(walk, tmp_path), SKELETON)
    assert errors(motion, walk.truth).mean() < 0.012
    assert errors(motion, walk.truth, align=False).mean() < 0.05
    at = motion.names.index
    thigh = np.linalg.norm(motion.positions[:, at("left_hip")] - motion.positions[:, at("left_knee")], axis=1)
    assert thigh == pytest.approx(np.full(len(thigh), SKELETON["thigh"]), abs=1e-6)


def test_one_euro_calms_rest_and_follows_motion():
    noise = 0.01 * np.random.default_rng(0).standard_normal((200, 1, 3))
    calm = pose.one_euro(noise, 25)
    assert calm[50:].std() < 0.6 * noise[50:].std()
    ramp = np.zeros((100, 1, 3))
    ramp[:, 0, 0] = np.arange(100) / 25 * 5.0
    lag = ramp - pose.one_euro(ramp, 25)
    assert np.abs(lag[30:70]).max() < 0.01, "5 m/s is followed without a lag"
    assert pose.one_euro(np.ones((10, 2, 3)), 25) == pytest.approx(1.0)


# --- the engines -------------------------------------------------------------------------------------


def test_mediapipe_finds_the_drawn_person(studio, film, walk):
    camera = walk.camera.facts()
    raw = studio.ask(MediaPipePose, film, camera=camera)
    smooth = studio.ask(MediaPipePose, film, {"filter": "one-euro"}, camera=camera)
    assert raw.detected.all() and raw.fps == FPS and len(raw.positions) == 8 and raw.space == "world"
    assert errors(raw, walk.truth).mean() < 0.10
    assert errors(raw, walk.truth, align=False).mean() < 0.35, "it stands about where it should"
    assert formulas.jerks(smooth.positions, FPS).mean() < 0.6 * formulas.jerks(raw.positions, FPS).mean()
    again = studio.ask(MediaPipePose, film, camera=camera)
    assert np.array_equal(raw.positions, again.positions), "the same film gives the same motion"


def test_how_much_is_known_of_the_camera_decides_the_space(studio, film, walk):
    camera = walk.camera.facts()
    assert studio.ask(MediaPipePose, film).space == "root"
    inside = {name: camera[name] for name in ("width", "height", "fx", "fy", "cx", "cy")}
    assert studio.ask(MediaPipePose, film, camera=inside).space == "camera"


def test_lifted_landmarks_keep_the_bones(studio, film, walk):
    motion = studio.ask(pose_lift.PoseLift, film, camera=walk.camera.facts(), skeleton=SKELETON)
    assert errors(motion, walk.truth).mean() < 0.10
    limbs = tuple((motion.names.index(a), motion.names.index(b)) for a, b in (("left_hip", "left_knee"),))
    assert formulas.bone_variation(motion.positions, limbs).max() < 1e-5
    with pytest.raises(Refusal, match="needs the camera and the actor's skeleton") as refused:
        studio.ask(pose_lift.PoseLift, film, camera=walk.camera.facts())
    assert refused.value.outcome is Outcome.UNSUPPORTED


def test_floors(studio, film, walk):
    truth = walk.truth
    mirrored = studio.ask(FloorMocap, film, {"pose": "mirrored"}, reference=truth)
    still = studio.ask(FloorMocap, film, {"pose": "t_pose"}, reference=truth)
    assert errors(mirrored, truth).mean() > 0.08
    assert errors(still, truth).mean() > 0.08 and np.ptp(still.positions, axis=0).max() == 0
    with pytest.raises(Refusal, match="no reference motion"):
        studio.ask(FloorMocap, film)


# --- films that are no good --------------------------------------------------------------------------


def recoded(film: Path, name: str, *options: str) -> Path:
    """``film`` through ffmpeg; ``options`` of the input end with a dash."""
    before, after = (
        (options[: options.index("-")], options[options.index("-") + 1 :]) if "-" in options else ((), options)
    )
    made = film.with_name(name)
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-y", "-v", "error", *before, "-i", str(film), *after, str(made)], check=True)
    return made


def refusal(studio: Studio, film: Path, **given: object) -> tuple[str, Outcome]:
    with pytest.raises(Refusal) as refused:
        studio.ask(MediaPipePose, film, **given)
    return str(refused.value), refused.value.outcome


def test_no_person_is_invalid(studio, walk, tmp_path):
    empty = walk.stage.picture(NOBODY)
    film = write_video(tmp_path / "empty.mp4", [empty] * 3, FPS)[0]
    assert refusal(studio, film) == ("no person found in any of 3 frames", Outcome.INVALID)


def test_one_frame(studio, walk, tmp_path):
    film = write_video(tmp_path / "one.mp4", list(walk.pictures())[:1], FPS)[0]
    motion = studio.ask(MediaPipePose, film, {"filter": "one-euro"}, camera=walk.camera.facts())
    assert motion.positions.shape[0] == 1 and motion.detected.all()


def test_frames_without_the_person_hold_the_last_pose(studio, walk, tmp_path):
    pictures = list(walk.pictures())
    empty = walk.stage.picture(NOBODY)
    film = write_video(tmp_path / "gone.mp4", [empty, *pictures[:3], *[empty] * 3], FPS)[0]
    motion = studio.ask(MediaPipePose, film)
    assert motion.detected.tolist() == [False, True, True, True, False, False, False]
    assert np.array_equal(motion.positions[0], motion.positions[1]), "before the first, the first"
    assert np.array_equal(motion.positions[6], motion.positions[3])


def test_uneven_frames_come_out_even(studio, film):
    vfr = recoded(film, "vfr.mp4", "-vf", "select='not(between(n,3,4))'", "-fps_mode", "vfr")
    motion = studio.ask(MediaPipePose, vfr)
    assert len(motion.positions) == 6 and motion.fps == pytest.approx(6 / 8 * FPS)
    even = studio.ask(MediaPipePose, film)
    middle = errors(replace(motion, positions=motion.positions[3:4]), replace(even, positions=even.positions[4:5]))
    assert middle.mean() < 0.03, "the pose of 0.16 s lies between those around the gap"


def test_a_turned_film_is_read_upright(studio, walk, film):
    lying = film.with_name("lying.mp4")
    write_video(lying, (np.ascontiguousarray(np.rot90(picture)) for picture in walk.pictures()), FPS)
    turned = recoded(lying, "turned.mp4", "-display_rotation", "-90", "-", "-c", "copy")
    assert errors(studio.ask(MediaPipePose, turned), walk.truth).mean() < 0.10


def test_odd_sizes(studio, walk, tmp_path):
    film = write_video(tmp_path / "odd.mp4", (picture[:479, :639] for picture in walk.pictures()), FPS)[0]
    assert studio.ask(MediaPipePose, film).detected.all()
    said, outcome = refusal(studio, film, camera=walk.camera.facts())
    assert said == "the camera is of 640×480 pixels, the film of 639×479" and outcome is Outcome.INVALID


def test_alpha_is_left_out(studio, film):
    shaped = recoded(film, "alpha.mkv", "-vf", "format=bgra,colorchannelmixer=aa=0.3", "-c:v", "ffv1")
    assert studio.ask(MediaPipePose, shaped).detected.all()


def test_hdr_is_refused(studio, film):
    hdr = recoded(film, "hdr.mp4", "-c:v", "libx265", "-color_trc", "smpte2084", "-x265-params",
                  "log-level=none:transfer=smpte2084")  # fmt: skip
    said, outcome = refusal(studio, hdr)
    assert "HDR (PQ)" in said and outcome is Outcome.INVALID


def test_two_people_give_one_body(studio, walk, tmp_path):
    twice = (np.hstack([picture[:, 160:480], picture[:, 160:480]]) for picture in walk.pictures())
    motion = studio.ask(MediaPipePose, write_video(tmp_path / "two.mp4", twice, FPS)[0])
    assert motion.detected.all() and motion.positions.shape[1:] == (17, 3)
    spine = motion.positions[:, motion.names.index("neck")] - motion.positions[:, 0]
    assert np.linalg.norm(spine, axis=1).max() < 0.8, "and not one made of both"


def test_a_camera_that_is_none(studio, film):
    said, outcome = refusal(studio, film, camera={"width": 640})
    assert "no camera" in said and outcome is Outcome.INVALID


def test_a_broken_film(studio, tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"nothing")
    assert refusal(studio, tmp_path / "x.mp4")[1] is Outcome.INVALID


def test_changed_weights_are_not_run(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "path", lambda name: tmp_path / "mine.tflite")
    with pytest.raises(models.ModelUnavailable, match="not the pinned ones"):
        pose.Detector()
