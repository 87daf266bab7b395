"""Film out of the ordinary, given to every local provider: what ``harness/unusual.py`` says becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import oddities
import pytest
import soundfile
from acting import scene
from desk import Desk
from filmbench.harness import registry, unusual
from filmbench.harness.contracts import contract
from filmbench.harness.media import joints, probe
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.faces import FaceFinder, height_of
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import LocalEngine, Refusal
from filmbench.harness.types import Artifact, Outcome, Sample
from PIL import Image

MP4, JSON = "video/mp4", "application/json"
SAID = {
    "HDR": "HDR",
    "HLG": "HDR",
    "variable frame rate": "variable frame rate",
    "no sound": "no sound",
    "one frame": "picture ends",
    "sound longer than picture": "picture ends",
}
"""What a refusal must speak of."""
FILMS = {"lipsync": "faces", "mocap": "persons"}
"""What is seen in each contract's film, where it is not a box."""
PARAMS = {"local/mouth-warp": {"drive": "energy"}, "local/floor-lipsync": {"damage": "untouched"}}
BLIND = {"local/reference", "local/reference-match", "local/floor-mocap"}
"""Rows that never look at what is given."""
HEARING = {"local/dub-chain", "local/dub-chain-script", "local/whisper-cut", "local/pocketsphinx-cut"}
"""Engines that need real speech: they are asked what they refuse, and their own tests give them the rest."""
SLOW = {"local/transnetv2": {"variable frame rate", "HDR"}}
"""A network that takes seconds: the films go through the same reader as the other detectors'."""


def cases() -> Iterator[Any]:
    for id, engine in sorted(registry.providers().items.items()):
        for asked in engine.spec.contracts if isinstance(engine, LocalEngine) and id not in BLIND else ():
            rules = {**unusual.GIVEN.get(asked, {})} if asked != "video" else {}
            for what in (*rules, *(["HLG"] if "HDR" in rules else [])):
                refused = {"no sound"} if asked == "editing/cut" else {"no sound", "HDR", "HLG"}
                if what in SEEN or what not in SLOW.get(id, {what}) or (id in HEARING and what not in refused):
                    continue
                rule = rules["HDR" if what == "HLG" else what]
                yield pytest.param(id, asked, what, rule, id=f"{asked}-{id.removeprefix('local/')}-{what}")


SEEN = {"no face", "two faces", "no person", "two persons"}
"""What is seen in the picture: tested below, one by one."""


@dataclass
class Asking:
    """Asks one provider for a take of one film."""

    desk: Desk
    id: str
    contract: str

    def sample(self, film: Path, plain: Path) -> Sample:
        """The film with all that the contract's engines may need beside it."""
        given, steady = self.desk.add(film, MP4), self.desk.add(plain, MP4)
        references: dict[str, Any] = {}
        match self.contract:
            case "dubbing":
                inputs = {"source": given, "source_language": "en", "translation": "Hola."}
            case "lipsync":
                inputs, references = {"video": given, "speech": self.speech(), "text": "Mama."}, {"video": steady}
            case "mocap":
                camera, bones = self.desk.root / "camera.json", self.desk.root / "bones.json"
                size = self.size(film)
                camera.write_text(json.dumps(scene(frames=1).camera.facts() | {"width": size[0], "height": size[1]}))
                bones.write_text(json.dumps(dict.fromkeys(joints.BONES, 0.4)))
                inputs = {
                    "video": given,
                    "camera": self.desk.add(camera, JSON),
                    "skeleton": self.desk.add(bones, JSON),
                }
            case "editing/roto":
                inputs = {"video": given, "first_mask": self.mask(film), "key_colour": "#dc2828"}
            case "editing/removal":
                inputs = {"video": given, "mask": self.holes(film)}
            case "editing/colour":
                inputs = {"video": given, "look": steady}
            case "editing/prompt":
                inputs = {"video": given, "instruction": "make it night"}
            case "editing/cut":
                inputs = {"source": given, "script": "one two three four", "keep": "one two four"}
            case "editing/match-cut":
                inputs = {"shots": (given, steady)}
            case "editing/denoise-sound":
                inputs = {"sound": given}
            case _:
                inputs = {"video": given}
        return Sample("s", "d", inputs, references, language="es" if self.contract == "dubbing" else "en")

    def size(self, film: Path) -> tuple[int, int]:
        try:
            return VideoClip(Artifact("", MP4, 1), film).first_size
        except BadMedia:
            return 160, 120

    def mask(self, film: Path) -> Artifact:
        width, height = self.size(film)
        mask = np.zeros((height, width), np.uint8)
        mask[30:70, 10:50] = 255
        return self.desk.still(mask)

    def holes(self, film: Path) -> Artifact:
        try:
            facts = VideoClip(Artifact("", MP4, 1), film).facts
            size, count, fps = (facts.height, facts.width), facts.frames, facts.fps
        except BadMedia:
            size, count, fps = (120, 160), 12, 24.0
        mask = np.zeros(size, np.uint8)
        mask[40:60, 20:40] = 255
        return self.desk.film([mask] * count, fps)

    def speech(self) -> Artifact:
        path = self.desk.root / "speech.wav"
        soundfile.write(path, oddities.tone(0.5), oddities.RATE)
        return self.desk.add(path, "audio/wav")

    def take(self, film: Path, plain: Path) -> tuple[Outcome, str, dict[str, Path]]:
        """Outcome, reason and files, as the engine tells them: what it made is probed."""
        try:
            made = self.desk.answer(self.id, self.contract, self.sample(film, plain), **self.params())
            for role, (path, _) in made.items():
                probe.facts(path, contract(self.contract).output(role).kind)
        except Refusal as refused:
            return refused.outcome, str(refused), {}
        except BadMedia as bad:
            return Outcome.INVALID, bad.reason, {}
        return Outcome.OK, "", {role: path for role, (path, _) in made.items()}

    def params(self) -> dict[str, Any]:
        if self.contract == "dubbing" and self.id != "local/untouched":
            return {"voice": "espeak-ng/es"}
        return PARAMS.get(self.id, {})


