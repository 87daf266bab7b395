"""Every kind of bad audio a vendor or a user has sent, made for real, and what the probe says of it."""

import struct

import numpy as np
import pytest
import soundfile as sf
from filmbench.harness.media.decode import Limits, decode
from filmbench.harness.media.probe import BadMedia, probe
from filmbench.harness.types import UsageError

RATE = 16_000
NORMAL = Limits()


def tone(seconds=1.0, rate=RATE, level_dbfs=-20.0):
    time_axis = np.arange(int(seconds * rate)) / rate
    return (10 ** (level_dbfs / 20) * np.sqrt(2) * np.sin(2 * np.pi * 440 * time_axis)).astype(np.float32)


def reason(path, limits=NORMAL):
    with pytest.raises(BadMedia) as caught:
        probe(path, limits)
    assert isinstance(caught.value, UsageError), "bad input ends a command with exit code 2"
    assert "\n" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("suffix", "subtype", "media_type"),
    [
        ("wav", "PCM_16", "audio/wav"),
        ("wav", "PCM_24", "audio/wav"),
        ("wav", "FLOAT", "audio/wav"),
        ("wav", "ULAW", "audio/wav"),
        ("flac", "PCM_16", "audio/flac"),
        ("aiff", "PCM_16", "audio/aiff"),
        ("mp3", "MPEG_LAYER_III", "audio/mpeg"),
        ("ogg", "VORBIS", "audio/ogg"),
        ("ogg", "OPUS", "audio/ogg"),
    ],
)
def test_formats_vendors_send(tmp_path, suffix, subtype, media_type):
    path = tmp_path / f"take.{suffix}"
    sf.write(path, tone(2.0), RATE, subtype=subtype)
    found = probe(path)
    assert found.media_type == media_type
    assert found.channels == 1
    assert found.samples == round(found.seconds * found.rate)
    assert found.seconds == pytest.approx(2.0, abs=0.03)  # lossy codecs pad
    assert found.peak == pytest.approx(0.1414, rel=0.5)  # Opus overshoots where the tone begins
    assert found.active_from == pytest.approx(0.0, abs=0.03)


def test_m4a(tmp_path):
    import av

    path = tmp_path / "take.m4a"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(2.0)[None, :], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    found = probe(path)
    assert (found.media_type, found.codec) == ("audio/mp4", "aac")
    assert found.seconds == pytest.approx(2.0, abs=0.15)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_pcm_is_decoded_exactly(tmp_path, subtype):
    samples = np.random.default_rng(1).integers(-128, 127, (5000, 2)) / 128
    sf.write(tmp_path / "take.wav", samples, 44_100, subtype=subtype)
    decoded = decode(tmp_path / "take.wav")
    assert decoded.samples.dtype == np.float32
    assert np.array_equal(decoded.samples, samples)


def test_96_khz_with_8_channels_is_fine(tmp_path):
    sf.write(tmp_path / "take.wav", np.tile(tone(0.5, 96_000)[:, None], (1, 8)), 96_000, subtype="PCM_24")
    found = probe(tmp_path / "take.wav")
    assert (found.rate, found.channels, found.samples) == (96_000, 8, 48_000)


def test_active_from_skips_what_nobody_hears(tmp_path):
    quiet = tone(0.25, level_dbfs=-55)
    sf.write(tmp_path / "take.wav", np.concatenate([quiet, tone(0.5)]), RATE, subtype="FLOAT")
    assert probe(tmp_path / "take.wav").active_from == pytest.approx(0.25, abs=1e-9)
    sf.write(tmp_path / "quiet.wav", quiet, RATE, subtype="FLOAT")
    assert probe(tmp_path / "quiet.wav").active_from is None


def test_empty_file(tmp_path):
    (tmp_path / "take.wav").touch()
    assert reason(tmp_path / "take.wav") == "empty file"


def test_header_without_sound(tmp_path):
    sf.write(tmp_path / "take.wav", np.zeros(0, np.float32), RATE)
    assert reason(tmp_path / "take.wav") == "holds no sound"


@pytest.mark.parametrize("name", ["take.wav", "take.mp3", "take.ogg"])
def test_text_named_as_audio(tmp_path, name):
    (tmp_path / name).write_text('{"error": "quota exceeded"}\n' * 40)
    assert reason(tmp_path / name) == "not audio but text"


