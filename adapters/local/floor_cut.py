"""The floor of text-based cutting: each word gets as much time as any other, and cuts are hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from filmbench.adapters import _cutting as cutting
from filmbench.adapters._script import Spoken
from filmbench.harness.protocols import Param, ProviderSpec, Requirement


class FloorCut(cutting.Cutter):
    """Listens to nothing but the length of the recording."""

    spec = ProviderSpec(
        id="local/floor-cut",
        contracts=("editing/cut",),
        title="Evenly spread cuts",
        revision="1",
        licence="the dataset's",
        params={name: Param(param.type, param.meaning, default=0.0) for name, param in cutting.PARAMS.items()},
        requires=(Requirement("python", "opentimelineio", "pip install 'filmbench[vision]'"),),
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but arithmetic."""
        return {}

    def times(self, samples: Any, script: Sequence[str]) -> list[Spoken]:
        """One share of the recording a word."""
        share = len(samples) / cutting.RATE / len(script)
        return [Spoken(index * share, (index + 1) * share) for index in range(len(script))]


PROVIDERS = (FloorCut(),)
