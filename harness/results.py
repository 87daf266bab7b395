"""What a run found, as tables: read from the ledger, never from memory, so that it can be printed for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filmbench.harness import ranking, scoring, segments, sets, votes
from filmbench.harness.compare import Comparison, compare
from filmbench.harness.leaderboard import Leaderboard, leaderboard
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.ranking import Panel
from filmbench.harness.store import Store, frames
from filmbench.harness.suite import Suite
from filmbench.harness.types import UsageError
from filmbench.harness.units import tidy
from filmbench.harness.votes import Votes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Results:
    """One run's takes and scores, with the metrics it was to be scored by, those skipped here, and its manifest.

    ``votes`` are what people said of the takes; a baseline brings none.
    """

    run: str
    suite: Suite
    takes: pd.DataFrame
    scores: pd.DataFrame
    metrics: tuple[MetricSpec, ...]
    skipped: dict[str, str]
    manifest: Mapping[str, Any]
    votes: Votes | None = None

    def boards(self, languages: tuple[str, ...] = ()) -> tuple[Leaderboard, ...]:
        """One table for each contract and dataset, in the suite's order."""
        return tuple(self.board(takes, languages) for takes in self._kinds())

    def board(self, takes: pd.DataFrame, languages: tuple[str, ...] = ()) -> Leaderboard:
        """The table of some of this run's ``takes``, all of one contract, by the suite's own rules."""
        return leaderboard(
            takes,
            self.scores,
            self.metrics,
            self.suite.seed,
            languages or None,
            self.suite.accept,
            votes=self.votes,
            weights=self.suite.weights,
            margins=self.suite.margins,
        )

    def panels(self) -> tuple[Panel, ...]:
        """What people said of each contract and dataset they said anything of, in the suite's order."""
        if self.votes is None:
            return ()
        found = (ranking.panel(tidy(takes), self.votes) for takes in self._kinds())
        return tuple(one for one in found if one)

    def _kinds(self) -> Iterator[pd.DataFrame]:
        """The takes of each contract and dataset."""
        for kind in self.takes[["contract", "dataset"]].drop_duplicates().itertuples(index=False):
            yield self.takes[(self.takes["contract"] == kind.contract) & (self.takes["dataset"] == kind.dataset)]


def read(store: Store, run: str | None = None) -> Results:
    """The results of ``run`` (the newest when ``None``). Raises :class:`UsageError` when there is none."""
    row = frames.find_run(store.ledger, run)
    suite = Suite.model_validate(row["plan"])
    wanted = scoring.columns(suite)
    skipped = scoring.unavailable(wanted)
    metrics = tuple(spec for spec in wanted if spec.id not in skipped)
    takes = frames.takes(store.ledger, row["id"])
    scores = frames.scores(store.ledger, row["id"], wanted, sets.names(takes) if len(takes) else ())
    scored = set(scores["metric"])
    shown = tuple(spec for spec in wanted if spec in metrics or spec.id in scored)
    skipped = {id: why for id, why in skipped.items() if id not in scored}
    said = votes.read(store.ledger, row["id"])
    return Results(row["id"], suite, takes, scores, shown, skipped, row["manifest"], said)


def compared(
    found: Results,
    base: str,
    candidate: str,
    older: Results | None = None,
    *,
    margins: Mapping[str, float] | None = None,
    corrected: bool = True,
    contract: str | None = None,
) -> Comparison:
    """Two arms of ``found``, or its ``candidate`` against the ``base`` of ``older``; see :func:`compare`."""
    return compare(
        found.takes,
        found.scores,
        found.metrics,
        base,
        candidate,
        found.suite.seed,
        margins=margins,
        corrected=corrected,
        contract=contract,
        base_takes=older.takes if older else None,
        base_scores=older.scores if older else None,
    )


def refuse_unlike(base: Results, candidate: Results) -> None:
    """Raise :class:`UsageError`, naming the line that differs, where the two were not asked the same."""
    ours, theirs = base.manifest.get("datasets", {}), candidate.manifest.get("datasets", {})
    for name in sorted({*ours} & {*theirs}):
        for fact in ("version", "sha256"):
            if ours[name][fact] != theirs[name][fact]:
                raise UsageError(
                    f"the data differ: {name}, {fact}: {ours[name][fact]} in {base.run}, {theirs[name][fact]} in "
                    f"{candidate.run}",
                    "run the base anew on today's data",
                )
    if not {*ours} & {*theirs}:
        raise UsageError(
            f"the data differ: {', '.join(sorted(ours)) or 'none'} in {base.run}, "
            f"{', '.join(sorted(theirs)) or 'none'} in {candidate.run}"
        )
    refuse_other_signatures(base, base.run)


def refuse_other_signatures(found: Results, name: str) -> None:
    """Raise :class:`UsageError` for scores made in another way than today's, of a metric that has none of today's."""
    made = dict(zip(found.scores["metric"], found.scores["signature"], strict=True))
    for spec in scoring.columns(found.suite):
        before = made.get(spec.id, found.manifest.get("metrics", {}).get(spec.id))
        if before not in (None, spec.signature):
            raise UsageError(
                f"{spec.id} differs: {before} in {name}, {spec.signature} today",
                "score the base again (filmbench score RUN), or run it anew",
            )


def write(store: Store, found: Results) -> dict[str, Path]:
    """Write tables (Markdown, CSV, JSON), the report in one page and the Parquet segment into the run's folder.

    The result is name to file. Raises :class:`UsageError` when the folder cannot be written.
    """
    from filmbench.harness.report import html, tables

    folder = store.run_folder(found.run)
    boards = found.boards()
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, format in (("table.md", "markdown"), ("table.csv", "csv"), ("table.json", "json")):
            written[name] = folder / name
            texts = [tables.render(board, format) for board in boards]  # type: ignore[arg-type]
            written[name].write_text(_joined(format, texts), encoding="utf-8")
        written["report.html"] = html.write(store, found, boards)
        written[segments.NAME] = folder / segments.NAME
        segments.write(written[segments.NAME], found.takes, found.scores, found.metrics)
    except OSError as error:
        raise UsageError(
            f"the results cannot be written to {folder}: {error.strerror or error}",
            f"make room or mend its rights, then: filmbench score {found.run}",
        ) from error
    return written


def _joined(format: str, texts: list[str]) -> str:
    if format != "json" or len(texts) == 1:
        return "\n".join(texts)
    return "[" + ",\n".join(text.strip() for text in texts) + "]\n"
