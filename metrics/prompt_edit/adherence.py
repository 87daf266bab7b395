"""Whether an edited shot shows what was asked, in CLIP's eyes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from filmbench.harness import models
from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import clip
from filmbench.metrics.measure import Unmeasurable, scored, signature

PER_SECOND = 2.0


def _spec(id: str, title: str, better: bool | None, low: float, high: float = 1.0, **more: Any) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="",
        signature=signature(id, "transformers", weights=(clip.WEIGHTS,), settings=f"{PER_SECOND:g}/s"),
        contracts=("editing/prompt",),
        higher_is_better=better,
        provenance="reimplementation",
        low=low,
        high=high,
        needs=("video",),
        requires=clip.REQUIRES,
        **more,
    )


class Adherence:
    """CLIP directional similarity, CLIPScore of the edited caption, and CLIP similarity to the source.

    What: two frames a second. *Directional*: the cosine between take minus source (unit image embeddings of the same
    moment) and the caption of the edit minus that of the source (unit text embeddings). *CLIPScore*: 100 max(cos, 0)
    of the take and the caption of the edit. *Similarity*: the cosine of take and source.
    Range: directional and similarity -1..1, CLIPScore 0..100. Higher is better for the first two; the third is read
    beside them: the untouched source has 1.
    Needs: both captions; the CLIP weights, in no package: ``None: needs weights …`` until ``filmbench models add``
    brought them. No other measure stands in.
    Ignores: everything that takes time, and the picture beyond its middle square.
    Known failures: saturated by its floor in one way each: the untouched source keeps all similarity and has no
    direction (``None``); a clip that forgets the source can have a high CLIPScore. Read the three as a trade-off.
    Provenance: reimplementation; the directional formula pinned by a toy of .8535534, the score by cos 0.3 = 30.
    Published tables use ViT-L/14 and a squashed picture, so their numbers are others.
    Source: Gal et al., "StyleGAN-NADA", 2022 (directional); Brooks et al., "InstructPix2Pix", CVPR 2023; Hessel et al.,
    EMNLP 2021 (CLIPScore).
    Licence: Apache-2.0; weights MIT.
    """

    output = "video"
    beside = ("input.video",)
    specs = (
        _spec(
            "prompt_edit.clip_directional",
            "CLIP directional similarity",
            True,
            -1.0,
            references=("source_caption", "caption"),
            decimals=3,
        ),
        _spec("prompt_edit.clip_score", "CLIPScore", True, 0.0, 100.0, references=("caption",), decimals=1),
        _spec("prompt_edit.clip_similarity", "CLIP likeness to source", None, -1.0, decimals=3),
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the captions and the input ``video``."""
        references = view.sample.references
        return _Adherence(*(str(references.get(role) or "") for role in ("source_caption", "caption")))


class _Adherence:
    def __init__(self, before: str, after: str) -> None:
        self._before, self._after = before, after
        self._next = 0.0
        self._pairs: list[tuple[Any, Any]] = []
        self._missing: Exception | None = None

    def update(self, moment: Moment) -> None:
        """Look at a frame and the source's of the same moment, twice a second."""
        source = moment.frame("input.video")
        if self._missing or source is None or moment.time < self._next - 1e-6:
            return
        self._next = moment.time + 1 / PER_SECOND
        try:
            self._pairs.append((clip.reader().picture(source.rgb), clip.reader().picture(moment.take.rgb)))
        except (models.ModelUnavailable, ImportError) as error:
            self._missing = error

    def compute(self) -> Sequence[Score]:
        """The three columns."""
        measures = (self._directional, self._score, self._similarity)
        return [scored((spec,), self._checked(one))[0] for spec, one in zip(Adherence.specs, measures, strict=True)]

    def _checked(self, measure: Callable[[], float]) -> Callable[[], tuple[float]]:
        def checked() -> tuple[float]:
            if self._missing:
                raise self._missing
            if not self._pairs:
                raise Unmeasurable("there is no source beside any frame")
            return (measure(),)

        return checked

    def _directional(self) -> float:
        if not self._before or not self._after:
            raise Unmeasurable("the sample does not say in words what the shot shows before and after")
        told = clip.told(self._before), clip.told(self._after)
        return _mean([clip.directional(before, after, *told) for before, after in self._pairs])

    def _score(self) -> float:
        if not self._after:
            raise Unmeasurable("the sample does not say in words what the changed shot shows")
        return clip.mean_score([after for _, after in self._pairs], clip.told(self._after))

    def _similarity(self) -> float:
        return _mean([clip.likeness(before, after) for before, after in self._pairs])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


METRICS = (Adherence(),)
