"""GrabCut carried through a shot: the mask of each frame starts from the one before, moved along the optical flow.

Within a band around the moved mask every pixel is decided anew by GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH
2004), whose colour models are fitted to that frame; inside and outside of the band are taken as known. The hard
edge then becomes an opacity by a guided filter (He, Sun and Tang, ECCV 2010). Library: OpenCV (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

ITERATIONS = 2
RADIUS, VARIANCE = 2, 25.0
"""Of the guided filter: pixels, and squares of grey levels."""


class GrabCut(LocalEngine):
    """Needs the mask of the first frame; a shot without one is ``unsupported``. Any object, one at a time."""

    spec = ProviderSpec(
        id="local/grabcut",
        contracts=("editing/roto",),
        title="GrabCut along the flow",
        revision="1",
        licence="Apache-2.0 (OpenCV)",
        params={"band": Param("int", "pixels on each side of the moved edge that are decided anew", default=5)},
        requires=(pictures.OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The library's version."""
        return {"engine": package_version("opencv-contrib-python-headless")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Cut the object out of every frame."""
        source = pictures.shot(request, media)
        first = pictures.mask(request, media, "first_mask", source.size)
        if first is None:
            raise Refusal("GrabCut needs the first frame's mask (first_mask)")
        band = int(request.arm.params["band"])
        if not 1 <= band <= min(source.size):
            raise Refusal(f"a band of {band} pixels does not fit the picture")
        return pictures.made("matte", _carried(source.pictures(), first, band), source, folder)


def _carried(frames: Iterator[Any], first: Any, band: int) -> Iterator[Any]:
    """The opacity of each frame: uint8, (height, width)."""
    import cv2
    import numpy as np

    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    mask, before = first.astype(np.uint8), None
    for rgb in frames:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        if before is not None:
            mask = _decided(rgb, _moved(mask, search.calc(grey, before, None)), band)
        yield _softened(mask, rgb)
        before = grey


def _moved(mask: Any, flow: Any) -> Any:
    """``mask`` of the frame before, fetched along ``flow`` from this frame to that one."""
    import cv2
    import numpy as np

    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    back_x, back_y = columns + flow[..., 0], rows + flow[..., 1]
    return (cv2.remap(mask * 255, back_x, back_y, cv2.INTER_LINEAR) >= 128).astype(np.uint8)


def _decided(rgb: Any, mask: Any, band: int) -> Any:
    """GrabCut within ``band`` pixels of the mask's edge: uint8 0 or 1."""
    import cv2
    import numpy as np

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    inside = cv2.erode(mask, disc, borderValue=1).astype(bool)
    outside = cv2.dilate(mask, disc) == 0
    if not inside.any() or not outside.any():
        return mask
    labels = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inside], labels[outside] = cv2.GC_FGD, cv2.GC_BGD
    cv2.setRNGSeed(0)  # the colour models start from random clusters
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    labels, *_ = cv2.grabCut(bgr, labels, None, *models, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)


def _softened(mask: Any, rgb: Any) -> Any:
    import cv2
    import numpy as np

    alpha = cv2.ximgproc.guidedFilter(rgb, mask.astype(np.float32) * 255, RADIUS, VARIANCE)
    return np.clip(np.rint(alpha), 0, 255).astype(np.uint8)


PROVIDERS = (GrabCut(),)
