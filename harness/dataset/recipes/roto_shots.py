"""The recipe of ``roto-shots``: figures with a known opacity over moving plates and before a green screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.types import Artifact, Sample

FIGURES: dict[str, Callable[[], plates.Figure]] = {
    "astronaut": plates.Astronaut,
    "star": lambda: plates.Star("chelsea"),
    "blurred-star": lambda: plates.Star("brick", soft=12),
}
SHOTS = {
    "astronaut-coffee": ("astronaut", "coffee"),
    "astronaut-screen": ("astronaut", "screen"),
    "star-coffee": ("star", "coffee"),
    "astronaut-brick": ("astronaut", "brick"),
    "blurred-star-screen": ("blurred-star", "screen"),
    "blurred-star-chelsea": ("blurred-star", "chelsea"),
}
KEY_COLOUR = "#{:02x}{:02x}{:02x}".format(*plates.GREEN)


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """One shot for each line of :data:`SHOTS`."""
    for done, (name, (figure, plate)) in enumerate(SHOTS.items()):
        progress(name, done, len(SHOTS))
        pictures, mattes = zip(*_frames(figure, plate, seed=done), strict=True)
        inputs: dict[str, str | Artifact | tuple[Artifact, ...]] = {
            "video": _film(content, f"media/{name}.mp4", pictures),
            "first_mask": _still(content, f"media/{name}-first.png", mattes[0]),
        }
        if plate == "screen":
            inputs["key_colour"] = KEY_COLOUR
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs=inputs,
            references={"matte": _matte(content, f"media/{name}-matte.mkv", mattes)},
            cluster=plate,
            tags=frozenset({figure, plate} | ({"person"} if figure == "astronaut" else set())),
        )


def _frames(figure: str, plate: str, seed: int) -> Iterator[tuple[Any, Any]]:
    import numpy as np

    rng = np.random.default_rng(seed)
    front = FIGURES[figure]()
    back = None if plate == "screen" else plates.Plate(plate)
    for frame in range(plates.FRAMES):
        picture, alpha = front.at(frame)
        behind = back.at(frame) if back else plates.screen(rng, frame)
        yield plates.over(picture, alpha, behind), alpha


def _film(content: Content, place: str, pictures: Any) -> Artifact:
    from filmbench.harness.media.write import write_video

    return content.artifact(*write_video(content.file(place), pictures, plates.FPS, crf=14))


def _matte(content: Content, place: str, mattes: Any) -> Artifact:
    from filmbench.harness.media.write import write_lossless

    return content.artifact(*write_lossless(content.file(place), mattes, plates.FPS))


def _still(content: Content, place: str, matte: Any) -> Artifact:
    from PIL import Image

    path = content.file(place)
    Image.fromarray(((matte >= 128) * 255).astype("uint8")).save(path)
    return content.artifact(path, "image/png")
