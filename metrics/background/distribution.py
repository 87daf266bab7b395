"""FID and KID: how far all the pictures of an arm are, together, from all the true ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.features import inception
from filmbench.metrics.measure import Unmeasurable, python, scored, signature

LEAST_FID, LEAST_KID = 2048, 50
"""Pictures on each side. Below 2048 the covariance of 2048 features has no full rank; the FID paper asks for 10,000."""


def _spec(id: str, title: str, **more: Any) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="",
        signature=signature(id, "torchmetrics", "torch-fidelity", weights=(inception.WEIGHTS,), settings="2048"),
        contracts=("background",),
        higher_is_better=False,
        provenance="library",
        needs=("image",),
        references=("image",),
        features=("inception",),
        requires=(python("torchmetrics"),),
        over="set",
        **more,
    )


class Distribution:
    """FID and KID of an arm's pictures against the reference pictures of the same samples, as two sets.

    What: ``background.fid`` is the Fréchet distance of the normal distributions fitted to both sets' Inception
    features; ``background.kid`` the unbiased squared MMD of the same features with the kernel (x·y/2048 + 1)³, over all
    pictures rather than random subsets.
    Range: FID from 0; KID about 0 for alike sets, and may fall a little below. Lower is better.
    Needs: reference pictures in the dataset, at least 50 a side (KID) or 2048 (FID); the Inception weights, in no
    package: ``None: needs weights inception-fid`` until ``filmbench models add``.
    Ignores: which picture answers which prompt: a set is judged as a whole.
    Known failures: FID falls with the number of pictures, so compare like numbers only; both hear the file format and
    the resizing. A set has one number: no interval, no comparison, no gate.
    Provenance: library torchmetrics (distance and MMD) on torch-fidelity's network, pinned by N(0,I) against N(1,4I) =
    8 and by torchmetrics' own KID.
    Source: Heusel et al., NeurIPS 2017 (FID); Bińkowski et al., "Demystifying MMD GANs", ICLR 2018 (KID).
    Licence: Apache-2.0; weights Apache-2.0.
    """

    specs = (
        _spec("background.fid", "FID of all pictures", low=0.0, decimals=1),
        _spec("background.kid", "KID of all pictures", decimals=4),
    )

    def score_set(self, views: Sequence[View], wanted: Collection[str]) -> Sequence[Score]:
        """Score the role ``image`` of all takes against the reference ``image`` of all their samples."""
        theirs = {one.artifact.sha256: view for view in views if (one := view.reference("image")) is not None}

        def measure(least: int, distance: Callable[[Any, Any], float]) -> tuple[float]:
            if not theirs:
                raise Unmeasurable("the samples carry no reference pictures to be held against")
            if (fewest := min(len(views), len(theirs))) < least:
                raise Unmeasurable(f"n too small: {fewest} pictures, at least {least:,} on each side are needed")
            ours = [view.feature("inception", view.output("image")) for view in views]
            return (distance(ours, [view.feature("inception", view.reference("image")) for view in theirs.values()]),)

        return (
            *scored(self.specs[:1], lambda: measure(LEAST_FID, fid)),
            *scored(self.specs[1:], lambda: measure(LEAST_KID, kid)),
        )


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


METRICS = (Distribution(),)
