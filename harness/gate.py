"""May this release go out? Rules over a comparison, a finding for each, and one exit code.

claim = "any"            # a regression of any metric fails (Holm over them); "all": each must be shown not worse
minimum_samples = 20

[margins]                # the smallest change that matters, in the metric's unit
"tts.cer" = 1.0
"tts.distillmos" = 0.1

[limits]
success_points = 5.0     # good takes may fall by so many percentage points
cost_ratio = 1.25        # the candidate may cost so many times the base
latency_ratio = 1.5      # and take so many times as long (medians)
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filmbench.harness.compare import Change, Comparison
from filmbench.harness.stats.verdict import Verdict, verdict
from filmbench.harness.types import UsageError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    import pandas as pd

PASS, REGRESSION, TOO_LITTLE, OUTAGE, INCONCLUSIVE = 0, 1, 3, 5, 6
"""Exit codes of a gate; an inconclusive one passes unless it is strict."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """What must not grow too much beside quality."""

    success_points: float | None = Field(default=None, ge=0)
    cost_ratio: float | None = Field(default=None, gt=0)
    latency_ratio: float | None = Field(default=None, gt=0)


class Rules(_Strict):
    """A validated rules file."""

    claim: Literal["any", "all"] = "any"
    minimum_samples: int = Field(default=10, ge=2)
    margins: dict[str, float] = Field(default_factory=dict)
    limits: Limits = Limits()


class Status(StrEnum):
    """How one rule came out."""

    PASSED = "passed"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, how it came out, and the evidence in a sentence."""

    rule: str
    status: Status
    text: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The findings on one comparison. ``code`` is the exit code, ``verdict`` what it means in words."""

    comparison: Comparison
    findings: tuple[Finding, ...]
    code: int
    verdict: str


def load(path: Path) -> Rules:
    """The rules in a TOML file. Raises :class:`UsageError` naming file and key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}", "see: filmbench gate --help") from None
    try:
        return Rules.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}, {key}: {first['msg'].lower()}", "see: filmbench gate --help") from None


def judge(found: Comparison, rules: Rules, *, strict: bool = False, down: bool = False) -> Gate:
    """Hold ``found`` to ``rules``; it was compared with ``rules.margins``.

    Fewer common samples than the rules ask for, or a gated metric that nobody could measure, is "too little
    measured" (3), whatever the rest says; where the candidate's vendor was ``down`` it is an outage (5).
    Then a regression of any rule is 1, and what is inconclusive passes, or is 6 when ``strict``.
    """
    findings = tuple(_findings(found, rules))
    statuses = {finding.status for finding in findings}
    if found.paired_samples < rules.minimum_samples:
        reason = f"{found.paired_samples} samples in common, the rules ask for {rules.minimum_samples}"
        return Gate(found, findings, *_too_little(down, reason))
    if Status.REGRESSION in statuses:
        return Gate(found, findings, REGRESSION, "regression")
    if Status.NOT_MEASURED in statuses:
        return Gate(found, findings, *_too_little(down, "a rule could not be measured"))
    if Status.INCONCLUSIVE in statuses:
        return Gate(
            found, findings, INCONCLUSIVE if strict else PASS, "inconclusive: nothing worse is shown, nor ruled out"
        )
    return Gate(found, findings, PASS, "passed")


def _too_little(down: bool, reason: str) -> tuple[int, str]:
    return (OUTAGE, f"the vendor was down: {reason}") if down else (TOO_LITTLE, f"too little measured: {reason}")


def down(takes: pd.DataFrame, candidate: str) -> bool:
    """Whether takes of the arm ``candidate`` were given up because its vendor did not answer."""
    own = takes[(takes["arm"] == candidate) | (takes["provider"] == candidate)]
    reasons = own.loc[own["outcome"].isin(["cancelled", "failed"]), "reason"].dropna().astype(str)
    return bool(reasons.str.contains("is down|cannot be reached").any())


def _findings(found: Comparison, rules: Rules) -> Iterator[Finding]:
    for id in rules.margins:
        yield _metric(found.change(id))
    if rules.limits.success_points is not None:
        yield _success(found, rules.limits.success_points)
    if rules.limits.cost_ratio is not None:
        yield _cost(found, rules.limits.cost_ratio)
    if rules.limits.latency_ratio is not None:
        yield _latency(found, rules.limits.latency_ratio)


_STATUS = {Verdict.REGRESSION: Status.REGRESSION, Verdict.INCONCLUSIVE: Status.INCONCLUSIVE}


def _metric(change: Change) -> Finding:
    found, ruling, spec = change.difference, change.ruling, change.spec
    if found.delta is None or ruling is None:
        return Finding(spec.id, Status.NOT_MEASURED, found.reason or "not measured")
    unit = f" {spec.unit}".rstrip()
    bounds = (
        "" if found.low90 is None else f", 90 % [{found.low90:+.{spec.decimals}f}, {found.high90:+.{spec.decimals}f}]"
    )
    text = (
        f"{found.delta:+.{spec.decimals}f}{unit}{bounds}, margin {ruling.margin:g}{unit}, n {found.n}: {ruling.verdict}"
    )
    if ruling.verdict is Verdict.INCONCLUSIVE and ruling.needed:
        text += f", about {ruling.needed:,} samples would tell"
    return Finding(spec.id, _STATUS.get(ruling.verdict, Status.PASSED), text)


def _success(found: Comparison, points: float) -> Finding:
    change = found.success
    if change.delta is None:
        return Finding("success", Status.NOT_MEASURED, change.reason or "not measured")
    interval = None if change.low90 is None or change.high90 is None else (change.low90, change.high90)
    ruling = verdict(change.delta, interval, points, True, p_worse=change.p_below, p_better=change.p_above)
    text = f"good takes {change.delta:+.1f} points, may fall by {points:g}, n {change.n}: {ruling.verdict}"
    return Finding("success", _STATUS.get(ruling.verdict, Status.PASSED), text)


def _cost(found: Comparison, most: float) -> Finding:
    before, after, ratio = found.base.cost, found.candidate.cost, found.cost_ratio
    if ratio is None and before.billed == 0 and after.billed == 0 and not (before.at_least or after.at_least):
        return Finding("cost", Status.PASSED, "both are free")
    if ratio is None:
        return Finding("cost", Status.NOT_MEASURED, "a side has no price for all its takes, or the base is free")
    status = Status.REGRESSION if ratio > most else Status.PASSED
    return Finding("cost", status, f"{ratio:.2f} times the base, at most {most:g} times")


def _latency(found: Comparison, most: float) -> Finding:
    """Slower for certain and beyond the limit is a regression; an interval that reaches beyond it settles nothing."""
    ratio = found.total_ratio
    if ratio.value is None:
        return Finding("latency", Status.NOT_MEASURED, ratio.reason or "not measured")
    bounds = "" if ratio.low is None or ratio.high is None else f" [{ratio.low:.2f}, {ratio.high:.2f}]"
    text = f"{ratio.value:.2f}{bounds} times the base, at most {most:g} times, n {ratio.n}"
    if ratio.value > most and ratio.low is not None and ratio.low > 1:
        return Finding("latency", Status.REGRESSION, text)
    within = ratio.value <= most if ratio.high is None else ratio.high <= most
    return Finding("latency", Status.PASSED if within else Status.INCONCLUSIVE, text)
