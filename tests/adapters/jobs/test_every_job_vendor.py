"""What must hold for every vendor that works by job, over real HTTP: states, files, bills, failures, keys."""

import asyncio
import re
from datetime import date

import pytest
from filmbench.adapters import _download
from filmbench.adapters._http import CutStream, FileError, HttpError, NoAnswer, NotSent, RunawayStream, Unsafe
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, UsageError
from loopback.jobrig import ONE_EACH, with_bench
from loopback.server import KEY, running

TODAY = date(2026, 11, 22)
one_of_each_adapter = pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.name)


def test_a_job_comes_back_whole_with_its_bill(case, follow):
    got, server = follow(life=("queued", "throttled", "running"))
    assert got.error is None
    assert [step.state for step in got.progress] == ["queued", "queued", "running", "done"]
    file, *derived = got.files
    assert (file.role, file.media_type) == (case.role, case.media_type)
    assert file.content == (server.delivered or server.result)
    assert tuple(one.role for one in derived) == case.derived
    assert server.counts.billed == 1
    assert got.usage.quantities


def test_the_bill_is_within_the_quote(case, tmp_path):
    async def work(bench):
        quote = await bench.provider.quote(bench.request())
        return quote.expected, quote.ceiling, (await bench.follow()).usage

    usages = with_bench(case, tmp_path, work)
    expected, ceiling, billed = (book().price(case.provider_id, usage, TODAY) for usage in usages)
    if expected.usd is None:
        assert expected.reason
        return
    assert 0 < expected.usd <= ceiling.at_most
    assert 0 < billed.usd <= ceiling.at_most


@pytest.mark.parametrize(("end", "state"), [("failed", "failed"), ("refused", "refused"), ("cancelled", "over")])
def test_each_bad_end_is_told_apart(case, follow, end, state):
    got, server = follow(life=("running", end))
    assert got.error is None
    assert not got.files
    last = got.progress[-1]
    if end == "refused" and not case.moderates:
        state = "failed"
    assert last.state == state or (state == "over" and last.state in ("cancelled", "failed"))
    assert last.reason or last.state == "cancelled"
    assert server.counts.other["transfers"] == 0


@one_of_each_adapter
def test_a_job_the_vendor_forgot_has_failed_and_its_model_is_not_retired(follow):
    got, _ = follow(life=("404",))
    assert got.progress[-1].state == "failed"
    assert "no longer knows" in got.progress[-1].reason


@one_of_each_adapter
def test_a_stumble_while_polling_may_be_repeated(case, follow):
    got, _ = follow(life=("503",))
    assert isinstance(got.error, HttpError)
    verdict = case.provider().classify(got.error)
    assert verdict.again
    assert verdict.after == pytest.approx(0.02)


# --- the paid POST -----------------------------------------------------------------------------------

STATUSES = [
    ("401", Outcome.FAILED, {}),
    ("402", Outcome.FAILED, {}),
    ("403", Outcome.FAILED, {}),
    ("404", Outcome.RETIRED, {}),
    ("410", Outcome.RETIRED, {}),
    ("422", Outcome.INVALID, {}),
    ("429:7", Outcome.FAILED, {"again": True, "rate_limited": True, "after": 7.0}),
    ("500", Outcome.FAILED, {"again": True, "outage": True}),
    ("504", Outcome.FAILED, {"unknown": True, "outage": True}),
    ("redirect", Outcome.FAILED, {}),
]


@one_of_each_adapter
@pytest.mark.parametrize(("fault", "outcome", "flags"), STATUSES, ids=[row[0] for row in STATUSES])
def test_an_answered_error_is_read_once_and_never_repeated(case, follow, fault, outcome, flags):
    got, server = follow(fault)
    assert isinstance(got.error, HttpError)
    assert got.job is None
    assert (server.counts.posts, server.counts.billed) == (1, 0)
    verdict = case.provider().classify(got.error)
    assert verdict.outcome is outcome
    for flag in ("again", "rate_limited", "unknown", "outage"):
        assert getattr(verdict, flag) is flags.get(flag, False), flag
    assert verdict.after == flags.get("after")


