"""What Google alone does: films in the answer or behind its door, refusals that are completed, tokens, wrong keys."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from filmbench.adapters import _download, google
from filmbench.adapters._download import download
from filmbench.adapters._http import CutStream, FileError, HttpError, RunawayStream
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench
from loopback.server import KEY

(CASE,) = (case for case in JOBS if case.name == "google-omni")


@pytest.fixture
def follow(tmp_path):
    """One job, with the server set up before and the sample's inputs changed: how it went, and the server."""

    def run(setup=lambda server: None, params=None, drop=(), **inputs):
        async def work(bench):
            setup(bench.server)
            request = bench.request(params=params, **inputs)
            kept = {role: value for role, value in request.sample.inputs.items() if role not in drop}
            return await bench.follow(replace(request, sample=replace(request.sample, inputs=kept))), bench.server

        return with_bench(CASE, tmp_path, work)

    return run


def sent(server):
    return server.requests[0]["body"]


def test_a_first_frame_goes_in_the_one_post_and_is_called_so(follow):
    _, server = follow()
    (step,) = sent(server)["input"]
    image, words = step["content"]
    assert image["mime_type"] == "image/png"
    assert words["text"] == "<FIRST_FRAME> Fog rolls over a harbour."
    assert sent(server)["generation_config"]["video_config"] == {"task": "image_to_video"}
    _, server = follow(drop=("image",))
    assert sent(server)["input"] == "Fog rolls over a harbour."
    assert sent(server)["generation_config"]["video_config"] == {"task": "text_to_video"}


@pytest.mark.parametrize(("seconds", "asked"), [("1", "3s"), ("3.2", "4s"), ("10", "10s")])
def test_a_film_is_never_shorter_than_asked(follow, seconds, asked):
    assert sent(follow(seconds=seconds)[1])["response_format"]["duration"] == asked


@pytest.mark.parametrize(
    ("size", "ratio", "resolution"),
    [
        ("1280x720", "16:9", "720p"),
        ("1080x1920", "9:16", "1080p"),
        ("320x180", "16:9", "360p"),
        ("500x500", "16:9", "720p"),
    ],
)
def test_the_smallest_size_that_holds_the_sample_is_asked_for(follow, size, ratio, resolution):
    form = sent(follow(size=size)[1])["response_format"]
    assert (form["aspect_ratio"], form["resolution"]) == (ratio, resolution)


def test_the_arm_may_say_the_resolution_and_the_seed(follow):
    _, server = follow(params={"resolution": "4k", "seed": 7})
    assert sent(server)["response_format"]["resolution"] == "4k"
    assert sent(server)["generation_config"]["seed"] == 7


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"seconds": "11"}, Outcome.UNSUPPORTED),
        ({"seconds": "soon"}, Outcome.INVALID),
        ({"size": "wide"}, Outcome.INVALID),
        ({"prompt": " "}, Outcome.INVALID),
        ({"video": "@film.mp4"}, Outcome.UNSUPPORTED),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(follow, inputs, outcome):
    got, server = follow(**inputs)
    assert isinstance(got.error, Refusal)
    assert got.error.outcome is outcome
    assert server.counts.posts == 0


def test_a_film_inside_the_answer_is_taken_from_it(follow):
    got, server = follow(lambda server: setattr(server, "inline", True))
    assert got.error is None
    assert got.files[0].content == server.result
    assert server.counts.other["transfers"] == 0


@pytest.mark.parametrize("content", ["", "no base64!", "AAA"])
def test_a_film_inside_the_answer_that_cannot_be_read_is_no_take(content):
    with pytest.raises(CutStream):
        asyncio.run(download(None, f"data:video/mp4;base64,{content}", None, loopback=False))


def test_a_film_inside_the_answer_has_an_end_too(monkeypatch):
    monkeypatch.setattr(_download, "MAX_FILE_BYTES", 2)
    with pytest.raises(RunawayStream):
        asyncio.run(download(None, "data:video/mp4;base64,QUJD", None, loopback=False))


