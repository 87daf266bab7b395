"""Which epoch of a request a run reads or makes: the same question may be asked again next month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from filmbench.harness.store import schema
from filmbench.harness.types import Outcome, UsageError
from sqlalchemy import Connection, RowMapping, func, select

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Reuse:
    """When an earlier take is good enough. ``max_age`` of ``None`` is for ever, zero is never."""

    max_age: timedelta | None = None
    retry_errors: bool = False
    retry_unknown: bool = False

    @classmethod
    def parse(cls, text: str, retry_errors: bool = False, retry_unknown: bool = False) -> Reuse:
        """From ``always``, ``never`` or ``max-age=7d`` (m, h, d, w)."""
        if text == "always":
            return cls(None, retry_errors, retry_unknown)
        if text == "never":
            return cls(timedelta(0), retry_errors, retry_unknown)
        if found := re.fullmatch(r"max-age=(\d+)([mhdw])", text):
            return cls(timedelta(**{_UNITS[found[2]]: int(found[1])}), retry_errors, retry_unknown)
        raise UsageError(f"--reuse cannot be {text!r}", "use always, never or max-age=7d (m, h, d, w)")

    def epoch(self, latest: RowMapping | None) -> tuple[int, bool]:
        """The epoch to read or make, given the newest take's row, and whether it need not be made."""
        if latest is None:
            return 0, False
        number, outcome = latest["epoch"], Outcome(latest["outcome"])
        if not outcome.final:
            return number, False
        if outcome is Outcome.SUBMIT_UNKNOWN:
            return (number + 1, False) if self.retry_unknown else (number, True)
        if outcome in (Outcome.FAILED, Outcome.TIMED_OUT) and self.retry_errors:
            return number + 1, False
        if self.max_age is not None and datetime.now(UTC) - datetime.fromisoformat(latest["made_at"]) >= self.max_age:
            return number + 1, False
        return number, True


def latest_takes(connection: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    """The newest take of each key that has any. Give at most some hundreds of keys."""
    takes = schema.takes
    newest = (
        select(takes.c.key, func.max(takes.c.epoch).label("epoch")).where(takes.c.key.in_(keys)).group_by(takes.c.key)
    ).subquery()
    rows = select(takes.c.key, takes.c.epoch, takes.c.outcome, takes.c.made_at).join(
        newest, (takes.c.key == newest.c.key) & (takes.c.epoch == newest.c.epoch)
    )
    return {row["key"]: row for row in connection.execute(rows).mappings()}
