"""Progress of a film on standard error: the stage, the shot, and the time left."""

from __future__ import annotations

from types import TracebackType

import typer
from filmbench.harness.cli.progress import Progress


class Filming(Progress):
    """A :class:`~filmbench.harness.film.production.Watcher` that draws; where nobody watches it says a line a stage."""

    def __enter__(self) -> Filming:
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is KeyboardInterrupt:
            typer.echo("stopped; what is done is kept: give the same command again", err=True)

    def step(self, name: str, total: int) -> None:
        """One stage of the film begins; ``total`` shots are to be there at its end."""
        self._say(f"{name}: {total} shots" if total else name)
        self._shots = self._bars.add_task(name, total=total or None, last="", visible=True)
        if not total:
            self._bars.update(self._shots, total=1, completed=1)

    def shot(self, name: str, drawn: bool) -> None:
        """One more shot is there."""
        self._bars.update(self._shots, advance=1, last=name if drawn else f"{name}: there already")
