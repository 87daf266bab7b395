"""What Adobe alone does: tokens, sources it fetches itself, sizes and lengths on offer, refusals, allowances."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from filmbench.adapters import _adobe
from filmbench.adapters._http import HttpError, NotSent
from filmbench.harness.media import srt
from filmbench.harness.media.probe import facts
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, UsageError
from loopback.audio import tone
from loopback.jobrig import JOBS, with_bench
from loopback.server import KEY

DUB, PICTURE, FILM = (case for case in JOBS if case.server.__name__ in ("Dub", "Firefly"))
(TRANSCRIBE,) = (case for case in JOBS if case.name == "adobe-transcribe")
PLAIN = replace(DUB, provider_id="adobe/dub")


def followed(case, folder, setup=lambda server: None, language="es", drop=(), params=None, **inputs):
    """One job, with the server set up before: how it went, and the server."""

    async def work(bench):
        setup(bench.server)
        request = bench.request(params=params, **inputs)
        kept = {role: value for role, value in request.sample.inputs.items() if role not in drop}
        request = replace(request, sample=replace(request.sample, inputs=kept, language=language))
        return await bench.follow(request), bench.server

    return with_bench(case, folder, work)


def sent(server):
    return server.requests[0]["body"]


# --- tokens ------------------------------------------------------------------------------------------


def test_one_token_serves_many_jobs_however_many_begin_together(tmp_path):
    async def work(bench):
        done = await asyncio.gather(*(bench.follow() for _ in range(5)))
        return done, bench.server.counts

    done, counts = with_bench(PICTURE, tmp_path, work)
    assert [got.error for got in done] == [None] * 5
    assert counts.other["tokens"] == 1


def test_a_token_is_renewed_before_it_ends(tmp_path):
    _, server = followed(PICTURE, tmp_path, lambda server: setattr(server, "lifetime", 1e-6))
    assert server.counts.other["tokens"] > 1


def test_a_token_that_is_turned_down_later_is_replaced_once_and_nothing_is_paid_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(_adobe, "NEW_SECONDS", 0.0)

    async def work(bench):
        prepared = await bench.provider.prepare(bench.request(), bench.files)
        bench.server.revoke()
        job = await bench.provider.submit(prepared)
        bench.server.revoke()
        return await bench.provider.poll(job), bench.server.counts

    progress, counts = with_bench(PICTURE, tmp_path, work)
    assert progress.state == "done"
    assert counts.other["tokens"] == 3
    assert (counts.posts, counts.billed) == (2, 1)
    assert counts.rejected["401"] == 2


def test_a_new_token_that_is_turned_down_is_no_expiry(tmp_path):
    async def work(bench):
        prepared = await bench.provider.prepare(bench.request(), bench.files)
        bench.server.revoke()
        with pytest.raises(HttpError) as caught:
            await bench.provider.submit(prepared)
        return caught.value.status, bench.server.counts

    status, counts = with_bench(PICTURE, tmp_path, work)
    assert status == 401
    assert (counts.posts, counts.billed, counts.other["tokens"]) == (1, 0, 1)


@pytest.mark.parametrize("fault", [500, 504])
def test_without_a_token_nothing_was_asked(tmp_path, fault):
    got, server = followed(PICTURE, tmp_path, lambda server: setattr(server, "ims_fault", fault))
    assert isinstance(got.error, NotSent)
    verdict = PICTURE.provider().classify(got.error)
    assert verdict.again
    assert not verdict.unknown
    assert server.counts.posts == 0


def test_the_client_id_is_needed_too(tmp_path, monkeypatch):
    monkeypatch.delenv("ADOBE_CLIENT_ID")
    got, server = followed(PICTURE, tmp_path)
    assert isinstance(got.error, UsageError)
    assert "ADOBE_CLIENT_ID" in str(got.error)
    assert server.counts.posts == 0


def test_neither_secret_nor_token_is_journaled_or_told(tmp_path):
    got, server = followed(FILM, tmp_path)
    kept = f"{got.job} {got.usage} {got.progress}"
    assert got.error is None
    assert KEY not in kept
    assert not [token for token in server.tokens if token in kept]
    failed, server = followed(FILM, tmp_path, lambda server: server.script.append("500"))
    told = f"{failed.error!r}{vars(failed.error)}"
    assert not [token for token in server.tokens if token in told]


def test_the_secret_goes_to_adobes_own_door_alone_and_the_token_to_no_address_of_an_answer(tmp_path):
    got, server = followed(FILM, tmp_path)
    assert got.error is None, "the status address in the answer is another host's and was not asked"
    for request in server.requests:
        assert KEY not in str(request)
    assert not [headers for headers in server.file_headers if "Authorization" in headers]


# --- dubbing -----------------------------------------------------------------------------------------


def test_the_source_is_named_by_the_users_own_address_which_is_kept_nowhere(tmp_path):
    got, server = followed(DUB, tmp_path)
    assert sent(server)["video"]["source"]["url"].startswith("https://store.example.com/")
    assert sent(server)["lipSync"] is True
    assert "store.example.com" not in f"{got.job} {got.usage}"

    async def work(bench):
        return await bench.provider.prepare(bench.request(), bench.files)

    assert "store.example.com" not in str(with_bench(DUB, tmp_path, work))


def test_an_answer_that_repeats_the_address_is_told_without_it(tmp_path):
    got, _ = followed(DUB, tmp_path, lambda server: setattr(server, "unreachable", True))
    assert got.error.status == 422
    assert "signed=1" not in f"{got.error!r}{vars(got.error)}{DUB.provider().classify(got.error)}"
    assert "Cannot read [address] at all" in DUB.provider().classify(got.error).reason
    got, _ = followed(DUB, tmp_path, lambda server: server.life.append("unfetched"))
    assert got.progress[-1].state == "failed"
    assert "Failed to download [address] in time" in got.progress[-1].reason


def test_lips_are_moved_only_by_the_model_that_says_so(tmp_path):
    _, server = followed(PLAIN, tmp_path)
    assert sent(server)["lipSync"] is False


def test_sound_is_dubbed_without_lips(tmp_path):
    got, server = followed(PLAIN, tmp_path, source="@voice.wav")
    assert got.error is None
    assert set(sent(server)) == {"audio", "targetLocaleCodes"}
    assert (got.files[0].role, got.files[0].media_type) == ("dubbed", "audio/wav")
    got, server = followed(DUB, tmp_path, source="@voice.wav")
    assert isinstance(got.error, Refusal)
    assert server.counts.posts == 0


@pytest.mark.parametrize(
    ("language", "params", "locale"), [("es", {}, "es-ES"), ("pt", {}, "pt-PT"), ("pt", {"locale": "pt-BR"}, "pt-BR")]
)
def test_a_language_becomes_a_locale(tmp_path, language, params, locale):
    _, server = followed(DUB, tmp_path, language=language, params=params)
    assert sent(server)["targetLocaleCodes"] == [locale]


def test_a_language_it_does_not_speak_is_unsupported(tmp_path):
    got, server = followed(DUB, tmp_path, language="la")
    assert got.error.outcome is Outcome.UNSUPPORTED
    assert server.counts.posts == 0


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (None, UsageError, "FILMBENCH_ADDRESSES"),
        ("no json", UsageError, "no JSON table"),
        ("[]", UsageError, "no JSON table"),
        ("{}", Refusal, "has no address of the source"),
        ("http://store.example.com/a", Refusal, "no public https address"),
        ("https://10.0.0.7/a", Refusal, "no public https address"),
    ],
)
def test_a_source_without_a_usable_address_is_told_before_anything_is_asked(
    tmp_path, monkeypatch, content, kind, words
):
    if content is None:
        monkeypatch.delenv("FILMBENCH_ADDRESSES")
    else:
        file = tmp_path / "mine.json"
        file.write_text(content)
        monkeypatch.setenv("FILMBENCH_ADDRESSES", str(file))

    async def work(bench):
        request = bench.request()
        if content and content.startswith("http"):
            file.write_text(json.dumps({request.sample.inputs["source"].sha256: content}))
        return await bench.follow(request), bench.server.counts

    got, counts = with_bench(DUB, tmp_path, work)
    assert isinstance(got.error, kind)
    assert words in str(got.error)
    assert (counts.posts, counts.other["tokens"]) == (0, 0)


@pytest.mark.parametrize(
    ("case", "word", "state", "reason"),
    [
        (DUB, "partly", "done", None),
        (DUB, "hollow", "failed", "runtime_error: Error in lip sync"),
        (DUB, "unsafe", "refused", "considered unsafe"),
        (FILM, "unsafe", "refused", "considered unsafe"),
    ],
    ids=["done in part", "failed in part", "unsafe", "unsafe film"],
)
def test_partly_done_is_done_only_with_a_result(tmp_path, case, word, state, reason):
    got, _ = followed(case, tmp_path, lambda server: server.life.append(word))
    assert got.progress[-1].state == state
    assert reason is None or reason in got.progress[-1].reason
    assert bool(got.files) is (state == "done")


@pytest.mark.parametrize("suffix", ["", "Output"])
def test_the_result_is_found_under_either_of_its_published_names(tmp_path, suffix):
    got, server = followed(DUB, tmp_path, lambda server: setattr(server, "suffix", suffix))
    assert got.files[0].content == server.result


def test_the_length_of_the_source_stands_for_the_bill_and_has_no_price(tmp_path):
    got, _ = followed(DUB, tmp_path)
    assert got.usage.quantities == {"minute": Decimal("0.016667")}
    assert "carries no bill" in got.usage.evidence


# --- Transcribe --------------------------------------------------------------------------------------


def captions(*lines):
    """An SRT of ``(start, end, text)`` with times as they are written."""
    return "\n\n".join(f"{number}\n{a} --> {b}\n{text}" for number, (a, b, text) in enumerate(lines, 1)).encode()


def test_captions_are_asked_for_in_the_recordings_own_language(tmp_path):
    _, server = followed(TRANSCRIBE, tmp_path)
    assert set(sent(server)) == {"audio", "captions"}
    assert sent(server)["captions"] == {"targetFormats": ["SRT"]}
    _, server = followed(TRANSCRIBE, tmp_path, source="@film.mp4")
    assert set(sent(server)) == {"video", "captions"}


def test_the_cut_falls_where_the_captions_put_the_words(tmp_path):
    """Two lines: of the first the later half of its letters goes, of the second nothing stays."""
    lines = (("00:00:00,000", "00:00:00,400", "Dawn moon"), ("00:00:00,600", "00:00:01,000", "gone"))
    texts = {"script": "Dawn moon gone", "keep": "Dawn"}
    got, _ = followed(TRANSCRIBE, tmp_path, lambda server: setattr(server, "result", captions(*lines)), **texts)
    assert got.error is None
    assert got.files[0].content == tone(seconds=0.2)
    timeline = json.loads(got.files[1].content)
    assert timeline["OTIO_SCHEMA"].startswith("Timeline")


def test_a_film_is_cut_to_its_frames(tmp_path):
    got, _ = followed(TRANSCRIBE, tmp_path, source="@film.mp4")
    assert got.files[0].media_type == "video/mp4"
    (tmp_path / "cut.mp4").write_bytes(got.files[0].content)
    assert facts(tmp_path / "cut.mp4", "video")["frames"] == 6  # 0.7 s of 8 a second


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (captions(("00:00:00,000", "00:00:01,000", "Rhubarb")), "only 1 of the script's 4 words"),
        (captions(("00:00:00,900", "00:00:00,100", "Keep the light on.")), "do not follow each other"),
        (b"Keep the light on.", "no captions"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_captions_that_cut_nothing_are_an_invalid_result_and_say_why(tmp_path, result, said):
    got, server = followed(TRANSCRIBE, tmp_path, lambda server: setattr(server, "result", result))
    verdict = TRANSCRIBE.provider().classify(got.error)
    assert (verdict.outcome, server.counts.billed) == (Outcome.INVALID, 1)
    assert said in verdict.reason


@pytest.mark.parametrize(
    ("params", "texts"),
    [({"pad": 900.0}, {}), ({}, {"keep": "Keep the lamp."}), ({}, {"keep": ""}), ({}, {"script": ""})],
)
def test_a_cut_that_cannot_be_is_not_asked_for(tmp_path, params, texts):
    got, server = followed(TRANSCRIBE, tmp_path, params=params, **texts)
    assert isinstance(got.error, Refusal) and got.error.outcome is Outcome.INVALID
    assert server.counts.posts == 0


def test_captions_as_editors_write_them(tmp_path):
    (tmp_path / "a.srt").write_bytes(
        b"\xef\xbb\xbf1\r\n00:00:01,500 --> 00:00:02,000 X1:0\r\n<b>Two</b>\r\n{\\an8}lines\r\n\r\n"
        b"01:02:03.004 --> 01:02:04,000\r\nlate\r\n"
    )
    assert srt.read(tmp_path / "a.srt") == (srt.Line(1.5, 2.0, "Two lines"), srt.Line(3723.004, 3724.0, "late"))


# --- Firefly -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "version", "size", "asked"),
    [
        ("firefly-image-4", "image4_standard", "1920x1080", {"width": 2688, "height": 1536}),
        ("firefly-image-4-ultra", "image4_ultra", "1080x1920", {"width": 1440, "height": 2560}),
        ("firefly-image-3", "image3", "1000x1000", {"width": 1024, "height": 1024}),
        ("firefly-image-3", "image3", "1600x1600", {"width": 2048, "height": 2048}),
    ],
)
def test_each_model_is_named_in_the_header_and_asked_for_a_size_it_makes(tmp_path, model, version, size, asked):
    got, server = followed(replace(PICTURE, provider_id=f"adobe/{model}"), tmp_path, size=size, palette="#102040")
    assert got.error is None, got.error
    assert server.requests[0]["headers"]["x-model-version"] == version
    assert sent(server)["size"] == asked
    assert "#102040" in sent(server)["prompt"]
    assert got.usage.quantities == {"image": Decimal(1)}


@pytest.mark.parametrize(
    ("size", "unit"), [("960x540", "540p"), ("1280x720", "720p"), ("1080x1920", "1080p"), ("700x700", "720p")]
)
def test_a_film_has_five_seconds_of_the_size_that_holds_the_sample(tmp_path, size, unit):
    got, _ = followed(FILM, tmp_path, size=size)
    assert got.usage.quantities == {f"output_second_{unit}": Decimal(5)}


def test_a_first_frame_is_uploaded_and_stands_at_the_beginning(tmp_path):
    _, server = followed(FILM, tmp_path)
    (condition,) = sent(server)["image"]["conditions"]
    assert server.uploads[condition["source"]["uploadId"]].startswith(b"\x89PNG")
    assert condition["placement"] == {"position": 0}
    _, server = followed(FILM, tmp_path, drop=("image",))
    assert "image" not in sent(server)


def test_seed_and_what_to_avoid_go_along(tmp_path):
    _, server = followed(PICTURE, tmp_path, params={"seed": 7, "negative_prompt": "people"})
    assert (sent(server)["seeds"], sent(server)["negativePrompt"]) == ([7], "people")


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({"prompt": " "}, Outcome.INVALID),
        ({"prompt": "a" * 1_025}, Outcome.UNSUPPORTED),
        ({"seconds": "6"}, Outcome.UNSUPPORTED),
        ({"size": "wide"}, Outcome.INVALID),
        ({"video": "@film.mp4"}, Outcome.UNSUPPORTED),
    ],
)
def test_what_it_does_not_offer_is_refused_before_anything_is_sent(tmp_path, inputs, outcome):
    got, server = followed(FILM, tmp_path, **inputs)
    assert isinstance(got.error, Refusal)
    assert got.error.outcome is outcome
    assert (server.counts.posts, server.counts.other["uploads"]) == (0, 0)


def test_a_forbidden_prompt_and_a_spent_allowance_are_told_apart_from_a_wrong_key(tmp_path):
    got, _ = followed(PICTURE, tmp_path, prompt="something forbidden")
    assert PICTURE.provider().classify(got.error).outcome is Outcome.REFUSED
    got, _ = followed(PICTURE, tmp_path, lambda server: setattr(server, "access_fault", "quota_exhausted"))
    assert "out of credit" in PICTURE.provider().classify(got.error).reason
    got, _ = followed(PICTURE, tmp_path, lambda server: setattr(server, "access_fault", "user_non_entitled"))
    assert "ADOBE_CLIENT_SECRET" in PICTURE.provider().classify(got.error).reason


def test_a_legal_bar_is_a_refusal(tmp_path):
    got, _ = followed(DUB, tmp_path, lambda server: server.script.append("451"))
    assert DUB.provider().classify(got.error).outcome is Outcome.REFUSED


def test_cancelling_twice_or_what_is_gone_is_no_error(tmp_path):
    async def work(bench):
        got = await bench.follow()
        await bench.provider.cancel(got.job)
        await bench.provider.cancel(got.job)
        bench.server.jobs.clear()
        bench.server.cancelled.clear()
        await bench.provider.cancel(got.job)

    with_bench(FILM, tmp_path, work)
