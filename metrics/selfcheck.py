"""Does a metric do what its card says? Checks on real readings, with the numbers they rest on.

A metric takes part by an attribute ``expects``, one :class:`Expect` per column in the order of its ``specs``. Three
things are held to it: best on the reading itself, worse with every step of damage, unmoved by what it should ignore.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from filmbench.harness.protocols import Clip, Metric, MetricSpec, ProviderSpec
from filmbench.harness.types import Artifact, Outcome, Sample, Take, Timing

Damage = Literal["noise", "heavy noise", "overdrive"]
Change = Literal["gain", "delay", "padding", "rate"]
Edit = Callable[[Clip], tuple[Clip, Clip]]
"""What is done to a reading: gives the copy, and the reading to hold it against."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a column promises.

    ``best`` is its value for a reading against itself (``None`` for columns without a reference), ``damage`` what
    must make it worse step by step (``None`` for columns where less is not worse), ``ignores`` the largest move, in
    the column's unit, that each change may cause.
    """

    best: float | None = None
    damage: Damage | None = "noise"
    ignores: Mapping[Change, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clean recording to check on: at least three seconds of speech, with its text where a metric needs it."""

    clip: Clip
    text: str = ""
    language: str | None = None

    @property
    def sample(self) -> Sample:
        """The reading as an item of a dataset."""
        return Sample("reading", "selfcheck", {"text": self.text}, language=self.language)


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of one column. ``passed`` is ``None`` where it could not be measured; ``detail`` says why."""

    metric: str
    name: str
    passed: bool | None
    values: tuple[float, ...]
    detail: str


class Sound:
    """A clip held in memory: float32 samples of shape (n,) or (n, channels) at ``rate`` Hz."""

    def __init__(self, samples: Any, rate: int) -> None:
        import numpy as np

        self._samples = np.asarray(samples, dtype=np.float32)
        if self._samples.ndim == 1:
            self._samples = self._samples[:, None]
        self.rate = rate
        self.path = Path()
        content = self._samples.tobytes()
        self.artifact = Artifact(hashlib.sha256(content).hexdigest(), f"audio/x-raw;rate={rate}", len(content))

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self._samples) / self.rate

    def channels(self) -> Any:
        """The samples, (n, channels)."""
        return self._samples

    def mono(self, rate: int | None = None) -> Any:
        """float32 samples, (n,): the mean of all channels, resampled by soxr HQ when ``rate`` differs."""
        import soxr

        mixed = self._samples.mean(axis=1)
        return mixed if rate in (None, self.rate) else soxr.resample(mixed, self.rate, rate, quality="HQ")


_FLOOR = ProviderSpec("selfcheck/copy", ("tts",), "Copy", "1", "none", role="floor")
_TAKE = Take("selfcheck", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, False)


@dataclass(slots=True)
class CopyView:
    """A take that is a copy of a reading, as a floor row holds it."""

    sample: Sample
    copy: Clip
    reading: Clip
    spec: ProviderSpec = _FLOOR
    take: Take = _TAKE
    _features: dict[tuple[str, str], Any] = field(default_factory=dict)

    def output(self, role: str) -> Clip:
        """The copy."""
        return self.copy

    def outputs(self, role: str) -> tuple[Clip, ...]:
        """The copy, whatever the role."""
        return (self.copy,)

    def inputs(self, role: str) -> tuple[Clip, ...]:
        """A copy has no input media."""
        return ()

    def reference(self, role: str) -> Clip | None:
        """The reading."""
        return self.reading

    def input(self, role: str) -> Clip | None:
        """Copies are made of the reading alone."""
        return None

    def feature(self, id: str, clip: Clip) -> Any:
        """A shared measurement, computed once for this copy."""
        from filmbench.harness import registry

        place = (id, clip.artifact.sha256)
        if place not in self._features:
            self._features[place] = registry.features().get(id).compute(clip, self.sample)
        return self._features[place]


def selfcheck(metric: Metric, readings: Sequence[Reading]) -> tuple[Check, ...]:
    """Hold every column of ``metric`` to what it promises; a metric that promises nothing gives no checks.

    Values are means over ``readings``.
    """
    expects: Sequence[Expect] = getattr(metric, "expects", ())
    measured = _Measured(metric, readings)
    return tuple(
        check
        for spec, expect in zip(metric.specs, expects, strict=bool(expects))
        for examine in (_best, _worse, _unmoved)
        for check in examine(spec, expect, measured)
    )


def _best(spec: MetricSpec, expect: Expect, measured: _Measured) -> tuple[Check, ...]:
    if expect.best is None:
        return ()
    (value,), reason = measured.means(spec.id, [_unchanged])
    passed = None if reason else abs(value - expect.best) <= 10**-spec.decimals
    return (Check(spec.id, "best on itself", passed, (value,), reason or f"{value:.4g}, best {expect.best:g}"),)


def _worse(spec: MetricSpec, expect: Expect, measured: _Measured) -> tuple[Check, ...]:
    if expect.damage is None:
        return ()
    values, reason = measured.means(spec.id, [_unchanged, *DAMAGES[expect.damage]])
    steps = [after - before for before, after in pairwise(values)]
    passed = None if reason else all(step < 0 if spec.higher_is_better else step > 0 for step in steps)
    detail = reason or " → ".join(f"{value:.4g}" for value in values)
    return (Check(spec.id, f"worse with {expect.damage}", passed, values, detail),)


def _unmoved(spec: MetricSpec, expect: Expect, measured: _Measured) -> tuple[Check, ...]:
    checks = []
    for change, limit in expect.ignores.items():
        values, reason = measured.means(spec.id, [_unchanged, *CHANGES[change]])
        moved = max(abs(value - values[0]) for value in values)
        detail = reason or f"moves by {moved:.4g}, at most {limit:g} {spec.unit}"
        checks.append(Check(spec.id, f"ignores {change}", None if reason else moved <= limit, values, detail))
    return tuple(checks)


class _Measured:
    """Mean scores of the readings under edits, each measured once for all columns of the metric."""

    def __init__(self, metric: Metric, readings: Sequence[Reading]) -> None:
        self._metric = metric
        self._readings = readings
        self._scores: dict[Edit, list[Mapping[str, float | str]]] = {}

    def means(self, column: str, edits: Sequence[Edit]) -> tuple[tuple[float, ...], str | None]:
        """One mean per edit (NaN where it cannot be had), and the first reason why one cannot."""
        found = [[scores[column] for scores in self._under(edit)] for edit in edits]
        reason = next((value for values in found for value in values if isinstance(value, str)), None)
        means = (float("nan") if reason else sum(map(float, values)) / len(values) for values in found)
        return tuple(means), reason

    def _under(self, edit: Edit) -> list[Mapping[str, float | str]]:
        if edit not in self._scores:
            self._scores[edit] = [
                {s.metric: s.reason or "" if s.value is None else s.value for s in self._metric.score(view)}
                for view in (CopyView(reading.sample, *edit(reading.clip)) for reading in self._readings)
            ]
        return self._scores[edit]


# --- what is done to a reading ------------------------------------------------------------------------


def _unchanged(clip: Clip) -> tuple[Clip, Clip]:
    return clip, clip


@cache
def _noise(snr: float) -> Edit:
    def edit(clip: Clip) -> tuple[Clip, Clip]:
        import numpy as np

        samples = clip.channels()
        noise = np.random.default_rng(0).standard_normal(samples.shape)
        return Sound(samples + np.sqrt((samples**2).mean()) * 10 ** (-snr / 20) * noise, clip.rate), clip

    return edit


def _overdrive(db: float) -> Edit:
    def edit(clip: Clip) -> tuple[Clip, Clip]:
        import numpy as np

        samples = clip.channels() / np.abs(clip.channels()).max()
        return Sound(np.clip(samples * 10 ** (db / 20), -1, 1), clip.rate), clip

    return edit


def _gain(db: float) -> Edit:
    return lambda clip: (Sound(clip.channels() * 10 ** (db / 20), clip.rate), clip)


def _delay(seconds: float) -> Edit:
    def edit(clip: Clip) -> tuple[Clip, Clip]:
        import numpy as np

        late = round(seconds * clip.rate)
        return Sound(np.pad(clip.channels(), ((late, 0), (0, 0)))[:-late], clip.rate), clip

    return edit


def _padding(seconds: float) -> Edit:
    def edit(clip: Clip) -> tuple[Clip, Clip]:
        import numpy as np

        more = round(seconds * clip.rate)
        padded = Sound(np.pad(clip.channels(), ((more, more), (0, 0))), clip.rate)
        return padded, padded

    return edit


def _rate(rate: int) -> Edit:
    def edit(clip: Clip) -> tuple[Clip, Clip]:
        import soxr

        return Sound(soxr.resample(clip.channels(), clip.rate, rate, quality="VHQ"), rate), clip

    return edit


DAMAGES: Mapping[Damage, tuple[Edit, ...]] = {
    "noise": (_noise(20), _noise(10), _noise(0)),
    "heavy noise": (_noise(10), _noise(5), _noise(0)),
    "overdrive": (_overdrive(3), _overdrive(9), _overdrive(15)),
}
CHANGES: Mapping[Change, tuple[Edit, ...]] = {
    "gain": (_gain(-12),),
    "delay": (_delay(0.01),),
    "padding": (_padding(0.25),),
    "rate": (_rate(24_000), _rate(44_100), _rate(48_000)),
}
