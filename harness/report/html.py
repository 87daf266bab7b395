"""The report: one HTML file with the tables of a run and a player beside every number, to open anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filmbench.harness.contracts import Contract, contract
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.media import proxy
from filmbench.harness.report import charts, listening, page, provenance, sheets, words
from filmbench.harness.report.listening import Line, Take
from filmbench.harness.report.provenance import Data
from filmbench.harness.store import Store, frames
from filmbench.harness.types import UsageError

if TYPE_CHECKING:
    from filmbench.harness.results import Results

EMBEDDED_BYTES = 25_000_000
"""How much sound, film and pictures one report holds at most, as text in the page."""
BASE64 = 4 / 3
"""What a byte takes in the page."""


@dataclass(frozen=True, slots=True)
class Player:
    """A take with what plays it: a ``data:`` address, or the reason why there is none."""

    take: Take
    source: str | None
    silence: str | None
    kind: proxy.Player | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One board with all that is shown of it. ``left_out`` counts lines that found no room."""

    board: Leaderboard
    document: sheets.Document
    tables: tuple[charts.Table, ...]
    plots: tuple[charts.Plot, ...]
    scatters: tuple[charts.Scatter, ...]
    languages: tuple[tuple[str, charts.Table], ...]
    finding: str
    lines: tuple[tuple[Line, tuple[Player, ...]], ...]
    left_out: int


def write(store: Store, found: Results, boards: Sequence[Leaderboard] | None = None) -> Path:
    """Write ``report.html`` into the run's folder. Equal ledgers give equal bytes.

    ``boards`` are those of ``found`` where the caller has them already.
    """
    file = store.run_folder(found.run) / "report.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(render(store, found, boards or found.boards()), encoding="utf-8")
    unfinished.replace(file)
    return file


def render(store: Store, found: Results, boards: Sequence[Leaderboard], most_bytes: int = EMBEDDED_BYTES) -> str:
    """The report as text, with at most about ``most_bytes`` to play in it."""
    row = frames.find_run(store.ledger, found.run)
    data = provenance.data(store, found.suite)
    parts = _parts(store, found, boards, data, most_bytes / BASE64)
    style, script = page.ours("report.css"), page.ours("report.js")
    environment = page.environment()
    environment.globals["machines"] = _machines
    return environment.get_template("report.html").render(
        suite=found.suite,
        run=row,
        parts=parts,
        rows=[row for part in parts for row in part.board.rows],
        data=data,
        engines=provenance.engines(store, found.run),
        cards=provenance.cards(found.metrics),
        skipped=found.skipped,
        manifest=provenance.manifest(row["manifest"]),
        packages=row["manifest"]["packages"],
        signatures=row["manifest"]["metrics"],
        plan=found.suite.model_dump_json(indent=2, exclude_defaults=True),
        style=style,
        script=script,
        policy=page.policy(style, script),
        look=_look(parts),
        words_heard=any(take.heard is not None for part in parts for line, _ in part.lines for take in line.takes),
        loudness=words.number(proxy.LOUDNESS, 0),
        megabytes=most_bytes // 1_000_000,
    )  # fmt: skip


def _parts(
    store: Store, found: Results, boards: Sequence[Leaderboard], data: Sequence[Data], room: float
) -> list[Part]:
    parts = []
    for left, board in zip(range(len(boards), 0, -1), boards, strict=True):
        own = (found.takes["contract"] == board.contract) & found.takes["dataset"].isin(board.datasets)
        headings = listening.headings(board, found.takes[own], found.scores)
        chosen = listening.choose(headings, room / left)
        room -= sum(line.bytes for line in chosen)
        lines = listening.lines(board, found.takes[own], found.scores, {line.sample for line in chosen})
        document = sheets.document(board)
        parts.append(
            Part(
                board,
                document,
                charts.tables(board, document),
                charts.plots(board),
                charts.scatters(board),
                charts.by_language(board, found.takes[own], found.scores, found.metrics),
                charts.finding(board),
                _players(store, contract(board.contract), lines, _unlicensed(board, data, lines)),
                len(headings) - len(lines),
            )
        )
    return parts


def _unlicensed(board: Leaderboard, data: Sequence[Data], lines: Sequence[Line]) -> frozenset[str]:
    """Samples whose recordings, and what was made of them, must not be passed on."""
    known = [one for one in data if one.licence is not None and one.ref in board.datasets]
    if len(known) < len(board.datasets):
        return frozenset(line.sample for line in lines)
    return frozenset().union(*(one.imported for one in known))


def _players(
    store: Store, asked: Contract, lines: Sequence[Line], unlicensed: frozenset[str]
) -> tuple[tuple[Line, tuple[Player, ...]], ...]:
    """Every line with its players."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        pairs = [(line, take) for line in lines for take in line.takes]
        made = list(pool.map(lambda pair: _player(store, asked, pair[1], pair[0].sample in unlicensed), pairs))
    players = iter(made)
    return tuple((line, tuple(next(players) for _ in line.takes)) for line in lines)


def _player(store: Store, asked: Contract, take: Take, unlicensed: bool) -> Player:
    if not take.ok or take.artifact is None:
        return Player(take, None, None)
    if not take.playable or take.media_type is None:
        return Player(take, None, "data: nothing to play")
    if unlicensed and (take.role != "arm" or asked.reworks):
        return Player(take, None, provenance.UNLICENSED)
    try:
        inside = page.embedded(store, take.artifact, take.media_type, take.role)
    except UsageError as error:
        return Player(take, None, f"cannot be played: {error}")
    return Player(take, inside.source, None, inside.kind)


def _look(parts: Sequence[Part]) -> str:
    """What one does with the players that are there."""
    kinds = {player.kind for part in parts for _, players in part.lines for player in players if player.kind}
    return "Listen" if kinds <= {"audio"} else "Look" if kinds == {"image"} else "Listen and look"


def _machines(parts: Iterable[Part]) -> list[str]:
    return sorted({machine for part in parts for row in part.board.rows for machine in row.latency.machines})
