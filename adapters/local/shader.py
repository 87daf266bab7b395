"""A renderer of landscapes: gradient noise, a lit sky, a mirroring sea, mountains by marching over a height field.

Where the painter draws shapes, this computes light: slope towards the sun, the sky in the water, air laid over
distance. It knows ``sky``, ``sea`` and ``hills`` (the painter's words for them, light, weather and mood) and nothing
that stands in them; any other place is ``unsupported``. It has no layers. Array arithmetic alone (numpy).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request


class Shader(LocalEngine):
    """One rendered view a request."""

    spec = ProviderSpec(
        id="local/shader",
        contracts=("background",),
        title="Landscape renderer",
        revision="1",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        params={"seed": Param("int", "another number gives another view of the same words", default=0)},
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What computes."""
        return {"engine": f"{package_version('numpy')}, {package_version('pillow')}"}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Render. Raises :class:`Refusal` for another place, or a size out of bounds."""
        from filmbench.adapters.local.painting import words
        from filmbench.adapters.local.shading import air, views

        size, colours, text = asked.size(request), asked.palette(request), asked.prompt(request)
        try:
            brief = words.read(text, views.PLACES)
        except words.NotUnderstood as error:
            raise Refusal(str(error)) from None
        seed = asked.seed(request)
        picture = views.frame(brief, air.stage(brief, colours, seed), size, seed)
        undrawn = ", ".join(sorted(brief.things - views.DRAWN))
        account = brief.account() + (f"; not drawn: {undrawn}" if undrawn else "")
        return {"image": asked.saved(picture, folder / "image.png", account)}


PROVIDERS = (Shader(),)
