"""Who may look: on this machine everybody, on a network those who know the password."""

from __future__ import annotations

import hmac
import os
import time

import streamlit as st

PASSWORD = "FILMBENCH_DASHBOARD_PASSWORD"  # noqa: S105 - the variable's name, not a password
SHORTEST = 12
PAUSE_S = 1.0
"""How long each wrong password holds its visitor up."""


def ask() -> None:
    """Where a password is set, stop the page until this visitor has given it."""
    wanted = os.environ.get(PASSWORD)
    if not wanted or st.session_state.get("entered"):
        return
    st.title("filmbench")
    with st.form("entrance", border=True):
        given = st.text_input("Password", type="password")
        if st.form_submit_button("Enter", type="primary"):
            if hmac.compare_digest(given.encode(), wanted.encode()):
                st.session_state["entered"] = True
                st.rerun()
            time.sleep(PAUSE_S)
            st.error("That is not the password.")
    st.stop()
