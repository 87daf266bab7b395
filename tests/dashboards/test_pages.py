"""Overview, listening, comparing and the logs, without a browser."""

import json
import shutil

import pytest
from filmbench.dashboards import query, theme
from filmbench.harness import results
from filmbench.harness.store import Store, schema
from filmbench.harness.types import UsageError
from shown import ARMS, LINES


def html(page):
    return " ".join(element.proto.body for element in page.get("html"))


def said(page):
    return " ".join(text.value for text in (*page.markdown, *page.caption, *page.info))


def panes(page):
    """What the viewer was given."""
    (viewer,) = page.get("bidi_component")
    data = viewer.proto.json if viewer.proto.HasField("json") else viewer.proto.mixed.json
    return json.loads(data)["panes"]


def test_the_overview_names_leaders_and_what_is_missing(dashboard, store):
    page = dashboard(store)
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric} | {"Made": ""} == {
        "Tasks measured": "1 of 16", "Arms": "2", "Takes made": "6 of 6", "Cost": "$0.00", "Made": "",
    }  # fmt: skip
    assert "flite slt" in html(page) and "Character error rate" in html(page) and "<i>" not in html(page)
    commands = [code.value for code in page.code]
    assert "filmbench demo --stage mocap" in commands and "filmbench demo --stage tts" not in commands


def test_takes_and_scores_that_are_missing_come_with_the_command_that_makes_them(dashboard, store):
    with Store.open(store) as opened:
        opened.ledger.write_now(lambda c: c.execute(schema.scores.delete().where(schema.scores.c.metric == "tts.cer")))
        one = schema.takes.select().with_only_columns(schema.takes.c.key).limit(1).scalar_subquery()
        opened.ledger.write_now(lambda c: c.execute(schema.takes.delete().where(schema.takes.c.key == one)))
    page = dashboard(store)
    run = query.runs()[0].id
    commands = [code.value for code in page.code]
    assert f"filmbench run --resume --run {run}" in commands and f"filmbench score {run}" in commands
    assert "1 take of" in said(page)


def test_all_takes_of_a_line_stand_side_by_side(dashboard, store):
    page = dashboard(store, "listen")
    assert not page.exception
    assert page.selectbox(key="line").options[0].startswith(LINES[0])
    first, second = panes(page)
    assert {first["name"], second["name"]} == set(ARMS) and {first["kind"], second["kind"]} == {"audio"}
    assert first["url"].startswith("/media/") or first["url"].startswith("/mock/media/")
    assert first["spectrogram"].endswith(".png") and len(first["peaks"]) == 300 and 0.1 < max(first["peaks"]) <= 1
    assert first["colour"] != second["colour"] and {"same", "missing", "added"} >= {
        one["kind"] for one in first["heard"]
    }
    assert any(figure["title"] == "Character error rate" for figure in first["figures"])


def test_choosing_a_line_changes_what_is_heard(dashboard, store):
    page = dashboard(store, "listen", line=LINES[2])
    kinds = {pane["name"]: (pane["kind"], pane["note"]) for pane in panes(page)}
    assert kinds[ARMS[0]] == ("audio", None)
    assert kinds[ARMS[1]][0] == "nothing" and "does not speak es" in kinds[ARMS[1]][1]
    page.selectbox(key="line").select(LINES[0]).run()
    assert [pane["kind"] for pane in panes(page)] == ["audio", "audio"] and page.query_params["line"] == [LINES[0]]


def test_a_link_leads_to_exactly_this_view(dashboard, store):
    page = dashboard(store, "listen", line=LINES[1], t="1.25", view="wipe", a="1", sound="9", b="-1")
    (viewer,) = page.get("bidi_component")
    data = viewer.proto.json if viewer.proto.HasField("json") else viewer.proto.mixed.json
    assert json.loads(data)["at"] == {"t": 1.25, "view": "wipe", "a": 1}
    broken = dashboard(store, "listen", line="no such line", t="nan", run="../../etc", task="x")
    assert not broken.exception and broken.selectbox(key="line").value == LINES[0]


