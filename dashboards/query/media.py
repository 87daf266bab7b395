"""What there is to hear and see of a store: small copies for players, originals, how sound looks, how bodies move.

Artifacts are asked for by their hash, never by a path. What a sample was made from (a film to cut a figure out of, a
text to speak) lies with its dataset, or, for the bundled demo, beside it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import streamlit as st
from filmbench.dashboards import query
from filmbench.harness.media import proxy
from filmbench.harness.media.proxy import Proxy
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError

SOURCES = "sources.json"
PEAKS = 300
"""How many bars a waveform has."""
LOUDEST_DB, SOFTEST_DB = 0.0, -80.0
HIGHEST_HZ = 12_000
MOTION_FRAMES = 900


@dataclass(frozen=True, slots=True)
class Source:
    """What a sample was made from: its role, and either words or a medium by its hash."""

    role: str
    text: str | None = None
    sha256: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """How a sound looks. ``peaks`` are the loudest instants in 0..1; ``spectrogram`` is a PNG, low tones below."""

    seconds: float
    peaks: tuple[float, ...]
    spectrogram: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A motion to be drawn: millimetres (x right, y up, z to the viewer), frame by frame, joint by joint."""

    fps: float
    parents: tuple[int, ...]
    frames: tuple[tuple[tuple[int, int, int], ...], ...]


def player(sha256: str, media_type: str) -> Proxy:
    """An artifact as a small copy for a player, sound at one loudness. Raises :class:`UsageError` when it is gone."""
    return _player(query.folder(), sha256, media_type)


def original(sha256: str) -> bytes:
    """An artifact as it came. Raises :class:`UsageError` when it is gone."""
    if not _is_hash(sha256):
        raise UsageError("this is no artifact's hash")
    with Store.reading(query.folder()) as opened:
        return opened.artifacts.find(sha256).read_bytes()


def has_original(sha256: str) -> bool:
    """Whether the original lies in the store; the bundled demo carries players' copies only."""
    return _is_hash(sha256) and (not query.is_demo())


def sources(dataset: str, sample: str) -> tuple[Source, ...]:
    """What a sample was made from; nothing where its dataset is not on this machine."""
    if query.is_demo():
        return _bundled(query.folder() / SOURCES).get(f"{dataset} {sample}", ())
    found = query.dataset(dataset)
    if isinstance(found, str):
        return ()
    inputs = next((one.inputs for one in found.samples if one.id == sample), {})
    return tuple(
        Source(role, text=one) if isinstance(one, str) else Source(role, sha256=one.sha256, media_type=one.media_type)
        for role, value in inputs.items()
        for one in (value if isinstance(value, tuple) else (value,))
    )


def source_player(dataset: str, source: Source) -> Proxy:
    """A source as a small copy. Raises :class:`UsageError` when it is gone or cannot be played."""
    assert source.sha256 and source.media_type
    store = query.folder()
    if query.is_demo():
        return _player(store, source.sha256, source.media_type)
    return _source_player(store, dataset, source.sha256, source.media_type)


@st.cache_data(show_spinner=False, max_entries=300)
def sound(data: bytes) -> Sound | None:
    """How a proxy's sound looks; ``None`` where it has none."""
    import numpy as np
    from filmbench.harness.media.decode import decode

    with NamedTemporaryFile(suffix=".media") as file:
        file.write(data)
        file.flush()
        try:
            decoded = decode(Path(file.name))
        except UsageError:
            return None
    samples = decoded.samples.mean(axis=1, dtype="float32")
    if not len(samples):
        return None
    parts = np.array_split(np.abs(samples), min(PEAKS, len(samples)))
    peaks = tuple(round(float(part.max()), 3) for part in parts)
    return Sound(len(samples) / decoded.rate, peaks, _spectrogram(samples, decoded.rate))


@st.cache_data(show_spinner=False, max_entries=50)
def body(sha256: str) -> Body:
    """A motion in the store. Raises :class:`UsageError` when it is gone or broken."""
    from filmbench.harness.media import joints

    with Store.reading(query.folder()) as opened:
        motion = joints.read(opened.artifacts.find(sha256))
    upright = motion.space in ("world", "own")
    points = motion.positions[:MOTION_FRAMES] * ([1000, 1000, 1000] if upright else [1000, -1000, -1000])
    frames = tuple(tuple(tuple(joint) for joint in frame) for frame in points.round().astype(int).tolist())
    return Body(motion.fps, motion.parents, frames)


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


@st.cache_data(show_spinner=False, max_entries=500)
def _player(store: Path, sha256: str, media_type: str) -> Proxy:
    kept = proxy.name(store / "proxies", sha256, media_type)
    kind = proxy.player(media_type)
    if kind and kept.exists():
        return Proxy(kind, kept.read_bytes())
    with Store.reading(store) as opened:
        return proxy.encode(opened.artifacts.find(sha256), media_type)


@st.cache_data(show_spinner=False, max_entries=100)
def _source_player(store: Path, dataset: str, sha256: str, media_type: str) -> Proxy:
    found = query.dataset(dataset)
    if isinstance(found, str) or sha256 not in found.media:
        raise UsageError("what the sample was made from is not on this machine")
    return proxy.encode(found.media[sha256], media_type)


@st.cache_resource(show_spinner=False)
def _bundled(file: Path) -> Mapping[str, tuple[Source, ...]]:
    entries: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return {sample: tuple(Source(**one) for one in found) for sample, found in entries.items()}


def _spectrogram(samples: Any, rate: int) -> bytes:
    """Decibels below the loudest tone as grey, 20 ms windows, up to :data:`HIGHEST_HZ`."""
    import numpy as np
    from PIL import Image
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    size = int(0.025 * rate)
    step = max(size // 4, len(samples) // 900)
    transform = ShortTimeFFT(hann(size, sym=False), step, rate, scale_to="magnitude")
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    levels = transform.spectrogram(samples)[transform.f <= HIGHEST_HZ]
    decibels = 10 * np.log10(levels / max(levels.max(), 1e-12) + 1e-12)
    grey = np.clip((decibels - SOFTEST_DB) / (LOUDEST_DB - SOFTEST_DB), 0, 1)
    picture = Image.fromarray((255 * grey[::-1]).astype(np.uint8)).resize((640, 120), Image.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
