"""What painting needs: layers to paint on, brushes, and noise that a seed repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from filmbench.adapters.local.painting.colours import Colour

Kind = Literal["sky", "sheet", "light"]
"""``sky`` fills the picture, a ``sheet`` is cut out and throws a shadow, ``light`` is glow, haze or weather."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One plane of a picture. ``depth`` is 0 at the lens and 1 at the sky; ``rgba`` uint8, not premultiplied."""

    name: str
    depth: float
    kind: Kind
    rgba: Any


class Easel:
    """A picture in the making. ``unit`` is a pixel of a picture 720 high; layers are kept from back to front."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        import numpy as np

        self.width, self.height = width, height
        self.unit = height / 720
        self.rng = np.random.default_rng(seed)
        self.layers: list[Layer] = []

    @contextmanager
    def layer(self, name: str, depth: float, kind: Kind = "sheet") -> Iterator[Any]:
        """A canvas for one layer, the origin at its top left; the layer is kept when the block ends."""
        import numpy as np
        import skia

        pixels = np.zeros((self.height, self.width, 4), np.uint8)
        surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        yield surface.getCanvas()
        surface.flushAndSubmit()
        self.layers.append(Layer(name, depth, kind, straight(pixels)))

    def add(self, name: str, depth: float, colour: Colour, alpha: Any, kind: Kind = "light") -> None:
        """A layer of one colour whose opacity is ``alpha``: float, shape (height, width), 0..1."""
        import numpy as np

        rgba = np.empty((self.height, self.width, 4), np.uint8)
        rgba[..., :3] = np.rint(np.array(colour) * 255)
        rgba[..., 3] = np.rint(np.clip(alpha, 0, 1) * 255)
        self.layers.append(Layer(name, depth, kind, rgba))

    def between(self, low: float, high: float) -> float:
        """A random number."""
        return float(self.rng.uniform(low, high))

    def clouds(self, across: float, octaves: int = 5) -> Any:
        """Fractal noise in 0..1, shape (height, width), ``across`` features of the coarsest octave wide."""
        return fractal(self.rng, self.width, self.height, across, octaves)

    def ridge(self, hills: float, octaves: int = 5, roughness: float = 0.5) -> Any:
        """A skyline: float, shape (width,), about -1..1, with ``hills`` main hills across the picture."""
        import numpy as np

        x = np.arange(self.width) / self.width
        line = np.zeros(self.width)
        for octave in range(octaves):
            phase, skew = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(0.8, 1.2)
            line += roughness**octave * np.sin(2 * np.pi * hills * 2**octave * skew * x + phase)
        return line / sum(roughness**octave for octave in range(octaves))


def straight(premultiplied: Any) -> Any:
    """RGBA with colour divided by opacity, uint8."""
    import numpy as np

    alpha = premultiplied[..., 3:].astype(np.float32)
    colour = premultiplied[..., :3] * 255.0 / np.maximum(alpha, 1)
    return np.concatenate([np.clip(np.rint(colour), 0, 255).astype(np.uint8), premultiplied[..., 3:]], axis=2)


def fractal(rng: Any, width: int, height: int, across: float, octaves: int = 5) -> Any:
    """Value noise summed over octaves, stretched to 0..1, float32, shape (height, width)."""
    import cv2
    import numpy as np

    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        columns = max(2, round(across * 2**octave))
        rows = max(2, round(columns * height / width))
        if columns > width:
            break
        grid = rng.random((rows + 1, columns + 1), dtype=np.float32)
        total += 0.5**octave * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def flat(colour: Colour, alpha: float = 1.0) -> Any:
    """A brush of one colour."""
    import skia

    return skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*colour, alpha))


def down(top: float, bottom: float, colours: Sequence[Colour], alphas: Sequence[float] = ()) -> Any:
    """A brush that runs from ``top`` to ``bottom`` through ``colours``."""
    import skia

    stops = [skia.Color4f(*c, a).toColor() for c, a in zip(colours, alphas or [1.0] * len(colours), strict=True)]
    shader = skia.GradientShader.MakeLinear(points=[(0, top), (0, bottom)], colors=stops)
    return skia.Paint(AntiAlias=True, Shader=shader, Dither=True)


def glow(x: float, y: float, radius: float, colour: Colour, strength: float) -> Any:
    """A brush of light that fades with distance."""
    import skia

    shares = (1.0, 0.42, 0.14, 0.0)
    stops = [skia.Color4f(*colour, strength * share).toColor() for share in shares]
    shader = skia.GradientShader.MakeRadial(center=(x, y), radius=radius, colors=stops, positions=[0, 0.25, 0.55, 1])
    return skia.Paint(AntiAlias=True, Shader=shader, Dither=True)


def stroke(colour: Colour, width: float, alpha: float = 1.0) -> Any:
    """A pen with round ends."""
    import skia

    return skia.Paint(
        AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join, Color4f=skia.Color4f(*colour, alpha),
    )  # fmt: skip


def shape(points: Sequence[tuple[float, float]]) -> Any:
    """A closed path through ``points``."""
    import skia

    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], True)
    return path


def below(line: Any, bottom: float, step: int = 2) -> Any:
    """The area under a skyline given as y for each x."""
    xs = [*range(0, len(line), step), len(line) - 1]
    return shape(
        [(-4, bottom), (-4, line[0]), *((x, line[x]) for x in xs), (len(line) + 4, line[-1]), (len(line) + 4, bottom)]
    )