def test_a_file_is_waited_for_until_it_is_whole(follow, monkeypatch):
    monkeypatch.setattr(google, "_FILE_WAIT", 0.01)
    got, server = follow(lambda server: server.files.extend(["PROCESSING", "PROCESSING"]))
    assert got.files[0].content == server.result
    assert not server.files


def test_a_file_that_could_not_be_made_is_a_failure(follow):
    got, _ = follow(lambda server: server.files.append("FAILED"))
    assert isinstance(got.error, CutStream)
    assert not got.files


def test_the_key_goes_to_the_endpoint_that_is_set_whatever_host_the_answer_names(follow):
    got, server = follow()
    assert got.error is None
    assert server.file_url("v1_x").startswith("https://generativelanguage.googleapis.com/")
    assert [headers.get("x-goog-api-key") for headers in server.file_headers] == [KEY]


@pytest.mark.parametrize(
    "address", ["https://evil.example/film.mp4", "https://evil.example/files/abc:download?alt=media"]
)
def test_no_other_host_is_sent_the_key(address, monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    place, headers = CASE.provider().door(address, google.URL)
    assert place.startswith(google.URL) or not headers


def test_the_bill_is_tokens_by_kind_with_thoughts_as_words(follow):
    got, _ = follow()
    assert got.usage.quantities == {
        "text_input_token": Decimal(12),
        "image_input_token": Decimal(2_040),
        "video_output_token": Decimal(3 * 5_792),
        "text_output_token": Decimal(310),
    }
    assert book().price("google/gemini-omni-1.1-flash", got.usage, date(2026, 11, 22)).usd == Decimal("0.309948")


def test_an_answer_without_usage_has_no_bill():
    assert google.bill({"status": "completed"}) is None
    assert google.bill({"usage": {}}) is None


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("refused", "refused", "cannot make that film"),
        ("unsafe", "refused", "PROHIBITED_CONTENT"),
        ("lost", "failed", "billed"),
        ("incomplete", "failed", None),
        ("cancelled", "cancelled", None),
    ],
)
def test_words_instead_of_a_film_are_a_refusal_and_a_lost_film_is_not(follow, word, state, reason):
    got, _ = follow(lambda server: server.life.append(word))
    last = got.progress[-1]
    assert last.state == state
    assert reason is None or reason in last.reason
    if word == "lost":
        assert last.used.quantities["video_output_token"] == 3 * 5_792


def test_a_prompt_that_is_blocked_at_once_is_a_refusal(follow):
    got, server = follow(prompt="something forbidden")
    assert got.error.status == 400
    assert CASE.provider().classify(got.error).outcome is Outcome.REFUSED
    assert server.counts.billed == 0


def test_a_wrong_key_may_come_as_a_bad_argument(follow, monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-wrong")
    got, _ = follow(lambda server: setattr(server, "key_fault", 400))
    verdict = CASE.provider().classify(got.error)
    assert verdict.outcome is Outcome.FAILED
    assert "GEMINI_API_KEY" in verdict.reason
    assert "AIza-wrong" not in f"{got.error}{verdict}"


def test_an_id_that_is_no_longer_known_comes_as_a_bad_argument():
    gone = HttpError(400, {}, '{"error": {"message": "Invalid interaction name: v1_x"}}')
    assert CASE.provider().forgotten(gone)
    assert not CASE.provider().forgotten(HttpError(400, {}, '{"error": {"message": "try again"}}'))


def test_a_file_that_is_gone_is_no_retired_model(follow):
    got, _ = follow(lambda server: server.transfers.append("404"))
    assert isinstance(got.error, FileError)
    assert CASE.provider().classify(got.error).outcome is Outcome.FAILED


def test_cancelling_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await bench.provider.cancel(got.job)
        for resource in got.job.resources:
            await bench.provider.release(resource)
        await bench.provider.cancel(got.job)
        return bench.server

    server = with_bench(CASE, tmp_path, work)
    assert len(server.cancelled) == 1
    assert not server.jobs
