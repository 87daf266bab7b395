"""From a folder of files to takes in the ledger, a run that shows them, and its scores.

Everything is looked at before anything is kept: one file that cannot be used, and nothing is imported. What is kept is
known by its content, so the same files imported again are the same takes. Nobody is asked anything and nothing is paid:
what other arms lack stays open for ``filmbench run --resume``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness import manifest, plan, registry, scoring
from filmbench.harness.contracts import Contract
from filmbench.harness.engine import journal, runs
from filmbench.harness.engine.local import Paths, receive
from filmbench.harness.engine.outputs import Checked, Inbox, check
from filmbench.harness.engine.reuse import Reuse
from filmbench.harness.imports.matching import Supplied, match
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.plan import Asked, Plan
from filmbench.harness.pricing import book
from filmbench.harness.protocols import Handwork, Refusal
from filmbench.harness.runner import Watcher
from filmbench.harness.store import Store, schema
from filmbench.harness.store.artifacts import Artifacts
from filmbench.harness.suite import ArmEntry, Suite, TaskEntry
from filmbench.harness.types import Artifact, Outcome, Request, Take, Timing, Usage, UsageError, digest
from sqlalchemy import Connection, RowMapping, select

OTHER = "by-hand/other"
NOTHING_CAME = "no file was imported for it"
TYPED_IN = "typed in by its maker"
MEND = "mend it, or take it away: then it counts as not supplied"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: how many takes the arm is asked for, has now, and how many are new; the run shows them.

    ``waiting`` counts takes of other arms that nobody made yet.
    """

    run: str
    asked: int
    supplied: int
    fresh: int
    waiting: int


@dataclass(frozen=True, slots=True)
class _Received:
    """A take that was looked at and found whole, its media in a place of its own."""

    asked: Asked
    supplied: Supplied
    inbox: Inbox
    checked: Checked
    notes: tuple[str, ...]


def tool(label: str, contract: Contract) -> str:
    """The provider that ``label`` names (``After Effects 2026``: ``by-hand/after-effects``), else the nameless one."""
    for id, provider in registry.providers().items.items():
        name = id.partition("/")[2].replace("-", " ")
        if provider.spec.by_hand and id != OTHER and name in label.lower() and contract.id in provider.spec.contracts:
            return id
    return OTHER


def bring_in(store: Store, suite: Suite, contract: Contract, folder: Path, label: str, watch: Watcher) -> Imported:
    """Import what ``folder`` holds as the arm ``label`` of ``suite``, open a run of that suite and score it.

    Raises :class:`UsageError` as :func:`~filmbench.harness.imports.matching.match` does, for media that cannot be used
    and for an arm of that name that is not made by hand; nothing is kept then.
    """
    tasks = plan.make(suite, store.folder).tasks
    names = tuple(sample.id for task in tasks if task.contract == contract for sample in task.samples)
    if len(set(names)) < len(names):
        raise UsageError(
            f"{suite.name} asks for some samples of {contract.id} twice", "import with a suite of one task"
        )
    found = match(folder, contract, names)
    made = plan.make(with_arm(suite, contract, label, 1 + max(one.take for one in found)), store.folder)
    asked = {
        (one.request.sample.id, one.request.take): one
        for _, one in made.asked()
        if one.request.arm.label == label and one.request.contract == contract.id
    }
    with TemporaryDirectory(prefix="filmbench-") as place:
        received = [_received(asked[one.sample, one.take], one, contract, made, Path(place)) for one in found]
        for one in received:
            for many in one.inbox.received.values():
                for artifact in many:
                    store.artifacts.add(one.inbox.artifacts.path(artifact), artifact.media_type)
    fresh = store.ledger.write_now(lambda connection: _write(connection, label, list(asked.values()), received))
    run = runs.start(store.ledger, made, manifest.build(made, book()), None, Reuse())
    runs.close(store.ledger, run.id, "stopped" if run.remaining else "done")
    watch.scoring(scoring.pending(store.ledger, made, run.id))
    scoring.score(store.ledger, store.artifacts, made, run.id, watch=watch.scored)
    return Imported(run.id, len(asked), _supplied(store, list(asked.values())), fresh, run.remaining)


