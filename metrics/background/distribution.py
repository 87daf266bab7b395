"""FID and KID: two numbers of a whole set of pictures, for users who bring the Inception weights and many pictures.

They have no value for one take and no interval, so they are no column of a table and cannot be gated: call
:func:`compare` on two folders' worth of pictures. Below about ten thousand pictures FID mostly measures their number.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filmbench.harness import models
from filmbench.harness.types import UsageError

WEIGHTS = "inception-fid"
LEAST = 50


def compare(ours: Iterable[Any], theirs: Iterable[Any]) -> tuple[float, float]:
    """FID and KID of two sets of pictures (uint8 RGB) by the FID paper's Inception; lower is closer.

    Raises :class:`~filmbench.harness.models.ModelUnavailable` without weights and :class:`UsageError` for fewer than
    50 pictures on a side, or without the package ``torch-fidelity``, whose network it is.
    """
    path = models.path(WEIGHTS)
    one, other = embeddings(ours, path), embeddings(theirs, path)
    if min(len(one), len(other)) < LEAST:
        raise UsageError(f"{min(len(one), len(other))} pictures are too few", f"bring at least {LEAST} on each side")
    return fid(one, other), kid(one, other)


def fid(ours: Any, theirs: Any) -> float:
    """Fréchet distance of the normal distributions fitted to two sets of embeddings, each (n, d); torchmetrics' own."""
    import numpy as np
    import torch

    (a, s), (b, t) = ((np.mean(one, axis=0), np.cov(one, rowvar=False)) for one in (ours, theirs))
    return frechet(*(torch.as_tensor(np.atleast_1d(x)) for x in (a, s, b, t)))


def frechet(mean: Any, covariance: Any, other_mean: Any, other_covariance: Any) -> float:
    """|μ−ν|² + tr(Σ + Τ − 2 (ΣΤ)^½) of torch tensors (d,) and (d, d)."""
    from torchmetrics.image.fid import _compute_fid

    return float(_compute_fid(mean, covariance, other_mean, other_covariance))


def kid(ours: Any, theirs: Any) -> float:
    """Unbiased squared MMD with the kernel (x·y/d + 1)³ over all embeddings, each (n, d); torchmetrics' own."""
    import torch
    from torchmetrics.image.kid import poly_mmd

    return float(poly_mmd(torch.as_tensor(ours, dtype=torch.float64), torch.as_tensor(theirs, dtype=torch.float64)))


def embeddings(pictures: Iterable[Any], path: Path) -> Any:
    """Inception's 2048 features of each picture, float, shape (n, 2048)."""
    import numpy as np
    import torch

    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError:
        raise UsageError("FID needs the package torch-fidelity", "pip install torch-fidelity") from None
    network = FeatureExtractorInceptionV3("fid", ["2048"], feature_extractor_weights_path=str(path)).eval()
    found = []
    with torch.inference_mode():
        for picture in pictures:
            (vector,) = network(torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None])
            found.append(vector[0].numpy())
    return np.array(found)
