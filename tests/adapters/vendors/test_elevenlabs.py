"""ElevenLabs: what is sent, the bill in credits, PCM kept as WAV, and voices that are cloned and deleted."""

import asyncio
import io
from decimal import Decimal

import pytest
import soundfile
from filmbench.adapters._http import HttpError
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome
from loopback.rig import CASES, CONSENT, LINE, ask, decoded_seconds, recording, request_for, with_server

CASE = next(case for case in CASES if case.name == "elevenlabs")


def call(model, **more):
    """One request and what the server was sent."""

    async def work(provider, server):
        got = await ask(provider, request_for(provider, server.url, **more))
        return got, server.requests[-1]

    return with_server(CASE, work, model=model)


@pytest.mark.parametrize(("model", "a_character"), [("eleven_v3", "1"), ("eleven_flash_v2_5", "0.5")])
def test_the_bill_is_the_header_in_credits(model, a_character):
    got, _ = call(model)
    assert got.usage.quantities == {"credit": Decimal(a_character) * len(LINE)}
    assert got.usage.evidence.startswith("header character-cost of request ")


def test_the_body_holds_what_was_asked_and_nothing_else():
    params = {"stability": 0.3, "speed": 1.1, "seed": 7, "output_format": "mp3_22050_32"}
    _, sent = call("eleven_flash_v2_5", language="es", params=params)
    assert sent["body"] == {
        "text": LINE,
        "model_id": "eleven_flash_v2_5",
        "language_code": "es",
        "voice_settings": {"stability": 0.3, "speed": 1.1},
        "seed": 7,
    }
    assert sent["path"].endswith("/stream?output_format=mp3_22050_32")


def test_a_model_that_takes_no_language_is_told_none():
    _, sent = call("eleven_multilingual_v2", language="es")
    assert sent["body"] == {"text": LINE, "model_id": "eleven_multilingual_v2"}


@pytest.mark.parametrize(
    ("model", "text"),
    [("eleven_v3", f"[whispered] {LINE}"), ("eleven_v4", f"[whispered] {LINE}"), ("eleven_flash_v2_5", LINE)],
)
def test_the_direction_is_a_tag_where_the_model_reads_tags_and_is_paid_for(model, text):
    _, sent = call(model, inputs={"direction": "whispered"})
    assert sent["body"]["text"] == text
    provider = CASE.provider(model)
    quote = asyncio.run(provider.quote(request_for(provider, None, inputs={"direction": "whispered"})))
    assert quote.ceiling.quantities == {"character": Decimal(len(text))}


def test_pcm_is_kept_as_wav_that_every_reader_takes():
    got, _ = call("eleven_flash_v2_5", params={"output_format": "pcm_24000"})
    assert got.speech.media_type == "audio/wav"
    info = soundfile.info(io.BytesIO(got.speech.content))
    assert (info.samplerate, info.channels, info.subtype) == (24000, 1, "PCM_16")
    assert info.frames == (len(got.speech.content) - 44) // 2
    assert decoded_seconds(got.speech.content) == pytest.approx(info.frames / 24000)


def test_settings_out_of_range_are_invalid():
    got, _ = call("eleven_flash_v2_5", params={"stability": 3.0})
    verdict = CASE.provider().classify(got.error)
    assert verdict.outcome is Outcome.INVALID
    assert "Input should lie in 0 to 1" in verdict.reason


@pytest.mark.parametrize(
    ("status", "code", "outcome", "again"),
    [
        (401, "quota_exceeded", Outcome.FAILED, False),
        (404, "voice_not_found", Outcome.INVALID, False),
        (400, "model_deprecated", Outcome.RETIRED, False),
        (400, "content_against_policy", Outcome.REFUSED, False),
        (503, "system_busy", Outcome.FAILED, True),
        (418, "unheard_of", Outcome.FAILED, False),
    ],
)
@pytest.mark.parametrize("field", ["status", "code"])
def test_the_vendors_code_goes_before_the_status(status, code, field, outcome, again):
    body = f'{{"detail": {{"{field}": "{code}", "message": "so it is"}}}}'
    verdict = CASE.provider().classify(HttpError(status, {}, body))
    assert (verdict.outcome, verdict.again) == (outcome, again)
    assert "so it is" in verdict.reason
    assert ("out of credit" in verdict.reason) == (code == "quota_exceeded")


