"""Runs with their manifests, the log of every take, the data with their cards and hashes, the prices with their age."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st
from filmbench.dashboards import choose, logs, query, stock, theme
from filmbench.harness.report import provenance, words


def main() -> None:
    """The page: four tabs over one run."""
    run = choose.run()
    at_run, at_takes, at_data, at_prices = st.tabs(["Runs", "Takes", "Data", "Prices"], key="tab")
    with at_run:
        every_run()
        manifest(run.id)
    with at_takes:
        logs.show(run.id)
    with at_data:
        stock.data(run.id)
    with at_prices:
        stock.prices()


def every_run() -> None:
    """All runs of the store."""
    rows = [
        {
            "Run": run.id,
            "Suite": words.one_line(run.title, 60),
            "State": run.state,
            "Started (UTC)": pd.Timestamp(run.started_at),
            "Took (min)": _minutes(run.started_at, run.ended_at),
            "Tasks": len(run.tasks),
            "Spent ($)": run.spent_usd,
            "Cap ($)": run.cap_usd,
        }
        for run in query.runs()
    ]
    money = st.column_config.NumberColumn(format="$%.4f")
    columns = {
        "Spent ($)": money,
        "Cap ($)": money,
        "Took (min)": st.column_config.NumberColumn(format="%.1f"),
        "Started (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    }
    st.dataframe(pd.DataFrame(rows), column_config=columns, hide_index=True, placeholder=words.NONE, key="runs")


def manifest(run: str) -> None:
    """What lets anyone repeat the run."""
    st.subheader("What lets anyone repeat this run", anchor=False)
    found = query.manifest(run)
    st.html(theme.facts(provenance.manifest(found)))
    at_engines, at_suite, at_packages = st.tabs(["Who made the takes", "What was asked", "Packages"])
    with at_engines:
        rows = [
            {
                "Arm": one.arm,
                "Engine": one.title,
                "Provider": one.provider,
                "Version": one.versions,
                "Settings": one.settings,
                "Licence": one.licence,
            }
            for one in query.engines(run)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="engines")
    with at_suite:
        st.code(query.suite(run).model_dump_json(indent=2, exclude_defaults=True), language="json", height=400)
    with at_packages:
        packages = pd.DataFrame(sorted(found["packages"].items()), columns=["Package", "Version"])
        st.dataframe(packages, hide_index=True, key="packages")
    text = json.dumps(found, indent=2)
    st.download_button(
        "Manifest", text, f"{run}.json", "application/json", icon=":material/download:", on_click="ignore"
    )


def _minutes(start: str, end: str | None) -> float | None:
    return (pd.Timestamp(end) - pd.Timestamp(start)).total_seconds() / 60 if end else None


main()
