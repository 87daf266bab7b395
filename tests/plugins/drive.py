"""Runs or resumes a suite's takes in a process of its own, which dies at a chosen ledger write.

Started through multiprocessing's forkserver, so that a process costs milliseconds and yet is killed for real.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from filmbench.harness import plan, suite
from filmbench.harness.engine import runs
from filmbench.harness.engine.loop import Engine
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.pricing import book
from filmbench.harness.store import Store
from filmbench.harness.store.ledger import _Entry, _Writer


@dataclass(frozen=True)
class Drive:
    """What the process does: run ``suite`` in ``store`` or resume it, and when it dies."""

    store: Path
    suite: Path
    environment: dict[str, str] = field(default_factory=dict)
    resume: bool = False
    retry_unknown: bool = False
    cap: Decimal | None = None
    die_before: int | None = None
    die_after: int | None = None


def drive(options: Drive) -> None:
    """The process. Errors go to ``<store>.err``; the exit code is 1 then."""
    os.environ.update(options.environment)
    sys.path.insert(0, str(Path(__file__).parent))
    die_at(options.die_before, options.die_after)
    try:
        asyncio.run(_work(options))
    except Exception:  # noqa: BLE001 - the parent shows whatever it was
        options.store.with_suffix(".err").write_text(traceback.format_exc())
        os._exit(1)


async def _work(options: Drive) -> None:
    reuse = Reuse(retry_unknown=options.retry_unknown)
    with Store.open(options.store) as store:
        if options.resume:
            run = runs.resume(store.ledger, None, reuse, plan.make)
        else:
            run = runs.start(store.ledger, plan.make(suite.load(str(options.suite))), {}, options.cap, reuse)
        await Engine(store.ledger, store.artifacts, book(), run).work()


def die_at(before: int | None, after: int | None) -> None:
    """Count the ledger's operations as they are committed, and kill this process as a power cut would."""
    plain = _Writer.commit
    count = 0

    def commit(self: _Writer, batch: Sequence[_Entry]) -> None:
        nonlocal count
        for entry in batch:
            count += 1
            if count == before:
                os.kill(os.getpid(), signal.SIGKILL)
            plain(self, [entry])
            if count == after:
                os.kill(os.getpid(), signal.SIGKILL)

    _Writer.commit = commit  # type: ignore[method-assign]
