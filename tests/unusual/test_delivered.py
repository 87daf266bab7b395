"""Film out of the ordinary, delivered by a provider: every column has a number or a reason, and none is flattered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import oddities
import pytest
import soundfile
from desk import Desk
from filmbench.harness import registry, scoring, unusual
from filmbench.harness.contracts import contract
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.open import open_medium
from filmbench.harness.media.probe import facts
from filmbench.harness.types import Artifact, Outcome, Sample, Score, Take, Timing
from PIL import Image

ROLES = {
    "dubbing": "dubbed",
    "lipsync": "video",
    "editing/roto": "matte",
    "editing/removal": "video",
    "editing/denoise-picture": "video",
    "editing/colour": "video",
    "editing/prompt": "video",
    "editing/cut": "cut",
    "video": "video",
}
"""The contracts that deliver film, and in which role."""
HEARD = {"dubbing": ("av_offset", "loudness", "media_length"), "editing/cut": ("av_slip", "length", "click", "room")}
"""Columns of these contracts that no recogniser is needed for; what those hear does not depend on pictures."""
WHOLE = sorted(set(unusual.DELIVERED) - {"HDR", "no face", "two faces"})


def columns(asked: str) -> list[str]:
    """The columns of a contract that can be measured here."""
    specs = [spec for metric in registry.metrics().items.values() for spec in metric.specs if asked in spec.contracts]
    missing = scoring.unavailable(specs)
    named = HEARD.get(asked)
    return [
        spec.id for spec in specs if spec.id not in missing and (not named or any(part in spec.id for part in named))
    ]


class Judge:
    """Scores what was delivered against the plain film."""

    def __init__(self, desk: Desk, films: Mapping[str, Path]) -> None:
        self.desk, self.films = desk, films

    def sample(self, asked: str) -> Sample:
        plain = self.desk.add(self.films["plain"], "video/mp4")
        texts: dict[str, Any] = {
            "source_language": "en", "text": "Mama.", "instruction": "make it night", "script": "one two",
            "keep": "one", "prompt": "a red box", "seconds": "0.5", "size": "160x120", "fps": "24",
        }  # fmt: skip
        mask = np.zeros((120, 160), np.uint8)
        mask[30:70, 10:60] = 255
        matte = self.desk.film([mask] * 12)
        given: dict[str, Any] = {"video": plain, "source": plain, "look": plain, "mask": matte, "speech": self.speech()}
        inputs = {
            role.name: (texts | given)[role.name] for role in contract(asked).inputs if role.name in texts | given
        }
        wanted = {"video": plain, "dubbed": plain, "cut": plain, "matte": matte}
        references = {role.name: wanted[role.name] for role in contract(asked).references if role.name in wanted}
        return Sample("s", "d", inputs, references, language="en")

    def speech(self) -> Artifact:
        path = self.desk.root / "said.wav"
        soundfile.write(path, oddities.tone(0.5), oddities.RATE)
        return self.desk.add(path, "audio/wav")

    def scores(self, asked: str, delivered: Path, sample: Sample | None = None) -> dict[str, Score]:
        """As a run scores a take that the probe let through. Raises :class:`BadMedia` as the probe does."""
        role = ROLES.get(asked, "image")
        found = facts(delivered, contract(asked).output(role).kind)
        take = Take(
            "k", 0, Outcome.OK, None, {role: (self.desk.add(delivered, found["media_type"]),)}, Timing(),
            None, None, None, 1, True,
        )  # fmt: skip
        spec = registry.providers().get("local/reference").spec
        view = scoring.TakeView(sample or self.sample(asked), take, spec, self._opened, {}, {})
        return {score.metric: score for score, _ in scoring._scores(view, columns(asked))}

    def _opened(self, artifact: Artifact) -> Any:
        return open_medium(artifact, self.desk.path(artifact))


@pytest.fixture(scope="session")
def judge(desk, boxes) -> Judge:
    return Judge(desk, boxes)


def sound_is_asked(asked: str) -> bool:
    return contract(asked).output(ROLES[asked]).kind == "clip"


@pytest.mark.parametrize("asked", ROLES)
@pytest.mark.parametrize("what", WHOLE)
def test_every_column_has_a_number_or_a_reason(judge: Judge, asked: str, what: str) -> None:
    if what == "no sound" and sound_is_asked(asked):
        with pytest.raises(BadMedia, match="no sound"):
            judge.scores(asked, judge.films[what])
        assert unusual.DELIVERED[what].outcome is Outcome.INVALID
        return
    found = judge.scores(asked, judge.films[what])
    assert set(found) == set(columns(asked))
    for score in found.values():
        if score.value is None:
            assert score.reason and not score.reason.startswith("failed"), score
        else:
            assert math.isfinite(score.value), score


@pytest.mark.parametrize("asked", ROLES)
@pytest.mark.parametrize("what", ["HDR", "HLG"])
def test_hdr_is_no_take(judge: Judge, asked: str, what: str) -> None:
    with pytest.raises(BadMedia, match="HDR"):
        judge.scores(asked, judge.films[what])
    assert unusual.DELIVERED["HDR"].outcome is Outcome.INVALID


@pytest.mark.parametrize("what", ["rotated", "alpha", "variable frame rate", "sound longer than picture", "no sound"])
def test_the_same_pictures_score_as_the_same_pictures(judge: Judge, what: str) -> None:
    """Upright, in time and without opacity they differ from the plain film by a codec's loss alone."""
    found = judge.scores("editing/denoise-picture", judge.films[what])
    assert found["denoise_picture.psnr"].value > 35, "lying or shifted by a frame: below 25"
    assert judge.scores("editing/colour", judge.films[what])["colour.delta_e"].value < 2


