"""Two arms, or one arm then and now: the verdict in words, the tables behind it, the worst samples first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from filmbench.dashboards import choose, query, theme, verdicts
from filmbench.dashboards.query import Run, media
from filmbench.harness.compare import Comparison, Side
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.media import proxy
from filmbench.harness.pairs import Pair
from filmbench.harness.report import deltas, words
from filmbench.harness.report.sheets import Sheet
from filmbench.harness.types import UsageError

SAME = "the same run"


def main() -> None:
    """The page: who against whom, then what the comparison says."""
    at_run, at_task = st.columns(2)
    with at_run:
        run = choose.run()
    with at_task:
        board = choose.task(run)
    arms = _names([board])
    earlier = {one.id: one for one in query.runs() if one.id != run.id and _asks(one, board)}
    at_base, at_candidate, at_older = st.columns(3)
    older = None
    if earlier:
        with at_older:
            older = choose.one(
                "Base from", "older", ["", *earlier], lambda id: query.label(earlier[id]) if id else SAME
            )
    others = _arms(older, board) if older else arms
    with at_base:
        base = choose.one("Base", "base", others, usual=0 if older else min(1, len(others) - 1))
    with at_candidate:
        candidate = choose.one("Candidate", "candidate", arms)
    if base == candidate and not older:
        st.info("Choose two different arms, or the same arm in an earlier run.", icon=":material/balance:")
        return
    show(run, board, query.compared(run.id, base, candidate, older or None, board.contract))


def show(run: Run, board: Leaderboard, result: Comparison) -> None:
    """Verdict, tables, pairs, notes."""
    document = deltas.document(result)
    st.header(theme.plain(f"{deltas.name(result.candidate)} against {deltas.name(result.base)}"), anchor=False)
    st.caption(theme.plain(" · ".join(document.facts)))
    st.markdown(f"**{theme.plain(verdicts.whole(result))}**")
    told = [change for change in result.changes if change.difference.delta is not None]
    st.markdown("\n".join(f"- {verdicts.one(change)}" for change in told))
    for sheet in document.sheets[:2]:
        st.subheader(theme.plain(sheet.title), anchor=False)
        _table(sheet)
    for title, pairs in (("Largest losses", result.losses), ("Largest gains", result.gains)):
        if pairs:
            st.subheader(
                theme.plain(f"{title}: {words.heading(result.change(result.pairs_by or '').spec)}"), anchor=False
            )
            for place, pair in enumerate(pairs):
                _pair(run, board, result, pair, f"{title} {place}")
    with st.expander("Notes to this comparison"):
        st.markdown("\n".join(f"- {theme.plain(note)}" for note in document.notes))


def _table(sheet: Sheet) -> None:
    figures = {
        name: st.column_config.TextColumn(alignment="right") for name in sheet.headers[1:] if name != "Conclusion"
    }
    frame = pd.DataFrame(sheet.rows, columns=sheet.headers)
    st.dataframe(frame, column_config=figures, hide_index=True, key=f"sheet {sheet.title}")


def _pair(run: Run, board: Leaderboard, result: Comparison, pair: Pair, key: str) -> None:
    with st.container(border=True):
        at_text, at_link = st.columns([5, 2], vertical_alignment="center")
        text = f"“{theme.plain(words.one_line(pair.text, 120))}”" if pair.text else ""
        at_text.markdown(f"{text} {theme.plain(pair.sample)}")
        link = {"run": run.id, "task": query.task(board), "line": pair.sample}
        at_link.page_link("listen.py", label="Look closer", icon=":material/headphones:", query_params=link)
        decimals = result.change(result.pairs_by or "").spec.decimals
        sides = (
            (result.base, pair.base, pair.base_outcome, pair.base_artifact, pair.base_media_type),
            (
                result.candidate,
                pair.candidate,
                pair.candidate_outcome,
                pair.candidate_artifact,
                pair.candidate_media_type,
            ),
        )
        for at, (side, value, outcome, artifact, media_type) in zip(st.columns(2), sides, strict=True):
            with at:
                _side(side, deltas.value(value, outcome, decimals), artifact, media_type)


def _side(side: Side, value: str, artifact: str | None, media_type: str | None) -> None:
    st.markdown(f"{theme.plain(deltas.name(side))}: **{theme.plain(value)}**")
    if artifact is None or media_type is None:
        st.caption("Nothing came out.")
        return
    if proxy.player(media_type) is None:
        st.caption("Data: nothing to play.")
        return
    try:
        made = media.player(artifact, media_type)
    except UsageError as error:
        st.caption(theme.plain(f"It cannot be played: {error}"))
        return
    match made.player:
        case "audio":
            st.audio(made.data, format=made.media_type)
        case "video":
            st.video(made.data, format=made.media_type)
        case "image":
            st.image(made.data, width="stretch")


def _asks(run: Run, board: Leaderboard) -> bool:
    return any(contract == board.contract for contract, _ in run.tasks)


def _arms(run: str, board: Leaderboard) -> list[str]:
    return _names([one for one in query.boards(run).values() if one.contract == board.contract])


def _names(boards: Sequence[Leaderboard]) -> list[str]:
    """Arms before references and floors, in the order of the boards."""
    rows = sorted((row for board in boards for row in board.rows if row.made), key=lambda row: row.role != "arm")
    return list(dict.fromkeys(row.arm for row in rows))


main()
