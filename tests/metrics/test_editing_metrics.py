"""The measures of removal and of edits on small films whose answer can be said beforehand; every card is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.harness.framepass import watch
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.types import Artifact, Sample
from filmbench.metrics.colour import delta_e
from filmbench.metrics.denoise_sound import against_clean, opinion
from filmbench.metrics.prompt_edit import following
from filmbench.metrics.removal import hole

METRICS = [*hole.METRICS, *delta_e.METRICS, *following.METRICS, *against_clean.METRICS, *opinion.METRICS]


class View:
    """A take whose films were written just now."""

    sample = Sample("one", "test", {})

    def __init__(self, folder: Path, **films: Any) -> None:
        self._clips = {}
        for name, frames in films.items():
            path, media_type = write_lossless(folder / f"{name}.mkv", frames, 24)
            self._clips[name] = VideoClip(Artifact(name, media_type, 1), path)

    def outputs(self, role: str) -> tuple[Any, ...]:
        return (self._clips["take"],)

    def reference(self, role: str) -> Any:
        return self._clips.get("true") if role != "matte" else None

    def input(self, role: str) -> Any:
        return self._clips.get({"mask": "mask", "video": "source"}[role])


def values(metrics: Any, view: View) -> dict[str, float | None]:
    return {score.metric.partition(".")[2]: score.value for score in watch(view, metrics)}  # type: ignore[arg-type]


@pytest.fixture
def plate() -> np.ndarray:
    return np.random.default_rng(0).integers(60, 180, (64, 96, 3), np.uint8)


def test_errors_are_counted_where_they_are(tmp_path, plate) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[24:40, 40:56] = 255
    take = plate.copy()
    take[mask > 0] += 10
    view = View(tmp_path, take=[take] * 3, true=[plate] * 3, mask=[mask] * 3)
    found = values(hole.METRICS, view)
    assert found["psnr_hole"] == pytest.approx(20 * np.log10(255 / 10))
    assert found["psnr_border"] == found["psnr_outside"] == 100.0
    assert found["ssim_hole"] < 1 and found["lpips_hole"] > 0
    assert found["seam"] > 0.1 and found["flicker"] == 0.0


def test_a_patch_that_blinks_flickers(tmp_path, plate) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[24:40, 40:56] = 255
    blinking = [plate.copy() for _ in range(4)]
    for frame in blinking[1::2]:
        frame[mask > 0] += 20
    found = values(hole.METRICS, View(tmp_path, take=blinking, true=[plate] * 4, mask=[mask] * 4))
    assert found["flicker"] == pytest.approx(20 * 219 / 255, abs=0.5)


def test_no_mask_no_value(tmp_path, plate) -> None:
    found = values(hole.METRICS, View(tmp_path, take=[plate], true=[plate]))
    assert set(found.values()) == {None}


def test_halfway_is_half_followed(tmp_path) -> None:
    source, true = np.full((64, 96, 3), 100, np.uint8), np.full((64, 96, 3), 140, np.uint8)
    for level, expected in ((100, 0.0), (140, 1.0), (120, 0.5), (80, -0.5)):
        take = np.full_like(source, level)
        found = values(following.METRICS[:1], View(tmp_path, take=[take], true=[true], source=[source]))
        assert found["followed"] == pytest.approx(expected, abs=0.08)
    unasked = values(following.METRICS[:1], View(tmp_path, take=[source], true=[source], source=[source]))
    assert unasked == {"followed": None, "delta_e": 0.0}


def test_structure_and_steadiness(tmp_path, plate) -> None:
    darker = (plate // 2).astype(np.uint8)
    kept = values(following.METRICS[1:], View(tmp_path, take=[darker] * 4, source=[plate] * 4))
    assert kept["structure"] > 0.95 and kept["unsteady"] == pytest.approx(0.0, abs=1e-9)
    shaken = [plate, darker, plate, darker]
    other = np.random.default_rng(1).permutation(plate)
    assert values(following.METRICS[1:], View(tmp_path, take=shaken, source=[plate] * 4))["unsteady"] > 10
    assert values(following.METRICS[1:], View(tmp_path, take=[other] * 4, source=[plate] * 4))["structure"] < 0.5
    assert values(following.METRICS[1:], View(tmp_path, take=[plate], source=[plate]))["unsteady"] is None


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.specs[0].id)
def test_cards_are_whole(metric) -> None:
    for word in ("What:", "Range:", "Needs:", "Ignores:", "Known failures:", "Provenance:", "Source:", "Licence:"):
        assert word in metric.__doc__
    for spec in metric.specs:
        assert isinstance(spec, MetricSpec) and spec.signature.startswith(f"{spec.id}|")
        assert "absent" not in spec.signature
