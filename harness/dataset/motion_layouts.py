"""Readers for motion capture as people have it on disk: films with the joints that were measured beside them.

The joints are copied into the cache in filmbench's own form (:mod:`filmbench.harness.media.joints`): the 12 shared ones
with the middles of hips and shoulders, in metres, Y up. Pickles are read without running anything they hold.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.dataset.filehash import sha256_of_all
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.media import joints
from filmbench.harness.models import cache_folder
from filmbench.harness.types import Artifact, Sample, UsageError, digest

_COCO = (6, 8, 10, 12, 14, 16, 5, 7, 9, 11, 13, 15)
_HUMAN36M = (25, 26, 27, 1, 2, 3, 17, 18, 19, 6, 7, 8)
"""Where each layout keeps the joints of ``BODY``."""
_NAMES = ("pelvis", "neck", *joints.BODY)
_PARENTS = (-1, 0, 1, 2, 3, 0, 5, 6, 1, 8, 9, 0, 11, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One film with its joints: float (frames, 12, 3) metres, Y up, in the order of ``BODY``."""

    id: str
    film: Path
    places: Any
    fps: float
    cluster: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class MotionLayout:
    """One way to lay recordings out."""

    title: str
    recordings: Callable[[Path], Iterator[Recording]]
    expected: str
    rights: str


def read(name: str, place: Path) -> Dataset:
    """The recordings at ``place``. Raises :class:`UsageError` where it does not hold the layout."""
    layout = LAYOUTS[name]
    if not place.exists():
        raise UsageError(f"{place} does not exist", f"{name}:PATH, where PATH is {layout.expected}")
    found = list(layout.recordings(place))
    if not found:
        raise UsageError(f"{place} holds nothing in the layout {name}", f"PATH must be {layout.expected}")
    films = dict(zip(found, sha256_of_all([one.film for one in found]), strict=True))
    folder = cache_folder() / "layouts" / name
    folder.mkdir(parents=True, exist_ok=True)
    truths = {one: _kept(one, films[one], folder) for one in found}
    hashes = dict(zip(found, sha256_of_all(list(truths.values())), strict=True))
    sha256 = digest({"layout": name, "entries": [[one.id, films[one], hashes[one]] for one in found]})
    samples = tuple(
        Sample(
            id=one.id,
            dataset=f"{name}@{sha256[:12]}",
            inputs={"video": Artifact(films[one], "video/mp4", one.film.stat().st_size)},
            references={"joints": Artifact(hashes[one], joints.MEDIA_TYPE, truths[one].stat().st_size)},
            cluster=one.cluster,
            tags=one.tags,
        )
        for one in found
    )
    return Dataset(
        name=name,
        version=sha256[:12],
        title=f"{layout.title} at {place}",
        licence="unknown: the owner of the folder knows",
        attribution=layout.rights,
        card=f"# {layout.title}\n\n{len(samples)} films in `{place}`.\n\n{layout.rights}\n",
        contract="mocap",
        human_reference=True,
        samples=samples,
        sha256=sha256,
        media={films[one]: one.film for one in found} | {hashes[one]: truths[one] for one in found},
    )


def _kept(one: Recording, film: str, folder: Path) -> Path:
    """The recording's joints as a file in the cache."""
    import numpy as np

    hips, shoulders = (
        one.places[:, [joints.BODY.index(f"{side}_{joint}") for side in ("left", "right")]].mean(axis=1, keepdims=True)
        for joint in ("hip", "shoulder")
    )
    whole = np.concatenate([hips, shoulders, one.places], axis=1)
    seen = np.isfinite(whole).all(axis=(1, 2))
    motion = joints.Motion(np.where(seen[:, None, None], whole, 0.0), _NAMES, _PARENTS, one.fps, "world", seen)
    return joints.write(folder / f"{film}.npz", motion)[0]


# --- the layouts -------------------------------------------------------------------------------------


