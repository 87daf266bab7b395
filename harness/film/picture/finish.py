"""What is laid over every frame (paper, vignette, grain), and how one shot's frames give way to the next's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from filmbench.harness.film.picture.colours import named
from filmbench.harness.film.picture.posture import ease
from filmbench.harness.film.shot import Joining

GRAIN = 2.2
"""Standard deviation of the grain, in levels of 255; it never exceeds three times that."""
GRAINS = 6


class Finish:
    """Paper texture, vignette and grain for one size of picture."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        import numpy as np

        rng = np.random.default_rng(seed)
        self._grains = []
        for _ in range(GRAINS):
            noise = np.clip(rng.normal(0, GRAIN, (height, width)), -3 * GRAIN, 3 * GRAIN)
            planes = [
                np.repeat(np.clip(np.rint(sign * noise), 0, 255).astype(np.uint8)[..., None], 3, 2) for sign in (1, -1)
            ]
            self._grains.append(planes)
        self.overlay = self._overlay(rng, width, height)

    def _overlay(self, rng: Any, width: int, height: int) -> Any:
        import cv2
        import numpy as np
        import skia

        fibres = np.zeros((height, width), np.float32)
        for across, share in ((width // 3, 1.0), (width // 9, 0.9), (width // 40, 0.8)):
            grid = rng.random((max(2, across * height // width), max(2, across)), dtype=np.float32) - 0.5
            fibres += share * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        edge = np.clip((np.hypot(x * 0.94, y * 0.86) - 0.50) / 0.85, 0, 1) ** 1.7
        dark = np.clip(0.66 * edge + 0.040 * np.clip(fibres, 0, None), 0, 1)
        pale = np.clip(0.024 * np.clip(-fibres, 0, None), 0, 1) * (1 - dark)
        alpha = dark + pale
        ink, paper = np.array(named()["ink"]), np.array(named()["cream"])
        colour = dark[..., None] * ink + pale[..., None] * paper
        pixels = np.rint(np.dstack([colour, alpha]) * 255).astype(np.uint8)
        return skia.Image.fromarray(
            np.ascontiguousarray(pixels),
            colorType=skia.kRGBA_8888_ColorType,
            alphaType=skia.kPremul_AlphaType,
            copy=True,
        )

    def grained(self, rgb: Any, index: int) -> Any:
        """``rgb`` (uint8, height x width x 3) with the grain of frame ``index``."""
        import cv2

        more, less = self._grains[(index * 5 + index // GRAINS) % GRAINS]
        return cv2.subtract(cv2.add(rgb, more), less)


def joined(shots: Iterable[tuple[Joining, Iterable[Any]]], span: int) -> Iterator[Any]:
    """All frames of ``shots`` in order, each shot with how it follows the one before; as many out as in.

    A ``dissolve`` lets the last frame of the shot before fade away over the first ``span`` frames of the next; a
    ``fade`` darkens the last ``span`` // 2 frames and brightens as many of the next; the first shot's fade comes out
    of the dark. Frames are uint8 arrays of one shape.
    """
    last: Any = None
    waiting: deque[Any] = deque()
    half = max(1, span // 2)
    for joining, frames in shots:
        if joining == "fade":
            for i, frame in enumerate(waiting):
                yield _dark(frame, (i + 1) / (len(waiting) + 1))
        else:
            yield from waiting
        waiting.clear()
        before = last
        for i, frame in enumerate(frames):
            if joining == "dissolve" and before is not None and i < span:
                frame = _mixed(before, frame, ease((i + 1) / (span + 1)))
            elif joining == "fade" and i < half:
                frame = _dark(frame, 1 - (i + 1) / (half + 1))
            waiting.append(frame)
            last = frame
            if len(waiting) > half:
                yield waiting.popleft()
    yield from waiting


def _mixed(one: Any, other: Any, amount: float) -> Any:
    import cv2

    return cv2.addWeighted(one, 1 - amount, other, amount, 0)


def _dark(frame: Any, amount: float) -> Any:
    import numpy as np

    ink = np.empty_like(frame)
    ink[:] = [round(part * 255) for part in named()["ink"]]
    return _mixed(frame, ink, ease(amount))
