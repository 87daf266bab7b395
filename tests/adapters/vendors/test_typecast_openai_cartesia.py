"""Typecast, OpenAI and Cartesia: what exactly is sent, what is counted, and how each says no."""

import asyncio
import json
from datetime import date
from decimal import Decimal

import pytest
from filmbench.adapters._http import HttpError
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.rig import CASES, LINE, ask, decoded_seconds, request_for, with_server
from loopback.server import KEY

TYPECAST, OPENAI, CARTESIA = (next(c for c in CASES if c.name == name) for name in ("typecast", "openai", "cartesia"))


def call(case, model=None, **more):
    """One request and what the server was sent."""

    async def work(provider, server):
        got = await ask(provider, request_for(provider, server.url, **more))
        return got, server.requests[-1]

    return with_server(case, work, model=model)


def invalid(case, said, model=None, **more):
    """The request passes the adapter, is rejected by the vendor, and counts as invalid."""
    got, _ = call(case, model, **more)
    verdict = case.provider().classify(got.error)
    assert verdict.outcome is Outcome.INVALID
    assert said in verdict.reason


# --- Typecast -----------------------------------------------------------------------------------------


def test_typecast_is_sent_its_own_words_for_language_and_emotion():
    params = {"emotion": "sad", "emotion_intensity": 1.5, "audio_tempo": 0.9, "audio_pitch": -2}
    got, sent = call(TYPECAST, language="fi", params=params)
    assert got.error is None
    assert sent["headers"]["X-API-KEY"] == KEY
    assert sent["body"] == {
        "voice_id": "tc_672c5f5ce59fac2a48faeaee",
        "text": LINE,
        "model": "ssfm-v30",
        "language": "fin",
        "prompt": {"emotion_preset": "sad", "emotion_type": "preset", "emotion_intensity": 1.5},
        "output": {"audio_format": "wav", "audio_tempo": 0.9, "audio_pitch": -2},
    }


def test_the_older_typecast_model_has_its_own_prompt():
    got, sent = call(TYPECAST, "ssfm-v21")
    assert got.error is None
    assert sent["body"]["prompt"] == {"emotion_preset": "normal"}


@pytest.mark.parametrize(
    ("model", "direction", "emotion"),
    [
        ("ssfm-v30", "whispered, close to the ear", "whisper"),
        ("ssfm-v30", "Angry", "angry"),
        ("ssfm-v30", "out of breath", "happy"),
        ("ssfm-v21", "whispered", "happy"),
    ],
)
def test_a_direction_that_names_an_emotion_of_the_model_chooses_it(model, direction, emotion):
    _, sent = call(TYPECAST, model, inputs={"direction": direction}, params={"emotion": "happy"})
    assert sent["body"]["prompt"]["emotion_preset"] == emotion
    assert sent["body"]["text"] == LINE


def test_every_language_a_typecast_model_lists_is_one_the_vendor_takes():
    async def work(provider, server):
        for language in sorted(provider.spec.languages):
            got = await ask(provider, request_for(provider, server.url, "1", language=language))
            assert got.error is None, language

    for model in ("ssfm-v30", "ssfm-v21"):
        with_server(TYPECAST, work, model=model, say="One.")


def test_typecast_rejects_what_is_out_of_range():
    invalid(TYPECAST, "0.5 to 2", params={"audio_tempo": 7.0})
    invalid(TYPECAST, "0 to 2", params={"emotion_intensity": 3.0})


def test_a_typecast_path_that_is_gone_is_retired_and_a_missing_voice_is_not():
    gone = HttpError(404, {}, '{"error": {"code": "not_found", "message": "Not Found"}}')
    voice = HttpError(404, {}, '{"error": {"code": "not_found", "message": "Voice not found"}}')
    assert TYPECAST.provider().classify(gone).outcome is Outcome.RETIRED
    assert TYPECAST.provider().classify(voice).outcome is Outcome.INVALID


# --- OpenAI -------------------------------------------------------------------------------------------


def test_openai_is_sent_what_was_asked_and_nothing_else():
    got, sent = call(OPENAI, "tts-1-hd", params={"voice": "nova", "speed": 1.2, "response_format": "mp3"})
    assert got.error is None
    assert sent["headers"]["Authorization"] == f"Bearer {KEY}"
    assert sent["body"] == {
        "input": LINE,
        "model": "tts-1-hd",
        "voice": "nova",
        "response_format": "mp3",
        "speed": 1.2,
    }


