"""What every page lets people choose: a run, a task of it, a language. What is chosen stands in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from filmbench.dashboards import query
from filmbench.dashboards.query import Run
from filmbench.harness import contracts
from filmbench.harness.leaderboard import Leaderboard

ALL = "all"


def one(label: str, name: str, options: Sequence[str], say: Callable[[str], str] = str, usual: int = 0) -> str:
    """One of ``options``: what the address asks for under ``name``, else what was chosen last, else the ``usual``.

    A link that was followed counts more than an earlier choice; what is chosen is then written into the address.
    """
    state, asked, last = st.session_state, st.query_params.get(name), f"last {name}"
    if asked in options and asked != state.get(last):
        state[name] = asked
    elif name not in state and state.get(last) in options:
        state[name] = state[last]
    if state.get(name) not in options:
        state[name] = options[usual]
    chosen = str(st.selectbox(label, list(options), key=name, format_func=say))
    state[last] = chosen
    if asked != chosen:
        st.query_params[name] = chosen
    return chosen


def run() -> Run:
    """The run to look at, the newest unless chosen."""
    found = {run.id: run for run in query.runs()}
    chosen = found[one("Run", "run", list(found), lambda id: query.label(found[id]))]
    if chosen.state == "running":
        st.info("This run is still going on; reload the page to see more of it.", icon=":material/hourglass_top:")
    return chosen


def task(run: Run) -> Leaderboard:
    """One leaderboard of a run: a task on a dataset."""
    boards = query.boards(run.id)
    return boards[one("Task", "task", list(boards), lambda id: title(boards[id]))]


def language(board: Leaderboard) -> str | None:
    """One of a board's languages, or all of them."""
    if len(board.languages) < 2:
        return None
    chosen = one("Language", "language", [ALL, *board.languages], lambda name: "All" if name == ALL else name)
    return None if chosen == ALL else chosen


def title(board: Leaderboard) -> str:
    """A board in a list."""
    return f"{board.title} · {', '.join(board.datasets)}"


def stage(contract: str) -> str:
    """A contract's own name for people, else its id."""
    known = contracts.CONTRACTS.get(contract)
    return known.title if known else contract
