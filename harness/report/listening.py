"""What there is to listen to: every line with its takes side by side, and what was measured on each."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words
from filmbench.harness.types import Outcome

if TYPE_CHECKING:
    import pandas as pd

LONGEST_TEXT = 2000
OUTCOME_WORDS: Mapping[str | None, str] = {
    None: "not made yet",
    **{outcome.value: outcome.value.replace("_", " ") for outcome in Outcome},
    Outcome.SUBMIT_UNKNOWN.value: "sent, never answered",
    Outcome.BUDGET_STOP.value: "stopped by the spend cap",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One or more words of a transcript against the script: the same, missing from it, or added to it."""

    text: str
    kind: Literal["same", "missing", "added"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One value in words, ``–`` where there is none; ``reason`` says why."""

    title: str
    text: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One take of one arm. ``number`` is empty where each arm has one take a line.

    ``counts`` is false for what is no failure: unsupported, or not made yet. ``primary`` are the contract's first
    metrics, ``others`` the rest, ``facts`` length, time and cost. ``heard`` is what an independent listener wrote
    down, against the script; ``None`` where nobody listened.
    """

    arm: str
    role: str
    live: bool
    number: str
    outcome: str
    ok: bool
    counts: bool
    reason: str | None
    artifact: str | None
    media_type: str | None
    seconds: float | None
    primary: tuple[Figure, ...] = ()
    others: tuple[Figure, ...] = ()
    facts: tuple[Figure, ...] = ()
    heard: tuple[Word, ...] | None = None

    @property
    def playable(self) -> bool:
        """Whether there is sound to play."""
        return self.artifact is not None and (self.media_type or "").startswith("audio/")

    @property
    def marks(self) -> tuple[str, ...]:
        """What sets the take apart: reference, floor, not live."""
        return (*(() if self.role == "arm" else (self.role,)), *(() if self.live else ("not live",)))


@dataclass(frozen=True, slots=True)
class Line:
    """One sample. ``badness`` orders lines by the worst that any arm made of it: the higher, the worse."""

    sample: str
    language: str | None
    cluster: str | None
    tags: tuple[str, ...]
    text: str
    takes: tuple[Take, ...]
    badness: float

    @property
    def seconds(self) -> float:
        """Sound in all takes together."""
        return sum(take.seconds or 0.0 for take in self.takes if take.playable)


def lines(board: Leaderboard, takes: pd.DataFrame, scores: pd.DataFrame) -> tuple[Line, ...]:
    """The lines of one board in the order of the plan; their takes in the order of the board.

    ``takes`` are those of the board's contract and datasets, ``scores`` the run's.
    """
    measured: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for score in scores.to_dict("records"):
        measured.setdefault((score["key"], int(score["epoch"])), {})[str(score["metric"])] = dict(score)  # type: ignore[arg-type]
    places: dict[tuple[str, str, bool | None], int] = {}
    for place, board_row in enumerate(board.rows):
        places[board_row.role, board_row.arm, board_row.live] = place
        places.setdefault((board_row.role, board_row.arm, None), place)  # a take not made yet is not live or not
    found = []
    for (sample, _), part in takes.groupby(["sample", "language"], sort=False, dropna=False):
        rows = [{str(name): _known(value) for name, value in row.items()} for row in part.to_dict("records")]
        rows.sort(
            key=lambda row: (places.get((row["role"], row["arm"], row["live"] is not False), len(places)), row["take"])
        )
        numbered = any(row["take"] for row in rows)
        cards = [_take(row, measured.get((row["key"], row["epoch"]), {}), board, numbered) for row in rows]
        first = rows[0]
        found.append(
            Line(
                sample=str(sample),
                language=first["language"],
                cluster=first["cluster"],
                tags=_tags(first["tags"]),
                text=words.one_line(first["text"] or "", LONGEST_TEXT),
                takes=tuple(cards),
                badness=_badness(rows, measured, board),
            )
        )
    return tuple(found)


def choose(found: Sequence[Line], seconds: float) -> tuple[Line, ...]:
    """Those lines that ``seconds`` of sound hold: all, or the first for half of it and then the worst ones."""
    if sum(line.seconds for line in found) <= seconds:
        return tuple(found)
    chosen: set[int] = set()
    worst = sorted(range(len(found)), key=lambda place: (-found[place].badness, place))
    left = seconds
    for candidates, spare in ((range(len(found)), seconds / 2), (worst, 0.0)):
        for place in candidates:
            if place in chosen:
                continue
            if left - found[place].seconds < spare:
                break
            chosen.add(place)
            left -= found[place].seconds
    return tuple(line for place, line in enumerate(found) if place in chosen)


def compared(script: str, heard: str) -> tuple[Word, ...]:
    """What was heard against the script, word by word."""
    said, wrote = script.split(), heard.split()
    found: list[Word] = []
    for kind, start, end, from_, to in difflib.SequenceMatcher(None, said, wrote, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Word(" ".join(said[start:end]), "same"))
            continue
        if end > start:
            found.append(Word(" ".join(said[start:end]), "missing"))
        if to > from_:
            found.append(Word(" ".join(wrote[from_:to]), "added"))
    return tuple(found)


def _take(row: Mapping[str, Any], scores: Mapping[str, Mapping[str, Any]], board: Leaderboard, numbered: bool) -> Take:
    outcome = row["outcome"]
    ok = outcome == Outcome.OK.value
    figures = {spec.id: _figure(spec, scores.get(spec.id)) for spec in board.columns} if ok else {}
    return Take(
        arm=words.one_line(str(row["arm"]), 60),
        role=row["role"],
        live=row["live"] is not False,
        number=f"take {row['take'] + 1}" if numbered else "",
        outcome=OUTCOME_WORDS.get(outcome, str(outcome)),
        ok=ok,
        counts=outcome not in (None, Outcome.UNSUPPORTED.value),
        reason=words.one_line(row["reason"], 300) if row["reason"] else None,
        artifact=row["artifact"],
        media_type=row["media_type"],
        seconds=row["seconds"],
        primary=tuple(figure for id, figure in figures.items() if id in board.primary),
        others=tuple(figure for id, figure in figures.items() if id not in board.primary),
        facts=_facts(row) if ok else (),
        heard=_heard(board.columns, scores),
    )


def _figure(spec: MetricSpec, score: Mapping[str, Any] | None) -> Figure:
    value = None if score is None else _known(score["value"])
    if score is None or value is None:
        return Figure(spec.title, words.NONE, words.one_line((score and score["reason"]) or "not scored"))
    return Figure(spec.title, quantity(value, spec.unit, spec.decimals))


def quantity(value: float | None, unit: str, decimals: int) -> str:
    """A number with its unit: ``2.5 %``, ``−23.0 LUFS``; ``–`` for none."""
    text = words.number(value, decimals)
    return f"{text} {unit}".rstrip() if value is not None else text


def _facts(row: Mapping[str, Any]) -> tuple[Figure, ...]:
    """Length, and what making the take took; a recording or its damaged copy was only copied here."""
    timed = [("Length", "seconds")]
    if row["role"] == "arm":
        timed += [("First audible", "first_content_s"), ("Made in", "total_s")]
    facts = [Figure(title, f"{words.significant(row[name])} s") for title, name in timed if row[name] is not None]
    cost = Figure("Cost", words.money(row["billed_usd"]), None if row["billed_usd"] is not None else "no price")
    return (*facts, cost)


def _heard(specs: Iterable[MetricSpec], scores: Mapping[str, Mapping[str, Any]]) -> tuple[Word, ...] | None:
    for spec in specs:
        detail = (scores.get(spec.id) or {}).get("detail")
        if isinstance(detail, Mapping) and {"reference", "hypothesis"} <= detail.keys():
            return compared(
                words.one_line(str(detail["reference"]), LONGEST_TEXT),
                words.one_line(str(detail["hypothesis"]), LONGEST_TEXT),
            )
    return None


def _badness(rows: Sequence[Mapping[str, Any]], measured: Mapping[Any, Any], board: Leaderboard) -> float:
    """The worst value that an arm has on the metric of the ranks; a failure is worse than any."""
    spec = next((spec for spec in board.columns if spec.id == board.ranked_by), None)
    arms = [row for row in rows if row["role"] == "arm" and row["outcome"] not in (None, Outcome.UNSUPPORTED.value)]
    if any(row["outcome"] != Outcome.OK.value for row in arms):
        return math.inf
    if spec is None:
        return 0.0
    scores = (measured.get((row["key"], row["epoch"]), {}).get(spec.id) for row in arms)
    values = [value for score in scores if score and (value := _known(score["value"])) is not None]
    return max((-value if spec.higher_is_better else value for value in values), default=-math.inf)


def _tags(tags: Any) -> tuple[str, ...]:
    return tuple(sorted(words.one_line(str(tag), 40) for tag in tags)) if isinstance(tags, list | tuple) else ()


def _known(value: Any) -> Any:
    """pandas' several missing values as ``None``, its numbers as Python's own."""
    import pandas as pd

    if isinstance(value, str | list | tuple | dict) or value is None:
        return value
    return None if pd.isna(value) else value.item() if hasattr(value, "item") else value
