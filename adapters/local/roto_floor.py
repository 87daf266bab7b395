"""Mattes that look at nothing: what a rotoscoping measure gives for no work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _pictures as pictures
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request


class RotoFloor(LocalEngine):
    """One still matte for the whole shot: all of the picture, or the first frame's mask."""

    spec = ProviderSpec(
        id="local/roto-floor",
        contracts=("editing/roto",),
        title="Still matte",
        revision="1",
        licence="the dataset's",
        params={
            "matte": Param("str", "what is kept", default="first_mask", choices=("first_mask", "everything")),
        },
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the source decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The same matte for every frame."""
        import numpy as np

        source = pictures.shot(request, media)
        if request.arm.params["matte"] == "everything":
            matte = np.full((source.size[1], source.size[0]), 255, np.uint8)
        elif (kept := pictures.mask(request, media, "first_mask", source.size)) is not None:
            matte = kept.astype(np.uint8) * 255
        else:
            raise Refusal("the shot has no first_mask to keep")
        return pictures.made("matte", (matte for _ in range(source.facts.frames)), source, folder)


PROVIDERS = (RotoFloor(),)
