"""Deepdub: what exactly is sent, in which locale, in whose voice, and how it says no."""

import base64
from decimal import Decimal

import pytest
from filmbench.adapters import deepdub
from filmbench.adapters._http import HttpError
from filmbench.harness.types import Outcome
from loopback.rig import CASES, CONSENT, LINE, ask, recording, request_for, with_server
from loopback.server import KEY

(CASE,) = (case for case in CASES if case.name == "deepdub")


def call(model=None, media=None, **more):
    """One request and what the server was sent."""

    async def work(provider, server):
        got = await ask(provider, request_for(provider, server.url, **more), media)
        return got, server.requests[-1]

    return with_server(CASE, work, model=model)


def test_it_is_sent_what_was_asked_in_its_own_words():
    wishes = {"temperature": 0.4, "variance": 0.2, "tempo": 1.1, "seed": 7, "prompt_boost": True}
    got, sent = call(params={**wishes, "sample_rate": 22_050})
    assert got.error is None
    assert sent["path"] == "/api/v1/tts"
    assert sent["headers"]["x-api-key"] == KEY
    assert sent["body"] == {
        "model": "dd-etts-3.2",
        "targetText": LINE,
        "locale": "en-US",
        "voicePromptId": deepdub.VOICE,
        "format": "mp3",
        "sampleRate": 22_050,
        "temperature": 0.4,
        "variance": 0.2,
        "tempo": 1.1,
        "seed": 7,
        "promptBoost": True,
    }
    assert got.usage.quantities == {"character": Decimal(len(LINE))}
    assert got.usage.evidence.startswith("text length")


def test_a_language_is_sent_as_a_locale_and_a_country_can_be_asked_for():
    assert call(language="he")[1]["body"]["locale"] == "he-IL"
    assert call(language="es", params={"locale": "es-419"})[1]["body"]["locale"] == "es-419"


def test_every_language_is_one_that_the_vendor_takes():
    async def work(provider, server):
        for language in sorted(provider.spec.languages):
            got = await ask(provider, request_for(provider, server.url, "1", language=language))
            assert got.error is None, language

    with_server(CASE, work, say="One.")


def test_opus_is_kept_as_ogg():
    got, _ = call(params={"format": "opus"})
    assert got.speech.media_type == "audio/ogg"
    assert got.speech.content[:4] == b"OggS"


@pytest.mark.parametrize(
    ("params", "said"),
    [({"tempo": 9.0}, "tempo must lie"), ({"sample_rate": 11_025}, "sampleRate"), ({"locale": "xx-XX"}, "locale")],
)
def test_what_is_out_of_range_is_invalid(params, said):
    got, _ = call(params=params)
    verdict = CASE.provider().classify(got.error)
    assert verdict.outcome is Outcome.INVALID
    assert said in verdict.reason


def test_a_model_that_is_gone_is_retired_and_a_missing_voice_is_not():
    gone = HttpError(404, {}, '{"success": false, "message": "Model not found"}')
    voice = HttpError(404, {}, '{"success": false, "message": "Voice prompt not found"}')
    assert CASE.provider().classify(gone).outcome is Outcome.RETIRED
    assert CASE.provider().classify(voice).outcome is Outcome.INVALID


def test_a_recording_is_followed_and_nothing_is_made_of_it(tmp_path):
    artifact, media = recording(tmp_path)
    cloning = {"inputs": {"voice_sample": artifact}, "consent": CONSENT}

    async def work(provider, server):
        request = request_for(provider, server.url, **cloning)
        prepared = await provider.prepare(request, media)
        assert prepared.resources == ()
        assert len(str(prepared.payload)) < 1000, "the recording itself is no part of what is kept"
        return await ask(provider, request, media), server.requests[-1]["body"]

    got, body = with_server(CASE, work)
    assert got.error is None
    assert "voicePromptId" not in body
    assert base64.b64decode(body["voiceReference"]) == media.path(artifact).read_bytes()
