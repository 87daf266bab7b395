"""What metrics share: samples that can be measured, means, names for signatures, reasons instead of errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

from filmbench.harness import models
from filmbench.harness.protocols import Clip, MetricSpec, Requirement
from filmbench.harness.types import Score

SILENCE_DBFS = -60.0
"""A clip whose highest sample stays below this is silent: level-invariant models would score its noise."""

SPEECH_EXTRA = "pip install 'filmbench[speech]'"
VISION_EXTRA = "pip install 'filmbench[vision]'"
OPENCV = "opencv-contrib-python-headless"
"""OpenCV's package, for signatures."""


class Unmeasurable(Exception):
    """There is no honest number; the message is the reason that stands in its place."""


def scored(specs: Sequence[MetricSpec], measure: Callable[[], Sequence[float]]) -> tuple[Score, ...]:
    """One score per spec from ``measure``; a number that cannot be had is ``None`` with its reason.

    Caught are :class:`Unmeasurable`, a missing package and missing weights. Anything else is a defect
    and passes.
    """
    try:
        values = measure()
    except Unmeasurable as error:
        reason = str(error)
    except ImportError as error:
        reason = f"needs the package {error.name}, which cannot be imported: {error}"
    except models.ModelUnavailable as error:
        reason = str(error)
    else:
        return tuple(Score(spec.id, float(value)) for spec, value in zip(specs, values, strict=True))
    return tuple(Score(spec.id, None, reason=reason) for spec in specs)


def each(specs: Sequence[MetricSpec], values: Sequence[Callable[[], float]]) -> tuple[Score, ...]:
    """As :func:`scored`, of columns that are had or missed independently: one call for each."""

    def one(spec: MetricSpec, value: Callable[[], float]) -> Score:
        return scored((spec,), lambda: (value(),))[0]

    return tuple(one(spec, value) for spec, value in zip(specs, values, strict=True))


class Mean:
    """A weighted mean in the making; ``absent`` is the reason where nothing was counted."""

    def __init__(self, absent: str) -> None:
        self._absent = absent
        self._sum = self._weight = 0.0

    def add(self, value: float, weight: float = 1.0) -> None:
        """Count ``value``."""
        self._sum += value * weight
        self._weight += weight

    def value(self) -> float:
        """The mean. Raises :class:`Unmeasurable` where nothing was counted."""
        if not self._weight:
            raise Unmeasurable(self._absent)
        return self._sum / self._weight


def mono(clip: Clip, rate: int, least: float) -> Any:
    """The clip as float32 samples in -1..1, shape (n,), mixed to mono at ``rate`` Hz.

    Raises :class:`Unmeasurable` when it is shorter than ``least`` seconds, silent or not finite.
    """
    samples = clip.mono(rate)
    check(samples, rate, least)
    return samples


def check(samples: Any, rate: int, least: float) -> None:
    """Raise :class:`Unmeasurable` for samples that are empty, too short, silent or not finite."""
    import numpy as np

    if not len(samples):
        raise Unmeasurable("the audio is empty")
    if len(samples) < least * rate:
        raise Unmeasurable(f"too short: {len(samples) / rate:.2f} s, at least {least:g} s are needed")
    if not np.isfinite(samples).all():
        raise Unmeasurable("the audio holds samples that are not finite numbers")
    if np.abs(samples - samples.mean(axis=0)).max() < 10 ** (SILENCE_DBFS / 20):
        raise Unmeasurable(f"silent: no sample reaches {SILENCE_DBFS:g} dBFS, a constant offset apart")


def threads() -> int:
    """Threads one model may use in this process: ``FILMBENCH_THREADS``, else 1 (workers share the cores)."""
    return max(1, int(os.environ.get("FILMBENCH_THREADS", "1")))


@cache
def version(package: str) -> str:
    """The installed version of ``package``, or ``absent``."""
    try:
        return installed_version(package)
    except PackageNotFoundError:
        return "absent"


def signature(metric: str, *packages: str, weights: Sequence[str] = (), settings: str = "") -> str:
    """``metric|package:version|weights:sha256|settings``: what must be equal for two scores to share a column."""
    parts = [metric, *(f"{package}:{version(package)}" for package in packages)]
    parts += [f"weights:{models.entry(name).sha256[:16]}" for name in weights]
    return "|".join([*parts, settings] if settings else parts)


def python(package: str, remedy: str = SPEECH_EXTRA) -> Requirement:
    """The need for an installed package."""
    return Requirement("python", package, remedy)


CV2 = python("cv2", VISION_EXTRA)


def weights(name: str) -> Requirement:
    """The need for an entry of the weights registry."""
    return Requirement("weights", name, models.remedy(name))
