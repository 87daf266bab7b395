"""What Luma alone does: clips of fixed sizes, first frames that must be ready, codes of failure."""

import pytest
from filmbench.adapters import luma
from filmbench.adapters._http import HttpError, NotSent
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.jobrig import JOBS, with_bench

RAY, UNI = (case for case in JOBS if case.name.startswith("luma"))


def asked(case, folder, **inputs):
    """The body of the paid POST and how the job went."""

    async def work(bench):
        got = await bench.follow(bench.request(**inputs))
        assert got.error is None, got.error
        return bench.server.requests[0]["body"], got

    return with_bench(case, folder, work)


@pytest.mark.parametrize(
    ("size", "seconds", "shape", "video", "unit"),
    [
        ("1280x720", "2", "16:9", {"resolution": "720p", "duration": "5s"}, "clip_720p_5s"),
        ("1920x1080", "5.5", "16:9", {"resolution": "1080p", "duration": "10s"}, "clip_1080p_10s"),
        ("360x640", "5", "9:16", {"resolution": "360p", "duration": "5s"}, "clip_360p_5s"),
        ("3840x2160", "10", "16:9", {"resolution": "1080p", "duration": "10s"}, "clip_1080p_10s"),
    ],
)
def test_the_nearest_clip_on_offer_is_asked_for_and_counted(tmp_path, size, seconds, shape, video, unit):
    body, got = asked(RAY, tmp_path, size=size, seconds=seconds)
    assert body["aspect_ratio"] == shape
    assert video.items() <= body["video"].items()
    assert got.usage.quantities == {unit: 1}


def test_a_first_frame_is_a_file_that_is_deleted_after(tmp_path):
    async def work(bench):
        bench.server.file_states = ["pending", "pending"]
        prepared = await bench.provider.prepare(bench.request(), bench.files)
        sent = dict(bench.server.uploads)
        for name in prepared.resources * 2:
            await bench.provider.release(name)
        return prepared, sent, bench.server.uploads, (tmp_path / "frame.png").read_bytes()

    prepared, sent, left, content = with_bench(RAY, tmp_path, work)
    file = prepared.payload["body"]["video"]["start_frame"]["file_id"]
    assert sent == {f"/files/{file}": content}
    assert not left


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(luma, "READY_SECONDS", 0.01)


def test_a_frame_that_luma_does_not_take_is_refused_before_anything_is_paid(tmp_path):
    async def work(bench):
        bench.server.file_states = ["pending", "failed"]
        return (await bench.follow()).error, bench.server.counts.posts

    error, posts = with_bench(RAY, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is Outcome.REFUSED
    assert "a face" in str(error)
    assert posts == 0


def test_a_frame_that_is_never_ready_is_not_waited_for_without_end(tmp_path):
    async def work(bench):
        bench.server.file_states = ["pending"] * 99
        return (await bench.follow()).error, bench.server.counts.posts

    error, posts = with_bench(RAY, tmp_path, work)
    assert isinstance(error, NotSent)
    assert posts == 0


def test_a_picture_is_made_too(tmp_path):
    body, got = asked(UNI, tmp_path, size="1920x1080")
    assert body == {
        "type": "image",
        "model": "uni-1",
        "prompt": "A harbour at dusk.",
        "aspect_ratio": "16:9",
        "output_format": "png",
    }
    assert got.usage.quantities == {"image_2k": 1}


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"seconds": "10.5"}, Outcome.UNSUPPORTED),
        ({"prompt": ""}, Outcome.INVALID),
        ({"size": "0x720"}, Outcome.INVALID),
        ({"video": "@film.mp4"}, Outcome.UNSUPPORTED),
        ({"image": "@voice.wav"}, Outcome.UNSUPPORTED),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(tmp_path, inputs, outcome):
    async def work(bench):
        return (await bench.follow(bench.request(**inputs))).error, bench.server.counts

    error, counts = with_bench(RAY, tmp_path, work)
    assert isinstance(error, Refusal)
    assert error.outcome is outcome
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


@pytest.mark.parametrize(
    ("code", "outcome", "again"),
    [
        ("content_moderated", Outcome.REFUSED, False),
        ("budget_exhausted", Outcome.FAILED, False),
        ("rate_limited", Outcome.FAILED, True),
        ("image_too_large", Outcome.INVALID, False),
        ("unsupported_format", Outcome.INVALID, False),
        ("corrupt_input", Outcome.INVALID, False),
        ("invalid_request", Outcome.INVALID, False),
    ],
)
@pytest.mark.parametrize("body", ['{"code": "%s"}', '{"error": {"code": "%s", "message": "no"}}'])
def test_each_code_of_failure_is_read(code, outcome, again, body):
    verdict = RAY.provider().classify(HttpError(400, {}, body % code))
    assert (verdict.outcome, verdict.again) == (outcome, again)


def test_a_generation_that_failed_says_its_code():
    said = RAY.provider().progress({"state": "failed", "failure_code": "budget_exhausted", "failure_reason": "spent"})
    assert (said.state, said.reason) == ("failed", "budget_exhausted: spent")
