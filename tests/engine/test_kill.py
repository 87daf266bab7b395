"""A run killed at any moment goes on, and no request is paid twice or lost."""

from __future__ import annotations

import hashlib
import json
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

LINES = 3
REGISTERING = 3  # the ledger's writes before the first take: the run, its plan, the plan being whole
MOMENTS = [
    *[{f"die_{when}": REGISTERING + write} for write in (1, 2, 3, 5, 8) for when in ("before", "after")],
    {"die_after": 1},
    {"die_before": 3},
]


def outcomes(store: Path) -> dict[str, str]:
    """Outcome by text and take, of every planned request of the newest run."""
    with sqlite3.connect(store / "ledger.db") as ledger:
        rows = ledger.execute(
            "SELECT r.text || '#' || r.take, t.outcome FROM planned p JOIN requests r ON r.key = p.key "
            "LEFT JOIN takes t ON t.key = p.key AND t.epoch = p.epoch"
        )
        return dict(rows.fetchall())


def check_whole(store: Path) -> None:
    """Every artifact that a usable take names is there with the bytes of its name; nothing half is left."""
    with sqlite3.connect(store / "ledger.db") as ledger:
        takes = ledger.execute("SELECT artifacts FROM takes WHERE outcome = 'ok'").fetchall()
    for (text,) in takes:
        (artifact,) = json.loads(text)["speech"]
        sha = artifact["sha256"]
        data = (store / "artifacts" / sha[:2] / sha[2:4] / sha).read_bytes()
        assert hashlib.sha256(data).hexdigest() == sha
        assert len(data) == artifact["bytes"]


def settle(model: str, drive: Callable, suite: Path, server, store: Path) -> None:
    """Resume after a kill and check the promise."""
    resumed = drive(suite, resume=True)
    if "no run to resume" in resumed.error:  # killed before the run was written down: nothing was asked
        assert not server.paid()
        resumed = drive(suite)
    assert resumed.returncode == 0, resumed.error
    found = outcomes(store)
    assert len(found) == LINES
    assert set(found.values()) <= {"ok", "submit_unknown"}
    paid = server.paid()
    for text, outcome in found.items():
        assert paid.get(text, 0) <= 1, f"{text!r} was paid {paid[text]} times"
        if outcome == "ok":
            assert paid.get(text, 0) == 1
    check_whole(store)
    again = drive(suite, resume=True)
    assert again.returncode == 0, again.error
    assert server.paid() == paid, "a second resume asked the vendor again"


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("model", ["job", "call"])
def test_killed_at_a_ledger_write(model, moment, drive, suite_file, server, tmp_path):
    suite = suite_file(model, LINES)
    killed = drive(suite, **moment)
    assert killed.returncode in (-signal.SIGKILL, 0), killed.error
    settle(model, drive, suite, server, tmp_path / "store")


@pytest.mark.parametrize(
    ("model", "moment"),
    [("job", "paid"), ("job", "polled"), ("job", "streaming"), ("call", "paid"), ("call", "streaming")],
)
def test_killed_while_the_vendor_works(model, moment, drive, suite_file, server, tmp_path):
    suite = suite_file(model, LINES)
    server.script(kill=moment)
    killed = drive(suite)
    assert killed.returncode == -signal.SIGKILL
    settle(model, drive, suite, server, tmp_path / "store")
    if model == "call" or moment == "paid":
        assert "submit_unknown" in outcomes(tmp_path / "store").values(), "what died on its way waits for a person"


def test_a_submitted_job_is_fetched_after_a_kill(drive, suite_file, server, tmp_path):
    suite = suite_file("job", 1)
    server.script(kill="streaming")
    assert drive(suite).returncode == -signal.SIGKILL
    assert drive(suite, resume=True).returncode == 0
    assert list(outcomes(tmp_path / "store").values()) == ["ok"]
    assert list(server.paid().values()) == [1]
    check_whole(tmp_path / "store")


def test_only_a_person_pays_again(drive, suite_file, server, tmp_path):
    suite = suite_file("call", 1)
    server.script(kill="paid")
    assert drive(suite).returncode == -signal.SIGKILL
    assert drive(suite, resume=True).returncode == 0
    assert list(outcomes(tmp_path / "store").values()) == ["submit_unknown"]
    assert list(server.paid().values()) == [1]
    assert drive(suite, resume=True, retry_unknown=True).returncode == 0
    assert list(outcomes(tmp_path / "store").values()) == ["ok"]
    assert list(server.paid().values()) == [2]
