"""What the pages read of one store: runs, boards, lines, logs, media. Nothing here writes, and no store is made.

Everything is kept until the ledger changes; while a run is going on each look at a page sees what is there by then.
What is kept is shared by all visitors and must not be changed by a page.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from filmbench.harness import dataset as datasets
from filmbench.harness import registry, results
from filmbench.harness.compare import Comparison
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.report import listening, provenance, words
from filmbench.harness.report.listening import Heading, Line
from filmbench.harness.store import Store, schema
from filmbench.harness.suite import Suite
from filmbench.harness.types import UsageError
from sqlalchemy import select

Stamp = tuple[int | float, ...]
DEMO = Path(__file__).parents[1] / "demo"
"""A small run of our own texts and drawings, for those who have none yet (see :mod:`filmbench.dashboards.bundle`)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as a list shows it. ``tasks`` are (contract, dataset) pairs in the suite's order."""

    id: str
    title: str
    started_at: str
    ended_at: str | None
    state: str
    tasks: tuple[tuple[str, str], ...]
    spent_usd: float
    cap_usd: float | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which takes a board is made of. Dates are ISO days, both included; ``most_usd`` bounds what a unit of work costs.

    A unit is what the board prices: 1,000 characters of speech, else a good take.
    """

    language: str | None = None
    tags: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    most_usd: float | None = None


@dataclass(frozen=True, slots=True)
class TakeLog:
    """All that is known of one take: what was asked, each step of making it, how it ended, its scores."""

    request: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    take: Mapping[str, Any] | None
    scores: tuple[Mapping[str, Any], ...]


def folder() -> Path:
    """The store that is shown: ``FILMBENCH_STORE`` (else ``runs``); the bundled demo where that has no run."""
    own = own_folder()
    return DEMO if is_demo() else own


def own_folder() -> Path:
    """The visitor's own store."""
    return Path(os.environ.get("FILMBENCH_STORE", "runs"))


def is_demo() -> bool:
    """Whether the bundled demo is shown, for want of a run of one's own."""
    if not (DEMO / "ledger.db").exists():
        return False
    found = stamp(own_folder())
    return not found or not _runs(own_folder(), found)


