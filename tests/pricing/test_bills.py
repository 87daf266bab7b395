"""Bills that came over real HTTP are held against the book: agreement passes, a changed price raises the alarm."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from filmbench.harness import bills, plan, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book
from filmbench.harness.store import Store
from loopback import audio, elevenlabs
from loopback.rig import CASES
from loopback.server import KEY, running

MAIN = "from filmbench.harness.cli import main; main()"
MODEL = "eleven_flash_v2_5"
SUITE = f"""
name = "bills"
timeout = 20.0
endpoints = {{ elevenlabs = "URL" }}

[[tasks]]
contract = "tts"
dataset = "film-lines"
languages = ["en"]
limit = 3

[[tasks.arms]]
provider = "elevenlabs/{MODEL}"
"""


@pytest.fixture
def billed(tmp_path, monkeypatch):
    """Makes three takes at a loopback ElevenLabs that bills ``factor`` times what it says it does; gives the store."""
    if not audio.available():
        pytest.skip("espeak-ng is not installed, so the server has no speech to give")
    case = CASES[0]
    monkeypatch.setenv(case.key, KEY)

    async def session():
        async with running(case.server()) as server:
            plan._IDENTITIES.clear()
            with Store.open(tmp_path / "store") as store:
                made = plan.make(suite.parse(SUITE.replace("URL", server.url), "bills.toml"))
                run = runs.start(store.ledger, made, {}, None, Reuse())
                await Engine(store.ledger, store.artifacts, book(), run).work()

    def run(factor="1"):
        known = elevenlabs.MODELS[MODEL]
        dearer = (known[0], str(Decimal(known[1]) * Decimal(factor)), *known[2:])
        monkeypatch.setitem(elevenlabs.MODELS, MODEL, dearer)
        asyncio.run(session())
        return tmp_path / "store"

    return run


def compared(store):
    with Store.reading(store) as opened:
        return bills.compare(opened.ledger, book())


def check(store, *arguments):
    command = [sys.executable, "-c", MAIN, "prices", "check", "--store", store, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)


def test_credits_that_agree_with_the_texts_length_pass(billed):
    (one,) = compared(billed())
    assert (one.name, one.live, one.takes) == (f"elevenlabs/{MODEL}", False, 3)
    assert one.basis == "the book for the text's length"
    assert one.billed == one.book > 0
    assert one.alarm() is None


def test_a_vendor_that_counts_otherwise_raises_the_alarm(billed):
    store = billed(factor="1.5")
    (one,) = compared(store)
    assert one.percent == pytest.approx(50)
    assert one.alarm(tolerance=51) is None
    found = check(store)
    assert found.returncode == 1
    assert f"alarm: elevenlabs/{MODEL} billed {one.billed:.4f} USD for 3 takes" in found.stderr
    assert "+50.0 %, tolerance 10 %" in found.stderr
    told = json.loads(check(store, "--json", "--tolerance", "60").stdout)
    assert told["alarms"] == []
    assert told["compared"][0]["billed"] == str(one.billed)


def test_a_vendor_that_became_cheaper_does_too(billed):
    assert "-50.0 %" in compared(billed(factor="0.5"))[0].alarm()


def test_a_price_that_changed_in_the_book_is_seen_in_old_bills(billed, tmp_path, monkeypatch):
    store = billed()
    own = tmp_path / "own.toml"
    own.write_text(
        f'[[prices]]\nvendor = "elevenlabs"\nmodel = "{MODEL}"\nunit = "character"\nper = 1000\nusd = 0.20\n'
        'as_of = "2026-01-01"\nsource = "their new page"\nconfidence = "stated"\n'
    )
    monkeypatch.setenv("FILMBENCH_PRICES", str(own))
    (one,) = compared(store)
    assert one.percent == pytest.approx(-80)
    assert one.alarm()


def test_an_invoice_is_held_against_the_live_takes_alone(billed):
    store = billed()
    (total,) = (one.billed for one in compared(store))
    assert check(store, "--bill", f"elevenlabs={total}").returncode == 1, "nothing of it was made at the vendor itself"
    with sqlite3.connect(store / "ledger.db") as ledger:
        ledger.execute("UPDATE takes SET live = 1")
    assert check(store, "--bill", f"elevenlabs={total}").returncode == 0
    dearer = check(store, "--bill", f"elevenlabs={total * 2}")
    assert dearer.returncode == 1
    assert "elevenlabs (invoice) billed" in dearer.stderr
    assert check(store, "--bill", f"cartesia={total}").returncode == 1


def test_only_the_days_asked_for_are_looked_at(billed):
    store = billed()
    today = datetime.now(UTC).date()
    assert check(store, "--since", today - timedelta(days=1), "--until", today + timedelta(days=1)).returncode == 0
    empty = check(store, "--since", today + timedelta(days=2))
    assert empty.returncode == 3
    assert "no bill of those days" in empty.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--bill", "elevenlabs"), "--bill cannot be"),
        (("--bill", "=3"), "--bill cannot be"),
        (("--bill", "elevenlabs=-3"), "--bill cannot be"),
        (("--bill", "elevenlabs=nan"), "--bill cannot be"),
        (("--since", "yesterday"), "--since takes a day"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, arguments, says):
    with Store.open(tmp_path / "store"):
        pass
    found = check(tmp_path / "store", *arguments)
    assert found.returncode == 2
    assert says in found.stderr
