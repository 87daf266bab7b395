"""VBench's totals from its own dimensions, and the reading of its result files.

VBench judges a whole set of clips (its own prompts, five seeds each) by ten networks that no package carries. Its
result is read here (:func:`read_results`) and summed as its leaderboard does (:func:`totals`), but for one thing: a
missing dimension is an error, not a zero. The columns are in :mod:`filmbench.metrics.video.vbench_columns`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.types import UsageError

QUALITY = (
    "subject_consistency", "background_consistency", "temporal_flickering", "motion_smoothness", "dynamic_degree",
    "aesthetic_quality", "imaging_quality",
)  # fmt: skip
SEMANTIC = (
    "object_class", "multiple_objects", "human_action", "color", "spatial_relationship", "scene", "appearance_style",
    "temporal_style", "overall_consistency",
)  # fmt: skip
LIMITS: Mapping[str, tuple[float, float]] = {
    "subject_consistency": (0.1462, 1.0),
    "background_consistency": (0.2615, 1.0),
    "temporal_flickering": (0.6293, 1.0),
    "motion_smoothness": (0.706, 0.9975),
    "scene": (0.0, 0.8222),
    "appearance_style": (0.0009, 0.2855),
    "temporal_style": (0.0, 0.364),
    "overall_consistency": (0.0, 0.364),
}
"""What VBench stretches to 0..1; the dimensions not named are 0..1 already."""
WEIGHTS: Mapping[str, float] = {"dynamic_degree": 0.5}
QUALITY_WEIGHT, SEMANTIC_WEIGHT = 4.0, 1.0
GROUPS2: Mapping[str, tuple[str, ...]] = {
    "creativity": ("Diversity", "Composition"),
    "commonsense": ("Motion_Rationality", "Instance_Preservation"),
    "controllability": (
        "Dynamic_Spatial_Relationship", "Dynamic_Attribute", "Motion_Order_Understanding", "Human_Interaction",
        "Complex_Landscape", "Complex_Plot", "Camera_Motion",
    ),
    "human_fidelity": ("Human_Anatomy", "Human_Identity", "Human_Clothes"),
    "physics": ("Mechanics", "Thermotics", "Material", "Multi-View_Consistency"),
}  # fmt: skip
"""VBench-2.0's dimensions by group, in its own spelling."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Quality, semantic and total score, each about 0..1, higher is better."""

    quality: float
    semantic: float
    total: float


def normalised(dimension: str, value: float) -> float:
    """A dimension's raw value (0..1) on VBench's common scale."""
    low, high = LIMITS.get(dimension, (0.0, 1.0))
    return (value - low) / (high - low)


def totals(dimensions: Mapping[str, float]) -> Totals:
    """The totals of all sixteen raw dimensions (0..1). Raises :class:`UsageError` naming those that are missing."""
    missing = [name for name in (*QUALITY, *SEMANTIC) if name not in dimensions]
    if missing:
        raise UsageError(f"VBench's totals need all 16 dimensions; missing: {', '.join(missing)}", "run VBench on them")
    quality, semantic = _mean(dimensions, QUALITY), _mean(dimensions, SEMANTIC)
    whole = (QUALITY_WEIGHT * quality + SEMANTIC_WEIGHT * semantic) / (QUALITY_WEIGHT + SEMANTIC_WEIGHT)
    return Totals(quality, semantic, whole)


def totals2(dimensions: Mapping[str, float], group: tuple[str, ...] | None = None) -> float:
    """VBench-2.0's mean of a group's raw dimensions; without one, the mean of the five groups. Raises ``KeyError``."""
    if group is None:
        return sum(totals2(dimensions, one) for one in GROUPS2.values()) / len(GROUPS2)
    return sum(dimensions[name] for name in group) / len(group)


def _mean(dimensions: Mapping[str, float], names: tuple[str, ...]) -> float:
    weights = [WEIGHTS.get(name, 1.0) for name in names]
    values = [normalised(name, dimensions[name]) for name in names]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


def read_results(file: Path) -> dict[str, float]:
    """The dimensions in a ``…_eval_results.json`` that VBench wrote: each holds ``[value, per-clip results]``.

    Raises :class:`UsageError` for another kind of file.
    """
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): float(found[0]) for name, found in table.items()}
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise UsageError(f"{file} is no result of VBench ({error})", "give its …_eval_results.json") from None
