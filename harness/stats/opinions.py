"""What listeners say on a scale: mean opinion scores and MUSHRA, with the screening their standards ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from filmbench.harness.stats.intervals import Estimate, mean_interval

MOS_RANGE = (1, 5)
LEAST_VOTES = 8
"""A clip with fewer votes is marked: ITU-T P.808 asks for at least so many."""
HIDDEN_REFERENCE, MID_ANCHOR = "hidden reference", "mid anchor"
_SCREEN = 90.0
_TOLERATED = 0.15


@dataclass(frozen=True, slots=True)
class Opinion:
    """One rating of one clip of one arm; MOS 1..5, MUSHRA 0..100. Higher is better."""

    arm: str
    clip: str
    rater: str
    score: float


@dataclass(frozen=True, slots=True)
class Mos:
    """An arm's mean opinion score; ``thin`` names clips with fewer votes than P.808 asks for."""

    arm: str
    score: Estimate
    votes: int
    thin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mushra:
    """An arm's scores after screening: median and quartiles over raters and clips, 0..100."""

    arm: str
    median: float
    low_quartile: float
    high_quartile: float
    n: int


@dataclass(frozen=True, slots=True)
class MushraTest:
    """All arms, the raters that were screened out with the reason, and Friedman's test over blocks of rater and clip.

    ``p`` is ``None`` where fewer than three arms or two whole blocks are left.
    """

    arms: tuple[Mushra, ...]
    screened: Mapping[str, str]
    p: float | None


def mos(opinions: Sequence[Opinion]) -> tuple[Mos, ...]:
    """Mean opinion scores with t intervals, raters as clusters (ITU-T P.808), best first."""
    _check(opinions, *MOS_RANGE)
    found = []
    for arm in sorted({one.arm for one in opinions}):
        own = [one for one in opinions if one.arm == arm]
        clips = {clip: sum(one.clip == clip for one in own) for clip in sorted({one.clip for one in own})}
        score = mean_interval([one.score for one in own], [one.rater for one in own]).clipped(*MOS_RANGE)
        found.append(Mos(arm, score, len(own), tuple(clip for clip, votes in clips.items() if votes < LEAST_VOTES)))
    return tuple(sorted(found, key=lambda one: -(one.score.value or 0.0)))


def mushra(opinions: Sequence[Opinion]) -> MushraTest:
    """Medians and quartiles, best first, after the post-screening of ITU-R BS.1534-3.

    A rater goes who puts the hidden reference below 90 in more than 15 % of the clips, or the mid anchor above 90 in
    more than 15 %. Raises ``ValueError`` without a hidden reference: then it is no MUSHRA.
    """
    _check(opinions, 0, 100)
    if not any(one.arm == HIDDEN_REFERENCE for one in opinions):
        raise ValueError(f"a MUSHRA test has an arm called {HIDDEN_REFERENCE!r}")
    screened = {rater: why for rater in sorted({one.rater for one in opinions}) if (why := _unfit(opinions, rater))}
    kept = [one for one in opinions if one.rater not in screened]
    arms = sorted({one.arm for one in kept})
    rows = []
    for arm in arms:
        scores = [one.score for one in kept if one.arm == arm]
        low, median, high = (float(value) for value in np.percentile(scores, (25, 50, 75)))
        rows.append(Mushra(arm, median, low, high, len(scores)))
    return MushraTest(tuple(sorted(rows, key=lambda one: -one.median)), screened, _friedman(kept, arms))


def _unfit(opinions: Sequence[Opinion], rater: str) -> str | None:
    own = [one for one in opinions if one.rater == rater]
    for arm, found, said in (
        (HIDDEN_REFERENCE, [one.score < _SCREEN for one in own if one.arm == HIDDEN_REFERENCE], "below"),
        (MID_ANCHOR, [one.score > _SCREEN for one in own if one.arm == MID_ANCHOR], "above"),
    ):
        if found and sum(found) > _TOLERATED * len(found):
            return f"rates the {arm} {said} {_SCREEN:.0f} in {sum(found)} of {len(found)} clips"
    return None


def _friedman(kept: Sequence[Opinion], arms: Sequence[str]) -> float | None:
    from scipy.stats import friedmanchisquare

    blocks: dict[tuple[str, str], dict[str, float]] = {}
    for one in kept:
        blocks.setdefault((one.rater, one.clip), {})[one.arm] = one.score
    whole = [block for block in blocks.values() if len(block) == len(arms)]
    if len(arms) < 3 or len(whole) < 2:
        return None
    p = float(friedmanchisquare(*([block[arm] for block in whole] for arm in arms)).pvalue)
    return None if np.isnan(p) else p


def _check(opinions: Sequence[Opinion], low: float, high: float) -> None:
    if not opinions:
        raise ValueError("no ratings yet")
    for one in opinions:
        if not low <= one.score <= high:
            raise ValueError(f"{one.rater} rates {one.clip} {one.score}: outside {low}..{high}")
