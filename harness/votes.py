"""What people said of a run's takes: votes on pairs and ratings of single takes, as rows that are only ever added.

    left, right = Shown("Kokoro", key, epoch), Shown("Piper", other_key, other_epoch)
    cast(ledger, run, left, right, "left", rater="r-7", reasons=("natural",), dwell_s=6.5)
    rate(ledger, run, left, "mos", 4, rater="r-7")
    read(ledger, run).pairs            # a DataFrame, one row a vote

A vote names takes that are in the run and came out well, both of one sample. ``rater`` is a name that says nothing of
the person; whoever shows the takes keeps the arms from the rater until the vote is cast.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import uuid4

from filmbench.harness.engine.journal import now
from filmbench.harness.store import schema
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import Outcome, UsageError
from sqlalchemy import Connection, Table, and_, select

if TYPE_CHECKING:
    import pandas as pd

Choice = Literal["left", "right", "tie"]
Scale = Literal["mos", "mushra"]
Part = Literal["arm", "hidden reference", "low anchor", "mid anchor"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
RANGES: Mapping[Scale, tuple[float, float]] = {"mos": (1, 5), "mushra": (0, 100)}
"""Lowest and highest score of each scale; higher is better."""
PARTS: tuple[Part, ...] = get_args(Part)
_NAME = re.compile(r"\w[\w .@-]{0,63}")
_REASONS = 16
_LONGEST_DWELL = 86_400.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A take that a rater saw or heard, under the arm's label of this run."""

    arm: str
    key: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Votes:
    """Everything said of one run, in the order it was said: the columns of the ledger's tables, but for ``run``."""

    pairs: pd.DataFrame
    opinions: pd.DataFrame

    @property
    def empty(self) -> bool:
        """Whether nobody has said anything."""
        return self.pairs.empty and self.opinions.empty


def cast(
    ledger: Ledger,
    run: str,
    left: Shown,
    right: Shown,
    choice: Choice,
    rater: str,
    *,
    reasons: Sequence[str] = (),
    dwell_s: float | None = None,
) -> str:
    """Record which of two takes of one sample ``rater`` prefers; the vote's id.

    ``left`` was shown on the left, or first. ``reasons`` are short tags, ``dwell_s`` seconds from showing to choice.
    Raises :class:`UsageError` for takes that the run does not have, of two samples, of one arm, or not come out well.
    """
    said = {"choice": choice, "reasons": list(reasons), "rater": rater, "dwell_s": dwell_s}
    return ledger.write_now(lambda connection: add_vote(connection, run, left, right, said))


def rate(
    ledger: Ledger,
    run: str,
    shown: Shown,
    scale: Scale,
    score: float,
    rater: str,
    *,
    session: str = "main",
    part: Part = "arm",
    dwell_s: float | None = None,
) -> str:
    """Record what ``rater`` gives one take in one listening ``session``; the rating's id.

    ``scale`` is ``mos`` (1..5) or ``mushra`` (0..100). ``part`` says what it stood for: the hidden reference is a take
    of a reference arm; an anchor is a take of a floor, or of the reference that it was made worse from.
    Raises :class:`UsageError` as :func:`cast` does, off the scale, and for a second rating of one take in a session.
    """
    said = {"scale": scale, "score": score, "rater": rater, "session": session, "part": part, "dwell_s": dwell_s}
    return ledger.write_now(lambda connection: add_opinion(connection, run, shown, said))


def read(ledger: Ledger, run: str) -> Votes:
    """All votes and ratings of a run."""
    return Votes(_frame(ledger, schema.votes, run), _frame(ledger, schema.opinions, run))


def _frame(ledger: Ledger, table: Table, run: str) -> pd.DataFrame:
    import pandas as pd

    columns = [column for column in table.c if column.name != "run"]
    asked = select(*columns).where(table.c.run == run).order_by(table.c.cast_at, table.c.id)
    with ledger.read() as connection:
        rows = [dict(row) for row in connection.execute(asked).mappings()]
    return pd.DataFrame(rows, columns=[column.name for column in columns])


