"""The floor of shot detection: no cut at all, or one every so often. Only the film's length is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _shots as shots
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request

SECONDS = 2.0


class FloorShots(LocalEngine):
    """One shot, or shots of two seconds."""

    spec = ProviderSpec(
        id="local/floor-shots",
        contracts=("editing/shots",),
        title="Cuts without looking",
        revision="1",
        licence="the dataset's",
        params={"cuts": Param("str", "where", default="none", choices=("none", "even"))},
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but arithmetic."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """The shots."""
        try:
            facts = shots.film(request, media).facts
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from None
        step = max(1, round(SECONDS * facts.fps))
        cuts = range(step, facts.frames, step) if request.arm.params["cuts"] == "even" else ()
        return shots.written(shots.from_cuts([*cuts], facts.frames), folder)


PROVIDERS = (FloorShots(),)
