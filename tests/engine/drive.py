"""Runs or resumes a suite's takes in a process of its own, and dies at a chosen ledger write.

``python drive.py STORE SUITE.toml [--resume] [--cap USD] [--die-before N | --die-after N]``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path

from filmbench.harness import plan, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book
from filmbench.harness.store import Store
from filmbench.harness.store.ledger import Ledger


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("suite")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--retry-unknown", action="store_true")
    parser.add_argument("--cap", type=Decimal)
    parser.add_argument("--die-before", type=int)
    parser.add_argument("--die-after", type=int)
    options = parser.parse_args()
    _arm(options.die_before, options.die_after)
    reuse = Reuse(retry_unknown=options.retry_unknown)
    with Store.open(options.store) as store:
        if options.resume:
            run = runs.resume(store.ledger, None, reuse, plan.make)
        else:
            run = runs.start(store.ledger, plan.make(suite.load(options.suite)), {}, options.cap, reuse)
        tally = asyncio.run(Engine(store.ledger, store.artifacts, book(), run).work())
    sys.stdout.write(" ".join(f"{outcome}={n}" for outcome, n in sorted(tally.outcomes.items())) + "\n")


def _arm(before: int | None, after: int | None) -> None:
    """Replace the ledger's submit by one that counts and kills this process, as a power cut would."""
    plain = Ledger.submit
    count = 0

    def submit(self: Ledger, operation: object) -> object:
        nonlocal count
        count += 1
        if count == before:
            os.kill(os.getpid(), signal.SIGKILL)
        future = plain(self, operation)  # type: ignore[arg-type]
        if count == after:
            future.result()
            os.kill(os.getpid(), signal.SIGKILL)
        return future

    Ledger.submit = submit  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
