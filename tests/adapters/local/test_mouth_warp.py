"""The mouth-warp engine and the floor of lip sync on drawn faces, and on films that they must refuse."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from filmbench.harness import registry
from filmbench.harness.dataset.recipes.drawn_face import Pose, draw
from filmbench.harness.dataset.recipes.talking_face import LOOKS
from filmbench.harness.dataset.recipes.timed_speech import speak
from filmbench.harness.media.faces import FaceFinder
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import LocalEngine, Refusal
from filmbench.harness.types import Arm, Artifact, Outcome, Request, Sample

RATE = 16_000


@dataclass
class Desk:
    """A folder in which takes are made."""

    root: Path

    def path(self, artifact: Artifact) -> Path:
        return self.root / artifact.sha256

    def artifact(self, path: Path, media_type: str) -> Artifact:
        content = path.read_bytes()
        made = Artifact(sha256(content).hexdigest(), media_type, len(content))
        self.path(made).write_bytes(content)
        return made

    def sound(self, seconds: float = 0.4) -> Path:
        """A hum that is loud in its middle."""
        times = np.arange(round(seconds * RATE)) / RATE
        path = self.root / f"hum{seconds}.wav"
        soundfile.write(path, 0.4 * np.sin(2 * np.pi * 220 * times) * np.hanning(len(times)), RATE, subtype="PCM_16")
        return path

    def take(
        self, film: Path, speech: Path | None = None, provider: str = "local/mouth-warp", **more: Any
    ) -> VideoClip:
        """What the engine makes; ``more`` holds params, ``text``, ``language`` and a ``true`` film."""
        text, language, true = more.pop("text", None), more.pop("language", "en"), more.pop("true", None)
        inputs: dict[str, Any] = {
            "video": self.artifact(film, "video/mp4"),
            "speech": self.artifact(speech or self.sound(), "audio/wav"),
        } | ({"text": text} if text else {})
        references = {"video": self.artifact(true, "video/mp4")} if true else {}
        params = more or {"drive": "energy"}
        request = Request(
            "lipsync", Sample("s", "d", inputs, references, language=language), Arm(provider, "arm", params), {}
        )
        engine = registry.providers().get(provider)
        assert isinstance(engine, LocalEngine)
        folder = self.root / f"take{len(list(self.root.iterdir()))}"
        folder.mkdir()
        path, media_type = engine.render(request, self, folder)["video"]
        return VideoClip(self.artifact(path, media_type), path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def faces(count: int, opened: float = 0.0) -> list[Any]:
    return [draw(LOOKS["mira"], Pose(open=opened, dx=0.4 * i)) for i in range(count)]


def film(desk: Desk, frames: list[Any], name: str = "film.mp4") -> Path:
    return write_video(desk.root / name, frames, 25)[0]


def ffmpeg(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def gaps(clip: VideoClip) -> list[float]:
    finder = FaceFinder()
    found = [finder.find(frame.rgb)[0] for frame in clip.frames()]
    return [float(np.hypot(*(face[13] - face[14])) / np.hypot(*(face[10] - face[152]))) for face in found]


def test_energy_opens_a_shut_mouth_and_shuts_an_open_one(desk: Desk) -> None:
    shut = gaps(desk.take(film(desk, faces(10))))
    assert shut[0] < 0.03 and max(shut[4:6]) > max(0.1, 1.5 * shut[-1])
    opened = gaps(desk.take(film(desk, faces(10, opened=0.7), "open.mp4")))
    assert opened[0] < 0.05 and max(opened[4:6]) > 0.1


def test_phonemes_shut_the_lips_on_m_and_open_them_on_a(desk: Desk) -> None:
    spoken = speak("flite", "rms", "Mama.", desk.root / "mama.wav")
    take = desk.take(film(desk, faces(12)), desk.root / "mama.wav", text="Mama.", drive="phonemes")
    seen = gaps(take)
    middles = {one.name: (one.start + one.end) / 2 for one in spoken}
    second_m = max(one.start + one.end for one in spoken if one.name == "m") / 2
    assert seen[min(round(second_m * 25), len(seen) - 1)] < 0.5 * seen[round(middles["aa"] * 25)]


def test_nothing_but_mouth_and_jaw_is_moved(desk: Desk) -> None:
    source = film(desk, faces(10))
    take = desk.take(source)
    given = VideoClip(take.artifact, source)
    for one, other in zip(take.frames(), given.frames(), strict=True):
        assert np.abs(one.luma[:150].astype(int) - other.luma[:150]).mean() < 2.0  # coded once more, no more


def test_the_same_request_gives_the_same_bytes(desk: Desk) -> None:
    source = film(desk, faces(6))
    assert desk.take(source).artifact.sha256 == desk.take(source).artifact.sha256


@pytest.mark.parametrize("provider", ["local/mouth-warp", "local/floor-lipsync"])
def test_hdr_is_refused_as_invalid(desk: Desk, provider: str) -> None:
    ffmpeg(
        "-i", film(desk, faces(5)), "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084",
        "-x265-params", "log-level=none:transfer=smpte2084", desk.root / "hdr.mp4",
    )  # fmt: skip
    params = {"drive": "energy"} if provider == "local/mouth-warp" else {"damage": "untouched"}
    with pytest.raises(Refusal, match="HDR") as refused:
        desk.take(desk.root / "hdr.mp4", provider=provider, **params)
    assert refused.value.outcome is Outcome.INVALID


def test_no_face_and_two_faces_are_refused_as_invalid(desk: Desk) -> None:
    empty = film(desk, [np.full((320, 320, 3), 80 + i, np.uint8) for i in range(10)], "empty.mp4")
    with pytest.raises(Refusal, match="a face was found in 0 of 10 frames") as refused:
        desk.take(empty)
    assert refused.value.outcome is Outcome.INVALID
    two = film(desk, [np.hstack([one, one]) for one in faces(10)], "two.mp4")
    with pytest.raises(Refusal, match="two faces") as refused:
        desk.take(two)
    assert refused.value.outcome is Outcome.INVALID


def test_one_frame_speaks_as_long_as_the_speech(desk: Desk) -> None:
    take = desk.take(film(desk, faces(1)))
    assert (take.facts.frames, take.facts.sound) == (10, True)
    assert max(gaps(take)) > 0.08


def test_a_film_longer_or_shorter_than_the_speech_is_cut_or_held(desk: Desk) -> None:
    assert desk.take(film(desk, faces(14))).facts.frames == 10
    held = desk.take(film(desk, faces(4), "short.mp4"), desk.sound(0.6))
    assert held.facts.frames == 15 and held.sound.seconds == pytest.approx(0.6, abs=0.07)


def test_odd_rotated_uneven_and_transparent_films_come_out_upright_even_and_opaque(desk: Desk) -> None:
    odd = film(desk, [one[:301, :299] for one in faces(10)], "odd.mp4")
    assert (desk.take(odd).facts.width, desk.take(odd).facts.height) == (299, 301)

    lying = film(desk, [np.rot90(one, -1) for one in faces(10)], "lying.mp4")
    ffmpeg("-display_rotation", "90", "-i", lying, "-c", "copy", desk.root / "turned.mp4")
    turned = desk.take(desk.root / "turned.mp4")
    assert turned.facts.rotation == 0 and max(gaps(turned)) > 0.08

    whole = film(desk, faces(20), "whole.mp4")
    ffmpeg("-i", whole, "-vf", "select='not(between(n,5,8))'", "-fps_mode", "vfr", desk.root / "vfr.mp4")
    assert VideoClip(turned.artifact, desk.root / "vfr.mp4").facts.variable
    assert not desk.take(desk.root / "vfr.mp4").facts.variable

    ffmpeg("-i", whole, "-vf", "format=bgra", "-c:v", "ffv1", desk.root / "alpha.mkv")
    assert desk.take(desk.root / "alpha.mkv").facts.pixel_format == "yuv420p"


def test_phonemes_need_a_text_and_a_language_with_a_timed_voice(desk: Desk) -> None:
    source = film(desk, faces(10))
    for more, reason in (({}, "text is needed"), ({"text": "Hyvää päivää", "language": "fi"}, "no timed voice for fi")):
        with pytest.raises(Refusal, match=reason) as refused:
            desk.take(source, drive="phonemes", **more)
        assert refused.value.outcome is Outcome.UNSUPPORTED


def test_the_untouched_floor_keeps_every_picture_and_takes_the_new_sound(desk: Desk) -> None:
    source = film(desk, faces(10))
    take = desk.take(source, provider="local/floor-lipsync", damage="untouched")
    given = VideoClip(take.artifact, source)
    assert all((one.rgb == other.rgb).all() for one, other in zip(take.frames(), given.frames(), strict=True))
    assert take.sound.seconds == pytest.approx(0.4, abs=0.07)


def test_the_shifted_floor_is_the_truth_five_frames_late(desk: Desk) -> None:
    source = film(desk, faces(10))
    true = film(desk, [draw(LOOKS["mira"], Pose(open=i / 10)) for i in range(10)], "true.mp4")
    late = gaps(desk.take(source, provider="local/floor-lipsync", damage="shifted", true=true))
    assert late[5:] == pytest.approx(gaps(VideoClip(Artifact("0", "video/mp4", 1), true))[:5], abs=0.01)
    with pytest.raises(Refusal, match="no true film"):
        desk.take(source, provider="local/floor-lipsync", damage="shifted")
