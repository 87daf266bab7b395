"""Readers for motion capture as people have it on disk: films with the joints that were measured beside them.

The joints are copied into the cache in filmbench's own form (:mod:`filmbench.harness.media.joints`): the 12 shared ones
with the middles of hips and shoulders, in metres, Y up. Pickles are read without running anything they hold.

A film whose camera moves (EMDB) brings the camera's lens alone: its place changes from frame to frame, so motion in the
camera's axes is compared with the true one pose by pose (PA-MPJPE), and measures of the world have no value.
"""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness import pickles
from filmbench.harness.dataset import smpl
from filmbench.harness.dataset.filehash import sha256_of_all
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.media import joints
from filmbench.harness.models import cache_folder
from filmbench.harness.types import Artifact, Sample, UsageError, digest

_COCO = (6, 8, 10, 12, 14, 16, 5, 7, 9, 11, 13, 15)
_HUMAN36M = (25, 26, 27, 1, 2, 3, 17, 18, 19, 6, 7, 8)
"""Where each layout keeps the joints of ``BODY``."""
_AGAIN = "fetch it again from its authors"
_NAMES = ("pelvis", "neck", *joints.BODY)
_PARENTS = (-1, 0, 1, 2, 3, 0, 5, 6, 1, 8, 9, 0, 11, 12)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One film with its joints: float (frames, 12, 3) metres, Y up, in the order of ``BODY``; NaN where unknown.

    ``camera`` is its lens, as :func:`filmbench.harness.media.joints.camera` reads it, where that is known.
    """

    id: str
    film: Path
    places: Any
    fps: float
    cluster: str
    tags: frozenset[str]
    camera: Mapping[str, float] | None = None


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
    folder = _folder(name)
    media: dict[str, Path] = {}
    films = sha256_of_all([one.film for one in found])
    parts = [_artifacts(one, film, folder, media) for one, film in zip(found, films, strict=True)]
    entries = [[one.id, *(part.sha256 for part in of.values())] for one, of in zip(found, parts, strict=True)]
    sha256 = digest({"layout": name, "entries": entries})
    samples = tuple(
        Sample(
            id=one.id,
            dataset=f"{name}@{sha256[:12]}",
            inputs={role: part for role, part in of.items() if role != "joints"},
            references={"joints": of["joints"]},
            cluster=one.cluster,
            tags=one.tags,
        )
        for one, of in zip(found, parts, strict=True)
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
        media=media,
    )


def _folder(name: str) -> Path:
    folder = cache_folder() / "layouts" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _artifacts(one: Recording, film: str, folder: Path, media: dict[str, Path]) -> dict[str, Artifact]:
    """The recording's ``video`` (sha256 ``film``), ``joints`` and ``camera``; where they lie goes into ``media``."""
    files = {"video": (one.film, "video/mp4"), "joints": (_kept(one, film, folder), joints.MEDIA_TYPE)}
    if one.camera:
        lens = folder / f"{film}.json"
        lens.write_text(json.dumps(one.camera), encoding="utf-8")
        files["camera"] = (lens, "application/json")
    hashes = sha256_of_all([path for path, _ in files.values()])
    media.update(zip(hashes, (path for path, _ in files.values()), strict=True))
    return {
        role: Artifact(sha256, kind, path.stat().st_size)
        for (role, (path, kind)), sha256 in zip(files.items(), hashes, strict=True)
    }


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


_EMDB_FPS = 30.0


def _emdb(root: Path) -> Iterator[Recording]:
    """``P0/00_mvs_a/P0_00_mvs_a_data.pkl`` (SMPL parameters, metres, Y up, 30 fps) and ``images/00000.jpg`` beside it.

    The video that lies there too shows the answer beside the picture, so the film is made of the images.
    """
    for file in sorted(root.glob("P*/*/*_data.pkl")):
        kept = _unpickled(file, file.read_bytes())
        try:
            frames, good = int(kept["n_frames"]), kept["good_frames_mask"]
            poses = _shaped(file, [kept["smpl"]["poses_root"], kept["smpl"]["poses_body"]], (frames, 3 * smpl.JOINTS))
            betas = _shaped(file, [kept["smpl"]["betas"]], (smpl.BETAS,))
            trans = _shaped(file, [kept["smpl"]["trans"]], (frames, 3))
            lens = _lens(kept["camera"])
            body, sets = smpl.model(str(kept["gender"])), [name for name in ("emdb1", "emdb2") if kept[name]]
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{file} is not laid out as EMDB's are ({type(error).__name__}: {error})", _AGAIN
            ) from None
        places = body.joints(poses.reshape(frames, smpl.JOINTS, 3), betas, trans)[:, smpl.BODY]
        places[~_shaped(file, [good], (frames,)).astype(bool)] = float("nan")
        person, sequence = file.parts[-3:-1]
        film = _film(sorted((file.parent / "images").glob("*.jpg")), frames, file, _folder("emdb"))
        yield Recording(f"{person}_{sequence}", film, places, _EMDB_FPS, person, frozenset(sets), lens)


def _shaped(file: Path, parts: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """``parts`` side by side as float64. Raises :class:`UsageError` where they have not the ``shape``."""
    import numpy as np

    found = np.concatenate([np.asarray(part, np.float64) for part in parts], axis=-1)
    if found.shape != shape:
        raise UsageError(f"{file}: an array has the shape {found.shape}, not {shape}", _AGAIN)
    return found


def _lens(camera: Mapping[str, Any]) -> dict[str, float]:
    k = camera["intrinsics"]
    size = {"width": int(camera["width"]), "height": int(camera["height"])}
    return {**size, "fx": float(k[0][0]), "fy": float(k[1][1]), "cx": float(k[0][2]), "cy": float(k[1][2])}


def _film(images: Sequence[Path], frames: int, data: Path, folder: Path) -> Path:
    """The film of ``images``, made once."""
    from filmbench.harness.media.still import ImageClip
    from filmbench.harness.media.write import write_video

    if len(images) != frames:
        raise UsageError(f"{data} tells of {frames} frames, images/ beside it holds {len(images)}", _AGAIN)
    film = folder / f"{digest({'images': sha256_of_all(images), 'fps': _EMDB_FPS})}.mp4"
    if not film.exists():
        with TemporaryDirectory(dir=folder, prefix=".film-") as scratch:
            pictures = (ImageClip(Artifact("", "image/jpeg", 0), image).rgb for image in images)
            write_video(Path(scratch) / film.name, pictures, _EMDB_FPS)[0].rename(film)
    return film


def _unpickled(file: Path, content: bytes) -> Any:
    try:
        return pickles.arrays(io.BytesIO(content))
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise UsageError(f"{file} cannot be read: {error}", _AGAIN) from None


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
    "emdb": MotionLayout(
        title="EMDB layout",
        recordings=_emdb,
        expected="a folder with P0/ … P9/, a folder of images and a _data.pkl in each sequence of them",
        rights="EMDB is for academic use only (Kaufmann et al. 2023), SMPL's model for research (Loper et al. 2015).",
    ),
    "human36m": MotionLayout(
        title="Human3.6M layout",
        recordings=_human36m,
        expected="a folder with data_3d_h36m.npz and S*/Videos/",
        rights="Human3.6M itself is for academic use only (Ionescu et al. 2014).",
    ),
}
