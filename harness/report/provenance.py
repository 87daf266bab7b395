"""What stands behind the numbers: the data and engines with their licences, the metrics' cards, the run's manifest."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from filmbench.harness import dataset as datasets
from filmbench.harness import registry
from filmbench.harness.engine.journal import IMPORTED
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words
from filmbench.harness.store import Store, schema
from filmbench.harness.suite import Suite
from filmbench.harness.types import UsageError
from sqlalchemy import Connection, and_, func, select

UNLICENSED = "kept out of this file: nobody has said under which licence it may be passed on"
BETTER = {True: "higher is better", False: "lower is better", None: "neither high nor low is better"}
PROVENANCE = {
    "library": "computed by a published library",
    "reimplementation": "our implementation, pinned to published values",
    "proxy": "a proxy of our own, not a published metric",
}


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset. ``licence`` is ``None`` where nobody has said it: its recordings must not be passed on.

    Neither must the readings of the samples ``imported`` by the store's user, whose rights are that user's to know.
    """

    ref: str
    title: str
    licence: str | None
    attribution: str
    imported: frozenset[str] = frozenset()

    def withholds(self, sample: str) -> bool:
        """Whether the media of ``sample``, and what was made over them, must not be passed on."""
        return self.licence is None or sample in self.imported


@dataclass(frozen=True, slots=True)
class Engine:
    """What spoke for one arm. ``versions`` are those of program and weights, ``settings`` the arm's parameters."""

    arm: str
    title: str
    provider: str
    licence: str
    versions: str
    settings: str


@dataclass(frozen=True, slots=True)
class Card:
    """A metric in short; ``failures`` is what it is known to get wrong."""

    title: str
    unit: str
    better: str
    range: str
    what: str
    failures: str
    provenance: str
    licence: str
    flag: str
    signature: str


def data(store: Store, suite: Suite) -> tuple[Data, ...]:
    """The datasets of a suite, each once."""
    found = (_dataset(store, task.dataset) for task in suite.tasks)
    return tuple({one.ref: one for one in found}.values())


def _dataset(store: Store, ref: str) -> Data:
    try:
        own = datasets.load(ref)
        joined = datasets.load(ref, store.folder)
    except UsageError as gone:
        return Data(ref, "", None, f"not to be found on this machine: {gone}")
    pairs = zip(own.samples, joined.samples, strict=True)
    imported = frozenset(plain.id for plain, read in pairs if plain.references != read.references)
    licence = None if own.licence.startswith(("unknown", "not stated")) else own.licence
    return Data(own.ref, own.title, licence, own.attribution, imported)


def engines(store: Store, run: str) -> tuple[Engine, ...]:
    """What spoke for each arm of a run, in the order of the plan."""
    planned, asked = schema.planned, schema.requests
    first = (
        select(func.min(planned.c.ordinal).label("ordinal"))
        .join(asked, asked.c.key == planned.c.key)
        .where(planned.c.run == run)
        .group_by(planned.c.arm, asked.c.provider, asked.c.language)
        .subquery()
    )
    rows = (
        select(planned.c.arm, asked.c.provider, asked.c.language, asked.c.params, asked.c.identity, asked.c.endpoint)
        .join(asked, asked.c.key == planned.c.key)
        .join(first, and_(first.c.ordinal == planned.c.ordinal, planned.c.run == run))
        .order_by(planned.c.ordinal)
    )
    by_arm: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    with store.ledger.read() as connection:
        for row in connection.execute(rows).mappings():
            by_arm.setdefault((row["arm"], row["provider"]), []).append(dict(row))
        imports = _imports(connection, run)
    return tuple(
        _worked(_engine(arm, provider, found), imports[arm]) if arm in imports else _engine(arm, provider, found)
        for (arm, provider), found in by_arm.items()
    )


def _imports(connection: Connection, run: str) -> dict[str, list[Mapping[str, Any]]]:
    """What the journal holds of the imported takes that the run shows, by arm; of each take what was said last."""
    planned, noted = schema.planned, schema.journal
    rows = (
        select(planned.c.arm, planned.c.key, noted.c.detail)
        .join(noted, and_(noted.c.key == planned.c.key, noted.c.epoch == planned.c.epoch, noted.c.state == IMPORTED))
        .where(planned.c.run == run)
        .order_by(noted.c.id)
    )
    latest = {(row.arm, row.key): row.detail for row in connection.execute(rows)}
    by_arm: dict[str, list[Mapping[str, Any]]] = {}
    for (arm, _), detail in latest.items():
        by_arm.setdefault(arm, []).append(detail)
    return by_arm


