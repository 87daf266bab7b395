"""What the local engines that change film share: a source that can be worked on, and writing what they made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.still import ImageClip
from filmbench.harness.media.video import VideoClip, VideoFacts
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import Media, Refusal, Requirement
from filmbench.harness.types import Artifact, Outcome, Request

OPENCV = Requirement("python", "cv2", "pip install 'filmbench[vision]'")


@dataclass(frozen=True, slots=True)
class Shot:
    """A film of the sample that was read once and found whole, upright and evenly timed."""

    clip: VideoClip
    facts: VideoFacts

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.facts.width, self.facts.height

    def pictures(self) -> Iterator[Any]:
        """Every frame: uint8 RGB, (height, width, 3)."""
        return (frame.rgb for frame in self.clip.frames())

    def greys(self, size: tuple[int, int]) -> Iterator[Any]:
        """Every frame as a mask's values at ``size``: uint8, (height, width)."""
        return (frame.grey for frame in self.clip.frames(size))

    def sound(self) -> tuple[Any, int] | None:
        """Its sound, to be carried over: float32 (n, 1 or 2) and the rate; ``None`` where it has none."""
        if not self.facts.sound:
            return None
        channels = self.clip.channels()
        return (channels if channels.shape[1] <= 2 else self.clip.mono()[:, None]), self.clip.rate


def shot(request: Request, media: Media, role: str = "video") -> Shot:
    """The film in an input role.

    Raises :class:`Refusal`: ``INVALID`` for a missing or damaged one (HDR among them), ``UNSUPPORTED`` where frames
    are unevenly spaced, since what is written here has one frame rate.
    """
    artifact = request.sample.inputs.get(role)
    if not isinstance(artifact, Artifact):
        raise Refusal(f"the sample holds no {role}", Outcome.INVALID)
    clip = VideoClip(artifact, media.path(artifact))
    try:
        facts = clip.facts
    except BadMedia as error:
        raise Refusal(f"{role}: {error.reason}", Outcome.INVALID) from error
    if facts.variable:
        raise Refusal(f"{role}: variable frame rate; conform it to a constant one first")
    return Shot(clip, facts)


def mask(request: Request, media: Media, role: str, size: tuple[int, int]) -> Any | None:
    """The still mask in an input role, bool (height, width); ``None`` where the sample has none.

    Raises :class:`Refusal` (``INVALID``) for a damaged one or one of another size.
    """
    artifact = request.sample.inputs.get(role)
    if not isinstance(artifact, Artifact):
        return None
    try:
        grey = ImageClip(artifact, media.path(artifact)).grey
    except BadMedia as error:
        raise Refusal(f"{role}: {error.reason}", Outcome.INVALID) from error
    if grey.shape != (size[1], size[0]):
        found = f"{grey.shape[1]}×{grey.shape[0]}"
        raise Refusal(f"{role} is {found}, the video {size[0]}×{size[1]}", Outcome.INVALID)
    return grey >= 128


def made(
    role: str, frames: Iterable[Any], source: Shot, folder: Path, sound: bool = False
) -> Mapping[str, tuple[Path, str]]:
    """What a provider returns: ``frames`` written without loss at the source's rate, with its sound if asked."""
    target = folder / f"{role}.mkv"
    heard = source.sound() if sound else None
    return {role: write_lossless(target, frames, source.facts.fps, heard, comment="machine-made")}
