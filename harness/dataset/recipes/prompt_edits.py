"""The recipe of ``prompt-edits``: shots with an instruction, and the same shot graded by hand to what it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import plates
from filmbench.harness.dataset.recipes.content import Content, Progress
from filmbench.harness.dataset.recipes.grades import Grade
from filmbench.harness.media.write import write_lossless
from filmbench.harness.types import Sample

FRAMES = 12
GREY = ((77, 150, 29),) * 3
EDITS = {
    "night": (
        "Make it night.",
        Grade(
            ((70, 48, 8), (32, 100, 16), (30, 72, 66)),
            (0, 2, 12),
            (((0, 0), (180, 90), (255, 190)), ((0, 2), (180, 104), (255, 205)), ((0, 8), (180, 136), (255, 230))),
        ),
    ),
    "warmer": ("Make the light warmer.", Grade(((284, 0, 0), (0, 258, 0), (0, 0, 212)), (4, 0, 0))),
    "monochrome": ("Turn it into black and white.", Grade(GREY)),
    "vintage": (
        "Give it a vintage look.",
        Grade(
            ((180, 66, 14), (40, 186, 20), (36, 70, 128)),
            (12, 6, 0),
            (((0, 26), (255, 240)), ((0, 20), (255, 228)), ((0, 24), (255, 196))),
        ),
    ),
    "fog": ("Add fog.", Grade(((126, 14, 4), (12, 130, 6), (12, 16, 122)), (98, 100, 104))),
}
SHOTS: dict[str, tuple[Callable[[], plates.Figure], str]] = {
    "star-coffee": (lambda: plates.Star("chelsea"), "coffee"),
    "astronaut-brick": (plates.Astronaut, "brick"),
}
CAPTIONS = {
    "star-coffee": "a star with a cat's face in front of a cup of coffee",
    "astronaut-brick": "an astronaut in front of a brick wall",
}
EDITED = {
    "night": "{} at night",
    "warmer": "{} in warm light",
    "monochrome": "a black and white film of {}",
    "vintage": "a faded vintage film of {}",
    "fog": "{} in thick fog",
}


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """Each shot with each instruction."""
    films: dict[str, tuple[list[Any], Any]] = {}
    for shot, (figure, plate) in SHOTS.items():
        front, back = figure(), plates.Plate(plate)
        frames = [plates.over(*front.at(frame), back.at(frame)) for frame in range(FRAMES)]
        films[shot] = frames, content.artifact(*write_lossless(content.file(f"media/{shot}.mkv"), frames, plates.FPS))
    asked = [(edit, shot) for edit in EDITS for shot in SHOTS]
    for done, (edit, shot) in enumerate(asked):
        name = f"{shot}-{edit}"
        progress(name, done, len(asked))
        instruction, grade = EDITS[edit]
        frames, film = films[shot]
        graded = [grade.of(frame) for frame in frames]
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={"video": film, "instruction": instruction},
            references={
                "video": content.artifact(*write_lossless(content.file(f"media/{name}.mkv"), graded, plates.FPS)),
                "source_caption": CAPTIONS[shot],
                "caption": EDITED[edit].format(CAPTIONS[shot]),
            },
            cluster=shot,
            tags=frozenset({edit, shot}),
        )
