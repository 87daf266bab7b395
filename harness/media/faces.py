"""Faces in a picture: MediaPipe's face mesh, whose models lie inside its package.

Each picture is looked at by itself, so that a frame's landmarks do not depend on the frames before it.
"""

from __future__ import annotations

import warnings
from typing import Any

from filmbench.harness.media.hush import hushed

LANDMARKS = 478
SMALLEST = 320
"""Pictures whose shorter side is smaller are enlarged first: faces of few pixels are missed."""
CONFIDENCE = 0.5

INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
JAW = (58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288)
"""The lower outline of the face, from the picture's left to its right."""
UPPER_LIP, LOWER_LIP, FOREHEAD, CHIN, NOSE_BASE = 13, 14, 10, 152, 2
LEFT_EYE, RIGHT_EYE = 33, 263
"""The outer corners of the eyes, on the picture's left and right."""


class FaceFinder:
    """Finds up to ``most`` faces in one picture at a time."""

    def __init__(self, most: int = 2) -> None:
        import numpy as np

        with warnings.catch_warnings(), hushed():
            warnings.simplefilter("ignore")
            from mediapipe.python.solutions.face_mesh import FaceMesh

            self._mesh = FaceMesh(
                static_image_mode=True,
                max_num_faces=most,
                refine_landmarks=True,
                min_detection_confidence=CONFIDENCE,
            )
            self._mesh.process(np.zeros((SMALLEST, SMALLEST, 3), np.uint8))  # its threads greet when they first work

    def find(self, rgb: Any) -> list[Any]:
        """Landmarks of every face in ``rgb`` (uint8, (height, width, 3)), the largest (forehead to chin) first.

        float64 (478, 2) in its pixels, x and y.
        """
        import cv2
        import numpy as np

        height, width = rgb.shape[:2]
        times = -(-SMALLEST // min(height, width))
        if times > 1:
            rgb = cv2.resize(rgb, (width * times, height * times), interpolation=cv2.INTER_CUBIC)
        with warnings.catch_warnings(), hushed():
            warnings.simplefilter("ignore")
            found = self._mesh.process(np.ascontiguousarray(rgb)).multi_face_landmarks or ()
        faces = [np.array([(p.x * width, p.y * height) for p in face.landmark]) for face in found]
        return sorted(faces, key=height_of, reverse=True)

    def close(self) -> None:
        """Let go of the models."""
        self._mesh.close()


def height_of(face: Any) -> float:
    """From forehead to chin, in pixels; ``face`` is (478, 2)."""
    import numpy as np

    return float(np.linalg.norm(face[FOREHEAD] - face[CHIN]))
