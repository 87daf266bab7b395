"""What Deepdub's dubbing alone does: the customer's bucket, 27 states, locales, cancelling, people's patience."""

from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.adapters import deepdub_dubbing
from filmbench.adapters._http import FileError
from filmbench.harness.types import Outcome, UsageError
from loopback.deepdub_dubbing import BUCKET
from loopback.jobrig import JOBS, with_bench
from loopback.rig import Sink

(CASE,) = (case for case in JOBS if case.name == "deepdub-dubbing")


def followed(folder, *life, **options):
    """One job through a scripted life: how it went, and the server."""

    async def work(bench):
        bench.server.life.extend(life)
        return await bench.follow(bench.request(**options)), bench.server

    return with_bench(CASE, folder, work)


def test_the_source_lies_in_the_customers_bucket_and_the_film_is_wanted_there(tmp_path):
    got, server = followed(tmp_path, params={"mix": "UN_STYLE", "target_locale": "es-419", "source_locale": "en-GB"})
    assert got.error is None
    body = server.requests[0]["body"]
    export = body.pop("exportPath")
    assert body == {
        "sourceLocale": "en-GB",
        "targetLocale": "es-419",
        "sourceVideoPath": f"{BUCKET}/in/{got.job.state['export'].rpartition('/')[2].partition('.')[0]}.mp4",
        "workflowType": "AUTOMATED",
        "mixType": "UN_STYLE",
    }
    assert server.uploads == {body["sourceVideoPath"]: (tmp_path / "film.mp4").read_bytes()}
    assert export == got.job.state["export"]
    assert export.startswith(f"{BUCKET}/out/")


def test_languages_are_sent_as_locales(tmp_path):
    body = followed(tmp_path)[1].requests[0]["body"]
    assert (body["sourceLocale"], body["targetLocale"]) == ("en-US", "es-ES")


def test_two_requests_for_one_scene_are_delivered_apart(tmp_path):
    async def work(bench):
        many = [await bench.provider.prepare(bench.request(), bench.files) for _ in range(2)]
        return {prepared.payload["body"]["job"]["exportPath"] for prepared in many}

    assert len(with_bench(CASE, tmp_path, work)) == 2


def test_arms_with_buckets_of_their_own_each_get_the_source(tmp_path):
    async def work(bench):
        for folder in ("one", "two"):
            request = bench.request(params={"bucket": f"{BUCKET}/{folder}"})
            prepared = await bench.provider.prepare(request, bench.files)
            assert prepared.payload["body"]["job"]["sourceVideoPath"] in bench.server.uploads
        return bench.server.counts.other["uploads"]

    assert with_bench(CASE, tmp_path, work) == 2


def test_every_state_of_the_document_is_read():
    assert len(deepdub_dubbing.STATES) == 27
    found = {word: CASE.provider().progress({"status": word}).state for word in deepdub_dubbing.STATES}
    assert {word for word, state in found.items() if state == "failed"} == {"FAILURE", "INTAKE_FAILED"}
    assert {word for word, state in found.items() if state == "done"} == {
        "DELIVERED_TO_CLIENT",
        "REDELIVERED_TO_CLIENT",
        "CLIENT_REFIX_REJECTED",
    }
    assert CASE.provider().progress({"status": "SOMETHING_NEW"}).state == "running"


def test_a_failure_tells_state_and_trace(tmp_path):
    got, _ = followed(tmp_path, "failed")
    assert got.progress[-1].reason == "FAILURE: No speech was found."


def test_the_film_is_looked_for_where_it_was_wanted_and_not_where_the_answer_says(tmp_path):
    async def work(bench):
        got = await bench.follow()
        elsewhere = replace(got.job, state={**got.job.state, "export": f"{BUCKET}/out/another.mp4"})
        with pytest.raises(FileError) as caught:
            await bench.provider.fetch(elsewhere, Sink())
        return bench.provider.classify(caught.value)

    verdict = with_bench(CASE, tmp_path, work)
    assert verdict.outcome is Outcome.FAILED
    assert "403" in verdict.reason


@pytest.mark.parametrize("bucket", ["", "https://example.com/films", "s3://", "s3://UPPER/x", "s3://ok/../other"])
def test_without_a_bucket_nothing_is_sent(tmp_path, bucket):
    got, server = followed(tmp_path, params={"bucket": bucket})
    assert isinstance(got.error, UsageError)
    assert "bucket" in got.error.hint
    assert (server.counts.posts, server.counts.other["uploads"]) == (0, 0)


def test_a_bucket_that_is_closed_to_us_is_said_to_be_so(tmp_path):
    case = replace(CASE, settings={**CASE.settings, "AWS_ACCESS_KEY_ID": "somebody-else"})

    async def work(bench):
        return (await bench.follow()).error, bench.server.counts.posts

    error, posts = with_bench(case, tmp_path, work)
    assert isinstance(error, UsageError)
    assert "could not be written" in str(error)
    assert "credentials" in error.hint
    assert posts == 0


def test_a_source_no_longer_needed_is_deleted_and_what_was_delivered_stays(tmp_path):
    async def work(bench):
        request = bench.request()
        prepared = await bench.provider.prepare(request, bench.files)
        (resource,) = prepared.resources
        await bench.provider.release(resource)
        await bench.provider.release(resource)
        return prepared.payload["body"]["job"]["sourceVideoPath"], bench.server.deleted

    source, deleted = with_bench(CASE, tmp_path, work)
    assert deleted == [source]


def test_cancelling_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await bench.provider.cancel(got.job)
        await bench.provider.cancel(got.job)
        return got.job.ids[0], bench.server.cancelled

    id, cancelled = with_bench(CASE, tmp_path, work)
    assert cancelled == [id]


def test_the_minutes_of_the_source_are_counted(tmp_path):
    got, _ = followed(tmp_path)
    assert got.usage.quantities == {"minute": Decimal("0.016667")}
    assert "no answer carries a bill" in got.usage.evidence


def test_people_are_given_more_time_than_machines():
    patience = {provider.spec.id: provider.spec.patience for provider in CASE.providers}
    assert patience["deepdub/dubbing-managed"] > patience["deepdub/dubbing-automated"] >= 3600
