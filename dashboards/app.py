"""The dashboard's entry: ``filmbench dashboard`` starts it on this machine only."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from filmbench.harness.types import FilmbenchError

PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="filmbench", page_icon="🎬", layout="wide")
page = st.navigation([st.Page(PAGES / "stage.py", title="Stage", icon=":material/leaderboard:")], position="top")
try:
    page.run()
except FilmbenchError as error:
    st.error(f"{str(error)[:1].upper()}{str(error)[1:]}." + (f" Next: {error.hint}" if error.hint else ""))
