"""What a comparison says, in a sentence for all of it and a sentence for each measure."""

from __future__ import annotations

from filmbench.dashboards import theme
from filmbench.harness.compare import Change, Comparison
from filmbench.harness.report import deltas, words
from filmbench.harness.stats.verdict import Verdict

WORSE, BETTER, LEVEL, OPEN = "worse", "better", "not worse", "open"
TONES = {WORSE: "red", BETTER: "green", LEVEL: "green", OPEN: "gray"}
_RULED = {
    Verdict.REGRESSION: WORSE,
    Verdict.IMPROVED: BETTER,
    Verdict.EQUIVALENT: LEVEL,
    Verdict.NOT_WORSE: LEVEL,
    Verdict.INCONCLUSIVE: OPEN,
}


def side(change: Change) -> str:
    """Where a change comes down: worse, better, not worse (by its margin), or open."""
    if change.ruling:
        return _RULED[change.ruling.verdict]
    return change.shown if change.shown in (WORSE, BETTER) else OPEN


def whole(result: Comparison) -> str:
    """The verdict in one sentence: ``A is worse on X; better on Y; the other 3 measures show no difference.``"""
    measured = [change for change in result.changes if change.difference.delta is not None]
    said = [
        f"{where} on {', '.join(change.spec.title for change in measured if side(change) == where)}"
        for where in (WORSE, BETTER, LEVEL)
        if any(side(change) == where for change in measured)
    ]
    left = sum(side(change) == OPEN for change in measured)
    name = deltas.name(result.candidate)
    if not measured:
        return f"Nothing was measured on both {name} and {deltas.name(result.base)}."
    if not said:
        return (
            f"No difference between {name} and {deltas.name(result.base)} is shown by {words.count(left, 'measure')}."
        )
    rest = f"; no difference is shown by {words.count(left, 'more measure')}" if left else ""
    return f"{name} is {'; '.join(said)}{rest}."


def one(change: Change) -> str:
    """One measure as Markdown: its conclusion in colour and in words, and the evidence."""
    found, decimals = change.difference, change.spec.decimals
    levels = f"{words.number(change.base, decimals)} → {words.number(change.candidate, decimals)} {change.spec.unit}"
    bounds = words.interval(found.low, found.high, decimals, signed=True)
    by = f"{words.number(found.delta, decimals, signed=True)} {bounds}".rstrip()
    evidence = theme.plain(f"{levels.rstrip()} ({by}, n {found.n:,})")
    tone, said = TONES[side(change)], theme.plain(deltas.conclusion(change))
    return f"**{theme.plain(change.spec.title)}**: :{tone}[**{said}**], {evidence}"
