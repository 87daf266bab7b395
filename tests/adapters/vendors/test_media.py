"""Whatever a vendor sends in any of its formats, what is kept is media that the probe takes, labelled rightly."""

import pytest
from filmbench.harness.media.probe import probe
from loopback.rig import CASES, ask, decoded_seconds, request_for, with_server

FORMATS = {
    "elevenlabs": "output_format",
    "typecast": "audio_format",
    "openai": "response_format",
    "cartesia": "sample_rate",
    "deepdub": "format",
}
CONTAINERS = {"audio/mpeg": "mp3", "audio/wav": "pcm_s16le", "audio/flac": "flac", "audio/ogg": "opus"}


def every_format():
    for case in CASES:
        param = FORMATS[case.name]
        for choice in case.provider().spec.params[param].choices:
            yield pytest.param(case, {param: choice}, id=f"{case.name}-{choice}")


@pytest.mark.parametrize(("case", "params"), every_format())
def test_every_format_is_kept_as_media_that_can_be_probed(case, params, tmp_path):
    async def work(provider, server):
        return await ask(provider, request_for(provider, server.url, params=params))

    got = with_server(case, work)
    assert got.error is None
    path = tmp_path / "speech"
    path.write_bytes(got.speech.content)
    found = probe(path)
    assert found.codec.startswith(CONTAINERS[got.speech.media_type])
    assert found.channels == 1
    assert 2.0 < found.seconds < 6.0
    assert found.seconds == pytest.approx(decoded_seconds(got.speech.content), abs=0.05)
    assert found.active_from is not None
    asked = str(next(iter(params.values())))
    rate = next((part for part in asked.split("_") if part.isdigit() and int(part) >= 8000), None)
    assert rate is None or found.rate == int(rate)
