"""Which store is shown, that looking changes nothing in it, and what people read where there is none."""

import contextlib
import hashlib
import shutil
import sqlite3

import pytest
from filmbench.dashboards import bundle, query
from filmbench.harness.store import Store, schema
from filmbench.harness.types import UsageError
from shown import LINES


def contents(folder):
    """Every file of a store with its hash, but for the two that SQLite keeps beside an open database."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(("-shm", "-wal"))
    }


def test_without_a_run_the_demo_is_shown_and_nothing_is_made(dashboard, tmp_path):
    folder = tmp_path / "nowhere"
    page = dashboard(folder)
    assert not page.exception
    assert page.info[0].value.startswith("**Demo.**") and "filmbench demo" in page.info[0].value
    assert page.metric[0].value == "5 of 16"
    assert not folder.exists()
    with Store.open(folder):
        pass
    assert dashboard(folder).info[0].value.startswith("**Demo.**")


def test_without_run_and_demo_the_page_says_what_to_do(dashboard, tmp_path, monkeypatch):
    monkeypatch.setattr(query, "DEMO", tmp_path / "no demo")
    for name in ("overview", "stage"):
        page = dashboard(tmp_path / "nowhere", name)
        assert not page.exception and page.title[0].value == "No run yet"
        assert page.code[0].value == "filmbench demo"


def test_a_run_of_ones_own_goes_before_the_demo(dashboard, store):
    page = dashboard(store)
    assert not [info for info in page.info if "Demo" in info.value]


def test_the_demo_holds_our_own_media_and_no_machine(tmp_path):
    size = sum(file.stat().st_size for file in query.DEMO.rglob("*"))
    assert size < bundle.MOST_BYTES
    with sqlite3.connect(f"file:{query.DEMO / 'ledger.db'}?mode=ro", uri=True) as ledger:
        assert ledger.execute("PRAGMA journal_mode").fetchone() != ("wal",)
        assert {host for (host,) in ledger.execute("SELECT DISTINCT host FROM takes")} <= {"demo", None}
        assert ledger.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        takes = ledger.execute("SELECT artifacts FROM takes WHERE outcome = 'ok'").fetchall()
    ledger.close()
    assert len(takes) > 50


def test_a_demo_is_made_of_a_run_and_shown_like_it(dashboard, store, tmp_path, monkeypatch):
    target = tmp_path / "demo"
    assert bundle.bundle(store, target) < 1_000_000
    monkeypatch.setattr(query, "DEMO", target)
    page = dashboard(tmp_path / "nowhere", "listen")
    assert not page.exception and page.selectbox(key="line").options[0].startswith(LINES[0])
    assert "Voices" in page.selectbox(key="run").options[0] and "no originals" in page.caption[-1].value
    assert not (target / "artifacts").exists()
    before = contents(target)
    dashboard(tmp_path / "nowhere", "runs")
    assert contents(target) == before and not list(target.glob("*-wal"))


def test_a_demo_of_today_is_refreshed_without_a_change(tmp_path):
    target = tmp_path / "demo"
    shutil.copytree(query.DEMO, target)
    with contextlib.closing(sqlite3.connect(target / "ledger.db")) as ledger:
        before = ledger.execute("SELECT * FROM takes ORDER BY key").fetchall()
    bundle.refresh(target)
    assert [file.name for file in target.glob("ledger*")] == ["ledger.db"]
    with contextlib.closing(sqlite3.connect(target / "ledger.db")) as ledger:
        assert ledger.execute("SELECT * FROM takes ORDER BY key").fetchall() == before
        assert ledger.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_data_that_are_not_ours_are_no_demo(store, tmp_path):
    with Store.open(store) as opened:
        plan = dict(opened.ledger.write_now(lambda c: c.execute(schema.runs.select()).mappings().one()))["plan"]
        plan["tasks"][0]["dataset"] = "dub-scene"
        opened.ledger.write_now(lambda c: c.execute(schema.runs.update().values(plan=plan)))
    with pytest.raises(UsageError, match="not ours to give away"):
        bundle.bundle(store, tmp_path / "demo")


def test_a_file_that_is_no_ledger_is_told_in_a_sentence(dashboard, tmp_path):
    (tmp_path / "ledger.db").write_text("not a database at all, but a text of some length")
    page = dashboard(tmp_path)
    assert not page.exception
    assert "is not a filmbench ledger" in page.error[0].value


def test_looking_changes_nothing_in_the_store(dashboard, store):
    before = contents(store)
    for name in ("overview", "stage", "listen", "compare", "runs"):
        assert not dashboard(store, name).exception
    assert contents(store) == before


def test_a_store_opened_for_reading_cannot_be_written(store, tmp_path):
    with Store.reading(store) as opened, pytest.raises(RuntimeError):
        opened.ledger.write_now(lambda connection: None)
    with pytest.raises(UsageError, match="no store"):
        Store.reading(tmp_path / "nowhere")


def test_a_new_run_is_seen_without_a_restart(store, monkeypatch):
    monkeypatch.setenv("FILMBENCH_STORE", str(store))
    before = query.runs()
    with Store.open(store) as opened:
        row = dict(opened.ledger.write_now(lambda c: c.execute(schema.runs.select()).mappings().one()))
        later = row | {"id": "99990101-later", "started_at": "9999-01-01T00:00:00Z"}
        opened.ledger.write_now(lambda c: c.execute(schema.runs.insert(), later))
        assert [run.id for run in query.runs()] == ["99990101-later", before[0].id]
