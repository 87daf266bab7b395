"""What sounds besides speech and music: each place's air, and what the deeds of the shots sound like. All computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from filmbench.harness.film.shot import Beat
from filmbench.harness.film.timeline import Timeline

RATE = 48_000
STEP = 0.5
"""Seconds from one footstep to the next."""
CROSSFADE = 0.4
AIRS: Mapping[str, tuple[str, ...]] = {
    "sea": (
        "sea",
        "shore",
        "pier",
        "harbour",
        "harbor",
        "beach",
        "coast",
        "lighthouse",
        "quay",
        "boat",
        "jetty",
        "cliff",
    ),
    "leaves": ("forest", "wood", "woods", "garden", "park", "field", "hill", "meadow", "orchard"),
    "street": ("street", "road", "city", "town", "square", "alley", "station", "market"),
}


def ambience(timeline: Timeline, seed: int) -> Any:
    """The air of every shot's place, faded one into the next: float32 (n, 2) at 48 kHz."""
    import numpy as np

    total = round(timeline.seconds * RATE)
    sound = np.zeros((total, 2), np.float32)
    stretches: list[tuple[str, float, float]] = []
    for placed in timeline.shots:
        if stretches and stretches[-1][0] == placed.shot.setting:
            stretches[-1] = (placed.shot.setting, stretches[-1][1], placed.end)
        else:
            stretches.append((placed.shot.setting, placed.start, placed.end))
    for setting, start, end in stretches:
        first, last = max(0, round((start - CROSSFADE / 2) * RATE)), min(total, round((end + CROSSFADE / 2) * RATE))
        air = _air(setting, first, last, _random(seed, setting))
        ramp = np.ones(last - first, np.float32)
        fade = min(round(CROSSFADE * RATE), len(ramp) // 2)
        ramp[:fade], ramp[len(ramp) - fade :] = np.linspace(0, 1, fade), np.linspace(1, 0, fade)
        sound[first:last] += air * ramp[:, None]
    return sound


def _air(setting: str, first: int, last: int, random: Any) -> Any:
    """What a place sounds like: filtered noise that swells; indoors the same air from behind a wall."""
    import numpy as np

    time = np.arange(first, last) / RATE
    noise = random.standard_normal((len(time), 2)).astype(np.float32)
    said = set(setting.split("-"))
    kind = next((name for name, words in AIRS.items() if said & set(words)), "room")
    swell = 0.35 + 0.65 * (0.5 + 0.5 * np.sin(2 * np.pi * time / 6.1)) ** 2
    if kind == "sea":
        air = _band(noise, 120, 1400) * swell[:, None] * 0.10 + _band(noise, 1500, 5000) * (swell**3)[:, None] * 0.03
    elif kind == "leaves":
        air = _band(noise, 400, 3000) * (0.5 + 0.5 * swell)[:, None] * 0.03
    elif kind == "street":
        air = _band(noise, 60, 400) * 0.08
    else:
        air = _band(noise, 80, 300) * 0.03
    if "int" in said:
        air = _low(air, 500) * 0.35 + _band(noise[::-1], 90, 250) * 0.012
    return air.astype(np.float32)


def foley(timeline: Timeline, seed: int) -> Any:
    """The sounds of the deeds, where they are done: float32 (n, 2) at 48 kHz."""
    import numpy as np

    sound = np.zeros((round(timeline.seconds * RATE) + 4 * RATE, 2), np.float32)
    for placed in timeline.shots:
        place = {presence.character: presence.at for presence in placed.shot.cast}
        for number, beat in enumerate(placed.shot.beats):
            make = _SOUNDS.get(beat.deed)
            if make is None or beat.start < 0:
                continue
            random = _random(seed, f"{placed.shot.id}.{number}")
            side = 0.6 * (place.get(beat.who, 0.5) - 0.5)
            for after, mono in make(beat, random):
                at = round((placed.start + beat.start + after) * RATE)
                part = sound[at : at + len(mono)]
                part += mono[: len(part), None] * np.array([1 - side, 1 + side], np.float32)
    return sound[: round(timeline.seconds * RATE)]


Sounds = list[tuple[float, Any]]


def _steps(beat: Beat, random: Any) -> Sounds:
    count = max(1, int((beat.end - beat.start) / STEP))
    return [(0.1 + index * STEP, _thud(random, 0.12, 90, 650, 0.11)) for index in range(count)]


def _cloth(beat: Beat, random: Any) -> Sounds:
    return [(0.05, _hush(random, 0.35, 900, 4000, 0.012))]


def _touch(beat: Beat, random: Any) -> Sounds:
    return [(0.6 * (beat.end - beat.start), _thud(random, 0.09, 250, 1800, 0.07))]


def _flame(beat: Beat, random: Any) -> Sounds:
    import numpy as np

    time = np.arange(3 * RATE) / RATE
    glow = np.zeros(len(time))
    for pitch, level, rate in ((440, 0.02, 1.0), (659.3, 0.014, 1.1), (880, 0.012, 1.4)):
        glow += level * np.sin(2 * np.pi * pitch * time) * np.exp(-rate * time) * np.minimum(1, time / 0.02)
    middle = 0.5 * (beat.end - beat.start)
    return [(max(0.0, middle - 0.4), _hush(random, 0.6, 300, 4500, 0.05)), (middle, glow.astype(np.float32))]


def _hinge(beat: Beat, random: Any) -> Sounds:
    import numpy as np

    time = np.arange(round(0.7 * RATE)) / RATE
    pitch = 190 + 60 * np.sin(2 * np.pi * 1.3 * time) + 12 * np.sin(2 * np.pi * 11 * time)
    creak = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / RATE)) * np.hanning(len(time)) * 0.012
    return [(0.1, _low(creak[:, None], 1500)[:, 0].astype(np.float32)), (0.8, _thud(random, 0.12, 80, 500, 0.08))]


_SOUNDS: Mapping[str, Callable[[Beat, Any], Sounds]] = {
    "walk": _steps, "turn": _cloth, "sit": _cloth, "reach": _cloth, "point": _cloth,
    "take": _touch, "put": _touch, "give": _touch, "light": _flame, "open": _hinge,
}  # fmt: skip


def _thud(random: Any, seconds: float, low: float, high: float, level: float) -> Any:
    import numpy as np

    time = np.arange(round(seconds * RATE)) / RATE
    noise = _band(random.standard_normal((len(time), 1)), low, high)[:, 0]
    return (noise * np.exp(-time * 45) * level * np.minimum(1, time / 0.002)).astype(np.float32)


def _hush(random: Any, seconds: float, low: float, high: float, level: float) -> Any:
    import numpy as np

    noise = _band(random.standard_normal((round(seconds * RATE), 1)), low, high)[:, 0]
    return (noise * np.hanning(len(noise)) * level * 4).astype(np.float32)


def _band(noise: Any, low: float, high: float) -> Any:
    from scipy.signal import butter, sosfilt

    return sosfilt(butter(2, (low, high), "band", fs=RATE, output="sos"), noise, axis=0)


def _low(sound: Any, cut: float) -> Any:
    from scipy.signal import butter, sosfilt

    return sosfilt(butter(2, cut, "low", fs=RATE, output="sos"), sound, axis=0)


def _random(seed: int, name: str) -> Any:
    import numpy as np

    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8], "big"))
