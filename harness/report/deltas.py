"""What a comparison says, as sheets of plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from filmbench.harness.compare import Change, Comparison, Side
from filmbench.harness.pairs import Pair
from filmbench.harness.report import words
from filmbench.harness.report.sheets import Document, Sheet
from filmbench.harness.stats.intervals import Estimate
from filmbench.harness.stats.verdict import Verdict


def document(result: Comparison) -> Document:
    """The whole comparison."""
    sheets = [_quality(result), _cost_and_latency(result)]
    sheets += [
        _pairs(title, result, pairs)
        for title, pairs in (("Largest losses", result.losses), ("Largest gains", result.gains))
        if pairs
    ]
    return Document(
        f"{result.title}: {name(result.candidate)} against {name(result.base)}",
        _facts(result),
        tuple(sheets),
        tuple(_notes(result)),
    )


def name(side: Side) -> str:
    """The arm's label, marked when it is not live."""
    return words.arm(side.arm, "arm", side.live)


def conclusion(change: Change) -> str:
    """The verdict where a margin was given, else what the adjusted test shows, in words."""
    if change.ruling is None:
        if change.difference.p is None:
            return "not tested"
        return f"candidate {change.shown}" if change.shown else "no difference shown"
    if change.ruling.verdict is Verdict.INCONCLUSIVE and change.ruling.needed:
        return f"inconclusive, n ≈ {change.ruling.needed:,}"
    return str(change.ruling.verdict)


def csv_lines(result: Comparison) -> list[dict[str, Any]]:
    """One line a metric, then one for reliability, each latency and each price; numbers unrounded."""
    return [*(_csv_line(result, change) for change in result.changes), *_csv_beside(result)]


Cells = tuple[str, Callable[[Change], str]]


def _quality(result: Comparison) -> Sheet:
    cells: list[Cells] = [
        ("Measure", lambda change: words.heading(change.spec)),
        ("Base", lambda change: words.number(change.base, change.spec.decimals)),
        ("Candidate", lambda change: words.number(change.candidate, change.spec.decimals)),
        ("Change", _change),
        ("Conclusion", conclusion),
        ("p", lambda change: words.p_value(change.difference.p)),
        ("n", lambda change: f"{change.difference.n:,}"),
        ("Margin", lambda change: words.number(change.ruling.margin, change.spec.decimals) if change.ruling else ""),
        ("Candidate wins (%)", _wins),
        ("Effect (dz)", lambda change: words.number(change.difference.effect, 2, signed=True)),
    ]
    shown = [change for change in result.changes if change.difference.delta is not None]
    if any(change.difference != change.given_success for change in shown):
        cells.append(("Change where both came out well", _given_success))
    rows = [tuple(text(change) for _, text in cells) for change in shown]
    return Sheet("Quality on the same samples", tuple(header for header, _ in cells), tuple(rows))


def _change(change: Change) -> str:
    found, decimals = change.difference, change.spec.decimals
    bounds = words.interval(found.low, found.high, decimals, signed=True)
    return f"{words.number(found.delta, decimals, signed=True)} {bounds}".rstrip()


def _given_success(change: Change) -> str:
    found, decimals = change.given_success, change.spec.decimals
    bounds = words.interval(found.low, found.high, decimals, signed=True)
    return f"{words.number(found.delta, decimals, signed=True)} {bounds} n {found.n:,}"


def _wins(change: Change) -> str:
    return words.NONE if change.wins is None else f"{100 * change.wins:.0f}"


def _cost_and_latency(result: Comparison) -> Sheet:
    base, candidate = result.base, result.candidate
    rows = [
        ("Good takes (%)", words.percent(base.success), words.percent(candidate.success), _points(result)),
        ("Good / asked takes", f"{base.ok:,}/{base.takes:,}", f"{candidate.ok:,}/{candidate.takes:,}", ""),
        _seconds("Total (s), median", base.latency.total, candidate.latency.total, result.total_ratio),
        _seconds("Total (s), p95", base.latency.total_p95, candidate.latency.total_p95, None),
        _seconds(
            "First content (s), median",
            base.latency.first_content,
            candidate.latency.first_content,
            result.first_content_ratio,
        ),
        _seconds("First content (s), p95", base.latency.first_content_p95, candidate.latency.first_content_p95, None),
        (
            "$ per good take" if base.cost.per_1000_characters is None else "$ per 1,000 characters",
            words.money(base.cost.unit_price, base.cost.at_least),
            words.money(candidate.cost.unit_price, candidate.cost.at_least),
            _times(words.significant(result.cost_ratio)),
        ),
        (
            "$ per finished minute",
            words.money(base.cost.per_finished_minute, base.cost.at_least),
            words.money(candidate.cost.per_finished_minute, candidate.cost.at_least),
            "",
        ),
    ]
    return Sheet("Reliability, latency, cost", ("Measure", "Base", "Candidate", "Change"), tuple(rows))


