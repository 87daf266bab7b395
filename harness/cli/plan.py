"""``filmbench plan``: what a suite would make and cost, before a cent is spent; works without any key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.plan import PricedArm


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("plan", epilog="Example: filmbench plan my-suite.toml")(plan)


def plan(
    suite: Annotated[str, typer.Argument(help="A built-in suite or a TOML file.")],
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Show what a suite would ask of whom, and what it would cost at most."""
    import asyncio

    from filmbench.harness import plan as plans
    from filmbench.harness import suite as suites
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.pricing import book

    made = plans.make(suites.load(suite), store)
    arms = asyncio.run(plans.price(made, book()))
    total = sum((arm.ceiling_usd for arm in arms if arm.ceiling_usd is not None), start=_zero())
    unpriced = sum(arm.unpriced for arm in arms)
    if as_json:
        print_json({"suite": made.suite.name, "arms": [_facts(arm) for arm in arms], "takes": len(made),
                    "ceiling_usd": str(total), "unpriced": unpriced})  # fmt: skip
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
    return "; ".join(filter(None, (arm.unable, arm.reason if arm.unpriced else None)))
