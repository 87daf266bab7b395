"""``filmbench gate``: may the candidate replace the base? Rules in, one exit code out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filmbench.harness.gate import Rules
    from filmbench.harness.protocols import MetricSpec


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("gate", epilog='Example: filmbench gate "eSpeak NG" "Kokoro Heart" --rules gate.toml')(gate)


def gate(
    base: Annotated[str, typer.Argument(help="The arm in use: its label, or its provider.")],
    candidate: Annotated[str, typer.Argument(help="The arm that is to replace it.")],
    rules: Annotated[
        Path | None, typer.Option(help="A TOML file of margins and limits; the suite's margins by default.")
    ] = None,
    run: Annotated[str | None, typer.Option("--run", help="The candidate's run; the newest by default.")] = None,
    base_run: Annotated[str | None, typer.Option(help="The base's run, where it is an earlier one.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Where the base lies: a baseline's name or file.")] = None,
    contract: Annotated[str | None, typer.Option(help="Which one, where both arms answer several.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="What is inconclusive fails, too (exit 6).")] = False,
    accept_licence: Annotated[
        list[str] | None, typer.Option(help="Use a metric whose licence is not free for every use, such as pesq.")
    ] = None,
    format: Annotated[str, typer.Option(help="text, markdown, github or junit.")] = "text",
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML there as well.")] = None,
    summary: Annotated[Path | None, typer.Option(help="Append a Markdown summary there as well.")] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Judge an upgrade: exit 0 passed, 1 regression, 3 too little measured, 5 vendor outage, 6 open under --strict."""
    from filmbench.harness import baselines, results
    from filmbench.harness import gate as gates
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.report import gates as report
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.types import UsageError

    if format not in report.FORMATS:
        raise UsageError(f"there is no format {format!r}", f"formats: {', '.join(report.FORMATS)}")
    with Opened.open(store) as opened:
        new = results.read(opened, run)
        old = baselines.older(opened, new, base_run, baseline)
    asked = gates.load(rules) if rules else gates.Rules(margins=new.suite.margins)
    _usable(asked, new.metrics, accept_licence or ())
    found = results.compared(
        new, base, candidate, old, margins=asked.margins, corrected=asked.claim == "any", contract=contract
    )
    judged = gates.judge(found, asked, strict=strict, down=gates.down(new.takes, candidate))
    try:
        if junit:
            junit.write_text(report.junit(judged), encoding="utf-8")
        if summary:
            with summary.open("a", encoding="utf-8") as file:
                file.write(report.markdown(judged))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror or error}") from None
    if as_json:
        print_json(report.plain(judged))
    else:
        typer.echo(report.FORMATS[format](judged), nl=False)
    raise typer.Exit(judged.code)


def _usable(asked: Rules, specs: Iterable[MetricSpec], accepted: Iterable[str]) -> None:
    """Rules there must be, on metrics that were measured and whose licences the user may use."""
    from filmbench.harness.types import UsageError

    if not asked.margins and not any(value is not None for value in dict(asked.limits).values()):
        raise UsageError("no rule is given, so nothing can fail", "write margins into a file: filmbench gate --help")
    flags = {spec.id: spec.licence_flag for spec in specs if spec.licence_flag}
    for id in asked.margins:
        if id in flags and flags[id] not in accepted:
            raise UsageError(
                f"{id} is not free for every use (see: filmbench metrics show {id})",
                f"if you may use it: --accept-licence {flags[id]}",
            )
