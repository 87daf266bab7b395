"""What Replicate alone does: official models and versions, bills by time, first frames as files."""

from decimal import Decimal

import pytest
from filmbench.adapters import replicate
from filmbench.adapters._http import HttpError
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench
from loopback.server import Reject

MOCHI, SEEDANCE, FLUX = (case for case in JOBS if case.name.startswith("replicate"))


def asked(case, folder, **inputs):
    """The paid POST and how the job went."""

    async def work(bench):
        got = await bench.follow(bench.request(**inputs))
        assert got.error is None, got.error
        return bench.server.requests[0], got

    return with_bench(case, folder, work)


def test_a_version_goes_into_the_body_and_is_billed_by_its_time(tmp_path):
    request, got = asked(MOCHI, tmp_path, seconds="5")
    assert request["path"] == "/v1/predictions"
    assert request["body"]["version"] == replicate.MOCHI
    assert request["body"]["input"]["num_frames"] == 151
    assert got.usage.quantities == {"predict_second": Decimal("271.5")}
    assert "predict_time" in got.usage.evidence


def test_time_has_an_end_that_the_vendor_keeps(tmp_path):
    request, _ = asked(MOCHI, tmp_path)
    assert request["headers"]["Cancel-After"] == "1200s"
    quote = with_bench(MOCHI, tmp_path, lambda bench: bench.provider.quote(bench.request()))
    assert quote.expected.quantities == {"predict_second": 275}
    assert quote.ceiling.quantities == {"predict_second": 1200}


def test_a_prediction_that_says_no_time_has_no_bill():
    assert MOCHI.provider().used({"status": "succeeded", "metrics": {}}, None) is None


@pytest.mark.parametrize("end", ["failed", "refused", "cancelled"])
def test_time_that_came_to_nothing_is_told(tmp_path, end):
    async def work(bench):
        bench.server.life.append(end)
        return (await bench.follow()).progress[-1]

    assert with_bench(MOCHI, tmp_path, work).used.quantities == {"predict_second": Decimal("12.25")}
    assert with_bench(FLUX, tmp_path, work).used is None


@pytest.mark.parametrize(("seconds", "frames"), [("0.1", 31), ("2", 61), ("5.4", 163)])
def test_frames_are_six_n_and_one_and_thirty_at_least(tmp_path, seconds, frames):
    assert asked(MOCHI, tmp_path, seconds=seconds)[0]["body"]["input"]["num_frames"] == frames


def test_a_first_frame_is_a_file_that_is_deleted_after(tmp_path):
    async def work(bench):
        got = await bench.follow()
        prepared = await bench.provider.prepare(bench.request(), bench.files)
        for name in prepared.resources * 2:
            await bench.provider.release(name)
        return got, bench.server.requests[0], bench.server.uploads, bench.server.url

    got, request, left, url = with_bench(SEEDANCE, tmp_path, work)
    assert got.error is None
    assert request["path"] == "/v1/models/bytedance/seedance-1-pro/predictions"
    assert request["body"]["input"]["image"].startswith(f"{url}/files/")
    assert request["body"]["input"] | {"image": ""} == {
        "prompt": "Fog rolls over a harbour.",
        "duration": 2,
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "image": "",
    }
    assert got.usage.quantities == {"output_second_720p": 2}
    assert not left


@pytest.mark.parametrize(
    ("size", "sent"),
    [("1920x1080", (1440, 800)), ("640x360", (640, 352)), ("4000x100", (1440, 256)), ("900x1600", (800, 1440))],
)
def test_a_picture_is_as_large_as_it_can_be_of_the_shape(tmp_path, size, sent):
    given = asked(FLUX, tmp_path, size=size)[0]["body"]["input"]
    assert (given["width"], given["height"]) == sent
    assert given["aspect_ratio"] == "custom"


@pytest.mark.parametrize(
    ("case", "inputs", "outcome"),
    [
        (MOCHI, {"seconds": "6"}, Outcome.UNSUPPORTED),
        (MOCHI, {"image": "@frame.png"}, Outcome.UNSUPPORTED),
        (MOCHI, {"video": "@film.mp4"}, Outcome.UNSUPPORTED),
        (SEEDANCE, {"seconds": "13"}, Outcome.UNSUPPORTED),
        (SEEDANCE, {"seconds": "soon"}, Outcome.INVALID),
        (SEEDANCE, {"image": "@voice.wav"}, Outcome.UNSUPPORTED),
        (FLUX, {"prompt": " "}, Outcome.INVALID),
        (FLUX, {"prompt": "a" * 2001}, Outcome.UNSUPPORTED),
        (FLUX, {"size": "wide"}, Outcome.INVALID),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(tmp_path, case, inputs, outcome):
    async def work(bench):
        return (await bench.follow(bench.request(**inputs))).error, bench.server.counts

    error, counts = with_bench(case, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is outcome
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


def test_a_version_that_is_gone_is_a_retired_model(tmp_path, monkeypatch):
    monkeypatch.setattr("loopback.replicate.VERSION", "another")

    async def work(bench):
        got = await bench.follow()
        return got.error, bench.provider.classify(got.error)

    error, verdict = with_bench(MOCHI, tmp_path, work)
    assert isinstance(error, HttpError)
    assert verdict.outcome is Outcome.RETIRED


def test_a_palette_is_told_in_words(tmp_path):
    given = asked(FLUX, tmp_path, palette="#102040 #f0c080")[0]["body"]["input"]
    assert given["prompt"].endswith("Colour palette: #102040 #f0c080")


def test_cancelling_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await bench.provider.cancel(got.job)
        bench.server.jobs.clear()
        await bench.provider.cancel(got.job)
        bench.server.authorised = denied
        with pytest.raises(HttpError):
            await bench.provider.cancel(got.job)
        return bench.server.cancelled

    def denied(request):
        raise Reject(401, {"title": "Unauthenticated", "detail": "no", "status": 401})

    assert len(with_bench(MOCHI, tmp_path, work)) == 1
