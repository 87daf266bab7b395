"""One sample, all vendors side by side: to hear, to see, to step through, with what was measured beside each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st
from filmbench.dashboards import choose, panes, query, theme, viewer
from filmbench.dashboards.query import Filter, media
from filmbench.harness.media import proxy
from filmbench.harness.report import words
from filmbench.harness.report.listening import Line, Take


def main() -> None:
    """The page: a line to choose, its takes, downloads."""
    at_run, at_task, at_language = st.columns([4, 4, 2], vertical_alignment="bottom")
    with at_run:
        run = choose.run()
    with at_task:
        board = choose.task(run)
    with at_language:
        language = choose.language(board)
    task = query.task(board)
    headings = query.headings(run.id, task, Filter(language=language))
    at_line, at_order = st.columns([5, 2], vertical_alignment="bottom")
    if at_order.toggle("Worst lines first", key="worst", bind="query-params"):
        headings = tuple(sorted(headings, key=lambda line: -line.badness))
    texts = {line.sample: line.text[:90] for line in headings}
    with at_line:
        sample = choose.one("Line", "line", list(texts), lambda id: f"{id}: {texts[id]}" if texts[id] else id)
    line = query.line(run.id, task, sample)
    if line.text:
        st.subheader(f"“{theme.plain(line.text)}”", anchor=False)
    st.caption(theme.plain(" · ".join([line.sample, *([line.language] if line.language else []), *line.tags])))
    shown = chosen(line.takes)
    colours = theme.colours(row.arm for row in board.rows if row.role == "arm")
    side_by_side = panes.panes(board.contract, board.datasets[0], line, shown, colours)
    viewer.show(side_by_side, start(len(side_by_side)), key=f"viewer {run.id} {task} {sample}")
    st.caption(
        f"Players hold small copies, all sound at {words.number(proxy.LOUDNESS, 0)} LUFS, so that nothing wins by "
        "being louder. Figures were measured on the originals. Struck words were not heard by the judge, underlined "
        "ones were heard instead. What is not marked as reference or source is machine-made."
    )
    with st.expander("All measures and originals", icon=":material/download:"):
        details(line, shown)


def chosen(takes: Sequence[Take]) -> list[Take]:
    """The takes of the arms that are to be seen."""
    names = list(dict.fromkeys(take.arm for take in takes))
    if len(names) < 2:
        return list(takes)
    picked = st.pills("Arms", names, selection_mode="multi", default=names, key="arms", format_func=theme.plain)
    return [take for take in takes if take.arm in picked] or list(takes)


def start(count: int) -> dict[str, Any]:
    """Where the viewer starts, from the address; what makes no sense there is left out."""
    asked = st.query_params
    at: dict[str, Any] = {"view": asked.get("view", "side")}
    try:
        at["t"] = min(max(float(asked.get("t", 0)), 0.0), 86_400.0)
    except ValueError:
        at["t"] = 0.0
    places = {name: asked.get(name, "") for name in ("a", "b", "sound")}
    return at | {name: int(text) for name, text in places.items() if text.isdecimal() and int(text) < count}


def details(line: Line, takes: Sequence[Take]) -> None:
    """Every measure of every take, and the files as they came."""
    for place, take in enumerate(takes):
        at_name, at_file = st.columns([5, 2], vertical_alignment="center")
        at_name.markdown(
            f"**{theme.plain(take.arm)}** {theme.plain(' · '.join(filter(None, (*take.marks, take.number))))}"
        )
        if take.artifact and media.has_original(take.artifact):
            at_file.download_button(
                "Original",
                data=partial(media.original, take.artifact),
                file_name=f"{line.sample.replace('/', '-')}-{place + 1}{suffix(take.media_type)}",
                mime=take.media_type or "application/octet-stream",
                icon=":material/download:",
                key=f"original {place}",
                on_click="ignore",
            )
        if take.ok:
            st.html(theme.figures((*take.primary, *take.others, *take.facts)))
    if query.is_demo():
        st.caption("The demo carries small copies only, no originals.")


def suffix(media_type: str | None) -> str:
    """A file name's end for a media type."""
    import mimetypes

    return mimetypes.guess_extension(media_type or "") or ""


main()
