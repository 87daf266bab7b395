"""Open weights through ``diffusers``: Stable Video Diffusion (a picture set in motion) and Mochi 1 (words to a clip).

Both are far larger than all else here, so the user brings them: a folder in the form of ``diffusers`` below
``FILMBENCH_WEIGHTS``, with the sha256 of every file in its ``SHA256SUMS`` (:func:`filmbench.harness.models.brought`).
Nothing is downloaded, only safetensors are read, no code comes with the weights. Weights beyond ``MOST_CPU_BYTES`` need
a CUDA device: without one the request is ``unsupported``, since a clip would take hours.

Sources: Blattmann et al., "Stable Video Diffusion", 2023, https://arxiv.org/abs/2311.15127 (14 or 25 frames, trained at
1024×576); Genmo, Mochi 1, 2024, https://github.com/genmoai/mochi (30 frames a second, up to 163 frames of 848×480).
"""

from __future__ import annotations

import json
import math
from abc import abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local import _speech as speech
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome, Request

MOST_CPU_BYTES = 2 * 10**9
MOST_PIXELS = 1024 * 576
_PACKAGES = ("diffusers", "torch", "transformers", "av")


class Diffusion(LocalEngine):
    """One pipeline of ``diffusers`` and the user's weights for it. A subclass says what it is called with."""

    pipeline: str
    weights: str
    grid: int
    """Sides are multiples of it: a size that is none is made larger and cut."""
    least_steps = 1

    @abstractmethod
    def frames(self, request: Request, media: Media, size: tuple[int, int], count: int, fps: float) -> Any:
        """``count`` frames or more of ``size`` at ``fps``: floats 0..1, shape (n, height, width, 3)."""

    def identity(self) -> Mapping[str, str]:
        """The code, and the user's weights by the pins of all their files."""
        engine = ", ".join(speech.package_version(name) for name in _PACKAGES)
        return {"engine": engine, "weights": models.brought_sha256(self.weights)}

    def load(self) -> None:
        """Verify the weights and bring the pipeline into memory, on the GPU where there is one."""
        _ = self._loaded

    @cached_property
    def _loaded(self) -> Any:
        import diffusers
        import torch
        import transformers

        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.disable_progress_bar()
        folder = models.brought(self.weights)
        held = json.loads((folder / "model_index.json").read_text(encoding="utf-8")).get("_class_name")
        if held != self.pipeline:
            raise models.ModelUnavailable(f"{folder} holds a {held}, not a {self.pipeline}")
        cuda = torch.cuda.is_available()
        size = sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
        if not cuda and size > MOST_CPU_BYTES:
            raise models.ModelUnavailable(f"{self.spec.title} needs a CUDA device: its weights are {size / 1e9:.0f} GB")
        pipe = getattr(diffusers, self.pipeline).from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            torch_dtype=torch.bfloat16 if cuda else torch.float32,
        )
        pipe.set_progress_bar_config(disable=True)
        return pipe.to("cuda" if cuda else "cpu")

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Make the clip. Raises :class:`Refusal` for what the model cannot make, or where it cannot be loaded."""
        from filmbench.harness.media.write import write_video

        size, (count, fps) = asked.size(request), asked.timing(request)
        if int(request.arm.params["steps"]) < self.least_steps:
            steps = "step" if self.least_steps == 1 else "steps"
            raise Refusal(f"{self.spec.id} takes at least {self.least_steps} denoising {steps}", Outcome.INVALID)
        if size[0] * size[1] > MOST_PIXELS:
            raise Refusal(f"{self.spec.id} makes at most {MOST_PIXELS:,} pixels, not {size[0]}x{size[1]}")
        larger = tuple(math.ceil(side / self.grid) * self.grid for side in size)
        try:
            made = self.frames(request, media, (larger[0], larger[1]), count, fps)
        except models.ModelUnavailable as error:
            raise Refusal(str(error)) from None
        pictures = (made[:count, : size[1], : size[0]] * 255).round().astype("uint8")
        rate = Fraction(fps).limit_denominator(1001)
        return {"video": write_video(folder / "video.mp4", pictures, rate, comment=asked.MACHINE_MADE)}

    def run(self, request: Request, **arguments: Any) -> Any:
        """Call the pipeline with the request's seed: the same request gives the same clip on the same machine."""
        import torch

        generator = torch.Generator("cpu").manual_seed(asked.seed(request))
        steps = int(request.arm.params["steps"])
        return self._loaded(num_inference_steps=steps, generator=generator, output_type="np", **arguments).frames[0]


