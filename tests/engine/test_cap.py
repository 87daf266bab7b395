"""Not a cent over the cap, whatever runs at once; two runs on one ledger pay once."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

from filmbench.harness import dataset

REQUESTS, ROOM = 200, 37


def texts(lines: int) -> list[str]:
    samples = [sample for sample in dataset.load("film-lines").samples if sample.language == "en"]
    return [sample.text() for sample in samples[:lines]]


def ask(store: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(store / "ledger.db") as ledger:
        return ledger.execute(sql).fetchall()


def test_cap_holds_under_concurrency(drive, suite_file, server, tmp_path):
    suite = suite_file("call", lines=1, takes=REQUESTS)
    server.script(delay=0.01)
    price = Decimal(len(texts(1)[0])) / 1000
    cap = price * ROOM + price / 2
    ended = drive(suite, cap=cap, concurrency=REQUESTS)
    assert ended.returncode == 0, ended.error
    assert sum(server.paid().values()) == ROOM
    store = tmp_path / "store"
    assert dict(ask(store, "SELECT outcome, count(*) FROM takes GROUP BY outcome")) == {
        "ok": ROOM,
        "budget_stop": REQUESTS - ROOM,
    }
    ((spent, reserved, capped),) = ask(store, "SELECT spent_nano, reserved_nano, cap_nano FROM runs")
    assert reserved == 0
    assert spent == price * ROOM * 10**9 <= capped


def test_budget_stops_are_asked_again_when_there_is_room(drive, suite_file, server, tmp_path):
    suite = suite_file("job", lines=4)
    prices = [Decimal(len(text)) / 1000 for text in texts(4)]
    assert drive(suite, cap=sum(prices[:2]), concurrency=1).returncode == 0
    assert sum(server.paid().values()) == 2
    assert drive(suite).returncode == 0
    assert server.paid() == {f"{text}#0": 1 for text in texts(4)}


def test_an_unpriced_request_does_not_pass_a_cap(drive, suite_file, server, tmp_path):
    suite = suite_file("call", lines=1)
    (tmp_path / "prices.yaml").write_text("[]\n")
    assert drive(suite, cap=Decimal(1)).returncode == 0
    assert not server.paid()
    ((outcome, reason),) = ask(tmp_path / "store", "SELECT outcome, reason FROM takes")
    assert outcome == "budget_stop"
    assert "no price" in reason


def test_two_runs_on_one_ledger_pay_once(start, suite_file, server, tmp_path):
    suite = suite_file("call", lines=20)
    server.script(delay=0.05)
    both = [start(suite), start(suite)]
    for process in both:
        process.join(60)
    errors = tmp_path / "store.err"
    assert [process.exitcode for process in both] == [0, 0], errors.read_text() if errors.exists() else ""
    assert server.paid() == {f"{text}#0": 1 for text in texts(20)}
    found = ask(tmp_path / "store", "SELECT count(*) FROM planned p JOIN takes t USING (key, epoch) WHERE outcome='ok'")
    assert found == [(40,)]


def test_two_processes_on_one_run_share_its_work(drive, start, suite_file, server, tmp_path):
    suite = suite_file("job", lines=12)
    assert drive(suite, die_after=4).returncode != 0
    before = server.paid()
    both = [start(suite, resume=True), start(suite, resume=True)]
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert max(server.paid().values()) == 1
    assert before.items() <= server.paid().items()
    ((made,),) = ask(tmp_path / "store", "SELECT count(*) FROM planned p JOIN takes t USING (key, epoch)")
    assert made == 12
