"""Reads the price book: ours in ``prices/<vendor>.toml``, the user's own in the file that ``FILMBENCH_PRICES`` names.

A file holds ``[[prices]]`` (the fields of :class:`Row`) and ``[[models]]`` (those of :class:`Lifetime`). ``model`` is
one name or a list of them: never a pattern, so that an unknown model has no price. A row without ``usd`` says its
``reason``. In a file of ours the vendor is the file's name. The user's file may be YAML as well, and a bare
list of prices then.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.harness.pricing.pricebook import Lifetime, PriceBook, Row
from filmbench.harness.types import UsageError

if TYPE_CHECKING:
    from pydantic import ValidationError

OURS = Path(__file__).with_name("prices")
_HELP = "see: filmbench prices --help"
_Rows = tuple[tuple[Row, ...], tuple[Lifetime, ...]]


def book() -> PriceBook:
    """Our rows and those of ``FILMBENCH_PRICES``. Raises :class:`UsageError` naming file, row and field."""
    own = os.environ.get("FILMBENCH_PRICES")
    return _read(Path(own).expanduser() if own else None)


@cache
def _read(own: Path | None) -> PriceBook:
    if own is not None and not own.is_file():
        raise UsageError(f"FILMBENCH_PRICES names {own}, which is not a file", "unset it or give a TOML file of rows")
    digest = hashlib.sha256()
    prices: list[Row] = []
    models: list[Lifetime] = []
    for path in (*sorted(OURS.glob("*.toml")), *([own] if own else [])):
        digest.update(path.read_bytes())
        more_prices, more_models = _rows(path, {"own": True} if path == own else {"vendor": path.stem})
        prices += more_prices
        models += more_models
    return PriceBook(tuple(prices), digest.hexdigest(), tuple(models))


def _rows(path: Path, given: Mapping[str, Any]) -> _Rows:
    tables = _tables(path)
    return (
        tuple(_checked(path, "row", _adapter(Row), tables.get("prices", []), given)),
        tuple(_checked(path, "model", _adapter(Lifetime), tables.get("models", []), given)),
    )


@cache
def _adapter(kind: type) -> Any:
    """What checks a row of one kind: made once, since making it takes longer than reading a file."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _checked(path: Path, kind: str, adapter: Any, listed: Any, given: Mapping[str, Any]) -> Iterator[Any]:
    """One row a model of each entry."""
    from pydantic import ValidationError

    if not isinstance(listed, list) or not all(isinstance(fields, Mapping) for fields in listed):
        raise UsageError(f"{path} must hold a list of {kind}s", _HELP)
    for number, fields in enumerate(listed, start=1):
        complete = _complete(fields) if kind == "row" else dict(fields)
        if "as_of" in complete:
            complete["as_of"] = str(complete["as_of"])  # a date or a year is read as such; it is text of any precision
        names = complete.get("model")
        try:
            for model in names if isinstance(names, list) else [names]:
                yield adapter.validate_python({**complete, "model": model, **given}, extra="forbid")
        except ValidationError as error:
            raise UsageError(f"{path}, {kind} {number}: {_first(error)}", _HELP) from None


def _complete(fields: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: a row without ``usd`` is one whose price is not known."""
    unknown = fields.get("usd") is None
    return {"usd": None, "status": "unknown" if unknown else "current", **fields}


def _tables(path: Path) -> Mapping[str, Any]:
    """The tables of a file; a bare list is one of prices."""
    held: Any
    if path.suffix == ".toml":
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}", _HELP) from None
    else:
        import yaml

        try:
            held = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
        except yaml.YAMLError as error:
            raise UsageError(f"{path}: {error}".replace("\n", " "), _HELP) from None
    held = {"prices": held} if isinstance(held, list) else held
    if not isinstance(held, Mapping) or not set(held) <= {"prices", "models"}:
        raise UsageError(f"{path} must hold a list of rows, as [[prices]] and [[models]]", _HELP)
    return held


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else str(first["msg"])
