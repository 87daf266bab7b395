"""An upgrade on trial: the candidate is asked what the baseline was asked, then gated against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from filmbench.harness import gate, registry, results, runner
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.gate import Gate, Rules
from filmbench.harness.results import Results
from filmbench.harness.store import Store
from filmbench.harness.suite import ArmEntry, Suite, TaskEntry
from filmbench.harness.types import UsageError


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Who is to replace whom. ``base`` is the arm's label in the baseline, ``arm`` the candidate's."""

    contract: str
    base: str
    arm: ArmEntry
    suite: Suite


def plan(
    baseline: Results,
    contract: str,
    candidate: str,
    *,
    base: str | None = None,
    params: Mapping[str, Any] | None = None,
) -> Upgrade:
    """Who stands for whom, and the baseline's suite asked of the candidate alone.

    ``candidate`` is the label of an arm of the baseline's suite, or any provider. The base is the arm named, else that
    of the same provider, else the only one of the same vendor, else the only arm. A provider of the base's vendor
    takes over the base's parameters, since voices keep their ids through an upgrade, unless ``params`` are given.
    Raises :class:`UsageError` where that is ambiguous.
    """
    tasks = [task for task in baseline.suite.tasks if task.contract == contract]
    if not tasks:
        asked = ", ".join(dict.fromkeys(task.contract for task in baseline.suite.tasks))
        raise UsageError(f"the baseline has no {contract!r}", f"it has: {asked}")
    arms = {arm.name: arm for task in tasks for arm in task.arms if _takes_part(arm)}
    named = arms.get(candidate)
    provider = named.provider if named else registry.providers().get(candidate).spec.id
    standing = arms[base] if base in arms else _standing(arms, base, provider)
    arm = named or ArmEntry(provider=provider, params=_inherited(standing, provider, params))
    alone = tuple(task.model_copy(update={"arms": (arm,)}) for task in _distinct(tasks))
    return Upgrade(contract, standing.name, arm, baseline.suite.model_copy(update={"name": "upgrade", "tasks": alone}))


def try_out(
    store: Store,
    baseline: Results,
    upgrade: Upgrade,
    rules: Rules,
    *,
    cap: Decimal | None = None,
    reuse: Reuse | None = None,
    strict: bool = False,
    watch: runner.Watcher | None = None,
) -> tuple[Gate, Results]:
    """Make the candidate's takes, score them, and gate them against the baseline.

    Earlier takes are used, but where the candidate is the very provider of the baseline: then it is asked anew.
    A vendor that does not answer is the gate's to tell; every other reason why nothing was made is raised.
    """
    finished = runner.start(store, upgrade.suite, reuse or _reuse(baseline, upgrade), cap, watch or runner.Silent())
    found = results.read(store, finished.run)
    results.refuse_unlike(baseline, found)
    pair = results.compared(
        found,
        upgrade.base,
        upgrade.arm.name,
        baseline,
        margins=rules.margins,
        corrected=rules.claim == "any",
        contract=upgrade.contract,
    )
    down = gate.down(found.takes, upgrade.arm.name)
    return gate.judge(pair, rules, strict=strict, down=down), found


def _takes_part(arm: ArmEntry) -> bool:
    return registry.providers().get(arm.provider).spec.role == "arm"


def _standing(arms: Mapping[str, ArmEntry], base: str | None, provider: str) -> ArmEntry:
    if base is not None:
        raise UsageError(f"the baseline has no arm {base!r}", f"arms: {', '.join(arms)}")
    vendor = provider.partition("/")[0]
    for same in (
        [arm for arm in arms.values() if arm.provider == provider],
        [arm for arm in arms.values() if arm.provider.partition("/")[0] == vendor],
        list(arms.values()),
    ):
        if len(same) == 1:
            return same[0]
        if same:
            break
    raise UsageError(f"which arm does {provider} replace?", f'say base="…", one of: {", ".join(arms)}')


def _inherited(standing: ArmEntry, provider: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    if params is not None:
        return dict(params)
    same_vendor = standing.provider.partition("/")[0] == provider.partition("/")[0]
    known = registry.providers().get(provider).spec.params
    return {name: value for name, value in standing.params.items() if same_vendor and name in known}


def _distinct(tasks: list[TaskEntry]) -> list[TaskEntry]:
    """Tasks that differ by more than their arms: without those they would be the same one twice."""
    return list({task.model_dump_json(exclude={"arms"}): task for task in tasks}.values())


def _reuse(baseline: Results, upgrade: Upgrade) -> Reuse:
    old = set(baseline.takes.loc[baseline.takes["arm"] == upgrade.base, "provider"])
    return Reuse.parse("never" if upgrade.arm.provider in old else "always")
