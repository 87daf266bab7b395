"""Small copies of sound for players: one file a browser opens, all at one loudness so that comparing is fair.

A proxy is mono Opus in Ogg at 64 kb/s, which speech survives unharmed, brought to −23 LUFS (EBU R 128). It is for
ears only: every measurement reads the original.
"""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

MEDIA_TYPE = "audio/ogg"
RATE = 48_000
BIT_RATE = 64_000
"""Less and noisy speech comes out up to 0.5 LU softer than it went in."""
LOUDNESS = -23.0
PEAK = 10 ** (-1 / 20)
"""No proxy rises above −1 dBFS: what would is played softer."""
REVISION = 1
"""Part of a kept proxy's name: raise it when the same sound would now become other bytes."""


def kept(folder: Path, sha256: str, source: Path, comment: str = "") -> bytes:
    """The proxy of the artifact ``sha256`` from ``folder``, made from ``source`` at the first call.

    Raises :class:`~filmbench.harness.media.decode.BadMedia` for a source that holds no sound.
    """
    place = name(folder, sha256)
    if place.exists():
        return place.read_bytes()
    made = encode(source, comment)
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as unfinished:  # others may make it too
        unfinished.write(made)
    Path(unfinished.name).replace(place)
    return made


def name(folder: Path, sha256: str) -> Path:
    """Where the proxy of an artifact is kept."""
    return folder / f"{sha256}-{REVISION}.ogg"


def encode(source: Path, comment: str = "") -> bytes:
    """The sound of ``source`` as a proxy; the same file gives the same bytes. ``comment`` goes into its metadata.

    Raises :class:`~filmbench.harness.media.decode.BadMedia` for a source that holds no sound.
    """
    import av

    samples = _levelled(_mono(source))
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BIT_RATE
        stream.codec_context.options = {"application": "audio", "vbr": "constrained"}
        if comment:
            stream.metadata["comment"] = comment
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _mono(source: Path) -> Any:
    import soxr
    from filmbench.harness.media.decode import decode

    decoded = decode(source)
    mixed = decoded.samples.mean(axis=1, dtype="float32")
    return mixed if decoded.rate == RATE else soxr.resample(mixed, decoded.rate, RATE, quality="HQ")


def _levelled(samples: Any) -> Any:
    """Samples at the common loudness; what is too short or too soft to have one stays as it is."""
    import numpy as np
    import pyloudnorm

    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    if len(samples) < meter.block_size * RATE:
        return samples
    loudness = meter.integrated_loudness(samples.astype(np.float64))
    if not np.isfinite(loudness):
        return samples
    gain = 10 ** ((LOUDNESS - loudness) / 20)
    return (samples * min(gain, PEAK / np.abs(samples).max())).astype(np.float32)
