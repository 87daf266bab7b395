"""``filmbench import``: bring in media made elsewhere, and say what is to be made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

if TYPE_CHECKING:
    from filmbench.harness.contracts import Contract
    from filmbench.harness.suite import Suite

WAYS = "FOLDER --as NAME --suite SUITE, FOLDER --reference DATASET, or --template SUITE"


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    example = 'Example: filmbench import stills/ --as "Midjourney v7" --suite background-quick'
    root.command("import", epilog=example)(import_)


def import_(
    folder: Annotated[Path | None, typer.Argument(help="A folder of files, each named after its sample.")] = None,
    as_: Annotated[
        str | None, typer.Option("--as", help="The arm they are takes of: the tool and its version.")
    ] = None,
    suite: Annotated[str | None, typer.Option(help="The suite (or contract) they answer.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="A run instead: its suite, beside its arms.")] = None,
    contract: Annotated[str | None, typer.Option(help="Which contract, where the suite has several.")] = None,
    template: Annotated[
        str | None, typer.Option(help="Write a folder that says what to make for this suite or contract.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write the template.")] = None,
    reference: Annotated[
        str | None, typer.Option(help="The dataset whose lines a person reads in these recordings.")
    ] = None,
    store: Store = STORE,
    as_json: AsJson = False,
) -> None:
    """Bring in takes made by hand in any tool, as an arm beside the vendors; or people's readings of a dataset."""
    from filmbench.harness.types import UsageError

    if template is not None and (folder, as_, reference) == (None, None, None):
        _template(template, contract, output, store)
    elif reference is not None and folder is not None and (as_, template) == (None, None):
        _readings(folder, reference, store)
    elif (
        as_ is not None
        and folder is not None
        and (template, reference) == (None, None)
        and (suite is None) != (run is None)
    ):
        _takes(folder, as_, (suite, run), contract, store, as_json)
    else:
        raise UsageError("say what to import, as what", f"filmbench import {WAYS}")


def _readings(folder: Path, reference: str, store: Path) -> None:
    """Add people's own readings to a dataset, as reference rows of later runs."""
    from filmbench.harness import dataset

    data = dataset.load(reference)
    dataset.import_references(data, folder, store)
    joined = dataset.load(reference, store)
    read = sum(1 for sample in joined.samples if sample.references)
    typer.echo(f"{read} of {len(joined.samples)} lines of {joined.name} now have a reading; they join the next run")


def _template(asked: str, contract: str | None, output: Path | None, store: Path) -> None:
    from filmbench.harness import plan
    from filmbench.harness.imports import template

    suite = _suite(asked)
    chosen = _contract(suite, contract, asked)
    tasks = [task for task in plan.make(suite, store).tasks if task.contract == chosen]
    folder = output or Path(f"{chosen.id.replace('/', '-')}-by-hand")
    samples = template.write(tasks, asked, folder)
    typer.echo(f"{samples} samples to make in {folder}: read {folder / 'README.md'}")


def _takes(
    folder: Path, label: str, where: tuple[str | None, str | None], contract: str | None, store: Path, as_json: bool
) -> None:
    from filmbench.harness import results
    from filmbench.harness.cli.progress import Progress
    from filmbench.harness.cli.table import print_boards
    from filmbench.harness.imports import takes
    from filmbench.harness.store import Store as Opened
    from filmbench.harness.store import frames
    from filmbench.harness.suite import Suite
    from filmbench.harness.types import UsageError

    label = " ".join(label.split())
    if not label or not label.isprintable():
        raise UsageError("--as needs a name", 'for example: --as "Midjourney v7"')
    asked, run = where
    with Opened.open(store) as opened:
        suite = Suite.model_validate(frames.find_run(opened.ledger, run)["plan"]) if run else _suite(asked or "")
        chosen = _contract(suite, contract, asked)
        with Progress() as progress:
            done = takes.bring_in(opened, suite, chosen, folder, label, progress)
        found = results.read(opened, done.run)
        written = results.write(opened, found)
    print_boards(found, as_json)
    typer.echo(f"{label}: {done.supplied} of {done.asked} takes supplied, {done.fresh} of them new", err=True)
    if done.waiting:
        typer.echo(
            f"{done.waiting} takes of other arms are not made yet: filmbench run --resume --run {done.run}", err=True
        )
    if not as_json:
        typer.echo(f"\nrun      {done.run}\nreport   {written['report.html']}")


def _suite(name: str) -> Suite:
    """A suite by name or file; a contract stands for the built-in suite of its quickest data."""
    from filmbench.harness import suite as suites
    from filmbench.harness.contracts import CONTRACTS

    if name in CONTRACTS:
        names = [f"{name.replace('/', '-')}-{kind}" for kind in ("quick", "full")]
        return suites.load(next((one for one in names if one in suites.built_in()), names[0]))
    return suites.load(name)


def _contract(suite: Suite, name: str | None, asked: str | None) -> Contract:
    """The contract that is meant: by ``name``, or because a suite was ``asked`` for by it, or because
    it is the only one.

    Raises :class:`UsageError` where the suite has several, or not this one.
    """
    from filmbench.harness.contracts import CONTRACTS, contract
    from filmbench.harness.types import UsageError

    name = asked if name is None and asked in CONTRACTS else name
    there = list(dict.fromkeys(task.contract for task in suite.tasks))
    if name is not None and contract(name).id not in there:
        raise UsageError(f"{suite.name} does not ask for {name}", f"it asks for: {', '.join(there)}")
    if name is None and len(there) > 1:
        raise UsageError(f"{suite.name} asks for {len(there)} contracts", f"choose with --contract: {', '.join(there)}")
    return contract(name or there[0])
