"""The stage page as people meet it: with a run, without one, with a broken one, and in a browser."""

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest
from browser import chromium, resize
from filmbench.harness import results
from filmbench.harness.report import charts, words
from filmbench.harness.store import Store, schema
from filmbench.harness.types import UsageError
from shown import ARMS, LINES

pytest.importorskip("streamlit", reason="needs the Python package streamlit")
from filmbench.dashboards import query, theme


def contents(folder):
    """Every file of a store with its hash, but for the two that SQLite keeps beside an open database."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(("-shm", "-wal"))
    }


def html(page):
    return " ".join(element.proto.body for element in page.get("html"))


def test_the_page_shows_leaderboard_intervals_and_players(dashboard, store):
    page = dashboard(store)
    assert not page.exception and not page.error
    assert [tab.label for tab in page.tabs] == ["Quality", "Other measures", "Latency", "Cost", "Coverage"]
    quality = page.dataframe[0].value
    with Store.reading(store) as opened:
        board = results.read(opened).boards()[0]
    assert page.header[0].value == theme.plain(charts.finding(board))
    assert list(quality["Arm"]) == [row.arm for row in board.rows]
    for row, shown in zip(board.rows, quality.to_dict("records"), strict=True):
        found = row.values["tts.cer"]
        assert shown["Character error rate (%) ↓"] == pytest.approx(found.value)
        assert shown["Character error rate, 95 % interval"] == (words.interval(found.low, found.high, 1) or "–")
    assert len(page.get("plotly_chart")) == 1
    assert len(page.get("audio")) == 2
    assert page.selectbox(key="line").options[0].startswith(LINES[0])


def test_what_was_not_scored_yet_is_told_and_not_plotted(dashboard, store):
    with Store.open(store) as opened:
        opened.ledger.write_now(lambda c: c.execute(schema.scores.delete().where(schema.scores.c.metric == "tts.cer")))
    page = dashboard(store)
    assert not page.exception
    assert not page.get("plotly_chart")
    assert "not scored" in html(page) and len(page.get("audio")) == 2


def test_choosing_a_line_changes_what_is_heard(dashboard, store):
    page = dashboard(store)
    page.selectbox(key="line").select(LINES[2]).run()
    assert not page.exception
    assert len(page.get("audio")) == 1
    assert any("unsupported" in text.value and "does not speak es" in text.value for text in page.markdown)


def test_the_worst_lines_come_first_when_asked(dashboard, store):
    page = dashboard(store)
    page.toggle(key="worst first").set_value(True).run()
    assert page.selectbox(key="line").options[0].startswith(LINES[2])


def test_one_language_has_a_table_of_its_own(dashboard, store):
    page = dashboard(store)
    page.selectbox(key="language").select("es").run()
    assert not page.exception
    quality = page.dataframe[0].value.set_index("Arm")
    assert quality.loc[ARMS[0], "Character error rate (%) ↓"] == pytest.approx(50.0)
    assert quality.loc[ARMS[1]].isna()["Character error rate (%) ↓"]


def test_words_of_strangers_stay_words(dashboard, store):
    page = dashboard(store)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html(page) and "<img" not in html(page)
    assert f"**{theme.plain(ARMS[0])}**" in [text.value for text in page.markdown]
    assert theme.plain("![x](http://a/b) :red[c] <b> $d$") == r"\!\[x\]\(http\://a/b\) \:red\[c\] \<b\> \$d\$"


def test_without_a_run_the_page_says_what_to_do_and_makes_nothing(dashboard, tmp_path):
    folder = tmp_path / "nowhere"
    page = dashboard(folder)
    assert not page.exception
    assert page.title[0].value == "No run yet"
    assert page.code[0].value == "filmbench demo"
    assert not folder.exists()
    with Store.open(folder):
        pass
    assert dashboard(folder).title[0].value == "No run yet"


def test_a_file_that_is_no_ledger_is_told_in_a_sentence(dashboard, tmp_path):
    (tmp_path / "ledger.db").write_text("not a database at all, but a text of some length")
    page = dashboard(tmp_path)
    assert not page.exception
    assert "is not a filmbench ledger" in page.error[0].value


def test_a_lost_medium_is_told_where_its_player_would_be(dashboard, store):
    for file in (store / "proxies").glob("*") if (store / "proxies").exists() else ():
        file.unlink()
    with Store.reading(store) as opened:
        takes = results.read(opened).takes
        lost = takes[(takes["arm"] == ARMS[1]) & (takes["sample"] == LINES[0])]["artifact"].iloc[0]
        opened.artifacts.find(lost).unlink()
    page = dashboard(store)
    assert not page.exception
    assert len(page.get("audio")) == 1
    assert any("cannot be played" in text.value for text in page.markdown)


def test_looking_changes_nothing_in_the_store(dashboard, store):
    before = contents(store)
    page = dashboard(store)
    page.selectbox(key="line").select(LINES[1]).run()
    assert not page.exception and contents(store) == before


def test_a_store_opened_for_reading_cannot_be_written(store, tmp_path):
    with Store.reading(store) as opened, pytest.raises(RuntimeError):
        opened.ledger.write_now(lambda connection: None)
    with pytest.raises(UsageError, match="no store"):
        Store.reading(tmp_path / "nowhere")


def test_a_new_run_is_seen_without_a_restart(dashboard, store, monkeypatch):
    monkeypatch.setenv("FILMBENCH_STORE", str(store))
    before = query.runs()
    with Store.open(store) as opened:
        row = dict(opened.ledger.write_now(lambda c: c.execute(schema.runs.select()).mappings().one()))
        later = row | {"id": "99990101-later", "started_at": "9999-01-01T00:00:00Z"}
        opened.ledger.write_now(lambda c: c.execute(schema.runs.insert(), later))
        assert [run.id for run in query.runs()] == ["99990101-later", before[0].id]


@pytest.fixture
def address(store):
    """The dashboard as users start it, on a free port, ended by its own id."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from filmbench.harness.cli import main; main()", "dashboard", "--port", str(port)]
    settings = {**os.environ, "FILMBENCH_STORE": str(store)}
    server = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(30)


def test_a_browser_plays_what_the_dashboard_shows(address, tmp_path):
    from selenium.webdriver.support.ui import WebDriverWait

    with chromium(tmp_path / "profile") as chrome:
        resize(chrome, 1280, 2400)
        chrome.get(address)
        ready = "[...document.querySelectorAll('audio')].filter((one) => one.readyState > 0 && one.duration > 1).length"
        WebDriverWait(chrome, 60).until(lambda c: c.execute_script(f"return {ready}") == 2)
        fetched = chrome.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
        assert fetched and all(name.startswith((address, "data:", "blob:")) for name in fetched), fetched
        assert not [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]
        resize(chrome, 390)
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= 390