@pytest.mark.parametrize(("id", "asked", "what", "rule"), cases())
def test_what_becomes_of_it(desk, request, id: str, asked: str, what: str, rule: unusual.Rule) -> None:
    films = request.getfixturevalue(FILMS.get(asked, "boxes"))
    asking = Asking(desk, id, asked)
    outcome, reason, made = asking.take(films[what], films["plain"])
    if registry.providers().get(id).spec.role == "arm":
        assert outcome is rule.outcome, reason
    else:
        assert outcome in (rule.outcome, Outcome.OK), reason
    if outcome is not Outcome.OK:
        assert SAID[what] in reason
        return
    for role, path in made.items():
        match contract(asked).output(role).kind:
            case "video" | "clip" | "matte":
                plain = plain_take(asking, films["plain"])[role]
                FILM_CHECKS[what](VideoClip(Artifact("", MP4, 1), path), VideoClip(Artifact("", MP4, 1), plain))
            case "joints":
                motion = joints.read(path)
                assert np.isfinite(motion.positions).all() and motion.detected.any()
            case "json":
                assert json.loads(path.read_text())


_PLAIN: dict[tuple[str, str], dict[str, Path]] = {}


def plain_take(asking: Asking, film: Path) -> dict[str, Path]:
    """What the provider makes of the film that has nothing unusual, made once."""
    if (place := (asking.id, asking.contract)) not in _PLAIN:
        _PLAIN[place] = asking.take(film, film)[2]
    return _PLAIN[place]


def first(clip: VideoClip) -> Any:
    return next(clip.frames()).luma.astype(int)


def one(take: VideoClip, plain: VideoClip) -> None:
    assert take.facts.frames == 1 or take.facts.seconds == pytest.approx(0.5, abs=0.05), "or as long as the speech"


def uneven(take: VideoClip, plain: VideoClip) -> None:
    assert take.facts.seconds == pytest.approx(plain.facts.seconds, abs=0.05), "time is kept, whatever the frames"


def odd(take: VideoClip, plain: VideoClip) -> None:
    (width, height), found = plain.first_size, take.first_size
    assert found == (width - 1, height - 1)


def upright(take: VideoClip, plain: VideoClip) -> None:
    assert take.first_size == plain.first_size
    assert np.abs(first(take) - first(plain)).mean() < 6, "the same picture, the same way up"


def silent(take: VideoClip, plain: VideoClip) -> None:
    assert take.facts.frames == plain.facts.frames
    assert not take.facts.sound or take.sound.seconds == pytest.approx(0.5, abs=0.1), "or the speech that was given"


def long(take: VideoClip, plain: VideoClip) -> None:
    assert take.facts.frames == plain.facts.frames
    if take.facts.sound and plain.sound.seconds == pytest.approx(0.5, abs=0.05):
        lasts = take.sound.seconds
        assert lasts == pytest.approx(0.5, abs=0.05) or lasts == pytest.approx(1.5, abs=0.1)


def opaque(take: VideoClip, plain: VideoClip) -> None:
    assert take.first_size == plain.first_size and take.facts.frames == plain.facts.frames
    assert np.abs(first(take) - first(plain)).mean() < 6, "what is half seen through looks as if it were whole"


FILM_CHECKS = {
    "one frame": one,
    "variable frame rate": uneven,
    "odd size": odd,
    "rotated": upright,
    "no sound": silent,
    "sound longer than picture": long,
    "alpha": opaque,
}


# --- what is seen in the picture ---------------------------------------------------------------------------


def seen(desk: Desk, id: str, asked: str, frames: list[Any]) -> tuple[Outcome, str, dict[str, Path]]:
    film = write_video(desk.folder() / "film.mp4", frames, oddities.FPS)[0]
    return Asking(desk, id, asked).take(film, film)


