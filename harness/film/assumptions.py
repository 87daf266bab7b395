"""What an estimate assumes where nothing was measured: one TOML file, ours by default, the user's own when named.

The default file is the documentation: it says what each figure means. A file of the user's may hold some of its tables
and keys only; what it leaves out stays ours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from filmbench.harness.contracts import CONTRACTS
from filmbench.harness.types import UsageError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

STAGES = (
    *("tts", "dubbing", "lipsync", "mocap", "video", "background"),
    *("editing/roto", "editing/removal", "editing/colour", "music", "foley"),
)
"""What a film is made of, in the order of the tables: contracts, and two stages that no vendor here offers."""
_HELP = "see the default file: filmbench estimate --assumptions NEW.toml writes it out"


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is not known for sure: ``low <= typical <= high``."""

    low: float
    typical: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether there is nothing to draw."""
        return self.low == self.high


def _range(given: Any) -> Range:
    if isinstance(given, Range):
        return given
    numbers = list(given) if isinstance(given, (list, tuple)) else [given] * 3
    if len(numbers) != 3 or any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in numbers):
        raise ValueError("give a number, or [low, typical, high]")
    low, typical, high = (float(one) for one in numbers)
    if not 0 <= low <= typical <= high < float("inf"):
        raise ValueError("must not be negative, and go up from low to high")
    if typical == 0 < high:
        raise ValueError("typical is 0 only where high is, too")
    return Range(low, typical, high)


Figure = Annotated[Range, BeforeValidator(_range)]
Share = Annotated[float, Field(ge=0, lt=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Rates(_Table):
    """US dollars an hour: of a person, and of one core of the machine."""

    human_usd_per_hour: Figure
    core_usd_per_hour: Figure


class Spread(_Table):
    """How far off a quantity may be, as a share of it."""

    speech_seconds: Share
    picture_seconds: Share


class PriceSpread(_Table):
    """How far off a price may be, as a share of it, by its source's confidence."""

    high: Share
    medium: Share
    low: Share
    stated: Share
    stale: Share


class Items(_Table):
    """How the work is cut up."""

    clip_seconds: float = Field(gt=0)
    motion_seconds: float = Field(gt=0)
    prompt_characters: int = Field(gt=0)
    plates_per_location: int = Field(gt=0)
    size: str = Field(pattern=r"^[1-9]\d{1,4}x[1-9]\d{1,4}$")
    fps: int = Field(gt=0)


class Stage(_Table):
    """One stage: who makes it, how many takes will do, how long people look at each, what it counts for."""

    acceptance: Figure
    review: Figure
    arm: str | None = None
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    accept: Mapping[str, float] = Field(default_factory=dict)
    usd_per_minute: Figure | None = None

    @field_validator("acceptance")
    @classmethod
    def _possible(cls, given: Range) -> Range:
        if not (given.low > 0 and given.high <= 1):
            raise ValueError("is a share of takes: above 0, at most 1")
        return given


class Assumptions(_Table):
    """Every prior of an estimate."""

    rates: Rates
    spread: Spread
    price_spread: PriceSpread
    items: Items
    stages: Mapping[str, Stage]

    @field_validator("stages")
    @classmethod
    def _known(cls, given: Mapping[str, Stage]) -> Mapping[str, Stage]:
        for name in given:
            if name not in STAGES:
                raise ValueError(f"there is no stage {name!r}; stages: {', '.join(STAGES)}")
        return given


def default_text() -> str:
    """The default file, with its comments."""
    return files("filmbench.harness.film").joinpath("assumptions.toml").read_text(encoding="utf-8")


def default() -> Assumptions:
    """Ours."""
    return Assumptions.model_validate(tomllib.loads(default_text()))


def write_out(path: Path) -> None:
    """Write the default file for the user to change. Raises :class:`UsageError` where it cannot be written."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(default_text(), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None


def load(path: Path) -> Assumptions:
    """The user's file over ours. Raises :class:`UsageError` naming file, line and key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        own = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", _HELP) from None
    try:
        return Assumptions.model_validate(_over(tomllib.loads(default_text()), own))
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        line = _line(text, place)
        where = f"{path}, line {line}" if line else str(path)
        words = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{where}: {'.'.join(place)}: {words}", _HELP) from None


def _over(ours: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The user's tables over ours; a rule for accepting takes is replaced whole, so that one can be taken back."""
    merged = dict(ours)
    for key, value in own.items():
        old = merged.get(key)
        nested = isinstance(old, Mapping) and isinstance(value, Mapping) and key != "accept"
        merged[key] = _over(old, value) if nested else value  # type: ignore[arg-type]
    return merged


def _line(text: str, place: Sequence[str]) -> int | None:
    """Where the key at ``place`` stands, counted from 1; the nearest table above it where it stands nowhere."""
    table: list[str] = []
    found: int | None = None
    depth = -1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = _keys(header[1])
            here = table
        elif entry := re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""", line):
            here = table + _keys(entry[1])
        else:
            continue
        if here == list(place[: len(here)]) and len(here) > depth:
            found, depth = number, len(here)
    return found


def _keys(dotted: str) -> list[str]:
    return [a or b or c for a, b, c in re.findall(r"""([\w-]+)|"([^"]*)"|'([^']*)'""", dotted)]


def check_rules(assumed: Assumptions, known: Mapping[str, bool | None]) -> None:
    """Raise :class:`UsageError` for a rule on a metric that there is not, or that has no better direction.

    ``known`` maps each metric's id to whether higher is better.
    """
    import difflib

    for name, stage in assumed.stages.items():
        for metric in stage.accept:
            if metric not in known:
                near = difflib.get_close_matches(metric, known, n=1)
                raise UsageError(
                    f"stages.{name}.accept names {metric!r}, which is no metric",
                    f"did you mean {near[0]}?" if near else "see: filmbench metrics list",
                )
            if known[metric] is None:
                raise UsageError(f"stages.{name}.accept: {metric} has no better direction, so nothing passes by it")


def has_vendors(stage: str) -> bool:
    """Whether the stage is a contract that providers answer."""
    return stage in CONTRACTS
