"""The footnotes of a leaderboard: how figures were made, what is missing and why."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.ranking import BY_VOTES, MEASURES
from filmbench.harness.report import words


def footnotes(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    """Everything a reader must know to trust the figures of the columns ``shown``, and why others are not."""
    notes = list(board.notes)
    notes += _ranks(board)
    notes += _voted(board)
    notes += _fronts(board)
    notes += _weights(board)
    notes += _saturated(board)
    notes += _accepted(board)
    notes += _kinds(board, shown)
    notes += _absent(board, shown)
    if any(row.latency.total.kind for row in board.rows):
        notes.append("Latency brackets are 95% order statistics; p95 needs 59 samples.")
    for row in board.rows:
        notes += _failures(row)
    return notes


def _ranks(board: Leaderboard) -> list[str]:
    if board.ranked_by is None:
        return []
    if board.ranked_by == BY_VOTES:
        return ["Ranks: people's votes; live arms that cannot be told apart at 95 % share ranks."]
    spec = _spec(board, board.ranked_by)
    failures = "failures at the worst score" if spec.worst is not None else "failures left out"
    return [
        f"Ranks: {spec.title} on the samples each pair of live arms has in common, {failures}; "
        "arms that cannot be told apart at 95 % share ranks."
    ]


def _spec(board: Leaderboard, id: str) -> MetricSpec:
    return next(spec for spec in board.columns if spec.id == id)


def _voted(board: Leaderboard) -> list[str]:
    """How votes were made into ratings, and which of these lean on something else."""
    found = board.voted
    if found is None:
        return []
    count = f"{words.count(found.votes, 'vote')} of {words.count(found.raters, 'rater')}"
    if found.preferences is None:
        return [f"{count}: {found.reason}"]
    return [
        f"Rating by votes: {count}, Davidson's model of preferences and ties, 400 points are odds of 10 to 1, "
        "the mean is 1,000; brackets have whole raters as clusters. More: filmbench votes rank.",
        *(f"{one.arm} is {one.flagged}" for one in found.preferences.ratings if one.flagged),
        *sorted({one.rating.reason for one in found.preferences.ratings if one.rating.reason}),
    ]


def _fronts(board: Leaderboard) -> list[str]:
    marks = [row.tradeoff for row in board.rows]
    if max(sum(one.cost is not None for one in marks), sum(one.latency is not None for one in marks)) < 2:
        return []
    quality = "rating by votes" if board.ranked_by == BY_VOTES else _spec(board, board.ranked_by or "").title
    return [
        f"Pareto front: no other live arm is at least as good by {quality} and as cheap (as fast) and better in one of "
        "them; by the values alone, intervals aside."
    ]


def _weights(board: Leaderboard) -> list[str]:
    if not board.weights:
        return []
    parts = [
        f"{100 * one.share:.0f} % {one.metric.title} "
        + (f"(0 at {one.worst:g}, 100 at {one.best:g}: {one.bounds})" if one.worst is not None else f"({one.reason})")
        for one in board.weights
    ]
    unscaled = any(one.worst is None for one in board.weights)
    lead = "No weighted total" if unscaled else "Weighted total, by the suite's own [weights]"
    return [
        f"{lead}: {', '.join(parts)}; on each arm's samples with all of them, failures at the worst score where "
        "there is one."
    ]


def _saturated(board: Leaderboard) -> list[str]:
    alike: dict[str, list[str]] = {}
    for id, why in board.saturated.items():
        alike.setdefault(why, []).append(_spec(board, id).title)
    return [f"Tells nobody apart here, {why}: {'; '.join(titles)}" for why, titles in alike.items()]


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
    """What a take must meet, how the price of what is accepted was made, and why arms have none."""
    specs = {spec.id: spec for spec in (*MEASURES, *board.columns)}
    sides = {id: "at least" if specs[id].higher_is_better else "at most" for id in board.accept}
    rules = [f"{specs[id].title} {sides[id]} {worst:g} {specs[id].unit}".rstrip() for id, worst in board.accept.items()]
    meets = f"and {', '.join(rules)}" if rules else "(the suite sets no further rules: [accept])"
    unit = "second" if any(row.acceptance.per_second is not None for row in board.rows) else "take"
    notes = [
        f"A take is accepted that came out well {meets}; "
        f"the price of an accepted {unit} counts the takes that were not."
    ]
    lacking: dict[str, list[str]] = {}
    for row in board.rows:
        found = row.acceptance
        if found.reason and (found.per_take if unit == "take" else found.per_second) is None:
            lacking.setdefault(found.reason, []).append(words.arm(row.arm, row.role, row.live))
    return notes + [f"No price of an accepted {unit}, {why}: {', '.join(arms)}" for why, arms in lacking.items()]


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
