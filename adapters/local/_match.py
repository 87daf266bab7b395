"""What the rankers of match cuts share: the library they are given, the ranking they hand back."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _speech as speech
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import LocalEngine, Media, Refusal, Requirement
from filmbench.harness.types import Artifact, Outcome, Request

MOST_SHOTS = 2000
CV2 = Requirement("python", "cv2", "pip install 'filmbench[vision]'")


class Ranker(LocalEngine):
    """Base of rankers: one description a shot, one likeness a pair."""

    def identity(self) -> Mapping[str, str]:
        """Versions of what is computed with."""
        names = ("opencv-contrib-python-headless", "numpy")
        return {"engine": ", ".join(speech.package_version(name) for name in names)}

    @abstractmethod
    def describe(self, shot: VideoClip) -> Any:
        """What is compared of a shot."""

    @abstractmethod
    def likeness(self, one: Any, other: Any) -> float:
        """How alike two descriptions are; more is better."""

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Rank all pairs. Raises :class:`Refusal` for fewer than two shots."""
        artifacts = library(request)
        try:
            described = [self.describe(VideoClip(one, media.path(one))) for one in artifacts]
        except BadMedia as error:
            raise Refusal(str(error), Outcome.INVALID) from None
        found = [(i, j, self.likeness(described[i], described[j])) for i, j in combinations(range(len(described)), 2)]
        return written(found, folder)


def library(request: Request) -> tuple[Artifact, ...]:
    """The shots to choose from."""
    shots = request.sample.inputs["shots"]
    if not isinstance(shots, tuple) or len(shots) < 2:
        raise Refusal("there is no pair: give two shots or more", Outcome.INVALID)
    if len(shots) > MOST_SHOTS:
        raise Refusal(f"more than {MOST_SHOTS:,} shots: give a reel at a time", Outcome.INVALID)
    return shots


def written(pairs: Sequence[tuple[int, int, float]], folder: Path) -> dict[str, tuple[Path, str]]:
    """The file of the role ``ranking``, the best pair first."""
    path = folder / "ranking.json"
    best = sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))
    path.write_text(json.dumps([[i, j, round(float(score), 6)] for i, j, score in best]) + "\n", encoding="utf-8")
    return {"ranking": (path, "application/json")}
