"""Seeded draws: equal seeds give equal scenarios, and a quantity draws the same whatever else is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from filmbench.harness.film.assumptions import Range
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_RATE = 0.01
"""An acceptance rate below this counts as this: nobody takes a shot more than some hundred times."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """``count`` possible worlds. Each named quantity has its own stream, and its quantiles are found once."""

    seed: int
    count: int
    _kept: dict[tuple[Any, ...], Floats] = field(default_factory=dict, compare=False, repr=False)

    def uniform(self, *name: str) -> Floats:
        """Where in its distribution a quantity lies in each world, 0..1, shape (count,)."""
        return self._stream(*name).random(self.count)

    def figure(self, figure: Range, *name: str) -> Floats:
        """A figure of the assumptions in each world."""
        return self._once((figure, *name), lambda: pert(figure, self.uniform(*name)))

    def rate(self, acceptance: Acceptance, *name: str) -> Floats:
        """How likely a take will do in each world."""
        return self._once((acceptance, *name), lambda: acceptance.quantile(self.uniform(*name)))

    def takes(self, pieces: int, rate: Floats, *name: str) -> Floats:
        """Takes until each of ``pieces`` has one that will do, each take doing with chance ``rate`` (count,)."""
        chance = np.clip(rate, LEAST_RATE, 1.0)
        return pieces + self._stream("takes", *name).negative_binomial(pieces, chance).astype(np.float64)

    def _once(self, key: tuple[Any, ...], draw: Callable[[], Floats]) -> Floats:
        if key not in self._kept:
            self._kept[key] = draw()
        return self._kept[key]

    def _stream(self, *name: str) -> np.random.Generator:
        told = hashlib.sha256("\x00".join(name).encode()).digest()
        return np.random.default_rng([self.seed, *np.frombuffer(told[:16], np.uint32).tolist()])


def pert(figure: Range, at: Floats) -> Floats:
    """The quantiles ``at`` of the beta-PERT distribution of a figure: mode ``typical``, ends ``low`` and ``high``.

    Vose, Risk Analysis (2008): a beta on [low, high] with mean (low + 4 typical + high) / 6.
    """
    from scipy.special import betaincinv

    if figure.sure:
        return np.full_like(at, figure.typical)
    width = figure.high - figure.low
    first = 1 + 4 * (figure.typical - figure.low) / width
    second = 1 + 4 * (figure.high - figure.typical) / width
    return np.asarray(figure.low + width * betaincinv(first, second, at), np.float64)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How likely a take will do: from ``accepted`` of ``judged`` takes (Jeffreys), else from a stated ``prior``."""

    prior: Range
    accepted: float | None = None
    judged: int = 0

    @property
    def measured(self) -> bool:
        """Whether takes stand behind it."""
        return self.accepted is not None and self.judged > 0

    def quantile(self, at: Floats) -> Floats:
        """The rate at the quantiles ``at``."""
        from scipy.special import betaincinv

        if self.accepted is None or not self.judged:
            return pert(self.prior, at)
        return np.asarray(betaincinv(self.accepted + 0.5, self.judged - self.accepted + 0.5, at), np.float64)

    @property
    def range(self) -> Range:
        """Low, typical and high rate: the prior's own, or the 10th, 50th and 90th percentile of what was measured."""
        if not self.measured:
            return self.prior
        low, typical, high = (max(LEAST_RATE, float(one)) for one in self.quantile(np.array([0.1, 0.5, 0.9])))
        return Range(low, typical, high)

    @property
    def words(self) -> str:
        """Where it comes from."""
        return f"own: {self.accepted:g} of {self.judged} samples" if self.measured else "prior"