def stamp(store: Path) -> Stamp:
    """Changes when the ledger does: its file's time and size, of what SQLite has yet to move into it too.

    A ledger elsewhere (``FILMBENCH_LEDGER``) is looked at anew every ten seconds.
    """
    if os.environ.get("FILMBENCH_LEDGER") and store != DEMO:
        return (time.time() // 10,)
    files = (store / name for name in ("ledger.db", "ledger.db-wal"))
    facts = [file.stat() for file in files if file.exists()]
    return tuple(number for fact in facts if fact.st_size for number in (fact.st_mtime_ns, fact.st_size))


def runs() -> tuple[Run, ...]:
    """All runs, the newest first; none where there is no store yet."""
    store = folder()
    found = stamp(store)
    return _runs(store, found) if found else ()


def label(run: Run) -> str:
    """A run in one line, for lists."""
    return f"{words.one_line(run.title, 60)} · {run.started_at[:16].replace('T', ' ')} UTC"


def newest() -> dict[str, Run]:
    """By contract: the newest run that was asked it."""
    found: dict[str, Run] = {}
    for run in runs():
        for contract, _ in run.tasks:
            found.setdefault(contract, run)
    return found


def boards(run: str) -> dict[str, Leaderboard]:
    """The leaderboards of a run by :func:`task`, all languages together."""
    return _boards(*_here(), run)


def task(board: Leaderboard) -> str:
    """What a board is called in addresses: its contract and dataset."""
    return f"{board.contract} {' '.join(board.datasets)}"


def board(run: str, task: str, only: Filter) -> Leaderboard:
    """One leaderboard of those takes that fit. Raises :class:`NothingMeasured` where none does."""
    return boards(run)[task] if only == Filter() else _board(*_here(), run, task, only)


def takes(run: str, task: str, only: Filter) -> pd.DataFrame:
    """The planned takes behind a board."""
    return _takes(*_here(), run, task, only)


def facets(run: str, task: str) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """What takes can be chosen by: all tags, and the first and last day on which some were made."""
    frame = takes(run, task, Filter())
    tags = {str(tag) for tags in frame["tags"] if isinstance(tags, list | tuple) for tag in tags}
    days = frame["made_at"].dropna().astype(str).str[:10]
    return tuple(sorted(tags)), (days.min(), days.max()) if len(days) else None


def skipped(run: str) -> dict[str, str]:
    """Metrics that were wanted and could not be measured, by title, with the reasons."""
    return {registry.metric_spec(id).title: why for id, why in _results(*_here(), run).skipped.items()}


def titles(run: str) -> dict[str, str]:
    """What the metrics of a run are called, by id."""
    return {spec.id: spec.title for spec in _results(*_here(), run).metrics}


def cards(board: Leaderboard) -> tuple[provenance.Card, ...]:
    """The cards of a board's metrics, in its order."""
    return provenance.cards(board.columns)


def headings(run: str, task: str, only: Filter) -> tuple[Heading, ...]:
    """The lines of one leaderboard, without their takes."""
    return _headings(*_here(), run, task, only)


def line(run: str, task: str, sample: str) -> Line:
    """One line of a leaderboard with all its takes."""
    return _line(*_here(), run, task, sample)


def compared(run: str, base: str, candidate: str, older: str | None, contract: str) -> Comparison:
    """Two arms of a run, or an arm of it against an arm of an ``older`` run. Raises :class:`FilmbenchError`."""
    return _compared(*_here(), run, base, candidate, older, contract)


def manifest(run: str) -> Mapping[str, Any]:
    """What lets anyone repeat a run."""
    return _results(*_here(), run).manifest


def suite(run: str) -> Suite:
    """What was asked."""
    return _results(*_here(), run).suite


def engines(run: str) -> tuple[provenance.Engine, ...]:
    """What spoke for each arm of a run."""
    return _engines(*_here(), run)


def log(run: str) -> pd.DataFrame:
    """Every planned take of a run, as the ledger holds it."""
    return _results(*_here(), run).takes


def take(key: str, epoch: int) -> TakeLog:
    """The log of one take, read anew. Raises :class:`UsageError` for one that is not there."""
    by_key = {name: getattr(schema, name).c.key == key for name in ("requests", "journal", "takes", "scores")}
    of_take = {name: by_key[name] & (getattr(schema, name).c.epoch == epoch) for name in ("journal", "takes", "scores")}
    with Store.reading(folder()) as opened, opened.ledger.read() as connection:
        request = connection.execute(select(schema.requests).where(by_key["requests"])).mappings().first()
        if request is None:
            raise UsageError("this take is not in the store", "choose another")
        steps = select(schema.journal).where(of_take["journal"]).order_by(schema.journal.c.id)
        scores = select(schema.scores).where(of_take["scores"]).order_by(schema.scores.c.metric)
        made = connection.execute(select(schema.takes).where(of_take["takes"])).mappings().first()
        return TakeLog(
            dict(request),
            tuple(dict(row) for row in connection.execute(steps).mappings()),
            dict(made) if made else None,
            tuple(dict(row) for row in connection.execute(scores).mappings()),
        )


def dataset(ref: str) -> Dataset | str:
    """A dataset with its samples; the reason in words where it is not on this machine."""
    return _dataset(own_folder(), ref)


def _here() -> tuple[Path, Stamp]:
    store = folder()
    return store, stamp(store)


@st.cache_resource(show_spinner=False, max_entries=4)
def _runs(store: Path, stamp: Stamp) -> tuple[Run, ...]:
    table = schema.runs
    with Store.reading(store) as opened, opened.ledger.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.started_at.desc())).mappings().all()
    return tuple(
        Run(
            row["id"],
            row["plan"].get("title") or row["suite"],
            row["started_at"],
            row["ended_at"],
            row["state"],
            tuple(dict.fromkeys((one["contract"], one["dataset"]) for one in row["plan"]["tasks"])),
            row["spent_nano"] / 1e9,
            None if row["cap_nano"] is None else row["cap_nano"] / 1e9,
        )
        for row in rows
    )


