"""The recipe of ``cg-shots``: a drawn person acts, and all that a CG character's shot is made of is known.

The same motions, cameras and sets as in ``mocap-motions``. Beside each film stand the set without the person, the
person's opacity, the joints, and the same film with the character in the person's place: the same body in the clothes
of the character's picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from filmbench.harness.dataset.manifest import Manifest
from filmbench.harness.dataset.recipes import actor, humanoid
from filmbench.harness.dataset.recipes.content import Content, Progress, packaged
from filmbench.harness.dataset.recipes.mocap_motions import (
    CAMERAS,
    CLOTHES,
    FPS,
    SKELETON,
    framed,
    true_joints,
    written_json,
)
from filmbench.harness.dataset.recipes.stage import Stage
from filmbench.harness.media.write import write_lossless, write_video
from filmbench.harness.types import Artifact, Sample

CHARACTER = ((38, 214, 186), (120, 40, 150))
"""Shirt and trousers of the character, as nobody of the films wears them."""
MADE = "machine-made"


def build(manifest: Manifest, content: Content, progress: Progress) -> Iterator[Sample]:
    """One shot for each clip of the recipe. Raises :class:`UsageError` where bytes are not pinned."""
    clips = (manifest.recipe or {})["clips"]
    skeleton = written_json(content, "skeleton.json", SKELETON)
    for done, clip in enumerate(clips):
        name = f"{clip['name']}-{clip['camera']}-{clip['set']}"
        progress(name, done, len(clips))
        file = packaged("pybullet", f"data/motions/humanoid3d_{clip['name']}.txt", clip["sha256"])
        moments = humanoid.read(file, FPS)
        at, camera = framed(moments, *CAMERAS[clip["camera"]])
        stage = Stage(camera, at, clip["set"], seed=done)
        people = [actor.dressed(moment, *CLOTHES[done % len(CLOTHES)]) for moment in moments]
        characters = [actor.dressed(moment, *CHARACTER) for moment in moments]
        films = {
            "video": write_video(content.file(f"{name}/video.mp4"), map(stage.picture, people), FPS, comment=MADE),
            "composite": write_video(
                content.file(f"{name}/composite.mp4"), map(stage.picture, characters), FPS, comment=MADE
            ),
            "plate": write_video(
                content.file(f"{name}/plate.mp4"), (stage.plate() for _ in moments), FPS, comment=MADE
            ),
            "matte": write_lossless(content.file(f"{name}/matte.mkv"), map(stage.opacity, people), FPS, comment=MADE),
        }
        made = {role: content.artifact(*film) for role, film in films.items()}
        yield Sample(
            id=name,
            dataset=f"{manifest.name}@{manifest.version}",
            inputs={
                "video": made["video"],
                "character": _portrait(content, f"{name}/character.png", stage, characters[0]),
                "camera": written_json(content, f"{name}/camera.json", camera.facts()),
                "skeleton": skeleton,
            },
            references={
                "video": made["composite"],
                "plate": made["plate"],
                "matte": made["matte"],
                "joints": true_joints(content, name, moments),
            },
            cluster=clip["name"],
            tags=frozenset({"drawn", f"camera-{clip['camera']}", f"set-{clip['set']}"}),
        )


def _portrait(content: Content, place: str, stage: Stage, character: actor.Facets) -> Artifact:
    from PIL import Image

    path = content.file(place)
    Image.fromarray(stage.picture(character)).save(path)
    return content.artifact(path, "image/png")
