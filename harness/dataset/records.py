"""One line of ``samples.jsonl`` as a Sample, and back.

    {"id": "en-s03-l2", "language": "en", "cluster": "en-s03", "tags": ["fear"],
     "inputs": {"text": "…", "direction": "…"},
     "references": {"speech": {"file": "en/x.wav", "sha256": "…", "media_type": "audio/wav", "bytes": 1}},
     "consent": {"who": "…", "evidence": "…"}}

``id`` and ``inputs`` are required. Files are named relative to the dataset's folder.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from filmbench.harness.contracts import Contract, Role
from filmbench.harness.types import Artifact, Consent, Json, Sample, UsageError

Value: TypeAlias = "str | Artifact | tuple[Artifact, ...]"

_FIELDS = frozenset({"id", "language", "cluster", "tags", "inputs", "references", "consent"})
_ARTIFACT_FIELDS = frozenset({"file", "sha256", "media_type", "bytes"})


class BadRecord(ValueError):
    """What is wrong with one record, without the place."""


@dataclass(frozen=True, slots=True)
class Records:
    """The samples of one JSONL file and where, relative to its folder, their media lie."""

    samples: tuple[Sample, ...]
    files: Mapping[str, str]


def read_jsonl(file: Path, text: str, contract: Contract, dataset: str) -> Records:
    """All samples in ``text``, the content of ``file``. Empty lines are skipped.

    Raises :class:`UsageError` naming file and line for anything malformed, and for an id that comes twice.
    """
    reader = _Reader(contract, dataset)
    samples: list[Sample] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line.isspace():
            continue
        try:
            sample = reader.sample(json.loads(line))
            if sample.id in first_line:
                raise BadRecord(f"the id {sample.id!r} stands already in line {first_line[sample.id]}")
        except ValueError as error:
            reason = f"no JSON ({error})" if isinstance(error, json.JSONDecodeError) else str(error)
            raise UsageError(f"{file}:{number}: {reason}", "mend that line") from None
        first_line[sample.id] = number
        samples.append(sample)
    if not samples:
        raise UsageError(f"{file} holds no samples", "write one JSON object a line")
    return Records(tuple(samples), reader.files)


class _Reader:
    """Turns JSON into samples of one contract and collects the files they name."""

    def __init__(self, contract: Contract, dataset: str) -> None:
        self.dataset = dataset
        self.inputs = {role.name: role for role in contract.inputs}
        self.references = {role.name: role for role in contract.references}
        self.required = frozenset(role.name for role in contract.inputs if role.required)
        self.files: dict[str, str] = {}

    def sample(self, record: Any) -> Sample:
        _check_fields("a sample", record, _FIELDS, {"id", "inputs"})
        inputs = self._values("input", record["inputs"], self.inputs)
        if missing := self.required - inputs.keys():
            raise BadRecord(f"the input {min(missing)!r} is missing")
        tags = record.get("tags", ())
        if not isinstance(tags, (list, tuple)) or not all(isinstance(tag, str) for tag in tags):
            raise BadRecord("'tags' must be a list of texts")
        return Sample(
            id=_text(record, "id") or "",
            dataset=self.dataset,
            inputs=inputs,
            references=self._values("reference", record.get("references", {}), self.references),
            language=_text(record, "language"),
            cluster=_text(record, "cluster"),
            tags=frozenset(tags),
            consent=_consent(record["consent"]) if "consent" in record else None,
        )

    def _values(self, kind: str, values: Any, roles: Mapping[str, Role]) -> dict[str, Value]:
        if not isinstance(values, dict):
            raise BadRecord(f"'{kind}s' must map roles to values")
        return {name: self._value(kind, name, value, roles) for name, value in values.items()}

    def _value(self, kind: str, name: str, value: Any, roles: Mapping[str, Role]) -> Value:
        role = roles.get(name)
        if role is None:
            raise BadRecord(f"there is no {kind} role {name!r}{_nearest(name, roles)}")
        if role.kind == "text":
            if not isinstance(value, str) or not value.strip():
                raise BadRecord(f"{kind} {name!r} must be a text that is not empty")
            return value
        if role.many:
            if not isinstance(value, list):
                raise BadRecord(f"{kind} {name!r} must be a list of files")
            return tuple(self._artifact(name, item) for item in value)
        return self._artifact(name, value)

    def _artifact(self, name: str, value: Any) -> Artifact:
        _check_fields(f"the file of {name!r}", value, _ARTIFACT_FIELDS, _ARTIFACT_FIELDS)
        if not all(isinstance(value[field], str) for field in ("file", "sha256", "media_type")):
            raise BadRecord(f"file, sha256 and media_type of {name!r} must be texts")
        if not isinstance(value["bytes"], int):
            raise BadRecord(f"bytes of {name!r} must be a whole number")
        place = PurePosixPath(value["file"])
        if place.is_absolute() or ".." in place.parts:
            raise BadRecord(f"the file {value['file']!r} lies outside the dataset")
        artifact = Artifact(sha256=value["sha256"], media_type=value["media_type"], bytes=value["bytes"])
        self.files[artifact.sha256] = value["file"]
        return artifact


def _check_fields(what: str, record: Any, allowed: Iterable[str], required: Iterable[str]) -> None:
    if not isinstance(record, dict):
        raise BadRecord(f"{what} must be an object")
    for name in record:
        if name not in allowed:
            raise BadRecord(f"{what} has no field {name!r}{_nearest(name, allowed)}")
    for name in required:
        if name not in record:
            raise BadRecord(f"{what} needs a field {name!r}")


def _nearest(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f": did you mean {near[0]!r}?" if near else f" (there are {', '.join(sorted(names))})"


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise BadRecord(f"{name!r} must be a text that is not empty")
    return value


def _consent(record: Any) -> Consent:
    _check_fields("'consent'", record, {"who", "evidence"}, ("who", "evidence"))
    return Consent(who=_text(record, "who") or "", evidence=_text(record, "evidence") or "")


def write_jsonl(samples: Iterable[Sample], files: Mapping[str, str]) -> str:
    """The text of ``samples.jsonl``; ``files`` maps each artifact's sha256 to its place in the dataset."""
    return "".join(json.dumps(_record(sample, files), ensure_ascii=False) + "\n" for sample in samples)


def _record(sample: Sample, files: Mapping[str, str]) -> dict[str, Json]:
    record: dict[str, Json] = {
        "id": sample.id,
        "language": sample.language,
        "cluster": sample.cluster,
        "tags": [*sorted(sample.tags)],
        "inputs": {role: _json(value, files) for role, value in sample.inputs.items()},
    }
    if sample.references:
        record["references"] = {role: _json(value, files) for role, value in sample.references.items()}
    if sample.consent:
        record["consent"] = {"who": sample.consent.who, "evidence": sample.consent.evidence}
    return record


def _json(value: Value, files: Mapping[str, str]) -> Json:
    match value:
        case str():
            return value
        case Artifact():
            return {
                "file": files[value.sha256],
                "sha256": value.sha256,
                "media_type": value.media_type,
                "bytes": value.bytes,
            }
        case _:
            return [_json(item, files) for item in value]
