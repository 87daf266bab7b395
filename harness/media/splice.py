"""Sound put together from pieces of one source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def joined(samples: Any, spans: Sequence[tuple[int, int]], fade: int) -> Any:
    """``samples`` (n, channels) of ``spans`` only, each laid over the next by raised cosines of ``fade`` samples.

    A fade lies around its cut and takes what it overlaps from the source beside it, so that the result is as long as
    the spans are together. Where the source's own beginning or end is cut away, the sound fades in or out.
    """
    import numpy as np

    n = len(samples)
    half = min([fade // 2, *((end - start) // 2 for start, end in spans)])
    out = np.zeros((sum(end - start for start, end in spans) + 2 * half, samples.shape[1]), np.float32)
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / max(1, 2 * half)))[:, None].astype(np.float32)
    at = 0
    for index, (start, end) in enumerate(spans):
        before, after = max(0, half - start), max(0, end + half - n)
        piece = np.pad(samples[max(0, start - half) : min(n, end + half)], ((before, after), (0, 0)))
        if half and index:
            piece[: 2 * half] *= rise
        if half and index + 1 < len(spans):
            piece[-2 * half :] *= rise[::-1]
        out[at : at + len(piece)] += piece
        at += end - start
    whole = out[half : len(out) - half]
    if half and spans[0][0]:
        whole[: 2 * half] *= rise
    if half and spans[-1][1] < n:
        whole[-2 * half :] *= rise[::-1]
    return whole
