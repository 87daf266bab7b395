"""Motion capture corpora as people have them on disk, made here in their published layouts."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.media import joints
from filmbench.harness.media.video import VideoClip
from filmbench.harness.types import UsageError
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))


def film(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())


@pytest.fixture
def aist(tmp_path: Path) -> Path:
    """Two cameras of one dance; joint j of frame t is at (j, 100 + t, 0) cm."""
    root = tmp_path / "aist"
    for camera in ("c01", "c09"):
        film(root / f"videos/gBR_sBM_{camera}_d04_mBR0_ch01.mp4")
    places = np.zeros((5, 17, 3))
    places[..., 0], places[..., 1] = np.arange(17), 100 + np.arange(5)[:, None]
    places[3, 7] = np.nan
    (root / "keypoints3d").mkdir()
    kept = {"keypoints3d": places + 50, "keypoints3d_optim": places}
    (root / "keypoints3d/gBR_sBM_cAll_d04_mBR0_ch01.pkl").write_bytes(pickle.dumps(kept, protocol=2))
    return root


def test_aistpp(aist: Path) -> None:
    loaded = dataset.load(f"aistpp:{aist}")
    assert (loaded.contract, [sample.id for sample in loaded.samples]) == (
        "mocap",
        ["gBR_sBM_c01_d04_mBR0_ch01", "gBR_sBM_c09_d04_mBR0_ch01"],
    )
    assert {sample.cluster for sample in loaded.samples} == {"gBR_sBM_cAll_d04_mBR0_ch01"}
    assert loaded.samples[0].tags == {"c01", "gBR", "d04"}
    motion = joints.read(loaded.media[loaded.samples[0].references["joints"].sha256])
    assert (motion.fps, motion.space, motion.detected.tolist()) == (60.0, "world", [True, True, True, False, True])
    at = motion.names.index
    assert motion.positions[2, at("right_shoulder")] == pytest.approx([0.06, 1.02, 0])
    assert motion.positions[2, at("left_ankle")] == pytest.approx([0.15, 1.02, 0])
    assert motion.positions[2, at("pelvis")] == pytest.approx([0.115, 1.02, 0])
    assert dataset.load(f"aistpp:{aist}").sha256 == loaded.sha256


def test_human36m(tmp_path: Path) -> None:
    root = tmp_path / "h36m"
    for name in ("Walking 1.54138969", "TakingPhoto.60457274", "Unknown.1"):
        film(root / f"S9/Videos/{name}.mp4")
    places = np.zeros((4, 32, 3), np.float32)
    places[..., 0], places[..., 1], places[..., 2] = np.arange(32) / 100, 2.0, 1.0
    np.savez_compressed(root / "data_3d_h36m.npz", positions_3d={"S9": {"Walking 1": places, "Photo": places}})
    loaded = dataset.load(f"human36m:{root}")
    assert [(sample.id, sample.cluster) for sample in loaded.samples] == [
        ("S9/TakingPhoto.60457274", "S9/TakingPhoto"),
        ("S9/Walking 1.54138969", "S9/Walking 1"),
    ]
    motion = joints.read(loaded.media[loaded.samples[1].references["joints"].sha256])
    assert motion.fps == 50.0
    assert motion.positions[0, motion.names.index("left_wrist")] == pytest.approx([0.19, 1.0, -2.0]), "Y up"


def test_a_pickle_that_would_run_something_is_refused(aist: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    (aist / "keypoints3d/gBR_sBM_cAll_d04_mBR0_ch01.pkl").write_bytes(pickle.dumps({"keypoints3d": Evil()}))
    with pytest.raises(UsageError, match="which is no array"):
        dataset.load(f"aistpp:{aist}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("kept", "said"),
    [({"keypoints3d": np.zeros((5, 24, 3))}, "not \\(frames, 17, 3\\)"), ({}, "not \\(frames, 17, 3\\)")],
)
def test_other_joints_are_named(aist: Path, kept: dict, said: str) -> None:
    (aist / "keypoints3d/gBR_sBM_cAll_d04_mBR0_ch01.pkl").write_bytes(pickle.dumps(kept))
    with pytest.raises(UsageError, match=said):
        dataset.load(f"aistpp:{aist}")


def test_what_is_not_there(aist: Path, tmp_path: Path) -> None:
    (aist / "keypoints3d/gBR_sBM_cAll_d04_mBR0_ch01.pkl").unlink()
    with pytest.raises(UsageError, match=r"has no gBR_sBM_cAll_d04_mBR0_ch01\.pkl"):
        dataset.load(f"aistpp:{aist}")
    for ref in (f"aistpp:{tmp_path / 'nowhere'}", f"human36m:{tmp_path}"):
        with pytest.raises(UsageError, match="does not exist"):
            dataset.load(ref)
    with pytest.raises(UsageError) as error:
        dataset.load(f"aistp:{aist}")
    assert "aistpp" in str(error.value.hint)


# --- EMDB, with a body of eight vertices in SMPL's layout ---------------------------------------------------

FRAMES = 3
PARENTS = (0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE = 2, 5, 8


@pytest.fixture
def body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Joint j rests at (j, 2 j, 0) cm; beta 0 moves all joints by (0, 0, 1) cm times their number."""
    template = np.zeros((24, 3))
    template[:, 0], template[:, 1] = np.arange(24) / 100, np.arange(24) / 50
    shapedirs = np.zeros((24, 3, 300))
    shapedirs[:, 2, 0] = np.arange(24) / 100
    shapedirs[:, 0, 10:] = 99.0  # EMDB has ten betas: what the others do must not matter
    parents = np.array([(2**32 - 1, *PARENTS[1:]), range(24)], np.uint32)  # as SMPL's own files have them
    arrays = {"v_template": template, "shapedirs": shapedirs, "J_regressor": np.eye(24), "kintree_table": parents}
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path / "own"))
    (tmp_path / "own/smpl").mkdir(parents=True)
    np.savez(tmp_path / "own/smpl/SMPL_FEMALE.npz", **arrays)
    return arrays


