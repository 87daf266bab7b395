"""PySceneDetect: rules on how much two frames differ. Licence: BSD-3-Clause.

Its detectors are given the frames that filmbench reads, so that no file is opened by other code than for any engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _shots as shots
from filmbench.adapters.local import _speech as speech
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome, Request

WIDTH = 256
"""Wider films are made so small first, as the library's own scene manager does."""
DETECTORS = ("content", "adaptive", "threshold")


class PySceneDetect(LocalEngine):
    """One detector, with the library's own settings.

    ``content``: change of hue, saturation and brightness; ``adaptive``: the same against its running mean, which
    forgives camera moves; ``threshold``: fades through black only.
    """

    spec = ProviderSpec(
        id="local/pyscenedetect",
        contracts=("editing/shots",),
        title="PySceneDetect",
        revision="1",
        licence="BSD-3-Clause",
        params={
            "detector": Param("str", "which rule", default="content", choices=DETECTORS),
            "shortest": Param("int", "frames that a shot has at least", default=15),
        },
        requires=(
            Requirement("python", "scenedetect", "pip install --no-deps scenedetect"),
            Requirement("python", "cv2", "pip install 'filmbench[vision]'"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Versions of the library and of what it computes with."""
        names = ("scenedetect", "opencv-contrib-python-headless", "numpy")
        return {"engine": ", ".join(speech.package_version(name) for name in names)}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Find the shots. A film of one frame is one shot."""
        from scenedetect import FrameTimecode

        film, detector = shots.film(request, media), _detector(request)
        cuts: list[int] = []
        count = 0
        try:
            width, height = film.first_size
            size = (WIDTH, max(1, round(height * WIDTH / width))) if width > WIDTH else None
            rate = film.nominal_fps
            for frame in film.frames(size):
                found = detector.process_frame(FrameTimecode(frame.index, fps=rate), frame.rgb[..., ::-1].copy())
                cuts += [cut.frame_num for cut in found]
                count += 1
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from None
        cuts += [cut.frame_num for cut in detector.post_process(FrameTimecode(count - 1, fps=rate))]
        return shots.written(shots.from_cuts(cuts, count), folder)


def _detector(request: Request) -> Any:
    from scenedetect import detectors

    shortest = int(request.arm.params["shortest"])
    if shortest < 1:
        raise Refusal(f"a shot of {shortest} frames is none", Outcome.INVALID)
    kinds = {
        "content": detectors.ContentDetector,
        "adaptive": detectors.AdaptiveDetector,
        "threshold": detectors.ThresholdDetector,
    }
    return kinds[str(request.arm.params["detector"])](min_scene_len=shortest)


PROVIDERS = (PySceneDetect(),)
