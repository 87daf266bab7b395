"""``filmbench import``: bring in media made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from filmbench.harness.cli.options import STORE, Store


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("import", epilog="Example: filmbench import my-readings/ --reference film-lines")(import_)


def import_(
    folder: Annotated[Path, typer.Argument(help="A folder of recordings, each named after its sample: en-s01-l1.wav")],
    reference: Annotated[str, typer.Option(help="The dataset whose lines a person reads in these recordings.")],
    store: Store = STORE,
) -> None:
    """Add people's own readings to a dataset, as reference rows of later runs."""
    from filmbench.harness import dataset

    data = dataset.load(reference)
    dataset.import_references(data, folder, store)
    joined = dataset.load(reference, store)
    read = sum(1 for sample in joined.samples if sample.references)
    typer.echo(f"{read} of {len(joined.samples)} lines of {joined.name} now have a reading; they join the next run")
