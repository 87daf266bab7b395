"""Which words of a script stay, when each is said, and where a recording must be cut for that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

MOST_WORDS = 2000
LEAST_HEARD = 0.5
"""The share of a script's words that a recogniser must hear, or nothing is cut by it."""
_UNSPOKEN = re.compile(r"[^\w']")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word of the script: when it is said, in seconds."""

    start: float
    end: float


def words(text: str) -> list[str]:
    """The words of ``text`` as they are compared: small letters, digits and apostrophes only."""
    bare = (_UNSPOKEN.sub("", word.lower().replace("’", "'")).strip("'_") for word in text.replace("—", " ").split())
    return [word for word in bare if word]


def kept(script: Sequence[str], keep: Sequence[str]) -> list[bool]:
    """For each word of ``script`` whether it stays, so that ``keep`` is what remains.

    Where several copies of a word could stay (a repeated sentence), the fewest cuts decide, then the later copy, as
    an editor keeps the last attempt. Raises :class:`Refusal` where ``keep`` is empty, too long, or no part of it.
    """
    if not keep:
        raise Refusal("there is no word to keep", Outcome.INVALID)
    if max(len(script), len(keep)) > MOST_WORDS:
        raise Refusal(f"more than {MOST_WORDS} words: cut scene by scene", Outcome.INVALID)
    n, m, never = len(script), len(keep), len(script) + 1
    # runs[i][j][p]: the fewest further runs for keep[j:] out of script[i:], when the word before i stayed (p).
    runs = [[(never, never)] * (m + 1) for _ in range(n + 1)]
    runs[n][m] = (0, 0)
    for i in range(n - 1, -1, -1):
        for j in range(m, -1, -1):
            skipped = runs[i + 1][j][0]
            taken = runs[i + 1][j + 1][1] if j < m and script[i] == keep[j] else never
            runs[i][j] = (min(skipped, taken + 1), min(skipped, taken))
    if runs[0][0][0] >= never:
        raise Refusal("the words to keep are not some of the script's words, in its order", Outcome.INVALID)
    flags: list[bool] = []
    j = 0
    for i in range(n):
        stayed = bool(flags and flags[-1])
        flags.append(runs[i][j][stayed] < runs[i + 1][j][0])
        j += flags[-1]
    return flags


def matched(script: Sequence[str], heard: Sequence[str]) -> dict[int, int]:
    """Which word of ``heard`` stands for which of ``script``, by fewest edits; a word misheard still has its place."""
    import jiwer

    if not heard:
        return {}
    (chunks,) = jiwer.process_words(" ".join(script), " ".join(heard)).alignments
    return {
        ours: theirs
        for chunk in chunks
        if chunk.type in ("equal", "substitute")
        for ours, theirs in zip(
            range(chunk.ref_start_idx, chunk.ref_end_idx), range(chunk.hyp_start_idx, chunk.hyp_end_idx), strict=True
        )
    }


def filled(known: Mapping[int, Spoken], script: Sequence[str], seconds: float) -> list[Spoken]:
    """Times for all words: those not in ``known`` share the time between their neighbours, by letters."""
    times: list[Spoken] = []
    index = 0
    while index < len(script):
        if index in known:
            times.append(known[index])
            index += 1
            continue
        after = next((place for place in range(index, len(script)) if place in known), len(script))
        start = times[-1].end if times else 0.0
        end = max(start, known[after].start if after < len(script) else seconds)
        times += shared(script[index:after], start, end)
        index = after
    return times


def shared(words: Sequence[str], start: float, end: float) -> list[Spoken]:
    """Times for ``words`` that are said between ``start`` and ``end``, by their letters."""
    letters = [len(word) for word in words]
    edges = [start + (end - start) * sum(letters[:count]) / sum(letters) for count in range(len(words) + 1)]
    return [Spoken(*edge) for edge in pairwise(edges)]


def spans(times: Sequence[Spoken], flags: Sequence[bool], seconds: float, pad: float) -> list[tuple[float, float]]:
    """What of a recording of ``seconds`` stays: runs of kept words with ``pad`` seconds around them.

    Between a kept word and one that goes, the cut lies in the middle of their pause if that is shorter than twice the
    pad. What stands before the first word and after the last one stays with that word.
    """
    found: list[tuple[float, float]] = []
    for index, stays in enumerate(flags):
        if not stays:
            continue
        if index and flags[index - 1]:
            start = found.pop()[0]
        else:
            start = max(times[index].start - pad, _middle(times, index)) if index else 0.0
        last = index == len(flags) - 1
        end = seconds if last else min(times[index].end + pad, _middle(times, index + 1))
        found.append((start, end))
    return [(max(0.0, start), min(seconds, end)) for start, end in found if min(seconds, end) > max(0.0, start)]


def _middle(times: Sequence[Spoken], index: int) -> float:
    """The middle between word ``index`` and the one before it."""
    return (times[index - 1].end + times[index].start) / 2
