"""What fal alone does: one queue for many models, clips of fixed price, failures that hide in a response."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from filmbench.adapters import fal
from filmbench.adapters._http import Withheld
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.fal import Fal
from loopback.jobrig import JOBS, with_bench
from loopback.server import Reject

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


SENT = {
    "kling-2.5-turbo-pro": ({"aspect_ratio": "16:9", "duration": "10"}, {"output_second": 10}),
    "seedance-2.0": ({"resolution": "720p", "duration": "7", "generate_audio": False}, {"output_second_720p": 7}),
    "hailuo-2.3": ({"duration": "10"}, {"clip_10s": 1}),
    "wan-2.5": ({"resolution": "720p", "duration": "10"}, {"output_second_720p": 10}),
    "ray-3.2": ({"resolution": "720p", "duration": "10s"}, {"clip_720p_10s": 1}),
    "flux-1.1-pro": ({"image_size": {"width": 1280, "height": 720}, "output_format": "png"}, {"megapixel": 1}),
    "flux-dev": ({"image_size": {"width": 1280, "height": 720}, "num_images": 1}, {"megapixel": 1}),
    "ideogram-v3": ({"rendering_speed": "BALANCED", "expand_prompt": False}, {"image": 1}),
    "recraft-v3": ({"image_size": {"width": 1280, "height": 720}}, {"image": 1}),
}


@pytest.mark.parametrize("name", SENT)
def test_each_model_is_asked_in_its_own_fields_and_counted(tmp_path, name):
    sent, counted = SENT[name]
    role = "video" if fal.MODELS[name].contract == "video" else "image"
    case = replace(PIKA, provider_id=f"fal/{name}", contract=fal.MODELS[name].contract, role=role)

    async def work(bench):
        asked = {"seconds": "6.5"} if case.contract == "video" else {}
        got = await bench.follow(bench.request(size="1280x720", **asked))
        assert got.error is None, got.error
        return bench.server.requests[0], got

    request, got = with_bench(case, tmp_path, work)
    assert request["path"] == f"/{fal.MODELS[name].path}"
    assert sent.items() <= request["body"].items()
    assert got.usage.quantities == counted
    assert [file.role for file in got.files] == [role]


def test_the_billing_event_goes_before_what_was_counted(tmp_path):
    async def work(bench):
        bench.server.charge = 0.18
        return (await bench.follow()).usage

    usage = with_bench(PIKA, tmp_path, work)
    assert usage.quantities == {"usd": Decimal("0.18")}
    assert "billing event" in usage.evidence
    assert book().price("fal/pika-v2.2", usage, date(2026, 11, 22)).usd == Decimal("0.18")


@pytest.mark.parametrize("fault", [Reject(403, {"detail": "an admin's key is needed"}), Reject(500, {})])
def test_a_bill_that_is_not_shown_loses_no_film(tmp_path, fault):
    class Closed(Fal):
        async def _billing(self, request):
            raise fault

    got = with_bench(replace(PIKA, server=Closed), tmp_path, lambda bench: bench.follow())
    assert got.error is None
    assert got.usage.quantities == {"clip_720p_5s": 1}


def test_a_bill_that_does_not_come_is_not_waited_for(tmp_path, monkeypatch):
    class Silent(Fal):
        async def _billing(self, request):
            await asyncio.sleep(3600)

    monkeypatch.setattr(fal, "BILL_SECONDS", 0.05)
    got = with_bench(replace(PIKA, server=Silent), tmp_path, lambda bench: bench.follow())
    assert got.error is None
    assert got.usage.quantities == {"clip_720p_5s": 1}


def test_a_blackened_picture_is_withheld_and_not_scored(tmp_path):
    (flux,) = (case for case in JOBS if case.name == "fal-flux")

    async def work(bench):
        got = await bench.follow(bench.request(prompt="to be blackened"))
        return got.error, bench.provider.classify(got.error)

    error, verdict = with_bench(flux, tmp_path, work)
    assert isinstance(error, Withheld)
    assert verdict.outcome is Outcome.REFUSED


def test_a_picture_of_more_pixels_counts_as_more(tmp_path):
    (flux,) = (case for case in JOBS if case.name == "fal-flux")
    quote = with_bench(flux, tmp_path, lambda bench: bench.provider.quote(bench.request(size="1920x1080")))
    assert quote.expected.quantities == {"megapixel": 2}


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
        "amount": 1,
    }


@pytest.mark.parametrize("address", ["@thief.example/requests/1", "thief.example", ":80@thief.example/", "", None, 7])
def test_an_address_without_a_path_is_none_so_the_key_goes_nowhere_else(address):
    provider = next(one for one in fal.PROVIDERS if one.spec.id == "fal/pika-v2.2")
    answer = {"request_id": "1", "status_url": address, "response_url": "https://queue.example/requests/1"}
    assert provider.job_id(answer) is None
