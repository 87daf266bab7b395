"""Suites run as people run them, from the command line, and their tables to look things up in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

FILMBENCH = Path(sys.executable).with_name("filmbench")


@dataclass(frozen=True)
class Table:
    """One contract's table. ``rows`` are by the arms' labels."""

    contract: str
    rows: Mapping[str, Any]
    columns: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]

    def cell(self, arm: str, metric: str) -> Mapping[str, Any]:
        """Value, interval, number of samples, reason."""
        return self.rows[arm]["values"][metric]

    def value(self, arm: str, metric: str) -> float | None:
        """The value in one cell; ``None`` where there is none."""
        found = self.rows[arm]["values"].get(metric)
        return None if found is None else found["value"]

    def values(self, metric: str) -> dict[str, float | None]:
        """A column: arm to value."""
        return {arm: self.value(arm, metric) for arm, row in self.rows.items() if metric in row["values"]}

    def by_metric(self) -> dict[str, dict[str, float | None]]:
        """All columns, under the metrics' names without their stage."""
        ids = {id: None for row in self.rows.values() for id in row["values"]}
        return {id.partition(".")[2]: self.values(id) for id in ids}

    def order(self, metric: str, best_first: bool = True) -> list[str]:
        """The arms that have a value, the highest (else the lowest) first."""
        known = {arm: value for arm, value in self.values(metric).items() if value is not None}
        return sorted(known, key=known.__getitem__, reverse=best_first)


def run(suite: str | Path, folder: Path) -> dict[str, Table]:
    """Run a built-in suite, or a file, in a store below ``folder``; its tables by contract."""
    command = [FILMBENCH, "--store", folder / "runs", "run", suite, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return {
        table["contract"]: Table(
            table["contract"],
            {row["arm"]: row for row in table["rows"]},
            tuple(table["columns"]),
            tuple(table["notes"]),
        )
        for table in json.loads(done.stdout)["tables"]
    }


def run_one(suite: str | Path, folder: Path) -> Table:
    """The table of a suite of one contract."""
    (table,) = run(suite, folder).values()
    return table


def cut(name: str, folder: Path, **changes: str) -> Path:
    """A built-in suite whose lines ``<key> = …`` hold other values: a file in ``folder``.

    A value is written as TOML has it. Each key must stand at the beginning of exactly one line.
    """
    lines = (files("filmbench.harness.suites") / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    for key, value in changes.items():
        (place,) = (number for number, line in enumerate(lines) if line.startswith(f"{key} = "))
        lines[place] = f"{key} = {value}"
    path = folder / f"{name}-cut.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
