"""One stage: who leads and by how much, at what price, how fast and how reliably."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pandas as pd
import streamlit as st
from filmbench.dashboards import choose, plots, query, theme
from filmbench.dashboards.query import Filter, Run
from filmbench.dashboards.tables import tables
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.report import charts, sheets, words
from filmbench.harness.report.provenance import Card
from filmbench.harness.types import NothingMeasured


def main() -> None:
    """The page: a run, a task and takes to choose, then what is known of them."""
    at_run, at_task, at_language, at_filters = st.columns([4, 4, 2, 2], vertical_alignment="bottom")
    with at_run:
        run = choose.run()
    with at_task:
        whole = choose.task(run)
    with at_language:
        language = choose.language(whole)
    with at_filters.popover("Filters", icon=":material/tune:", width="stretch"):
        only = replace(filters(run, whole), language=language)
    try:
        board = query.board(run.id, query.task(whole), only)
    except NothingMeasured:
        st.info("No take fits these filters. Take one of them away to see more.", icon=":material/filter_alt_off:")
        return
    st.header(theme.plain(charts.finding(board)), anchor=False)
    st.caption(theme.plain(" · ".join(sheets.document(board).facts)))
    show(board, query.takes(run.id, query.task(whole), only))


def filters(run: Run, board: Leaderboard) -> Filter:
    """Which takes: by tag, by day, by what the arm costs."""
    tags, days = query.facets(run.id, query.task(board))
    only = Filter()
    if tags:
        only = replace(only, tags=tuple(st.multiselect("Tags, all of them", tags, key="tags", bind="query-params")))
    if days and days[0] != days[1]:
        first, last = (datetime.date.fromisoformat(day) for day in days)
        chosen = st.date_input("Made between", (first, last), first, last, key="days")
        if isinstance(chosen, tuple) and len(chosen) == 2 and chosen != (first, last):
            only = replace(only, first=chosen[0].isoformat(), last=chosen[1].isoformat())
    elif days:
        st.caption(f"All takes were made on {days[0]}.")
    prices = [price for row in board.rows if row.role == "arm" and (price := row.cost.unit_price) is not None]
    if prices and max(prices) > 0:
        unit = "1,000 characters" if board.contract == "tts" else "good take"
        most = st.number_input(
            f"At most, in $ per {unit}", 0.0, None, None, key="most", placeholder="any", format="%.4f"
        )
        st.caption("Arms whose price is not known are left out then.")
        only = replace(only, most_usd=most)
    elif prices:
        st.caption("Every arm of this table is free.")
    return only


def show(board: Leaderboard, takes: pd.DataFrame) -> None:
    """Intervals and plots of the primary measures, tables to sort, cards, notes."""
    colours = theme.colours(row.arm for row in board.rows if row.role == "arm")
    measured = [spec for spec in board.columns if any(row.values[spec.id].value is not None for row in board.rows)]
    primary = [spec for spec in measured if spec.id in board.primary]
    for at, spec in zip(st.columns(max(1, len(primary))), primary, strict=False):
        at.plotly_chart(plots.intervals(board, spec, colours), config=plots.CONFIG, key=f"level {spec.id}")
    saturated = [f"{spec.title}: {board.saturated[spec.id]}" for spec in measured if spec.id in board.saturated]
    if saturated:
        st.warning(theme.plain(f"Saturated, tells nobody apart here. {'; '.join(saturated)}."), icon=":material/water:")
    if not primary and measured:
        st.caption(
            "No measure was named in advance to rank this stage: only people's votes do. The measures below are gates."
        )
    shown = tables(board)
    for tab, table in zip(st.tabs([table.title for table in shown]), shown, strict=True):
        tab.dataframe(
            table.frame,
            column_config=table.columns,
            hide_index=True,
            placeholder=words.NONE,
            key=f"table {table.title}",
        )
    cards([card for card in query.cards(board) if card.title in {spec.title for spec in measured}])
    st.subheader("Price, time and reliability", anchor=False)
    figures = [plots.tradeoff(board, spec, against, colours) for spec in primary for against in ("cost", "latency")]
    figures += [plots.latencies(board, takes, colours), plots.outcomes(board)]
    drawn = [figure for figure in figures if figure is not None]
    if all(row.cost.unit_price in (0, None) for row in board.rows):
        st.caption("No arm of this table has a price above zero, so there is no plot of quality against cost.")
    for start in range(0, len(drawn), 2):
        for at, figure in zip(st.columns(2), drawn[start : start + 2], strict=False):
            at.plotly_chart(figure, config=plots.CONFIG, key=f"figure {start} {figure.layout.title.text}")
    with st.expander("Notes to these tables"):
        st.markdown("\n".join(f"- {theme.plain(note)}" for note in sheets.document(board).notes))


def cards(found: list[Card]) -> None:
    """A button for each measure that opens its card."""
    st.caption("What the measures mean:")
    with st.container(horizontal=True, gap="small"):
        for card in found:
            with st.popover(theme.plain(card.title), icon=":material/info:"):
                st.markdown(f"**{theme.plain(card.title)}**" + (f" ({theme.plain(card.unit)})" if card.unit else ""))
                st.markdown(theme.plain(card.what))
                facts = [card.better, card.range, card.provenance, f"licence {card.licence}", card.flag]
                st.caption(theme.plain(" · ".join(fact for fact in facts if fact)))
                if card.failures:
                    st.markdown(f"**Known to get wrong:** {theme.plain(card.failures)}")


main()