def test_an_odd_size_is_brought_to_the_references(judge: Judge) -> None:
    assert judge.scores("editing/denoise-picture", judge.films["odd size"])["denoise_picture.psnr"].value > 25
    assert judge.scores("video", judge.films["odd size"])["video.size_error"].value > 0


def test_one_good_frame_is_no_good_take(judge: Judge) -> None:
    """The one frame is the reference's first, pixel for pixel: it must not win."""
    for asked in ("editing/removal", "editing/denoise-picture", "editing/colour", "editing/roto"):
        for score in judge.scores(asked, judge.films["one frame"]).values():
            assert score.value is None and "the take ends early" in str(score.reason), score


def test_a_take_may_end_a_frame_early(judge: Judge, tmp_path: Path) -> None:
    cut = oddities.films(tmp_path, oddities.box()[:11])["plain"]
    assert judge.scores("editing/colour", cut)["colour.delta_e"].value < 1


def test_no_face_and_two_faces_have_no_value(desk, faces, boxes, tmp_path: Path) -> None:
    judge = Judge(desk, faces)
    seen = [frame.rgb for frame in open_medium(desk.add(faces["plain"], "video/mp4"), faces["plain"]).frames()][:6]
    two = oddities.films(tmp_path, [np.hstack([one, one]) for one in seen])["plain"]
    for film, reason in ((boxes["plain"], "no face"), (two, "two faces")):
        found = judge.scores("lipsync", film)
        for column in ("lipsync.aperture_correlation", "lipsync.outside_psnr", "lipsync.mouth_distance"):
            assert found[column].value is None and reason in str(found[column].reason), found[column]


# --- pictures ----------------------------------------------------------------------------------------------


def picture(path: Path, what: str) -> Path:
    image = Image.fromarray(oddities.box(1)[0])
    match what:
        case "alpha":
            image.putalpha(128)
        case "odd size":
            image = image.crop((0, 0, 159, 119))
        case "HDR":
            image = Image.fromarray(np.asarray(image)[..., 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    if what == "rotated":
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = 6
    image.save(path, exif=exif)
    return path


@pytest.mark.parametrize("what", ["plain", "alpha", "odd size", "rotated", "HDR"])
def test_an_unusual_background(judge: Judge, tmp_path: Path, what: str) -> None:
    sample = Sample("s", "d", {"prompt": "a red box on a plate", "size": "160x120", "palette": "#dc2828 #505050"})
    path = picture(tmp_path / "image.png", what)
    if what == "HDR":
        with pytest.raises(BadMedia, match="more than 8 bits"):
            judge.scores("background", path, sample)
        return
    found = judge.scores("background", path, sample)
    plain = judge.scores("background", picture(tmp_path / "plain.png", "plain"), sample)
    assert set(found) == set(columns("background"))
    for id, score in found.items():
        assert score.value is not None or not str(score.reason).startswith("failed"), score
        if what != "odd size" and score.value is not None:
            assert score.value == pytest.approx(plain[id].value, rel=0.02, abs=1e-6), (id, "seen upright and whole")
