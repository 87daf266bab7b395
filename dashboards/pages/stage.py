"""One stage: who leads and by how much, and every take to listen to side by side."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from filmbench.dashboards import query, theme
from filmbench.dashboards.tables import tables
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.media import proxy
from filmbench.harness.media.proxy import Proxy
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import charts, sheets, words
from filmbench.harness.report.listening import Take
from filmbench.harness.types import UsageError

ABREAST = 4


def main() -> None:
    """The page: a run, a task and a language to choose, then what is known of them."""
    runs = {run.id: run for run in query.runs()}
    if not runs:
        st.title("No run yet")
        st.markdown(
            f"There is nothing to show in `{query.folder()}`. Start a run in a terminal, then reload this page:"
        )
        st.code("filmbench demo", language="bash")
        return
    at_run, at_task, at_language = st.columns([5, 4, 2])
    run = at_run.selectbox("Run", runs, key="run", format_func=lambda id: query.label(runs[id]))
    boards = query.boards(run)
    place = at_task.selectbox("Task", range(len(boards)), format_func=lambda at: sheets.document(boards[at]).title)
    spoken = boards[place].languages
    language = at_language.selectbox(
        "Language", [None, *spoken], key="language", format_func=lambda name: name or "all"
    )
    board = query.board(run, place, language) if language else boards[place]
    st.header(theme.plain(charts.finding(board)), anchor=False)
    st.caption(theme.plain(" · ".join(sheets.document(board).facts)))
    if runs[run].state == "running":
        st.info("This run is still going on; reload the page to see more of it.")
    show_board(board)
    listen(run, place, language)


def show_board(board: Leaderboard) -> None:
    """Intervals of the primary measures, tables to sort, notes."""
    primary = [spec for spec in board.columns if spec.id in board.primary]
    measured = [spec for spec in primary if any(row.values[spec.id].value is not None for row in board.rows)]
    for at, spec in zip(st.columns(max(1, len(measured))), measured, strict=False):
        figure = interval_plot(board, spec)
        at.plotly_chart(figure, config={"displayModeBar": False}, key=f"plot {spec.id}")
    shown = tables(board)
    for tab, table in zip(st.tabs([table.title for table in shown]), shown, strict=True):
        tab.dataframe(
            table.frame,
            column_config=table.columns,
            hide_index=True,
            placeholder=words.NONE,
            key=f"table {table.title}",
        )
    with st.expander("Notes to these tables"):
        st.markdown("\n".join(f"- {theme.plain(note)}" for note in sheets.document(board).notes))


def interval_plot(board: Leaderboard, spec: MetricSpec) -> go.Figure:
    """A dot with its 95 % interval for each arm, best rank on top."""
    figure = go.Figure()
    names = [words.arm(row.arm, row.role, row.live) for row in board.rows]
    for row, name in zip(board.rows, names, strict=True):
        found = row.values[spec.id]
        if found.value is None:
            continue
        above = None if found.high is None else found.high - found.value
        below = None if found.low is None else found.value - found.low
        told = f"{words.estimate(found, spec.decimals)} {spec.unit}, n {found.n}"
        figure.add_scatter(
            x=[found.value],
            y=[name],
            error_x={"type": "data", "array": [above], "arrayminus": [below], "thickness": 3, "width": 0},
            mode="markers",
            marker={"size": 11, "color": theme.ROLES[row.role]},
            hovertemplate=f"{told}<extra></extra>",
            showlegend=False,
        )
    better = {True: "better →", False: "← better", None: ""}[spec.higher_is_better]
    figure.update_layout(
        title={"text": words.heading(spec), "subtitle": {"text": better}},
        height=130 + 34 * len(board.rows),
        margin={"l": 8, "r": 16, "t": 72, "b": 8},
        yaxis={"categoryorder": "array", "categoryarray": names[::-1], "automargin": True},
    )
    return figure


def listen(run: str, place: int, language: str | None) -> None:
    """One line, all arms."""
    st.header("Listen")
    at_line, at_order = st.columns([5, 2], vertical_alignment="bottom")
    headings = query.headings(run, place, language)
    if at_order.toggle("Worst lines first", key="worst first"):
        headings = tuple(sorted(headings, key=lambda line: -line.badness))
    texts = {line.sample: line.text[:90] for line in headings}
    sample = at_line.selectbox("Line", texts, key="line", format_func=lambda id: f"{id}: {texts[id]}")
    line = query.line(run, place, sample)
    st.subheader(f"“{theme.plain(line.text)}”", anchor=False)
    st.caption(theme.plain(" · ".join([line.sample, *([line.language] if line.language else []), *line.tags])))
    for start in range(0, len(line.takes), ABREAST):
        for at, take in zip(st.columns(ABREAST), line.takes[start : start + ABREAST], strict=False):
            with at.container(border=True):
                show_take(take)
    st.caption(
        f"Players hold small copies, all sound at {words.number(proxy.LOUDNESS, 0)} LUFS, so that nothing wins by "
        "being louder. Figures were measured on the originals. Struck words were not heard by the judge, underlined "
        "ones were heard instead. What is not marked as reference or floor is machine-made."
    )


def show_take(take: Take) -> None:
    """Player, figures, what was heard; or why there is nothing to hear."""
    marks = "".join(f" :gray-badge[{mark}]" for mark in (*take.marks, take.number) if mark)
    st.markdown(f"**{theme.plain(take.arm)}**{marks}")
    if not take.ok:
        colour = "red" if take.counts else "gray"
        st.markdown(f":{colour}[**{take.outcome}**] {theme.plain(take.reason or '')}")
        return
    if take.playable and take.artifact and take.media_type:
        try:
            play(query.player(query.folder(), take.artifact, take.media_type))
        except UsageError as error:
            st.markdown(f":red[cannot be played:] {theme.plain(str(error))}")
    st.html(theme.figures(take.primary))
    if take.heard is not None:
        st.html(theme.heard(take.heard))
    with st.expander("All measures"):
        st.html(theme.figures((*take.others, *take.facts)))


def play(made: Proxy) -> None:
    """Streamlit's player for a proxy."""
    match made.player:
        case "audio":
            st.audio(made.data, format=made.media_type)
        case "video":
            st.video(made.data, format=made.media_type)
        case "image":
            st.image(made.data, width="stretch")


main()
