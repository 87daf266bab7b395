"""``filmbench resources``: what runs left at vendors, and its deletion."""

from __future__ import annotations

import typer
from filmbench.harness.cli.options import STORE, AsJson, Store

app = typer.Typer(no_args_is_help=True, help="List and delete what runs made at vendors (cloned voices, uploads).")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="resources", epilog="Example: filmbench resources purge")


@app.command("list", epilog="Example: filmbench resources list")
def list_(store: Store = STORE, as_json: AsJson = False) -> None:
    """List what may still be at a vendor."""
    from dataclasses import asdict

    from filmbench.harness import resources
    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.store import Store as Opened

    with Opened.open(store) as opened:
        found = resources.left(opened.ledger)
    if as_json:
        print_json({"resources": [asdict(one) for one in found]})
    elif found:
        print_table(
            ("provider", "resource", "run", "made", "expires"),
            [(one.provider, one.name or "unknown", one.run, one.intended_at, one.expires_at or "") for one in found],
        )
    else:
        typer.echo("nothing is left at any vendor")


@app.command("purge", epilog="Example: filmbench resources purge")
def purge(store: Store = STORE) -> None:
    """Delete at the vendors what runs left there."""
    from filmbench.harness import resources
    from filmbench.harness.store import Store as Opened

    def told(one: resources.Resource, reason: str | None) -> None:
        typer.echo(f"{one.provider} {one.name or 'unknown'}: {reason or 'deleted'}", err=reason is not None)

    with Opened.open(store) as opened:
        left = resources.purge(opened.ledger, told)
    raise typer.Exit(5 if left else 0)
