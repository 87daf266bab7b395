"""Votes and ratings as files (CSV, JSON Lines): to give away, to take in from a listening test held elsewhere.

A file names arms and takes, choices and scores, and nothing else: raters get other names, times are days, and no text
or medium goes along. One kind of record has ``choice``, the other ``score``; see :data:`COLUMNS`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.harness import votes
from filmbench.harness.store import frames, schema
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import UsageError
from filmbench.harness.votes import Shown, Votes
from sqlalchemy import Connection, select

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("id", "run", "contract", "dataset", "language", "sample"),
    *("left_arm", "left_key", "left_epoch", "right_arm", "right_key", "right_epoch", "choice", "reasons"),
    *("scale", "session", "part", "arm", "key", "epoch", "score"),
    *("rater", "dwell_s", "cast_at"),
)
"""Columns of a file. Needed are ``sample``, ``rater`` and either ``left_arm``, ``right_arm`` and ``choice``, or
``arm``, ``scale`` and ``score``; ``key`` and ``epoch`` where an arm has several takes of the sample."""
SUFFIXES = (".csv", ".jsonl")
_MOST_BYTES = 64_000_000
_BETWEEN = ";"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did; ``known`` records were in the ledger before."""

    pairs: int
    opinions: int
    known: int


def write(run: str, said: Votes, file: Path) -> int:
    """Write all votes and ratings of a run; how many. Raises :class:`UsageError` for a place or ending that fails."""
    records = list(_records(run, said))
    if file.suffix == ".csv":
        text = _csv(records)
    elif file.suffix == ".jsonl":
        text = "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records)
    else:
        raise UsageError(f"votes cannot be written to {file.name}", f"name a file that ends in {' or '.join(SUFFIXES)}")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
    return len(records)


def take_in(ledger: Ledger, run: str, file: Path) -> Taken:
    """Add what ``file`` holds to ``run``: all of it or, with the line that is wrong in a :class:`UsageError`, nothing.

    Records whose ``id`` the ledger has are left as they are.
    """
    records = list(_read(file))
    takes = _Takes(frames.takes(ledger, run))
    return ledger.write_now(lambda connection: _add(connection, run, takes, records, file))


def _records(run: str, said: Votes) -> Iterator[dict[str, Any]]:
    names = _other_names(said)
    for frame in (said.pairs, said.opinions):
        for row in json.loads(frame.to_json(orient="records")):
            row |= {"run": run, "rater": names[row["rater"]], "cast_at": row["cast_at"][:10]}
            yield {name: row[name] for name in COLUMNS if row.get(name) is not None}


def _other_names(said: Votes) -> dict[str, str]:
    """A name for each rater made from the id of the first record, which nobody chose: it leads back to no person."""
    first: dict[str, tuple[str, str]] = {}
    for frame in (said.pairs, said.opinions):
        for rater, at, id in frame[["rater", "cast_at", "id"]].itertuples(index=False):
            first[rater] = min(first.get(rater, (at, id)), (at, id))
    return {rater: f"r-{hashlib.sha256(id.encode()).hexdigest()[:12]}" for rater, (_, id) in first.items()}


