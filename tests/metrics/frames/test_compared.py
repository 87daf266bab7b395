"""Fidelity of whole films: what is held against what, where, and what stands in a number's place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from filmbench.metrics.frames import denoise_picture, fidelity, lpips
from filmbench.metrics.frames.compared import fidelity_columns
from films import HEIGHT, WIDTH, noisy, panned, picture

ALL = fidelity_columns("t", "editing/removal", ("psnr", "ssim", "ms_ssim", "lpips"))
BEST = {"t.psnr": 100.0, "t.ssim": 1.0, "t.ms_ssim": 1.0, "t.lpips": 0.0}
"""What each gives for the same film."""


def test_a_film_is_the_mean_of_its_frames(studio) -> None:
    truth, damaged = panned(4), noisy(panned(4), 8)
    film, reference = studio.film(damaged), studio.film(truth)
    found = studio.values(ALL, studio.view(film, {"video": reference}))
    errors = [fidelity.mean_squared_error(a, b) for a, b in zip(damaged, truth, strict=True)]
    assert found["t.psnr"] == pytest.approx(fidelity.psnr(np.mean(errors)))
    distances = [lpips.distance(a, b) for a, b in zip(damaged, truth, strict=True)]
    assert found["t.lpips"] == pytest.approx(np.mean(distances), abs=1e-6)
    lumas = [[frame.luma.copy() for frame in clip.frames()] for clip in (film, reference)]
    assert found["t.ssim"] == pytest.approx(np.mean([fidelity.ssim(a, b) for a, b in zip(*lumas, strict=True)]))


def test_best_on_the_same_film_and_worse_with_every_damage(studio) -> None:
    truth = panned(3)
    reference = studio.film(truth)
    damages = {
        "noise": [noisy(truth, level) for level in (3, 9, 27)],
        "blur": [[cv2.GaussianBlur(frame, (0, 0), sigma) for frame in truth] for sigma in (1.5, 3, 6)],
        "shift": [[np.roll(frame, by, 1) for frame in truth] for by in (1, 2, 4)],
    }
    assert studio.values(ALL, studio.view(reference, {"video": reference})) == pytest.approx(BEST, abs=1e-6)
    for name, steps in damages.items():
        found = [studio.values(ALL, studio.view(studio.film(step), {"video": reference})) for step in steps]
        for metric in ALL:
            (spec,) = metric.specs
            values = [BEST[spec.id], *(one[spec.id] for one in found)]
            order = sorted(values, reverse=bool(spec.higher_is_better))
            assert values == order and len(set(values)) == 4, (name, spec.id, values)


def test_structure_ignores_colour_and_psnr_does_not(studio) -> None:
    truth = panned(2)
    grey = [cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) for frame in truth]
    found = studio.values(ALL, studio.view(studio.film(grey), {"video": studio.film(truth)}))
    assert found["t.ssim"] > 0.995 and found["t.psnr"] < 30


def test_a_longer_or_slower_take_is_paired_by_time(studio) -> None:
    truth = panned(6)
    reference = studio.film(truth, 50)
    slower = studio.film(truth[::2], 25)
    longer = studio.film([*truth, *panned(4, 5)], 50)
    for take, left_out in ((slower, 0), (longer, 4)):
        scores = studio.scores(ALL, studio.view(take, {"video": reference}))
        assert scores["t.psnr"].value == 100
        assert scores["t.psnr"].detail["left_out"] == left_out


def test_another_size_is_brought_to_the_references(studio) -> None:
    truth = panned(2)
    half = [cv2.resize(frame, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) for frame in truth]
    found = studio.values(ALL, studio.view(studio.film(half), {"video": studio.film(truth)}))
    assert 25 < found["t.psnr"] < 60


REGIONS = tuple(
    metric
    for region in ("hole", "border", "outside")
    for metric in fidelity_columns("t", "editing/removal", region=region)
)


def test_regions_judge_their_own_pixels(studio) -> None:
    truth = panned(3)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[70:100, 80:120] = 255
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    gap = np.hypot(np.maximum(0, np.maximum(80 - x, x - 119)), np.maximum(0, np.maximum(70 - y, y - 99)))
    places = {"hole": gap == 0, "border": (gap > 0) & (gap <= 15), "outside": gap > 15}
    reference, masks = studio.film(truth), studio.film([mask] * 3)
    for damaged, place in places.items():
        broken = [np.where(place[..., None], picture(9), frame) for frame in truth]
        found = studio.values(REGIONS, studio.view(studio.film(broken), {"video": reference}, {"mask": masks}))
        for region in places:
            assert (found[f"t.psnr_{region}"] < 30) == (region == damaged), (damaged, region)
        assert found[f"t.ssim_{damaged}"] == min(found[f"t.ssim_{region}"] for region in places)
        assert found[f"t.lpips_{damaged}"] == max(found[f"t.lpips_{region}"] for region in places)


def test_what_cannot_be_measured_has_a_reason(studio) -> None:
    film, mask = studio.film(panned(2)), studio.film([np.zeros((HEIGHT, WIDTH), np.uint8)] * 2)
    tiny = studio.film([picture(0, 8, 8)])
    cases = [
        (ALL, studio.view(film), "reference video has no frame"),
        (ALL, studio.view(None, {"video": film}), "gave no video"),
        (ALL, studio.view(tiny, {"video": tiny}), "pixels"),
        (REGIONS[:3], studio.view(film, {"video": film}), "input mask has no frame"),
        (REGIONS[:3], studio.view(film, {"video": film}, {"mask": mask}), "mask holds no pixel"),
    ]
    for metrics, view, reason in cases:
        for id, score in studio.scores(metrics, view).items():
            if (id, reason) != ("t.psnr", "pixels"):
                assert score.value is None and reason in score.reason, (id, score)


def test_an_unknown_measure_is_an_error() -> None:
    with pytest.raises(KeyError):
        fidelity_columns("t", "editing/removal", ("beauty",))


@pytest.mark.parametrize("metric", [*ALL, *REGIONS, denoise_picture.METRICS[-1]], ids=lambda one: one.specs[0].id)
def test_facts_of_a_column_are_whole(metric) -> None:
    card = " ".join((metric.__doc__ or "").split())
    for word in ("What:", "Range:", "Needs:", "Ignores:", "Known failures:", "Provenance:", "Source:", "Licence:"):
        assert word in card
    for spec in metric.specs:
        assert spec.signature.startswith(f"{spec.id}|")
        assert "absent" not in spec.signature
        assert spec.worst in (None, spec.low, spec.high)
        assert all(need.remedy.startswith("pip install") for need in spec.requires)


def test_denoising_has_its_columns() -> None:
    ids = {spec.id for metric in denoise_picture.METRICS for spec in metric.specs}
    assert ids == {f"denoise_picture.{name}" for name in ("psnr", "ssim", "ms_ssim", "lpips", "vmaf", "vmaf_neg")}
