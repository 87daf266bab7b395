"""The one animated skeleton of a USD scene, frame by frame, as Flow Studio, Maya and Blender export it.

A scene is composed of layers, and a layer may name files anywhere: only a file that holds all of itself is opened.
Joints are placed in the scene's world, turned so that Y is up.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from filmbench.harness.media import rigs
from filmbench.harness.media.bvh_read import MOST_PLACES
from filmbench.harness.media.decode import BadMedia, check_bytes
from filmbench.harness.media.joints import MOST_BYTES, Motion

NEEDS = "reading USD needs usd-core: pip install 'filmbench[vision]'"
_PREFIX = re.compile(r"^\w+_(?=(?:Left|Right)[A-Z])")
_SIDE = re.compile(r"_([LR])$")


def read(path: Path) -> Motion:
    """The joints of ``BODY`` in metres. Raises :class:`BadMedia`.

    Refused are a scene that leads to other files, one without exactly one animated skeleton, and a rig as
    :func:`~filmbench.harness.media.rigs.body` refuses it.
    """
    try:
        from pxr import Usd
    except ImportError:
        raise BadMedia(path, NEEDS) from None
    check_bytes(path, MOST_BYTES)
    try:
        stage = Usd.Stage.Open(_layer(path))
        query, owner = _animated(path, stage)
        names = [_bare(str(joint)) for joint in query.GetJointOrder()]
        return rigs.body(path, names, _places(path, stage, query, owner), _rate(stage))
    except BadMedia:
        raise
    except Exception as error:  # its readers raise what they like; all of it means that the scene is damaged
        raise BadMedia(path, f"no USD scene, or damaged ({type(error).__name__})") from error


def _layer(path: Path) -> Any:
    from pxr import Sdf

    layer = Sdf.Layer.OpenAsAnonymous(str(path))
    if layer is None:
        raise BadMedia(path, "no USD scene")
    if layer.GetCompositionAssetDependencies() or layer.GetExternalAssetDependencies():
        raise BadMedia(path, "leads to other files: export it flattened, into one")
    return layer


def _animated(path: Path, stage: Any) -> tuple[Any, Any]:
    """The query of the one skeleton that moves, and its prim."""
    from pxr import Usd, UsdSkel

    cache, found = UsdSkel.Cache(), []
    for prim in stage.Traverse():
        if prim.IsA(UsdSkel.Root):
            cache.Populate(UsdSkel.Root(prim), Usd.PrimDefaultPredicate)
    for prim in stage.Traverse():
        if prim.IsA(UsdSkel.Skeleton):
            query = cache.GetSkelQuery(UsdSkel.Skeleton(prim))
            if query and query.GetAnimQuery() and query.GetAnimQuery().GetJointTransformTimeSamples():
                found.append((query, prim))
    if len(found) != 1:
        raise BadMedia(path, f"holds {len(found)} animated skeletons: export the one person's")
    return found[0]


def _rate(stage: Any) -> float:
    """Frames a second: its own, where it names them, else its time codes."""
    rate = float(stage.GetFramesPerSecond() if stage.HasAuthoredMetadata("framesPerSecond") else 0)
    return rate or float(stage.GetTimeCodesPerSecond())


def _places(path: Path, stage: Any, query: Any, owner: Any) -> Any:
    """Where each joint is in metres, Y up: float64 (frames, joints, 3)."""
    import numpy as np
    from pxr import Usd, UsdGeom

    codes = query.GetAnimQuery().GetJointTransformTimeSamples()
    step = float(stage.GetTimeCodesPerSecond()) / _rate(stage)
    frames = round((codes[-1] - codes[0]) / step) + 1
    if not 0 < frames * len(query.GetJointOrder()) <= MOST_PLACES:
        raise BadMedia(path, f"{frames} frames of {len(query.GetJointOrder())} joints are more than is read")
    world = UsdGeom.XformCache()
    places = np.empty((frames, len(query.GetJointOrder()), 3))
    for frame in range(frames):
        code = Usd.TimeCode(codes[0] + frame * step)
        world.SetTime(code)
        around = np.array(world.GetLocalToWorldTransform(owner))
        places[frame] = (np.array(query.ComputeJointSkelTransforms(code)) @ around)[:, 3, :3]
    if not np.isfinite(places).all():
        raise BadMedia(path, "holds places that are no numbers")
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        places = places[..., [0, 2, 1]] * [1.0, 1.0, -1.0]
    return places * UsdGeom.GetStageMetersPerUnit(stage)


def _bare(joint: str) -> str:
    """The joint's own name as its rig has it: a USD writes ``_`` for the colon of a namespace and for a point."""
    return _SIDE.sub(r".\1", _PREFIX.sub("", joint.rpartition("/")[2]))
