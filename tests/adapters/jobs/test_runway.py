"""What Runway alone does: prompts in UTF-16, sizes and lengths it offers, credits, refunds."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench

GENERATION, ALEPH = (case for case in JOBS if case.name.startswith("runway"))


def body_of(case, folder, **inputs):
    """The body of the paid POST, and its path."""

    async def work(bench):
        got = await bench.follow(bench.request(**inputs))
        assert got.error is None, got.error
        return bench.server.requests[0]

    asked = with_bench(case, folder, work)
    return asked["path"], asked["body"]


def test_a_first_frame_makes_the_difference(tmp_path):
    assert body_of(GENERATION, tmp_path)[0] == "/v1/image_to_video"

    async def work(bench):
        request = bench.request()
        words = {role: value for role, value in request.sample.inputs.items() if role != "image"}
        await bench.follow(replace(request, sample=replace(request.sample, inputs=words)))
        return bench.server.requests[0]["path"]

    assert with_bench(GENERATION, tmp_path, work) == "/v1/text_to_video"


@pytest.mark.parametrize(
    ("size", "ratio"), [("1920x1080", "1280:720"), ("1080x1920", "720:1280"), ("500x500", "960:960")]
)
def test_the_nearest_size_is_asked_for(tmp_path, size, ratio):
    assert body_of(GENERATION, tmp_path, size=size)[1]["ratio"] == ratio


@pytest.mark.parametrize(("seconds", "sent"), [("1", 2), ("3.2", 4), ("10", 10)])
def test_a_film_is_never_shorter_than_asked(tmp_path, seconds, sent):
    assert body_of(GENERATION, tmp_path, seconds=seconds)[1]["duration"] == sent


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"seconds": "11"}, Outcome.UNSUPPORTED),
        ({"seconds": "soon"}, Outcome.INVALID),
        ({"size": "wide"}, Outcome.INVALID),
        ({"prompt": " "}, Outcome.INVALID),
        ({"prompt": "\N{MOVIE CAMERA}" * 501}, Outcome.UNSUPPORTED),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(tmp_path, inputs, outcome):
    async def work(bench):
        got = await bench.follow(bench.request(**inputs))
        return got.error, bench.server.counts

    error, counts = with_bench(GENERATION, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is outcome
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


def test_a_prompt_of_exactly_the_limit_passes_the_vendor_too(tmp_path):
    assert len(body_of(GENERATION, tmp_path, prompt="\N{MOVIE CAMERA}" * 500)[1]["promptText"]) == 500


def test_the_bill_is_the_tasks_own(tmp_path):
    got = with_bench(ALEPH, tmp_path, lambda bench: bench.follow())
    assert got.usage.quantities == {"credit": Decimal(28)}


@pytest.mark.parametrize(("end", "credits"), [("failed", 0), ("refused", 24), ("cancelled", 0)])
def test_a_task_without_a_film_tells_what_it_cost(tmp_path, end, credits):
    async def work(bench):
        bench.server.life.append(end)
        return await bench.follow()

    assert with_bench(GENERATION, tmp_path, work).progress[-1].used.quantities == {"credit": Decimal(credits)}


def test_a_shot_that_is_too_long_is_refused(tmp_path):
    async def work(bench):
        request = bench.request()
        shot = replace(request.sample.inputs["video"], seconds=31.0)
        inputs = {**request.sample.inputs, "video": shot}
        with pytest.raises(Refusal, match="at most 30 s"):
            await bench.provider.prepare(replace(request, sample=replace(request.sample, inputs=inputs)), bench.files)
        return await bench.provider.quote(request)

    assert with_bench(ALEPH, tmp_path, work).expected.quantities == {"credit": Decimal(28)}


def test_cancelling_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await asyncio.gather(bench.provider.cancel(got.job))
        await bench.provider.cancel(got.job)
        return bench.server.cancelled

    assert len(with_bench(ALEPH, tmp_path, work)) == 1
