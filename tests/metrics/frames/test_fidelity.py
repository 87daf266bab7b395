"""PSNR, SSIM and MS-SSIM against published numbers and the libraries that give them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from filmbench.metrics.frames import fidelity

SIZES = [(256, 256), (360, 640), (361, 641), (255, 402), (161, 163)]


def golden_pair() -> tuple[Any, Any]:
    """Waves, and the same under a fine grating: 256×256 RGB, made of formulas alone."""
    y, x = np.mgrid[:256, :256]
    waves = (np.sin(x / 7) + np.cos(y / 11) + np.sin(x * y / 900)) / 6 + 0.5
    clean = np.round(255 * waves).astype(np.uint8)
    grated = np.clip(np.round(255 * waves + 12 * np.sin(1.7 * x + 2.3 * y)), 0, 255).astype(np.uint8)
    return tuple(np.stack([one, np.roll(one, 17, 0), np.roll(one, 29, 1)], -1) for one in (clean, grated))  # type: ignore[return-value]


def textured(shape: tuple[int, int], noise: float) -> tuple[Any, Any]:
    chance = np.random.default_rng(shape[0])
    clean = cv2.GaussianBlur(chance.integers(0, 255, shape, np.uint8), (0, 0), 2)
    return clean, np.clip(clean + chance.normal(0, noise, shape), 0, 255).astype(np.uint8)


def tensor(luma: Any) -> Any:
    import torch

    return torch.from_numpy(luma)[None, None].double()


def test_psnr_of_the_golden_pair() -> None:
    assert fidelity.psnr(fidelity.mean_squared_error(*golden_pair())) == pytest.approx(29.561386, abs=1e-6)


def test_differences_do_not_wrap_around() -> None:
    a, b = np.array([[0, 255, 10]], np.uint8), np.array([[255, 0, 200]], np.uint8)
    assert fidelity.mean_squared_error(a, b) == pytest.approx((2 * 255**2 + 190**2) / 3)
    assert fidelity.mean_squared_error(a, b.astype(np.float64)) == pytest.approx(fidelity.mean_squared_error(a, b))


def test_psnr_stops_at_identical() -> None:
    same, _ = golden_pair()
    assert fidelity.psnr(fidelity.mean_squared_error(same, same)) == 100.0
    assert fidelity.psnr(1e-9) == 100.0
    assert fidelity.psnr(1.0, peak=1.0) == 0.0


def test_the_mask_says_where_errors_count() -> None:
    a, b = golden_pair()
    b = a.copy()
    b[40:60, 50:80] ^= 255
    hole = np.zeros((256, 256), bool)
    hole[40:60, 50:80] = True
    assert fidelity.mean_squared_error(a, b, ~hole) == 0
    inside = np.mean((a[hole].astype(float) - b[hole]) ** 2)
    assert fidelity.mean_squared_error(a, b, hole) == pytest.approx(inside)
    assert fidelity.mean_squared_error(a, b) == pytest.approx(inside * hole.mean())
    luma_a, luma_b = a[..., 0], b[..., 0]
    far = cv2.dilate(hole.astype(np.uint8), np.ones((11, 11))) == 0
    assert fidelity.ssim(luma_a, luma_b, far) == pytest.approx(1, abs=1e-6)
    assert fidelity.ssim(luma_a, luma_b, hole) < 0.1


def test_ssim_of_the_golden_pair() -> None:
    """Wang's, over three channels: .781274 (scikit-image); with the mirrored edge: .78338 (torchmetrics)."""
    a, b = golden_pair()
    for edge, golden in (("whole", 0.781274), ("mirrored", 0.783383)):
        channels = [fidelity.ssim(a[..., c], b[..., c], edge=edge) for c in range(3)]  # type: ignore[arg-type]
        assert np.mean(channels) == pytest.approx(golden, abs=2e-6)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("noise", [2, 20])
def test_ssim_equals_scikit_image_and_torchmetrics(shape: tuple[int, int], noise: float) -> None:
    from skimage.metrics import structural_similarity
    from torchmetrics.functional.image import structural_similarity_index_measure

    a, b = textured(shape, noise)
    wang = structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
    assert fidelity.ssim(a, b) == pytest.approx(wang, abs=1e-5)
    theirs = structural_similarity_index_measure(tensor(b), tensor(a), data_range=255.0).item()
    assert fidelity.ssim(a, b, edge="mirrored") == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("shape", SIZES)
def test_ms_ssim_equals_piq(shape: tuple[int, int]) -> None:
    import piq

    a, b = textured(shape, 12)
    theirs = piq.multi_scale_ssim(tensor(a), tensor(b), data_range=255.0).item()
    assert fidelity.ms_ssim(a, b) == pytest.approx(theirs, abs=6e-6)


def test_ssim_is_best_on_itself_and_falls_with_every_damage() -> None:
    clean, _ = textured((256, 256), 0)
    damages = {
        "noise": [textured((256, 256), noise)[1] for noise in (3, 9, 27)],
        "blur": [cv2.GaussianBlur(clean, (0, 0), sigma) for sigma in (0.7, 1.5, 3.0)],
        "blocks": [
            cv2.resize(cv2.resize(clean, (side, side), interpolation=cv2.INTER_AREA), (256, 256), interpolation=0)
            for side in (128, 64, 32)
        ],
    }
    for measure in (fidelity.ssim, fidelity.ms_ssim):
        assert measure(clean, clean) == pytest.approx(1, abs=1e-6)
        for name, steps in damages.items():
            values = [measure(clean, damaged) for damaged in steps]
            assert 1 > values[0] > values[1] > values[2], name


def test_what_cannot_be_compared_is_refused() -> None:
    a, b = textured((64, 64), 3)
    for call in (
        lambda: fidelity.mean_squared_error(a, b[:-1]),
        lambda: fidelity.mean_squared_error(a, b, np.zeros_like(a, bool)),
        lambda: fidelity.ssim(a, b[:-1]),
        lambda: fidelity.ssim(a[:10], b[:10]),
        lambda: fidelity.ssim(a, b, np.zeros_like(a, bool)),
        lambda: fidelity.ms_ssim(a, b),
        lambda: fidelity.ssim(np.stack([a] * 3, -1), np.stack([b] * 3, -1)),
    ):
        with pytest.raises(ValueError, match=r"differ|pixel|lumas"):
            call()
