"""Columns over neighbouring frames of one take: flicker, warping error, motion, frozen and black frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames.compared import CV2, OPENCV, Region, region_of
from filmbench.metrics.measure import signature

FLOW = "flow:dis-medium,unrefined"
"""How :meth:`Moment.flow` is computed, for signatures."""
FROZEN = 0.001
"""Two frames whose lumas differ by less, on average and as a part of 255, are the same: −60 dB, as in ffmpeg's
``freezedetect``."""
BLACK_LUMA = 16 + 0.10 * 219
BLACK_SHARE = 0.98
"""A frame is black when this share of it is no brighter than that, as in ffmpeg's ``blackdetect``."""


@dataclass(slots=True)
class Means:
    """A scorer that averages what ``measure`` finds at each moment that it can measure (``None``: it cannot)."""

    specs: Sequence[MetricSpec]
    measure: Callable[[Moment], Sequence[float] | None]
    absent: str
    _sums: list[float] = field(default_factory=list)
    _count: int = 0

    def update(self, moment: Moment) -> None:
        """Look at one moment."""
        values = self.measure(moment)
        if values is None:
            return
        self._sums = [total + value for total, value in zip(self._sums or [0.0] * len(values), values, strict=True)]
        self._count += 1

    def compute(self) -> Sequence[Score]:
        """The means, or why there are none."""
        if not self._count:
            return [Score(spec.id, None, self.absent) for spec in self.specs]
        return [Score(spec.id, total / self._count) for spec, total in zip(self.specs, self._sums, strict=True)]


class Flicker:
    """How little neighbouring frames differ: VBench's temporal flickering, of any clip.

    What: (255 − mean absolute difference of neighbouring frames' RGB) / 255, mean over neighbours. With a region, over
    the pixels of its mask at the later frame.
    Range: 0 … 1, higher is better, 1 when nothing changes.
    Needs: at least two frames; a mask where a region is asked for.
    Ignores: frame rate and length. It looks at steps from frame to frame, so a slow drift is free.
    Known failures: motion counts as flicker, so **a still image wins it** and so does a blurred clip: read it beside
    the columns of motion. VBench measures it on prompts that ask for stillness, and scales it to .6293 … 1; neither is
    done here, so its tables are not comparable.
    Provenance: re-implementation, pinned by a toy (frames of 0 and 51 in turn: .8); of a region, a proxy.
    Source: Huang et al., "VBench", CVPR 2024, dimension ``temporal_flickering``.
    Licence: Apache-2.0.
    """

    def __init__(
        self,
        prefix: str,
        contract: str,
        output: str = "video",
        region: Region | None = None,
        mask: str = "input.mask",
        core: bool = True,
    ) -> None:
        id = f"{prefix}.flicker" + (f"_{region}" if region else "")
        where = f";region:{region} of {mask}" if region else ""
        self.output, self.region, self.mask = output, region, mask
        self.beside: tuple[str, ...] = (mask,) if region else ()
        self.specs: tuple[MetricSpec, ...] = (
            MetricSpec(
                id=id,
                title=f"Flicker, {region}" if region else "Flicker",
                unit="",
                signature=signature(id, OPENCV, settings=f"rgb;agg:mean{where}"),
                contracts=(contract,),
                higher_is_better=True,
                provenance="proxy" if region else "reimplementation",
                low=0.0,
                high=1.0,
                worst=0.0,
                decimals=4,
                needs=(output,),
                requires=(CV2,),
                core=core,
            ),
        )

    def begin(self, view: View) -> Means:
        """A fresh scorer."""
        return Means(
            self.specs, self._measure, "one frame has no neighbour" if not self.region else "no frame to measure"
        )

    def _measure(self, moment: Moment) -> tuple[float] | None:
        if moment.previous is None or (self.region and moment.frame(self.mask) is None):
            return None
        mask = region_of(moment, self.mask, self.region)
        if mask is not None and not mask.any():
            return None
        return (flicker(moment.previous.take.rgb, moment.take.rgb, mask),)


def flicker(before: Any, now: Any, mask: Any | None = None) -> float:
    """VBench's temporal flickering of two frames (uint8 RGB), 1 for equal ones; of ``mask``'s pixels where given."""
    import cv2
    import numpy as np

    where = None if mask is None else np.ascontiguousarray(mask, np.uint8)
    values = now.size if mask is None else 3 * int(mask.sum())
    return 1 - float(cv2.norm(now, before, cv2.NORM_L1, where)) / values / 255


