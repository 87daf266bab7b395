"""What a leaderboard says, as sheets of plain text: the one source of the terminal, Markdown and HTML tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words
from filmbench.harness.stats.intervals import Estimate

FEW = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a title, headers, rows of text. The first ``keys`` columns name the row, the rest are figures."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    keys: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """A title line, sheets in order of use, and footnotes."""

    title: str
    facts: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...]


def document(board: Leaderboard) -> Document:
    """The whole table of a contract."""
    shown = [spec for spec in board.columns if _any_value(board, spec)]
    primary = [spec for spec in shown if spec.id in board.primary]
    others = [spec for spec in shown if spec.id not in board.primary]
    sheets = [
        _quality(board, primary),
        _with_failures(board, primary),
        _coverage(board),
        _others(board, others),
        _latency(board),
        _cost(board),
    ]
    return Document(
        f"{board.title}: {', '.join(board.datasets)}",
        _facts(board),
        tuple(sheet for sheet in sheets if sheet),
        tuple(_notes(board, shown)),
    )


def csv_lines(board: Leaderboard) -> list[dict[str, Any]]:
    """One line an arm, numbers unrounded, references and floors included."""
    return [_csv_row(board, row) for row in board.rows]


Cells = tuple[str, Callable[[Row], str]]


def _sheet(title: str, rows: Sequence[Row], cells: Sequence[Cells], ranked: bool = False) -> Sheet:
    first: list[Cells] = [("Rank", lambda row: words.rank(row.rank))] if ranked else []
    cells = [*first, ("Arm", arm_name), *cells]
    headers = tuple(header for header, _ in cells)
    return Sheet(title, headers, tuple(tuple(text(row) for _, text in cells) for row in rows), len(first) + 1)


def arm_name(row: Row) -> str:
    """The arm's label, marked when it is a reference, a floor or not live."""
    marks = [word for word in (words.ROLE_WORDS[row.role], "" if row.live else "not live") if word]
    return words.one_line(row.arm, 60) + (f" ({', '.join(marks)})" if marks else "")


def _quality(board: Leaderboard, primary: Sequence[MetricSpec]) -> Sheet:
    cells = _levels(board, primary, lambda row, spec: row.values[spec.id])
    cells.append(("Success (%)", lambda row: words.percent(row.success)))
    cells.append(("Good / planned takes", lambda row: f"{row.ok:,}/{row.planned:,}"))
    return _sheet("Quality", board.rows, cells, ranked=True)


def _coverage(board: Leaderboard) -> Sheet | None:
    if not any(row.unsupported for row in board.rows):
        return None
    cells: list[Cells] = [
        ("Covers (%)", lambda row: f"{100 * row.coverage:.0f}"),
        ("Unsupported takes", lambda row: f"{row.unsupported:,}"),
        ("Languages", lambda row: ", ".join(row.languages) or words.NONE),
    ]
    return _sheet("Coverage: unsupported takes stay out of every rate", board.rows, cells)


def _with_failures(board: Leaderboard, primary: Sequence[MetricSpec]) -> Sheet | None:
    bounded = [spec for spec in primary if spec.worst is not None]
    if not bounded or not any(_counted_failures(row) for row in board.rows):
        return None
    cells = _levels(board, bounded, lambda row, spec: row.with_failures[spec.id])
    return _sheet("Quality, with every failure counted as the worst score", board.rows, cells)


def _others(board: Leaderboard, others: Sequence[MetricSpec]) -> Sheet | None:
    if not others:
        return None
    return _sheet("Other measures", board.rows, _levels(board, others, lambda row, spec: row.values[spec.id]))


Get = Callable[[Row, MetricSpec], Estimate]


def _levels(board: Leaderboard, specs: Sequence[MetricSpec], get: Get) -> list[Cells]:
    """Columns of estimates. Where each row has one n for all of them it gets a column, else it stands in each cell."""
    found = [{get(row, spec).n for spec in specs if get(row, spec).value is not None} for row in board.rows]
    one_n = all(len(sizes) <= 1 for sizes in found)
    cells = [_level(spec, get, not one_n) for spec in specs]
    if one_n and specs:
        cells.append(("n", lambda row: words.integer(max(get(row, spec).n for spec in specs) or None)))
    return cells


