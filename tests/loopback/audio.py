"""Real speech for the loopback vendors: spoken by espeak-ng, encoded as the caller asks, by PyAV."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from functools import lru_cache

import numpy as np
import soundfile

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "open_wav": "audio/wav",
    "pcm": "audio/pcm",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}
LAYOUTS = {
    "mp3": ("mp3", "libmp3lame"),
    "wav": ("wav", "pcm_s16le"),
    "pcm": ("s16le", "pcm_s16le"),
    "flac": ("flac", "flac"),
    "opus": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
}


def available() -> bool:
    """Whether this machine can speak."""
    return shutil.which("espeak-ng") is not None


@lru_cache(maxsize=512)
def speak(text: str, codec: str, rate: int, bit_rate: int = 128_000, language: str = "en") -> bytes:
    """``text`` as audio: ``codec`` is a key of ``MEDIA_TYPES``; ``pcm``, ``wav`` and
    ``open_wav`` (a header whose sizes are open, as streams have) are 16-bit little-endian mono."""
    command = ["espeak-ng", "-v", language, "--stdin", "--stdout"]
    wav = subprocess.run(command, input=text[:5000].encode(), capture_output=True, check=True).stdout
    if codec == "open_wav":
        return _open_header(rate) + _encode(wav, *LAYOUTS["pcm"], rate, None)
    return _encode(wav, *LAYOUTS[codec], rate, bit_rate if codec in ("mp3", "opus", "aac") else None)


def encoded(sound: bytes, codec: str, rate: int) -> bytes:
    """``sound``, in any container, as one channel in ``codec``, a key of ``LAYOUTS``."""
    return _encode(sound, *LAYOUTS[codec], rate, 128_000)


def _encode(wav: bytes, container: str, encoder: str, rate: int, bit_rate: int | None) -> bytes:
    import av

    out = io.BytesIO()
    with av.open(io.BytesIO(wav)) as source, av.open(out, "w", format=container) as target:
        stream = target.add_stream(encoder, rate=rate, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        for frame in source.decode(audio=0):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


def _open_header(rate: int) -> bytes:
    layout = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + layout + b"data\xff\xff\xff\xff"


@lru_cache(maxsize=64)
def tone(number: int = 0, seconds: float = 1.0) -> bytes:
    """A hum as WAV at 16 kHz, another for each ``number``: a recording whose cut is known by its samples."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * (220 + number) * time), 16_000, format="WAV", subtype="PCM_16")
    return file.getvalue()
