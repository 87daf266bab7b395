"""Lip sync without a network of its own: landmarks of the face, and the picture of the mouth warped after the speech.

``drive`` says what moves the mouth. ``phonemes`` speaks the text once more with a voice whose segments are known and
lays that over the given speech (English, Italian); ``energy`` follows loudness, in any language, and knows no words.

What comes is refused as invalid when no face is found in most frames, or two are; sound that is longer than the film
lets its last picture stand and go on speaking. Films are written upright and even, without alpha; HDR is refused.
Licences: MediaPipe Apache-2.0; flite and festival run as programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local import _talking as talking
from filmbench.adapters.local import _visemes as visemes
from filmbench.adapters.local._mouth import MouthMover
from filmbench.adapters.local._speech import package_version
from filmbench.adapters.local.flite import FLITE
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.faces import FaceFinder
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal, Requirement
from filmbench.harness.types import Outcome, Request, UsageError

REMEDY = "pip install 'filmbench[vision]' && pip install --no-deps mediapipe==0.10.14"
LEAST_SEEN = 0.5
"""A face must be found in this share of the take's frames."""
FLITE_VERSION = r"version: flite-(\S+)"


class MouthWarp(LocalEngine):
    """Two passes: faces are looked for in every frame first, then the frames are warped and written one by one."""

    spec = ProviderSpec(
        id="local/mouth-warp",
        contracts=("lipsync",),
        title="Mouth warp",
        revision="1",
        licence="Apache-2.0",
        params={
            "drive": Param(
                "str",
                "what moves the mouth: phonemes of the text laid over the speech, or the speech's energy",
                default="phonemes",
                choices=("phonemes", "energy"),
            ),
        },
        requires=(
            FLITE,
            Requirement("python", "mediapipe", REMEDY),
            Requirement("python", "cv2", REMEDY),
            Requirement("python", "librosa", "pip install 'filmbench[speech]'"),
        ),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The versions of what looks, warps and listens, and of the guiding voices."""
        packages = ("mediapipe", "opencv-contrib-python-headless", "librosa", "scipy")
        italian = programs.debian_version("festvox-itapc16k")
        return {
            "engine": ", ".join(package_version(name) for name in packages),
            "voices": f"{programs.version(FLITE, FLITE_VERSION)}, festvox-itapc16k {italian}",
        }

    def load(self) -> None:
        """Compile what is compiled at first use."""
        import numpy as np

        noise = np.random.default_rng(0).normal(0, 0.1, visemes.RATE // 2).astype(np.float32)
        visemes.laid_over(noise, noise)

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Make the face speak. Raises :class:`Refusal` for a film without one face and a text it cannot time."""
        asked = talking.opened(request, media)
        motion = self._motion(request, asked, folder)
        try:
            faces = _faces(asked)
            return talking.written(asked, _moved(asked, faces, motion), folder)
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from error

    def _motion(self, request: Request, asked: talking.Asked, folder: Path) -> visemes.Motion:
        samples = asked.speech.mono(visemes.RATE)
        if request.arm.params.get("drive", "phonemes") == "energy":
            return visemes.by_energy(samples, visemes.RATE)
        language = (request.sample.language or "").split("-")[0].lower()
        text = request.sample.inputs.get("text")
        if language not in visemes.GUIDES:
            raise Refusal(f"no timed voice for {language or 'an unnamed language'}: ask for drive = energy")
        if not isinstance(text, str) or not any(char.isalnum() for char in text):
            raise Refusal("the text is needed to find its phonemes: ask for drive = energy")
        try:
            return visemes.by_phonemes(visemes.timed(text, language, samples, folder))
        except UsageError as error:
            raise Refusal(f"{error}: {error.hint}") from error
        except ValueError as error:
            raise Refusal(str(error), Outcome.INVALID) from error


def _faces(asked: talking.Asked) -> list[Any]:
    """The face of every frame of the take, ``None`` where none is found.

    Raises :class:`Refusal` when that is most of them, or when there are two.
    """
    found: list[Any] = []
    two = 0
    with closing(FaceFinder()) as finder:
        before, last = None, None
        for frame in talking.pictures(asked.film, asked.fps, asked.frames):
            if frame is not before:
                before, faces = frame, finder.find(frame.rgb)
                two += len(faces) > 1
                last = faces[0] if faces else None
            found.append(last)
    seen = sum(face is not None for face in found)
    if seen < LEAST_SEEN * len(found):
        raise Refusal(f"a face was found in {seen} of {len(found)} frames only", Outcome.INVALID)
    if two > len(found) / 2:
        raise Refusal("two faces: which one is to speak is not said", Outcome.INVALID)
    return found


def _moved(asked: talking.Asked, faces: list[Any], motion: visemes.Motion) -> Iterator[Any]:
    mover = MouthMover()
    frames = talking.pictures(asked.film, asked.fps, asked.frames)
    for index, (frame, face) in enumerate(zip(frames, faces, strict=True)):
        yield frame.rgb if face is None else mover.moved(frame.rgb, face, *motion(index / asked.fps))


PROVIDERS = (MouthWarp(),)
