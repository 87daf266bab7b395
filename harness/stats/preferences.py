"""Who is preferred: strengths from votes on pairs, ties and all.

Davidson's extension of the Bradley-Terry model (Davidson 1970): with strengths p = exp(θ) and ν = exp(η), arm i is
preferred to j with probability p_i / (p_i + p_j + ν √(p_i p_j)), and they tie with ν √(p_i p_j) over the same sum.
Without any tie it is the model of Bradley and Terry (1952). Fitted by maximum likelihood, which is concave; intervals
from the sandwich estimator with whole raters as clusters, since one person's votes are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from filmbench.harness.stats.clusters import Codes, Floats
from filmbench.harness.stats.intervals import CONFIDENCE, Estimate, mean_interval, missing
from filmbench.harness.stats.paired import holm

ELO = 400 / math.log(10)
"""Points of a rating an e-fold of strength."""
MEAN = 1000.0
"""The mean of all ratings."""
PRIOR_SD = 300 / ELO
"""Of θ and η, where the likelihood alone has no maximum: 300 points, 85 votes to 15."""
ALPHA = 0.05
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Vote:
    """One judgement: ``first`` was shown on the left (or played first); ``preferred`` is 1, 2 or 0 for a tie."""

    first: str
    second: str
    preferred: int
    rater: str


@dataclass(frozen=True, slots=True)
class Rating:
    """One arm. ``rating`` is on the Elo scale, mean 1000; higher is better.

    ``ranks`` are the best and the worst rank at 95 % (Holm over all pairs), ``None`` for an arm that is not to be
    ranked. ``votes`` name the arm, cast by so many ``raters``. ``flagged`` says why the rating leans on the prior.
    ``without_one`` is its least and greatest value when any one rater is left out.
    """

    arm: str
    rating: Estimate
    ranks: tuple[int, int] | None
    votes: int
    raters: int
    wins: int
    ties: int
    losses: int
    flagged: str | None
    without_one: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """All arms, best first. ``table[i][j]`` counts votes for the i-th against the j-th of them.

    ``side`` is the share of untied votes for what was shown first (½ without bias), ``top_holds`` whether the leader
    stays the leader whoever is left out (``None`` for one rater).
    """

    ratings: tuple[Rating, ...]
    table: tuple[tuple[int, ...], ...]
    tie_parameter: float
    side: Estimate
    votes: int
    raters: int
    prior: bool
    top_holds: bool | None


class Disconnected(ValueError):
    """The votes fall into groups that were never compared, so that no one ranking of all exists."""


def preferences(votes: Sequence[Vote], ranked: Collection[str] | None = None) -> Preferences:
    """Rate all arms that votes name; rank those that are ``ranked`` (all by default) among themselves.

    Raises :class:`Disconnected`, and ``ValueError`` without votes.
    """
    if not votes:
        raise ValueError("no votes yet")
    arms = sorted({name for vote in votes for name in (vote.first, vote.second)})
    data = _Data.of(votes, arms)
    parts = data.groups()
    if len(parts) > 1:
        listed = "; ".join(", ".join(arms[arm] for arm in sorted(part)) for part in parts)
        raise Disconnected(f"these were never compared with each other: {listed}")
    fit = _fit(data)
    covariance = _sandwich(data, fit)
    order = sorted(range(len(arms)), key=lambda arm: (-fit.theta[arm], arms[arm]))
    among = [arm for arm in range(len(arms)) if ranked is None or arms[arm] in ranked]
    ranks = _rank_ranges(fit.theta, covariance, data.raters, among)
    flags = data.flags()
    left_out = _leave_one_out(votes, arms)
    counts = data.counts()
    ratings = tuple(
        Rating(
            arms[arm],
            _interval(fit.theta[arm], covariance, arm, data),
            ranks.get(arm),
            len(data.touching(arm)),
            len(np.unique(data.rater[data.touching(arm)])),
            int(counts[arm].sum()),
            int(data.ties[data.touching(arm)].sum()),
            int(counts[:, arm].sum()),
            flags.get(arm),
            (float(left_out[:, arm].min()), float(left_out[:, arm].max())) if len(left_out) else None,
        )
        for arm in order
    )
    return Preferences(
        ratings,
        tuple(tuple(int(counts[one, other]) for other in order) for one in order),
        math.exp(fit.eta) if fit.eta is not None else 0.0,
        _side(votes),
        len(votes),
        data.raters,
        fit.prior,
        bool((left_out.argmax(axis=1) == order[0]).all()) if len(left_out) else None,
    )


@dataclass(frozen=True, slots=True)
class _Data:
    """Votes as arrays (n,): arm indices, ``outcome`` (0 first, 1 second, 2 tie), rater codes."""

    arms: int
    first: Codes
    second: Codes
    outcome: Codes
    rater: Codes
    raters: int

    @classmethod
    def of(cls, votes: Sequence[Vote], arms: Sequence[str]) -> _Data:
        place = {arm: number for number, arm in enumerate(arms)}
        names, rater = np.unique([vote.rater for vote in votes], return_inverse=True)
        columns = (
            [place[v.first] for v in votes],
            [place[v.second] for v in votes],
            [(2, 0, 1)[v.preferred] for v in votes],
        )
        first, second, outcome = (np.array(column, np.intp) for column in columns)
        if (first == second).any():
            raise ValueError("a vote compares an arm with itself")
        return cls(len(arms), first, second, outcome, rater.astype(np.intp), len(names))

    @property
    def ties(self) -> Codes:
        return np.asarray(self.outcome == 2, np.intp)

    def touching(self, arm: int) -> Codes:
        return np.flatnonzero((self.first == arm) | (self.second == arm))

    def counts(self) -> Codes:
        """Untied votes for the row's arm against the column's."""
        found = np.zeros((self.arms, self.arms), np.intp)
        np.add.at(found, (self.first[self.outcome == 0], self.second[self.outcome == 0]), 1)
        np.add.at(found, (self.second[self.outcome == 1], self.first[self.outcome == 1]), 1)
        return found

    def groups(self) -> list[list[int]]:
        """Arms that are linked by votes at all."""
        return self._components("weak")

    def flags(self) -> dict[int, str]:
        """Arms whose strength the votes alone leave without bound (Ford's condition fails at them)."""
        if self.bounded:
            return {}
        parts = self._components("strong")
        # Where only ties hold the arms together, strict wins alone tell who was never beaten.
        beaten = self._beats().toarray() if len(parts) > 1 else self.counts()
        parts = parts if len(parts) > 1 else [[arm] for arm in range(self.arms)]
        flags: dict[int, str] = {}
        for part in parts:
            others = [arm for arm in range(self.arms) if arm not in part]
            if not beaten[np.ix_(others, part)].any():
                flags |= dict.fromkeys(part, "undefeated: its rating leans on the prior")
            elif not beaten[np.ix_(part, others)].any():
                flags |= dict.fromkeys(part, "winless: its rating leans on the prior")
        return flags

    @property
    def bounded(self) -> bool:
        """Whether the likelihood has a maximum.

        Every arm must be reached from every other by wins or ties. Ties bind only as long as the tie parameter cannot
        grow along with the strengths: it can where the arms fit on a line with every winner at least one step above the
        loser and tied arms at most one step apart.
        """
        return len(self._components("strong")) == 1 and not (self.ties.any() and self._fits_on_a_line())

    def _fits_on_a_line(self) -> bool:
        from scipy.sparse.csgraph import NegativeCycleError, bellman_ford

        steps = np.full((self.arms, self.arms), np.inf)
        tied = self.outcome == 2
        steps[self.first[tied], self.second[tied]] = steps[self.second[tied], self.first[tied]] = 1.0
        steps[self.counts() > 0] = -1.0  # from the winner down to the loser
        try:
            bellman_ford(steps)
        except NegativeCycleError:
            return False
        return True

    def _beats(self) -> Any:
        from scipy.sparse import coo_array

        winner = np.where(self.outcome == 1, self.second, self.first)
        loser = np.where(self.outcome == 1, self.first, self.second)
        tied = self.outcome == 2
        rows, columns = np.concatenate([winner, loser[tied]]), np.concatenate([loser, winner[tied]])
        return coo_array((np.ones(len(rows)), (rows, columns)), shape=(self.arms, self.arms))

    def _components(self, connection: str) -> list[list[int]]:
        from scipy.sparse.csgraph import connected_components

        count, labels = connected_components(self._beats(), directed=True, connection=connection)
        return [list(np.flatnonzero(labels == label)) for label in range(count)]


@dataclass(frozen=True, slots=True)
class _Fit:
    """Strengths θ (arms,), summing to zero, and η; ``None`` where nobody ever tied."""

    theta: Floats
    eta: float | None
    prior: bool


def _fit(data: _Data) -> _Fit:
    """Newton's method on the concave log-likelihood; a ridge on θ and η only where that has no maximum."""
    ties = bool(data.ties.any())
    prior = not data.bounded
    size = data.arms + ties
    parameters = np.zeros(size)
    penalty = np.full(size, 1 / PRIOR_SD**2 if prior else 0.0)
    value = _likelihood(data, parameters, ties, penalty)
    for _ in range(_STEPS):
        gradient, hessian = _derivatives(data, parameters, ties, penalty)
        step = np.linalg.solve(hessian, gradient)
        scale, slack = 1.0, 1e-10 * (1 + abs(value))
        while (tried := _likelihood(data, parameters + scale * step, ties, penalty)) < value - slack:
            scale /= 2
        parameters, value = parameters + scale * step, tried
        if np.abs(step).max() < 1e-8:
            break
    else:
        raise ArithmeticError("the ratings did not converge")
    theta = parameters[: data.arms]
    return _Fit(theta - theta.mean(), float(parameters[-1]) if ties else None, prior)


def _utilities(data: _Data, parameters: Floats, ties: bool) -> Floats:
    """Log-odds of first, second and (where there are any) tie, shape (n, 2 or 3)."""
    half = (parameters[data.first] - parameters[data.second]) / 2
    columns = [half, -half] + ([np.full_like(half, parameters[-1])] if ties else [])
    return np.stack(columns, axis=1)


def _likelihood(data: _Data, parameters: Floats, ties: bool, penalty: Floats) -> float:
    from scipy.special import logsumexp

    utilities = _utilities(data, parameters, ties)
    chosen = utilities[np.arange(len(utilities)), data.outcome]
    return float((chosen - logsumexp(utilities, axis=1)).sum() - 0.5 * (penalty * parameters**2).sum())


def _scores(data: _Data, parameters: Floats, ties: bool) -> tuple[Floats, Floats, Floats]:
    """Of each vote: the gradient by θ_first − θ_second, by η, and the probabilities of the outcomes."""
    from scipy.special import softmax

    chances = softmax(_utilities(data, parameters, ties), axis=1)
    lead = (chances[:, 0] - chances[:, 1]) / 2
    by_gap = np.select([data.outcome == 0, data.outcome == 1], [0.5, -0.5], 0.0) - lead
    by_tie = data.ties - chances[:, 2] if ties else np.zeros(len(lead))
    return by_gap, by_tie, chances


def _derivatives(data: _Data, parameters: Floats, ties: bool, penalty: Floats) -> tuple[Floats, Floats]:
    """Gradient (p,) and negative Hessian (p, p). Votes do not fix the mean of θ; a term for it makes that zero."""
    by_gap, by_tie, chances = _scores(data, parameters, ties)
    lead = (chances[:, 0] - chances[:, 1]) / 2
    curve = (chances[:, 0] + chances[:, 1]) / 4 - lead**2
    size = data.arms + ties
    gradient = np.bincount(data.first, by_gap, size) - np.bincount(data.second, by_gap, size)
    hessian = np.zeros((size, size))
    for rows, columns, sign in (
        (data.first, data.first, 1),
        (data.second, data.second, 1),
        (data.first, data.second, -1),
        (data.second, data.first, -1),
    ):
        np.add.at(hessian, (rows, columns), sign * curve)
    if ties:
        gradient[-1] = by_tie.sum()
        hessian[-1, -1] = (chances[:, 2] * (1 - chances[:, 2])).sum()
        cross = -chances[:, 2] * lead
        edge = np.bincount(data.first, cross, size) - np.bincount(data.second, cross, size)
        hessian[-1, : data.arms] = hessian[: data.arms, -1] = edge[: data.arms]
    hessian[: data.arms, : data.arms] += 1.0
    return gradient - penalty * parameters, hessian + np.diag(penalty)


def _sandwich(data: _Data, fit: _Fit) -> Floats | None:
    """Covariance of θ (arms, arms), raters as clusters; ``None`` with fewer than two."""
    if data.raters < 2:
        return None
    ties = fit.eta is not None
    parameters = fit.theta if fit.eta is None else np.append(fit.theta, fit.eta)
    penalty = np.full(len(parameters), 1 / PRIOR_SD**2 if fit.prior else 0.0)
    by_gap, by_tie, _ = _scores(data, parameters, ties)
    each = np.zeros((data.raters, len(parameters)))
    np.add.at(each, (data.rater, data.first), by_gap)
    np.add.at(each, (data.rater, data.second), -by_gap)
    if ties:
        each[:, -1] = np.bincount(data.rater, by_tie, data.raters)
    bread = np.linalg.inv(_derivatives(data, parameters, ties, penalty)[1])
    meat = each.T @ each * data.raters / (data.raters - 1)
    return np.asarray((bread @ meat @ bread)[: data.arms, : data.arms])


def _interval(theta: float, covariance: Floats | None, arm: int, data: _Data) -> Estimate:
    from scipy.special import stdtrit

    rating = MEAN + ELO * theta
    if covariance is None:
        return Estimate(rating, n=len(data.first), clusters=1, reason="one rater only: no interval")
    half = ELO * math.sqrt(max(0.0, covariance[arm, arm])) * float(stdtrit(data.raters - 1, 0.5 + CONFIDENCE / 2))
    kind = f"{CONFIDENCE:.0%} sandwich, raters as clusters"
    return Estimate(rating, rating - half, rating + half, len(data.first), data.raters, kind)


def _rank_ranges(
    theta: Floats, covariance: Floats | None, raters: int, among: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Best and worst rank within ``among``: an arm is outranked where the gap holds after Holm over all pairs."""
    from scipy.special import stdtr

    if covariance is None:
        return dict.fromkeys(among, (1, len(among)))
    pairs = list(combinations(among, 2))
    tests = []
    for one, other in pairs:
        variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
        gap = abs(theta[one] - theta[other])
        tests.append(2 * float(stdtr(raters - 1, -gap / math.sqrt(variance))) if variance > 0 else 1.0)
    above, below = dict.fromkeys(among, 0), dict.fromkeys(among, 0)
    for (one, other), p in zip(pairs, holm(tests), strict=True):
        if p is not None and p <= ALPHA:
            winner, loser = (one, other) if theta[one] > theta[other] else (other, one)
            above[loser] += 1
            below[winner] += 1
    return {arm: (above[arm] + 1, len(among) - below[arm]) for arm in among}


def _leave_one_out(votes: Sequence[Vote], arms: Sequence[str]) -> Floats:
    """Ratings without each rater in turn, shape (raters left out, arms); who holds the graph together stays in."""
    found = []
    for rater in sorted({vote.rater for vote in votes}):
        others = _Data.of([vote for vote in votes if vote.rater != rater] or votes, arms)
        if others.raters and len(others.groups()) == 1 and len(others.first) < len(votes):
            found.append(MEAN + ELO * _fit(others).theta)
    return np.array(found).reshape(len(found), len(arms))


def _side(votes: Sequence[Vote]) -> Estimate:
    untied = [vote for vote in votes if vote.preferred]
    if not untied:
        return missing("every vote is a tie")
    return mean_interval([float(v.preferred == 1) for v in untied], [v.rater for v in untied]).clipped(0.0, 1.0)
