"""The voice isolator over real HTTP and through the engine: sound in, sound back, what it costs, each failure once."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from filmbench.adapters import elevenlabs_isolation
from filmbench.adapters._http import CutStream, HttpError, NoAnswer
from filmbench.harness import plan, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book, from_nano
from filmbench.harness.protocols import Refusal
from filmbench.harness.store import Store, schema
from filmbench.harness.types import Arm, Outcome, Request, Sample
from loopback.audio import speak
from loopback.elevenlabs_isolation import ElevenLabsIsolation
from loopback.rig import Case, ask, decoded_seconds, recording, with_server
from loopback.server import KEY, running
from sqlalchemy import select

CASE = Case("elevenlabs", elevenlabs_isolation.PROVIDERS, ElevenLabsIsolation, "ELEVENLABS_API_KEY")


def request_for(provider, url, sound):
    sample = Sample("s1", "test", {"sound": sound})
    return Request("editing/denoise-sound", sample, Arm(provider.spec.id, "arm", {}), {"adapter": "1"}, url)


@pytest.fixture
def sound(tmp_path):
    """A recording of known length, and where it lies."""
    artifact, media = recording(tmp_path)
    return replace(artifact, seconds=decoded_seconds(media.path(artifact).read_bytes())), media


@pytest.fixture
def outcome(sound):
    """One call against a scripted server: how it went, how it reads, what the server saw."""

    def run(*script, **change):
        async def work(provider, server):
            server.script.extend(script)
            got = await ask(provider, request_for(provider, server.url, replace(sound[0], **change)), sound[1])
            return got, provider.classify(got.error) if got.error else None, server

        return with_server(CASE, work)

    return run


def test_the_recording_comes_back_as_long_as_it_was(outcome, sound):
    got, _, server = outcome()
    assert got.error is None
    assert (got.speech.role, got.speech.media_type) == ("sound", "audio/mpeg")
    assert decoded_seconds(got.speech.content) == pytest.approx(sound[0].seconds, abs=0.1)
    assert server.requests[0]["body"] == {"audio": ("sound.wav", "audio/wav", sound[0].bytes)}


def test_the_minutes_sent_are_the_bill_and_within_the_quote(outcome, sound):
    provider = CASE.provider()
    quote = asyncio.run(provider.quote(request_for(provider, None, sound[0])))
    prices = [
        book().price(provider.spec.id, usage, date(2026, 11, 22))
        for usage in (quote.expected, quote.ceiling, outcome()[0].usage)
    ]
    assert (
        prices[2].usd
        == prices[0].usd
        == pytest.approx(Decimal(sound[0].seconds) / 60 * Decimal("0.12"), rel=Decimal("0.001"))
    )
    assert prices[2].usd < prices[1].at_most


def test_a_recording_of_unknown_length_has_neither_quote_nor_bill(outcome, sound):
    provider = CASE.provider()
    quote = asyncio.run(provider.quote(request_for(provider, None, replace(sound[0], seconds=None))))
    assert not quote.expected.quantities
    assert outcome(seconds=None)[0].usage is None


@pytest.mark.parametrize(
    ("fault", "meant", "again", "unknown"),
    [
        ("401", Outcome.FAILED, False, False),
        ("402", Outcome.FAILED, False, False),
        ("404", Outcome.RETIRED, False, False),
        ("422", Outcome.INVALID, False, False),
        ("429:7", Outcome.FAILED, True, False),
        ("500", Outcome.FAILED, True, False),
        ("504", Outcome.FAILED, False, True),
        ("redirect", Outcome.FAILED, False, False),
    ],
)
def test_an_answered_error_is_read_once_and_never_repeated(outcome, fault, meant, again, unknown):
    got, verdict, server = outcome(fault)
    assert isinstance(got.error, HttpError)
    assert (server.counts.posts, server.counts.billed) == (1, 0)
    assert (verdict.outcome, verdict.again, verdict.unknown) == (meant, again, unknown)
    assert KEY not in f"{got.error!r} {vars(got.error)} {verdict}"


def test_a_reset_is_unknown_and_a_cut_stream_no_take(outcome):
    got, verdict, server = outcome("reset")
    assert isinstance(got.error, NoAnswer)
    assert verdict.unknown
    assert server.counts.posts == 1
    for fault in ("cut", "empty"):
        got, verdict, _ = outcome(fault)
        assert isinstance(got.error, CutStream)
        assert got.speech is None
        assert not verdict.again


@pytest.mark.parametrize(
    "change",
    [{"bytes": 501 * 10**6}, {"media_type": "audio/x-aiff"}, {"seconds": 3601.0}],
    ids=lambda one: next(iter(one)),
)
def test_what_it_does_not_take_is_refused_before_anything_is_sent(sound, change):
    async def work(provider, server):
        with pytest.raises(Refusal):
            await provider.prepare(request_for(provider, server.url, replace(sound[0], **change)), sound[1])
        return server.counts.posts

    assert with_server(CASE, work) == 0


# --- through the engine ------------------------------------------------------------------------------


@pytest.fixture
def takes(tmp_path):
    """Runs recordings through the engine against a scripted server: the takes, and the server."""

    async def session(script, cap):
        async with running(ElevenLabsIsolation()) as server:
            server.script.extend(script)
            text = (
                f'name = "s"\ntimeout = 20.0\nendpoints = {{ elevenlabs = "{server.url}" }}\n[[tasks]]\n'
                f'contract = "editing/denoise-sound"\ndataset = "folder:{dataset(tmp_path / "data")}"\n'
                '[[tasks.arms]]\nprovider = "elevenlabs/voice-isolator"\n'
            )
            plan._IDENTITIES.clear()  # another test may have looked while there was no key
            with Store.open(tmp_path / "store") as store:
                run = runs.start(store.ledger, plan.make(suite.parse(text, "s.toml")), {}, cap, Reuse())
                await Engine(store.ledger, store.artifacts, book(), run).work()
                with store.ledger.read() as connection:
                    rows = [dict(row) for row in connection.execute(select(schema.takes)).mappings()]
        return rows, server

    return lambda *script, cap=None: asyncio.run(session(script, cap))


def dataset(folder):
    """Four noisy recordings, as a user would write them."""
    folder.mkdir()
    lines = []
    for number in range(4):
        content = speak(f"Line {number}.", "wav", 16_000)
        (folder / f"{number}.wav").write_bytes(content)
        file = {"file": f"{number}.wav", "sha256": sha256(content).hexdigest(), "media_type": "audio/wav"}
        lines.append({"id": f"s{number}", "inputs": {"sound": {**file, "bytes": len(content)}}})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "samples.jsonl").write_text(text)
    (folder / "card.md").write_text("# mine\n")
    (folder / "dataset.toml").write_text(
        'name = "mine"\nversion = "0.1"\ntitle = "t"\ncontract = "editing/denoise-sound"\nlicence = "CC0-1.0"\n'
        'attribution = "me"\nsamples = 4\n'
        f'[files]\n"samples.jsonl" = "{sha256(text.encode()).hexdigest()}"\n'
    )
    return folder


def test_the_takes_are_made_billed_and_paid_once_whatever_happens(takes):
    rows, server = takes("429:0.05", "reset")
    assert sorted(row["outcome"] for row in rows) == ["ok", "ok", "ok", "submit_unknown"]
    assert server.counts.posts == 5
    assert server.counts.billed == 4
    assert all(row["billed_nano"] for row in rows if row["outcome"] == "ok")


def test_a_cap_stops_before_the_money_is_gone(takes):
    cap = Decimal("0.007")
    rows, server = takes(cap=cap)
    outcomes = [row["outcome"] for row in rows]
    assert {"ok", "budget_stop"} == set(outcomes)
    assert server.counts.posts == outcomes.count("ok")
    assert 0 < sum(from_nano(row["billed_nano"] or 0) for row in rows) <= cap
