"""Is the script as long as the source's lines, in characters?"""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.dubbing import hearing
from filmbench.metrics.measure import Unmeasurable

WITHIN = 0.10
FREE = 10


class LengthCompliance:
    """Share of script lines within 10 % of the source line's characters, and their mean ratio.

    What: isometric translation's length compliance (``length_compliance``, percent, higher is better) and length ratio
    (``length_ratio``: mean over lines of script / source, two-sided). Formula: characters without spaces;
    |script - source| / source at most 0.10; source lines of at most 10 characters always count as compliant.
    Needs: a script of the arm's and the source's transcript. Lines are matched one to one where both have as many, else
    the whole text is one line. Ignores: time. Characters are not seconds: read ``dubbing.duration_10`` first.
    Known failures: an untranslated line complies.
    Provenance: reimplementation of amazon-science/isometric-slt's isometric_slt_stat.py, pinned by a worked example.
    Licence: Apache-2.0.
    """

    specs = tuple(
        MetricSpec(
            id=id,
            title=title,
            unit=unit,
            signature=f"{id}|filmbench:1|within:{WITHIN}|free:{FREE}",
            contracts=("dubbing",),
            higher_is_better=higher,
            provenance="reimplementation",
            low=0.0,
            high=high,
            decimals=decimals,
            needs=("script",),
            references=("transcript",),
            statistics=statistics,
            worst=0.0 if higher else None,
            core=False,
        )
        for id, title, unit, higher, high, decimals, statistics in (
            ("dubbing.length_compliance", "Length compliance", "%", True, 100.0, 0, ("compliant", "lines")),
            ("dubbing.length_ratio", "Length ratio", "ratio", None, None, 2, ("ratios", "lines")),
        )
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``script`` against the reference ``transcript``."""
        try:
            script, source = hearing.script(view), hearing.transcript(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        found = list(ratios(*lines(source, script)))
        count = len(found)
        good, total = sum(fits for _, fits in found), sum(ratio for ratio, _ in found)
        share, mean = self.specs
        return [
            Score(share.id, 100 * good / count, statistics={"compliant": good, "lines": count}),
            Score(mean.id, total / count, statistics={"ratios": total, "lines": count}),
        ]


def lines(source: str, script: str) -> tuple[list[str], list[str]]:
    """Both texts in lines that belong to each other."""
    ours, theirs = ([line for line in text.splitlines() if line.strip()] for text in (source, script))
    return (ours, theirs) if len(ours) == len(theirs) else ([" ".join(ours)], [" ".join(theirs)])


def ratios(source: Sequence[str], script: Sequence[str]) -> list[tuple[float, bool]]:
    """For each pair of lines: script's characters over the source's, and whether that complies."""
    found = []
    for ours, theirs in zip(source, script, strict=True):
        long, given = (len("".join(text.split())) for text in (ours, theirs))
        found.append((given / max(long, 1), long <= FREE or abs(given - long) / long <= WITHIN))
    return found


METRICS = (LengthCompliance(),)
