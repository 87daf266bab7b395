"""What a leaderboard says, as sheets of plain text: the one source of the terminal, Markdown and HTML tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words
from filmbench.harness.report.notes import footnotes
from filmbench.harness.stats.intervals import Estimate, missing
from filmbench.harness.stats.preferences import Rating


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
        _voted(board),
        _coverage(board),
        _others(board, others),
        _latency(board),
        _cost(board),
    ]
    return Document(
        f"{board.title}: {', '.join(board.datasets)}",
        _facts(board),
        tuple(sheet for sheet in sheets if sheet),
        tuple(footnotes(board, shown)),
    )


def csv_lines(board: Leaderboard) -> list[dict[str, Any]]:
    """One line an arm, numbers unrounded, references and floors included."""
    return [_csv_row(board, row) for row in board.rows]


Cells = tuple[str, Callable[[Row], str]]


def _sheet(title: str, rows: Sequence[Row], cells: Sequence[Cells], keys: Sequence[Cells] = ()) -> Sheet:
    """A sheet whose rows are named by the arm, with ``keys`` beside it."""
    named: list[Cells] = [("Arm", arm_name), *keys]
    named.sort(key=lambda cell: cell[0] != "Rank")
    cells = [*named, *cells]
    headers = tuple(header for header, _ in cells)
    return Sheet(title, headers, tuple(tuple(text(row) for _, text in cells) for row in rows), len(named))


def arm_name(row: Row) -> str:
    """The arm's label, marked when it is a reference, a floor or not live."""
    return words.arm(row.arm, row.role, row.live)


def _quality(board: Leaderboard, primary: Sequence[MetricSpec]) -> Sheet:
    keys, cells = _levels(board, primary, lambda row, spec: row.values[spec.id])
    if board.weights:
        cells.append(("Weighted total ↑", lambda row: words.estimate(row.total, 1)))
    cells.append(("Success (%)", lambda row: words.percent(row.success)))
    if board.accept:
        cells.append(("Accepted (%)", lambda row: words.percent(row.acceptance.rate)))
    cells.append(("Good / planned takes", lambda row: f"{row.ok:,}/{row.planned:,}"))
    return _sheet("Quality", board.rows, cells, [("Rank", lambda row: words.rank(row.rank)), *keys])


def _voted(board: Leaderboard) -> Sheet | None:
    if not any(row.voted for row in board.rows):
        return None
    cells: list[Cells] = [
        ("Rating by votes ↑", lambda row: words.estimate(row.voted.rating, 0) if row.voted else words.NONE),
        ("Rank by votes", lambda row: words.rank(row.voted.ranks) if row.voted else words.NONE),
        ("Votes", lambda row: words.integer(row.voted.votes) if row.voted else words.NONE),
        ("Raters", lambda row: words.integer(row.voted.raters) if row.voted else words.NONE),
        ("Won / tied / lost", lambda row: won_tied_lost(row.voted) if row.voted else words.NONE),
    ]
    return _sheet("People's votes", board.rows, cells)


def won_tied_lost(found: Rating) -> str:
    """Votes for an arm, ties and votes against it: ``12/3/5``."""
    return f"{found.wins:,}/{found.ties:,}/{found.losses:,}"


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
    keys, cells = _levels(board, bounded, lambda row, spec: row.with_failures[spec.id])
    return _sheet("Quality, with every failure counted as the worst score", board.rows, cells, keys)


def _others(board: Leaderboard, others: Sequence[MetricSpec]) -> Sheet | None:
    if not others:
        return None
    keys, cells = _levels(board, others, lambda row, spec: row.values[spec.id])
    return _sheet("Other measures", board.rows, cells, keys)


Get = Callable[[Row, MetricSpec], Estimate]


def _levels(board: Leaderboard, specs: Sequence[MetricSpec], get: Get) -> tuple[list[Cells], list[Cells]]:
    """Columns of estimates. Where each row has one n for all of them it stands beside the arm, else in each cell."""
    found = [{get(row, spec).n for spec in specs if get(row, spec).value is not None} for row in board.rows]
    one_n = bool(specs) and all(len(sizes) <= 1 for sizes in found)
    keys: list[Cells] = [("n", lambda row: words.integer(max(get(row, spec).n for spec in specs) or None))]
    return keys if one_n else [], [_level(spec, get, not one_n, spec.id in board.saturated) for spec in specs]


