"""Inpainting of each frame by itself: what surrounds a hole is carried into it. No frame knows of the others.

``telea`` marches inwards by distance (Telea, Journal of Graphics Tools 9(1), 2004), ``navier_stokes`` continues lines
of equal brightness as a fluid flows (Bertalmio, Bertozzi and Sapiro, CVPR 2001). Library: OpenCV (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._holes import Holed, holed
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec
from filmbench.harness.types import Request

RADIUS = 5
METHODS = ("telea", "navier_stokes")


class Inpaint(LocalEngine):
    """OpenCV's two inpainting methods; a frame that is all hole keeps what it shows."""

    spec = ProviderSpec(
        id="local/inpaint",
        contracts=("editing/removal",),
        title="Inpainting, frame by frame",
        revision="1",
        licence="Apache-2.0 (OpenCV)",
        params={"method": Param("str", "how the hole is filled", default="telea", choices=METHODS)},
        requires=(pictures.OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The library's version."""
        return {"engine": package_version("opencv-contrib-python-headless")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Fill the hole of every frame."""
        given = holed(request, media)
        filled = _filled(given, str(request.arm.params["method"]))
        return pictures.made("video", filled, given.source, folder, sound=True)


def _filled(given: Holed, method: str) -> Iterator[Any]:
    import cv2
    import numpy as np

    flag = {"telea": cv2.INPAINT_TELEA, "navier_stokes": cv2.INPAINT_NS}[method]
    for rgb, hole in given.pairs():
        if hole.all() or not hole.any():
            yield rgb
        else:
            yield cv2.inpaint(np.ascontiguousarray(rgb), hole.astype(np.uint8), RADIUS, flag)


PROVIDERS = (Inpaint(),)
