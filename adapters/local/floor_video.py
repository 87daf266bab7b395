"""Clips in which nothing happens, and clips in which everything does: a still picture, and noise.

The still is the given image, or what the painter makes of the words (``unsupported`` where it knows no such place). It
wins every measure of steadiness; the noise wins dynamic degree. Neither is a film.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local import _camera as camera
from filmbench.adapters.local._speech import package_version
from filmbench.adapters.local.painter import OPENCV, SKIA
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request


class FloorVideo(LocalEngine):
    """As long, as large and as fast as asked for."""

    spec = ProviderSpec(
        id="local/floor-video",
        contracts=("video",),
        title="No film",
        revision="1",
        licence="Apache-2.0; of a given image: the dataset's",
        params={
            "show": Param("str", "one picture all the time, or noise", default="still", choices=("still", "noise"))
        },
        requires=(SKIA, OPENCV),
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What paints and draws, and the encoder."""
        packages = ("skia-python", "numpy", "opencv-contrib-python-headless", "av")
        return {"engine": ", ".join(package_version(name) for name in packages)}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Make the clip."""
        from filmbench.harness.media.write import write_video

        size, (frames, fps), text = asked.size(request), asked.timing(request), asked.prompt(request)
        rate = Fraction(fps).limit_denominator(1001)
        if request.arm.params["show"] == "noise":
            noise = _noise(size, frames, asked.seed(request))
            return {"video": write_video(folder / "video.mp4", noise, rate, comment=asked.MACHINE_MADE)}
        picture = asked.picture(request, media, size)
        still = [_painted(text, size, asked.seed(request)) if picture is None else picture] * frames
        # Without loss: an encoder that refines a picture from frame to frame lets a still flicker.
        return {"video": write_video(folder / "video.mp4", still, rate, crf=0, comment=asked.MACHINE_MADE)}


def _noise(size: tuple[int, int], frames: int, seed: int) -> Iterator[Any]:
    import numpy as np

    rng = np.random.default_rng(seed)
    for _ in range(frames):
        yield rng.integers(0, 256, (size[1], size[0], 3), np.uint8)


def _painted(text: str, size: tuple[int, int], seed: int) -> Any:
    from filmbench.adapters.local.painting import scene, styles, words

    try:
        brief = words.read(camera.without_moves(text))
    except words.NotUnderstood as error:
        raise Refusal(f"no image was given, and the painter {error}") from None
    return styles.flatten(scene.paint(brief, size, seed))


PROVIDERS = (FloorVideo(),)