def add_vote(connection: Connection, run: str, left: Shown, right: Shown, said: Mapping[str, Any]) -> str:
    """:func:`cast` within a transaction; ``said`` may bring an ``id`` and a ``cast_at`` of its own."""
    _of_choices("a choice", said["choice"], CHOICES)
    facts = [_facts(connection, run, shown) for shown in (left, right)]
    if facts[0]["sample"] != facts[1]["sample"]:
        raise UsageError(f"the two takes are of different samples: {_sample(facts[0])} and {_sample(facts[1])}")
    if left.arm == right.arm:
        raise UsageError(f"both takes are of {left.arm}: a vote tells two arms apart")
    reasons = [_name("a reason", reason) for reason in said["reasons"]]
    if len(reasons) > _REASONS:
        raise UsageError(f"a vote has {len(reasons)} reasons", f"give {_REASONS} at most")
    row = {
        **_row(run, facts[0]["sample"], said),
        **{f"{side}_{name}": getattr(shown, name) for side, shown in (("left", left), ("right", right))
           for name in ("arm", "key", "epoch")},
        "choice": said["choice"],
        "reasons": reasons,
    }  # fmt: skip
    connection.execute(schema.votes.insert(), row)
    return str(row["id"])


def add_opinion(connection: Connection, run: str, shown: Shown, said: Mapping[str, Any]) -> str:
    """:func:`rate` within a transaction; ``said`` may bring an ``id`` and a ``cast_at`` of its own."""
    _of_choices("a scale", said["scale"], tuple(RANGES))
    _of_choices("a part", said["part"], PARTS)
    low, high = RANGES[said["scale"]]
    if not low <= said["score"] <= high:
        raise UsageError(f"{said['score']:g} is off the scale of {said['scale']}: {low:g}..{high:g}")
    facts = _facts(connection, run, shown)
    _stands_for(said["part"], facts["role"], shown.arm)
    row = {
        **_row(run, facts["sample"], said),
        **{name: getattr(shown, name) for name in ("arm", "key", "epoch")},
        **{name: said[name] for name in ("scale", "part")},
        "session": _name("a session", said["session"]),
        "score": float(said["score"]),
    }
    table = schema.opinions
    same = [table.c[name] == row[name] for name in ("run", "scale", "session", "rater", "part", "arm", "key", "epoch")]
    if connection.execute(select(table.c.id).where(*same)).first():
        raise UsageError(f"{row['rater']} has rated this take of {shown.arm} in session {row['session']} already")
    connection.execute(table.insert(), row)
    return str(row["id"])


def _row(run: str, sample: tuple[Any, ...], said: Mapping[str, Any]) -> dict[str, Any]:
    """What both kinds of rows have."""
    dwell = said.get("dwell_s")
    if dwell is not None and not 0 <= dwell <= _LONGEST_DWELL:
        raise UsageError(f"{dwell:g} s from showing to choice is not possible", "give seconds, or leave it out")
    return {
        "id": said.get("id") or uuid4().hex,
        "run": run,
        **dict(zip(("contract", "dataset", "language", "sample"), sample, strict=True)),
        "rater": _name("a rater", said["rater"]),
        "dwell_s": dwell,
        "cast_at": said.get("cast_at") or now(),
    }


def _facts(connection: Connection, run: str, shown: Shown) -> dict[str, Any]:
    """The sample of a take and the role of its arm, as this run has them."""
    planned, takes, asked = schema.planned, schema.takes, schema.requests
    found = connection.execute(
        select(asked.c.contract, asked.c.dataset, asked.c.language, asked.c.sample, planned.c.role, takes.c.outcome)
        .join(asked, asked.c.key == planned.c.key)
        .outerjoin(takes, and_(takes.c.key == planned.c.key, takes.c.epoch == planned.c.epoch))
        .where(planned.c.run == run, planned.c.arm == shown.arm, planned.c.key == shown.key,
               planned.c.epoch == shown.epoch)
    ).first()  # fmt: skip
    if found is None:
        raise UsageError(f"run {run} has no such take of {shown.arm!r}", "see: filmbench table --takes --json")
    if found.outcome != Outcome.OK.value:
        raise UsageError(f"a take of {shown.arm} on {found.sample} did not come out well: nobody can have seen it")
    return {"sample": tuple(found[:4]), "role": found.role}


def _sample(facts: Mapping[str, Any]) -> str:
    contract, dataset, language, sample = facts["sample"]
    return " ".join(filter(None, (contract, dataset, language, sample)))


def _stands_for(part: Part, role: str, arm: str) -> None:
    fitting = ("reference",) if part == "hidden reference" else ("reference", "floor")
    if part != "arm" and role not in fitting:
        raise UsageError(f"{arm} is no {' or '.join(fitting)} row, so it cannot be the {part}")


def _of_choices(what: str, given: object, known: Sequence[str]) -> None:
    if given not in known:
        raise UsageError(f"{what} cannot be {given!r}", f"one of: {', '.join(known)}")


def _name(what: str, text: object) -> str:
    """Short names of letters, digits, spaces and ``. @ -``: they end in tables and spreadsheets of others."""
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise UsageError(f"{what} cannot be called {text!r}", "use up to 64 letters, digits, spaces and . @ _ -")
    return text