def test_random_bytes(tmp_path):
    (tmp_path / "take.wav").write_bytes(np.random.default_rng(0).bytes(50_000))
    assert reason(tmp_path / "take.wav").startswith("not audio")


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [("wav", "PCM_16"), ("wav", "FLOAT"), ("aiff", "PCM_16"), ("flac", "PCM_16"), ("mp3", "MPEG_LAYER_III")],
)
def test_truncated(tmp_path, suffix, subtype):
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    sf.write(whole, noise, RATE, subtype=subtype)
    content = whole.read_bytes()
    cut.write_bytes(content[: int(len(content) * 0.6)])
    assert "truncated" in reason(cut)
    cut.write_bytes(content[:20])
    assert reason(cut)


def test_wav_with_an_open_length_is_whole(tmp_path):
    """Servers that stream WAV cannot know its length: the header says 0 or all ones."""
    path = tmp_path / "take.wav"
    sf.write(path, tone(), RATE)
    content = bytearray(path.read_bytes())
    data = content.find(b"data") + 4
    for length in (0, 0x7FFFF000, 0xFFFFFFFF):
        content[data : data + 4] = struct.pack("<I", length)
        path.write_bytes(content)
        assert probe(path).samples == RATE


def test_0_hz(tmp_path):
    path = tmp_path / "take.wav"
    sf.write(path, tone(), RATE)
    content = bytearray(path.read_bytes())
    content[24:28] = bytes(4)
    path.write_bytes(content)
    assert reason(path) == "the header says 0 Hz"


@pytest.mark.parametrize("level", [None, -75.0])
def test_silent(tmp_path, level):
    samples = np.zeros(RATE, np.float32) if level is None else tone(level_dbfs=level)
    sf.write(tmp_path / "take.wav", samples, RATE, subtype="FLOAT")
    assert reason(tmp_path / "take.wav") == "silent"


def test_a_constant_offset_is_silent(tmp_path):
    sf.write(tmp_path / "take.wav", np.full(RATE, 0.5, np.float32), RATE)
    assert reason(tmp_path / "take.wav") == "silent"


def test_samples_that_are_not_numbers(tmp_path):
    samples = tone()
    samples[100] = np.nan
    sf.write(tmp_path / "take.wav", samples, RATE, subtype="FLOAT")
    assert reason(tmp_path / "take.wav") == "holds samples that are not numbers"


def test_three_hours_are_refused_before_decoding(tmp_path):
    path = tmp_path / "take.flac"
    with sf.SoundFile(path, "w", 8_000, 1, subtype="PCM_16") as file:
        for _ in range(180):
            file.write(np.zeros(8_000 * 60, np.int16))
    assert "180 minutes" in reason(path)
    path.write_bytes(path.read_bytes()[:4096])  # had it been decoded first, it would be called truncated
    assert "180 minutes" in reason(path)


def test_a_header_that_hides_the_length_is_capped_while_decoding(tmp_path):
    path = tmp_path / "take.wav"
    sf.write(path, tone(20.0), RATE)
    content = bytearray(path.read_bytes())
    data = content.find(b"data") + 4
    content[data : data + 4] = b"\xff" * 4
    path.write_bytes(content)
    assert "at most 0.1 are read" in reason(path, Limits(seconds=6))
    assert "100,000 values" in reason(path, Limits(values=100_000))


def test_too_many_bytes(tmp_path):
    sf.write(tmp_path / "take.wav", tone(40.0), RATE)
    assert "MB allowed" in reason(tmp_path / "take.wav", Limits(bytes=2**20))


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{target}'\n",
    ],
)
def test_a_playlist_reaches_neither_files_nor_the_network(tmp_path, playlist):
    secret = tmp_path / "secret.wav"
    sf.write(secret, tone(), RATE)
    for target in (secret, f"file:{secret}", "http://127.0.0.1:9/secret.wav"):
        (tmp_path / "take.wav").write_text(playlist.format(target=target))
        assert reason(tmp_path / "take.wav") == "not audio but text"


def test_a_film_without_sound(tmp_path):
    import av

    path = tmp_path / "take.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    assert reason(path) == "holds no sound"
