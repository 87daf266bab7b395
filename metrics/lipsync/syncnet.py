"""LSE-C, LSE-D and the offset by SyncNet, once the user has brought its weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.features.mouth import VISION_EXTRA
from filmbench.metrics.lipsync.seen import track
from filmbench.metrics.lipsync.sync import sound
from filmbench.metrics.lipsync.syncnet_network import FPS, SIDE, WEIGHTS
from filmbench.metrics.measure import Unmeasurable, python, scored, signature, weights

LEAST_FRAMES = 50
SMOOTH = 13
MARGIN = 0.4
SETTINGS = "25fps;16k;shift:15;crop:mediapipe"


def _spec(name: str, title: str, unit: str, higher: bool | None) -> MetricSpec:
    return MetricSpec(
        id=f"lipsync.{name}",
        title=title,
        unit=unit,
        signature=signature(f"lipsync.{name}", "torch", "mediapipe", weights=(WEIGHTS,), settings=SETTINGS),
        contracts=("lipsync",),
        higher_is_better=higher,
        provenance="reimplementation",
        needs=("video",),
        requires=(python("torch"), python("mediapipe", VISION_EXTRA), weights(WEIGHTS)),
        core=False,
        licence="Apache-2.0; weights: not stated",
    )


class SyncNet:
    """LSE-D, LSE-C and the offset of picture and sound as a trained network hears and sees them.

    What: distance of the embeddings of five frames and 0.2 s of sound, averaged over the clip, at the best of 31
    offsets (LSE-D); the median over the offsets minus that (LSE-C); the best offset.
    Range: LSE-D about 5 to 15, lower is better; LSE-C 0 to about 12, higher is better; offset in frames of 40 ms.
    Needs: ``syncnet_v2.model`` of the authors, which no package carries; one face of 50 frames and more (2 s).
    Ignores: language.
    Known failures: engines trained against SyncNet beat real film on it: a row above the reference is a red flag, not a
    win. Clips near 2 s have too small an LSE-D, since offsets beyond the ends meet zeros. It was taught on
    television: drawn faces are outside of that. Films of another rate are read at 25 frames a second, which moves sync.
    Provenance: reimplementation of network, cepstra and search; faces are framed by MediaPipe, not by S3FD, so figures
    are near published ones but not the same. Published for the authors' example, a framed face, by their program:
    offset 3, distance 5.353, confidence 10.021; a test holds this code to them where weights and example are there.
    Source: Chung and Zisserman, ACCV workshop 2016; LSE: Prajwal et al., ACM MM 2020.
    Licence: see the weights.
    """

    specs = (
        _spec("lse_d", "LSE-D (MediaPipe crops)", "", False),
        _spec("lse_c", "LSE-C (MediaPipe crops)", "", True),
        _spec("syncnet_offset", "SyncNet offset", "frames", None),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video``."""

        def measure() -> tuple[float, float, float]:
            import numpy as np
            from filmbench.metrics.lipsync.syncnet_network import evaluate, network

            network()
            film = view.output("video")
            found = track(view, film)
            faces = list(framed(film, found))
            if len(faces) < LEAST_FRAMES:
                raise Unmeasurable(f"too short: {len(faces)} frames at 25 a second, at least {LEAST_FRAMES} are needed")
            sync = evaluate(np.stack(faces), sound(film))
            return sync.distance, sync.confidence, sync.offset

        return scored(self.specs, measure)


def framed(film: Any, found: Mapping[str, Any]) -> Iterator[Any]:
    """The face of ``film`` at 25 frames a second: uint8 BGR (224, 224, 3), framed as SyncNet's own pipeline does.

    A square about the smoothed box, grown by 0.4 to the sides and below by twice that.
    """
    import cv2
    import numpy as np
    from scipy.signal import medfilt

    seen = [index for index, box in enumerate(found["box"]) if box]
    boxes = np.array([found["box"][index] for index in seen])
    every = np.array([np.interp(range(len(found["box"])), seen, boxes[:, side]) for side in range(4)])
    half = medfilt(np.maximum(every[2] - every[0], every[3] - every[1]) / 2, SMOOTH)
    across, down = medfilt((every[0] + every[2]) / 2, SMOOTH), medfilt((every[1] + every[3]) / 2, SMOOTH)
    due = 0
    for frame in film.frames():
        while due / FPS <= frame.time + 0.5 / FPS:
            at = min(frame.index, len(half) - 1)
            size = int(half[at])
            pad = int(size * (1 + 2 * MARGIN)) + 1
            picture = cv2.copyMakeBorder(frame.rgb, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(110, 110, 110))
            x, y = int(across[at]) + pad, int(down[at]) + pad
            wide = int(size * (1 + MARGIN))
            crop = picture[max(0, y - size) : y + pad - 1, max(0, x - wide) : x + wide]
            yield cv2.resize(crop, (SIDE, SIDE))[..., ::-1]
            due += 1


METRICS = (SyncNet(),)