def _csv(records: list[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow(record | {"reasons": _BETWEEN.join(record.get("reasons", ()))})
    return buffer.getvalue()


Record = tuple[int, dict[str, Any]]
"""A line's number and what it holds."""


def _read(file: Path) -> Iterator[Record]:
    if file.suffix not in SUFFIXES:
        raise UsageError(f"votes cannot be read from {file.name}", f"name a file that ends in {' or '.join(SUFFIXES)}")
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} has more than {_MOST_BYTES // 1_000_000} MB", "split it")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error})") from None
    for number, record in _from_csv(text) if file.suffix == ".csv" else _from_lines(text, file):
        if unknown := sorted({str(name) for name in record} - {*COLUMNS}):
            raise UsageError(
                f"{file}, line {number}: {unknown[0]!r} is no column of votes", f"columns: {', '.join(COLUMNS)}"
            )
        yield number, {name: value for name, value in record.items() if value not in (None, "")}


def _from_csv(text: str) -> Iterator[Record]:
    reader = csv.DictReader(io.StringIO(text))
    for record in reader:
        reasons = str(record.get("reasons") or "")
        record["reasons"] = [part.strip() for part in reasons.split(_BETWEEN) if part.strip()]
        yield reader.line_num, record


def _from_lines(text: str, file: Path) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{file}, line {number}: not valid JSON ({error})") from None
        if not isinstance(record, dict):
            raise UsageError(f"{file}, line {number}: not an object")
        yield number, record


def _add(connection: Connection, run: str, takes: _Takes, records: list[Record], file: Path) -> Taken:
    known = _known(connection)
    # Who gave a record that is here already has the same name in the file's other records.
    names = {record.get("rater"): known[str(record["id"])] for _, record in records if record.get("id") in known}
    pairs = opinions = skipped = 0
    for number, record in records:
        try:
            if record.get("id") in known:
                skipped += 1
                continue
            if record.get("run", run) != run:
                raise UsageError(f"it is of run {record['run']}, not of {run}", "name its run: --run")
            record["rater"] = names.get(record.get("rater"), record.get("rater"))
            if "choice" in record:
                left, right = (takes.find(record, f"{side}_") for side in ("left", "right"))
                votes.add_vote(connection, run, left, right, _vote(record))
                pairs += 1
            else:
                given = _opinion(record)
                votes.add_opinion(connection, run, takes.find(record, ""), given)
                opinions += 1
        except UsageError as error:
            raise UsageError(f"{file}, line {number}: {error}", error.hint) from None
    return Taken(pairs, opinions, skipped)


def _known(connection: Connection) -> dict[str, str]:
    """The rater of every vote and rating there is, by its id."""
    found: dict[str, str] = {}
    for table in (schema.votes, schema.opinions):
        found |= {row.id: row.rater for row in connection.execute(select(table.c.id, table.c.rater))}
    return found


def _vote(record: Mapping[str, Any]) -> dict[str, Any]:
    reasons = record.get("reasons", [])
    if not isinstance(reasons, list):
        raise UsageError("reasons are no list")
    return {**_common(record), "choice": record["choice"], "reasons": reasons}


def _opinion(record: Mapping[str, Any]) -> dict[str, Any]:
    if "score" not in record:
        raise UsageError("it has neither a choice nor a score")
    return {
        **_common(record),
        "scale": record.get("scale"),
        "session": record.get("session", "main"),
        "part": record.get("part", "arm"),
        "score": _number(record, "score"),
    }


def _common(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(record.get("id")),
        "rater": record.get("rater"),
        "dwell_s": _number(record, "dwell_s") if "dwell_s" in record else None,
        "cast_at": _moment(record.get("cast_at")),
    }


def _id(given: object) -> str | None:
    if given is not None and not (isinstance(given, str) and 0 < len(given) <= 64 and given.isalnum()):
        raise UsageError(f"an id cannot be {given!r}", "use up to 64 letters and digits, or leave it out")
    return given


def _number(record: Mapping[str, Any], name: str) -> float:
    try:
        return float(record[name])
    except (TypeError, ValueError):
        raise UsageError(f"{name} cannot be {record[name]!r}") from None


def _moment(given: object) -> str | None:
    if given is None:
        return None
    try:
        datetime.fromisoformat(str(given))
    except ValueError:
        raise UsageError(f"cast_at cannot be {given!r}", "write a day or a time: 2026-11-02") from None
    return str(given)


class _Takes:
    """A run's takes, found by what a record names."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._by_arm: dict[tuple[str, str], list[dict[Hashable, Any]]] = {}
        wanted = ["arm", "sample", "contract", "dataset", "language", "key", "epoch"]
        for row in frame[wanted].to_dict("records"):
            self._by_arm.setdefault((row["arm"], row["sample"]), []).append(row)

    def find(self, record: Mapping[str, Any], side: str) -> Shown:
        """The one take of an arm and sample that fits all that the record says."""
        arm, sample = record.get(f"{side}arm"), record.get("sample")
        asked = {name: record[name] for name in ("contract", "dataset", "language") if name in record}
        asked |= {name: str(record[f"{side}{name}"]) for name in ("key", "epoch") if f"{side}{name}" in record}
        own = self._by_arm.get((str(arm), str(sample)), [])
        fitting = [row for row in own if all(str(row[name]) == value for name, value in asked.items())]
        if len(fitting) != 1:
            many = f"{len(fitting)} takes" if fitting else "no take"
            hint = f"name the take: {side}key and {side}epoch" if fitting else "see: filmbench table --takes"
            raise UsageError(f"there is {many} of {arm!r} on sample {sample!r} as it names it", hint)
        return Shown(str(arm), fitting[0]["key"], int(fitting[0]["epoch"]))
