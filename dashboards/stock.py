"""What lies on the shelves: the data with their cards and hashes, the prices with their sources and ages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st
from filmbench.dashboards import choose, query, theme
from filmbench.harness import dataset as datasets
from filmbench.harness.pricing import STALE_DAYS, book
from filmbench.harness.report import words


def data(run: str) -> None:
    """The datasets: this run's as they were then, and all that come with filmbench."""
    st.subheader("Data of this run", anchor=False)
    rows = [
        {"Dataset": name, "Version": one["version"], "sha256": one["sha256"]}
        for name, one in query.manifest(run)["datasets"].items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="data of this run")
    st.subheader("Data that come with filmbench", anchor=False)
    known = {name: datasets.about(name) for name in datasets.names()}
    table = [
        {
            "Dataset": f"{one.name}@{one.version}",
            "Title": one.title,
            "Task": choose.stage(one.contract),
            "Samples": one.samples,
            "Languages": ", ".join(one.languages) or words.NONE,
            "Licence": one.licence,
            "On this machine": one.fetched,
        }
        for one in known.values()
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, key="data")
    used = [row["Dataset"] for row in rows if row["Dataset"] in known]
    name = st.selectbox("Card of", list(known), index=list(known).index(used[0]) if used else 0, key="card")
    with st.container(border=True):
        st.markdown(re.sub(r"^#+ ", "#### ", known[name].card, flags=re.MULTILINE))
        st.caption(theme.plain(f"{known[name].licence} · {known[name].attribution}"))
    if not known[name].fetched:
        st.code(f"filmbench datasets fetch {name}", language=None)


def prices() -> None:
    """The price book, each row with its source and its age."""
    today = datetime.now(UTC).date()
    rows = [
        {
            "Vendor": row.vendor,
            "Model": row.model,
            "Unit": row.unit,
            "Price ($)": None if row.usd is None else float(row.usd),
            "For": f"{row.per.normalize():f}",
            "Plan": row.plan,
            "As of": row.as_of,
            "Age (days)": row.age(today),
            "Status": row.status,
            "Confidence": row.confidence,
            "Why none": row.reason,
            "Source": row.source,
        }
        for row in book().rows
    ]
    old = sum(row.stale(today) for row in book().rows if row.status == "current")
    st.markdown(
        f"{len(rows):,} rows; {old:,} of those in force are older than {STALE_DAYS} days. Nothing is priced by "
        "guessing: what has no price here has none in any table."
    )
    columns: dict[str, Any] = {
        "Price ($)": st.column_config.NumberColumn(format="$%.6g"),
        "Age (days)": st.column_config.NumberColumn(format="%d"),
    }
    st.dataframe(
        pd.DataFrame(rows), column_config=columns, hide_index=True, placeholder=words.NONE, key="prices", height=600
    )