def _level(spec: MetricSpec, get: Get, with_n: bool) -> Cells:
    def text(row: Row) -> str:
        found = get(row, spec)
        cell = words.estimate(found, spec.decimals)
        return f"{cell} n {found.n:,}" if with_n and found.value is not None else cell

    return words.heading(spec), text


def _latency(board: Leaderboard) -> Sheet | None:
    if not any(row.latency.total.value is not None for row in board.rows):
        return None
    cells: list[Cells] = [
        ("Total (s), median", lambda row: words.seconds(row.latency.total, True)),
        ("p95 (s)", lambda row: words.seconds(row.latency.total_p95, True)),
        ("First byte (s)", lambda row: words.seconds(row.latency.first_byte)),
        (f"First {_content_word(board)} (s)", lambda row: words.seconds(row.latency.first_content)),
        ("Real-time factor", lambda row: words.seconds(row.latency.real_time_factor)),
        ("Model load (s)", lambda row: words.significant(row.latency.model_load)),
        ("n", lambda row: f"{row.latency.takes:,}"),
    ]
    if any(row.latency.cached for row in board.rows):
        cells.append(("From cache", lambda row: f"{row.latency.cached:,}"))
        cells.append(("Made", lambda row: words.dates(row.latency.first_made, row.latency.last_made)))
    waits = [wait for wait in ("queue", "limiter", "retry") if any(row.latency.waits.get(wait) for row in board.rows)]
    cells += [(f"Our {wait} wait (s)", _wait(wait)) for wait in waits]
    machines = {row.latency.machines for row in board.rows if row.latency.machines}
    if len(machines) > 1:
        cells.append(("Machine", lambda row: "; ".join(row.latency.machines) or words.NONE))
    return _sheet("Latency", board.rows, cells)


def _wait(name: str) -> Callable[[Row], str]:
    return lambda row: words.significant(row.latency.waits.get(name))


def _content_word(board: Leaderboard) -> str:
    return "audible" if board.contract.split("/")[0] in ("tts", "dubbing") else "visible"


def _cost(board: Leaderboard) -> Sheet:
    cells: list[Cells] = [
        ("$ per 1,000 characters", lambda row: words.money(row.cost.per_1000_characters, row.cost.at_least)),
        ("$ per finished minute", lambda row: words.money(row.cost.per_finished_minute, row.cost.at_least)),
        ("Billed", lambda row: words.money(row.cost.billed, row.cost.at_least)),
        ("Quoted", lambda row: words.money(row.cost.quoted)),
        ("Unpriced takes", lambda row: f"{row.cost.unpriced:,}"),
    ]
    if any(row.cost.human_minutes is not None for row in board.rows):
        cells.append(("Human work (min)", lambda row: words.number(row.cost.human_minutes, 1)))
    return _sheet("Cost, failures included", board.rows, cells)


def _facts(board: Leaderboard) -> tuple[str, ...]:
    spend = board.spend
    total = f"total {'at least ' if spend.unpriced else ''}{words.money(spend.total)}"
    if spend.unpriced:
        total += f", {words.count(spend.unpriced, 'take')} unpriced"
    if spend.fresh != spend.total:
        total += f" (this run: {words.money(spend.fresh)})"
    machines = sorted({machine for row in board.rows for machine in row.latency.machines})
    facts = [
        f"languages: {', '.join(board.languages) or 'none named'}",
        f"made {words.dates(board.first_made, board.last_made)}",
        total,
    ]
    if len(machines) == 1:
        facts.append(f"timed on {machines[0]}")
    return tuple(facts)


