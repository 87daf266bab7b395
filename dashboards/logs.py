"""The log of takes: what was asked, every attempt and error, what came out, what it scored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from filmbench.dashboards import choose, query, theme
from filmbench.dashboards.query import TakeLog, media
from filmbench.harness.report import words
from filmbench.harness.report.listening import OUTCOME_WORDS

_COLUMNS = {
    "sample": "Sample",
    "arm": "Arm",
    "take": "Take",
    "ended": "Outcome",
    "reason": "Reason",
    "attempts": "Attempts",
    "total_s": "Total (s)",
    "seconds": "Length (s)",
    "billed_usd": "Billed ($)",
    "made_at": "Made (UTC)",
    "contract": "Task",
}


def show(run: str) -> None:
    """All takes of a run, to narrow down; one of them in full."""
    frame = query.log(run)
    frame = frame.assign(
        ended=[OUTCOME_WORDS.get(one, str(one)) for one in frame["outcome"].where(frame["outcome"].notna(), None)]
    )
    at_arm, at_ended, at_sample = st.columns(3)
    arm = at_arm.selectbox(
        "Arm", [None, *sorted(set(frame["arm"]))], key="log arm", format_func=lambda name: name or "All"
    )
    ended = at_ended.selectbox(
        "Outcome", [None, *sorted(set(frame["ended"]))], key="log outcome", format_func=lambda name: name or "All"
    )
    sample = at_sample.text_input("Sample holds", key="log sample")
    if arm:
        frame = frame[frame["arm"] == arm]
    if ended:
        frame = frame[frame["ended"] == ended]
    if sample:
        frame = frame[frame["sample"].str.contains(sample, regex=False, case=False)]
    if frame.empty:
        st.info("No take is like that.", icon=":material/filter_alt_off:")
        return
    shown = frame[list(_COLUMNS)].rename(columns=_COLUMNS)
    shown["Take"] += 1
    shown["Task"] = [choose.stage(contract) for contract in shown["Task"]]
    shown["Made (UTC)"] = pd.to_datetime(shown["Made (UTC)"], utc=True)
    columns = {
        "Total (s)": st.column_config.NumberColumn(format="%.3f"),
        "Length (s)": st.column_config.NumberColumn(format="%.2f"),
        "Billed ($)": st.column_config.NumberColumn(format="$%.4f"),
        "Made (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
    }
    st.caption(f"{words.count(len(shown), 'take')}. Choose a row to see everything about it.")
    picked = st.dataframe(
        shown,
        column_config=columns,
        hide_index=True,
        placeholder=words.NONE,
        key="log",
        on_select="rerun",
        selection_mode="single-row-required",
    )
    rows = picked["selection"]["rows"]
    chosen = frame.iloc[rows[0] if rows and rows[0] < len(frame) else 0]
    one(query.take(str(chosen["key"]), int(chosen["epoch"])), str(chosen["arm"]), query.titles(run))


def one(log: TakeLog, arm: str, titles: Mapping[str, str]) -> None:
    """One take in full."""
    st.subheader(theme.plain(f"{arm}: {log.request['sample']}"), anchor=False)
    at_asked, at_steps, at_files, at_scores = st.tabs(
        ["Asked", "Attempts and errors", "Files", "Scores"], key="take tab"
    )
    with at_asked:
        st.html(theme.facts(_facts(log)))
        st.code(_json({name: log.request[name] for name in ("params", "identity")}), language="json")
    with at_steps:
        _steps(log)
    with at_files:
        _files(log)
    with at_scores:
        _scores(log, titles)


def _facts(log: TakeLog) -> list[tuple[str, str]]:
    asked, made = log.request, log.take or {}
    facts = [
        ("Request", asked["key"]),
        ("Provider", asked["provider"]),
        ("Endpoint", asked["endpoint"] or "the vendor's own"),
        ("Language", asked["language"] or words.NONE),
        ("Text", words.one_line(asked["text"] or "", 300) or words.NONE),
        ("Outcome", OUTCOME_WORDS.get(made.get("outcome"), str(made.get("outcome")))),
        ("Model that answered", made.get("answered_model") or words.NONE),
        ("Attempts", words.integer(made.get("attempts"))),
        ("Waited: queue, limiter, retry", _seconds(made, "queue_s", "limiter_s", "retry_s")),
        ("First byte, first content, total", _seconds(made, "first_byte_s", "first_content_s", "total_s")),
        ("Quoted, billed", f"{_usd(made.get('quoted_nano'))} · {_usd(made.get('billed_nano'))}"),
        ("Machine", f"{made.get('host') or words.NONE}, {words.integer(made.get('cores'))} cores"),
    ]
    return [*facts, *([("Reason", words.one_line(made["reason"], 500))] if made.get("reason") else [])]


def _steps(log: TakeLog) -> None:
    if not log.steps:
        st.markdown("No step was written down: the take is not made yet, or was copied from a recording.")
        return
    rows = [
        {
            "At (UTC)": pd.Timestamp(step["at"]),
            "Step": str(step["state"]).replace("_", " "),
            "Run": step["run"],
            "Detail": words.one_line(_json(step["detail"]) if step["detail"] else "", 400),
        }
        for step in log.steps
    ]
    columns = {
        "At (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss.SSS"),
        "Detail": st.column_config.TextColumn(width="large"),
    }
    st.dataframe(pd.DataFrame(rows), column_config=columns, hide_index=True, key="steps")


def _files(log: TakeLog) -> None:
    files = [(role, file) for role, found in ((log.take or {}).get("artifacts") or {}).items() for file in found]
    if not files:
        st.markdown("Nothing came out.")
    for place, (role, file) in enumerate(files):
        at_facts, at_file = st.columns([5, 2], vertical_alignment="center")
        at_facts.markdown(f"**{theme.plain(role.replace('_', ' '))}** · {theme.plain(file['media_type'])}")
        at_facts.caption(f"{file['bytes']:,} bytes, sha256 {file['sha256']}")
        if media.has_original(file["sha256"]):
            at_file.download_button(
                "Original",
                partial(media.original, file["sha256"]),
                f"{log.request['key'][:12]}-{place}",
                file["media_type"],
                key=f"file {place}",
                icon=":material/download:",
                on_click="ignore",
            )


def _scores(log: TakeLog, titles: Mapping[str, str]) -> None:
    if not log.scores:
        st.markdown("Nothing was measured on this take.")
        return
    rows = [
        {
            "Measure": titles.get(score["metric"], score["metric"]),
            "Value": score["value"],
            "Why none": score["reason"],
            "Made by": score["signature"],
            "Detail": words.one_line(_json(score["detail"]), 300) if score["detail"] else None,
        }
        for score in log.scores
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder=words.NONE,
        key="scores",
        column_config={"Value": st.column_config.NumberColumn(format="%.4f")},
    )


def _seconds(made: Mapping[str, Any], *names: str) -> str:
    known = [made.get(name) for name in names]
    return " · ".join(words.NONE if one is None else f"{words.significant(one)} s" for one in known)


def _usd(nano: int | None) -> str:
    return words.money(None if nano is None else nano / 1e9)


def _json(value: Mapping[str, Any] | Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