def test_no_face_and_two_faces(desk, faces) -> None:
    mouths = "local/mouth-warp", "lipsync"
    outcome, reason, _ = seen(desk, *mouths, oddities.box())
    assert (outcome, reason) == (unusual.GIVEN["lipsync"]["no face"].outcome, "a face was found in 0 of 12 frames only")
    face = [frame.rgb for frame in VideoClip(Artifact("", MP4, 1), faces["plain"]).frames()]
    outcome, reason, _ = seen(desk, *mouths, [np.hstack([one, one]) for one in face])
    assert outcome is unusual.GIVEN["lipsync"]["two faces"].outcome and reason.startswith("two faces")


def test_of_two_faces_in_few_frames_the_largest_speaks(desk, faces) -> None:
    """The small face stands on the left, where the detector looks first, in a third of the frames."""
    face = [frame.rgb for frame in VideoClip(Artifact("", MP4, 1), faces["plain"]).frames()][:12]
    small = np.full((320, 260, 3), 200, np.uint8)
    blank = small.copy()
    small[30:230, :200] = cv2.resize(face[0], (200, 200), interpolation=cv2.INTER_AREA)
    given = [np.hstack([small if index % 3 == 0 else blank, one]) for index, one in enumerate(face)]
    film = write_video(desk.folder() / "film.mp4", given, oddities.FPS, crf=6)[0]
    with closing(FaceFinder()) as finder:
        found = finder.find(given[0])
    assert len(found) == 2 and height_of(found[0]) > 1.3 * height_of(found[1]), "both are seen, the larger is first"
    outcome, reason, made = Asking(desk, "local/mouth-warp", "lipsync").take(film, film)
    assert outcome is Outcome.OK, reason
    take = [frame.rgb.astype(int) for frame in VideoClip(Artifact("", MP4, 1), made["video"]).frames()]
    moved = [np.abs(one - other) for one, other in zip(take[:12:3], given[::3], strict=True)]
    changed, still = (max(one[:, part].mean() for one in moved) for part in (slice(260, None), slice(0, 250)))
    assert changed > 1.5 * still, "the small face's mouth is left alone"


@pytest.mark.parametrize("id", ["local/mediapipe-pose", "local/pose-lift"])
def test_no_person_and_two_persons(desk, persons, id: str) -> None:
    outcome, reason, _ = seen(desk, id, "mocap", [cv2.resize(one, (640, 480)) for one in oddities.box(3)])
    assert outcome is unusual.GIVEN["mocap"]["no person"].outcome and reason == "no person found in any of 3 frames"
    one = [frame.rgb[:, 160:480] for frame in VideoClip(Artifact("", MP4, 1), persons["plain"]).frames()][:4]
    outcome, reason, made = seen(desk, id, "mocap", [np.hstack([picture, picture]) for picture in one])
    assert outcome is unusual.GIVEN["mocap"]["two persons"].outcome, reason
    motion = joints.read(made["joints"])
    trunk = motion.positions[:, motion.names.index("neck")] - motion.positions[:, motion.names.index("pelvis")]
    assert np.linalg.norm(trunk, axis=1).max() < 0.8, "one body, not one made of both"


def test_nobody_is_cut_out_where_there_is_nobody(desk, boxes) -> None:
    _, _, made = Asking(desk, "local/selfie-segmentation", "editing/roto").take(boxes["plain"], boxes["plain"])
    mattes = [frame.grey for frame in VideoClip(Artifact("", MP4, 1), made["matte"]).frames()]
    assert np.mean(mattes) < 13, "a twentieth of full opacity"


# --- image to video ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["local/parallax", "local/floor-video"])
@pytest.mark.parametrize("what", unusual.GIVEN["video"])
def test_an_unusual_image_set_in_motion(desk, id: str, what: str) -> None:
    picture = oddities.box(1)[0]
    image = Image.fromarray(picture)
    path = desk.folder() / "image.png"
    match what:
        case "odd size":
            image.crop((0, 0, 159, 119)).save(path)
        case "rotated":
            lying = image.transpose(Image.Transpose.ROTATE_90)
            exif = Image.Exif()
            exif[0x0112] = 6  # to be turned by a quarter, clockwise
            lying.save(path, exif=exif)
        case "alpha":
            image.putalpha(128)
            image.save(path)
        case "HDR":
            Image.fromarray(picture[..., 0].astype(np.uint16) * 257).save(path)
    inputs = {"prompt": "a slow push in", "seconds": "0.25", "size": "160x120", "fps": "24"}
    rule = unusual.GIVEN["video"][what]
    if rule.outcome is not Outcome.OK:
        with pytest.raises(Refusal, match={"alpha": "partly transparent", "HDR": "HDR is not taken"}[what]) as refused:
            desk.ask(id, "video", inputs | {"image": desk.add(path, "image/png")})
        assert refused.value.outcome is rule.outcome
        return
    made = desk.ask(id, "video", inputs | {"image": desk.add(path, "image/png")})
    take = first(VideoClip(Artifact("", MP4, 1), made["video"][0]))
    assert take.shape == (120, 160)
    assert take[:25].mean() > take[40:].mean() + 20, "what is bright above stays above"
