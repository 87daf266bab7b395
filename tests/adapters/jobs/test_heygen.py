"""What HeyGen alone does: languages by name, sound only, what may be stretched, what is deleted."""

from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.adapters import heygen
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench

TRANSLATION, LIPSYNC = (case for case in JOBS if case.name.startswith("heygen"))
AUDIO = replace(TRANSLATION, provider_id="heygen/translate-audio")


def body_of(case, folder, **options):
    async def work(bench):
        got = await bench.follow(bench.request(**options))
        assert got.error is None, got.error
        return bench.server.requests[0]["body"]

    return with_bench(case, folder, work)


def in_language(bench, language):
    request = bench.request()
    return replace(request, sample=replace(request.sample, language=language))


def test_a_language_goes_by_the_vendors_name(tmp_path):
    body = body_of(TRANSLATION, tmp_path)
    assert body["output_languages"] == ["Spanish"]
    assert body["input_language"] == "en"
    assert body["mode"] == "speed"
    assert body["translate_audio_only"] is False


def test_a_countrys_own_speech_can_be_asked_for(tmp_path):
    params = {"output_language": "Spanish (Spain)", "speakers": 2}
    body = body_of(TRANSLATION, tmp_path, params=params)
    assert body["output_languages"] == ["Spanish (Spain)"]
    assert body["speaker_num"] == 2


def test_a_language_that_is_not_offered_is_unsupported_and_nothing_is_uploaded(tmp_path):
    async def work(bench):
        return (await bench.follow(in_language(bench, "ta"))).error, bench.server.counts

    error, counts = with_bench(TRANSLATION, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is Outcome.UNSUPPORTED
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


def test_sound_alone_can_be_translated(tmp_path):
    assert body_of(AUDIO, tmp_path)["translate_audio_only"] is True


def test_the_quote_grows_where_the_film_may(tmp_path):
    async def work(bench):
        fixed = await bench.provider.quote(bench.request())
        free = await bench.provider.quote(bench.request(params={"dynamic_duration": True}))
        request = bench.request()
        inputs = {**request.sample.inputs, "source": replace(request.sample.inputs["source"], seconds=None)}
        unknown = await bench.provider.quote(replace(request, sample=replace(request.sample, inputs=inputs)))
        return fixed, free, unknown

    fixed, free, unknown = with_bench(TRANSLATION, tmp_path, work)
    assert fixed.expected.quantities["output_second"] == 1
    assert fixed.ceiling.quantities["output_second"] == 2
    assert free.ceiling.quantities["output_second"] == 3
    assert not unknown.expected.quantities


def test_a_film_is_as_long_as_the_longer_of_picture_and_speech(tmp_path):
    async def work(bench):
        request = bench.request()
        inputs = {**request.sample.inputs, "speech": replace(request.sample.inputs["speech"], seconds=2.5)}
        return await bench.provider.quote(replace(request, sample=replace(request.sample, inputs=inputs)))

    assert with_bench(LIPSYNC, tmp_path, work).expected.quantities["output_second"] == Decimal("2.5")


@pytest.mark.parametrize(
    ("change", "words"), [({"bytes": 33 * 10**6}, "at most 32 MB"), ({"media_type": "video/x-msvideo"}, "not take")]
)
def test_what_it_does_not_take_is_refused_before_anything_is_sent(tmp_path, change, words):
    async def work(bench):
        request = bench.request()
        inputs = {**request.sample.inputs, "source": replace(request.sample.inputs["source"], **change)}
        got = await bench.follow(replace(request, sample=replace(request.sample, inputs=inputs)))
        return got.error, bench.server.counts.other["uploads"]

    error, uploads = with_bench(TRANSLATION, tmp_path, work)
    assert isinstance(error, Refusal)
    assert words in str(error)
    assert uploads == 0


def test_the_finished_job_can_be_deleted_twice(tmp_path):
    async def work(bench):
        got = await bench.follow()
        (left,) = got.job.resources
        await bench.provider.release(left)
        await bench.provider.release(left)
        return left, bench.server.deleted, bench.server.jobs

    left, deleted, jobs = with_bench(TRANSLATION, tmp_path, work)
    assert left.startswith("/v3/video-translations/")
    assert deleted == [left.partition("@")[0]]
    assert not jobs


def test_it_is_asked_every_half_minute_and_later_every_minute():
    provider = TRANSLATION.provider()
    fresh = [provider._wait(job_since(0), {}) for _ in range(50)]
    old = [provider._wait(job_since(200), {}) for _ in range(50)]
    assert all(30 <= wait <= 34.5 for wait in fresh)
    assert all(60 <= wait <= 69 for wait in old)
    assert len(set(fresh)) > 1, "requests are spread out"
    assert provider._wait(job_since(0), {"Retry-After": "7"}) == 7


def job_since(age):
    import time

    from filmbench.harness.protocols import Job

    return Job(("x",), {"url": heygen.URL, "since": time.time() - age})