def _level(spec: MetricSpec, get: Get, with_n: bool, saturated: bool) -> Cells:
    def text(row: Row) -> str:
        found = get(row, spec)
        cell = words.estimate(found, spec.decimals)
        return f"{cell} n {found.n:,}" if with_n and found.value is not None else cell

    return f"{words.heading(spec)}{' · all tie' if saturated else ''}", text


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
        ("Made", lambda row: words.dates(row.latency.first_made, row.latency.last_made)),
    ]
    if front := _front(board, lambda row: row.tradeoff.latency):
        cells.insert(0, front)
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
        ("$ per good take", lambda row: words.money(row.cost.per_good_take, row.cost.at_least)),
        ("$ per finished minute", lambda row: words.money(row.cost.per_finished_minute, row.cost.at_least)),
        ("Billed", lambda row: words.money(row.cost.billed, row.cost.at_least)),
        ("Quoted", lambda row: words.money(row.cost.quoted)),
        ("Unpriced takes", lambda row: f"{row.cost.unpriced:,}"),
    ]
    if board.contract == "tts":
        cells[0] = ("$ per 1,000 characters", lambda row: words.money(row.cost.per_1000_characters, row.cost.at_least))
    if front := _front(board, lambda row: row.tradeoff.cost):
        cells.insert(0, front)
    cells.append(("Takes per accepted one", _takes_per_accepted))
    if any(row.acceptance.per_second is not None for row in board.rows):
        cells.append(("$ per accepted second", lambda row: words.money(row.acceptance.per_second)))
        cells.append(("5 and 9 times in 10 at most", _accepted_second))
    else:
        cells.append(("$ per accepted take", lambda row: words.money(row.acceptance.per_take)))
        cells.append(("5 and 9 times in 10 at most", _accepted_take))
    if any(row.cost.human_minutes is not None for row in board.rows):
        cells.append(("Human work (min)", lambda row: words.minutes(row.cost.human_minutes, row.cost.untold)))
    return _sheet("Cost, failures included", board.rows, cells)


def _front(board: Leaderboard, get: Callable[[Row], bool | None]) -> Cells | None:
    """A column for the front, where two arms or more can be on it."""
    if sum(get(row) is not None for row in board.rows) < 2:
        return None
    return "Pareto front", lambda row: {True: "yes", False: "no", None: words.NONE}[get(row)]


def _takes_per_accepted(row: Row) -> str:
    found = row.acceptance
    if found.takes_mean is None:
        return words.NONE
    return f"{words.significant(found.takes_mean)} (50 % {found.takes_p50:,}, 90 % {found.takes_p90:,})"


def _accepted_second(row: Row) -> str:
    return _between(row.acceptance.per_second_p50, row.acceptance.per_second_p90)


def _accepted_take(row: Row) -> str:
    return _between(row.acceptance.per_take_p50, row.acceptance.per_take_p90)


def _between(half: float | None, nine: float | None) -> str:
    return words.NONE if half is None or nine is None else f"{words.money(half)} – {words.money(nine)}"


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
    line |= _csv_estimate("Accepted (share)", row.acceptance.rate)
    if board.weights:
        line |= _csv_estimate("Weighted total", row.total or missing("no total"))
    if board.voted:
        line |= _csv_voted(row)
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
        "First made": row.latency.first_made,
        "Last made": row.latency.last_made,
        "$ per 1,000 characters": row.cost.per_1000_characters,
        "$ per finished minute": row.cost.per_finished_minute,
        "$ per good take": row.cost.per_good_take,
        "Pareto front, quality and cost": _yes(row.tradeoff.cost),
        "Pareto front, quality and latency": _yes(row.tradeoff.latency),
        "Takes per accepted one": row.acceptance.takes_mean,
        "Takes per accepted one, p50": row.acceptance.takes_p50,
        "Takes per accepted one, p90": row.acceptance.takes_p90,
        "$ per accepted take": row.acceptance.per_take,
        "$ per accepted take, p50": row.acceptance.per_take_p50,
        "$ per accepted take, p90": row.acceptance.per_take_p90,
        "$ per accepted second": row.acceptance.per_second,
        "$ per accepted second, p50": row.acceptance.per_second_p50,
        "$ per accepted second, p90": row.acceptance.per_second_p90,
        "Billed ($)": row.cost.billed,
        "Quoted ($)": row.cost.quoted,
        "Unpriced takes": row.cost.unpriced,
        "Human work (min)": row.cost.human_minutes,
    }
    return line


def _csv_voted(row: Row) -> dict[str, Any]:
    found = row.voted
    ranks = found.ranks if found else None
    return _csv_estimate("Rating by votes", found.rating if found else missing("no votes")) | {
        "Best rank by votes": ranks[0] if ranks else None,
        "Worst rank by votes": ranks[1] if ranks else None,
        "Votes": found.votes if found else None,
        "Raters": found.raters if found else None,
        "Votes won": found.wins if found else None,
        "Votes tied": found.ties if found else None,
        "Votes lost": found.losses if found else None,
    }


def _yes(mark: bool | None) -> str | None:
    return None if mark is None else "yes" if mark else "no"


def _csv_estimate(name: str, found: Estimate) -> dict[str, Any]:
    return {
        name: found.value,
        f"{name} low": found.low,
        f"{name} high": found.high,
        f"{name} n": found.n,
        f"{name} covers (%)": found.covers,
    }
