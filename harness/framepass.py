"""Frame metrics of one take, fed by one decoding pass over its film and what it is held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.moments import Moment, moments
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import FrameMetric, FrameScorer, View
from filmbench.harness.types import Score

MOST_UNSEEN = 0.1
"""A take that ends so early that more than this share of its reference comes after it has no value against it."""


def watch(view: View, metrics: Sequence[FrameMetric]) -> Iterator[Score]:
    """The scores of ``metrics`` for one take, one pass for each output role that is watched."""
    for role, group in groupby(sorted(metrics, key=lambda metric: metric.output), key=lambda metric: metric.output):
        together = list(group)
        films = [film for film in view.outputs(role) if isinstance(film, VideoClip)]
        if films:
            yield from _pass(view, films[0], together)
        else:
            yield from (score for metric in together for score in _none(metric, f"the take gave no {role}"))


def _pass(view: View, film: VideoClip, metrics: Sequence[FrameMetric]) -> Iterator[Score]:
    watchers = [_Watcher(metric, view) for metric in metrics]
    names = dict.fromkeys(name for metric in metrics for name in metric.beside)
    companions = {name: clip for name in names if isinstance(clip := _companion(view, name), VideoClip)}
    unseen: dict[str, float] = {}
    try:
        with closing(moments(film, companions, unseen)) as all_moments:
            for moment in all_moments:
                for watcher in watchers:
                    watcher.update(moment)
    except BadMedia as error:
        for watcher in watchers:
            watcher.fault = watcher.fault or error.reason
    for watcher in watchers:
        watcher.judge(unseen)
        yield from watcher.compute()


def _companion(view: View, name: str) -> object:
    source, _, role = name.partition(".")
    return {"reference": view.reference, "input": view.input}[source](role)


class _Watcher:
    """One metric at work; its fault on one take must not lose the others."""

    def __init__(self, metric: FrameMetric, view: View) -> None:
        self._metric = metric
        self._scorer: FrameScorer | None = None
        self.fault: str | None = None
        try:
            self._scorer = metric.begin(view)
        except Exception as error:  # noqa: BLE001
            self._fail(error)

    def update(self, moment: Moment) -> None:
        if self._scorer is None or self.fault is not None:
            return
        try:
            self._scorer.update(moment)
        except Exception as error:  # noqa: BLE001
            self._fail(error)

    def judge(self, unseen: Mapping[str, float]) -> None:
        for name in self._metric.beside:
            if name.startswith("reference.") and unseen.get(name, 0.0) > MOST_UNSEEN:
                self.fault = self.fault or f"the take ends early: {unseen[name]:.0%} of the reference comes after it"

    def compute(self) -> Sequence[Score]:
        if self._scorer is not None and self.fault is None:
            try:
                return self._scorer.compute()
            except Exception as error:  # noqa: BLE001
                self._fail(error)
        return _none(self._metric, self.fault or "failed")

    def _fail(self, error: Exception) -> None:
        self.fault = f"failed: {type(error).__name__}: {error}"


def _none(metric: FrameMetric, reason: str) -> list[Score]:
    return [Score(spec.id, None, reason) for spec in metric.specs]
