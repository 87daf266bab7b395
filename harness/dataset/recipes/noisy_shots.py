"""The recipe of ``noisy-shots``: clean shots under sensor noise and film grain of known strength."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Sample

FRAMES = 12
SHOTS: dict[str, tuple[Callable[[], plates.Figure], str]] = {
    "star-coffee": (lambda: plates.Star("chelsea"), "coffee"),
    "astronaut-brick": (plates.Astronaut, "brick"),
}
LEVELS = (8, 16, 32)
"""Standard deviation of the noise in levels of 0..255; of the grain where it is strongest."""


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Each shot under each kind of noise at each level."""
    import numpy as np

    asked = [(kind, level, shot) for kind in ("sensor", "grain") for level in LEVELS for shot in SHOTS]
    clean = {}
    for name, (figure, plate) in SHOTS.items():
        front, back = figure(), plates.Plate(plate)
        frames = [plates.over(*front.at(frame), back.at(frame)) for frame in range(FRAMES)]
        film = content.artifact(*write_lossless(content.file(f"media/{name}.mkv"), frames, plates.FPS))
        clean[name] = frames, film
    for done, (kind, level, shot) in enumerate(asked):
        name = f"{shot}-{kind}-{level}"
        progress(name, done, len(asked))
        rng = np.random.default_rng(done)
        frames, film = clean[shot]
        noisy = [{"sensor": sensor, "grain": grain}[kind](rng, frame, level) for frame in frames]
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"video": content.artifact(*write_lossless(content.file(f"media/{name}.mkv"), noisy, plates.FPS))},
            references={"video": film},
            cluster=shot,
            tags=frozenset({kind, f"level-{level}", shot}),
        )


def sensor(rng: Any, picture: Any, level: int) -> Any:
    """Independent noise in every colour of every pixel."""
    import numpy as np

    return np.clip(picture.astype(np.int64) + plates.bell(rng, picture.shape, level), 0, 255).astype(np.uint8)


def grain(rng: Any, picture: Any, level: int) -> Any:
    """Grey grains of two pixels, strongest in the mid-tones: fresh in every frame, as on film."""
    import numpy as np

    height, width = picture.shape[:2]
    fine = plates.bell(rng, (height + 1, width + 1), 2 * level)
    coarse = (fine[:-1, :-1] + fine[1:, :-1] + fine[:-1, 1:] + fine[1:, 1:] + 2) // 4
    values = picture.astype(np.int64)
    brightness = (299 * values[..., 0] + 587 * values[..., 1] + 114 * values[..., 2]) // 1000
    weight = 64 + brightness * (255 - brightness) * 192 // 16256
    return np.clip(values + (coarse * weight // 256)[..., None], 0, 255).astype(np.uint8)
