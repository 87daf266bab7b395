"""Disks that are full or read-only, ledgers from elsewhere, vendors that fail: one clear sentence, nothing lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

FILMBENCH = Path(sys.executable).with_name("filmbench")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a file system of its own: ``size=…`` or ``ro``."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")

    def mount(options: str) -> Path:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this machine does not let tests mount: {done.stderr.strip()}")
        return place

    yield mount
    subprocess.run(["umount", "-l", place], capture_output=True)


@pytest.fixture
def filmbench(start, tmp_path) -> Callable[..., subprocess.Popen[str]]:
    """The command line with the loopback vendor installed, in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1] / "plugins"),
        "FILMBENCH_PRICES": str(tmp_path / "prices.yaml"),
        "LOOP_CONCURRENCY": "3",
    }

    def run(*arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [FILMBENCH, *map(str, arguments)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=300)
    return process.returncode, errors


def test_full_disk(filmbench, small_disk, suite_file):
    disk = small_disk("size=400k")
    code, errors = ended(filmbench("run", suite_file("call", lines=60), "--store", disk / "runs"))
    assert code == 2, errors
    assert "the disk is full" in errors
    assert "Traceback" not in errors


def test_read_only_folder(filmbench, small_disk, suite_file):
    disk = small_disk("ro")
    code, errors = ended(filmbench("run", suite_file("call"), "--store", disk / "runs"))
    assert code == 2, errors
    assert "cannot be made" in errors or "read-only" in errors


def test_ctrl_c_drains_and_resumes(filmbench, suite_file, server, tmp_path):
    server.script(delay=0.5)
    suite = suite_file("call", lines=12)
    process = filmbench("run", suite, "--store", tmp_path / "runs")
    while not server.paid():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    code, errors = ended(process)
    assert code == 130, errors
    assert "filmbench run --resume" in errors
    paid = sum(server.paid().values())
    assert 0 < paid < 12
    with sqlite3.connect(tmp_path / "runs" / "ledger.db") as ledger:
        outcomes = ledger.execute("SELECT outcome, count(*) FROM takes GROUP BY outcome").fetchall()
        assert outcomes == [("ok", paid)], "what was paid when Ctrl-C came is kept"
        assert ledger.execute("SELECT state FROM runs").fetchall() == [("stopped",)]
        assert ledger.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    server.script()
    code, errors = ended(filmbench("run", "--resume", "--store", tmp_path / "runs"))
    assert code == 0, errors
    assert sum(server.paid().values()) == 12 - paid, "only what was not asked yet is asked"


def test_a_ledger_from_a_newer_filmbench(filmbench, suite_file, tmp_path):
    store = tmp_path / "runs"
    store.mkdir()
    with sqlite3.connect(store / "ledger.db") as ledger:
        ledger.execute("CREATE TABLE alembic_version (version_num TEXT)")
        ledger.execute("INSERT INTO alembic_version VALUES ('9999')")
    code, errors = ended(filmbench("table", "--store", store))
    assert code == 2
    assert "newer filmbench" in errors


def test_a_file_that_is_no_ledger(filmbench, tmp_path):
    store = tmp_path / "runs"
    store.mkdir()
    (store / "ledger.db").write_text("this is a letter to my mother, not a database; " * 20)
    code, errors = ended(filmbench("table", "--store", store))
    assert code == 2
    assert "not a filmbench ledger" in errors


@pytest.mark.parametrize(
    ("body", "reason"), [("text", "not"), ("silent", "silent"), ("truncated", "truncated"), ("empty", "empty")]
)
def test_what_is_no_speech_is_invalid_not_low(body, reason, drive, suite_file, server, tmp_path):
    server.script(body=body)
    assert drive(suite_file("call", lines=1)).returncode == 0
    with sqlite3.connect(tmp_path / "store" / "ledger.db") as ledger:
        ((outcome, said),) = ledger.execute("SELECT outcome, reason FROM takes").fetchall()
    assert outcome == "invalid"
    assert reason in said.lower()


def test_busy_answers_are_waited_for_and_counted(drive, suite_file, server, tmp_path):
    server.script(status=[429, 500])
    assert drive(suite_file("call", lines=1)).returncode == 0
    with sqlite3.connect(tmp_path / "store" / "ledger.db") as ledger:
        ((outcome, attempts, retry, total),) = ledger.execute("SELECT outcome, attempts, retry_s, total_s FROM takes")
    assert (outcome, attempts) == ("ok", 3)
    assert retry >= 0.1, "waiting for a retry has a column of its own"
    assert total < retry + 1
    assert sum(server.paid().values()) == 1


def test_a_vendor_that_is_down_ends_the_run_with_its_own_code(filmbench, suite_file, server, tmp_path):
    server.script(status=[500] * 1000)
    code, errors = ended(filmbench("run", suite_file("call", lines=20), "--store", tmp_path / "runs"))
    assert code == 5, errors
    assert "loop did not answer" in errors
    assert not server.paid()
    with sqlite3.connect(tmp_path / "runs" / "ledger.db") as ledger:
        outcomes = dict(ledger.execute("SELECT outcome, count(*) FROM takes GROUP BY outcome").fetchall())
    assert outcomes["cancelled"] >= 10, "once a vendor counts as down nothing more is sent to it"
