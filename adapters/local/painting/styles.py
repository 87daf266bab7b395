"""Two ways to finish a scene: cut paper with shadows and fibre, or a watercolour wash on rough paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from filmbench.adapters.local.painting.easel import Layer, fractal


def cut_paper(layers: Sequence[Layer], seed: int) -> list[Layer]:
    """Each sheet gets the fibre of its own paper, a lit upper edge and a soft shadow on what lies behind it."""
    import numpy as np

    rng = np.random.default_rng([seed, 1])
    height, width = layers[0].rgba.shape[:2]
    fibre = _fibre(rng, width, height)
    finished = []
    for number, layer in enumerate(layers):
        if layer.kind == "light":
            finished.append(layer)
            continue
        sheet = np.roll(fibre, (number * 97, number * 61), (0, 1))
        strength = 0.030 if layer.kind == "sky" else 0.048
        rgba = _toned(layer.rgba, 1 + strength * sheet)
        finished.append(replace(layer, rgba=_cut(rgba, height / 720) if layer.kind == "sheet" else rgba))
    return [*finished, _vignette(width, height, 0.42)]


def wash(layers: Sequence[Layer], seed: int) -> list[Layer]:
    """Each shape bleeds at its edge, its pigment pools there and settles unevenly in the paper's grain."""
    import numpy as np

    rng = np.random.default_rng([seed, 2])
    height, width = layers[0].rgba.shape[:2]
    grain = _fibre(rng, width, height)
    finished = []
    for layer in layers:
        blotches = fractal(rng, width, height, 5, 4) * 2 - 1
        if layer.kind == "light":
            finished.append(layer)
        elif layer.kind == "sky":
            rgba = _toned(_paled(layer.rgba, 0.20 + 0.10 * blotches), 1 + 0.05 * blotches + 0.030 * grain)
            finished.append(replace(layer, rgba=rgba))
        else:
            finished.append(replace(layer, rgba=_bled(layer.rgba, rng, blotches, grain, height / 720)))
    return [*finished, _margin(rng, width, height)]


STYLES: Mapping[str, Callable[[Sequence[Layer], int], list[Layer]]] = {"cut-paper": cut_paper, "wash": wash}


def flatten(layers: Sequence[Layer]) -> Any:
    """All layers over one another, back to front: uint8, shape (height, width, 3)."""
    import numpy as np

    picture = np.zeros((*layers[0].rgba.shape[:2], 3), np.float32)
    for layer in layers:
        alpha = layer.rgba[..., 3:].astype(np.float32) / 255
        picture += (layer.rgba[..., :3] - picture) * alpha
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _fibre(rng: Any, width: int, height: int) -> Any:
    """The tooth of paper, about -1..1."""
    import cv2
    import numpy as np

    noise = rng.standard_normal((height, width)).astype(np.float32)
    scale = max(height / 720, 0.35)
    soft = cv2.GaussianBlur(noise, (0, 0), 0.8 * scale)
    fleck = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 2.6 * scale)
    return np.clip(0.6 * soft / soft.std() + 0.5 * fleck / fleck.std(), -2.5, 2.5) * 0.6


def _toned(rgba: Any, gain: Any) -> Any:
    import numpy as np

    colour = np.clip(rgba[..., :3] * gain[..., None], 0, 255)
    return np.concatenate([np.rint(colour).astype(np.uint8), rgba[..., 3:]], axis=2)


def _paled(rgba: Any, amount: Any) -> Any:
    """Towards the white of the paper."""
    import numpy as np

    colour = rgba[..., :3] + (np.array((250, 246, 236), np.float32) - rgba[..., :3]) * np.clip(amount, 0, 1)[..., None]
    return np.concatenate([np.rint(colour).astype(np.uint8), rgba[..., 3:]], axis=2)


def _cut(rgba: Any, unit: float) -> Any:
    """The sheet over its own shadow, its upper edge catching the light."""
    import cv2
    import numpy as np

    alpha = rgba[..., 3].astype(np.float32) / 255
    lift = max(1, round(1.6 * unit))
    edge = np.clip(alpha - np.roll(alpha, lift, 0), 0, 1)
    edge[:lift] = 0
    colour = rgba[..., :3].astype(np.float32) + edge[..., None] * 26
    shadow = cv2.GaussianBlur(np.roll(alpha, round(-2 * unit), 0), (0, 0), max(0.6, 7 * unit)) * 0.46
    whole = alpha + shadow * (1 - alpha)
    mixed = (
        colour * alpha[..., None] + np.array((6, 9, 18), np.float32) * (shadow * (1 - alpha))[..., None]
    ) / np.maximum(whole, 1e-4)[..., None]
    return np.dstack([np.clip(np.rint(mixed), 0, 255), np.rint(whole * 255)]).astype(np.uint8)


def _bled(rgba: Any, rng: Any, blotches: Any, grain: Any, unit: float) -> Any:
    """The shape with a wandering edge, darker where the pigment pooled, paler in the middle."""
    import cv2
    import numpy as np

    height, width = rgba.shape[:2]
    shift = [((fractal(rng, width, height, 60, 3) - 0.5) * 9 * unit).astype(np.float32) for _ in range(2)]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    moved = cv2.remap(premultiplied, x + shift[0], y + shift[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = moved[..., 3] / 255
    colour = moved[..., :3] / np.maximum(alpha, 1e-3)[..., None]
    pool = np.clip(alpha - cv2.GaussianBlur(alpha, (0, 0), 4.5 * unit), 0, 1)
    density = 1 - 0.55 * pool + 0.11 * blotches + 0.055 * grain
    colour = (
        colour
        + (np.array((250, 246, 236), np.float32) - colour)
        * np.clip(0.10 + 0.16 * blotches - 0.5 * pool, 0, 0.5)[..., None]
    )
    opacity = alpha * np.clip(0.90 + 0.06 * blotches + 0.5 * pool, 0, 1)
    return np.dstack([np.clip(np.rint(colour * density[..., None]), 0, 255), np.rint(opacity * 255)]).astype(np.uint8)


def _vignette(width: int, height: int, strength: float) -> Layer:
    import numpy as np

    y, x = np.mgrid[-1 : 1 : complex(0, height), -1 : 1 : complex(0, width)]
    distance = np.sqrt((x * x * 0.85 + y * y) / 1.85)
    alpha = strength * np.clip((distance - 0.45) / 0.55, 0, 1) ** 1.8
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3] = (5, 8, 18)
    rgba[..., 3] = np.rint(alpha * 255)
    return Layer("vignette", 0.0, "light", rgba)


def _margin(rng: Any, width: int, height: int) -> Layer:
    """The bare paper around a wash, its inner edge uneven."""
    import numpy as np

    border = 0.028 * height
    y, x = np.mgrid[0:height, 0:width]
    distance = np.minimum.reduce([x, y, width - 1 - x, height - 1 - y]).astype(np.float32)
    ragged = distance + (fractal(rng, width, height, 40, 4) - 0.5) * border * 0.9
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = (248, 244, 234)
    rgba[..., 3] = np.rint(np.clip((border - ragged) / max(1.0, 2 * height / 720) + 0.5, 0, 1) * 255)
    return Layer("margin", 0.0, "light", rgba)
