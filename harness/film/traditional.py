"""What the film would cost without AI, by rates that somebody published; what nobody published stays unknown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from filmbench.harness.film.breakdown import Breakdown
from filmbench.harness.film.work import Work


@dataclass(frozen=True, slots=True)
class Rate:
    """One published rate, times the film's ``quantity`` of what it is paid ``per``.

    ``low``, ``typical`` and ``high`` are dollars for the film, each ``None`` where the source does not say; ``reason``
    where none is known. ``in_total``: it stands in the sum, and is not an alternative to one that does.
    """

    stage: str
    service: str
    per: str
    quantity: float | None
    low: float | None
    typical: float | None
    high: float | None
    as_of: str
    source: str
    confidence: str
    in_total: bool = False
    note: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Traditional:
    """The rates, and the sum of those that stand in it: from the least to the most that the sources allow.

    ``at_least`` names stages whose cost, or whose upper end, no source gives: the sum lacks them.
    """

    rates: tuple[Rate, ...]
    low: float
    high: float
    at_least: tuple[str, ...]


def traditional(film: Breakdown, work: Sequence[Work]) -> Traditional:
    """Every rate that fits some of the film's work."""
    counted = _quantities(film, work)
    stages = {one.stage for one in work} | {"film"}
    rates = tuple(_rate(row, counted) for row in _rows() if row["stage"] in stages)
    summed = [rate for rate in rates if rate.in_total and rate.stage != "film"]
    low = sum(rate.typical if rate.low is None else rate.low for rate in summed if _known(rate))  # type: ignore[misc]
    high = sum(
        next(one for one in (rate.high, rate.typical, rate.low) if one is not None) for rate in summed if _known(rate)
    )
    missing = [rate.stage for rate in summed if not _known(rate) or (rate.high is None and rate.typical is None)]
    missing += sorted(stages - {rate.stage for rate in summed} - {"film"})
    return Traditional(rates, float(low), float(high), tuple(dict.fromkeys(missing)))


def _known(rate: Rate) -> bool:
    return rate.low is not None or rate.typical is not None or rate.high is not None


def _rows() -> list[dict[str, Any]]:
    text = files("filmbench.harness.film").joinpath("traditional.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["rates"]
    return rows


def _rate(row: Mapping[str, Any], counted: Mapping[str, float | None]) -> Rate:
    quantity = counted[row["per"]]
    times = row.get("times", 1)

    def film(name: str) -> float | None:
        return None if quantity is None or name not in row else float(row[name] * times * quantity)

    return Rate(
        row["stage"], row["service"], row["per"] if times == 1 else f"{row['per']}, {times} of them each", quantity,
        film("low"), film("typical"), film("high"),
        row["as_of"], row["source"], row["confidence"], row.get("in_total", False), row.get("note"), row.get("reason"),
    )  # fmt: skip


def _quantities(film: Breakdown, work: Sequence[Work]) -> dict[str, float | None]:
    pieces: dict[str, float] = {}
    for one in work:
        pieces[one.stage] = pieces.get(one.stage, 0.0) + one.count
    other = film.languages[1:]
    spoken = sum(part.seconds for part in film.parts if part.language == film.languages[0])
    return {
        "role": float(len({part.character for part in film.parts})),
        "hour of speech": spoken / 3600,
        "minute and language": len(other) * film.seconds / 60,
        "altered shot": float(film.dialogue_shots * len(other)),
        "studio day": 1.0,
        "second of motion": film.motion_seconds,
        "location": float(len(film.locations)),
        "roto shot": pieces.get("editing/roto", 0.0),
        "clean-up shot": pieces.get("editing/removal", 0.0),
        "frame": None,
        "minute of music": film.music_seconds / 60,
        "finished minute": film.seconds / 60,
        "film": 1.0,
    }
