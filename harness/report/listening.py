"""What there is to listen to and look at: every line with its takes side by side, and what was measured on each."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.media import proxy
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
        """Whether there is something to hear or see."""
        return self.artifact is not None and proxy.player(self.media_type) is not None

    @property
    def marks(self) -> tuple[str, ...]:
        """What sets the take apart: reference, floor, not live."""
        return (*(() if self.role == "arm" else (self.role,)), *(() if self.live else ("not live",)))


@dataclass(frozen=True, slots=True)
class Line:
    """One sample with all that was made of it."""

    sample: str
    language: str | None
    tags: tuple[str, ...]
    text: str
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line before its takes are looked at. ``bytes`` is about what the players of all of them take.

    ``badness`` orders lines by the worst that any arm made of them: the higher, the worse.
    """

    sample: str
    text: str
    bytes: float
    badness: float


def headings(board: Leaderboard, takes: pd.DataFrame, scores: pd.DataFrame) -> tuple[Heading, ...]:
    """The lines of one board in the order of the plan.

    ``takes`` are those of the board's contract and datasets, ``scores`` the run's.
    """
    seconds = takes["seconds"].astype(float).fillna(0.0)
    kinds = takes["media_type"].astype(object).where(takes["media_type"].notna(), None)
    sizes = [proxy.expected_bytes(kind, length) for kind, length in zip(kinds, seconds, strict=True)]
    by_sample = takes.assign(bytes=sizes).groupby("sample")
    large, texts = by_sample["bytes"].sum(), by_sample["text"].first()
    worst = _badness(board, takes, scores)
    return tuple(
        Heading(
            str(sample),
            words.one_line(texts[sample] if isinstance(texts[sample], str) else "", LONGEST_TEXT),
            float(large[sample]),
            worst.get(sample, -math.inf),
        )
        for sample in takes["sample"].drop_duplicates()
    )


def choose(found: Sequence[Heading], most_bytes: float) -> tuple[Heading, ...]:
    """Those lines whose players fit into ``most_bytes``: all, or the first for half of it and then the worst ones."""
    if sum(line.bytes for line in found) <= most_bytes:
        return tuple(found)
    chosen: set[int] = set()
    worst = sorted(range(len(found)), key=lambda place: (-found[place].badness, place))
    left = most_bytes
    for candidates, spare in ((range(len(found)), most_bytes / 2), (worst, 0.0)):
        for place in candidates:
            if place in chosen:
                continue
            if left - found[place].bytes < spare:
                break
            chosen.add(place)
            left -= found[place].bytes
    return tuple(line for place, line in enumerate(found) if place in chosen)


def lines(board: Leaderboard, takes: pd.DataFrame, scores: pd.DataFrame, samples: Collection[str]) -> tuple[Line, ...]:
    """Those lines of one board that are named, in the order of the plan; their takes in the order of the board."""
    takes = takes[takes["sample"].isin(list(samples))]
    measured: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = {}
    for score in _records(scores[scores["key"].isin(takes["key"])]):
        measured.setdefault((score["key"], score["epoch"]), {})[score["metric"]] = score
    places: dict[tuple[str, str, bool | None], int] = {}
    for place, row in enumerate(board.rows):
        places[row.role, row.arm, row.live] = place
        places.setdefault((row.role, row.arm, None), place)  # of a take not made yet nobody knows whether it is live
    return tuple(_line(board, _records(part), measured, places) for _, part in takes.groupby("sample", sort=False))


def _line(
    board: Leaderboard,
    rows: list[dict[str, Any]],
    measured: Mapping[tuple[str, int], Mapping[str, Mapping[str, Any]]],
    places: Mapping[tuple[str, str, bool | None], int],
) -> Line:
    rows.sort(key=lambda row: (places[row["role"], row["arm"], row["live"]], row["take"]))
    numbered = any(row["take"] for row in rows)
    first = rows[0]
    return Line(
        sample=str(first["sample"]),
        language=first["language"],
        tags=_tags(first["tags"]),
        text=words.one_line(first["text"] or "", LONGEST_TEXT),
        takes=tuple(_take(row, measured.get((row["key"], row["epoch"]), {}), board, numbered) for row in rows),
    )


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
    value = score["value"] if score else None
    if value is None:
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


def _badness(board: Leaderboard, takes: pd.DataFrame, scores: pd.DataFrame) -> dict[str, float]:
    """By sample: the worst value that an arm has on the metric of the ranks; a failure is worse than any."""
    spec = next((spec for spec in board.columns if spec.id == board.ranked_by), None)
    arms = takes[(takes["role"] == "arm") & takes["outcome"].notna() & (takes["outcome"] != Outcome.UNSUPPORTED.value)]
    values = scores.loc[scores["metric"] == board.ranked_by, ["key", "epoch", "value"]].astype({"epoch": float})
    joined = (
        arms[["sample", "key", "epoch", "outcome"]].astype({"epoch": float}).merge(values, "left", ["key", "epoch"])
    )
    signed = -joined["value"] if spec and spec.higher_is_better else joined["value"]
    bad = signed.where(joined["outcome"] == Outcome.OK.value, math.inf)
    worst = bad.groupby(joined["sample"]).max().dropna()
    return {str(sample): float(value) for sample, value in worst.items()}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _known(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _tags(tags: Any) -> tuple[str, ...]:
    return tuple(sorted(words.one_line(str(tag), 40) for tag in tags)) if isinstance(tags, list | tuple) else ()


def _known(value: Any) -> Any:
    """pandas' several missing values as ``None``, its numbers as Python's own."""
    import pandas as pd

    if isinstance(value, str | list | tuple | dict) or value is None:
        return value
    return None if pd.isna(value) else value.item() if hasattr(value, "item") else value
