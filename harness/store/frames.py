"""The two tables that everything after scoring reads: a run's takes, and their scores.

A takes frame has one row for every *planned* request, left-joined to what happened, so that nothing falls
out silently; see :data:`TAKES` and :data:`SCORES` for the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from filmbench.harness.contracts import contract
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.store import schema
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import Outcome, UsageError
from sqlalchemy import RowMapping, and_, select

if TYPE_CHECKING:
    import pandas as pd

TAKES = (
    *("key", "contract", "dataset", "sample", "cluster", "language", "tags", "text", "arm", "provider", "role", "take"),
    *("epoch", "outcome", "reason", "live", "cached", "made_at", "host", "cores", "characters", "seconds"),
    *("queue_s", "limiter_s", "retry_s", "first_byte_s", "first_content_s", "total_s", "model_load_s"),
    *("quoted_usd", "billed_usd", "native_unit", "native_amount", "attempts", "answered_model", "human_minutes"),
    *("artifact", "media_type"),
)
SCORES = ("key", "epoch", "metric", "signature", "value", "reason", "statistics", "detail")


def find_run(ledger: Ledger, id: str | None) -> RowMapping:
    """The row of run ``id`` (the newest when ``None``; any unambiguous beginning will do)."""
    runs = schema.runs
    with ledger.read() as connection:
        rows = connection.execute(select(runs).order_by(runs.c.started_at.desc())).mappings().all()
    if not rows:
        raise UsageError("this store has no run yet", "start one: filmbench demo")
    if id is None:
        return rows[0]
    found = [row for row in rows if row["id"].startswith(id)]
    if len(found) == 1:
        return found[0]
    hint = f"runs: {', '.join(row['id'] for row in rows[:5])}"
    raise UsageError(f"{'no run is' if not found else 'several runs are'} called {id!r}", hint)


def run_before(ledger: Ledger, id: str) -> str | None:
    """The finished run of the same suite before run ``id``, if there is one."""
    runs = schema.runs
    with ledger.read() as connection:
        row = connection.execute(select(runs).where(runs.c.id == id)).mappings().one()
        same = select(runs.c.id).where(
            runs.c.suite == row["suite"], runs.c.started_at < row["started_at"], runs.c.state == "done"
        )
        return connection.execute(same.order_by(runs.c.started_at.desc())).scalar()


def takes(ledger: Ledger, run: str) -> pd.DataFrame:
    """The takes frame of one run."""
    import pandas as pd

    planned, made, asked = schema.planned, schema.takes, schema.requests
    joined = (
        select(
            *[asked.c[name] for name in ("contract", "dataset", "sample", "cluster", "language", "tags", "text")],
            *[asked.c[name] for name in ("provider", "take")],
            planned.c.key, planned.c.arm, planned.c.role, planned.c.epoch, planned.c.cached, planned.c.ordinal,
            *[column for column in made.c if column.name not in ("key", "epoch", "run")],
        )
        .join(asked, asked.c.key == planned.c.key)
        .outerjoin(made, and_(made.c.key == planned.c.key, made.c.epoch == planned.c.epoch))
        .where(planned.c.run == run)
        .order_by(planned.c.ordinal)
    )  # fmt: skip
    with ledger.read() as connection:
        rows = [_take(row) for row in connection.execute(joined).mappings()]
    return pd.DataFrame(rows, columns=TAKES)


def _take(row: RowMapping) -> dict[str, Any]:
    made = row["artifacts"] or {}
    first = next((made[role.name][0] for role in contract(row["contract"]).outputs if made.get(role.name)), None)
    unit, amount = _native(row["usage"])
    return {
        **{name: row[name] for name in TAKES if name in row},
        "made_at": row["made_at"] if row["outcome"] and Outcome(row["outcome"]).final else None,  # else never asked
        "characters": len(row["text"]) if row["contract"] == "tts" and row["text"] is not None else None,
        "quoted_usd": _usd(row["quoted_nano"]),
        "billed_usd": _usd(row["billed_nano"]),
        "native_unit": unit,
        "native_amount": amount,
        "artifact": first["sha256"] if first else None,
        "media_type": first["media_type"] if first else None,
    }


def _usd(nano: int | None) -> float | None:
    return None if nano is None else nano / 1e9


def _native(usage: Mapping[str, Any] | None) -> tuple[str | None, float | None]:
    quantities = (usage or {}).get("quantities") or {}
    return next(((unit, float(amount)) for unit, amount in quantities.items()), (None, None))


def scores(ledger: Ledger, run: str, specs: Sequence[MetricSpec], sets: Sequence[str] = ()) -> pd.DataFrame:
    """The scores frame of one run, of the metrics given, at their present signatures.

    Those of the ``sets`` named (:func:`filmbench.harness.sets.members`) follow the takes' own.
    """
    import pandas as pd

    planned, table = schema.planned, schema.scores
    columns = [table.c[name] for name in SCORES]
    wanted = (
        select(*columns)
        .join(planned, and_(planned.c.key == table.c.key, planned.c.epoch == table.c.epoch))
        .where(planned.c.run == run, table.c.signature.in_({spec.signature for spec in specs}))
        .distinct()
        .order_by(table.c.key, table.c.epoch, table.c.metric)
    )
    whole = select(*columns).where(table.c.key.in_(sets)).order_by(table.c.key, table.c.metric)
    known = {(spec.id, spec.signature) for spec in specs}
    with ledger.read() as connection:
        found = [dict(row) for asked in (wanted, whole) for row in connection.execute(asked).mappings()]
    rows = [row for row in found if (row["metric"], row["signature"]) in known]
    return pd.DataFrame(rows, columns=SCORES).astype({"value": float})
