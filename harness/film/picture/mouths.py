"""What a mouth does while it speaks: visemes of IPA phonemes, each leaning on its neighbours, lips shut on p, b, m."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from filmbench.harness.film.shot import Mouth


class Lips(NamedTuple):
    """``open`` 0 (shut) to 1; ``wide`` -1 (pursed) to 1 (drawn); ``round`` and ``teeth`` (shown) 0 to 1."""

    open: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    teeth: float = 0.0


SHUT = Lips()
CLOSED = frozenset("pbm")
REACH = 0.055
"""Seconds to each side over which a phoneme leans on its neighbours."""
_SHAPES: dict[str, Lips] = {
    "pbm": Lips(0.0, 0.05),
    "fvβⱱ": Lips(0.10, 0.15, 0.0, 0.9),
    "aɑæɶä": Lips(0.95, 0.25, 0.0, 0.5),
    "IW": Lips(0.85, 0.25, 0.0, 0.5),
    "ʌəɐᵊɘɞ": Lips(0.48, 0.1, 0.0, 0.4),
    "iɪᵻɨy": Lips(0.32, 0.85, 0.0, 0.7),
    "eɛAœø": Lips(0.58, 0.6, 0.0, 0.6),
    "ɔoɒOQYɤ": Lips(0.66, -0.3, 0.7, 0.1),
    "uʊwɯʍ": Lips(0.26, -0.65, 1.0, 0.0),
    "ɹɜɚɝrʁʀ": Lips(0.32, -0.2, 0.4, 0.3),
    "tdnlszθðɾTɬ": Lips(0.22, 0.3, 0.0, 0.9),
    "ʃʒʧʤ": Lips(0.26, -0.3, 0.55, 0.8),
    "jʎɲç": Lips(0.26, 0.6, 0.0, 0.6),
    "kɡgŋhxɣɦ": Lips(0.28, 0.12, 0.0, 0.4),
}
SHAPES = {sign: lips for signs, lips in _SHAPES.items() for sign in signs}
"""Lips of each IPA sign, Kokoro's capital diphthongs among them. Stress, length and pauses have none."""


@lru_cache(maxsize=256)
def sounds(mouth: Mouth) -> tuple[tuple[str, float, float], ...]:
    """The speech as single signs in order: a diphthong shares its time, length and stress give theirs away."""
    found: list[tuple[str, float, float]] = []
    for text, start, end in mouth.phonemes:
        signs = [sign for sign in text if sign in SHAPES]
        if not signs:
            if text.strip() and found and set(text) <= set("ːˑ"):
                found[-1] = (*found[-1][:2], end)
            continue
        step = (end - start) / len(signs)
        found += [(sign, start + i * step, start + (i + 1) * step) for i, sign in enumerate(signs)]
    return tuple(found)


def lips(mouth: Mouth, time: float) -> Lips:
    """The lips at ``time`` seconds from the speech's first sound."""
    spoken = sounds(mouth)
    near = bisect_left(spoken, time - REACH, key=lambda sound: sound[2])
    total, weight, pressed = [0.0] * 4, 0.0, 0.0
    covered = 0.0
    for sign, start, end in spoken[near:]:
        if start > time + REACH:
            break
        apart = max(0.0, start - time, time - end)
        share = max(0.0, 1 - apart / REACH) ** 2 * min(0.14, end - start + 0.02)
        weight += share
        covered = max(covered, 1 - apart / REACH)
        total = [t + share * v for t, v in zip(total, SHAPES[sign], strict=True)]
        if sign in CLOSED:
            pressed = max(pressed, 1 - max(0.0, start + 0.004 - time, time - end + 0.004) / 0.03)
    if weight <= 0:
        return SHUT
    ajar, wide, pursed, teeth = (value / weight for value in total)
    ajar *= min(1.0, covered * 1.6)
    if pressed > 0:
        ajar = 0.0 if pressed >= 1.0 else ajar * (1 - pressed)
    return Lips(ajar, wide, pursed, teeth)


def stress(mouth: Mouth, time: float) -> float:
    """How lively the speech is around ``time``, 0 to 1: the mean opening over 300 ms."""
    return sum(lips(mouth, time + 0.05 * i).open for i in range(-3, 4)) / 7
