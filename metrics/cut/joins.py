"""What a join does to the pause and to the sound of the room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.cut import edit
from filmbench.metrics.cut.edit import Join, Word
from filmbench.metrics.measure import Unmeasurable, python, scored, signature

SIDE_SECONDS = 0.2
QUIETEST_LUFS = -70.0


class PauseChange:
    """How much the pause at a join differs from the one a speaker would have made there. Milliseconds, proxy.

    What: at each join, the pause between the last kept word before it and the first one after it, against the longer of
    the two pauses that stood around what was removed; the mean size of the difference over all joins.
    Range: 0 up, lower is better. Under 50 ms nobody notices.
    Needs: the take's timeline and the true times of the words.
    Ignores: how the join sounds. What is left over of a removed word counts as pause.
    Known failures: the longer pause is a rule of thumb; an editor may want another. Words cut into count as no pause.
    Provenance: proxy, ours, pinned by hand-made vectors.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="cut.pause_change",
            title="Pause change",
            unit="ms",
            signature="cut.pause_change|filmbench:1|against:longer",
            contracts=("editing/cut",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            decimals=0,
            needs=("cut", "timeline"),
            references=("words",),
            statistics=("milliseconds", "joins"),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the timeline."""
        (spec,) = self.specs
        try:
            changes = [1000 * change for change in pause_changes(edit.truth(view), edit.joins(view))]
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error))]
        statistics = {"milliseconds": sum(changes), "joins": len(changes)}
        return [Score(spec.id, fmean(changes), statistics=statistics)]


def pause_changes(words: Sequence[Word], joins: Sequence[Join]) -> list[float]:
    """The change at each join in seconds. Raises :class:`Unmeasurable` where no join lies between kept words."""
    gaps = [after.start - before.end for before, after in pairwise(words)]
    found = []
    for join in joins:
        before = [i for i, word in enumerate(words) if word.keep and word.start < join.out]
        after = [i for i, word in enumerate(words) if word.keep and word.end > join.into]
        if not before or not after:
            continue
        last, first = before[-1], after[0]
        pause = max(0.0, join.out - words[last].end) + max(0.0, words[first].start - join.into)
        natural = max(gaps[last] if last < len(gaps) else 0.0, gaps[first - 1] if first else 0.0)
        found.append(abs(pause - natural))
    if not found:
        raise Unmeasurable("no join lies between two words to keep")
    return found


class RoomTone:
    """How far the loudness 200 ms before a join is from that 200 ms after it. dLUFS, proxy, descriptive.

    What: K-weighted level (ITU-R BS.1770-4, ungated) of the 200 ms on each side of a join; the mean size of the
    difference over all joins. Rooms recorded apart betray a join by a step.
    Range: 0 up; less is smoother, but nothing is wrong with a join between a loud and a soft syllable.
    Needs: the take's timeline; 200 ms of sound on both sides.
    Ignores: anything but level. Levels under -70 LUFS count as -70.
    Known failures: speech beside the join outweighs the room, so that the column tells joins in pauses from joins in
    speech; that is why it has no better end.
    Provenance: proxy, ours, on the K-filter of library pyloudnorm; pinned by a step of known size.
    Licence: MIT.
    """

    specs = (
        MetricSpec(
            id="cut.room_tone_jump",
            title="Room-tone jump",
            unit="LU",
            signature=signature("cut.room_tone_jump", "pyloudnorm", settings=f"K:DeMan;side:{SIDE_SECONDS}s;mean"),
            contracts=("editing/cut",),
            higher_is_better=None,
            provenance="proxy",
            low=0.0,
            decimals=1,
            needs=("cut", "timeline"),
            requires=(python("pyloudnorm", "pip install pyloudnorm"),),
            licence="MIT",
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``cut`` at the joins that its timeline tells."""

        def measure() -> Sequence[float]:
            clip = view.output("cut")
            return (room_tone_jump(clip.mono(), clip.rate, [join.at for join in edit.joins(view)]),)

        return scored(self.specs, measure)


def room_tone_jump(samples: Any, rate: int, joins: Sequence[float]) -> float:
    """Mean difference in LU of ``samples`` (n,) over ``joins``, given in seconds."""
    import numpy as np
    import pyloudnorm

    weighted = np.asarray(samples, np.float64)
    for stage in pyloudnorm.Meter(rate, filter_class="DeMan")._filters.values():
        weighted = stage.apply_filter(weighted)
    side = round(SIDE_SECONDS * rate)
    jumps = []
    for at in (round(join * rate) for join in joins):
        if at >= side and at + side <= len(weighted):
            before, after = (_lufs(part) for part in (weighted[at - side : at], weighted[at : at + side]))
            jumps.append(abs(after - before))
    if not jumps:
        raise Unmeasurable(f"no join has {SIDE_SECONDS:g} s of sound on both sides")
    return fmean(jumps)


def _lufs(part: Any) -> float:
    import numpy as np

    return max(QUIETEST_LUFS, float(-0.691 + 10 * np.log10(np.mean(np.square(part)) + 1e-20)))


METRICS = (PauseChange(), RoomTone())
