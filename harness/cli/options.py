"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]

Store: TypeAlias = Annotated[
    Path,
    typer.Option("--store", envvar="FILMBENCH_STORE", help="Where runs lie; also before the command."),
]
STORE = Path("runs")