def test_a_direction_becomes_instructions_where_the_model_takes_them():
    directed, sent = call(OPENAI, "gpt-4o-mini-tts", inputs={"direction": "shouting"}, params={"instructions": "Noir."})
    assert directed.error is None
    assert sent["body"]["instructions"] == "Noir. shouting"
    plain, sent = call(OPENAI, "tts-1", inputs={"direction": "shouting"})
    assert plain.error is None
    assert "instructions" not in sent["body"]


def test_a_voice_of_ones_own_is_named_by_its_id():
    got, sent = call(OPENAI, "gpt-4o-mini-tts", params={"voice": "voice_1234"})
    assert got.error is None
    assert sent["body"]["voice"] == {"id": "voice_1234"}


def test_the_seconds_billed_are_those_that_play():
    got, _ = call(OPENAI, "gpt-4o-mini-tts")
    seconds = got.usage.quantities["output_second"]
    assert float(seconds) == pytest.approx(decoded_seconds(got.speech.content), abs=0.001)


def test_seconds_that_cannot_be_counted_are_no_bill():
    got, _ = call(OPENAI, "gpt-4o-mini-tts", params={"response_format": "mp3"})
    assert got.error is None
    assert got.usage is None


@pytest.mark.parametrize("text", ["Go.", LINE, "7 1 9 4 4 0 2 8 8 5 1", "x" * 4096])
def test_the_seconds_expected_lie_below_those_reserved(text):
    provider = OPENAI.provider("gpt-4o-mini-tts")
    quote = asyncio.run(provider.quote(request_for(provider, None, text)))
    assert 0 < quote.expected.quantities["output_second"] < quote.ceiling.quantities["output_second"]


def test_a_spoken_line_stays_below_the_seconds_reserved():
    text = "1,234,567.89 dollars & 99 %"
    got, _ = call(OPENAI, "gpt-4o-mini-tts", text=text)
    provider = OPENAI.provider("gpt-4o-mini-tts")
    quote = asyncio.run(provider.quote(request_for(provider, None, text)))
    assert got.usage.quantities["output_second"] < quote.ceiling.quantities["output_second"]


def test_an_empty_openai_account_is_not_a_rate_limit():
    empty = {
        "error": {
            "message": "You exceeded your current quota.",
            "type": "x",
            "param": None,
            "code": "insufficient_quota",
        }
    }
    verdict = OPENAI.provider().classify(HttpError(429, {"Retry-After": "1"}, json.dumps(empty)))
    assert not verdict.again
    assert "out of credit" in verdict.reason


def test_content_that_openai_declines_is_refused():
    body = {"error": {"message": "Your request was rejected.", "code": "content_policy_violation"}}
    assert OPENAI.provider().classify(HttpError(400, {}, json.dumps(body))).outcome is Outcome.REFUSED


def test_openai_rejects_a_speed_out_of_range():
    invalid(OPENAI, "0.25 to 4.0", "tts-1", params={"speed": 9.0})


def test_the_book_says_when_openai_models_shut_down():
    assert {book().lifetime(provider.spec.id).retired_on for provider in OPENAI.providers} == {date(2027, 1, 6)}


# --- Cartesia -----------------------------------------------------------------------------------------


def test_cartesia_is_sent_what_was_asked_with_its_version():
    got, sent = call(CARTESIA, language="it", params={"sample_rate": 24_000, "speed": 1.2, "emotion": "angry"})
    assert got.error is None
    assert sent["headers"]["Authorization"] == f"Bearer {KEY}"
    assert sent["headers"]["cartesia-version"] == "2026-08-14"
    assert sent["body"] == {
        "model_id": "sonic-3.5",
        "transcript": LINE,
        "voice": {"id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000},
        "language": "it",
        "generation_config": {"speed": 1.2, "emotion": "angry"},
    }


def test_cartesia_rejects_a_speed_out_of_range():
    invalid(CARTESIA, "0.6 to 1.5", params={"speed": 9.0})


@pytest.mark.parametrize("case", [TYPECAST, CARTESIA], ids=lambda case: case.name)
def test_the_characters_sent_are_those_counted(case):
    got, _ = call(case)
    assert got.usage.quantities == {"character": Decimal(len(LINE))}
    assert got.usage.evidence.startswith("text length")


@pytest.mark.parametrize("case", [TYPECAST, OPENAI, CARTESIA], ids=lambda case: case.name)
def test_a_voice_sample_is_unsupported_and_not_silently_left_out(case, tmp_path):
    from loopback.rig import CONSENT, recording

    artifact, media = recording(tmp_path)
    provider = case.provider()
    request = request_for(provider, "http://127.0.0.1:9", inputs={"voice_sample": artifact}, consent=CONSENT)
    with pytest.raises(Refusal) as caught:
        asyncio.run(provider.prepare(request, media))
    assert caught.value.outcome is Outcome.UNSUPPORTED
