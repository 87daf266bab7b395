"""``filmbench metrics``: what is measured, how far it can be trusted, and the card of each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from filmbench.harness.cli.options import AsJson

if TYPE_CHECKING:
    from filmbench.harness.protocols import MetricSpec

app = typer.Typer(no_args_is_help=True, help="List the measurements and read their cards.")


def register(root: typer.Typer) -> None:
    """Add the group to the command line."""
    root.add_typer(app, name="metrics", epilog="Example: filmbench metrics show tts.wer")


@app.command("list", epilog="Example: filmbench metrics list --json")
def list_(stage: str | None = typer.Option(None, help="Only those of one stage."), as_json: AsJson = False) -> None:
    """List all metrics with their direction, range and provenance."""
    from dataclasses import asdict

    from filmbench.harness import registry
    from filmbench.harness.cli.output import print_json, print_table

    found = registry.metrics()
    rows = [_facts(registry.metric_spec(id)) for id in found.items]
    rows = [row for row in rows if stage is None or stage in row["stages"]]
    if as_json:
        print_json({"metrics": rows, "broken": [asdict(entry) for entry in found.broken]})
        return
    print_table(
        ("metric", "title", "unit", "better", "range", "provenance", "availability"),
        [
            (row["id"], row["title"], row["unit"], _better(row), _range(row), row["provenance"], row["availability"])
            for row in rows
        ],
    )
    for entry in found.broken:
        typer.echo(f"broken: {entry.name}: {entry.reason}", err=True)


@app.command("show", epilog="Example: filmbench metrics show tts.wer")
def show(id: str = typer.Argument(help="A metric's id, as in a table's head."), as_json: AsJson = False) -> None:
    """Print a metric's card: what it means, range, direction, needs, provenance, licence, known failure."""
    import inspect

    from filmbench.harness import registry
    from filmbench.harness.cli.output import print_facts, print_json

    card = inspect.getdoc(type(registry.metrics().get(id))) or ""
    facts = _facts(registry.metric_spec(id))
    if as_json:
        print_json({**facts, "card": card})
        return
    typer.echo(f"{facts['id']}: {facts['title']}\n\n{card}\n")
    print_facts(
        (
            ("unit", facts["unit"]),
            ("range", _range(facts)),
            ("better", _better(facts)),
            ("contracts", ", ".join(facts["contracts"])),
            ("needs", ", ".join((*facts["needs"], *(f"reference {role}" for role in facts["references"])))),
            ("reads", ", ".join(facts["features"])),
            ("provenance", facts["provenance"]),
            ("licence", facts["licence"]),
            ("licence flag", facts["licence_flag"] or ""),
            ("signature", facts["signature"]),
            ("availability", facts["availability"]),
        )
    )


@app.command("check", epilog="Example: filmbench metrics check tts.distillmos")
def check(
    id: Annotated[str | None, typer.Argument(help="A metric's id; all that make promises by default.")] = None,
    readings: Annotated[int, typer.Option(help="On how many human prompts, at least one.", min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Hold metrics to their promises on human recordings: best on itself, worse with damage, else unmoved."""
    from dataclasses import asdict

    from filmbench.harness.cli.output import print_json, print_table
    from filmbench.harness.protocols import FrameMetric, SetMetric
    from filmbench.harness.registry import metrics
    from filmbench.metrics.selfcheck import selfcheck

    known = metrics()
    chosen = {id: known.get(id)} if id else dict(known.items)
    promising = {
        metric.specs[0].id: metric
        for metric in chosen.values()
        if hasattr(metric, "expects") and not isinstance(metric, FrameMetric | SetMetric)
    }
    spoken = _readings(readings)
    checks = [one for metric in promising.values() for one in selfcheck(metric, spoken)]
    if as_json:
        print_json({"checks": [asdict(one) for one in checks]})
    else:
        words = {True: "kept", False: "BROKEN", None: "not measured"}
        rows = [(one.metric, one.name, words[one.passed], one.detail) for one in checks]
        print_table(("metric", "promise", "result", "values"), rows)
    raise typer.Exit(1 if any(one.passed is False for one in checks) else 0)


def _readings(count: int) -> list[Any]:
    """The first English human prompts, as clean readings."""
    from filmbench.harness import dataset
    from filmbench.harness.media.clip import AudioClip
    from filmbench.harness.types import Artifact
    from filmbench.metrics.selfcheck import Reading

    data = dataset.load("human-prompts")
    found: list[Any] = []
    for sample in data.samples:
        speech = sample.references.get("speech")
        if sample.language == "en" and isinstance(speech, Artifact) and len(found) < count:
            clip = AudioClip(speech, data.media[speech.sha256])
            if clip.seconds >= 3.0:
                found.append(Reading(clip, sample.text(), "en"))
    return found


def _facts(spec: MetricSpec) -> dict[str, Any]:
    from filmbench.harness import doctor

    return {
        "id": spec.id,
        "title": spec.title,
        "stages": sorted({contract.split("/", 1)[0] for contract in spec.contracts}),
        "contracts": list(spec.contracts),
        "unit": spec.unit,
        "higher_is_better": spec.higher_is_better,
        "low": spec.low,
        "high": spec.high,
        "provenance": spec.provenance,
        "needs": list(spec.needs),
        "references": list(spec.references),
        "features": list(spec.features),
        "licence": spec.licence,
        "licence_flag": spec.licence_flag,
        "signature": spec.signature,
        "availability": doctor.availability(doctor.metric_requires(spec)),
    }


def _better(facts: dict[str, Any]) -> str:
    return {True: "higher", False: "lower", None: "neither"}[facts["higher_is_better"]]


def _range(facts: dict[str, Any]) -> str:
    low, high = facts["low"], facts["high"]
    return f"{'-∞' if low is None else f'{low:g}'} to {'∞' if high is None else f'{high:g}'}"