def _aistpp(root: Path) -> Iterator[Recording]:
    """``keypoints3d/gBR_sBM_cAll_….pkl`` (17 COCO joints, cm, 60 fps) and ``videos/gBR_sBM_c01_….mp4``."""
    for film in sorted((root / "videos").glob("*.mp4")):
        parts = film.stem.split("_")
        if len(parts) != 6:
            continue
        camera, parts[2] = parts[2], "cAll"
        file = root / "keypoints3d" / f"{'_'.join(parts)}.pkl"
        if not file.is_file():
            raise UsageError(f"{film.name} has no {file.name}", "AIST++ annotations lie in keypoints3d/")
        kept = _unpickled(file, file.read_bytes())
        places = _array(file, kept.get("keypoints3d_optim", kept.get("keypoints3d")), 17)
        yield Recording(
            film.stem, film, places[:, _COCO] / 100, 60.0, "_".join(parts), frozenset({camera, parts[0], parts[3]})
        )


def _human36m(root: Path) -> Iterator[Recording]:
    """VideoPose3D's ``data_3d_h36m.npz`` (32 joints, metres, Z up, 50 fps) and ``S9/Videos/Walking 1.54138969.mp4``."""
    import numpy as np

    file = root / "data_3d_h36m.npz"
    if not file.is_file():
        raise UsageError(f"{file} does not exist", "make it with VideoPose3D's prepare_data_h36m.py")
    with zipfile.ZipFile(file) as archive:
        stream = io.BytesIO(archive.read("positions_3d.npy"))
    np.lib.format.read_magic(stream)
    np.lib.format.read_array_header_1_0(stream)
    subjects = _unpickled(file, stream.read()).item()
    for film in sorted(root.glob("S*/Videos/*.mp4")):
        subject, (action, _, camera) = film.parent.parent.name, film.stem.rpartition(".")
        named = action.replace("TakingPhoto", "Photo").replace("WalkingDog", "WalkDog")
        if subject not in subjects or named not in subjects[subject]:
            continue
        x, y, z = np.moveaxis(_array(file, subjects[subject][named], 32)[:, _HUMAN36M], -1, 0)
        yield Recording(
            f"{subject}/{film.stem}", film, np.stack([x, z, -y], -1), 50.0, f"{subject}/{action}", frozenset({camera})
        )


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")


class _Arrays(pickle.Unpickler):
    """Knows numpy's arrays and plain containers; anything else is refused before it runs."""

    def find_class(self, module: str, name: str) -> Any:
        import numpy as np

        match module.replace("numpy._core", "numpy.core"), name:
            case "numpy.core.multiarray", "_reconstruct":
                return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
            case "numpy.core.multiarray", "scalar":
                return np._core.multiarray.scalar  # type: ignore[attr-defined]
            case "_codecs", "encode":  # how pickles of protocol 2 hold bytes
                return _latin1
            case "numpy", "ndarray":
                return np.ndarray
            case "numpy", "dtype":
                return np.dtype
        raise pickle.UnpicklingError(f"holds {module}.{name}, which is not data")


def _unpickled(file: Path, content: bytes) -> Any:
    try:
        return _Arrays(io.BytesIO(content)).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "fetch it again from its authors") from None


def _array(file: Path, value: Any, count: int) -> Any:
    import numpy as np

    places = np.asarray(value, np.float64) if value is not None else np.zeros(0)
    if places.ndim != 3 or places.shape[1:] != (count, 3) or not len(places):
        raise UsageError(f"{file}: joints have the shape {places.shape}, not (frames, {count}, 3)", "see the layout")
    return places


LAYOUTS = {
    "aistpp": MotionLayout(
        title="AIST++ layout",
        recordings=_aistpp,
        expected="a folder with keypoints3d/ and videos/",
        rights="AIST++ annotations are CC BY 4.0 (Li et al. 2021); the AIST videos have terms of their own.",
    ),
    "human36m": MotionLayout(
        title="Human3.6M layout",
        recordings=_human36m,
        expected="a folder with data_3d_h36m.npz and S*/Videos/",
        rights="Human3.6M itself is for academic use only (Ionescu et al. 2014).",
    ),
}
