"""Motion capture corpora as people have them on disk, made here in their published layouts."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.media import joints
from filmbench.harness.types import UsageError


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
    with pytest.raises(UsageError, match="which is not data"):
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