def _worked(engine: Engine, details: Sequence[Mapping[str, Any]]) -> Engine:
    """The arm as its maker describes it."""

    def said(*names: str) -> str:
        lines = (" ".join(str(detail["said"][name]) for name in names if name in detail["said"]) for detail in details)
        return ", ".join(dict.fromkeys(filter(None, lines)))

    people = said("operator")
    versions = filter(None, (said("vendor", "model", "tool_version"), f"worked by {people}" if people else ""))
    notes = dict.fromkeys(note for detail in details for note in detail["notes"])
    return replace(
        engine,
        licence=words.one_line(said("licence")) or engine.licence,
        versions=words.one_line("; ".join(("imported, as its maker says", *versions)), 300),
        settings=words.one_line("; ".join(notes), 300) or engine.settings,
    )


def _engine(arm: str, provider: str, rows: list[Mapping[str, Any]]) -> Engine:
    known = registry.providers().items.get(provider)
    identities = {name: text for row in rows for name, text in row["identity"].items()}
    versions = [identities["engine"]] if "engine" in identities else []
    if "weights" in identities:
        versions.append(f"weights {identities['weights'][:16]}")
    if endpoints := sorted({row["endpoint"] for row in rows if row["endpoint"]}):
        versions.append(f"at {', '.join(endpoints)}")
    return Engine(
        arm=words.one_line(arm, 60),
        title=known.spec.title if known else provider,
        provider=provider,
        licence=known.spec.licence if known else "unknown: its adapter is not installed here",
        versions=words.one_line("; ".join(versions)) or "the vendor's",
        settings=words.one_line("; ".join(_settings(rows)), 300) or "defaults",
    )


def _settings(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """``voice af_heart (en), ef_dora (es)``; the languages only where they differ."""
    values: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        for name, value in row["params"].items():
            values.setdefault(name, {}).setdefault(str(value), []).append(row["language"] or "")
    for name, by_value in sorted(values.items()):
        if len(by_value) == 1:
            yield f"{name} {next(iter(by_value))}"
        else:
            yield f"{name} " + ", ".join(f"{value} ({', '.join(tongues)})" for value, tongues in by_value.items())


def cards(specs: Iterable[MetricSpec]) -> tuple[Card, ...]:
    """The metrics' cards, from what they say of themselves."""
    return tuple(_card(spec) for spec in specs)


_FAILURES = re.compile(r"Known failures?\W{0,3}(.*?)(?=\n\s*\**[A-Z][\w ,]*\**:|\n\*\*|\Z)", re.DOTALL)


def _card(spec: MetricSpec) -> Card:
    metric = registry.metrics().items.get(spec.id)
    text = inspect.getdoc(type(metric)) or "" if metric else ""
    failures = _FAILURES.search(text)
    return Card(
        title=spec.title,
        unit=spec.unit,
        better=BETTER[spec.higher_is_better],
        range=_range(spec.low, spec.high),
        what=_plain(text.split("\n\n")[0]),
        failures=_sentence(_plain(failures.group(1))) if failures else "",
        provenance=PROVENANCE[spec.provenance],
        licence=spec.licence,
        flag=spec.licence_flag or "",
        signature=spec.signature,
    )


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"up to {words.number(high, 0)}"
    return f"from {words.number(low, 0)}" if high is None else f"{words.number(low, 0)} to {words.number(high, 0)}"


def _plain(text: str) -> str:
    """Without the marks of a docstring: code quotes and bold."""
    return " ".join(text.replace("``", "").replace("**", "").split())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def manifest(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A run's manifest in short: what was asked, of which data, by which code, on which machine."""
    suite, host, git = found["suite"], found["host"], found.get("git")
    commit = f", commit {git['commit'][:12]}{' with changes' if git['dirty'] else ''}" if git else ""
    data = [(f"Dataset {name}", f"{one['version']}, sha256 {one['sha256']}") for name, one in found["datasets"].items()]
    return (
        ("Suite", f"{suite['name']}, sha256 {suite['sha256']}, seed {suite['seed']}"),
        *data,
        ("Price book", f"sha256 {found['prices']}"),
        ("filmbench", f"{found['filmbench']}{commit}"),
        ("Python", found["python"]),
        ("FFmpeg", found.get("ffmpeg") or "none found"),
        ("Machine", f"{host['name']}: {host.get('processor') or 'processor unknown'}, {host['cores']} cores"),
        ("System", host["system"]),
    )
