"""``filmbench drift``: did a vendor change a model without a word?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.drift import ArmDrift, Drift
    from filmbench.harness.results import Results
    from filmbench.harness.store import Store as OpenStore

DRIFTED = 7


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("drift", epilog="Example: filmbench drift --strict")(drift)


def drift(
    run: Annotated[str | None, typer.Option("--run", help="The run of today; the newest by default.")] = None,
    base_run: Annotated[str | None, typer.Option(help="That of before; the last of the same suite by default.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Or a baseline's name or file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Drift ends with exit code 7.")] = False,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Compare a suite's newest run with the one before: names as answered and every measured column."""
    from filmbench.harness import baselines, results
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.drift import drift as compared
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        now = results.read(opened, run)
        then = baselines.older(opened, now, base_run, baseline) or _before(opened, now)
    found = compared(then, now)
    if as_json:
        print_json(_plain(found))
    else:
        _show(found)
    if strict and found.drifted:
        raise typer.Exit(DRIFTED)


def _before(store: OpenStore, now: Results) -> Results:
    from filmbench.harness import results
    from filmbench.harness.store import frames
    from filmbench.harness.types import UsageError

    earlier = frames.run_before(store.ledger, now.run)
    if earlier is None:
        raise UsageError(
            f"{now.run} is the first run of {now.suite.name} here", "name another: --base-run or --baseline"
        )
    found = results.read(store, earlier)
    results.refuse_unlike(found, now)
    return found


def _show(found: Drift) -> None:
    from filmbench.harness.cli.output import print_table

    print_table(
        ("arm", "answered as", "media unchanged (%)", "what moved", "n"),
        [(f"{one.arm} ({one.contract})", _names(one), f"{100 * one.same_bytes:.0f}", _moves(one), str(one.samples))
         for one in found.arms],
        title=f"{found.now} beside {found.then}",
    )  # fmt: skip
    for arm, reason in found.left_out.items():
        typer.echo(f"not compared, {arm}: {reason}")
    names = ", ".join(dict.fromkeys(one.arm for one in found.drifted))
    typer.echo(f"DRIFT: {names}" if names else "no drift shown")


def _names(one: ArmDrift) -> str:
    then, now = (", ".join(names) or "no name" for names in (one.names_then, one.names_now))
    return f"{then} → {now}" if one.renamed else now


def _moves(one: ArmDrift) -> str:
    moved = [column for column in one.columns if column.drifted]
    return "; ".join(f"{column.column} {column.difference.delta:+.3g}" for column in moved) or "nothing"


def _plain(found: Drift) -> dict[str, Any]:
    return {
        "then": found.then,
        "now": found.now,
        "drifted": [one.arm for one in found.drifted],
        "arms": [
            {
                "arm": one.arm,
                "contract": one.contract,
                "names_then": one.names_then,
                "names_now": one.names_now,
                "same_bytes": one.same_bytes,
                "samples": one.samples,
                "columns": [
                    {
                        "column": column.column,
                        "change": column.difference.delta,
                        "p": column.p,
                        "drifted": column.drifted,
                    }
                    for column in one.columns
                ],
            }
            for one in found.arms
        ],
        "left_out": found.left_out,
    }
