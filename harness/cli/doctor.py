"""``filmbench doctor``: what is missing here, and the command that mends it."""

from __future__ import annotations

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

BROKEN = 2


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("doctor", epilog="Example: filmbench doctor")(doctor)


def doctor(store: Store = STORE, as_json: AsJson = False) -> None:
    """Say what is missing here and what mends it.

    Looks at Python, disk, ffmpeg, engines, weights, keys and installed packages. Exits with 2 when something
    that is installed is broken; what is only missing costs the rows that need it.
    """
    from dataclasses import asdict

    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.doctor import examine

    findings = examine(store)
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        rows = [(finding.state, finding.subject, finding.detail, finding.remedy) for finding in findings]
        print_table(("", "what", "found", "to mend"), rows)
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(BROKEN)
