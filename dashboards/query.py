"""What the pages read of one store: runs, boards, lines, sound. Nothing here writes, and no store is made.

Everything is kept until the ledger changes; while a run is going on each look at a page sees what is there by then.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st
from filmbench.harness import results
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.media import proxy
from filmbench.harness.media.proxy import Proxy
from filmbench.harness.report import listening, words
from filmbench.harness.report.listening import Heading, Line
from filmbench.harness.store import Store, schema
from sqlalchemy import select

Stamp = tuple[int | float, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run as a list shows it."""

    id: str
    title: str
    started_at: str
    state: str


def folder() -> Path:
    """The store that is shown: ``FILMBENCH_STORE``, else ``runs``."""
    return Path(os.environ.get("FILMBENCH_STORE", "runs"))


def stamp() -> Stamp:
    """Changes when the ledger does: its file's time and size, of what SQLite has yet to move into it too.

    A ledger elsewhere (``FILMBENCH_LEDGER``) is looked at anew every ten seconds.
    """
    if os.environ.get("FILMBENCH_LEDGER"):
        return (time.time() // 10,)
    files = (folder() / name for name in ("ledger.db", "ledger.db-wal"))
    facts = [file.stat() for file in files if file.exists()]
    return tuple(number for fact in facts if fact.st_size for number in (fact.st_mtime_ns, fact.st_size))


def runs() -> tuple[Run, ...]:
    """All runs, the newest first; none where there is no store yet."""
    if not stamp():
        return ()
    return _runs(folder(), stamp())


def label(run: Run) -> str:
    """A run in one line, for lists."""
    return f"{words.one_line(run.title, 60)} · {run.started_at[:16].replace('T', ' ')} UTC"


def boards(run: str) -> tuple[Leaderboard, ...]:
    """The leaderboards of a run, one for each contract and dataset, all languages together."""
    return _boards(folder(), stamp(), run)


def board(run: str, place: int, language: str) -> Leaderboard:
    """The leaderboard at ``place`` of :func:`boards`, of one language."""
    return _board(folder(), stamp(), run, place, language)


def headings(run: str, place: int, language: str | None) -> tuple[Heading, ...]:
    """The lines of one leaderboard, without their takes."""
    return _headings(folder(), stamp(), run, place, language)


def line(run: str, place: int, sample: str) -> Line:
    """One line of a leaderboard with all its takes."""
    return _line(folder(), stamp(), run, place, sample)


@st.cache_data(show_spinner=False, max_entries=500)
def player(store: Path, sha256: str, media_type: str) -> Proxy:
    """An artifact as a small copy for a player, sound at one loudness. Raises :class:`UsageError` when it is gone."""
    kept = proxy.name(store / "proxies", sha256, media_type)
    kind = proxy.player(media_type)
    if kind and kept.exists():
        return Proxy(kind, kept.read_bytes())
    with Store.reading(store) as opened:
        return proxy.encode(opened.artifacts.find(sha256), media_type)


@st.cache_data(show_spinner=False, max_entries=4)
def _runs(store: Path, stamp: Stamp) -> tuple[Run, ...]:
    table = schema.runs
    with Store.reading(store) as opened, opened.ledger.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.started_at.desc())).mappings().all()
    return tuple(
        Run(row["id"], row["plan"].get("title") or row["suite"], row["started_at"], row["state"]) for row in rows
    )


@st.cache_data(show_spinner="Reading the run …", max_entries=4)
def _results(store: Path, stamp: Stamp, run: str) -> results.Results:
    with Store.reading(store) as opened:
        return results.read(opened, run)


@st.cache_data(show_spinner="Making the tables …", max_entries=4)
def _boards(store: Path, stamp: Stamp, run: str) -> tuple[Leaderboard, ...]:
    return _results(store, stamp, run).boards()


@st.cache_data(show_spinner="Making the table …", max_entries=16)
def _board(store: Path, stamp: Stamp, run: str, place: int, language: str) -> Leaderboard:
    found = _results(store, stamp, run)
    takes = _takes(found, _boards(store, stamp, run)[place])
    return found.board(takes, (language,))


@st.cache_data(show_spinner=False, max_entries=16)
def _headings(store: Path, stamp: Stamp, run: str, place: int, language: str | None) -> tuple[Heading, ...]:
    found = _results(store, stamp, run)
    shown = _boards(store, stamp, run)[place]
    takes = _takes(found, shown)
    return listening.headings(shown, takes[takes["language"] == language] if language else takes, found.scores)


@st.cache_data(show_spinner=False, max_entries=64)
def _line(store: Path, stamp: Stamp, run: str, place: int, sample: str) -> Line:
    found = _results(store, stamp, run)
    shown = _boards(store, stamp, run)[place]
    return listening.lines(shown, _takes(found, shown), found.scores, [sample])[0]


def _takes(found: results.Results, board: Leaderboard) -> pd.DataFrame:
    return found.takes[(found.takes["contract"] == board.contract) & found.takes["dataset"].isin(board.datasets)]
