"""A text-conditioned procedural generator: the painter's layers, each with a motion of its own, under a camera.

It understands the painter's words (:mod:`filmbench.adapters.local.painting.words`), moves of the camera, and a few
motions: water and clouds move always, rain and snow fall, boats and birds travel, fireflies wander, lamps and stars
flicker, a lighthouse turns. One word that it does not know makes the prompt ``unsupported``: a clip that lacks what was
asked for is no answer. The same request gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local import _camera as camera
from filmbench.adapters.local._speech import package_version
from filmbench.adapters.local.painter import OPENCV, SKIA
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

_MOTIONS = """
drift drifts drifting sail sails sailing roll rolls rolling move moves moving fall falls falling fly flies flying
sweep sweeps sweeping turn turns turning flicker flickers flickering twinkle twinkles twinkling glow glows wander
wanders wandering sway sways swaying pass passes passing painted paper cut cut-paper watercolour wash style
"""
MOTIONS = frozenset(_MOTIONS.split())


class Procedural(LocalEngine):
    """One clip a request."""

    spec = ProviderSpec(
        id="local/procedural",
        contracts=("video",),
        title="Procedural scenes",
        revision="1",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        params={
            "style": Param("str", "cut paper or watercolour", default="cut-paper", choices=("cut-paper", "wash")),
            "seed": Param("int", "another number makes another clip of the same words", default=0),
        },
        requires=(SKIA, OPENCV),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The libraries that put colour on pixels, and the encoder."""
        packages = ("skia-python", "numpy", "opencv-contrib-python-headless", "av")
        return {"engine": ", ".join(package_version(name) for name in packages)}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Make the clip. Raises :class:`Refusal` for words it does not know, or a size or length out of bounds."""
        from filmbench.adapters.local.painting import scene
        from filmbench.harness.media.write import write_video

        size, (frames, fps), text = asked.size(request), asked.timing(request), asked.prompt(request)
        if "image" in request.sample.inputs or "video" in request.sample.inputs:
            raise Refusal("takes words only, neither an image nor a video")
        brief = self._brief(camera.without_moves(text))
        larger = (round(size[0] * camera.MARGIN), round(size[1] * camera.MARGIN))
        style = "wash" if {"watercolour", "wash"} & set(text.lower().split()) else str(request.arm.params["style"])
        layers = scene.paint(brief, larger, asked.seed(request), style)
        made = brief.account()
        pictures = clip(layers, size, frames, fps, camera.move(text))
        return {
            "video": write_video(
                folder / "video.mp4",
                pictures,
                Fraction(fps).limit_denominator(1001),
                comment=f"{asked.MACHINE_MADE}; {made}",
            )
        }

    def _brief(self, text: str) -> Any:
        from filmbench.adapters.local.painting import words

        try:
            brief = words.read(text)
        except words.NotUnderstood as error:
            raise Refusal(str(error)) from None
        unknown = [word for word in brief.unknown if word not in MOTIONS]
        if unknown:
            known = ", ".join(sorted(words.vocabulary()))
            what, moves = ", ".join(unknown), ", ".join(camera.PHRASES)
            raise Refusal(f"does not understand {what}; it knows {known}; and the camera moves {moves}")
        return brief


def clip(layers: Sequence[Any], size: tuple[int, int], frames: int, fps: float, move: camera.Move) -> Iterator[Any]:
    """The frames (uint8 RGB) of ``layers`` that move under a moving camera."""
    import numpy as np

    planes = [(layer, _premultiplied(layer.rgba)) for layer in layers]
    for frame in range(frames):
        time, share = frame / fps, frame / max(frames - 1, 1)
        picture = np.zeros((size[1], size[0], 3), np.float32)
        across, up, zoom = move.at(share)
        for layer, plane in planes:
            shift, strength = _motion(layer.name, layer.depth, time, size[1] / 720)
            fixed = layer.name in ("vignette", "margin")
            near = 0.0 if fixed else 0.25 + 0.75 * (1 - layer.depth)
            offset = (shift[0] - across * size[0] * near, shift[1] + up * size[1] * near)
            scale = 1 / camera.MARGIN if fixed else 1 + (zoom - 1) * near
            here = camera.seen(_scrolled(layer.name, plane, time, size[1] / 720), size, offset, scale)
            alpha = here[..., 3:] * strength
            picture += here[..., :3] * strength - picture * alpha
        yield np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _premultiplied(rgba: Any) -> Any:
    import numpy as np

    plane = rgba.astype(np.float32)
    plane[..., 3] /= 255
    plane[..., :3] *= plane[..., 3:]
    return plane


def _motion(name: str, depth: float, time: float, unit: float) -> tuple[tuple[float, float], float]:
    """Where a layer is moved to at ``time`` (pixels), and how brightly it shines (0..1)."""
    near = 1 - depth
    if name.startswith("clouds"):
        return ((5 + 5 * int(name[-1])) * unit * time, 0.0), 1.0
    if name.startswith("wave"):
        phase = int(name.split()[1]) * 1.3
        sway = math.sin(1.1 * time + phase)
        return ((10 + 16 * near) * unit * sway, (2 + 6 * near) * unit * math.sin(1.6 * time + phase)), 1.0
    if name == "boats":
        return (14 * unit * time * (0.5 + near), 2.5 * unit * math.sin(1.7 * time + 9 * depth)), 1.0
    if name == "birds":
        return (38 * unit * time, -8 * unit * time + 4 * unit * math.sin(5 * time)), 1.0
    if name == "glitter":
        return (7 * unit * math.sin(2.3 * time + 20 * depth), 0.0), 0.65 + 0.35 * math.sin(3.1 * time + 40 * depth)
    if name == "stars":
        return (0.0, 0.0), 0.84 + 0.16 * math.sin(2.6 * time)
    if name == "fireflies":
        return (9 * unit * math.sin(1.1 * time), 12 * unit * math.sin(0.8 * time + 1)), 0.75 + 0.25 * math.sin(
            2.2 * time
        )
    if name in ("glow", "lamplight"):
        return (0.0, 0.0), 0.93 + 0.05 * math.sin(7.3 * time) + 0.02 * math.sin(17.9 * time)
    if name == "beam":
        return (0.0, 0.0), 0.30 + 0.70 * abs(math.cos(0.9 * time))
    if name.startswith("trees") or name == "grass" or name == "pines":
        return (1.6 * unit * near * math.sin(1.4 * time + 5 * depth), 0.0), 1.0
    if name in ("mist", "fog"):
        return (14 * unit * time * (0.4 + near), 0.0), 1.0
    return (0.0, 0.0), 1.0


def _scrolled(name: str, plane: Any, time: float, unit: float) -> Any:
    """Rain and snow fall by going round: what leaves below comes in above."""
    import numpy as np

    speed = {"rain": (150.0, 690.0), "snow": (18.0, 85.0)}.get(name)
    if speed is None:
        return plane
    return np.roll(plane, (round(speed[1] * unit * time), round(speed[0] * unit * time)), (0, 1))


PROVIDERS = (Procedural(),)
