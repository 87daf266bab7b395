"""What the shot detectors share: the film they are given and the list they hand back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import Media, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

JSON = "application/json"


def film(request: Request, media: Media) -> VideoClip:
    """The film to look at."""
    artifact = request.sample.inputs["video"]
    if not isinstance(artifact, Artifact):
        raise Refusal("the sample holds no video", Outcome.INVALID)
    return VideoClip(artifact, media.path(artifact))


def from_cuts(cuts: Sequence[int], frames: int) -> list[list[int]]:
    """The shots of a film of ``frames`` frames in which a new shot begins at each of ``cuts``."""
    starts = [0, *sorted({cut for cut in cuts if 0 < cut < frames})]
    return [[start, after - 1] for start, after in zip(starts, [*starts[1:], frames], strict=True)]


def written(shots: Sequence[Sequence[int]], folder: Path) -> dict[str, tuple[Path, str]]:
    """The file of the role ``shots``."""
    path = folder / "shots.json"
    path.write_text(json.dumps([[int(first), int(last)] for first, last in shots]) + "\n", encoding="utf-8")
    return {"shots": (path, JSON)}
