"""A strict reader of the GraphQL that adapters send: one operation, one root field, checked against a schema.

A schema is plain data: ``types`` name the fields of each object type with their types, ``inputs`` those of each input
type, ``enums`` the values of each enumeration; ``Query`` and ``Mutation`` in ``types`` have ``(arguments, type)``
instead. Types are written as in GraphQL: ``String!``, ``[OutputType]``. All else, also what GraphQL would allow, is
refused: :class:`Wrong`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*(?:([A-Za-z_]\w*)|(\$[A-Za-z_]\w*)|([{}()\[\]:!]))[\s,]*")
_SCALARS = {"String": str, "ID": str, "Boolean": bool, "Int": int, "Float": (int, float), "AWSJSON": str, "AWSURL": str}


class Wrong(Exception):
    """The document or its variables do not fit the schema."""


@dataclass(frozen=True)
class Schema:
    types: Mapping[str, Mapping[str, Any]]
    inputs: Mapping[str, Mapping[str, str]]
    enums: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Asked:
    """One operation: its root field, the arguments' values, the fields wanted (nested)."""

    kind: str
    field: str
    arguments: Mapping[str, Any]
    wanted: Mapping[str, Any]

    def cut(self, value: Any) -> Any:
        """Of ``value`` what was asked for, as a GraphQL server answers."""
        return _cut(value, self.wanted)


def read(schema: Schema, body: Any) -> Asked:
    """The operation in the body of a POST. Raises :class:`Wrong`."""
    if not isinstance(body, dict) or set(body) - {"query", "variables", "operationName"}:
        raise Wrong("a body has query, variables and operationName")
    if not isinstance(body.get("query"), str):
        raise Wrong("there is no query")
    document = _Document(_tokens(body["query"]))
    kind = document.name()
    root = schema.types.get(kind.title())
    if kind not in ("query", "mutation") or root is None:
        raise Wrong(f"{kind} is no operation")
    document.name()
    declared = document.variables() if document.next() == "(" else {}
    document.take("{")
    field = document.name()
    if field not in root:
        raise Wrong(f"there is no {kind} {field}")
    takes, gives = root[field]
    used = document.arguments() if document.next() == "(" else {}
    wanted = document.selection()
    document.take("}")
    document.end()
    _check_use(declared, used, takes)
    _check_selection(schema, gives, wanted, field)
    values = _values(schema, declared, body.get("variables") or {})
    return Asked(kind, field, {name: values[variable] for name, variable in used.items() if variable in values}, wanted)


class _Document:
    """The tokens of a document, read from the front."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def take(self, token: str) -> None:
        if self.next() != token:
            raise Wrong(f"{token} was expected, not {self.next()}")
        self._tokens.pop(0)

    def name(self) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*", self.next() or ""):
            raise Wrong(f"a name was expected, not {self.next()}")
        return self._tokens.pop(0)

    def variable(self) -> str:
        if not (self.next() or "").startswith("$"):
            raise Wrong(f"a variable was expected, not {self.next()}")
        return self._tokens.pop(0)

    def end(self) -> None:
        if self._tokens:
            raise Wrong(f"nothing was expected after the operation, not {self.next()}")

    def type(self) -> str:
        if self.next() == "[":
            self.take("[")
            written = f"[{self.type()}]"
            self.take("]")
        else:
            written = self.name()
        if self.next() == "!":
            self.take("!")
            written += "!"
        return written

    def variables(self) -> dict[str, str]:
        """``$name: Type`` in parentheses."""
        found = {}
        self.take("(")
        while self.next() != ")":
            name = self.variable()
            self.take(":")
            found[name] = self.type()
        self.take(")")
        return found

    def arguments(self) -> dict[str, str]:
        """``name: $variable`` in parentheses: values are never written into a document."""
        found = {}
        self.take("(")
        while self.next() != ")":
            name = self.name()
            self.take(":")
            found[name] = self.variable()
        self.take(")")
        return found

    def selection(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.take("{")
        while self.next() != "}":
            name = self.name()
            found[name] = self.selection() if self.next() == "{" else {}
        self.take("}")
        if not found:
            raise Wrong("a selection is empty")
        return found


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise Wrong(f"cannot be read from {text[place : place + 20]!r}")
        found.append(match[1] or match[2] or match[3])
        place = match.end()
    return found


def _bare(written: str) -> str:
    return written.strip("[]!")


def _check_use(declared: Mapping[str, str], used: Mapping[str, str], takes: Mapping[str, str]) -> None:
    for name, variable in used.items():
        if name not in takes:
            raise Wrong(f"there is no argument {name}")
        given, wanted = declared.get(variable), takes[name]
        if given != wanted and given != wanted + "!":
            raise Wrong(f"{variable} is {given}, the argument {name} {wanted}")
    if missing := [name for name, type in takes.items() if type.endswith("!") and name not in used]:
        raise Wrong(f"the argument {missing[0]} is missing")
    if unused := set(declared) - set(used.values()):
        raise Wrong(f"{min(unused)} is never used")


def _check_selection(schema: Schema, written: str, wanted: Mapping[str, Any], where: str) -> None:
    fields = schema.types.get(_bare(written))
    if bool(fields) != bool(wanted):
        raise Wrong(f"{where} is {written}: {'say which fields' if fields else 'it has none'}")
    for name, below in wanted.items():
        if name not in (fields or {}):
            raise Wrong(f"{where} has no field {name}")
        _check_selection(schema, fields[name], below, f"{where}.{name}")  # type: ignore[index]


def _values(schema: Schema, declared: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := {f"${name}" for name in given} - set(declared):
        raise Wrong(f"{min(unknown)} is not declared")
    for variable, written in declared.items():
        _check_value(schema, written, given.get(variable[1:]), variable)
    return {f"${name}": value for name, value in given.items()}


def _check_value(schema: Schema, written: str, value: Any, where: str) -> None:
    if value is None:
        if written.endswith("!"):
            raise Wrong(f"{where} is missing")
        return
    written = written.removesuffix("!")
    if written.startswith("["):
        if not isinstance(value, list):
            raise Wrong(f"{where} is no list")
        for number, one in enumerate(value):
            _check_value(schema, written[1:-1], one, f"{where}[{number}]")
        return
    if written in schema.enums:
        fits = value in schema.enums[written]
    elif written in schema.inputs:
        fits = isinstance(value, dict) and not set(value) - set(schema.inputs[written])
        for name, type in schema.inputs[written].items() if fits else ():
            _check_value(schema, type, value.get(name), f"{where}.{name}")
    else:
        fits = isinstance(value, _SCALARS[written]) and (written == "Boolean" or not isinstance(value, bool))
    if not fits:
        raise Wrong(f"{where} is no {written}")


def _cut(value: Any, wanted: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_cut(one, wanted) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _cut(value.get(name), below) if below else value.get(name) for name, below in wanted.items()}
