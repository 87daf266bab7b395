"""The footnotes of a leaderboard: how figures were made, what is missing and why."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words


def footnotes(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    """Everything a reader must know to trust the figures of the columns ``shown``, and why others are not."""
    notes = list(board.notes)
    if board.ranked_by:
        spec = next(spec for spec in board.columns if spec.id == board.ranked_by)
        failures = "failures at the worst score" if spec.worst is not None else "failures left out"
        notes.append(
            f"Ranks: {spec.title} on the samples each pair of live arms has in common, {failures}; "
            "arms that cannot be told apart at 95 % share ranks."
        )
    notes += _accepted(board)
    notes += _kinds(board, shown)
    notes += _absent(board, shown)
    if any(row.latency.total.kind for row in board.rows):
        notes.append("Latency brackets are 95% order statistics; p95 needs 59 samples.")
    for row in board.rows:
        notes += _failures(row)
    return notes


def _failures(row: Row) -> list[str]:
    arm = words.arm(row.arm, row.role, row.live)
    notes = [
        f"{arm}: {words.count(failure.count, 'take')} {failure.outcome.replace('_', ' ')}: "
        f"{words.one_line(failure.reason)}"
        for failure in row.failures
    ]
    if row.latency.total.value is None and row.latency.total.reason and row.ok:
        notes.append(f"{arm}: no latency: {row.latency.total.reason}")
    return notes


def _accepted(board: Leaderboard) -> list[str]:
    """What a take must meet, and how the price of an accepted second was made."""
    if not any(row.acceptance.per_second is not None for row in board.rows) and not board.accept:
        return []
    specs = {spec.id: spec for spec in board.columns}
    sides = {id: "at least" if specs[id].higher_is_better else "at most" for id in board.accept}
    rules = [f"{specs[id].title} {sides[id]} {worst:g} {specs[id].unit}".rstrip() for id, worst in board.accept.items()]
    meets = f"and {', '.join(rules)}" if rules else "(the suite sets no further rules: [accept])"
    return [f"A take is accepted that came out well {meets}; a second's price counts the takes that were not."]


def _kinds(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    """How the brackets were made, columns of one kind together; proxies and licences by name."""
    alike: dict[tuple[str, str], list[str]] = {}
    for spec in shown:
        found = [row.values[spec.id] for row in board.rows if row.values[spec.id].kind]
        sizes = sorted({one.clusters for one in found})
        if found:
            kinds = " or ".join(sorted({str(one.kind) for one in found}))
            span = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
            alike.setdefault((kinds, span), []).append(spec.title)
    notes = [f"Brackets are {kinds}, {span} clusters: {'; '.join(titles)}" for (kinds, span), titles in alike.items()]
    notes += words.few_samples(row.values[spec.id] for row in board.rows for spec in shown)
    proxies = [spec.title for spec in shown if spec.provenance == "proxy"]
    if proxies:
        notes.append(f"Proxies of our own, not published metrics: {'; '.join(proxies)}")
    return notes + [f"{spec.title}: {spec.licence_flag}" for spec in shown if spec.licence_flag]


def _absent(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    """Why columns are not shown, or cells of shown columns are empty; columns with one reason together."""
    good = [row for row in board.rows if row.ok]
    alike: dict[tuple[bool, str, str], list[str]] = {}
    for spec in board.columns:
        reasons: dict[str, list[str]] = {}
        for row in good:
            why = _lack(row, spec, spec in shown)
            if why:
                reasons.setdefault(why, []).append(words.arm(row.arm, row.role, row.live))
        for why, arms in reasons.items():
            who = "all arms" if len(arms) == len(good) else ", ".join(arms)
            alike.setdefault((spec in shown, who, why), []).append(spec.title)
    return [
        f"{'' if is_shown else 'Not shown: '}{'; '.join(titles)}: {who}: {why}"
        for (is_shown, who, why), titles in alike.items()
    ]


def _lack(row: Row, spec: MetricSpec, shown: bool) -> str | None:
    """What is missing in one cell, if anything."""
    found, gap = row.values[spec.id], row.gaps.get(spec.id)
    if found.value is None:
        return words.one_line(found.reason or "")
    if gap:
        return f"{words.count(gap.count, 'good take')} unscored: {words.one_line(gap.reason)}"
    if shown and found.low is None and found.high is None:
        return words.one_line(found.reason or "")
    return None
