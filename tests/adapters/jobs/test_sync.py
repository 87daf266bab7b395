"""What sync.so alone does: the files in the one paid form, quotes by the longer input, a dub of the film alone."""

from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.adapters import sync
from filmbench.adapters._http import HttpError
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench

CASE, DUB = (case for case in JOBS if case.name.startswith("sync"))


def changed(bench, role, **change):
    request = bench.request()
    inputs = {**request.sample.inputs, role: replace(request.sample.inputs[role], **change)}
    return replace(request, sample=replace(request.sample, inputs=inputs))


def test_nothing_is_uploaded_apart_from_the_paid_form(tmp_path):
    async def work(bench):
        got = await bench.follow()
        return got, bench.server.counts

    got, counts = with_bench(CASE, tmp_path, work)
    assert got.error is None
    assert got.job.resources == ()
    assert counts.posts == counts.billed == 1
    assert counts.other["uploads"] == 0


@pytest.mark.parametrize("seconds", [0.5, 2.5])
def test_the_longer_input_is_quoted(tmp_path, seconds):
    quote = with_bench(CASE, tmp_path, lambda bench: bench.provider.quote(changed(bench, "speech", seconds=seconds)))
    assert quote.expected.quantities["output_second"] == max(Decimal(1), Decimal(str(seconds)))
    assert quote.ceiling.quantities["output_second"] == quote.expected.quantities["output_second"] + 1


def test_an_input_of_unknown_length_is_not_priced(tmp_path):
    quote = with_bench(CASE, tmp_path, lambda bench: bench.provider.quote(changed(bench, "video", seconds=None)))
    assert not quote.expected.quantities


@pytest.mark.parametrize(
    ("role", "change"), [("video", {"bytes": 21 * 10**6}), ("speech", {"media_type": "audio/flac"})]
)
def test_what_it_does_not_take_is_refused_before_anything_is_sent(tmp_path, role, change):
    async def work(bench):
        return (await bench.follow(changed(bench, role, **change))).error, bench.server.counts.posts

    error, posts = with_bench(CASE, tmp_path, work)
    assert isinstance(error, Refusal)
    assert posts == 0


def test_words_of_moderation_make_a_failure_a_refusal():
    provider = CASE.provider()
    said = {"status": "FAILED", "error_code": "x", "error": "blocked by content moderation"}
    assert provider.progress(said).state == "refused"
    assert provider.progress({"status": "FAILED", "error": "no face"}).state == "failed"
    assert {sync._STATES[state] for state in ("PENDING", "PROCESSING")} == {"queued", "running"}


# --- dubbing ------------------------------------------------------------------------------------------


def dubbed(folder, **options):
    """One dub: how it went, and what the server was sent."""

    async def work(bench):
        return await bench.follow(bench.request(**options)), bench.server

    return with_bench(DUB, folder, work)


def test_a_dub_is_asked_for_with_the_film_alone(tmp_path):
    got, server = dubbed(tmp_path, params={"speakers": 2})
    assert got.error is None
    assert server.requests[0]["body"] == {
        "model": "lipsync-2",
        "dubParams": {"providerName": "elevenlabs", "targetLang": "es", "sourceLang": "en", "numSpeakers": 2},
        "files": ["video"],
    }
    assert got.usage.quantities == {"output_second": Decimal("1.0")}


@pytest.mark.parametrize("given", ["", "tlh"])
def test_a_source_language_the_vendor_does_not_know_is_left_to_it(tmp_path, given):
    _, server = dubbed(tmp_path, source_language=given)
    assert server.requests[0]["body"]["dubParams"]["sourceLang"] == "auto"


def test_every_language_of_a_dub_is_one_that_the_vendor_takes():
    from loopback.sync import LANGUAGES

    assert DUB.provider().spec.languages == LANGUAGES


@pytest.mark.parametrize(
    ("change", "words"), [({"media_type": "audio/wav"}, "does not take"), ({"bytes": 21 * 10**6}, "at most 20 MB")]
)
def test_a_scene_without_pictures_or_too_large_is_refused_before_anything_is_sent(tmp_path, change, words):
    async def work(bench):
        request = bench.request()
        inputs = {**request.sample.inputs, "source": replace(request.sample.inputs["source"], **change)}
        got = await bench.follow(replace(request, sample=replace(request.sample, inputs=inputs)))
        return got.error, bench.server.counts.posts

    error, posts = with_bench(DUB, tmp_path, work)
    assert isinstance(error, Refusal)
    assert words in str(error)
    assert posts == 0


def test_too_many_speakers_are_invalid(tmp_path):
    got, _ = dubbed(tmp_path, params={"speakers": 51})
    assert DUB.provider().classify(got.error).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("status", "code", "outcome", "again"),
    [
        (400, "generation_unsupported_model", Outcome.RETIRED, False),
        (403, "account_on_hold", Outcome.FAILED, False),
        (403, "plan_feature_unavailable", Outcome.FAILED, False),
        (400, "dubbing_duration_exceeded", Outcome.INVALID, False),
        (429, "concurrency_limit_reached", Outcome.FAILED, True),
        (500, "elevenlabs_service_unavailable", Outcome.FAILED, True),
    ],
)
def test_the_vendors_code_goes_before_the_status(status, code, outcome, again):
    said = f'{{"statusCode": {status}, "message": "so it is", "errorCode": "{code}"}}'
    verdict = DUB.provider().classify(HttpError(status, {}, said))
    assert (verdict.outcome, verdict.again) == (outcome, again)
    assert "so it is" in verdict.reason
    assert ("out of credit" in verdict.reason) == (code == "account_on_hold")


def test_a_failed_job_tells_its_code():
    told = {"status": "FAILED", "errorCode": "elevenlabs_quota_exceeded", "error": "no more"}
    assert DUB.provider().progress(told).reason == "elevenlabs_quota_exceeded no more"
