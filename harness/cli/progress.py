"""Progress bars of a run, on standard error."""

from __future__ import annotations

from types import TracebackType

import typer
from filmbench.harness.types import Outcome


class Progress:
    """A :class:`~filmbench.harness.runner.Watcher` that draws; where nobody watches it says a line a stage."""

    def __enter__(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        console = Console(stderr=True)
        self._drawn = console.is_terminal
        self._bars = Bars(
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}", style="dim"),
            console=console,
            disable=not self._drawn,
        )
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def making(self, run: str, total: int) -> None:
        """``total`` takes are to be made."""
        self._say(f"run {run}: {total} takes to make" if total else f"run {run}: every take is there already")
        self._task = self._bars.add_task("making", total=total, last="", visible=total > 0)

    def made(self, label: str, outcome: Outcome) -> None:
        """One take ended."""
        said = label if outcome is Outcome.OK else f"{label}: {outcome}"
        self._bars.update(self._task, advance=1, last=said)

    def scoring(self, total: int) -> None:
        """``total`` takes are to be scored."""
        if total:
            self._say(f"{total} takes to score")
        self._task = self._bars.add_task("scoring", total=total, last="", visible=total > 0)

    def scored(self, takes: int) -> None:
        """So many more takes are scored."""
        self._bars.update(self._task, advance=takes)

    def _say(self, line: str) -> None:
        if not self._drawn:
            typer.echo(line, err=True)
