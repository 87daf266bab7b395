"""Backgrounds that show nothing: one flat colour, and noise. Any picture should beat them where a picture matters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec
from filmbench.harness.types import Request


class FloorBackground(LocalEngine):
    """Of the size asked for, of nothing else that was asked."""

    spec = ProviderSpec(
        id="local/floor-background",
        contracts=("background",),
        title="No background",
        revision="1",
        licence="Apache-2.0",
        params={"fill": Param("str", "one grey, or coloured noise", default="flat", choices=("flat", "noise"))},
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What draws the random numbers."""
        return {"engine": package_version("numpy")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Fill a picture."""
        import numpy as np

        width, height = asked.size(request)
        asked.prompt(request)
        if request.arm.params["fill"] == "flat":
            pixels = np.full((height, width, 3), 128, np.uint8)
        else:
            pixels = np.random.default_rng(asked.seed(request)).integers(0, 256, (height, width, 3), np.uint8)
        return {"image": asked.saved(pixels, folder / "image.png", "")}


PROVIDERS = (FloorBackground(),)
