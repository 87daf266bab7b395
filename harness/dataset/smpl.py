"""The joints of an SMPL body in a pose.

The body model is Max Planck's, free for research alone, so everybody brings his own: ``SMPL_NEUTRAL.npz`` (or
``_FEMALE``, ``_MALE``) in ``$FILMBENCH_WEIGHTS/smpl/``, with the arrays of the official files. What is read of them:
``v_template`` (vertices, 3), ``shapedirs`` (vertices, 3, ≥ 10), ``J_regressor`` (24, vertices), ``kintree_table``
(2, 24); metres. Pickles of the model name code of chumpy, and are not read.

The joints of the resting body are ``J = J_regressor (v_template + shapedirs · betas)``. Each joint's rotation turns all
that hangs on it: ``G_k = G_parent(k) [R(θ_k), J_k − J_parent(k)]``, ``R`` after Rodrigues; what is returned is where
the ``G_k`` lie, shifted by ``trans``. The root turns about its own joint.
Source: Loper et al., "SMPL: A Skinned Multi-Person Linear Model", SIGGRAPH Asia 2015.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.archives import DAMAGED
from filmbench.harness.types import UsageError

JOINTS = 24
BETAS = 10
MOST_BYTES = 2**30
BODY = (17, 19, 21, 2, 5, 8, 16, 18, 20, 1, 4, 7)
"""Where the 12 joints of :data:`filmbench.harness.media.joints.BODY` are among the 24."""


@dataclass(frozen=True, slots=True, eq=False)
class BodyModel:
    """``rest`` (24, 3) metres, the joints of the mean body; ``shape`` (24, 3, 10), what each beta adds; ``parents``."""

    rest: Any
    shape: Any
    parents: tuple[int, ...]

    def joints(self, poses: Any, betas: Any, trans: Any) -> Any:
        """Where the joints are: float64 (frames, 24, 3) in metres.

        ``poses`` (frames, 24, 3) are axis-angles in radians, the root first; ``betas`` (10,); ``trans`` (frames, 3).
        """
        import numpy as np

        rest = self.rest + self.shape @ betas
        turns = rotations(poses)
        places = np.zeros((len(poses), JOINTS, 3))
        places[:, 0] = rest[0]
        for joint, parent in enumerate(self.parents[1:], start=1):
            places[:, joint] = places[:, parent] + turns[:, parent] @ (rest[joint] - rest[parent])
            turns[:, joint] = turns[:, parent] @ turns[:, joint]
        return places + trans[:, None]


def rotations(vectors: Any) -> Any:
    """Rotation matrices (…, 3, 3) of axis-angles (…, 3) in radians, after Rodrigues."""
    import numpy as np

    angles = np.linalg.norm(vectors, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(vectors / np.maximum(angles, 1e-12), -1, 0)
    none = np.zeros_like(x)
    cross = np.stack([none, -z, y, z, none, -x, -y, x, none], -1).reshape(*x.shape, 3, 3)
    angles = angles[..., None]
    return np.eye(3) + np.sin(angles) * cross + (1 - np.cos(angles)) * (cross @ cross)


def model(gender: str) -> BodyModel:
    """The user's model of ``gender``: neutral, female or male. Raises :class:`UsageError` where there is none."""
    own = os.environ.get("FILMBENCH_WEIGHTS")
    name = f"SMPL_{gender.upper()}.npz"
    file = Path(own or "") / "smpl" / name
    if not own or not file.is_file():
        raise UsageError(
            f"these motions are poses of the SMPL body model, and {name} is not on this machine",
            f"its licence lets nobody hand it on: get it from smpl.is.tue.mpg.de and put it at "
            f"$FILMBENCH_WEIGHTS/smpl/{name} (arrays v_template, shapedirs, J_regressor, kintree_table)",
        )
    return read(file)


def read(file: Path) -> BodyModel:
    """The model in ``file``: plain arrays, nothing is executed. Raises :class:`UsageError`."""
    import numpy as np

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise ValueError(f"unpacks to more than {MOST_BYTES / 2**20:.0f} MB")
        with np.load(file, allow_pickle=False) as arrays:
            template, shapedirs, regressor = (
                np.asarray(arrays[name], np.float64) for name in ("v_template", "shapedirs", "J_regressor")
            )
            parents = np.asarray(arrays["kintree_table"])[0].astype(np.int64)
        shapedirs = shapedirs[..., :BETAS]
        vertices = len(template)
        shapes = (template.shape, shapedirs.shape, regressor.shape, parents.shape)
        if shapes != ((vertices, 3), (vertices, 3, BETAS), (JOINTS, vertices), (JOINTS,)):
            raise ValueError(f"its arrays have the shapes {', '.join(map(str, shapes))}")
        if not all(0 <= parent < joint for joint, parent in enumerate(parents[1:].tolist(), start=1)):
            raise ValueError("its joints do not come after their parents")
    except (*DAMAGED, IndexError) as error:
        raise UsageError(
            f"{file} is no SMPL model ({type(error).__name__}: {error})",
            "its arrays are v_template (n, 3), shapedirs (n, 3, 10), J_regressor (24, n) and kintree_table (2, 24)",
        ) from None
    parents[0] = -1
    return BodyModel(
        rest=regressor @ template,
        shape=np.einsum("jv,vxb->jxb", regressor, shapedirs),
        parents=tuple(parents.tolist()),
    )