def _notes(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    notes = list(board.notes)
    if board.ranked_by:
        spec = next(spec for spec in board.columns if spec.id == board.ranked_by)
        failures = "failures at the worst score" if spec.worst is not None else "failures left out"
        notes.append(
            f"Ranks: {spec.title} on the samples each pair of live arms has in common, {failures}; "
            "arms that cannot be told apart at 95 % share ranks."
        )
    for spec in shown:
        kinds = sorted({row.values[spec.id].kind or "" for row in board.rows} - {""})
        clusters = sorted({row.values[spec.id].clusters for row in board.rows if row.values[spec.id].kind})
        if kinds:
            span = f"{clusters[0]}" if len(clusters) == 1 else f"{clusters[0]} to {clusters[-1]}"
            proxy = "; a proxy of our own, not a published metric" if spec.provenance == "proxy" else ""
            flag = f"; {spec.licence_flag}" if spec.licence_flag else ""
            notes.append(f"{spec.title}: brackets are {' or '.join(kinds)}, {span} clusters{proxy}{flag}.")
    few = [found.clusters for row in board.rows for found in row.values.values() if found.kind]
    if few and min(few) < FEW:
        notes.append(f"With {min(few)} clusters the brackets of skewed measures, such as error rates, are too narrow.")
    notes += _absent(board, shown)
    if any(row.latency.total.kind for row in board.rows):
        notes.append("Latency brackets are 95% order statistics; p95 needs 59 samples.")
    for row in board.rows:
        notes += [
            f"{arm_name(row)}: {words.count(failure.count, 'take')} {failure.outcome.replace('_', ' ')}: "
            f"{words.one_line(failure.reason)}"
            for failure in row.failures
        ]
        if row.latency.total.value is None and row.latency.total.reason and row.ok:
            notes.append(f"{arm_name(row)}: no latency: {row.latency.total.reason}")
    return notes


def _absent(board: Leaderboard, shown: Sequence[MetricSpec]) -> list[str]:
    """Why a column is not shown, or a cell of a shown column is empty."""
    notes = []
    good = [row for row in board.rows if row.ok]
    for spec in board.columns:
        reasons: dict[str, list[str]] = {}
        for row in good:
            found = row.values[spec.id]
            if found.value is None:
                reasons.setdefault(words.one_line(found.reason or ""), []).append(arm_name(row))
            elif spec.id in row.gaps:
                gap = row.gaps[spec.id]
                why = f"{words.count(gap.count, 'good take')} unscored: {words.one_line(gap.reason)}"
                reasons.setdefault(why, []).append(arm_name(row))
            elif found.low is None and found.high is None and found.reason and spec in shown:
                reasons.setdefault(words.one_line(found.reason), []).append(arm_name(row))
        state = "" if spec in shown else " (not shown)"
        for why, arms in reasons.items():
            who = "all arms" if len(arms) == len(good) else ", ".join(arms)
            notes.append(f"{spec.title}{state}: {who}: {why}")
    return notes


def _counted_failures(row: Row) -> bool:
    return any(failure.outcome != "unsupported" for failure in row.failures)


def _any_value(board: Leaderboard, spec: MetricSpec) -> bool:
    return any(row.values[spec.id].value is not None for row in board.rows)


def _csv_row(board: Leaderboard, row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {
        "Dataset": ", ".join(board.datasets),
        "Arm": row.arm,
        "Provider": row.provider,
        "Role": row.role,
        "Live": "yes" if row.live else "no",
        "Best rank": row.rank[0] if row.rank else None,
        "Worst rank": row.rank[1] if row.rank else None,
        "Planned takes": row.planned,
        "Made takes": row.made,
        "Good takes": row.ok,
        "Unsupported takes": row.unsupported,
        "Languages": " ".join(row.languages),
    }
    line |= _csv_estimate("Success (share)", row.success)
    for spec in board.columns:
        name = f"{spec.title} ({spec.unit})" if spec.unit else spec.title
        line |= _csv_estimate(name, row.values[spec.id])
        if spec.id in row.with_failures:
            line |= _csv_estimate(f"{name}, failures as worst", row.with_failures[spec.id])
    line |= _csv_estimate("Total (s), median", row.latency.total)
    line |= _csv_estimate("Total (s), p95", row.latency.total_p95)
    line |= _csv_estimate("First byte (s), median", row.latency.first_byte)
    line |= _csv_estimate("First content (s), median", row.latency.first_content)
    line |= _csv_estimate("Real-time factor, median", row.latency.real_time_factor)
    line |= {
        "Model load (s)": row.latency.model_load,
        "Machine": "; ".join(row.latency.machines),
        "Takes from cache": row.latency.cached,
        "First made": row.latency.first_made,
        "Last made": row.latency.last_made,
        "$ per 1,000 characters": row.cost.per_1000_characters,
        "$ per finished minute": row.cost.per_finished_minute,
        "Billed ($)": row.cost.billed,
        "Quoted ($)": row.cost.quoted,
        "Unpriced takes": row.cost.unpriced,
        "Human work (min)": row.cost.human_minutes,
    }
    return line


def _csv_estimate(name: str, found: Estimate) -> dict[str, Any]:
    return {name: found.value, f"{name} low": found.low, f"{name} high": found.high, f"{name} n": found.n}
