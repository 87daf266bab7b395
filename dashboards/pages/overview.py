"""What was measured, when and on what; who leads each stage; what is missing and the command that fills it."""

from __future__ import annotations

import streamlit as st
from filmbench.dashboards import choose, query, theme
from filmbench.dashboards.query import Run
from filmbench.harness import contracts
from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.report import charts, words

LEADERS = 3


def main() -> None:
    """The page: a line of facts, a card for each task, what is missing."""
    newest = query.newest()
    st.title("Overview", anchor=False)
    runs = {run.id: run for run in newest.values()}
    facts(tuple(runs.values()), len(newest))
    cards = [
        (run, board)
        for run in runs.values()
        for board in query.boards(run.id).values()
        if newest[board.contract].id == run.id
    ]
    cards.sort(key=lambda card: tuple(contracts.CONTRACTS).index(card[1].contract))
    for start in range(0, len(cards), 2):
        for at, (run, board) in zip(st.columns(2), cards[start : start + 2], strict=False):
            with at.container(border=True, height="stretch", key=f"board card {run.id} {query.task(board)}"):
                card(run, board)
    missing(newest, cards)


def facts(shown: tuple[Run, ...], measured: int) -> None:
    """How much was measured, and when."""
    boards = [board for run in shown for board in query.boards(run.id).values()]
    arms = {row.arm for board in boards for row in board.rows if row.role == "arm"}
    planned = sum(row.planned for board in boards for row in board.rows)
    made = sum(row.made for board in boards for row in board.rows)
    total = sum(board.spend.total or 0 for board in boards)
    unpriced = sum(board.spend.unpriced for board in boards)
    days = sorted(day[:10] for board in boards for day in (board.first_made, board.last_made) if day)
    told = (
        ("Tasks measured", f"{measured} of {len(contracts.CONTRACTS)}"),
        ("Arms", words.integer(len(arms))),
        ("Takes made", f"{made:,} of {planned:,}"),
        ("Cost", words.money(total, unpriced > 0)),
        ("Made", words.dates(days[0], days[-1]) if days else "not yet"),
    )
    with st.container(horizontal=True, gap="large"):
        for title, text in told:
            st.metric(title, text, width="content")


def card(run: Run, board: Leaderboard) -> None:
    """One task: the finding, the leaders with their rank ranges, the way to the whole table."""
    st.subheader(theme.plain(board.title), anchor=False)
    st.markdown(theme.plain(charts.finding(board) if board.ranked_by else unranked(board)))
    arms = [row for row in board.rows if row.role == "arm"]
    colours = theme.colours(row.arm for row in arms)
    spec = next((spec for spec in board.columns if spec.id == board.ranked_by), None)
    first = arms[:LEADERS]
    if spec:
        head = ("Rank", "Arm", words.heading(spec))
        level = [words.estimate(row.values[spec.id], spec.decimals) for row in first]
    else:
        head = ("", "Arm", "Good takes (%)")
        level = [words.percent(row.success) for row in first]
    ranks = [words.rank(row.rank) if spec else "" for row in first]
    dots = [(rank, name(row), colours[row.arm], text) for rank, row, text in zip(ranks, first, level, strict=True)]
    st.html(theme.leaders(head, dots))
    left = len(arms) - len(first)
    made = words.dates(board.first_made, board.last_made)
    more = f"{words.count(left, 'more arm')} · " if left else ""
    st.caption(theme.plain(f"{more}{', '.join(board.datasets)} · made {made}"))
    link = {"run": run.id, "task": query.task(board)}
    with st.container(horizontal=True):
        st.page_link("stage.py", label="Whole table", icon=":material/leaderboard:", query_params=link)
        st.page_link("listen.py", label="Listen and look", icon=":material/headphones:", query_params=link)


def name(row: Row) -> str:
    """The arm as tables call it."""
    return words.arm(row.arm, row.role, row.live)


def unranked(board: Leaderboard) -> str:
    """Why a stage has no leader."""
    arms = [row for row in board.rows if row.role == "arm"]
    return f"{words.count(len(arms), 'arm')}, not ranked: only people's votes rank this stage."


def missing(newest: dict[str, Run], cards: list[tuple[Run, Leaderboard]]) -> None:
    """Takes and scores that are not there, measures that could not be taken, stages that nobody ran."""
    st.header("What is missing", anchor=False)
    gaps: list[tuple[str, str | None]] = []
    for run in {run.id: run for run, _ in cards}.values():
        boards = [board for of, board in cards if of.id == run.id]
        waiting = sum(row.planned - row.made for board in boards for row in board.rows)
        unscored = [
            spec.title for board in boards for spec in board.columns if any(_gap(row, spec.id) for row in board.rows)
        ]
        if waiting:
            gaps.append(
                (
                    f"{words.count(waiting, 'take')} of {words.one_line(run.title, 60)} not made yet",
                    f"filmbench run --resume --run {run.id}",
                )
            )
        if unscored and not query.is_demo():
            listed = ", ".join(dict.fromkeys(unscored))
            gaps.append((f"Good takes without a score: {listed}", f"filmbench score {run.id}"))
        if skipped := query.skipped(run.id):
            listed = words.one_line(", ".join(skipped), 200)
            gaps.append(
                (f"{words.count(len(skipped), 'measure')} left out on this machine: {listed}", "filmbench doctor")
            )
    absent = [contract for contract in contracts.CONTRACTS if contract not in newest]
    for stage in dict.fromkeys(contracts.CONTRACTS[one].stage for one in absent):
        tasks = [choose.stage(one) for one in absent if contracts.CONTRACTS[one].stage == stage]
        gaps.append((f"Nobody measured {', '.join(tasks)} yet", f"filmbench demo --stage {stage}"))
    if not gaps:
        st.markdown("Nothing: every task has a run, every take is made and scored.")
    for what, command in gaps:
        at_what, at_command = st.columns([3, 2], vertical_alignment="center")
        with at_what:
            st.markdown(theme.plain(what))
        if command:
            at_command.code(command, language=None)


def _gap(row: Row, metric: str) -> bool:
    return metric in row.gaps and row.gaps[metric].reason == "not scored"


main()
