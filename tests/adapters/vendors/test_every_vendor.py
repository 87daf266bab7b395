"""What must hold for every vendor alike, over real HTTP: timing, bills, each class of failure, keys, addresses."""

import asyncio
import importlib
import json
import re
from datetime import date

import pytest
from filmbench.adapters import _http
from filmbench.adapters._http import CutStream, HttpError, NoAnswer, NotSent, RunawayStream
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, UsageError
from loopback.rig import LINE, ask, decoded_seconds, recording, request_for, with_server
from loopback.server import KEY, running

TODAY = date(2026, 11, 22)


def outcome_of(case, *script, text=LINE, patience=20.0, **options):
    """One request against a server with scripted faults: what came, how it reads, what the server saw."""

    async def work(provider, server):
        server.script.extend(script)
        got = await ask(provider, request_for(provider, server.url, text), patience=patience)
        verdict = provider.classify(got.error) if got.error else None
        return got, verdict, server.counts

    return with_server(case, work, **options)


def test_a_line_comes_back_as_audio_with_its_price(case):
    got, _, counts = outcome_of(case)
    assert got.error is None
    assert got.speech.role == "speech"
    assert 1.0 < decoded_seconds(got.speech.content) < 10.0
    assert got.speech.media_type in ("audio/mpeg", "audio/wav")
    assert (got.speech.content[:4] == b"RIFF") == (got.speech.media_type == "audio/wav")
    assert (counts.posts, counts.billed) == (1, 1)


def test_the_bill_is_within_the_quote(case, monkeypatch):
    monkeypatch.setenv("FILMBENCH_CARTESIA_PLAN", "pro")

    async def work(provider, server):
        request = request_for(provider, server.url)
        quote = await provider.quote(request)
        got = await ask(provider, request)
        return [book().price(provider.spec.id, usage, TODAY) for usage in (quote.expected, quote.ceiling, got.usage)]

    expected, ceiling, billed = with_server(case, work)
    if case.name in ("deepdub", "typecast"):
        assert expected.reason
        assert expected.usd is billed.usd is None
        return
    assert 0 < expected.usd <= ceiling.at_most
    assert 0 < billed.usd <= ceiling.at_most


def test_a_quote_needs_no_key(case, monkeypatch):
    monkeypatch.delenv(case.key)
    provider = case.provider()
    quote = asyncio.run(provider.quote(request_for(provider, None)))
    assert quote.expected.quantities
    for unit, amount in quote.expected.quantities.items():
        assert 0 < amount <= quote.ceiling.quantities[unit]


def test_the_first_byte_is_seen_when_it_comes_and_not_at_the_end(case):
    got, _, _ = outcome_of(case, "slow")
    assert got.error is None
    assert got.speech.arrivals[0] < 0.4 * got.speech.arrivals[-1]
    assert len(got.speech.arrivals) >= 5


STATUSES = [
    ("401", Outcome.FAILED, {}),
    ("402", Outcome.FAILED, {}),
    ("403", Outcome.FAILED, {}),
    ("404", Outcome.RETIRED, {}),
    ("410", Outcome.RETIRED, {}),
    ("422", Outcome.INVALID, {}),
    ("429", Outcome.FAILED, {"again": True, "rate_limited": True}),
    ("429:7", Outcome.FAILED, {"again": True, "rate_limited": True, "after": 7.0}),
    ("500", Outcome.FAILED, {"again": True, "outage": True}),
    ("502", Outcome.FAILED, {"again": True, "outage": True}),
    ("504", Outcome.FAILED, {"unknown": True, "outage": True}),
    ("redirect", Outcome.FAILED, {}),
]


@pytest.mark.parametrize(("fault", "outcome", "flags"), STATUSES, ids=[row[0] for row in STATUSES])
def test_an_answered_error_is_read_once_and_never_repeated(case, fault, outcome, flags):
    got, verdict, counts = outcome_of(case, fault)
    assert isinstance(got.error, HttpError)
    assert counts.posts == 1
    assert counts.billed == 0
    assert got.speech is None
    assert verdict.outcome is outcome
    for flag in ("again", "rate_limited", "unknown", "outage"):
        assert getattr(verdict, flag) is flags.get(flag, False), flag
    assert verdict.after == flags.get("after")
    assert fault[:3] in verdict.reason or fault == "redirect"


def test_the_hints_of_key_and_credit_say_what_to_do(case):
    assert case.key in outcome_of(case, "401")[1].reason
    assert "credit" in outcome_of(case, "402")[1].reason


def test_a_date_in_retry_after_is_seconds_from_now(case):
    _, verdict, _ = outcome_of(case, "429:date")
    assert 0 < verdict.after <= 4