def with_arm(suite: Suite, contract: Contract, label: str, takes: int) -> Suite:
    """``suite`` with the arm ``label`` asked what its tasks of ``contract`` ask, ``takes`` times, if it is not there.

    Raises :class:`UsageError` where the arm is there and not made by hand, or asked for fewer takes.
    """
    tasks = [task for task in suite.tasks if task.contract == contract.id]
    there = [(task, arm) for task in tasks for arm in task.arms if arm.name == label]
    for task, arm in there:
        if not registry.providers().get(arm.provider).spec.by_hand:
            raise UsageError(
                f"{label!r} is {arm.provider} in {suite.name}, which is not made by hand", "choose a new name"
            )
        if takes > task.takes:
            raise UsageError(
                f"{suite.name} asks {label} for {task.takes} of a sample, there is a take {takes}",
                f"keep the best, or set takes = {takes} in the suite",
            )
    if there:
        return suite
    entry = ArmEntry(provider=tool(label, contract), label=label)
    more: list[TaskEntry] = [task.model_copy(update={"arms": (entry,), "takes": takes}) for task in tasks]
    return suite.model_copy(update={"tasks": (*suite.tasks, *more)})


def _received(asked: Asked, supplied: Supplied, contract: Contract, made: Plan, place: Path) -> _Received:
    """Look at one take; raises :class:`UsageError` with the file or role that is not as it must be."""
    provider, request = asked.arm.provider, asked.request
    assert isinstance(provider, Handwork)
    _same_source(request, supplied)
    work = place / request.key()
    work.mkdir()
    whose = f"take {supplied.take + 1} of {supplied.sample}"
    inbox = Inbox(contract, Artifacts(place / "media"))
    try:
        taken = provider.take_in(request, supplied.files, Paths(made.media), work)
        checked = asyncio.run(_checked(inbox, taken.files))
    except (BadMedia, Refusal) as error:
        raise UsageError(f"{whose}: {error}", MEND) from None
    if checked.fault:
        raise UsageError(f"{whose}: {checked.fault}", MEND)
    return _Received(asked, supplied, inbox, checked, taken.notes)


async def _checked(inbox: Inbox, files: Mapping[str, Any]) -> Checked:
    for role, many in files.items():
        for file, media_type in many if isinstance(many, list) else [many]:
            await receive(inbox, role, file, media_type)
    return await check(inbox)


def _same_source(request: Request, supplied: Supplied) -> None:
    said = supplied.facts.source_sha256
    if said and said.lower() != digest(request.sample.content()):
        raise UsageError(
            f"{supplied.sample} was made from another version of the sample than the suite asks",
            "the column source_sha256 says so; make it anew from: filmbench import --template SUITE",
        )


def _write(connection: Connection, label: str, asked: Sequence[Asked], received: Sequence[_Received]) -> int:
    """All takes of an import in one transaction; how many are new."""
    requests = {one.request.key(): one.request for one in asked}
    brought = {one.asked.request.key(): one for one in received}
    latest = _latest(connection, list(requests))
    fresh = 0
    for keys in runs.pieces(requests):
        rows = [runs.request_row(key, requests[key]) for key in keys]
        connection.execute(journal.insert_new(connection, schema.requests), rows)
        ends = [_end(key, label, brought.get(key), latest.get(key)) for key in keys]
        for key, end in zip(keys, ends, strict=True):
            if end and key in brought:
                fresh += latest.get(key) is None or latest[key]["epoch"] != end.take.epoch or _open(latest[key])
                journal.note(
                    connection, journal.IMPORTED, key, end.take.epoch, journal.IMPORTED, _said(label, brought[key])
                )
        if written := [end for end in ends if end]:
            journal.finish(connection, written)
    return fresh