def _times(ratio: str) -> str:
    return ratio if ratio == words.NONE else f"× {ratio}"


def _points(result: Comparison) -> str:
    found = result.success
    bounds = words.interval(found.low, found.high, 1, signed=True)
    return f"{words.number(found.delta, 1, signed=True)} {bounds} points" if found.delta is not None else words.NONE


def _seconds(title: str, base: Estimate, candidate: Estimate, ratio: Estimate | None) -> tuple[str, str, str, str]:
    if ratio is None:  # percentiles: their bounds are all that few samples can tell
        return title, words.seconds(base, True), words.seconds(candidate, True), ""
    text = words.significant(ratio.value)
    if ratio.low is not None and ratio.high is not None:
        text += f" [{words.significant(ratio.low)}, {words.significant(ratio.high)}]"
    return title, words.seconds(base), words.seconds(candidate), _times(text)


def _pairs(title: str, result: Comparison, pairs: Sequence[Pair]) -> Sheet:
    spec = result.change(result.pairs_by or "").spec
    rows = [
        (
            words.one_line(pair.sample, 24),
            pair.language or "",
            words.one_line(pair.text, 38),
            value(pair.base, pair.base_outcome, spec.decimals),
            value(pair.candidate, pair.candidate_outcome, spec.decimals),
        )
        for pair in pairs
    ]
    return Sheet(f"{title}: {words.heading(spec)}", ("Sample", "Language", "Text", "Base", "Candidate"), tuple(rows), 3)


def value(value: float, outcome: str, decimals: int) -> str:
    """A sample's figure, with how its take ended where that was not well."""
    text = words.number(value, decimals)
    return text if outcome == "ok" else f"{text} ({outcome.replace('_', ' ')})"


def _facts(result: Comparison) -> tuple[str, ...]:
    return (
        f"dataset {', '.join(result.datasets)}",
        f"languages: {', '.join(result.languages) or 'none named'}",
        f"{words.count(result.paired_samples, 'sample')} in {words.count(result.clusters, 'cluster')}",
        f"base made {words.dates(result.base.first_made, result.base.last_made)}",
        f"candidate made {words.dates(result.candidate.first_made, result.candidate.last_made)}",
    )


def _notes(result: Comparison) -> list[str]:
    notes = [
        "Change is candidate minus base, takes of a sample averaged; brackets are 95% clustered t of the differences.",
        "p is two-sided, from flipping whole clusters.",
    ]
    notes += words.few_samples(change.difference for change in result.changes)
    if any(change.ruling for change in result.changes):
        notes.append(
            "Verdicts: one-sided tests at 5 %, Holm over the measures with a margin, 90 % interval; "
            "n ≈ is the number of samples that would show a change of the margin's size 8 times in 10."
        )
    if any(change.ruling is None for change in result.changes):
        notes.append("Without a margin: differences that hold at 5 % after Benjamini and Hochberg are named.")
    dropped = [change.spec.title for change in result.changes if _lost(change)]
    if dropped and any(side.ok < side.takes for side in (result.base, result.candidate)):
        notes.append(f"Failures have no worst value and are left out: {', '.join(dropped)}.")
    for who, only in (("base", result.only_base), ("candidate", result.only_candidate)):
        if only:
            listed = ", ".join(only[:10]) + (f" and {len(only) - 10} more" if len(only) > 10 else "")
            notes.append(f"Only the {who} has {words.count(len(only), 'sample')}, left out: {listed}")
    reasons: dict[str, list[str]] = {}
    for change in result.changes:
        if change.difference.delta is None:
            reasons.setdefault(words.one_line(change.difference.reason or ""), []).append(change.spec.title)
    notes += [f"Not compared, {why}: {'; '.join(titles)}" for why, titles in reasons.items()]
    for side in (result.base, result.candidate):
        if side.answered_models:
            notes.append(f"{name(side)} answered as {', '.join(side.answered_models)}")
    if result.total_ratio.reason:
        notes.append(f"Ratio of median latencies: {result.total_ratio.reason}")
    return notes


