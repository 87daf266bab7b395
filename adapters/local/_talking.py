"""What the lip-sync rows share: frames of the given film at the times of the new one, and the speech as its sound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.media.clip import AudioClip
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import Frame, VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import Media, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

MOST_SECONDS = 120.0
"""Longer speech is refused: lines are lines."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request opened: the film, the speech, and how many frames the take will have."""

    film: VideoClip
    speech: AudioClip
    fps: float
    frames: int


def opened(request: Request, media: Media) -> Asked:
    """The media of ``request``. Raises :class:`Refusal` (invalid) for what cannot be read or is too long."""
    film, speech = request.sample.inputs.get("video"), request.sample.inputs.get("speech")
    if not isinstance(film, Artifact) or not isinstance(speech, Artifact):
        raise Refusal("the sample holds no film or no speech", Outcome.INVALID)
    clip, sound = VideoClip(film, media.path(film)), AudioClip(speech, media.path(speech))
    try:
        seconds, fps = sound.seconds, clip.facts.fps
    except BadMedia as error:
        raise Refusal(error.reason, Outcome.INVALID) from error
    if seconds > MOST_SECONDS:
        raise Refusal(f"the speech lasts {seconds:.0f} s, at most {MOST_SECONDS:g} s are taken", Outcome.INVALID)
    return Asked(clip, sound, fps, max(1, math.ceil(round(seconds * fps, 6))))


def pictures(film: VideoClip, fps: float, count: int) -> Iterator[Frame]:
    """``count`` frames, ``fps`` a second: of each moment the film's nearest; after its end its last one is held.

    So a film of variable rate becomes even, one that is too long is cut and one that is too short stands still.
    """
    with closing(film.frames()) as frames:
        now = next(frames)
        following = next(frames, None)
        for index in range(count):
            time = index / fps
            while following is not None and abs(following.time - time) <= abs(now.time - time):
                now, following = following, next(frames, None)
            yield now


def written(asked: Asked, frames: Iterator[Any], folder: Path) -> Mapping[str, tuple[Path, str]]:
    """The take: ``frames`` (RGB arrays) with the whole speech as sound."""
    sound = (asked.speech.mono(), asked.speech.rate)
    path = folder / "video.mp4"
    return {"video": write_video(path, frames, asked.fps, sound=sound, comment="machine-made")}
