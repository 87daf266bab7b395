"""The truth of match cutting as a row of the table: the labelled pairs before all others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from filmbench.adapters.local import _match as match
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Outcome, Request


class ReferenceMatch(LocalEngine):
    """Scores a labelled pair 1 and any other 0. A library without labels is ``unsupported``."""

    spec = ProviderSpec(
        id="local/reference-match",
        contracts=("editing/match-cut",),
        title="Labelled pairs",
        revision="1",
        licence="the dataset's",
        role="reference",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the labels decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Write the labels as a ranking. Raises :class:`Refusal` where there are none, or they cannot be read."""
        count = len(match.library(request))
        labels = request.sample.references.get("pairs")
        if not isinstance(labels, Artifact):
            raise Refusal("no reference")
        try:
            true = {tuple(sorted((int(i), int(j)))) for i, j in json.loads(media.path(labels).read_text("utf-8"))}
        except (ValueError, TypeError):
            raise Refusal("the labelled pairs are not a list of pairs", Outcome.INVALID) from None
        return match.written([(*pair, float(pair in true)) for pair in combinations(range(count), 2)], folder)


PROVIDERS = (ReferenceMatch(),)