def sequence(root: Path, **changes: object) -> Path:
    """One sequence as EMDB lays it out; in frame 1 the right hip is bent by a quarter turn about x."""
    folder = root / "P0/00_walk"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for index in range(FRAMES):
        Image.fromarray(np.full((48, 36, 3), 60 + 40 * index, np.uint8)).save(folder / f"images/{index:05d}.jpg")
    poses = np.zeros((FRAMES, 69))
    poses[1, 3 * (RIGHT_HIP - 1)] = np.pi / 2
    root_turn = np.zeros((FRAMES, 3))
    root_turn[2, 1] = np.pi  # about the vertical
    kept = {
        "gender": "female",
        "name": "P0_00_walk",
        "emdb1": np.bool_(True),
        "emdb2": False,
        "n_frames": FRAMES,
        "good_frames_mask": np.array([True, True, True]),
        "camera": {
            "intrinsics": np.array([[40.0, 0, 18], [0, 41, 24], [0, 0, 1]]),
            "extrinsics": np.tile(np.eye(4), (FRAMES, 1, 1)),
            "width": 36,
            "height": 48,
        },
        "smpl": {
            "poses_root": root_turn,
            "poses_body": poses,
            "trans": np.arange(FRAMES)[:, None] * [0.0, 0.0, 1.0],
            "betas": np.array([2.0, *[0.0] * 9]),
        },
        "kp2d": np.zeros((FRAMES, 24, 2)),
        "bboxes": {"bboxes": np.zeros((FRAMES, 4)), "invalid_idxs": np.array([], int)},
    } | changes
    (folder / "P0_00_walk_data.pkl").write_bytes(pickle.dumps(kept))
    return root