@st.cache_resource(show_spinner="Reading the run …", max_entries=6)
def _results(store: Path, stamp: Stamp, run: str) -> results.Results:
    with Store.reading(store) as opened:
        return results.read(opened, run)


@st.cache_resource(show_spinner="Making the tables …", max_entries=6)
def _boards(store: Path, stamp: Stamp, run: str) -> dict[str, Leaderboard]:
    return {task(board): board for board in _results(store, stamp, run).boards()}


@st.cache_resource(show_spinner="Making the table …", max_entries=24)
def _board(store: Path, stamp: Stamp, run: str, task: str, only: Filter) -> Leaderboard:
    found = _results(store, stamp, run)
    return found.board(_takes(store, stamp, run, task, only))


@st.cache_resource(show_spinner=False, max_entries=24)
def _takes(store: Path, stamp: Stamp, run: str, task: str, only: Filter) -> pd.DataFrame:
    whole = _boards(store, stamp, run)[task]
    takes = _results(store, stamp, run).takes
    takes = takes[(takes["contract"] == whole.contract) & takes["dataset"].isin(whole.datasets)]
    if only.language:
        takes = takes[takes["language"] == only.language]
    if only.tags:
        wanted = set(only.tags)
        takes = takes[[isinstance(tags, list | tuple) and wanted <= set(tags) for tags in takes["tags"]]]
    if only.first or only.last:
        days = takes["made_at"].astype("object").where(takes["made_at"].notna(), "").astype(str).str[:10]
        takes = takes[(days >= (only.first or "0")) & (days <= (only.last or "9"))]
    if only.most_usd is not None:
        cheap = [row.arm for row in whole.rows if (price := row.cost.unit_price) is not None and price <= only.most_usd]
        takes = takes[takes["arm"].isin(cheap) | (takes["role"] != "arm")]
    return takes


@st.cache_resource(show_spinner=False, max_entries=24)
def _headings(store: Path, stamp: Stamp, run: str, task: str, only: Filter) -> tuple[Heading, ...]:
    found = _results(store, stamp, run)
    return listening.headings(_boards(store, stamp, run)[task], _takes(store, stamp, run, task, only), found.scores)


@st.cache_resource(show_spinner=False, max_entries=64)
def _line(store: Path, stamp: Stamp, run: str, task: str, sample: str) -> Line:
    found = _results(store, stamp, run)
    takes = _takes(store, stamp, run, task, Filter())
    return listening.lines(_boards(store, stamp, run)[task], takes, found.scores, [sample])[0]


@st.cache_resource(show_spinner="Comparing …", max_entries=16)
def _compared(
    store: Path, stamp: Stamp, run: str, base: str, candidate: str, older: str | None, contract: str
) -> Comparison:
    found = _results(store, stamp, run)
    before = _results(store, stamp, older) if older else None
    if before:
        results.refuse_unlike(before, found)
    return results.compared(found, base, candidate, before, margins=found.suite.margins, contract=contract)


@st.cache_resource(show_spinner=False, max_entries=6)
def _engines(store: Path, stamp: Stamp, run: str) -> tuple[provenance.Engine, ...]:
    with Store.reading(store) as opened:
        return provenance.engines(opened, run)


@st.cache_resource(show_spinner=False, max_entries=32, ttl=60)
def _dataset(store: Path, ref: str) -> Dataset | str:
    try:
        return datasets.load(ref, store)
    except UsageError as gone:
        return f"{gone}" + (f"; {gone.hint}" if gone.hint else "")
