"""A gate's findings for a terminal, a pull request, GitHub's annotations and JUnit readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from filmbench.harness.gate import PASS, Gate, Status
from filmbench.harness.report import deltas

_MARKS = {
    Status.PASSED: "✓",
    Status.REGRESSION: "✗",
    Status.INCONCLUSIVE: "?",
    Status.NOT_MEASURED: "–",
}
_LEVELS = {Status.REGRESSION: "error", Status.NOT_MEASURED: "error", Status.INCONCLUSIVE: "warning"}


def title(gate: Gate) -> str:
    """Who was judged against whom, and how it ended."""
    found = gate.comparison
    return f"{found.title}: {deltas.name(found.candidate)} against {deltas.name(found.base)}: {gate.verdict}"


def text(gate: Gate) -> str:
    """One line a rule, for a terminal."""
    width = max((len(finding.rule) for finding in gate.findings), default=0)
    lines = [f"{_MARKS[one.status]} {one.rule:<{width}}  {one.text}" for one in gate.findings]
    loud = ["", "NOTHING IS PROVEN: inconclusive rules passed; --strict makes them fail"] if _only_open(gate) else []
    return "\n".join([title(gate), *lines, *loud]) + "\n"


def markdown(gate: Gate) -> str:
    """A summary for a pull request."""
    rows = [f"| {_MARKS[one.status]} {one.status} | `{one.rule}` | {_cell(one.text)} |" for one in gate.findings]
    found = gate.comparison
    facts = f"{found.paired_samples} samples in common, {found.clusters} clusters, {', '.join(found.datasets)}"
    return (
        "\n".join([f"### {title(gate)}", "", facts, "", "| result | rule | evidence |", "|---|---|---|", *rows]) + "\n"
    )


def github(gate: Gate) -> str:
    """Workflow commands that GitHub shows as annotations."""
    lines = [
        f"::{_LEVELS[one.status]} title={_property('filmbench: ' + one.rule)}::{_message(one.text)}"
        for one in gate.findings
        if one.status in _LEVELS
    ]
    level = "notice" if gate.code == PASS else "error"
    return "\n".join([*lines, f"::{level} title=filmbench::{_message(title(gate))}"]) + "\n"


def junit(gate: Gate) -> str:
    """JUnit XML: a regression is a failure, what was not measured an error, what is open is skipped."""
    counts = {status: sum(one.status is status for one in gate.findings) for status in Status}
    suite = ElementTree.Element(
        "testsuite",
        name=title(gate),
        tests=str(len(gate.findings)),
        failures=str(counts[Status.REGRESSION]),
        errors=str(counts[Status.NOT_MEASURED]),
        skipped=str(counts[Status.INCONCLUSIVE]),
    )
    tags = {Status.REGRESSION: "failure", Status.NOT_MEASURED: "error", Status.INCONCLUSIVE: "skipped"}
    for one in gate.findings:
        case = ElementTree.SubElement(suite, "testcase", classname=gate.comparison.contract, name=one.rule)
        if one.status in tags:
            ElementTree.SubElement(case, tags[one.status], message=one.text)
        else:
            ElementTree.SubElement(case, "system-out").text = one.text
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def plain(gate: Gate) -> dict[str, Any]:
    """The gate as JSON."""
    found = gate.comparison
    return {
        "verdict": gate.verdict,
        "code": gate.code,
        "contract": found.contract,
        "base": found.base.arm,
        "candidate": found.candidate.arm,
        "samples": found.paired_samples,
        "findings": [{"rule": one.rule, "status": str(one.status), "text": one.text} for one in gate.findings],
    }


FORMATS: Mapping[str, Callable[[Gate], str]] = {
    "text": text,
    "markdown": markdown,
    "github": github,
    "junit": junit,
}


def _only_open(gate: Gate) -> bool:
    return gate.code == PASS and any(one.status is Status.INCONCLUSIVE for one in gate.findings)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
