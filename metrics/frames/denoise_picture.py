"""Picture denoising is judged by fidelity alone: how near a take comes to the shot before the noise."""

from __future__ import annotations

from filmbench.metrics.frames.compared import fidelity_columns
from filmbench.metrics.frames.vmaf import Vmaf

METRICS = (
    *fidelity_columns("denoise_picture", "editing/denoise-picture", ("psnr", "ssim", "ms_ssim", "lpips")),
    Vmaf("denoise_picture", "editing/denoise-picture"),
)
