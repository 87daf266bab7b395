"""Everything that can be named in a suite, by id: providers, features and metrics.

Ours and third parties' come the same way, through entry points. An entry point names a tuple, so that
one module can offer several models of one vendor:

    [project.entry-points."filmbench.providers"]
    acme = "acme_filmbench:PROVIDERS"

Groups: ``filmbench.providers``, ``filmbench.features``, ``filmbench.metrics``. A module that fails to
import is kept as a broken entry with its reason and never hides the others.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from filmbench.harness.protocols import Feature, FrameMetric, LocalEngine, Metric, MetricSpec, Provider, SetMetric
from filmbench.harness.types import UsageError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that could not be loaded, and why."""

    group: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """The things of one kind, by id, and the entry points that failed."""

    kind: str
    items: Mapping[str, T]
    broken: tuple[Broken, ...]

    def get(self, id: str) -> T:
        """The item called ``id``. Raises :class:`UsageError` with the nearest names."""
        try:
            return self.items[id]
        except KeyError:
            near = difflib.get_close_matches(id, self.items, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"see: filmbench {self.kind}s list"
            raise UsageError(f"there is no {self.kind} {id!r}", hint) from None


def _entries(group: str) -> tuple[list[tuple[str, tuple[object, ...]]], tuple[Broken, ...]]:
    loaded: list[tuple[str, tuple[object, ...]]] = []
    broken: list[Broken] = []
    for point in entry_points(group=group):
        try:
            loaded.append((point.name, tuple(point.load())))
        except Exception as error:  # noqa: BLE001 - a third party's module may fail in any way; it must not take ours along
            broken.append(Broken(group, point.name, f"{type(error).__name__}: {error}"))
    return loaded, tuple(broken)


def _claim(items: dict[str, T], kind: str, id: str, item: T, source: str) -> None:
    if id in items and type(items[id]) is not type(item):
        raise UsageError(f"two packages offer the {kind} {id!r} (one is {source})", "uninstall one of them")
    items[id] = item


@cache
def providers() -> Registry[Provider | LocalEngine]:
    """All providers, by ``vendor/model``."""
    loaded, broken = _entries("filmbench.providers")
    items: dict[str, Provider | LocalEngine] = {}
    for source, offered in loaded:
        for item in offered:
            provider = cast("Provider | LocalEngine", item)
            _claim(items, "provider", provider.spec.id, provider, source)
    return Registry("provider", dict(sorted(items.items())), broken)


@cache
def features() -> Registry[Feature]:
    """All shared measurements, by id."""
    loaded, broken = _entries("filmbench.features")
    items: dict[str, Feature] = {}
    for source, offered in loaded:
        for item in offered:
            feature = cast(Feature, item)
            _claim(items, "feature", feature.spec.id, feature, source)
    return Registry("feature", dict(sorted(items.items())), broken)


@cache
def metrics() -> Registry[Metric | FrameMetric | SetMetric]:
    """All metrics, by the id of each column they give."""
    loaded, broken = _entries("filmbench.metrics")
    items: dict[str, Metric | FrameMetric | SetMetric] = {}
    for source, offered in loaded:
        for item in offered:
            metric = cast("Metric | FrameMetric | SetMetric", item)
            for spec in metric.specs:
                _claim(items, "metric", spec.id, metric, source)
    return Registry("metric", dict(sorted(items.items())), broken)


def metric_spec(id: str) -> MetricSpec:
    """The facts of the column called ``id``."""
    return next(spec for spec in metrics().get(id).specs if spec.id == id)
