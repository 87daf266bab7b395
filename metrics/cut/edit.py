"""What a cut was, and what it should have been: the take's cut list and the true times of the words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.timeline import read_otio
from filmbench.harness.protocols import View
from filmbench.metrics.measure import Unmeasurable

EDGE = 0.001
"""What lies closer to the recording's ends than this, in seconds, is no cut."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the source with its true times in seconds; ``keep`` where it must stay."""

    word: str
    start: float
    end: float
    keep: bool


@dataclass(frozen=True, slots=True)
class Join:
    """Where two kept stretches meet: ``out`` and ``into`` are times of the source, ``at`` one of the take."""

    out: float
    into: float
    at: float


def spans(view: View) -> tuple[tuple[float, float], ...]:
    """The stretches of the source that the take says it keeps. Raises :class:`Unmeasurable`."""
    lists = view.outputs("timeline")
    if not lists:
        raise Unmeasurable("the take tells no cuts: it gave no timeline")
    try:
        return read_otio(lists[0].path)
    except BadMedia as error:
        raise Unmeasurable(f"the timeline cannot be read: {error.reason}") from None


def joins(view: View) -> list[Join]:
    """Where the take's stretches meet. Raises :class:`Unmeasurable` where there is no such place."""
    kept = spans(view)
    found: list[Join] = []
    at = 0.0
    for (start, end), (following, _) in pairwise(kept):
        at += end - start
        found.append(Join(end, following, at))
    if not found:
        raise Unmeasurable("one stretch only: nothing is joined")
    return found


def truth(view: View) -> list[Word]:
    """The true times. Raises :class:`Unmeasurable` where the sample has none."""
    document = view.reference("words")
    if document is None:
        raise Unmeasurable("the true times of the words are not known")
    return [Word(str(row["word"]), float(row["start"]), float(row["end"]), bool(row["keep"])) for row in document.json]
