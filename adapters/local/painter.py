"""A procedural painter: scenes in layers, as cut paper or as a watercolour wash.

It reads a closed vocabulary (see :mod:`filmbench.adapters.local.painting.words`): six kinds of place, five hours of
light, weather, mood and things that stand in a scene. A prompt without a known place is ``unsupported``. Words that
it does not know are left out of the picture and written into the PNG's comment. The same request gives the same
bytes. Licence: Apache-2.0 (this project); drawing by skia-python (BSD-3-Clause).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Request

VISION = "pip install 'filmbench[vision]'"
SKIA = Requirement("python", "skia", VISION)
OPENCV = Requirement("python", "cv2", VISION)


class Painter(LocalEngine):
    """One scene a request: the picture and its layers, which give the picture again when laid over one another."""

    spec = ProviderSpec(
        id="local/painter",
        contracts=("background",),
        title="Procedural painter",
        revision="1",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        params={
            "style": Param("str", "cut paper or watercolour", default="cut-paper", choices=("cut-paper", "wash")),
            "seed": Param("int", "another number paints another picture of the same words", default=0),
        },
        requires=(SKIA, OPENCV),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The libraries that put colour on pixels."""
        packages = ("skia-python", "numpy", "opencv-contrib-python-headless", "pillow")
        return {"engine": ", ".join(package_version(name) for name in packages)}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made | list[Made]]:
        """Paint. Raises :class:`Refusal` for a place it does not know or a size out of bounds."""
        from filmbench.adapters.local.painting import scene, styles, words

        size, colours, text = asked.size(request), asked.palette(request), asked.prompt(request)
        try:
            brief = words.read(text)
        except words.NotUnderstood as error:
            raise Refusal(str(error)) from None
        layers = scene.paint(brief, size, asked.seed(request), str(request.arm.params["style"]), colours)
        planes = [
            asked.saved(layer.rgba, folder / f"layer-{number:02d}.png", f"{layer.name}; depth {layer.depth:.3f}")
            for number, layer in enumerate(layers)
        ]
        whole = asked.saved(styles.flatten(layers), folder / "image.png", brief.account())
        return {"image": whole, "layers": planes}


PROVIDERS = (Painter(),)
