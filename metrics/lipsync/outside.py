"""What the take did to the picture around the mouth, and how it flickers, in one pass over take and given film."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, Requirement, View
from filmbench.harness.types import Score
from filmbench.metrics.features.mouth import VISION_EXTRA
from filmbench.metrics.frames.steadiness import stray_change
from filmbench.metrics.lipsync.seen import track
from filmbench.metrics.measure import Unmeasurable, python, scored, signature, weights

GIVEN = "input.video"
GROWTH = 0.08
"""The speaking part is widened by this share of the face's width."""
_MASK = f"outside the hull of lips and jaw of both films, widened by {GROWTH:g} of the face"
LPIPS_EVERY = 10
"""LPIPS, a network, looks at each tenth frame."""


def _spec(name: str, title: str, unit: str, higher: bool, *packages: str, **more: Any) -> MetricSpec:
    settings = more.pop("settings", _MASK)
    needs: tuple[Requirement, ...] = (python("mediapipe", VISION_EXTRA), *more.pop("requires", ()))
    return MetricSpec(
        id=f"lipsync.{name}",
        title=title,
        unit=unit,
        signature=signature(
            f"lipsync.{name}", "mediapipe", *packages, weights=more.pop("weights", ()), settings=settings
        ),
        contracts=("lipsync",),
        higher_is_better=higher,
        needs=("video",),
        requires=needs,
        **more,
    )


class Speaking:
    """Where the mouth and jaw are, in take and given film, at any moment: a mask in the moment's own pixels."""

    def __init__(self, view: View) -> None:
        given = view.input("video")
        if given is None:
            raise Unmeasurable("the sample holds no film")
        self._tracks = (track(view, view.output("video")), track(view, given))

    def mask(self, moment: Moment) -> Any:
        """Bool, (height, width): true where either face speaks; ``None`` where one of them has no face."""
        import cv2
        import numpy as np

        width, height = moment.take.size
        filled = np.zeros((height, width), np.uint8)
        for found in self._tracks:
            index = int(np.abs(np.array(found["times"]) - moment.time).argmin())
            if found["region"][index] is None:
                return None
            scale = np.array([width, height]) / np.array(found["size"])
            hull = np.round(np.array(found["region"][index]).reshape(-1, 2) * scale).astype(np.int32)
            cv2.fillConvexPoly(filled, cv2.convexHull(hull), 1)
            x0, _, x1, _ = found["box"][index]
        grow = max(1, round(GROWTH * (x1 - x0) * width / found["size"][0]))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
        return cv2.dilate(filled, kernel).astype(bool)


class _Scorer(ABC):
    """Means over moments of what ``look`` finds; moments without the given film or a face are left out."""

    def __init__(self, specs: Sequence[MetricSpec], view: View) -> None:
        self._specs = specs
        self._reason: str | None = None
        self._sums = [0.0] * len(specs)
        self._counts = [0] * len(specs)
        try:
            self._speaking = Speaking(view)
        except Unmeasurable as error:
            self._reason = str(error)

    def update(self, moment: Moment) -> None:
        """Look at one moment."""
        given = moment.frame(GIVEN)
        if self._reason is not None or given is None:
            return
        mask = moment.once(Speaking, lambda: self._speaking.mask(moment))  # drawn once for all three metrics
        if mask is None or mask.all():
            return
        for place, value in enumerate(self.look(moment, given, mask)):
            if value is not None:
                self._sums[place] += value
                self._counts[place] += 1

    @abstractmethod
    def look(self, moment: Moment, given: Any, mask: Any) -> Sequence[float | None]:
        """What is summed for one moment, a number or ``None`` for each spec."""

    def compute(self) -> Sequence[Score]:
        """The means."""

        def measure() -> list[float]:
            if self._reason is not None:
                raise Unmeasurable(self._reason)
            if not all(self._counts):
                raise Unmeasurable("too few frames show a face in both films")
            return self.finished([total / count for total, count in zip(self._sums, self._counts, strict=True)])

        return scored(self._specs, measure)

    def finished(self, means: list[float]) -> list[float]:
        """The columns from the means."""
        return means


