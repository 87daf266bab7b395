"""Camera moves, read from a prompt's words, and pictures seen by a moving camera."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

PHRASES = {
    "pan left": r"pans?(?:ning)? (?:\w+ )?left|moves? left|leftwards?",
    "pan right": r"pans?(?:ning)? (?:\w+ )?right|moves? right|rightwards?|sideways|tracking|trucks?",
    "tilt up": r"tilts?(?:ing)? up|cranes? up|rises?|rising camera",
    "tilt down": r"tilts?(?:ing)? down|cranes? down",
    "push in": r"push(?:es)?(?: \w+)? in|zooms?(?:ing)?(?: \w+)? in|dolly in|moves? closer|push-in|approach(?:es)?",
    "pull back": r"pulls? back|zooms?(?:ing)?(?: \w+)? out|pull-back",
    "orbit": r"orbits?|circles? around|arc(?:s|ing)?",
    "still": r"static|locked|still camera|fixed camera|camera (?:is|stays) still|tripod",
}
"""The moves known and how prompts word them."""
MARGIN = 1.14
"""A picture is painted this much larger than its frame, so that a move finds something beyond the edge."""


@dataclass(frozen=True, slots=True)
class Move:
    """How far the camera goes in a clip, in shares of the frame's width and height, and by what factor it nears."""

    name: str
    across: float
    up: float
    zoom: float

    def at(self, share: float) -> tuple[float, float, float]:
        """(across, up, zoom) at ``share`` (0..1) of the clip, easing in and out, centred on the middle."""
        eased = 0.5 - 0.5 * math.cos(math.pi * share)
        if self.name == "orbit":
            turn = 2 * math.pi * share
            return self.across * math.sin(turn), 0.3 * self.across * math.cos(turn), 1.0
        return self.across * (eased - 0.5), self.up * (eased - 0.5), 1 + (self.zoom - 1) * eased


MOVES = {
    "pan left": Move("pan left", -0.12, 0.0, 1.0),
    "pan right": Move("pan right", 0.12, 0.0, 1.0),
    "tilt up": Move("tilt up", 0.0, 0.10, 1.0),
    "tilt down": Move("tilt down", 0.0, -0.10, 1.0),
    "push in": Move("push in", 0.0, 0.0, 1.2),
    "pull back": Move("pull back", 0.0, 0.0, 1 / 1.12),
    "orbit": Move("orbit", 0.035, 0.0, 1.0),
    "still": Move("still", 0.0, 0.0, 1.0),
}


def move(prompt: str, otherwise: str = "still") -> Move:
    """The camera move that ``prompt`` asks for, or the one named ``otherwise``."""
    for name, phrase in PHRASES.items():
        if re.search(rf"\b(?:{phrase})\b", prompt.lower()):
            return MOVES[name]
    return MOVES[otherwise]


def without_moves(prompt: str) -> str:
    """``prompt`` without its words about the camera."""
    words = prompt.lower()
    for phrase in PHRASES.values():
        words = re.sub(rf"\b(?:the camera )?(?:slowly )?(?:{phrase})\b", " ", words)
    return re.sub(r"\b(?:the )?camera\b|\bshot\b|\bslowly\b|\bslow\b|\bgently\b", " ", words)


def seen(plane: Any, size: tuple[int, int], shift: tuple[float, float], zoom: float) -> Any:
    """The middle ``size`` (width, height) of a larger ``plane``, moved by ``shift`` pixels and enlarged by ``zoom``."""
    import cv2
    import numpy as np

    width, height = size
    rows, columns = plane.shape[:2]
    matrix = np.array(
        [[zoom, 0, width / 2 - zoom * columns / 2 + shift[0]], [0, zoom, height / 2 - zoom * rows / 2 + shift[1]]],
        np.float32,
    )
    return cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