def test_a_connection_reset_before_the_answer_is_unknown_and_not_asked_again(case):
    got, verdict, counts = outcome_of(case, "reset")
    assert isinstance(got.error, NoAnswer)
    assert verdict.unknown
    assert not verdict.again
    assert (counts.posts, counts.billed) == (1, 1)


def test_silence_until_the_engine_gives_up_is_unknown(case):
    got, verdict, counts = outcome_of(case, "hang", patience=0.5)
    assert isinstance(got.error, TimeoutError)
    assert verdict.outcome is Outcome.TIMED_OUT
    assert verdict.unknown
    assert not verdict.again
    assert counts.posts == 1


def test_silence_past_the_client_timeout_is_unknown(case, monkeypatch):
    module = importlib.import_module(f"filmbench.adapters.{case.name}")
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.4)
    got, verdict, counts = outcome_of(case, "hang")
    assert isinstance(got.error, NoAnswer)
    assert verdict.unknown
    assert not verdict.again
    assert counts.posts == 1


def test_a_cut_stream_is_no_take_and_is_not_asked_again(case):
    got, verdict, counts = outcome_of(case, "cut")
    assert isinstance(got.error, CutStream)
    assert got.error.received > 0
    assert got.speech is None
    assert verdict.outcome is Outcome.FAILED
    assert str(got.error.received) in verdict.reason
    assert not verdict.again
    assert not verdict.unknown
    assert counts.posts == 1


def test_a_stream_that_stalls_is_cut(case, monkeypatch):
    module = importlib.import_module(f"filmbench.adapters.{case.name}")
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.4)
    got, verdict, _ = outcome_of(case, "stall")
    assert isinstance(got.error, CutStream)
    assert not verdict.again


def test_an_empty_answer_is_a_failure(case):
    got, verdict, _ = outcome_of(case, "empty")
    assert isinstance(got.error, CutStream)
    assert got.speech is None
    assert verdict.outcome is Outcome.FAILED


def test_a_stream_without_end_is_stopped_at_the_cap(case, monkeypatch):
    monkeypatch.setattr(_http, "MAX_SPEECH_BYTES", 3_000_000)
    got, verdict, _ = outcome_of(case, "runaway", chunk=65536)
    assert isinstance(got.error, RunawayStream)
    assert got.speech is None
    assert verdict.outcome is Outcome.INVALID
    assert not verdict.again


def test_an_unreachable_vendor_was_not_asked_and_may_be_asked_again(case):
    async def work(provider, server):
        return await ask(provider, request_for(provider, "http://127.0.0.1:9"))

    got = with_server(case, work)
    assert isinstance(got.error, NotSent)
    verdict = case.provider().classify(got.error)
    assert verdict.again
    assert verdict.outage
    assert not verdict.unknown


def test_a_name_that_does_not_resolve_was_not_asked(case):
    async def work(provider, _):
        return await ask(provider, request_for(provider, "https://vendor.invalid"))

    got = with_server(case, work)
    assert isinstance(got.error, NotSent)


def test_a_redirect_is_not_followed_with_the_key(case):
    async def work(provider, server):
        server.script.append("redirect")
        async with running(case.server()) as elsewhere:
            server.redirect_to = f"{elsewhere.url}{server.paths[0]}"
            got = await ask(provider, request_for(provider, server.url))
            return got, elsewhere.counts

    got, elsewhere = with_server(case, work)
    assert got.error.status == 307
    assert elsewhere.posts == 0
    assert "not followed" in case.provider().classify(got.error).reason


@pytest.mark.parametrize("fault", ["401", "422", "500", "reset", "cut", "redirect"])
def test_no_key_in_any_error(case, fault):
    got, verdict, _ = outcome_of(case, fault)
    words = f"{got.error!r} {got.error} {verdict} {vars(got.error)}"
    chained = got.error.__cause__
    assert KEY not in words
    assert chained is None
    assert got.error.__suppress_context__ or got.error.__context__ is None


def test_a_wrong_key_that_the_vendor_repeats_is_not_shown(case, monkeypatch):
    monkeypatch.setenv(case.key, "sk-wrong-0123456789abcdef")
    got, verdict, counts = outcome_of(case)
    assert got.error.status == 401
    assert counts.billed == 0
    assert "sk-wrong-0123456789abcdef" not in f"{got.error!r}{got.error.body}{verdict}"
    assert case.key in verdict.reason


