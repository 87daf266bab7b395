"""``filmbench compare``: is the candidate better or worse than the base, sample by sample?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.compare import Comparison
    from filmbench.harness.suite import Suite


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("compare", epilog='Example: filmbench compare "eSpeak NG" "Kokoro Heart"')(compare)


def compare(
    base: Annotated[str, typer.Argument(help="The arm compared with: its label, or its provider.")],
    candidate: Annotated[str, typer.Argument(help="The arm judged.")],
    run: Annotated[str | None, typer.Option("--run", help="The candidate's run; the newest by default.")] = None,
    base_run: Annotated[str | None, typer.Option(help="The base's run, where it is an earlier one.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Where the base lies: a baseline's name or file.")] = None,
    contract: Annotated[str | None, typer.Option(help="Which one, where both arms answer several.")] = None,
    margin: Annotated[
        list[str] | None, typer.Option(help="The smallest change that matters, such as tts.cer=1 (repeat it).")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it there as well: .html with players, .md, .csv, .json."),
    ] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Compare two arms on the samples that both were asked, with paired differences."""
    from filmbench.harness import baselines, results
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.report import tables
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.types import UsageError

    if output and output.suffix not in _FORMATS:
        raise UsageError(f"-o cannot be {output.name}", f"name a file that ends in {', '.join(_FORMATS)}")
    with Opened.open(store) as opened:
        new = results.read(opened, run)
        old = baselines.older(opened, new, base_run, baseline)
    margins = {**new.suite.margins, **_margins(margin or [])}
    found = results.compared(new, base, candidate, old, margins=margins, contract=contract)
    if output:
        _write(found, new.suite, store, output)
    if as_json:
        print_json(tables.plain(found))
        return
    from rich.console import Console

    tables.show(found, Console(highlight=False))


_FORMATS: dict[str, Literal["markdown", "csv", "json"] | None] = {
    ".html": None,
    ".md": "markdown",
    ".csv": "csv",
    ".json": "json",
}


def _write(found: Comparison, suite: Suite, store: Path, file: Path) -> None:
    from filmbench.harness.report import comparison, tables
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.types import UsageError

    format = _FORMATS[file.suffix]
    if format is None:
        with Opened.open(store) as opened:
            comparison.write(opened, suite, found, file)
        return
    try:
        file.write_text(tables.render(found, format), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None


def _margins(given: list[str]) -> dict[str, float]:
    from filmbench.harness.types import UsageError

    margins = {}
    for text in given:
        metric, _, size = text.partition("=")
        try:
            margins[metric] = float(size)
        except ValueError:
            raise UsageError(f"--margin cannot be {text!r}", "for example: --margin tts.cer=1") from None
    return margins