@one_of_each_adapter
@pytest.mark.parametrize("fault", ["reset", "cut", "empty"])
def test_a_paid_post_without_a_readable_id_is_unknown(case, follow, fault):
    got, server = follow(fault)
    assert isinstance(got.error, NoAnswer)
    verdict = case.provider().classify(got.error)
    assert verdict.unknown
    assert not verdict.again
    assert (server.counts.posts, server.counts.billed) == (1, 1)


@one_of_each_adapter
def test_an_unreachable_vendor_was_not_asked(case, tmp_path):
    got = with_bench(case, tmp_path, lambda bench: bench.follow(bench.request("http://127.0.0.1:9")))
    assert isinstance(got.error, NotSent)
    assert case.provider().classify(got.error).again


@one_of_each_adapter
def test_a_redirect_is_not_followed_with_the_key(case, tmp_path):
    async def work(bench):
        bench.server.script.append("redirect")
        async with running(case.server()) as elsewhere:
            bench.server.redirect_to = f"{elsewhere.url}{elsewhere.paths[0]}"
            return await bench.follow(), elsewhere.counts

    got, elsewhere = with_bench(case, tmp_path, work)
    assert got.error.status == 307
    assert elsewhere.posts == 0


# --- the result's file -------------------------------------------------------------------------------


def test_the_result_is_fetched_without_the_key(case, follow):
    got, server = follow(transfers=("redirect",))
    assert got.error is None
    at_the_door, *further = server.file_headers
    assert (KEY in str(at_the_door)) is case.behind_door
    assert len(further) == 1
    for headers in further if case.behind_door else server.file_headers:
        assert KEY not in str(headers)
        assert not {"authorization", "x-api-key", "cookie"} & {name.lower() for name in headers}


@one_of_each_adapter
@pytest.mark.parametrize("fault", ["cut", "deaf"])
def test_a_broken_transfer_is_taken_up_where_it_broke(follow, fault, monkeypatch):
    monkeypatch.setattr(_download, "_PAUSE_SECONDS", 0.01)
    got, server = follow(transfers=("cut", fault, "ok"))
    assert got.error is None
    assert got.files[0].content == (server.delivered or server.result)
    assert server.ranges
    assert server.counts.billed == 1


@one_of_each_adapter
def test_a_file_that_changed_on_the_way_is_no_take(case, follow, monkeypatch):
    monkeypatch.setattr(_download, "_PAUSE_SECONDS", 0.01)
    got, _ = follow(transfers=("cut", "changed"))
    assert isinstance(got.error, FileError)
    assert "changed" in case.provider().classify(got.error).reason
    assert not got.files


@one_of_each_adapter
def test_a_transfer_that_always_breaks_ends(case, follow, monkeypatch):
    monkeypatch.setattr(_download, "_PAUSE_SECONDS", 0.001)
    got, server = follow(transfers=("cut",) * 20)
    assert isinstance(got.error, CutStream)
    assert server.counts.other["transfers"] == _download.RESUMES + 1
    assert case.provider().classify(got.error).outcome is Outcome.FAILED
    assert not got.files


@one_of_each_adapter
def test_a_result_that_is_gone_is_a_failure_and_not_a_retired_model(case, follow):
    got, _ = follow(transfers=("404",))
    verdict = case.provider().classify(got.error)
    assert verdict.outcome is Outcome.FAILED
    assert not verdict.again
    assert "404" in verdict.reason


@one_of_each_adapter
def test_a_store_that_stumbles_may_be_asked_again(case, follow):
    got, _ = follow(transfers=("503",))
    assert case.provider().classify(got.error).again


@one_of_each_adapter
@pytest.mark.parametrize("fault", ["plain", "private"])
def test_a_result_is_not_fetched_from_a_private_or_open_address(case, follow, fault):
    got, _ = follow(transfers=(fault,))
    assert isinstance(got.error, Unsafe)
    assert case.provider().classify(got.error).outcome is Outcome.FAILED


