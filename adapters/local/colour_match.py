"""Colour matching: the shot gets the look's colours by one transform for the whole shot, so that it cannot flicker.

- ``reinhard``: mean and spread of each channel of CIELAB (after Reinhard et al., IEEE CG&A 21(5), 2001, in lαβ).
- ``histogram``: each of red, green and blue is given the look's histogram (scikit-image).
- ``transport``: the linear optimal transport between both as normal distributions in RGB (Pitié and Kokaram, "The
  linear Monge-Kantorovitch linear colour mapping", CVMP 2007): means and covariances then agree.

Statistics come from up to 12 frames of each film. sRGB in, sRGB out; what leaves the gamut is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Requirement
from filmbench.harness.types import Request

MOST_FRAMES = 12
LEAST_SPREAD = 1e-6


class ColourMatch(LocalEngine):
    """One method an arm."""

    spec = ProviderSpec(
        id="local/colour-match",
        contracts=("editing/colour",),
        title="Colour matching by statistics",
        revision="1",
        licence="BSD-3-Clause (scikit-image)",
        params={
            "method": Param(
                "str", "what is matched", default="reinhard", choices=("reinhard", "histogram", "transport")
            )
        },
        requires=(pictures.OPENCV, Requirement("python", "skimage", "pip install 'filmbench[vision]'")),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of what counts and solves."""
        return {"engine": f"{package_version('scikit-image')}, {package_version('numpy')}"}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Grade every frame."""
        source, look = pictures.shot(request, media), pictures.shot(request, media, "look")
        transform = METHODS[str(request.arm.params["method"])](_colours(source), _colours(look))
        return pictures.made("video", map(transform, source.pictures()), source, folder, sound=True)


def _colours(film: pictures.Shot) -> Any:
    """The colours of up to 12 frames spread over the film: uint8, (n, 3)."""
    import numpy as np

    count = film.facts.frames
    chosen = set(np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int).tolist())
    return np.concatenate([rgb.reshape(-1, 3) for index, rgb in enumerate(film.pictures()) if index in chosen])


Transform = Callable[[Any], Any]


def _reinhard(shot: Any, look: Any) -> Transform:
    import numpy as np
    from skimage.color import lab2rgb

    (mean, spread), (wanted, wide) = ((lab.mean(axis=0), lab.std(axis=0)) for lab in (_lab(shot), _lab(look)))
    scale = wide / np.maximum(spread, LEAST_SPREAD)

    def transform(rgb: Any) -> Any:
        return _levels(lab2rgb((_lab(rgb) - mean) * scale + wanted) * 255)

    return transform


def _lab(rgb: Any) -> Any:
    from skimage.color import rgb2lab

    return rgb2lab(rgb)


def _histogram(shot: Any, look: Any) -> Transform:
    import numpy as np
    from skimage.exposure import match_histograms

    matched = match_histograms(shot, look, channel_axis=-1)
    tables = []
    for channel in range(3):
        levels, first = np.unique(shot[:, channel], return_index=True)
        tables.append(_levels(np.interp(np.arange(256), levels, matched[first, channel].astype(np.float64))))

    def transform(rgb: Any) -> Any:
        return np.stack([table[rgb[..., channel]] for channel, table in enumerate(tables)], axis=-1)

    return transform


def _transport(shot: Any, look: Any) -> Transform:
    import numpy as np

    (mean, covariance), (wanted, wide) = (_moments(colours) for colours in (shot, look))
    root, inverse = _root(covariance), np.linalg.inv(_root(covariance))
    matrix = inverse @ _root(root @ wide @ root) @ inverse

    def transform(rgb: Any) -> Any:
        return _levels((rgb.astype(np.float64) - mean) @ matrix.T + wanted)

    return transform


def _moments(colours: Any) -> tuple[Any, Any]:
    """Mean (3,) and covariance (3, 3), kept from being singular."""
    import numpy as np

    values = colours.astype(np.float64)
    return values.mean(axis=0), np.cov(values.T) + LEAST_SPREAD * np.eye(3)


def _root(matrix: Any) -> Any:
    """The symmetric square root of a symmetric matrix that is not negative."""
    import numpy as np

    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T


def _levels(values: Any) -> Any:
    import numpy as np

    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


METHODS: Mapping[str, Callable[[Any, Any], Transform]] = {
    "reinhard": _reinhard,
    "histogram": _histogram,
    "transport": _transport,
}
PROVIDERS = (ColourMatch(),)
