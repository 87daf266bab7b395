"""The lips against those of the true film, where a dataset has it, and the face against the one that was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.lipsync import curves
from filmbench.metrics.lipsync.seen import mouth, track
from filmbench.metrics.measure import Unmeasurable, scored, signature, weights

HALF_FRAME = 0.5


class MouthLandmarkDistance:
    """How far the lips are from where they truly were, while the same line is spoken.

    What: mean distance of 40 lip landmarks from those of the true film, frame by frame, after both faces are laid on
    one another by the outer corners of the eyes; as a share of the distance between these corners. Both films are
    looked at by the same MediaPipe mesh.
    Range: %, 0 is best, lower is better.
    Needs: a reference film of the same face saying the same words.
    Ignores: head pose, size and place of the face in the picture.
    Known failures: meaningless against another take or language. The mesh itself wavers by about 1 %.
    Provenance: proxy: published LMD uses dlib's 68 points and unlike normalisations, so figures do not compare.
    Source: the idea is Chen et al., "Lip Movements Generation at a Glance", ECCV 2018 (LMD).
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="lipsync.mouth_distance",
            title="Lips off the truth",
            unit="% IOD",
            signature=signature("lipsync.mouth_distance", "mediapipe", settings="40 points;eyes aligned;outer corners"),
            contracts=("lipsync",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            needs=("video",),
            references=("video",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the reference ``video``."""

        def measure() -> tuple[float]:
            reference = view.reference("video")
            if reference is None:
                raise Unmeasurable("no true film")
            return (100 * distance(track(view, view.output("video")), track(view, reference)),)

        return scored(self.specs, measure)


def distance(take: Mapping[str, Any], true: Mapping[str, Any]) -> float:
    """Mean lip distance as a share of the eyes' distance. Raises :class:`Unmeasurable` without a common frame."""
    import numpy as np

    times = np.array(true["times"])
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    found = []
    for index, time in enumerate(take["times"]):
        nearest = int(np.abs(times - time).argmin())
        if abs(times[nearest] - time) > HALF_FRAME * step + 1e-3 or not (take["lips"][index] and true["lips"][nearest]):
            continue
        mine, theirs = (
            _levelled(track["lips"][at], track["eyes"][at]) for track, at in ((take, index), (true, nearest))
        )
        found.append(float(np.linalg.norm(mine - theirs, axis=1).mean()))
    if not found:
        raise Unmeasurable("no frame shows the face in both films")
    return float(np.mean(found))


def _levelled(lips: Sequence[float], eyes: Sequence[float]) -> Any:
    """Lip points in a frame of their own: origin between the eyes, their distance 1, their line level. (n, 2)."""
    import numpy as np

    points = np.array(lips).reshape(-1, 2)
    left, right = np.array(eyes).reshape(2, 2)
    across = right - left
    length = float(np.hypot(*across))
    cos, sin = across / max(length, 1e-6)
    return (points - (left + right) / 2) @ np.array([[cos, -sin], [sin, cos]]) / max(length, 1e-6)


class TrueAperture:
    """How closely the mouth's opening follows the one that was drawn.

    What: Pearson's r, without lag, between the measured inner-lip gap and the reference's ``aperture``.
    Range: -1..1, higher is better.
    Needs: the true openings, which made datasets have. They come from the phonemes' exact times and the drawing's own
    shapes, in any language.
    Ignores: scale and offset.
    Known failures: another speaker may truly open otherwise: it asks for this character's way of speaking.
    Provenance: proxy (home-made).
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="lipsync.true_aperture_correlation",
            title="Mouth follows the truth",
            unit="r",
            signature=signature("lipsync.true_aperture_correlation", "mediapipe", settings="lag:0"),
            contracts=("lipsync",),
            higher_is_better=True,
            provenance="proxy",
            low=-1.0,
            high=1.0,
            worst=-1.0,
            needs=("video",),
            references=("mouth",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the reference ``mouth``."""

        def measure() -> tuple[float]:
            import numpy as np

            true = view.reference("mouth")
            if true is None:
                raise Unmeasurable("the true mouth is not known")
            seen = mouth(view, view.output("video"))
            gaps = np.array(true.json["aperture"], float)
            times = np.arange(len(gaps)) / float(true.json["fps"])
            return (curves.pearson(seen.aperture, np.interp(seen.times, times, gaps)),)

        return scored(self.specs, measure)


class Identity:
    """Is it still the same person?

    What: mean distance of the take's face descriptors from the mean descriptor of the given film (dlib's ResNet, 128
    numbers, two frames a second).
    Range: 0 and above, lower is better; dlib's authors take less than 0.6 for one person.
    Needs: a face in both films.
    Ignores: who it is, and most of what the mouth does: a mouth far off still passes 0.6.
    Known failures: the untouched film wins it, since nothing is nearer to a film than itself. Drawn faces are outside
    of what the network was taught on: only differences between rows of one face count.
    Provenance: library dlib; the sampling and the crop by MediaPipe's box are ours.
    Source: Davis King, dlib-models (dlib_face_recognition_resnet_model_v1).
    Licence: BSL-1.0, weights CC0.
    """

    specs = (
        MetricSpec(
            id="lipsync.identity_distance",
            title="Identity moved",
            unit="L2",
            signature=signature(
                "lipsync.identity_distance",
                "dlib-bin",
                "mediapipe",
                weights=("dlib-face-resnet", "dlib-face-5-points"),
                settings="2/s;mean of input",
            ),
            contracts=("lipsync",),
            higher_is_better=False,
            provenance="library",
            low=0.0,
            decimals=3,
            needs=("video",),
            requires=(weights("dlib-face-resnet"), weights("dlib-face-5-points")),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``video`` against the input ``video``."""

        def measure() -> tuple[float]:
            import numpy as np

            given = _vectors(view, view.input("video")).mean(axis=0)
            return (float(np.linalg.norm(_vectors(view, view.output("video")) - given, axis=1).mean()),)

        return scored(self.specs, measure)


def _vectors(view: View, clip: Any) -> Any:
    import numpy as np

    if clip is None:
        raise Unmeasurable("the sample holds no film")
    found = view.feature("face_identity", clip)
    if "reason" in found:
        raise Unmeasurable(str(found["reason"]))
    return np.array(found["vectors"])


METRICS = (MouthLandmarkDistance(), TrueAperture(), Identity())