def _lost(change: Change) -> bool:
    return change.failures == "left out" and change.difference.delta is not None


def _csv_line(result: Comparison, change: Change) -> dict[str, Any]:
    found = change.difference
    return {
        "Dataset": ", ".join(result.datasets),
        "Base": result.base.arm,
        "Candidate": result.candidate.arm,
        "Measure": change.spec.title,
        "Unit": change.spec.unit,
        "Base value": change.base,
        "Candidate value": change.candidate,
        "Change": found.delta,
        "Change low": found.low,
        "Change high": found.high,
        "Of 100 intervals hold the truth": found.covers,
        "p": found.p,
        "p adjusted": change.p,
        "Effect (dz)": found.effect,
        "Candidate wins (share)": change.wins,
        "Samples": found.n,
        "Clusters": found.clusters,
        "Margin": change.ruling.margin if change.ruling else None,
        "Conclusion": conclusion(change),
        "Samples needed": change.ruling.needed if change.ruling else None,
        "Failures": change.failures,
        "Reason": found.reason,
        "Ratio": None,
        "Ratio low": None,
        "Ratio high": None,
        "Samples only the base has": len(result.only_base),
        "Samples only the candidate has": len(result.only_candidate),
    }


def _csv_beside(result: Comparison) -> list[dict[str, Any]]:
    """What stands beside quality, under the same headings; what has no ratio or interval leaves them empty."""
    base, candidate = result.base, result.candidate
    times = (
        ("Total, median", base.latency.total, candidate.latency.total, result.total_ratio),
        ("Total, p95", base.latency.total_p95, candidate.latency.total_p95, None),
        ("First content, median", base.latency.first_content, candidate.latency.first_content,
         result.first_content_ratio),
        ("First content, p95", base.latency.first_content_p95, candidate.latency.first_content_p95, None),
    )  # fmt: skip
    price = "Price per good take" if base.cost.per_1000_characters is None else "Price per 1,000 characters"
    minutes = (base.cost.per_finished_minute, candidate.cost.per_finished_minute)
    unpriced = base.cost.reason or candidate.cost.reason
    return [
        _beside(result, "Success", "%", _hundred(base.success), _hundred(candidate.success), _csv_success(result)),
        _beside(result, "Good takes", "", base.ok, candidate.ok),
        _beside(result, "Asked takes", "", base.takes, candidate.takes),
        *(_beside(result, title, "s", one.value, other.value, _csv_time(one, other, ratio))
          for title, one, other, ratio in times),
        _beside(result, price, "$", base.cost.unit_price, candidate.cost.unit_price,
                {"Ratio": result.cost_ratio, "Reason": unpriced}),
        _beside(result, "Price per finished minute", "$", *minutes, {"Reason": unpriced}),
    ]  # fmt: skip


def _beside(
    result: Comparison,
    measure: str,
    unit: str,
    base: float | None,
    candidate: float | None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "Dataset": ", ".join(result.datasets),
        "Base": result.base.arm,
        "Candidate": result.candidate.arm,
        "Measure": measure,
        "Unit": unit,
        "Base value": base,
        "Candidate value": candidate,
        **(more or {}),
    }


def _hundred(found: Estimate) -> float | None:
    return None if found.value is None else 100 * found.value


def _csv_success(result: Comparison) -> dict[str, Any]:
    found = result.success
    change = {"Change": found.delta, "Change low": found.low, "Change high": found.high}
    return {**change, "p": found.p, "Samples": found.n, "Clusters": found.clusters, "Reason": found.reason}


def _csv_time(base: Estimate, candidate: Estimate, ratio: Estimate | None) -> dict[str, Any]:
    """The ratio, or why one of the two has no value."""
    lacking = next((one.reason for one in (base, candidate) if one.value is None), None)
    if ratio is None:
        return {"Reason": lacking}
    return {"Samples": ratio.n, "Ratio": ratio.value, "Ratio low": ratio.low, "Ratio high": ratio.high,
            "Reason": lacking or ratio.reason}  # fmt: skip