def _latest(connection: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    """The newest take of each key, whole."""
    takes = schema.takes
    found: dict[str, RowMapping] = {}
    for some in runs.pieces(keys):
        rows = connection.execute(select(takes).where(takes.c.key.in_(some)).order_by(takes.c.epoch))
        found |= {row["key"]: row for row in rows.mappings()}
    return found


def _open(row: RowMapping) -> bool:
    return not Outcome(row["outcome"]).final


def _end(key: str, label: str, one: _Received | None, latest: RowMapping | None) -> journal.End | None:
    """What is to be written for one request; ``None`` where it stands there already."""
    if one is None:
        nothing = _take(key, 0, Outcome.NOT_SUPPLIED, NOTHING_CAME)
        return journal.End(journal.IMPORTED, nothing, None, {}) if latest is None else None
    take = _made(key, one)
    if latest is None:
        return journal.End(journal.IMPORTED, take, one.checked.seconds, one.checked.probes)
    same = latest["outcome"] == Outcome.OK.value and _hashes(latest["artifacts"]) == _own(take.artifacts)
    epoch = latest["epoch"] + (not same and not _open(latest))
    take = replace(take, epoch=epoch)
    return journal.End(
        journal.IMPORTED, _as_said_before(take, latest) if same else take, one.checked.seconds, one.checked.probes
    )


def _made(key: str, one: _Received) -> Take:
    facts = one.supplied.facts
    return replace(
        _take(key, 0, Outcome.OK, "; ".join(one.notes) or None),
        artifacts=one.inbox.outputs(),
        usage=None if facts.cost_usd is None else Usage(evidence=TYPED_IN, usd=facts.cost_usd),
        billed_usd=facts.cost_usd,
        attempts=1,
        answered_model=" ".join(filter(None, (facts.vendor, facts.model, facts.tool_version))) or None,
        human_minutes=facts.human_minutes,
        made_at=facts.finished,
    )


def _as_said_before(take: Take, before: RowMapping) -> Take:
    """The same files again: what is not said this time holds as it was said before."""
    paid, nano = take.billed_usd, before["billed_nano"]
    billed = Decimal(nano) / 10**9 if paid is None and nano is not None else paid
    return replace(
        take,
        usage=None if billed is None else Usage(evidence=TYPED_IN, usd=billed),
        billed_usd=billed,
        answered_model=take.answered_model or before["answered_model"],
        human_minutes=before["human_minutes"] if take.human_minutes is None else take.human_minutes,
        made_at=take.made_at or before["made_at"],
    )


def _take(key: str, epoch: int, outcome: Outcome, reason: str | None) -> Take:
    return Take(
        request_key=key,
        epoch=epoch,
        outcome=outcome,
        reason=reason,
        artifacts={},
        timing=Timing(),
        usage=None,
        quoted_usd=None,
        billed_usd=None,
        attempts=0,
        live=True,
    )


def _own(artifacts: Mapping[str, tuple[Artifact, ...]]) -> dict[str, list[str]]:
    return {role: [one.sha256 for one in many] for role, many in artifacts.items()}


def _hashes(artifacts: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[str]]:
    return {role: [one["sha256"] for one in many] for role, many in artifacts.items()}


def _said(label: str, one: _Received) -> dict[str, Any]:
    """What the journal keeps of a take: the maker's words, the files by name, what became of them."""
    files = {role: [file.name for file in many] for role, many in one.supplied.files.items()}
    return {
        "arm": label,
        "said": one.supplied.facts.json(),
        "files": files,
        "media": _own(one.inbox.outputs()),
        "notes": list(one.notes),
    }


def _supplied(store: Store, asked: Sequence[Asked]) -> int:
    """How many of the takes asked for are there, whenever they were brought."""
    with store.ledger.read() as connection:
        latest = _latest(connection, [one.request.key() for one in asked])
    return sum(row["outcome"] == Outcome.OK.value for row in latest.values())
