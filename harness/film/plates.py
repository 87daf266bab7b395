"""The film's moving plate: a place painted for its look, a clip of it generated, and the clip graded to the look.

Three stages, each any provider's: ``background`` paints the place in the film's palette, ``video`` makes it move, and
``editing/colour`` brings the clip to the painting's colours, so that a clip from anywhere belongs to this film.
The prompt is made of what the scene's heading and first lines say, in words that painters know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness.film.render import Format
from filmbench.harness.film.screenplay import Action, Scene
from filmbench.harness.film.stages import Granted, Stages, Wish
from filmbench.harness.film.words import words
from filmbench.harness.types import Artifact

FROM_WORDS = frozenset({"local/procedural"})
"""Providers of video that start from words alone and take no picture."""
COLOUR = "local/colour-match"
SECONDS = 4.0
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Plate:
    """A moving plate and the takes it is made of; ``film`` is ``None`` where there is none, for ``reason``."""

    film: Artifact | None
    takes: tuple[Granted, ...]
    reason: str | None = None


def prompt(scenes: Sequence[Scene]) -> str | None:
    """What lies behind the first place out of doors, in the painters' words: hills, where they know none of its own.

    ``None`` where there is no such scene.
    """
    from filmbench.adapters.local.painting import words as known

    for scene in scenes:
        if scene.place == "INT":
            continue
        actions = [element.text for element in scene.elements if isinstance(element, Action)][:2]
        said = words(" ".join((scene.heading, *actions)))
        named = (word for word in said for names in known.PLACES.values() if word in names.split())
        place = next(named, "hills")
        light = next((name for word in said for name, names in known.LIGHTS.items() if word in names.split()), "night")
        things = dict.fromkeys(name for word in said for name, names in known.THINGS.items() if word in names.split())
        sky = ("moon", "stars") if light == "night" else ()
        listed = ", ".join(dict.fromkeys([*sky, *things]))
        return f"a {place} at {light}" + (f", {listed}" if listed else "")
    return None


def make(stages: Stages, scenes: Sequence[Scene], background: str, video: str, format: Format) -> Plate:
    """The plate of the film's title and credits, or why it has none: the film is made without one too."""
    said = prompt(scenes)
    if said is None:
        return Plate(None, (), "no scene is out of doors")
    size = f"{format.width}x{format.height}"
    painted = stages.ask(
        "background", [Wish("plate/look", "background", background, {"prompt": said, "size": size}, {}, "en")]
    )
    look = painted["plate/look"]
    if not look.ok:
        return Plate(None, (look,), f"{background}: {look.reason}")
    inputs: dict[str, str | Artifact] = {
        "prompt": f"{said}, slow push in", "seconds": f"{SECONDS:g}", "size": size, "fps": str(format.fps)
    }  # fmt: skip
    if video not in FROM_WORDS:
        inputs["image"] = look.one("image")
    moving = stages.ask("video", [Wish("plate/moving", "video", video, inputs, {}, "en")])["plate/moving"]
    if not moving.ok:
        return Plate(None, (look, moving), f"{video}: {moving.reason}")
    still = _still(stages, look.one("image"), format)
    inputs = {"video": moving.one("video"), "look": still}
    graded = stages.ask("colour", [Wish("plate/graded", "editing/colour", COLOUR, inputs, {"method": "transport"})])[
        "plate/graded"
    ]
    film = graded.one("video") if graded.ok else moving.one("video")
    return Plate(film, (look, moving, graded), None if graded.ok else f"not graded: {graded.reason}")


def _still(stages: Stages, image: Artifact, format: Format) -> Artifact:
    """A painting as a film that stands still, since a look is given as one."""
    import numpy as np
    from filmbench.harness.media.still import ImageClip
    from filmbench.harness.media.video import resized
    from filmbench.harness.media.write import write_video

    pixels: Any = ImageClip(image, stages.path(image)).rgba[..., :3]
    frame = np.ascontiguousarray(resized(pixels, (format.width, format.height)))
    with TemporaryDirectory(prefix="filmbench-") as folder:
        count = max(1, round(LOOK_SECONDS * format.fps))
        path, media_type = write_video(Path(folder) / "look.mp4", (frame for _ in range(count)), format.fps)
        return stages.store.artifacts.add(path, media_type)
