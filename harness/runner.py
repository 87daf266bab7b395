"""From a suite to a finished run: plan, make, score, in the order that spends nothing before it must."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from filmbench.harness import acceptance, manifest, plan, scoring, weights
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine, Tally
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.engine.runs import OpenRun
from filmbench.harness.plan import Plan
from filmbench.harness.pricing import book
from filmbench.harness.store import Store
from filmbench.harness.suite import Suite
from filmbench.harness.types import BudgetStop, FilmbenchError, NothingMeasured, Outcome, UsageError, VendorOutage


class Watcher(Protocol):
    """Hears how far a run is."""

    def making(self, run: str, total: int) -> None:
        """``total`` takes are to be made."""
        ...

    def made(self, label: str, outcome: Outcome) -> None:
        """One take ended."""
        ...

    def scoring(self, total: int) -> None:
        """``total`` takes are to be scored."""
        ...

    def scored(self, takes: int) -> None:
        """So many more takes are scored."""
        ...


class Silent:
    """A watcher that tells nobody."""

    def making(self, run: str, total: int) -> None:
        """Nothing."""

    def made(self, label: str, outcome: Outcome) -> None:
        """Nothing."""

    def scoring(self, total: int) -> None:
        """Nothing."""

    def scored(self, takes: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that was made and scored. ``problem`` is what its exit code should tell, if anything."""

    run: str
    plan: Plan
    tally: Tally
    stopped: bool
    problem: FilmbenchError | None


def start(store: Store, suite: Suite, reuse: Reuse, cap: Decimal | None, watch: Watcher) -> Finished:
    """Run ``suite`` anew; takes that exist already are reused as ``reuse`` says."""
    acceptance.check(suite.accept, scoring.columns(suite))
    weights.check(suite.weights, scoring.columns(suite))
    made = plan.make(suite, store.folder)
    cap = suite.cap_usd if cap is None else cap
    if cap is not None and suite.unpriced == "stop":
        priced_throughout(made)
    record = manifest.build(made, book())
    return _finish(store, runs.start(store.ledger, made, record, cap, reuse), watch)


def resume(store: Store, run: str | None, reuse: Reuse, watch: Watcher) -> Finished:
    """Go on with ``run`` (the newest when ``None``) where it stopped."""
    return _finish(store, runs.resume(store.ledger, run, reuse, lambda suite: plan.make(suite, store.folder)), watch)


def priced_throughout(made: Plan) -> None:
    """A cap over a request without a price would hold nothing: say so before anything is made."""
    for arm in asyncio.run(plan.price(made, book())):
        if arm.unpriced and arm.unable is None:
            raise UsageError(
                f"{arm.provider} has no price, so no cap can hold it ({arm.reason})",
                "leave the arm out, drop --cap, or add its price in a file named by FILMBENCH_PRICES",
            )


def make(store: Store, run: OpenRun, watch: Watcher) -> Engine:
    """Make every take that ``run`` still lacks, scoring none; the engine that did it tells how it went."""
    engine = Engine(store.ledger, store.artifacts, book(), run, watch.made)
    watch.making(run.id, run.remaining)
    try:
        asyncio.run(_until_done_or_told(engine))
    except* FilmbenchError as group:
        with suppress(FilmbenchError):  # on a full disk not even this can be written
            runs.close(store.ledger, run.id, "stopped")
        raise _first(group) from None
    runs.close(store.ledger, run.id, "stopped" if engine.stopping else "done")
    return engine


def _finish(store: Store, run: OpenRun, watch: Watcher) -> Finished:
    engine = make(store, run, watch)
    stopped = engine.stopping
    if not stopped:
        watch.scoring(scoring.pending(store.ledger, run.plan, run.id))
        scoring.score(store.ledger, store.artifacts, run.plan, run.id, watch=watch.scored)
    usable = runs.usable(store.ledger, run.id)
    return Finished(run.id, run.plan, engine.tally, stopped, _problem(engine.tally, usable))


async def _until_done_or_told(engine: Engine) -> None:
    """Work; the first Ctrl-C drains what is under way, the second gives up at once."""
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(engine.work())

    def told() -> None:
        if engine.stopping:
            work.cancel()
        engine.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told)
    try:
        await work
    except asyncio.CancelledError:
        engine.stop()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _first(group: BaseExceptionGroup[FilmbenchError]) -> FilmbenchError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def _problem(tally: Tally, usable: int) -> FilmbenchError | None:
    """What the exit code should tell of a run that came to its end with so many usable takes."""
    if tally.down:
        return VendorOutage(f"{', '.join(sorted(tally.down))} did not answer", "later: filmbench run --resume")
    if stopped := tally.outcomes.get(Outcome.BUDGET_STOP, 0):
        return BudgetStop(f"the spend cap stopped {stopped} takes", "raise --cap and: filmbench run --resume")
    if not usable:
        return NothingMeasured("no take succeeded", "see the reasons: filmbench table --takes")
    return None
