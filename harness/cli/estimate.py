"""``filmbench estimate``: what a screenplay would cost to make, and the best film for a budget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from filmbench.harness.film.assumptions import Assumptions
    from filmbench.harness.film.budget import Budget
    from filmbench.harness.film.estimate import Estimate

FORMATS = (".md", ".html", ".json", ".xlsx")
ON_SCREEN = 40
"""Rows of a table in the terminal; files hold all of them."""


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("estimate", epilog="Example: filmbench estimate film.fountain --budget 100 -o film.xlsx")(estimate)


def estimate(
    screenplay: Annotated[Path | None, typer.Argument(help="A script: Fountain or Final Draft.")] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="Who makes a stage, as tts=elevenlabs/eleven_v3 or video=none; may be given again."),
    ] = None,
    languages: Annotated[
        str | None, typer.Option(help="As en,es; by default the script's and its translations'.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="US dollars: choose the best film of judged arms for them.")
    ] = None,
    confidence: Annotated[float, typer.Option(help="How sure the budget is to be kept, 0 to 1.")] = 0.9,
    assumptions: Annotated[
        Path | None, typer.Option(help="A TOML file of your assumptions; written out where there is none yet.")
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(help="A TOML or JSON file of judgements made elsewhere: [[results]] contract, arm, quality …"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal figures.")] = 0,
    output: Annotated[
        list[Path] | None, typer.Option("-o", "--output", help="Write .md, .html, .json or .xlsx; may be given again.")
    ] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Estimate a film: work by stage, dated prices, takes until one will do, and the cost without AI beside it."""
    from filmbench.harness.cli.output import print_json
    from filmbench.harness.report import costs
    from filmbench.harness.types import UsageError

    for file in output or ():
        if file.suffix not in FORMATS:
            raise UsageError(f"an estimate cannot be written as {file.name!r}", f"endings: {', '.join(FORMATS)}")
    assumed = _assumed(assumptions)
    if screenplay is None:
        if assumptions is None:
            raise UsageError("no screenplay is given", "for example: filmbench estimate film.fountain")
        return
    arms = dict(_stage(text, assumed) for text in stage or ())
    from rich.console import Console

    with Console(stderr=True).status("reckoning" if budget is None else "choosing the best film for the money"):
        found, chosen = _made(screenplay, languages, assumed, arms, store, results, budget, confidence, seed)
    for file in output or ():
        _write(file, found, chosen)
    if as_json:
        print_json(costs.as_json(found, chosen))
        return
    from filmbench.harness.report import tables

    typer.echo(costs.finding(found, chosen))
    tables.show_document(costs.document(found, chosen, ON_SCREEN), Console(highlight=False))


def _assumed(file: Path | None) -> Assumptions:
    from filmbench.harness import registry
    from filmbench.harness.film import assumptions
    from filmbench.harness.ranking import MEASURES

    if file is None:
        return assumptions.default()
    if not file.exists():
        assumptions.write_out(file)
        typer.echo(f"wrote our assumptions to {file}: change what you know better", err=True)
    assumed = assumptions.load(file)
    specs = [*MEASURES, *(spec for metric in registry.metrics().items.values() for spec in metric.specs)]
    assumptions.check_rules(assumed, {spec.id: spec.higher_is_better for spec in specs})
    return assumed


def _stage(text: str, assumed: Assumptions) -> tuple[str, str]:
    """``tts=elevenlabs/eleven_v3`` taken apart; ``roto`` is short for ``editing/roto``."""
    import difflib

    from filmbench.harness.film.assumptions import STAGES, has_vendors
    from filmbench.harness.types import UsageError

    named, _, arm = text.partition("=")
    short = {stage.rpartition("/")[2]: stage for stage in STAGES}
    stage = short.get(named, named)
    if stage not in assumed.stages:
        near = difflib.get_close_matches(named, [*short, *STAGES], n=1)
        hint = f"did you mean {near[0]}?" if near else f"stages: {', '.join(STAGES)}"
        raise UsageError(f"a film has no stage {named!r}", hint)
    if not arm:
        raise UsageError(f"--stage {text!r} names nobody", f"for example: --stage {named}=none")
    if arm != "none" and not has_vendors(stage):
        raise UsageError(f"no vendor here makes {stage}", "state its usd_per_minute in the assumptions")
    return stage, arm


def _made(
    screenplay: Path,
    languages: str | None,
    assumed: Assumptions,
    arms: Mapping[str, str],
    store: Path,
    results: Path | None,
    budget: float | None,
    confidence: float,
    seed: int,
) -> tuple[Estimate, Budget | None]:
    from datetime import UTC, datetime

    from filmbench.harness.film import budget as budgets
    from filmbench.harness.film import estimate as estimates
    from filmbench.harness.film import material
    from filmbench.harness.pricing import book

    if budget is not None:
        budgets.check(budget, confidence)
    film, remarks = material.film(screenplay, _languages(languages))
    for remark in remarks:
        typer.echo(f"{screenplay}: {remark}", err=True)
    known = material.known(store, assumed, results)
    today = datetime.now(UTC).date()
    if budget is None:
        return estimates.estimate(film, assumed, book(), today, known, arms, seed), None
    chosen = budgets.budget(film, assumed, book(), today, known, budget, confidence, arms, seed)
    return chosen.estimate, chosen


def _languages(text: str | None) -> Sequence[str]:
    import re

    from filmbench.harness.types import UsageError

    named = [one.strip() for one in text.split(",")] if text is not None else []
    for one in named:
        if not re.fullmatch(r"[a-z]{2,3}", one):
            raise UsageError(f"--languages names {one!r}, which is no language code", "for example: --languages en,es")
    return named


def _write(file: Path, found: Estimate, chosen: Budget | None) -> None:
    """Whole or not at all."""
    import json

    from filmbench.harness.report import costs, costs_page, tables, workbook
    from filmbench.harness.types import UsageError

    match file.suffix:
        case ".md":
            data = tables.markdown(costs.document(found, chosen)).encode()
        case ".html":
            data = costs_page.render(found, chosen).encode()
        case ".json":
            text = json.dumps(costs.as_json(found, chosen), indent=2, ensure_ascii=False, allow_nan=False)
            data = f"{text}\n".encode()
        case _:
            data = workbook.render(found, chosen)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
    typer.echo(f"wrote {file}", err=True)