def test_the_worst_lines_come_first_when_asked(dashboard, store):
    page = dashboard(store, "listen")
    page.toggle(key="worst").set_value(True).run()
    assert page.selectbox(key="line").options[0].startswith(LINES[2])


def test_words_of_strangers_stay_words(dashboard, store):
    page = dashboard(store, "listen")
    heard = [word["text"] for pane in panes(page) for word in pane["heard"]]
    assert any("<img src=x onerror=alert(1)>" in text for text in heard) and "<img" not in html(page) + said(page)
    assert theme.plain("![x](http://a/b) :red[c] <b> $d$") == r"\!\[x\]\(http\://a/b\) \:red\[c\] \<b\> \$d\$"


def test_a_lost_medium_is_told_where_its_player_would_be(dashboard, store):
    shutil.rmtree(store / "proxies", ignore_errors=True)
    with Store.reading(store) as opened:
        takes = results.read(opened).takes
        lost = takes[(takes["arm"] == ARMS[1]) & (takes["sample"] == LINES[0])]["artifact"].iloc[0]
        opened.artifacts.find(lost).unlink()
    notes = {pane["name"]: pane["note"] for pane in panes(dashboard(store, "listen"))}
    assert notes[ARMS[0]] is None and "cannot be played" in notes[ARMS[1]]


def test_two_arms_are_compared_in_words(dashboard, store):
    page = dashboard(store, "compare", base=ARMS[1], candidate=ARMS[0])
    assert not page.exception and not page.error
    assert page.header[0].value == theme.plain(f"{ARMS[0]} against {ARMS[1]}")
    assert theme.plain(f"No difference between {ARMS[0]} and {ARMS[1]} is shown") in said(page)
    assert "**Character error rate**: " in said(page) and "0\\.0 → 12\\.5 %" in said(page)
    assert [one.value for one in page.subheader] == [
        "Quality on the same samples",
        "Reliability, latency, cost",
        theme.plain("Largest losses: Character error rate (%) ↓"),
    ]
    assert len(page.get("audio")) == 4
    page.selectbox(key="candidate").select(ARMS[1]).run()
    assert "Choose two different arms" in page.info[0].value


def test_the_log_of_a_take_tells_everything_about_it(dashboard, store):
    page = dashboard(store, "runs")
    assert not page.exception and not page.error
    log = next(frame.value for frame in page.dataframe if "Outcome" in frame.value)
    assert len(log) == 6 and set(log["Arm"]) == set(ARMS) and "unsupported" in set(log["Outcome"])
    scores = next(frame.value for frame in page.dataframe if "Measure" in frame.value)
    assert {"Character error rate", "Loudness"} <= set(scores["Measure"])
    assert "sha256" in said(page) and "local/espeak\\-ng" in html(page).replace("local/espeak-ng", "local/espeak\\-ng")
    page.selectbox(key="log outcome").select("unsupported").run()
    assert "does not speak es" in html(page) and "Nothing came out." in said(page)
    page.text_input(key="log sample").set_value("no such line").run()
    assert "No take is like that" in said(page)


def test_runs_data_and_prices_are_listed(dashboard, store):
    page = dashboard(store, "runs")
    frames = [frame.value for frame in page.dataframe]
    runs = next(frame for frame in frames if "State" in frame)
    assert list(runs["Run"]) == [query.runs()[0].id] and list(runs["State"]) == ["done"]
    assert any("film-lines" in set(frame["Dataset"]) for frame in frames if "sha256" in frame)
    prices = next(frame for frame in frames if "Age (days)" in frame)
    assert len(prices) > 100 and prices["Age (days)"].min() >= 0 and prices["Source"].notna().all()
    assert "film-lines" in html(page) and "sha256" in html(page)


def test_originals_are_asked_for_by_hash_only(store, monkeypatch):
    from filmbench.dashboards.query import media

    monkeypatch.setenv("FILMBENCH_STORE", str(store))
    for path in ("../ledger.db", "/etc/passwd", "a" * 63 + "/", ""):
        assert not media.has_original(path)
        with pytest.raises(UsageError):
            media.original(path)
