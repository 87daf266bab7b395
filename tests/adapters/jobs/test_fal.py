"""What fal alone does: one queue for many models, clips of fixed price, failures that hide in a response."""

import pytest
from filmbench.adapters._http import Withheld
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench

(PIKA,) = (case for case in JOBS if case.name == "fal-pika")


def body_of(folder, **inputs):
    async def work(bench):
        got = await bench.follow(bench.request(**inputs))
        assert got.error is None, got.error
        return bench.server.requests[0]["body"], got.usage

    return with_bench(PIKA, folder, work)


@pytest.mark.parametrize(
    ("size", "seconds", "shape", "unit"),
    [
        ("1280x720", "2", "16:9", "clip_720p_5s"),
        ("1920x1080", "5", "16:9", "clip_1080p_5s"),
        ("720x1280", "5.5", "9:16", "clip_720p_10s"),
        ("600x600", "10", "1:1", "clip_720p_10s"),
    ],
)
def test_the_nearest_clip_on_offer_is_asked_for_and_counted(tmp_path, size, seconds, shape, unit):
    body, usage = body_of(tmp_path, size=size, seconds=seconds)
    assert body["aspect_ratio"] == shape
    assert body["duration"] >= float(seconds)
    assert list(usage.quantities) == [unit]


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"prompt": ""}, Outcome.INVALID),
        ({"prompt": "a" * 2001}, Outcome.UNSUPPORTED),
        ({"seconds": "11"}, Outcome.UNSUPPORTED),
        ({"seconds": "nan"}, Outcome.INVALID),
        ({"size": "0x720"}, Outcome.INVALID),
        ({"image": "@frame.png"}, Outcome.UNSUPPORTED),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(tmp_path, inputs, outcome):
    async def work(bench):
        return (await bench.follow(bench.request(**inputs))).error, bench.server.counts.posts

    error, posts = with_bench(PIKA, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is outcome
    assert posts == 0


def test_a_refusal_that_comes_as_the_response_is_one(tmp_path):
    async def work(bench):
        got = await bench.follow(bench.request(prompt="something forbidden"))
        return got.error, bench.provider.classify(got.error)

    error, verdict = with_bench(PIKA, tmp_path, work)
    assert isinstance(error, Withheld)
    assert verdict.outcome is Outcome.REFUSED


def test_only_the_path_of_an_address_in_an_answer_is_used(tmp_path):
    async def work(bench):
        answer = {"request_id": "x", "status_url": "https://thief.example/a/status", "response_url": "https://thief/a"}
        return bench.provider.places(answer, {"resolution": "720p", "duration": 5})

    assert with_bench(PIKA, tmp_path, work) == {
        "status_url": "/a/status",
        "response_url": "/a",
        "unit": "clip_720p_5s",
    }
