"""LPIPS against its authors' published example, and against their own package."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from filmbench.metrics.frames import lpips

DATA = Path(__file__).parent / "data"
SHA256 = {"ex_ref": "57aff3a0aeb6ebea", "ex_p0": "f44901a99c82755c", "ex_p1": "6ada2a42a3378bfa"}


def example(name: str) -> Any:
    file = DATA / f"{name}.png"
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(SHA256[name])
    return cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)


def package(a: Any, b: Any) -> Any:
    """The ``lpips`` package's own call: its map when the network is told to be spatial."""
    import torch

    def tensor(rgb: Any) -> Any:
        return torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 127.5 - 1

    with torch.inference_mode():
        return lpips.network()(tensor(a), tensor(b))[0, 0].numpy()


def textured(shape: tuple[int, int], seed: int = 0) -> Any:
    noise = np.random.default_rng(seed).integers(0, 255, (*shape, 3), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)


def test_the_published_example() -> None:
    """richzhang/PerceptualSimilarity: distances (0.722, 0.138)."""
    assert lpips.distance(example("ex_ref"), example("ex_p0")) == pytest.approx(0.7219, abs=5e-5)
    assert lpips.distance(example("ex_ref"), example("ex_p1")) == pytest.approx(0.1376, abs=5e-5)


@pytest.mark.parametrize("shape", [(32, 32), (64, 64), (91, 161), (360, 640)])
def test_it_equals_the_package(shape: tuple[int, int]) -> None:
    a, b = textured(shape), cv2.GaussianBlur(textured(shape), (0, 0), 2)
    assert lpips.distance(a, b) == pytest.approx(package(a, b).item(), abs=1e-5)


def test_a_mask_averages_the_packages_map(monkeypatch: pytest.MonkeyPatch) -> None:
    a = textured((91, 161))
    b = a.copy()
    b[30:60, 40:90] = textured((30, 50), seed=1)
    hole = np.zeros((91, 161), bool)
    hole[30:60, 40:90] = True
    monkeypatch.setattr(lpips.network(), "spatial", True)
    theirs = package(a, b)
    assert lpips.distance(a, b, hole) == pytest.approx(theirs[hole].mean(), abs=1e-5)
    assert lpips.distance(a, b, hole) > 3 * lpips.distance(a, b, ~hole) > 0


def test_zero_on_itself_and_worse_with_every_damage() -> None:
    clean = example("ex_ref")
    noise = np.random.default_rng(0).normal(0, 1, clean.shape)
    damages = {
        "noise": [np.clip(clean + level * noise, 0, 255).astype(np.uint8) for level in (4, 12, 36)],
        "blur": [cv2.GaussianBlur(clean, (0, 0), sigma) for sigma in (0.6, 1.2, 2.4)],
        "shuffle": [np.where(np.abs(noise) > bar, clean[::-1], clean) for bar in (3, 2, 1)],
    }
    assert lpips.distance(clean, clean) == 0
    for name, steps in damages.items():
        values = [lpips.distance(clean, damaged) for damaged in steps]
        assert 0 < values[0] < values[1] < values[2], name


def test_what_cannot_be_compared_is_refused() -> None:
    a = textured((64, 64))
    for call in (
        lambda: lpips.distance(a, a[:-1]),
        lambda: lpips.distance(a[:31], a[:31]),
        lambda: lpips.distance(a, a, np.zeros((64, 64), bool)),
    ):
        with pytest.raises(ValueError, match=r"one size|too few|no pixel"):
            call()
