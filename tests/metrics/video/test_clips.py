"""Measures of clips against VBench's published arithmetic and clips whose motion is known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.harness.framepass import watch
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Artifact, Outcome, Sample, Score, Take, Timing, UsageError
from filmbench.metrics.video import consistency, delivery, imaging, motion, steadiness, vbench

DIMENSIONS = """
subject_consistency background_consistency temporal_flickering motion_smoothness dynamic_degree aesthetic_quality
imaging_quality object_class multiple_objects human_action color spatial_relationship scene appearance_style
temporal_style overall_consistency
"""
COG_VIDEO_X = """
96.23 96.52 98.66 96.92 70.97 61.98 62.90 85.23 62.11 99.40 82.81 66.35 53.20 24.91 25.38 27.59
"""
COG = dict(zip(DIMENSIONS.split(), map(float, COG_VIDEO_X.split()), strict=True))


@dataclass
class View:
    clip: VideoClip
    inputs: dict[str, str] = field(default_factory=dict)
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)

    @property
    def sample(self) -> Sample:
        asked = {"prompt": "a hill", "seconds": "2", "size": "96x64", "fps": "8"}
        return Sample("s", "d", asked | self.inputs)

    def output(self, role: str) -> VideoClip:
        return self.clip

    def outputs(self, role: str) -> tuple[VideoClip, ...]:
        return (self.clip,)


@pytest.fixture
def scores(tmp_path: Path):
    """Write frames without loss, watch them with metrics, give values and reasons by id."""

    def measured(frames: Any, metrics: Any, fps: float = 8, **inputs: str) -> dict[str, Score]:
        path, media_type = write_lossless(tmp_path / "clip.mkv", frames, fps)
        view = View(VideoClip(Artifact("0" * 64, media_type, path.stat().st_size), path), inputs)
        return {score.metric: score for score in watch(view, metrics)}  # type: ignore[arg-type]

    return measured


def texture(width: int = 220, height: int = 64, seed: int = 0) -> Any:
    import cv2

    rng = np.random.default_rng(seed)
    return cv2.GaussianBlur(cv2.resize(rng.integers(0, 256, (16, 55, 3), np.uint8), (width, height)), (0, 0), 1.5)


def sliding(step: int, frames: int = 17) -> list[Any]:
    wide = texture(96 + step * frames + 8)
    return [np.ascontiguousarray(wide[:, step * i : step * i + 96]) for i in range(frames)]


# --- steadiness --------------------------------------------------------------------------------------


def test_flicker_of_the_published_toy_is_point_eight(scores):
    frames = [np.full((64, 96, 3), 51 * (i % 2), np.uint8) for i in range(8)]
    found = scores(frames, steadiness.METRICS)
    assert found["video.temporal_flickering"].value == pytest.approx(0.8, abs=1e-6)
    assert vbench.normalised("temporal_flickering", 0.8) == pytest.approx(0.4604802, abs=1e-7)
    assert found["video.frozen"].value == 0


def test_a_still_is_perfectly_steady_and_wholly_frozen(scores):
    found = scores([texture(96)] * 6, steadiness.METRICS)
    assert found["video.temporal_flickering"].value == 1
    assert found["video.frozen"].value == 100
    assert found["video.black"].value == 0


def test_black_frames_are_counted(scores):
    dark, light = np.zeros((64, 96, 3), np.uint8), np.full((64, 96, 3), 180, np.uint8)
    assert scores([dark, light, light, light], steadiness.METRICS)["video.black"].value == 25


def test_one_frame_has_no_steps(scores):
    found = scores([texture(96)], (*steadiness.METRICS, *motion.METRICS, *consistency.METRICS, *delivery.METRICS))
    missing = {id for id, score in found.items() if score.value is None}
    assert missing >= {
        *("video.temporal_flickering", "video.frozen", "video.dynamic_degree_dis", "video.speed_dis"),
        *("video.motion_smoothness_dis", "video.subject_consistency_alexnet", "video.rate_error", "video.length_error"),
    }
    assert found["video.black"].value == 0
    assert found["video.size_error"].value == 0


# --- motion ------------------------------------------------------------------------------------------


def test_speed_is_measured_in_heights_a_second(scores):
    found = scores(sliding(2), motion.METRICS)
    assert found["video.speed_dis"].value == pytest.approx(2 * 8 / 64, rel=0.08)


def test_dynamic_degree_has_the_published_threshold(scores):
    # 6 px of a shorter side of 256 are 1.5 px of 64: one pixel a sample is not dynamic, three are.
    assert scores(sliding(1), motion.METRICS)["video.dynamic_degree_dis"].value == 0
    assert scores(sliding(3), motion.METRICS)["video.dynamic_degree_dis"].value == 1


def test_dynamic_degree_needs_a_quarter_of_the_samples(scores):
    still = [sliding(1, 1)[0]] * 13
    assert scores(still + sliding(3, 3), motion.METRICS)["video.dynamic_degree_dis"].value == 0
    assert scores(still[:8] + sliding(3, 8), motion.METRICS)["video.dynamic_degree_dis"].value == 1


def test_even_motion_is_smoother_than_jerky_motion_and_noise(scores):
    even = sliding(2, 15)
    jerky = [even[max(0, i + (2 if i % 2 else 0))] for i in range(13)]
    noise = [np.random.default_rng(i).integers(0, 256, (64, 96, 3), np.uint8) for i in range(13)]
    values = [scores(clip, motion.METRICS)["video.motion_smoothness_dis"].value for clip in (even, jerky, noise)]
    assert 1 > values[0] > values[1] > values[2]
    assert values[0] > 0.98


def test_the_fastest_share_is_five_per_cent():
    flow = np.zeros((10, 10, 2), np.float32)
    flow[0, :5] = (3, 4)
    assert motion.fastest(flow) == pytest.approx(5)
    flow[0, 2] = 0
    assert motion.fastest(flow) == pytest.approx(4)


# --- consistency -------------------------------------------------------------------------------------


def test_consistency_is_vbench_arithmetic():
    x, y = np.array([1.0, 0]), np.array([0, 1.0])
    # Frames x, y, x: frame 2 agrees with neither (0), frame 3 not with the one before but with the first (1/2).
    assert consistency.consistency([x, 3 * y, 2 * x]) == pytest.approx(0.25)
    assert consistency.consistency([x, -x]) == 0


def test_a_still_is_consistent_and_a_cut_is_not(scores):
    one, other = texture(96), np.ascontiguousarray(texture(96, seed=5)[:, :, ::-1] // 3)
    still, cut = scores([one] * 8, consistency.METRICS), scores([one] * 4 + [other] * 4, consistency.METRICS)
    for part in ("subject", "background"):
        id = f"video.{part}_consistency_alexnet"
        assert still[id].value == pytest.approx(1)
        assert cut[id].value < 0.97


def test_a_change_in_the_middle_is_the_subjects(scores):
    import cv2

    plain = [texture(96) // 2 + 60] * 6
    changing = [frame.copy() for frame in plain]
    for i, frame in enumerate(changing):
        cv2.circle(frame, (48, 32), 14, ((255, 40, 0), (0, 60, 255))[i % 2], -1 if i % 2 else 3)
    found = scores(changing, consistency.METRICS)
    subject, background = (found[f"video.{part}_consistency_alexnet"].value for part in ("subject", "background"))
    assert subject < background


# --- pictures, words, delivery -----------------------------------------------------------------------


def test_frames_that_are_flat_have_no_brisque(scores):
    found = scores([np.full((64, 96, 3), 90, np.uint8)] * 4, imaging.METRICS[:1])
    assert found["video.brisque"].value is None and "flat" in str(found["video.brisque"].reason)


def test_a_clips_brisque_is_the_mean_of_two_frames_a_second(scores):
    from filmbench.metrics.brisque import brisque

    frames = [texture(96, seed=i) for i in range(8)]
    found = scores(frames, imaging.METRICS[:1])
    assert found["video.brisque"].value == pytest.approx((brisque(frames[0]) + brisque(frames[4])) / 2, abs=1e-6)


def test_no_clip_weights_no_adherence(scores, monkeypatch, tmp_path):
    from filmbench.harness import models

    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    models.folder.cache_clear()
    found = scores([texture(96)] * 2, imaging.METRICS[1:])["video.clip_score"]
    assert found.value is None and "clip-vit-base-patch16" in str(found.reason)


def test_delivery_counts_decoded_frames(scores):
    found = scores([texture(96)] * 12, delivery.METRICS, fps=8, seconds="2", size="192x64", fps_asked="8")
    assert found["video.length_error"].value == pytest.approx(0.5, abs=0.01)
    assert found["video.rate_error"].value == pytest.approx(0, abs=0.2)
    assert found["video.size_error"].value == pytest.approx(1)


# --- VBench ------------------------------------------------------------------------------------------


def test_vbench_totals_of_cogvideox_5b():
    found = vbench.totals({name: value / 100 for name, value in COG.items()})
    assert [100 * x for x in (found.quality, found.semantic, found.total)] == pytest.approx(
        [82.756, 77.037, 81.612], abs=5e-4
    )


def test_an_empty_submission_is_refused_where_vbench_would_give_minus_57():
    with pytest.raises(UsageError, match="all 16 dimensions"):
        vbench.totals({})
    zeros = vbench.totals(dict.fromkeys(COG, 0.0))
    assert 100 * zeros.total == pytest.approx(-57.17, abs=0.01)


def test_one_missing_dimension_is_named():
    with pytest.raises(UsageError, match="missing: scene"):
        vbench.totals({name: 0.5 for name in COG if name != "scene"})


def test_results_of_vbench_are_read_and_others_refused(tmp_path):
    file = tmp_path / "one_eval_results.json"
    file.write_text(json.dumps({name: [value / 100, []] for name, value in COG.items()}))
    assert vbench.totals(vbench.read_results(file)).total == pytest.approx(0.81612, abs=1e-5)
    file.write_text("[1, 2]")
    with pytest.raises(UsageError, match="no result of VBench"):
        vbench.read_results(file)