class OutsideMouth:
    """Was the rest of the picture left as it was?

    What: PSNR and SSIM (Wang, Gaussian 11/1.5) on luma between take and given film, moment by moment, outside the
    hull of lips and jaw of both, widened; PSNR from the mean squared error of all moments.
    Range: PSNR in dB up to 100, which stands for identical; SSIM up to 1. Higher is better.
    Needs: a face in both films, at the same times.
    Ignores: the mouth, and moments after the given film's end.
    Known failures: the untouched film wins both by definition. A head that rightly moves with the speech, as a person's
    would, loses: they judge keeping, not acting. A codec's loss counts. Where the pasted part ends is not looked at.
    Provenance: library-pinned reimplementation, see the picture metrics; the mask is ours.
    Source: Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 13(4), 2004.
    Licence: Apache-2.0.
    """

    output = "video"
    beside = (GIVEN,)
    specs = (
        _spec("outside_psnr", "PSNR outside the mouth", "dB", True, provenance="reimplementation", high=100.0),
        _spec(
            "outside_ssim", "SSIM outside the mouth", "", True,
            provenance="reimplementation", high=1.0, decimals=4, settings=f"gauss11/1.5;{_MASK}",
        ),
    )  # fmt: skip

    def begin(self, view: View) -> FrameScorer:
        """A scorer of one take."""
        return _Fidelity(self.specs, view)


class _Fidelity(_Scorer):
    def look(self, moment: Moment, given: Any, mask: Any) -> Sequence[float | None]:
        """Squared error and SSIM."""
        from filmbench.metrics.frames.fidelity import mean_squared_error, ssim

        take = moment.take.luma
        return mean_squared_error(take, given.luma, ~mask), ssim(take, given.luma, ~mask)

    def finished(self, means: list[float]) -> list[float]:
        """PSNR of the mean error."""
        from filmbench.metrics.frames.fidelity import psnr

        return [psnr(means[0]), means[1]]


class OutsideLpips:
    """Does the rest of the picture look as it did?

    What: LPIPS (v0.1, AlexNet) between take and given film outside the speaking part, each tenth frame.
    Range: 0 and above, lower is better.
    Needs: a face in both films.
    Ignores: as PSNR outside the mouth.
    Known failures: the untouched film wins it by definition. Near the mask's edge the network still sees the mouth.
    Provenance: library (the lpips package's weights).
    Source: Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018.
    Licence: BSD-2-Clause.
    """

    output = "video"
    beside = (GIVEN,)
    specs = (
        _spec(
            "outside_lpips", "LPIPS outside the mouth", "", False, "lpips",
            provenance="library", low=0.0, decimals=4, weights=("lpips-alex",),
            settings=f"alex;each {LPIPS_EVERY}th;{_MASK}", requires=(weights("lpips-alex"),),
        ),
    )  # fmt: skip

    def begin(self, view: View) -> FrameScorer:
        """A scorer of one take."""
        return _Lpips(self.specs, view)


class _Lpips(_Scorer):
    def look(self, moment: Moment, given: Any, mask: Any) -> Sequence[float | None]:
        """LPIPS of each tenth moment."""
        from filmbench.metrics.frames.lpips import distance

        if moment.take.index % LPIPS_EVERY:
            return (None,)
        return (distance(moment.take.rgb, given.rgb, ~mask),)


class Flicker:
    """Does the picture flicker, around the mouth and in it?

    What: outside, the mean difference between how the take and the given film change from frame to frame (luma steps);
    inside, the mean second difference over three frames of the take's speaking part, which counts trembling more than
    moving.
    Range: 8-bit steps, 0 is none, lower is better.
    Needs: a face in both films.
    Ignores: slow drifts of colour.
    Known failures: the untouched film wins the one outside by definition, a mouth that hardly moves the one inside:
    true speech is not 0. Read it against the reference row.
    Provenance: proxy (home-made).
    Source: none.
    Licence: Apache-2.0.
    """

    output = "video"
    beside = (GIVEN,)
    specs = (
        _spec("outside_flicker", "Flicker outside the mouth", "steps", False, provenance="proxy", low=0.0, decimals=3),
        _spec(
            "mouth_flicker",
            "Flicker of the mouth",
            "steps",
            False,
            provenance="proxy",
            low=0.0,
            settings="second difference",
        ),
    )

    def begin(self, view: View) -> FrameScorer:
        """A scorer of one take."""
        return _Flicker(self.specs, view)


class _Flicker(_Scorer):
    def __init__(self, specs: Sequence[MetricSpec], view: View) -> None:
        super().__init__(specs, view)
        self._step: tuple[int, Any] = (-2, None)

    def look(self, moment: Moment, given: Any, mask: Any) -> Sequence[float | None]:
        """How both films have changed since the moment before."""
        before = moment.previous
        given_before = before.frame(GIVEN) if before else None
        if before is None or given_before is None:
            return None, None
        outside = stray_change(before.take.luma, moment.take.luma, given_before.luma, given.luma, ~mask)
        step = moment.take.luma.astype("int16") - before.take.luma
        inside = None
        if self._step[0] == moment.take.index - 1:
            inside = float(abs(step - self._step[1])[mask].mean())
        self._step = (moment.take.index, step)
        return outside, inside


METRICS = (OutsideMouth(), OutsideLpips(), Flicker())
