"""A store: one folder (or database and bucket) with everything that runs make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.store.artifacts import Artifacts
from filmbench.harness.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Use as a context manager, so that what is queued is written."""

    folder: Path
    ledger: Ledger
    artifacts: Artifacts

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open ``folder``, making it when absent. Raises :class:`UsageError` when it cannot be used."""
        return cls(folder, Ledger.at(folder), Artifacts.at(folder))

    @classmethod
    def reading(cls, folder: Path) -> Store:
        """Open ``folder`` to read only; nothing is made. Raises :class:`UsageError` when there is no store."""
        return cls(folder, Ledger.reading(folder), Artifacts.at(folder, read_only=True))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def run_folder(self, run: str) -> Path:
        """Where the tables and the report of one run lie."""
        return self.folder / run
