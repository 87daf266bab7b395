"""Makes the demo that a first visitor sees: a run's ledger, trimmed, and the players' copies of its media.

    filmbench run dashboards/showcase.toml --store /tmp/showcase
    python -m filmbench.dashboards.bundle /tmp/showcase dashboards/demo

After a change of the ledger's schema the demo is brought up to it, unless it is made anew:

    python -m filmbench.dashboards.bundle --refresh dashboards/demo

Originals stay out: what the demo plays are the small copies of :mod:`filmbench.harness.media.proxy`. Media whose
licence is not known, or is not ours to give away, are refused.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from filmbench.dashboards.query.media import SOURCES, Source
from filmbench.harness import dataset as datasets
from filmbench.harness import results
from filmbench.harness.dataset.manifest import Dataset
from filmbench.harness.media import proxy
from filmbench.harness.results import Results
from filmbench.harness.store import Store
from filmbench.harness.store.ledger import Ledger
from filmbench.harness.types import Artifact, FilmbenchError, UsageError

FREE = "CC0-1.0"
"""The only licence of data that goes along: that of what we wrote and drew ourselves."""
MOST_BYTES = 6_000_000
UNNEEDED = ("features", "leases", "resources")


def bundle(store: Path, target: Path, run: str | None = None) -> int:
    """Write the demo of ``run`` (the newest by default) to the folder ``target``; its size in bytes.

    Raises :class:`UsageError` for data that are not ours, and for a demo that became too large.
    """
    shutil.rmtree(target, ignore_errors=True)
    (target / "proxies").mkdir(parents=True)
    with Store.reading(store) as opened:
        found = results.read(opened, run)
        data = {task.dataset: _free(task.dataset) for task in found.suite.tasks}
        sources = dict(_sources(found, data))
        for row in found.takes[found.takes["artifact"].notna()].itertuples():
            _copy(target, Artifact(str(row.artifact), str(row.media_type), 0), opened.artifacts.find(str(row.artifact)))
    for key, listed in sources.items():
        media = data[key.split(" ", 1)[0]].media
        for source in listed:
            if source.sha256 and source.media_type:
                _copy(target, Artifact(source.sha256, source.media_type, 0), media[source.sha256])
    listing = {key: [asdict(source) for source in listed] for key, listed in sorted(sources.items())}
    (target / SOURCES).write_text(json.dumps(listing, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _ledger(store / "ledger.db", target / "ledger.db", found.run)
    for file in target.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise UsageError(
            f"the demo takes {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f}", "ask for fewer samples"
        )
    return size


def refresh(target: Path) -> None:
    """Bring the ledger of a demo up to today's schema."""
    Ledger(f"sqlite:///{target / 'ledger.db'}").close()
    _settle(target / "ledger.db")


def _free(ref: str) -> Dataset:
    found = datasets.load(ref)
    if found.licence != FREE:
        raise UsageError(f"{ref} is {found.licence}: not ours to give away", f"use data under {FREE}")
    return found


def _sources(found: Results, data: dict[str, Dataset]) -> Iterator[tuple[str, tuple[Source, ...]]]:
    for ref, dataset in data.items():
        asked = set(found.takes.loc[found.takes["dataset"] == dataset.ref, "sample"])
        for sample in dataset.samples:
            if sample.id not in asked:
                continue
            inputs = [(role, one) for role, one in sample.inputs.items() if isinstance(one, str | Artifact)]
            yield (
                f"{ref} {sample.id}",
                tuple(
                    Source(role, text=one) if isinstance(one, str) else Source(role, None, one.sha256, one.media_type)
                    for role, one in inputs
                    if isinstance(one, str) or proxy.player(one.media_type)
                ),
            )


def _copy(target: Path, artifact: Artifact, source: Path) -> None:
    if proxy.player(artifact.media_type):
        proxy.kept(target / "proxies", artifact.sha256, artifact.media_type, source)


def _ledger(source: Path, target: Path, run: str) -> None:
    """Only the run, in one file without a journal of its own, so that it can be read where nothing can be written."""
    with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(target)) as copy:
        whole.backup(copy)
    with closing(sqlite3.connect(target)) as ledger, ledger:
        for table in UNNEEDED:
            ledger.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        ledger.execute("DELETE FROM planned WHERE run != ?", (run,))
        ledger.execute("DELETE FROM runs WHERE id != ?", (run,))
        for table in ("requests", "takes", "scores", "journal"):
            ledger.execute(f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM planned)")  # noqa: S608
        _anonymous(ledger, run)
    _settle(target)


def _settle(file: Path) -> None:
    """One small file: no journal beside it, no room inside it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as ledger:
        ledger.execute("PRAGMA journal_mode=DELETE")
        ledger.execute("VACUUM")


def _anonymous(ledger: sqlite3.Connection, run: str) -> None:
    """Whose machine it was is nobody's business, and its packages are not the visitor's."""
    manifest = json.loads(ledger.execute("SELECT manifest FROM runs WHERE id = ?", (run,)).fetchone()[0])
    manifest["host"] |= {"name": "demo"}
    manifest["weights"] = {}
    ledger.execute("UPDATE runs SET manifest = ? WHERE id = ?", (json.dumps(manifest), run))
    ledger.execute("UPDATE takes SET host = 'demo' WHERE host IS NOT NULL")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, nargs="?", help="the store with the run")
    parser.add_argument("target", type=Path, help="the folder to write; what is there goes")
    parser.add_argument("--refresh", action="store_true", help="only bring its ledger up to today's schema")
    parser.add_argument("--run", help="which run; the newest by default")
    given = parser.parse_args()
    if given.refresh:
        refresh(given.target)
    elif given.store is None:
        parser.error("name the store with the run")
    else:
        try:
            size = bundle(given.store, given.target, given.run)
        except FilmbenchError as error:
            parser.exit(error.exit_code, f"{error}\n")
        print(f"{given.target}: {size / 1e6:.1f} MB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
