"""2.5-D from one picture: a depth guessed from height and edges, and a camera that moves before it.

It moves the camera and nothing else: what a prompt wants to happen in the picture does not happen. Depth is a ramp from
the top (far) to the bottom (near), bent along the picture's own edges by a guided filter (He, Sun and Tang,
PAMI 2013); each frame is read backwards through the smooth field, so nothing tears and nothing has to be invented; near
edges stretch a little instead. A request without an image is ``unsupported``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local import _camera as camera
from filmbench.adapters.local._speech import package_version
from filmbench.adapters.local.painter import OPENCV
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

ZOOM = 1.10
"""The frame is so much smaller than the picture that no move shows its edge."""
STEPS = 3
"""Fixed-point steps that find where a pixel comes from."""


class Parallax(LocalEngine):
    """One clip a request, of the given picture."""

    spec = ProviderSpec(
        id="local/parallax",
        contracts=("video",),
        title="2.5-D parallax",
        revision="1",
        licence="Apache-2.0",
        params={
            "depth": Param("float", "how much nearer the bottom is than the top: 0 flat, 1 strong", default=0.7),
        },
        requires=(OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What warps, and the encoder."""
        return {
            "engine": ", ".join(package_version(name) for name in ("opencv-contrib-python-headless", "numpy", "av"))
        }

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Make the clip. Raises :class:`Refusal` without an image, or for one that is no plain picture."""
        from filmbench.harness.media.write import write_video

        size, (frames, fps), text = asked.size(request), asked.timing(request), asked.prompt(request)
        larger = (round(size[0] * ZOOM), round(size[1] * ZOOM))
        picture = asked.picture(request, media, larger)
        if picture is None:
            raise Refusal("needs an image to move before")
        strength = float(request.arm.params["depth"])
        pictures = clip(picture, nearness(picture), size, frames, camera.move(text, "push in"), strength)
        comment = f"{asked.MACHINE_MADE}; the camera moves, the picture does not"
        return {
            "video": write_video(folder / "video.mp4", pictures, Fraction(fps).limit_denominator(1001), comment=comment)
        }


def nearness(picture: Any) -> Any:
    """A guess of depth: 0 far to 1 near, float32, shape (height, width), smooth but for the picture's edges."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    ramp = np.broadcast_to(np.linspace(0, 1, height, dtype=np.float32)[:, None] ** 1.3, (height, width))
    guide = cv2.GaussianBlur(picture, (0, 0), max(0.8, height / 240)).astype(np.float32) / 255
    bent = cv2.ximgproc.guidedFilter(guide, np.ascontiguousarray(ramp), max(4, height // 8), 0.004)
    return np.clip(cv2.GaussianBlur(bent, (0, 0), max(1.0, height / 180)), 0, 1)


def clip(
    picture: Any, near: Any, size: tuple[int, int], frames: int, move: camera.Move, strength: float
) -> Iterator[Any]:
    """The frames (uint8 RGB, ``size``) of a larger ``picture`` before a moving camera."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    x, y = x + (width - size[0]) / 2, y + (height - size[1]) / 2
    for frame in range(frames):
        across, up, zoom = move.at(frame / max(frames - 1, 1))
        at_x, at_y = x, y
        for _ in range(STEPS):
            depth = cv2.remap(near, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            reach = (1 - strength) * 0.5 + strength * depth
            scale = 1 + (zoom - 1) * (0.4 + 0.6 * reach)
            at_x = (x - width / 2) / scale + width / 2 + across * size[0] * 0.6 * reach
            at_y = (y - height / 2) / scale + height / 2 - up * size[1] * 0.6 * reach
        yield cv2.remap(picture, at_x, at_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


PROVIDERS = (Parallax(),)