def test_without_a_key_nothing_is_sent(case, monkeypatch):
    monkeypatch.delenv(case.key)

    async def work(provider, server):
        with pytest.raises(UsageError, match=case.key) as caught:
            await ask(provider, request_for(provider, server.url))
        return caught.value, server.counts

    error, counts = with_server(case, work)
    assert case.key in error.hint
    assert counts.posts == 0


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "https://10.0.0.7", "https://192.168.1.4/v1", "https://169.254.169.254", "https://user:pw@example.com",
     "ftp://127.0.0.1", "https://[fd00::1]", "not an address", "https://0.0.0.0"],
)  # fmt: skip
def test_addresses_a_key_must_not_go_to_are_refused(case, url):
    provider = case.provider()
    with pytest.raises(UsageError):
        asyncio.run(provider.prepare(request_for(provider, url), None))


def test_a_name_that_leads_into_a_private_network_is_refused(case, monkeypatch):
    async def resolved(self, *_, **__):
        return [(2, 1, 6, "", ("10.1.2.3", 443))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", resolved)
    provider = case.provider()
    with pytest.raises(UsageError, match="private network"):
        asyncio.run(provider.prepare(request_for(provider, "https://speech.example.com"), None))


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_text_is_refused_before_anything_is_sent(case, text):
    provider = case.provider()
    with pytest.raises(Refusal) as caught:
        request = request_for(provider, "http://127.0.0.1:9", text, inputs={"direction": "whispered"})
        asyncio.run(provider.prepare(request, None))
    assert caught.value.outcome is Outcome.INVALID


def test_a_text_over_the_limit_is_refused_before_anything_is_sent(case):
    for provider in case.providers:
        limit = provider.spec.max_characters
        with pytest.raises(Refusal, match=str(limit)):
            asyncio.run(provider.prepare(request_for(provider, "http://127.0.0.1:9", "a" * (limit + 1)), None))


def test_the_vendor_itself_rejects_a_longer_text_than_the_limit(case):
    """The limit in the spec is the server's too: a text at the limit passes, one above would not."""

    async def work(provider, server):
        request = request_for(provider, server.url)
        prepared = await provider.prepare(request, None)
        long = "word " * (provider.spec.max_characters // 5 + 1)
        payload = json.loads(json.dumps(dict(prepared.payload)).replace(LINE, long))
        with pytest.raises(HttpError) as caught:
            await provider.generate(type(prepared)(payload), None)
        return caught.value, server.counts

    if case.name in ("cartesia", "deepdub"):
        pytest.skip("the vendor states no limit: the adapter's own guards the purse")
    error, counts = with_server(case, work)
    assert case.provider().classify(error).outcome is Outcome.INVALID
    assert counts.billed == 0


def test_an_unknown_voice_is_invalid_and_not_retired(case):
    async def work(provider, server):
        params = {"voice": "no-such-voice"}
        return await ask(provider, request_for(provider, server.url, params=params)), server.counts

    got, counts = with_server(case, work)
    assert case.provider().classify(got.error).outcome is Outcome.INVALID
    assert counts.billed == 0


def test_many_at_once_are_all_answered_by_one_client(case, monkeypatch):
    made = []
    connect = type(case.provider()).connect

    async def counted(self, *args, **options):
        made.append(args)
        return await connect(self, *args, **options)

    monkeypatch.setattr(type(case.provider()), "connect", counted)

    async def work(provider, server):
        requests = [request_for(provider, server.url, f"Line number {n}.") for n in range(130)]
        got = await asyncio.gather(*(ask(provider, request) for request in requests))
        return got, server.counts

    got, counts = with_server(case, work, delay=2.0, say="A line.")
    assert [one.error for one in got] == [None] * 130
    assert counts.billed == counts.answered_whole == 130
    assert counts.most_at_once > 100, "the client must not hold requests back: the engine does"
    assert len(made) == 1


def test_a_voice_is_not_cloned_without_consent(case, tmp_path):
    artifact, media = recording(tmp_path)

    async def work(provider, server):
        with pytest.raises(Refusal) as caught:
            await ask(provider, request_for(provider, server.url, inputs={"voice_sample": artifact}), media)
        return caught.value, server.counts

    refusal, counts = with_server(case, work)
    assert re.search("consent|clone", str(refusal))
    assert counts.posts == 0
    assert not counts.other


def test_specs_say_what_is_needed_and_import_nothing(case):
    for provider in case.providers:
        spec = provider.spec
        assert spec.key_variable == case.key
        assert spec.verified == "loopback"
        assert spec.default_endpoint.startswith("https://")
        assert spec.max_characters
        assert spec.concurrency >= 1
        assert any(need.kind == "key" and case.key in need.remedy for need in spec.requires)
