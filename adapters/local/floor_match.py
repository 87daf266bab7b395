"""The floor of match cutting: a random order, the same for the same library and take."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from filmbench.adapters.local import _match as match
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec
from filmbench.harness.types import Request, digest


class FloorMatch(LocalEngine):
    """Looks at how many shots there are, no more."""

    spec = ProviderSpec(
        id="local/floor-match",
        contracts=("editing/match-cut",),
        title="Random order",
        revision="1",
        licence="the dataset's",
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the seed, which is the request's."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Shuffle all pairs."""
        shots = match.library(request)
        seed = [[shot.sha256 for shot in shots], request.take]
        pairs = combinations(range(len(shots)), 2)
        return match.written([(i, j, int(digest([seed, i, j])[:12], 16) / 16**12) for i, j in pairs], folder)


PROVIDERS = (FloorMatch(),)
