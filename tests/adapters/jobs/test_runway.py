"""What Runway alone does: prompts in UTF-16, sizes and lengths it offers, credits, refunds."""

import asyncio
import hashlib
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from filmbench.adapters import runway
from filmbench.harness.media import video
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Artifact, Outcome
from loopback.jobrig import JOBS, with_bench
from loopback.rig import Files

GENERATION, ALEPH, DUBBING, ISOLATION, PICTURE = (case for case in JOBS if case.name.startswith("runway"))


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


def test_a_lossless_shot_goes_to_aleph_as_mp4(tmp_path):
    """Our own shots are Matroska, which the vendor does not take: what it gets is the same film to the eye."""
    path, media_type = write_lossless(tmp_path / "shot.mkv", film_frames(), 12.0)
    content = path.read_bytes()
    shot = Artifact(hashlib.sha256(content).hexdigest(), media_type, len(content), 1.0)

    async def work(bench):
        request = bench.request()
        inputs = {**request.sample.inputs, "video": shot}
        files = Files({shot.sha256: path})
        await bench.provider.prepare(replace(request, sample=replace(request.sample, inputs=inputs)), files)
        (sent,) = bench.server.uploads.values()
        return sent

    sent = tmp_path / "sent.mp4"
    sent.write_bytes(with_bench(ALEPH, tmp_path, work))
    facts, _ = video.examine(sent)
    assert (facts.width, facts.height, facts.codec) == (64, 48, "h264")
    for before, after in zip(film_frames(), video.read(sent), strict=True):
        assert np.abs(before.astype(int) - after.rgb).mean() < 3


def film_frames():
    ramp = np.linspace(30, 220, 64).astype(np.uint8)
    return [np.stack([np.roll(ramp, 4 * shift)] * 3, axis=-1)[None].repeat(48, axis=0) for shift in range(12)]


def test_cancelling_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await asyncio.gather(bench.provider.cancel(got.job))
        await bench.provider.cancel(got.job)
        return bench.server.cancelled

    assert len(with_bench(ALEPH, tmp_path, work)) == 1


# --- the models it sells, and its tools ---------------------------------------------------------------


def models(*without):
    return [one.model for one in runway.PROVIDERS if one.model not in ("aleph2", *without)]


def of_model(name):
    return replace(GENERATION, provider_id=f"runway/{name}")


@pytest.mark.parametrize("image", [True, False], ids=["from a frame", "from words"])
@pytest.mark.parametrize("name", models())
def test_every_model_is_asked_for_what_it_offers_and_billed_as_quoted(tmp_path, name, image):
    case = replace(of_model(name), takes_image=image)

    async def work(bench):
        request = bench.request(seconds="4", size="1920x1080")
        return await bench.provider.quote(request), await bench.follow(request), bench.server.requests

    if name == "gen4_turbo" and not image:
        with pytest.raises(Refusal, match="first frame"):
            with_bench(case, tmp_path, work)
        return
    quote, got, requests = with_bench(case, tmp_path, work)
    assert got.error is None, got.error
    assert ("promptImage" in requests[0]["body"]) is image
    assert quote.expected == quote.ceiling
    assert got.usage.quantities == quote.expected.quantities


@pytest.mark.parametrize(
    ("name", "size", "ratio", "credits"),
    [
        ("seedance2", "1280x720", "1280:720", 36),
        ("seedance2", "1920x1080", "1920:1080", 40),
        ("seedance2", "3840x2160", "3840:2160", 150),
        ("seedance2", "1000x1000", "1440:1440", 40),
        ("seedance2_fast", "3840x2160", "1280:720", 29),
        ("veo3.1", "640x360", "1280:720", 40),
    ],
)
def test_the_smallest_size_that_holds_the_sample_sets_the_price(tmp_path, name, size, ratio, credits):
    async def work(bench):
        request = bench.request(seconds="4", size=size)
        await bench.follow(request)
        return bench.server.requests[0]["body"]["ratio"], await bench.provider.quote(request)

    sent, quote = with_bench(of_model(name), tmp_path, work)
    assert sent == ratio
    assert quote.expected.quantities == {"credit": Decimal(4 * credits)}


def test_veo_makes_even_lengths_only(tmp_path):
    assert body_of(of_model("veo3.1"), tmp_path, seconds="5")[1]["duration"] == 6

    async def work(bench):
        return (await bench.follow(bench.request(seconds="9"))).error, bench.server.counts

    error, counts = with_bench(of_model("veo3.1"), tmp_path, work)
    assert isinstance(error, Refusal)
    assert "makes 4 to 8 s, not 9" in str(error)
    assert counts.posts == 0


def test_sound_is_asked_for_only_where_the_arm_says_so(tmp_path):
    assert "audio" not in body_of(of_model("veo3.1"), tmp_path, seconds="4")[1]

    async def work(bench):
        await bench.follow(bench.request(params={"audio": False}, seconds="4"))
        return bench.server.requests[0]["body"]["audio"]

    assert with_bench(of_model("veo3.1"), tmp_path, work) is False


def test_speech_is_dubbed_into_the_samples_language(tmp_path):
    path, body = body_of(DUBBING, tmp_path)
    assert path == "/v1/voice_dubbing"
    assert (body["model"], body["targetLang"]) == ("eleven_voice_dubbing", "es")


def test_dubbing_takes_no_film_and_no_language_it_does_not_speak(tmp_path):
    async def work(bench):
        film = await bench.follow(bench.request(source="@film.mp4"))
        request = bench.request()
        latin = await bench.follow(replace(request, sample=replace(request.sample, language="la")))
        return film.error, latin.error, bench.server.counts

    film, latin, counts = with_bench(DUBBING, tmp_path, work)
    assert "does not take video/mp4" in str(film)
    assert "does not speak 'la'" in str(latin)
    assert {film.outcome, latin.outcome} == {Outcome.UNSUPPORTED}
    assert (counts.posts, counts.other["uploads"]) == (0, 0)


@pytest.mark.parametrize(
    ("case", "seconds", "credits"),
    [(DUBBING, 0.9, 1), (DUBBING, 31.0, 16), (ISOLATION, 6.0, 1), (ISOLATION, 6.1, 2)],
    ids=["short dub", "long dub", "short isolation", "longer isolation"],
)
def test_a_recording_is_quoted_by_its_length_with_a_credit_to_spare(tmp_path, case, seconds, credits):
    async def work(bench):
        request = bench.request()
        role = bench.provider.role
        recording = replace(request.sample.inputs[role], seconds=seconds)
        inputs = {**request.sample.inputs, role: recording}
        return await bench.provider.quote(replace(request, sample=replace(request.sample, inputs=inputs)))

    quote = with_bench(case, tmp_path, work)
    assert quote.expected.quantities == {"credit": Decimal(credits)}
    assert quote.ceiling.quantities == {"credit": Decimal(credits + 1)}


@pytest.mark.parametrize(
    ("size", "ratio", "credits"),
    [("1280x720", "1280:720", 5), ("1920x1080", "1920:1080", 8), ("300x300", "720:720", 5)],
)
def test_a_picture_costs_by_its_size(tmp_path, size, ratio, credits):
    async def work(bench):
        request = bench.request(size=size, palette="#102040")
        return await bench.follow(request), bench.server.requests[0]["body"]

    got, body = with_bench(PICTURE, tmp_path, work)
    assert body["ratio"] == ratio
    assert "#102040" in body["promptText"]
    assert got.usage.quantities == {"credit": Decimal(credits)}