def _spec(id: str, title: str, licence: str, weights: str, steps: int) -> ProviderSpec:
    hint = "pip install 'filmbench[diffusion]'"
    sums = f"$FILMBENCH_WEIGHTS/{weights}/{models.SUMS}"
    return ProviderSpec(
        id=id,
        contracts=("video",),
        title=title,
        revision="1",
        licence=licence,
        params={
            "steps": Param("int", "how many denoising steps", default=steps),
            "seed": Param("int", "another number makes another clip of the same request", default=0),
        },
        requires=(
            Requirement("python", "diffusers", hint),
            Requirement("python", "transformers", hint),
            Requirement("python", "torch", "pip install 'filmbench[speech]'"),
            Requirement("file", sums, "put the weights there in diffusers' form and name every file's sha256 in it"),
        ),
        local=True,
        verified="tiny random model of the same classes",
    )


class StableVideo(Diffusion):
    """A picture set in motion. The words are not read: the model takes none."""

    pipeline, weights, grid = "StableVideoDiffusionPipeline", "stable-video-diffusion", 64
    spec = _spec(
        "local/stable-video-diffusion",
        "Stable Video Diffusion XT",
        "Stability AI Community License (weights)",
        weights,
        25,
    )
    most_frames = 25
    rates = (3, 30)
    """Frames a second that the model was told of in training."""

    def frames(self, request: Request, media: Media, size: tuple[int, int], count: int, fps: float) -> Any:
        """As many frames as asked, all at once."""
        from PIL import Image

        if count > self.most_frames:
            raise Refusal(f"{self.spec.id} makes at most {self.most_frames} frames, not {count}")
        picture = asked.picture(request, media, size)
        if picture is None:
            raise Refusal("needs a picture to set in motion")
        return self.run(
            request,
            image=Image.fromarray(picture),
            width=size[0],
            height=size[1],
            num_frames=count,
            fps=round(min(max(fps, self.rates[0]), self.rates[1])),
            decode_chunk_size=4,
        )


class Mochi(Diffusion):
    """Words to a clip of 30 frames a second, of which as many are kept as were asked for."""

    pipeline, weights, grid = "MochiPipeline", "mochi-1", 16
    spec = _spec("local/mochi-1", "Mochi 1", "Apache-2.0", weights, 64)
    least_steps = 2
    native_fps = 30.0
    most_frames = 163

    def frames(self, request: Request, media: Media, size: tuple[int, int], count: int, fps: float) -> Any:
        """The model makes one frame and then six at a time; each frame asked for is the one nearest in time."""
        import numpy as np

        for role in ("image", "video"):
            if role in request.sample.inputs:
                raise Refusal(f"{self.spec.id} takes no {role}: it starts from words alone")
        at = np.rint(np.arange(count) / fps * self.native_fps).astype(int)
        needed = 6 * math.ceil(int(at[-1]) / 6) + 1
        if needed > self.most_frames:
            raise Refusal(f"{self.spec.id} makes at most {self.most_frames / self.native_fps:.1f} s")
        words = asked.prompt(request)
        made = self.run(request, prompt=words, width=size[0], height=size[1], num_frames=max(needed, 7))
        return made[at]


PROVIDERS = (Mochi(), StableVideo())