class WarpError:
    """How badly each frame continues the one before it along the motion: a proxy of the warping error E_warp.

    What: each frame is brought back to the frame before along the optical flow; mean over pixels of the squared
    difference of lumas (as parts of 255), times 1000, mean over frames. Left out are pixels that leave the picture and
    those at the borders of motion, where things appear and vanish.
    Range: 0 … 1000, lower is better. Needs: at least two frames, 16 pixels each way, and the film whose flow is used.
    Ignores: motion that the flow finds; frame rate.
    Known failures: **a still image wins it with 0**, blur comes near. What the flow cannot follow (fast motion, noise,
    transparency) counts as error; where the flow is that of the take, an artefact that moves smoothly is free.
    Provenance: proxy: E_warp takes the flow of FlowNet 2 or RAFT and checks it forwards and backwards; this is OpenCV's
    dense inverse search, checked by its own gradient, so the name says so and values compare with no paper's.
    Source: after Lai et al., ECCV 2018; borders of motion after Ruder, Dosovitskiy and Brox, GCPR 2016.
    Licence: Apache-2.0.
    """

    def __init__(
        self, prefix: str, contract: str, output: str = "video", flow_of: str = "take", core: bool = True
    ) -> None:
        id = f"{prefix}.warp_error_dis"
        source, _, role = flow_of.partition(".")
        self.output, self.flow_of = output, flow_of
        self.beside: tuple[str, ...] = () if flow_of == "take" else (flow_of,)
        self.specs: tuple[MetricSpec, ...] = (
            MetricSpec(
                id=id,
                title="Warp error (DIS)",
                unit="10⁻³",
                signature=signature(id, OPENCV, settings=f"luma;{FLOW} of {flow_of};agg:mean"),
                contracts=(contract,),
                higher_is_better=False,
                provenance="proxy",
                low=0.0,
                high=1000.0,
                worst=1000.0,
                decimals=3,
                needs=(output,),
                references=(role,) if source == "reference" else (),
                requires=(CV2,),
                core=core,
            ),
        )

    def begin(self, view: View) -> Means:
        """A fresh scorer."""
        return Means(self.specs, self._measure, f"no two neighbouring frames with the flow of {self.flow_of}")

    def _measure(self, moment: Moment) -> tuple[float] | None:
        flow = flow_between(moment, self.flow_of)
        if flow is None or moment.previous is None:
            return None
        error = warp_error(moment.previous.take.luma, moment.take.luma, flow)
        return None if error is None else (1000 * error,)


def flow_between(moment: Moment, of: str = "take") -> Any | None:
    """The moment's flow; ``None`` too where the picture is too small for it."""
    return moment.flow(of) if min(moment.take.size) >= 16 else None