@one_of_each_adapter
def test_a_result_without_end_is_stopped_at_the_cap(case, follow, monkeypatch):
    monkeypatch.setattr(_download, "MAX_FILE_BYTES", 100_000)
    got, _ = follow(transfers=("runaway",))
    assert isinstance(got.error, RunawayStream)
    assert case.provider().classify(got.error).outcome is Outcome.INVALID


# --- keys, addresses, limits -------------------------------------------------------------------------


@one_of_each_adapter
@pytest.mark.parametrize("fault", ["401", "422", "500", "reset", "cut", "redirect"])
def test_no_key_in_any_error(case, follow, fault):
    got, _ = follow(fault)
    assert KEY not in f"{got.error!r} {got.error} {vars(got.error)} {case.provider().classify(got.error)}"
    assert got.error.__cause__ is None


@one_of_each_adapter
def test_no_key_in_what_is_journaled(follow):
    got, _ = follow()
    assert KEY not in f"{got.job} {got.usage} {got.progress}"


@one_of_each_adapter
def test_a_wrong_key_is_said_to_be_one(case, follow, monkeypatch):
    monkeypatch.setenv(case.key, "sk-wrong-0123456789abcdef")
    got, server = follow()
    assert server.counts.billed == 0
    assert got.error.status == 401
    verdict = case.provider().classify(got.error)
    assert case.key in verdict.reason
    assert "sk-wrong-0123456789abcdef" not in f"{got.error!r}{got.error.body}{verdict}"


@one_of_each_adapter
def test_without_a_key_nothing_is_sent(case, follow, monkeypatch):
    monkeypatch.delenv(case.key)
    got, server = follow()
    assert isinstance(got.error, UsageError)
    assert case.key in str(got.error)
    assert server.counts.posts == 0


def test_a_quote_needs_no_key(case, tmp_path, monkeypatch):
    monkeypatch.delenv(case.key)
    quote = with_bench(case, tmp_path, lambda bench: bench.provider.quote(bench.request()))
    assert quote.expected.quantities
    for unit, amount in quote.expected.quantities.items():
        assert 0 < amount <= quote.ceiling.quantities[unit]


@one_of_each_adapter
@pytest.mark.parametrize("url", ["http://example.com", "https://10.0.0.7", "https://[fd00::1]", "not an address"])
def test_addresses_a_key_must_not_go_to_are_refused(case, tmp_path, url):
    got = with_bench(case, tmp_path, lambda bench: bench.follow(bench.request(url)))
    assert isinstance(got.error, UsageError)


def test_a_missing_or_unknown_medium_is_refused_before_anything_is_sent(case, tmp_path):
    async def work(bench):
        given = bench.request()
        roles = [role for role, value in given.sample.inputs.items() if not isinstance(value, str)]
        for role in roles:
            request = bench.request(**{role: ""})
            with pytest.raises(Refusal) as caught:
                await bench.provider.prepare(request, bench.files)
            assert caught.value.outcome is Outcome.INVALID
            assert re.search(role, str(caught.value))
        return bench.server.counts

    assert with_bench(case, tmp_path, work).posts == 0


def test_many_at_once_share_what_they_upload(case, tmp_path):
    async def work(bench):
        request = bench.request()
        many = await asyncio.gather(*(bench.provider.prepare(request, bench.files) for _ in range(8)))
        uploaded = bench.server.counts.other["uploads"]
        names = {name for prepared in many for name in prepared.resources}
        for prepared in many[1:]:
            for name in prepared.resources:
                await bench.provider.release(name)
        kept = len(bench.server.uploads)
        for name in many[0].resources:
            await bench.provider.release(name)
            await bench.provider.release(name)
        return uploaded, names, kept, bench.server.uploads

    uploaded, names, kept, left = with_bench(case, tmp_path, work)
    assert uploaded == kept, "what is still needed stays"
    if names:
        assert not left, "and goes with the last who needs it"


def test_specs_say_what_is_needed(case):
    spec = case.provider().spec
    assert spec.key_variable == case.key
    assert spec.verified == "loopback"
    assert spec.resumable
    assert spec.default_endpoint.startswith("https://")
    assert spec.patience > 0