# --- cloning ------------------------------------------------------------------------------------------


def cloning(artifact):
    return {"inputs": {"voice_sample": artifact}, "consent": CONSENT}


def test_a_voice_is_cloned_used_and_deleted(tmp_path):
    artifact, media = recording(tmp_path)

    async def work(provider, server):
        request = request_for(provider, server.url, **cloning(artifact))
        prepared = await provider.prepare(request, media)
        (resource,) = prepared.resources
        voice = prepared.payload["voice"]
        assert resource == f"voice:{voice}@{server.url}"
        assert server.uploads == [{"name": server.voices[voice], "bytes": artifact.bytes, "type": "audio/wav"}]
        got = await ask(provider, request, media)
        assert got.error is None
        assert f"/{voice}/stream" in server.requests[-1]["path"]
        await provider.release(resource)
        assert voice in server.voices, "one request still holds it"
        await provider.release(resource)
        assert voice not in server.voices
        await provider.release(resource)

    with_server(CASE, work)


def test_many_lines_of_one_speaker_share_one_voice(tmp_path):
    artifact, media = recording(tmp_path)

    async def work(provider, server):
        requests = [request_for(provider, server.url, f"Line {n}.", **cloning(artifact)) for n in range(8)]
        prepared = await asyncio.gather(*(provider.prepare(request, media) for request in requests))
        assert len({one.payload["voice"] for one in prepared}) == 1
        assert server.counts.other["voices_added"] == 1
        for one in prepared:
            await provider.release(one.resources[0])
        assert set(server.voices) == {"JBFqnCBsd6RMkjVDRZzb", "21m00Tcm4TlvDq8ikWAM"}
        assert server.counts.other["voices_deleted"] == 1

    with_server(CASE, work)


def test_a_voice_left_by_a_killed_run_is_found_again_and_deleted(tmp_path):
    artifact, media = recording(tmp_path)

    async def work(provider, server):
        server.voices["left0ver"] = f"filmbench {artifact.sha256[:20]}"
        prepared = await provider.prepare(request_for(provider, server.url, **cloning(artifact)), media)
        assert prepared.payload["voice"] == "left0ver"
        assert server.counts.other["voices_added"] == 0
        await provider.release(prepared.resources[0])
        assert "left0ver" not in server.voices

    with_server(CASE, work)


def test_another_process_can_release_by_the_resources_name(tmp_path):
    async def work(provider, server):
        server.voices["left0ver"] = "filmbench something"
        await provider.release(f"voice:left0ver@{server.url}")
        assert "left0ver" not in server.voices

    with_server(CASE, work)


def test_a_failed_upload_is_an_error_to_classify_and_leaves_nothing(tmp_path, monkeypatch):
    artifact, media = recording(tmp_path)
    monkeypatch.setenv(CASE.key, "wrong")

    async def work(provider, server):
        with pytest.raises(HttpError) as caught:
            await provider.prepare(request_for(provider, server.url, **cloning(artifact)), media)
        assert provider.classify(caught.value).outcome is Outcome.FAILED
        assert CASE.key in provider.classify(caught.value).reason
        assert len(server.voices) == 2

    with_server(CASE, work)


def test_a_voice_that_wants_verification_is_deleted_and_refused(tmp_path):
    artifact, media = recording(tmp_path)

    async def work(provider, server):
        server.wants_verification = True
        with pytest.raises(Refusal, match="verify"):
            await provider.prepare(request_for(provider, server.url, **cloning(artifact)), media)
        assert len(server.voices) == 2

    with_server(CASE, work)