def warp_error(before: Any, now: Any, flow: Any) -> float | None:
    """Mean squared difference, as a part of 1, of ``before`` and of ``now`` brought back along ``flow``.

    ``before`` and ``now`` are uint8 luma, (h, w); ``flow``, float32 (h, w, 2), leads from ``before`` to ``now``.
    ``None`` where every pixel leaves the picture or lies at a border of motion.
    """
    import cv2
    import numpy as np

    height, width = before.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x += flow[..., 0]
    y += flow[..., 1]
    seen = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1) & ~_motion_border(flow)
    if not seen.any():
        return None
    back = cv2.remap(now.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    back -= before
    return float(cv2.norm(back, cv2.NORM_L2SQR, seen.astype(np.uint8))) / int(seen.sum()) / 255**2


def _motion_border(flow: Any) -> Any:
    """Where flow changes faster than a body's own turning: |∇u|² + |∇v|² > 0.01 |w|² + 0.002."""
    import numpy as np

    change = np.zeros(flow.shape[:2], np.float32)
    change[:, :-1] += np.square(flow[:, 1:] - flow[:, :-1]).sum(-1)
    change[:-1] += np.square(flow[1:] - flow[:-1]).sum(-1)
    return change > 0.01 * np.square(flow).sum(-1) + 0.002


class Motion:
    """How much moves, and how unsteadily, by optical flow. It describes; more is not better.

    What: ``motion`` is the mean length of the flow, ``motion_peak`` that of the fastest 5 % of pixels, both in picture
    heights per second; ``motion_change`` is the mean change of the flow between neighbouring steps, in heights per
    second squared (what jerks and boils is high beside its ``motion``). Means over frames.
    Range: 0 upwards, no better end. Needs: at least two frames (three for the change), 16 pixels each way.
    Ignores: size and frame rate, since lengths are parts of the height and times are the frames' own.
    Known failures: textureless areas seem still, noise and flicker seem to move; motion beyond about a tenth of the
    picture a frame is lost. A still image has 0.
    Provenance: proxy on OpenCV's dense inverse search. It is not VBench's dynamic degree, a yes or no
    by RAFT.
    Source: flow after Kroeger et al., ECCV 2016.
    Licence: Apache-2.0.
    """

    def __init__(self, prefix: str, contract: str, output: str = "video", of: str = "take", core: bool = True) -> None:
        columns = (
            ("motion", "Motion", "heights/s"),
            ("motion_peak", "Motion, fastest 5 %", "heights/s"),
            ("motion_change", "Motion, change", "heights/s²"),
        )
        self.output, self.of = output, of
        self.beside: tuple[str, ...] = () if of == "take" else (of,)
        self.specs = tuple(
            MetricSpec(
                id=f"{prefix}.{name}",
                title=title,
                unit=unit,
                signature=signature(f"{prefix}.{name}", OPENCV, settings=f"{FLOW} of {of};agg:mean"),
                contracts=(contract,),
                higher_is_better=None,
                provenance="proxy",
                low=0.0,
                decimals=3,
                needs=(output,),
                requires=(CV2,),
                core=core,
            )
            for name, title, unit in columns
        )

    def begin(self, view: View) -> _MotionScorer:
        """A fresh scorer."""
        return _MotionScorer(self.specs, self.of)


@dataclass(slots=True)
class _MotionScorer:
    specs: Sequence[MetricSpec]
    of: str
    _lengths: list[float] = field(default_factory=list)
    _peaks: list[float] = field(default_factory=list)
    _changes: list[float] = field(default_factory=list)
    _before: Any = None

    def update(self, moment: Moment) -> None:
        """Look at one moment."""
        import cv2
        import numpy as np

        flow = flow_between(moment, self.of)
        if flow is None or moment.previous is None:
            self._before = None
            return
        heights = flow.shape[0] * max(moment.time - moment.previous.time, 1e-3)
        velocity = flow / heights
        speed = cv2.magnitude(velocity[..., 0], velocity[..., 1])
        fastest = max(1, speed.size // 20)
        self._lengths.append(float(speed.mean()))
        self._peaks.append(float(np.partition(speed.ravel(), -fastest)[-fastest:].mean()))
        if self._before is not None:
            change = velocity - self._before
            step = heights / flow.shape[0]
            self._changes.append(float(cv2.magnitude(change[..., 0], change[..., 1]).mean()) / step)
        self._before = velocity

    def compute(self) -> Sequence[Score]:
        """The three columns."""
        found = (self._lengths, self._peaks, self._changes)
        return [
            Score(spec.id, sum(values) / len(values)) if values else Score(spec.id, None, "too few or too small frames")
            for spec, values in zip(self.specs, found, strict=True)
        ]


class FrozenAndBlack:
    """What part of a clip stands still or shows nothing.

    What: ``frozen`` is the share of neighbouring frames whose lumas differ by less than 0.1 % of 255 on average,
    ``black`` the share of frames of which 98 % is darker than a tenth of the way from black to white.
    Range: 0 … 100 %, lower is better. Needs: a frame, two for ``frozen``.
    Ignores: how long a freeze lasts: ffmpeg's filters report only those of two seconds.
    Known failures: a drawn or rendered still is frozen by right, and so is a held shot without grain; a night may be
    black.
    Provenance: re-implementation of the per-frame tests of ffmpeg's ``freezedetect`` and ``blackframe``, with their
    published thresholds.
    Source: ffmpeg.org/ffmpeg-filters.html.
    Licence: Apache-2.0.
    """

    def __init__(self, prefix: str, contract: str, output: str = "video", core: bool = True) -> None:
        columns = (
            ("frozen", "Frozen", f"noise:{FROZEN}"),
            ("black", "Black", f"luma:{BLACK_LUMA:g};share:{BLACK_SHARE}"),
        )
        self.output = output
        self.beside: tuple[str, ...] = ()
        self.specs = tuple(
            MetricSpec(
                id=f"{prefix}.{name}",
                title=title,
                unit="%",
                signature=signature(f"{prefix}.{name}", OPENCV, settings=settings),
                contracts=(contract,),
                higher_is_better=False,
                provenance="reimplementation",
                low=0.0,
                high=100.0,
                worst=100.0,
                decimals=1,
                needs=(output,),
                requires=(CV2,),
                core=core,
            )
            for name, title, settings in columns
        )

    def begin(self, view: View) -> _Both:
        """A fresh scorer."""
        frozen, black = self.specs
        return _Both(
            Means((frozen,), _frozen, "one frame has no neighbour"), Means((black,), _black, "the take holds no frame")
        )


@dataclass(slots=True)
class _Both:
    frozen: Means
    black: Means

    def update(self, moment: Moment) -> None:
        """Look at one moment."""
        self.frozen.update(moment)
        self.black.update(moment)

    def compute(self) -> Sequence[Score]:
        """Both columns."""
        return [*self.frozen.compute(), *self.black.compute()]


def _frozen(moment: Moment) -> tuple[float] | None:
    import cv2

    if moment.previous is None:
        return None
    now, before = moment.take.luma, moment.previous.take.luma
    return (100.0 * (float(cv2.norm(now, before, cv2.NORM_L1)) / now.size / 255 < FROZEN),)


def _black(moment: Moment) -> tuple[float]:
    luma = moment.take.luma
    return (100.0 * (int((luma <= BLACK_LUMA).sum()) >= BLACK_SHARE * luma.size),)
