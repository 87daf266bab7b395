"""The integer program behind a budget: one arm for each piece of work, the most quality under a cap that mostly holds.

Let x[g, a] say that group g is given to arm a. Maximise Σ worth[g, a] x[g, a] with one arm a group, such that the cost
of the film, Σ cost[g, a, k] x[g, a], is within the cap in at least ⌈confidence · K⌉ of K scenarios: a binary z[k] lets
scenario k be over it. Solved by HiGHS (Huangfu and Hall 2018) through SciPy, to proven optimality or to the gap that
is told: with equal inputs the answer is equal, for no clock stops it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from filmbench.harness.film.chance import Floats

NODES = 200_000
"""Branch-and-bound nodes after which the best answer so far is given, with its gap."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The solver's own word: ``bound`` is what no choice can beat, ``gap`` the relative distance to it."""

    status: str
    optimal: bool
    value: float
    bound: float
    gap: float
    nodes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """``arms[g]`` is the arm given to group g; ``certificate`` is about worth, or dollars where they were least."""

    arms: tuple[int, ...]
    certificate: Certificate


def best(costs: Sequence[Floats], worths: Sequence[Floats], cap: float, confidence: float) -> Answer | None:
    """The most worth under ``cap``, ``None`` where no choice fits.

    ``costs[g]`` is dollars, shape (arms, scenarios); ``worths[g]`` has shape (arms,). Scenarios are as likely as each
    other.
    """
    kept = [_undominated(cost, worth) for cost, worth in zip(costs, worths, strict=True)]
    shape = _Shape.of([cost[keep] for cost, keep in zip(costs, kept, strict=True)], confidence)
    left = np.concatenate([worth[keep] for worth, keep in zip(worths, kept, strict=True)])
    objective = np.concatenate([-left, np.zeros(shape.scenarios)])
    answer = shape.solve(objective, [shape.one_each(), shape.within(cap), shape.few_over()], sign=-1.0)
    return _in_full(answer, kept)


def cheapest(
    costs: Sequence[Floats], worths: Sequence[Floats], confidence: float, least: float | None = None
) -> Answer | None:
    """The smallest cap under which a choice of worth ``least`` or more fits; its certificate's value is that cap."""
    if least is None:
        worths = [np.zeros(len(worth)) for worth in worths]
    kept = [_undominated(cost, worth) for cost, worth in zip(costs, worths, strict=True)]
    shape = _Shape.of([cost[keep] for cost, keep in zip(costs, kept, strict=True)], confidence, caps=True)
    objective = np.zeros(shape.width)
    objective[-1] = 1.0
    limits = [shape.one_each(), shape.within(None), shape.few_over()]
    if least is not None:
        limits.append(shape.worth([worth[keep] for worth, keep in zip(worths, kept, strict=True)], least))
    return _in_full(shape.solve(objective, limits), kept)


def _undominated(cost: Floats, worth: Floats) -> list[int]:
    """Arms that no other arm of the group is as good as and, in every scenario, as cheap as: one of these is best."""
    kept: list[int] = []
    for arm in sorted(range(len(worth)), key=lambda arm: (-worth[arm], cost[arm].sum(), arm)):
        if not any(worth[other] >= worth[arm] and (cost[other] <= cost[arm]).all() for other in kept):
            kept.append(arm)
    return sorted(kept)


def _in_full(answer: Answer | None, kept: Sequence[Sequence[int]]) -> Answer | None:
    if answer is None:
        return None
    return Answer(tuple(keep[arm] for keep, arm in zip(kept, answer.arms, strict=True)), answer.certificate)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Variables in order: x by group and arm, z by scenario, and the cap where it is sought."""

    costs: Sequence[Floats]
    sizes: tuple[int, ...]
    scenarios: int
    over: int
    caps: bool

    @classmethod
    def of(cls, costs: Sequence[Floats], confidence: float, caps: bool = False) -> _Shape:
        scenarios = costs[0].shape[1]
        allowed = scenarios - math.ceil(round(confidence * scenarios, 9))
        return cls(costs, tuple(len(cost) for cost in costs), scenarios, allowed, caps)

    @property
    def choices(self) -> int:
        return sum(self.sizes)

    @property
    def width(self) -> int:
        return self.choices + self.scenarios + self.caps

    def one_each(self) -> Any:
        """Each group has one arm."""
        from scipy.optimize import LinearConstraint

        matrix = np.zeros((len(self.sizes), self.width))
        start = 0
        for row, size in enumerate(self.sizes):
            matrix[row, start : start + size] = 1.0
            start += size
        return LinearConstraint(matrix, 1.0, 1.0)

    def within(self, cap: float | None) -> Any:
        """Cost − slack z ≤ cap, each slack as large as the scenario can need and no larger."""
        from scipy.optimize import LinearConstraint

        each = np.concatenate(self.costs).T
        dearest = sum(cost.max(axis=0) for cost in self.costs)
        floor = sum(cost.min(axis=0) for cost in self.costs).min() if cap is None else cap
        slack = np.maximum(dearest - floor, 0.0)
        matrix = np.hstack([each, -np.diag(slack)] + ([-np.ones((self.scenarios, 1))] if self.caps else []))
        return LinearConstraint(matrix, -np.inf, 0.0 if cap is None else cap)

    def few_over(self) -> Any:
        """No more scenarios over the cap than the confidence allows."""
        from scipy.optimize import LinearConstraint

        row = np.zeros(self.width)
        row[self.choices : self.choices + self.scenarios] = 1.0
        return LinearConstraint(row[None, :], 0.0, self.over)

    def worth(self, worths: Sequence[Floats], least: float) -> Any:
        """At least so much worth."""
        from scipy.optimize import LinearConstraint

        row = np.zeros(self.width)
        row[: self.choices] = np.concatenate(worths)
        return LinearConstraint(row[None, :], least, np.inf)

    def solve(self, objective: Floats, limits: list[Any], sign: float = 1.0) -> Answer | None:
        """HiGHS's answer; ``sign`` turns its minimum into what was asked for."""
        from scipy.optimize import Bounds, milp

        whole = np.ones(self.width)
        upper = np.ones(self.width)
        if self.caps:
            whole[-1], upper[-1] = 0.0, np.inf
        found = milp(
            objective,
            integrality=whole,
            bounds=Bounds(np.zeros(self.width), upper),
            constraints=limits,
            options={"node_limit": NODES, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            return None
        chosen, start = [], 0
        for size in self.sizes:
            chosen.append(int(np.argmax(found.x[start : start + size])))
            start += size
        value, bound = sign * float(found.fun), sign * float(found.mip_dual_bound)
        gap = abs(value - bound) / max(abs(value), 1e-12)
        words = "optimal" if found.status == 0 else str(found.message)
        certificate = Certificate(words, found.status == 0, value, bound, gap, int(found.mip_node_count))
        return Answer(tuple(chosen), certificate)
