"""The vendors that work by job through the real engine: journaled, priced, released, paid once whatever happens."""

import asyncio
import signal
import sqlite3
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.harness import plan, resources, suite
from filmbench.harness.engine import remote, runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.store import Store, schema
from loopback.jobrig import ONE_EACH, dataset, environment, stated_price, suite_text
from loopback.server import KEY, running
from sqlalchemy import select

one_of_each_adapter = pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.name)


def leaked(store) -> list[str]:
    """The files of a store that hold a key, whatever happened before."""
    return [str(path) for path in store.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.fixture
def takes(case, tmp_path, monkeypatch):
    """Runs two samples through the engine against a scripted server: the takes, the server, what is left there."""

    async def session(script, life, transfers, cap, samples, patience):
        async with running(case.server()) as server:
            for name, value in case.environment(server.url).items():
                monkeypatch.setenv(name, value)
            server.script.extend(script)
            server.life.extend(life)
            server.transfers.extend(transfers)
            data = dataset(case, tmp_path / "data", samples)
            plan._IDENTITIES.clear()  # another test may have looked while there was no key
            with Store.open(tmp_path / "store") as store:
                made = plan.make(suite.parse(suite_text(case, server.url, data, patience), "jobs.toml"))
                run = runs.start(store.ledger, made, {}, cap, Reuse())
                await Engine(store.ledger, store.artifacts, book(), run).work()
                with store.ledger.read() as connection:
                    rows = [dict(row) for row in connection.execute(select(schema.takes)).mappings()]
                left = resources.left(store.ledger)
        return rows, server, left

    def run(script=(), life=(), transfers=(), cap=None, samples=2, patience=20.0):
        found = asyncio.run(session(script, life, transfers, cap, samples, patience))
        assert not leaked(tmp_path / "store")
        return found

    return run


def test_the_takes_are_made_billed_and_nothing_stays_at_the_vendor(case, takes):
    rows, server, left = takes(life=("queued", "running"))
    assert [row["outcome"] for row in rows] == ["ok", "ok"], [row["reason"] for row in rows]
    for row in rows:
        assert 0 < row["first_byte_s"] <= row["total_s"]
        assert row["attempts"] == 1
        assert row["usage"]["quantities"]
        assert set(row["artifacts"]) == {case.role, *case.derived}
    assert (server.counts.posts, server.counts.billed) == (2, 2)
    assert left == ()
    assert not server.uploads or server.uploads_vanish
    assert not server.jobs or case.provider().left_by("any") is None, "what can be deleted is"


@pytest.fixture
def priced(case, tmp_path, monkeypatch):
    """Where the book knows no price, the user states one."""
    if case.unpriced:
        monkeypatch.setenv("FILMBENCH_PRICES", str(stated_price(case, tmp_path)))


@pytest.mark.usefixtures("priced")
def test_the_quote_follows_the_length_of_the_media(takes):
    rows, _, _ = takes(samples=1)
    assert from_nano(rows[0]["quoted_nano"]) > 0


@one_of_each_adapter
def test_a_stumble_after_the_paid_post_is_never_a_second_one(takes):
    rows, server, _ = takes(life=("503", "reset", "running", "429", "503"), samples=1)
    assert [(row["outcome"], row["attempts"]) for row in rows] == [("ok", 1)], rows[0]["reason"]
    assert server.counts.posts == 1


@one_of_each_adapter
def test_a_vendor_that_stays_down_while_polling_is_not_paid_again(takes, monkeypatch):
    rows, server, _ = takes(life=("503",) * 50, samples=1)
    assert rows[0]["outcome"] == "timed_out"
    assert "the job was taken" in rows[0]["reason"]
    assert server.counts.posts == 1
    assert server.counts.other["polls"] == remote.MAX_ATTEMPTS


@one_of_each_adapter
def test_a_busy_vendor_is_asked_again_and_an_unreadable_answer_is_not(takes):
    rows, server, _ = takes(script=("429:0.05", "ok", "cut"))
    assert sorted(row["outcome"] for row in rows) == ["ok", "submit_unknown"]
    assert server.counts.posts == 3
    assert server.counts.billed == 2


@one_of_each_adapter
@pytest.mark.parametrize(
    ("end", "outcomes"), [("failed", {"failed"}), ("refused", {"refused"}), ("cancelled", {"cancelled", "failed"})]
)
def test_a_job_without_a_result_says_why(case, takes, end, outcomes):
    rows, server, left = takes(life=(end,), samples=1)
    assert rows[0]["outcome"] in outcomes or (end == "refused" and not case.moderates)
    assert rows[0]["reason"]
    assert server.counts.posts == 1
    assert left == ()


@one_of_each_adapter
@pytest.mark.parametrize("status", ["404", "410"])
def test_a_retired_model_is_its_own_outcome_with_the_day_and_who_says_so(case, takes, tmp_path, monkeypatch, status):
    vendor, _, model = case.provider_id.partition("/")
    own = tmp_path / "own.toml"
    own.write_text(
        f'[[models]]\nvendor = "{vendor}"\nmodel = "{model}"\nretired_on = 2026-10-23\nas_of = "2026"\n'
        'source = "their letter"\n'
    )
    monkeypatch.setenv("FILMBENCH_PRICES", str(own))
    rows, server, left = takes(script=(status,), samples=1)
    assert rows[0]["outcome"] == "retired"
    assert rows[0]["reason"].endswith("(retired on 2026-10-23 according to their letter)")
    assert (server.counts.posts, server.counts.billed, left) == (1, 0, ())


@one_of_each_adapter
def test_a_job_that_takes_too_long_is_cancelled_where_that_is_possible(case, takes, monkeypatch):
    provider = case.provider()
    monkeypatch.setattr(provider, "spec", replace(provider.spec, patience=0.0))
    rows, server, _ = takes(life=("running",) * 500, samples=1, patience=0.5)
    assert rows[0]["outcome"] == "timed_out"
    assert server.counts.posts == 1
    assert bool(server.cancelled) is case.cancels


@one_of_each_adapter
def test_what_has_no_price_does_not_run_under_a_cap(case, takes):
    if not case.unpriced:
        pytest.skip("the book has its price")
    rows, server, _ = takes(samples=1, cap=Decimal(100))
    assert [row["outcome"] for row in rows] == ["budget_stop"]
    assert server.counts.posts == 0


@one_of_each_adapter
@pytest.mark.usefixtures("priced")
def test_a_cap_stops_before_the_money_is_gone(case, takes, tmp_path):
    rows, server, _ = takes(samples=1)
    (tmp_path / "store").rename(tmp_path / "first")
    quoted = from_nano(rows[0]["quoted_nano"])
    ceiling = ceiling_of(case, tmp_path)
    rows, server, _ = takes(samples=6, cap=ceiling * 2 + quoted / 10)
    outcomes = [row["outcome"] for row in rows]
    assert {"ok", "budget_stop"} == set(outcomes)
    assert server.counts.posts == outcomes.count("ok")
    spent = sum((from_nano(row["billed_nano"] or 0) for row in rows), Decimal(0))
    assert 0 < spent <= ceiling * 2 + quoted / 10


def ceiling_of(case, tmp_path) -> Decimal:
    """The most that one sample may cost."""
    text = suite_text(case, "http://127.0.0.1:9", tmp_path / "data")
    made = plan.make(suite.parse(text, "jobs.toml"))
    (priced,) = asyncio.run(plan.price(made, book()))
    return priced.ceiling_usd


# --- killed for real ---------------------------------------------------------------------------------


@pytest.fixture
def served(case, monkeypatch):
    """The server in a thread of this process, so that the engine's process can be killed alone."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    found = []

    async def serve():
        async with running(case.server()) as server:
            found.append(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def outcomes(store):
    with sqlite3.connect(store / "ledger.db") as ledger:
        rows = ledger.execute(
            "SELECT t.outcome FROM planned p LEFT JOIN takes t ON t.key = p.key AND t.epoch = p.epoch"
        )
        return [row[0] for row in rows]


@one_of_each_adapter
@pytest.mark.parametrize("moment", ["paid", "polled", "streaming", {"die_after": 7}], ids=str)
def test_killed_at_any_moment_nothing_is_paid_twice_or_lost(case, served, drive, tmp_path, moment):
    data = dataset(case, tmp_path / "data", 1)
    file = tmp_path / "jobs.toml"
    file.write_text(suite_text(case, served.url, data))
    keys = {case.key: KEY, **case.environment(served.url), **environment(tmp_path)}
    dying = moment if isinstance(moment, dict) else {}
    served.kill = moment if isinstance(moment, str) else None
    killed = drive(file, keys=keys, **dying)
    assert killed.returncode in (-signal.SIGKILL, *((0,) if dying else ())), killed.error
    resumed = drive(file, keys=keys, resume=True)
    assert resumed.returncode == 0, resumed.error
    store = tmp_path / "store"
    expected = {"submit_unknown"} if moment == "paid" else {"ok"} if not dying else {"ok", "submit_unknown"}
    assert set(outcomes(store)) <= expected
    assert served.counts.posts <= 1
    assert served.counts.posts == 1 or outcomes(store) == ["submit_unknown"]
    assert not leaked(store)
