"""``filmbench plan``: what a suite would make and cost, before a cent is spent; works without any key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filmbench.harness.plan import Plan, PricedArm
    from filmbench.harness.power import Choice, Noise


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("plan", epilog="Example: filmbench plan tts-quick --detect tts.cer=1 --budget 40")(plan)


def plan(
    suite: Annotated[str, typer.Argument(help="A built-in suite or a TOML file.")],
    detect: Annotated[
        str | None,
        typer.Option(help="The smallest change that matters, as tts.cer=1 (or 1, of the contract's primary metric)."),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="With --detect: which comparison do so many US dollars decide?")
    ] = None,
    run: Annotated[str | None, typer.Option("--run", help="Whose variance to go by; the newest run's.")] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Show what a suite would ask of whom, what it would cost at most, and how much must be measured."""
    import asyncio

    from filmbench.harness import plan as plans
    from filmbench.harness import suite as suites
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.pricing import book

    made = plans.make(suites.load(suite), store)
    arms = asyncio.run(plans.price(made, book()))
    total = sum((arm.ceiling_usd for arm in arms if arm.ceiling_usd is not None), start=_zero())
    unpriced = sum(arm.unpriced for arm in arms)
    told = _Told.of(made, arms, detect, budget, run, store) if detect else None
    if as_json:
        print_json({"suite": made.suite.name, "arms": [_facts(arm) for arm in arms], "takes": len(made),
                    "ceiling_usd": str(total), "unpriced": unpriced,
                    **(told.plain() if told else {})})  # fmt: skip
        return
    print_table(
        ("arm", "provider", "takes", "expected $", "at most $", "note"),
        [
            (arm.arm, arm.provider, str(arm.requests), _usd(arm.expected_usd), _usd(arm.ceiling_usd), _note(arm))
            for arm in arms
        ],
        title=f"{made.suite.title or made.suite.name}: {len(made)} takes",
    )
    least = f"at least ${total:.4f}, {unpriced} takes unpriced" if unpriced else f"at most ${total:.4f}"
    typer.echo(f"in all {least}; takes that exist already cost nothing again")
    if told:
        told.show()


@dataclass(frozen=True)
class _Told:
    """What an earlier run tells of how much must be measured."""

    margin: float
    noises: tuple[Noise, ...]
    prices: dict[str, float | None]
    choices: tuple[Choice, ...] | None

    @classmethod
    def of(
        cls, made: Plan, arms: Sequence[PricedArm], detect: str, budget: float | None, run: str | None, store: Path
    ) -> _Told:
        from filmbench.harness import power, results
        from filmbench.harness.store import Store as Opened
        from filmbench.harness.types import NothingMeasured

        metric, margin = _margin(made, detect)
        with Opened.open(store) as opened:
            found = results.read(opened, run)
        noises = power.pairs(found, metric, [arm.arm for arm in arms])
        if not noises:
            raise NothingMeasured(
                f"{found.run} says nothing of how {metric} varies between two arms of this suite",
                "run a small one first: filmbench run tts-quick",
            )
        prices = {arm.arm: _each(arm) for arm in arms}
        samples = max(len(task.samples) for task in made.tasks)
        choices = None if budget is None else power.decide(noises, margin, budget, prices, samples)
        return cls(margin, noises, prices, choices)

    def show(self) -> None:
        """Two tables: samples for each pair of arms, and what the budget decides."""
        from filmbench.harness.cli.output import print_table
        from filmbench.harness.power import TAKES

        spec = self.noises[0].metric
        print_table(
            ("base", "candidate", *(f"{takes} take{'s' * (takes > 1)}" for takes in TAKES), "cost $", "rests on n"),
            [
                (one.base, one.candidate, *(self._samples(one, takes) for takes in TAKES), self._cost(one), str(one.n))
                for one in self.noises
            ],
            title=f"samples that show a change of {self.margin:g} {spec.unit} in {spec.title} 8 times in 10",
        )
        if any(one.within is None for one in self.noises):
            typer.echo(
                "–: no sample was taken twice, so nobody knows what more takes would gain; run one with takes = 3"
            )
        if self.choices is not None:
            print_table(
                ("base", "candidate", "samples", "$", "chance to see it (%)"),
                [
                    (one.noise.base, one.noise.candidate, str(one.samples), f"{one.usd:.2f}", f"{100 * one.power:.0f}")
                    for one in self.choices
                ],
                title="what the budget decides, the surest first",
            )

    def plain(self) -> dict[str, Any]:
        """The same as JSON."""
        from filmbench.harness.power import TAKES

        needed = [
            {
                "base": one.base,
                "candidate": one.candidate,
                "metric": one.metric.id,
                "margin": self.margin,
                "n": one.n,
                "samples": {str(takes): one.samples(self.margin, takes) for takes in TAKES if self._known(one, takes)},
            }
            for one in self.noises
        ]
        decides = [
            {"base": one.noise.base, "candidate": one.noise.candidate, "samples": one.samples, "usd": one.usd,
             "power": one.power} for one in self.choices or ()
        ]  # fmt: skip
        return {"detect": needed} | ({} if self.choices is None else {"budget": decides})

    def _known(self, one: Noise, takes: int) -> bool:
        return takes == 1 or one.within is not None

    def _samples(self, one: Noise, takes: int) -> str:
        return f"{one.samples(self.margin, takes):,}" if self._known(one, takes) else "–"

    def _cost(self, one: Noise) -> str:
        each = [self.prices.get(arm) for arm in (one.base, one.candidate)]
        if None in each:
            return "unpriced"
        return f"{one.samples(self.margin) * sum(price for price in each if price is not None):.2f}"


def _margin(made: Plan, detect: str) -> tuple[str, float]:
    from filmbench.harness.types import UsageError

    metric, _, size = detect.rpartition("=")
    primary = made.tasks[0].contract.primary
    if not metric and not primary:
        raise UsageError(f"{made.tasks[0].contract.id} has no primary metric", "name one: --detect video.flicker=0.1")
    try:
        margin = float(size)
    except ValueError:
        margin = 0.0
    if not 0 < margin < float("inf"):
        raise UsageError(f"--detect cannot be {detect!r}", "for example: --detect tts.cer=1")
    return metric or primary[0], margin


def _each(arm: PricedArm) -> float | None:
    """Dollars a request."""
    return None if arm.expected_usd is None or arm.unpriced else float(arm.expected_usd) / arm.requests


def _zero() -> Any:
    from decimal import Decimal

    return Decimal(0)


def _facts(arm: PricedArm) -> dict[str, Any]:
    from dataclasses import asdict
    from decimal import Decimal

    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(arm).items()}


def _usd(amount: Any) -> str:
    return "unpriced" if amount is None else f"{amount:.4f}"


def _note(arm: PricedArm) -> str:
    return "; ".join(filter(None, (arm.unable, arm.ending, arm.reason if arm.unpriced else None)))
