"""FFmpeg's picture denoisers: hqdn3d, nlmeans and bm3d.

- ``hqdn3d``: recursive low passes in space and time, on luma and chroma apart; the cheapest by far.
- ``nlmeans``: non-local means (Buades, Coll and Morel, CVPR 2005), frame by frame.
- ``bm3d``: block matching and collaborative filtering (Dabov et al., IEEE TIP 16(8), 2007), its first step, frame by
  frame.

``strength`` is the standard deviation of the noise that is expected, in levels of 0..255. How each filter's own options
follow from it was chosen by PSNR on photographs that no dataset of denoising holds (scikit-image's rocket, gravel and
camera, panned, under sensor noise and grain of 16 levels), not on the benchmark's samples. These are drawn by the same
program, though, so noise of that kind is what the filters are set for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _ffmpeg as ffmpeg
from filmbench.adapters.local import _pictures as pictures
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request

FILTERS = ("hqdn3d", "nlmeans", "bm3d")
SMALLEST = 16
"""The least side in pixels that the filters' blocks leave anything of."""
BM3D_SCALE = 64
"""FFmpeg's transforms are not normalised: with its sigma at the noise's own, groups of 8×8 blocks pass unchanged."""


class FfmpegDenoise(LocalEngine):
    """One filter an arm; the same shot and strength give the same frames."""

    spec = ProviderSpec(
        id="local/ffmpeg-denoise",
        contracts=("editing/denoise-picture",),
        title="FFmpeg's picture denoisers",
        revision="2",
        licence="GPL-3.0 (FFmpeg as packaged, a program)",
        params={
            "filter": Param("str", "which one", default="hqdn3d", choices=FILTERS),
            "strength": Param("float", "standard deviation of the noise, in levels of 0..255", default=16.0),
        },
        requires=ffmpeg.NEEDS,
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The program's version."""
        return {"engine": ffmpeg.program_version()}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Filter every frame."""
        source = pictures.shot(request, media)
        strength = float(request.arm.params["strength"])
        if not 0 < strength <= 100:
            raise Refusal("strength lies above 0 and up to 100")
        if min(source.size) < SMALLEST:
            raise Refusal(f"{source.size[0]}×{source.size[1]} pixels are too few to filter", Outcome.INVALID)
        graph = _graph(str(request.arm.params["filter"]), strength)
        frames = ffmpeg.filtered_frames(source.pictures(), source.size, source.facts.fps, graph)
        return pictures.made("video", frames, source, folder, sound=True)


def _graph(name: str, strength: float) -> list[tuple[str, dict[str, Any]]]:
    """The filters with their options, in the pixel format that keeps most."""
    planes = ("format", {"pix_fmts": "yuv444p"})
    match name:
        case "hqdn3d":
            return [planes, ("hqdn3d", {"luma_spatial": 1.5 * strength, "luma_tmp": 1.5 * strength})]
        case "nlmeans":
            return [
                ("format", {"pix_fmts": "gbrp"}),
                ("nlmeans", {"s": min(30.0, max(1.0, 0.625 * strength)), "p": 5, "r": 9}),
            ]
        case _:
            blocks = {"block": 8, "bstep": 4, "group": 8, "range": 8, "mstep": 2, "estim": "basic", "planes": 7}
            return [("format", {"pix_fmts": "gbrp"}), ("bm3d", {"sigma": BM3D_SCALE * strength, **blocks})]


PROVIDERS = (FfmpegDenoise(),)
