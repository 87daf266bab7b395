"""The dashboard's entry: ``filmbench dashboard`` starts it.

It lies among the pages because a folder ``pages`` *beside* it would let Streamlit show those without asking here first.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from filmbench.dashboards import entrance, query, theme
from filmbench.harness.types import FilmbenchError

PAGES = Path(__file__).parent

st.set_page_config(page_title="filmbench", page_icon="🎬", layout="wide")
st.html(theme.STYLE)
st.logo(theme.LOGO, size="large")
page = st.navigation(
    [
        st.Page(PAGES / "overview.py", title="Overview", icon=":material/home:", default=True),
        st.Page(PAGES / "stage.py", title="Stage", icon=":material/leaderboard:"),
        st.Page(PAGES / "listen.py", title="Listen & look", icon=":material/headphones:"),
        st.Page(PAGES / "compare.py", title="Compare", icon=":material/balance:"),
        st.Page(PAGES / "runs.py", title="Runs & data", icon=":material/database:"),
    ],
    position="top",
)
entrance.ask()  # only now, so that the page that was asked for is shown once the password is given
try:
    if query.is_demo():
        st.info(
            f"**Demo.** There is no run in {theme.plain(str(query.own_folder()))} yet, so this shows a small one that "
            "comes with filmbench: our own texts and drawings, spoken and drawn by engines that need no key. "
            "Make your own in a terminal: `filmbench demo`",
            icon=":material/local_activity:",
        )
    if query.runs():
        page.run()
    else:
        st.title("No run yet", anchor=False)
        st.markdown("There is nothing to show. Start a run in a terminal, then reload this page:")
        st.code("filmbench demo", language=None)
except FilmbenchError as error:
    said = f"{str(error)[:1].upper()}{str(error)[1:]}." + (f" Next: {error.hint}" if error.hint else "")
    st.error(theme.plain(said), icon=":material/error:")
