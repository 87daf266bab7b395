"""Winograd's convolutions beside torch's."""

from __future__ import annotations

import pytest
from filmbench.metrics.frames.winograd import Convolution


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("size", [(2, 2), (4, 9), (21, 39), (44, 79)])
def test_it_gives_what_torch_gives(taps: int, size: tuple[int, int]) -> None:
    import torch

    torch.manual_seed(taps)
    layer = torch.nn.Conv2d(24, 40, taps, padding=taps // 2)
    pictures = torch.randn(2, 24, *size)
    with torch.inference_mode():
        expected, found = layer(pictures), Convolution(layer)(pictures)
    assert found.shape == expected.shape
    assert torch.allclose(found, expected, atol=2e-5)
