"""Does everybody look, sound and stand in the same light from shot to shot? Proxies, named so; no gate rests on them.

``face_delta_e``: CIEDE2000 between the mean colour of a character's face in its close-ups and their mean.
``voice_semitones``: how far a character's lines lie apart in median pitch. ``palette_distance``: of the colours of
shots in one setting under one light, 1 − the overlap of their histograms. ``light_spread``: that of their luma.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filmbench.harness.film.timeline import Timeline
from filmbench.harness.film.voices import Reading, samples_of
from filmbench.harness.types import Json

BINS = 6
LEAST_VOICED = 10


def settings(timeline: Timeline, middles: Mapping[str, Any]) -> dict[str, Json]:
    """Palette and light of each setting under each light."""
    import numpy as np

    groups: dict[str, list[Any]] = {}
    for placed in timeline.shots:
        shot = placed.shot
        if shot.id in middles and shot.lit is None and not shot.caption and shot.camera.framing != "insert":
            groups.setdefault(f"{shot.setting} ({shot.light})", []).append(middles[shot.id])
    found: dict[str, Json] = {}
    for name, frames in groups.items():
        if len(frames) < 2:
            continue
        tables = [_histogram(frame) for frame in frames]
        mean = np.mean(tables, axis=0)
        luma = [float((frame @ np.array([0.2126, 0.7152, 0.0722])).mean()) for frame in frames]
        found[name] = {
            "shots": len(frames),
            "palette_distance": round(float(np.mean([1 - np.minimum(one, mean).sum() for one in tables])), 3),
            "light_spread": round(float(np.std(luma)), 2),
        }
    return found


def _histogram(frame: Any) -> Any:
    import numpy as np

    table, _ = np.histogramdd(frame.reshape(-1, 3), bins=(BINS,) * 3, range=((0, 256),) * 3)
    return table / table.sum()


def voices(readings: Mapping[str, Reading], paths: Mapping[str, Path]) -> dict[str, Json]:
    """Each character's spread of pitch in one language."""
    import numpy as np

    pitches: dict[str, list[float]] = {}
    for reading in readings.values():
        found = _pitch(paths[reading.sound.sha256])
        if found:
            pitches.setdefault(reading.line.who, []).append(found)
    return {
        who: {"lines": len(many), "voice_semitones": round(float(np.std(12 * np.log2(many))), 2)}
        for who, many in pitches.items()
        if len(many) > 1
    }


def _pitch(path: Path) -> float | None:
    """The median pitch of a line in Hz; ``None`` where next to nothing is voiced."""
    import numpy as np
    import pyworld

    samples, rate = samples_of(path)
    pitch, _ = pyworld.dio(samples.astype(np.float64), rate, f0_floor=70, f0_ceil=500, frame_period=10)
    voiced = pitch[pitch > 0]
    return float(np.median(voiced)) if len(voiced) >= LEAST_VOICED else None


def faces(timeline: Timeline, film: Path, fps: int) -> dict[str, Json]:
    """The colour of each character's face over its close-ups."""
    import numpy as np
    from filmbench.harness.media import video
    from filmbench.harness.media.faces import FaceFinder
    from skimage.color import deltaE_ciede2000, rgb2lab

    wanted = {
        sum(placed.frames(fps)) // 2: (placed.shot.camera.subject or "", placed.shot.light)
        for placed in timeline.shots
        if placed.shot.camera.framing == "close" and placed.shot.camera.subject and placed.shot.lit is None
    }
    colours: dict[tuple[str, str], list[Any]] = {}
    finder = FaceFinder(most=1)
    try:
        for frame in video.read(film) if wanted else ():
            if frame.index in wanted and (found := finder.find(frame.rgb)):
                low, high = found[0].min(axis=0).astype(int), found[0].max(axis=0).astype(int)
                low, high = np.maximum(low, 0), np.maximum(high, low + 1)
                patch = frame.rgb[low[1] : high[1], low[0] : high[0]].reshape(-1, 3)
                colours.setdefault(wanted[frame.index], []).append(rgb2lab(patch.mean(axis=0)[None] / 255)[0])
            if frame.index > max(wanted):
                break
    finally:
        finder.close()
    return {
        f"{who} ({light})": _spread(many, deltaE_ciede2000) for (who, light), many in colours.items() if len(many) > 1
    }


def _spread(many: Sequence[Any], difference: Any) -> Json:
    import numpy as np

    mean = np.mean(many, axis=0)
    return {"close_ups": len(many), "face_delta_e": round(float(np.mean([difference(one, mean) for one in many])), 2)}
