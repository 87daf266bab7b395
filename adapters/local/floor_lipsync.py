"""Lip-sync rows that must do badly, each on what it damages.

``damage`` says what is wrong: ``untouched`` is the film that was given, packet for packet and as long as it was, with
the new speech as its sound, so that the mouth says nothing or another line (no arm can keep picture and identity
better); ``shifted`` is the true film with its picture five frames late, so that everything is right but the time.
Without a true film ``shifted`` is unsupported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _talking as talking
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_with_sound
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

LATE_FRAMES = 5


class FloorLipsync(LocalEngine):
    """One kind of damage an arm; see the module's text."""

    spec = ProviderSpec(
        id="local/floor-lipsync",
        contracts=("lipsync",),
        title="Floor of lip sync",
        revision="1",
        licence="the dataset's",
        params={
            "damage": Param("str", "what is wrong with the row", default="untouched", choices=("untouched", "shifted")),
        },
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """How late the shifted row is; nothing else but the media decides."""
        return {"late": f"{LATE_FRAMES} frames"}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Make the row. Raises :class:`Refusal` without a true film to shift, and for media that cannot be read."""
        asked = talking.opened(request, media)
        try:
            if request.arm.params.get("damage", "untouched") == "shifted":
                return talking.written(asked, _late(_true(request, media, asked)), folder)
            sound = (asked.speech.mono(), asked.speech.rate)
            return {"video": write_with_sound(folder / "video.mp4", asked.film.path, sound, comment="machine-made")}
        except BadMedia as error:
            raise Refusal(error.reason, Outcome.INVALID) from error


def _true(request: Request, media: Media, asked: talking.Asked) -> talking.Asked:
    reference = request.sample.references.get("video")
    if not isinstance(reference, Artifact):
        raise Refusal("no true film to shift")
    return replace(asked, film=VideoClip(reference, media.path(reference)))


def _late(asked: talking.Asked) -> Iterator[Any]:
    for index, frame in enumerate(talking.pictures(asked.film, asked.fps, asked.frames)):
        if index == 0:
            for _ in range(min(LATE_FRAMES, asked.frames)):
                yield frame.rgb
        if index < asked.frames - LATE_FRAMES:
            yield frame.rgb


PROVIDERS = (FloorLipsync(),)
