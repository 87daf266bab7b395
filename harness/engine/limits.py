"""How many requests a vendor sees at once, when it asks for a pause, and when it counts as down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

OUTAGE_AFTER = 5


class Limiter:
    """One account at one vendor: its models share the slots.

    A rate-limit answer pauses all slots; ``OUTAGE_AFTER`` unanswered or 5xx requests in a row mean that
    the vendor is down, and nothing more is sent to it in this run.
    """

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self._slots = asyncio.Semaphore(concurrency)
        self._open_at = 0.0
        self._faults = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Hold a slot; gives the seconds waited for it."""
        start = time.perf_counter()
        async with self._slots:
            while (pause := self._open_at - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            yield time.perf_counter() - start

    def pause(self, seconds: float) -> None:
        """Let no new request out for ``seconds``."""
        self._open_at = max(self._open_at, time.monotonic() + seconds)

    def answered(self) -> None:
        """The vendor did its work."""
        self._faults = 0

    def fault(self) -> None:
        """The vendor did not answer or answered that it is broken."""
        self._faults += 1

    @property
    def down(self) -> bool:
        """Whether the vendor counts as down."""
        return self._faults >= OUTAGE_AFTER
