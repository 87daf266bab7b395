"""``filmbench providers``: who can be asked, and what is missing to ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from filmbench.harness.cli.options import AsJson

if TYPE_CHECKING:
    from filmbench.harness.protocols import ProviderSpec

app = typer.Typer(no_args_is_help=True, help="List and describe the vendors' models and the local engines.")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="providers", epilog="Example: filmbench providers list --json")


@app.command("list", epilog="Example: filmbench providers list --stage tts")
def list_(stage: str | None = typer.Option(None, help="Only those of one stage."), as_json: AsJson = False) -> None:
    """List all providers and whether each can be used here."""
    from dataclasses import asdict

    from filmbench.harness import registry
    from filmbench.harness.cli.output import print_json, print_table

    found = registry.providers()
    rows = [_facts(provider.spec) for provider in found.items.values()]
    rows = [row for row in rows if stage is None or stage in row["stages"]]
    if as_json:
        print_json({"providers": rows, "broken": [asdict(entry) for entry in found.broken]})
        return
    print_table(
        ("provider", "title", "stages", "languages", "availability"),
        [(row["id"], row["title"], _text(row["stages"]), _languages(row), row["availability"]) for row in rows],
    )
    for entry in found.broken:
        typer.echo(f"broken: {entry.name}: {entry.reason}", err=True)


@app.command("show", epilog="Example: filmbench providers show local/espeak-ng")
def show(id: str = typer.Argument(help="A provider's id, vendor/model."), as_json: AsJson = False) -> None:
    """Describe one provider: contracts, parameters, limits, licence, requirements."""
    from filmbench.harness import registry
    from filmbench.harness.cli.output import print_facts, print_json, print_table

    spec = registry.providers().get(id).spec
    facts = _facts(spec)
    if as_json:
        print_json(facts)
        return
    facts["languages"] = facts["languages"] or "any"
    unusual = facts.pop("unusual_film")
    plain = [(name, value) for name, value in facts.items() if name not in ("params", "requires")]
    print_facts((name.replace("_", " "), _text(value)) for name, value in plain)
    if spec.params:
        rows = [(name, p.type, _text(p.default), _text(list(p.choices)), p.meaning) for name, p in spec.params.items()]
        print_table(("parameter", "type", "default", "choices", "meaning"), rows)
    if spec.requires:
        print_table(("needs", "kind", "comes with"), [(need.name, need.kind, need.remedy) for need in spec.requires])
    for where, rules in unusual.items():
        print_table((f"unusual film, {where}", "what becomes of it"), list(rules.items()))


def _languages(row: dict[str, Any]) -> str:
    languages = row["languages"] or ["any"]
    return ", ".join(languages) if len(languages) <= 8 else f"{len(languages)} languages"


def _facts(spec: ProviderSpec) -> dict[str, Any]:
    from dataclasses import asdict

    from filmbench.harness import doctor
    from filmbench.harness.pricing import book

    life = book().lifetime(spec.id)
    return {
        "id": spec.id,
        "title": spec.title,
        "stages": sorted({contract.split("/", 1)[0] for contract in spec.contracts}),
        "contracts": list(spec.contracts),
        "languages": None if spec.languages is None else sorted(spec.languages),
        "availability": doctor.provider_availability(spec),
        "role": spec.role,
        "local": spec.local,
        "streams": spec.streams,
        "resumable": spec.resumable,
        "concurrency": spec.concurrency,
        "max_characters": spec.max_characters,
        "endpoint": spec.default_endpoint,
        "licence": spec.licence,
        "verified": spec.verified,
        "retired_on": str(life.retired_on) if life and life.retired_on else None,
        "revision": spec.revision,
        "params": {name: asdict(param) for name, param in spec.params.items()},
        "requires": [asdict(need) for need in spec.requires],
        "unusual_film": _unusual(spec),
    }


def _unusual(spec: ProviderSpec) -> dict[str, dict[str, str]]:
    """What becomes of film out of the ordinary: given, for each contract of a local provider, and delivered."""
    from filmbench.harness import contracts, unusual

    given = {f"given ({id})": unusual.GIVEN[id] for id in spec.contracts if spec.local and id in unusual.GIVEN}
    kinds = {role.kind for id in spec.contracts for role in contracts.contract(id).outputs}
    told = {**given, "delivered": unusual.DELIVERED} if kinds & {"video", "clip", "matte"} else given
    return {where: {what: str(rule) for what, rule in rules.items()} for where, rules in told.items()}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)
