"""The source handed back as it came: the floor of every stage that changes something.

What it scores is what doing nothing is worth, and on some measures nothing does better: it keeps every
background and moves no face.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local._files import copied
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Request

HANDED_BACK = {
    "dubbing": ("source", ("dubbed",)),
    "editing/removal": ("video", ("video",)),
    "editing/denoise-picture": ("video", ("video",)),
    "editing/denoise-sound": ("sound", ("sound",)),
    "editing/colour": ("video", ("video",)),
    "editing/cut": ("source", ("cut",)),
    "editing/prompt": ("video", ("video",)),
    "editing/cg-character": ("video", ("video", "plate")),
}
"""For each contract: which input is handed back as which outputs."""


class Untouched(LocalEngine):
    """Copies the input, byte for byte."""

    spec = ProviderSpec(
        id="local/untouched",
        contracts=tuple(HANDED_BACK),
        title="Untouched source",
        revision="1",
        licence="the dataset's",
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the source decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Copy the source."""
        given, wanted = HANDED_BACK[request.contract]
        source = request.sample.inputs.get(given)
        if not isinstance(source, Artifact):
            raise Refusal(f"the sample holds no {given}")
        return {role: copied(source, role, media, folder) for role in wanted}


PROVIDERS = (Untouched(),)