def test_emdb(body: dict[str, np.ndarray], tmp_path: Path) -> None:
    root = sequence(tmp_path / "emdb")
    loaded = dataset.load(f"emdb:{root}")
    (sample,) = loaded.samples
    assert (sample.id, sample.cluster, sample.tags) == ("P0_00_walk", "P0", {"emdb1"})
    motion = joints.read(loaded.media[sample.references["joints"].sha256])
    assert (motion.fps, motion.space, motion.detected.all()) == (30.0, "world", True)

    def place(frame: int, name: str) -> list[float]:
        return motion.positions[frame, motion.names.index(name)].tolist()

    # at rest, beta 0 = 2: joint j lies at (j, 2 j, 2 j) cm
    assert place(0, "right_ankle") == pytest.approx([0.08, 0.16, 0.16])
    assert place(0, "left_wrist") == pytest.approx([0.20, 0.40, 0.40])
    # the thigh hangs from joint 2, at (2, 4, 4); a quarter turn about x brings (x, y, z) to (x, -z, y); 1 m onwards
    assert place(1, "right_hip") == pytest.approx([0.02, 0.04, 1.04])
    assert place(1, "right_knee") == pytest.approx([0.05, 0.04 - 0.06, 1.04 + 0.06])
    assert place(1, "right_ankle") == pytest.approx([0.08, 0.04 - 0.12, 1.04 + 0.12])
    assert place(1, "left_ankle") == pytest.approx([0.07, 0.14, 1.14]), "the other leg stays"
    # half a turn about y, around the root's joint at the origin: (x, y, z) becomes (-x, y, -z); 2 m onwards
    assert place(2, "right_ankle") == pytest.approx([-0.08, 0.16, 2 - 0.16])

    camera = joints.camera(loaded.media[sample.inputs["camera"].sha256])
    assert (camera.width, camera.height, camera.focal, camera.centre) == (36, 48, (40, 41), (18, 24))
    assert not camera.placed, "it moves"
    film = VideoClip(sample.inputs["video"], loaded.media[sample.inputs["video"].sha256])
    assert (film.facts.frames, film.facts.fps, film.first_size) == (FRAMES, 30.0, (36, 48))
    assert [int(frame.rgb.mean()) for frame in film.frames()] == pytest.approx([60, 100, 140], abs=3)
    assert dataset.load(f"emdb:{root}").sha256 == loaded.sha256


def test_emdb_frames_in_which_the_person_is_hidden_do_not_count(body: dict, tmp_path: Path) -> None:
    root = sequence(tmp_path / "emdb", good_frames_mask=np.array([True, False, True]))
    loaded = dataset.load(f"emdb:{root}")
    motion = joints.read(loaded.media[loaded.samples[0].references["joints"].sha256])
    assert motion.detected.tolist() == [True, False, True]


def test_emdb_without_the_body_model_says_whose_it_is(body: dict, tmp_path: Path, monkeypatch) -> None:
    root = sequence(tmp_path / "emdb", gender="male")
    for unset in (False, True):
        if unset:
            monkeypatch.delenv("FILMBENCH_WEIGHTS")
        with pytest.raises(UsageError, match=r"SMPL_MALE\.npz is not on this machine") as error:
            dataset.load(f"emdb:{root}")
        assert "$FILMBENCH_WEIGHTS/smpl/SMPL_MALE.npz" in str(error.value.hint)


def spoilt(**changes: object) -> dict[str, object]:
    good = {
        "v_template": np.zeros((24, 3)),
        "shapedirs": np.zeros((24, 3, 10)),
        "J_regressor": np.eye(24),
        "kintree_table": np.array([PARENTS, range(24)]),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (spoilt(J_regressor=None), "J_regressor"),
        (spoilt(J_regressor=np.eye(24)[:23]), "shapes"),
        (spoilt(shapedirs=np.zeros((24, 3, 4))), "shapes"),
        (spoilt(kintree_table=np.array([PARENTS[::-1], range(24)])), "after their parents"),
        (spoilt(v_template=np.array([Path("x")] * 24)), "ValueError"),
    ],
)
def test_a_file_that_is_no_body_model(body: dict, tmp_path: Path, arrays: dict, said: str) -> None:
    np.savez(tmp_path / "own/smpl/SMPL_FEMALE.npz", **arrays)
    with pytest.raises(UsageError, match=f"no SMPL model.*{said}"):
        dataset.load(f"emdb:{sequence(tmp_path / 'emdb')}")


def test_emdb_that_is_not_whole(body: dict, tmp_path: Path) -> None:
    for changes, said in (
        ({"n_frames": 4}, "not \\(4, 72\\)"),
        ({"smpl": {}}, "not laid out as EMDB"),
        ({"good_frames_mask": np.ones(2, bool)}, "not \\(3,\\)"),
        ({"camera": {"intrinsics": np.eye(2), "width": 36, "height": 48}}, "not laid out as EMDB"),
    ):
        with pytest.raises(UsageError, match=said):
            dataset.load(f"emdb:{sequence(tmp_path / 'emdb', **changes)}")
    root = sequence(tmp_path / "emdb")
    (root / "P0/00_walk/images/00001.jpg").unlink()
    with pytest.raises(UsageError, match="tells of 3 frames, images/ beside it holds 2"):
        dataset.load(f"emdb:{root}")
