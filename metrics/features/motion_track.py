"""How much the picture changes from frame to frame: a curve to time one film against another by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from filmbench.harness.protocols import FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics import measure

SIZE = (64, 36)


class MotionTrack:
    """Change of a film's luma, ``{"times": [seconds], "change": [mean |difference| to the frame before, 0..255]}``.

    Frames are looked at as 64×36; the first has no change and is left out, so a film of one frame has an empty curve.
    Needs a film; sound alone gives ``{"reason"}``. Library: OpenCV's area average. Licence: Apache-2.0.
    """

    spec = FeatureSpec(
        id="motion_track",
        signature=measure.signature("motion_track", "opencv-contrib-python-headless", settings=f"{SIZE[0]}x{SIZE[1]}"),
        requires=(measure.python("cv2", "pip install opencv-contrib-python-headless"),),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample matters."""
        return {}

    def compute(self, clip: Any, sample: Sample) -> Json:
        """Watch ``clip``."""
        import numpy as np
        from filmbench.harness.media.video import VideoClip

        if not isinstance(clip, VideoClip):
            return {"reason": "sound alone: there is no picture"}
        times: list[Json] = []
        change: list[Json] = []
        before = None
        for frame in clip.frames(SIZE):
            luma = frame.luma.astype(np.int16)
            if before is not None:
                times.append(round(frame.time, 4))
                change.append(round(float(np.abs(luma - before).mean()), 4))
            before = luma
        return {"times": times, "change": change}


FEATURES = (MotionTrack(),)
