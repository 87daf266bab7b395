"""A run's scores as one Parquet file, and the levels of its leaderboards from that file, however many scores there are.

The file holds a row for each metric and sample of an arm: the mean over the takes that came out well, which is the unit
of every statistic. Each metric of an arm is one row group, read by itself, so that memory does not grow with the run.
The intervals are made where the leaderboard's are made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filmbench.harness.stats.intervals import Estimate, ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd
    from filmbench.harness.protocols import MetricSpec

NAME = "levels.parquet"
_HEADINGS = b"filmbench.headings"
_NAMED = ("contract", "dataset", "role", "arm", "live", "metric")
_ROW = ["role", "arm", "live"]
_GIVEN = ("language", "cluster", "top", "bottom")


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose level it is: one metric of one arm, on one dataset. ``low`` and ``high`` are the values it can have."""

    contract: str
    dataset: str
    role: str
    arm: str
    live: bool
    metric: str
    title: str
    unit: str
    decimals: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Level:
    """What :class:`filmbench.harness.leaderboard.Row` holds in ``values`` for one metric."""

    heading: Heading
    value: Estimate


def write(path: Path, takes: pd.DataFrame, scores: pd.DataFrame, specs: Sequence[MetricSpec]) -> None:
    """Write the segment of a run: its takes and scores, of all its contracts and datasets.

    Raises :class:`UsageError` as the leaderboard does, for scores of one metric made in unlike ways or made twice.
    """
    headings: list[Heading] = []
    parts: list[pd.DataFrame] = []
    for (contract, dataset), own in takes.groupby(["contract", "dataset"], sort=True):
        for spec, table in _samples(own, scores, [spec for spec in specs if contract in spec.contracts]):
            for (role, arm, live), rows in table.groupby(_ROW, sort=True):
                place = (str(contract), str(dataset), str(role), str(arm), bool(live), spec.id)
                headings.append(Heading(*place, spec.title, spec.unit, spec.decimals, spec.low, spec.high))
                parts.append(rows)
    store(path, headings, parts)


def store(path: Path, headings: Sequence[Heading], parts: Iterable[pd.DataFrame]) -> None:
    """Write the samples of each heading as a row group: ``language``, ``cluster`` (from 0), ``top`` and ``bottom``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {_HEADINGS: json.dumps([asdict(heading) for heading in headings])}
    text = pa.dictionary(pa.int32(), pa.string())
    named = [(name, pa.bool_() if name == "live" else text) for name in _NAMED]
    numbers = [("cluster", pa.int32()), ("top", pa.float64()), ("bottom", pa.float64())]
    schema = pa.schema([*named, ("language", text), *numbers], facts)
    with pq.ParquetWriter(path, schema) as writer:
        for heading, part in zip(headings, parts, strict=True):
            columns = {name: pa.repeat(getattr(heading, name), len(part)) for name in _NAMED}
            columns |= {
                name: pa.array(part[name], from_pandas=True) for name in ("language", "cluster", "top", "bottom")
            }
            arrays = [_cast(columns[field.name], field.type) for field in schema]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=len(part))


def _cast(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)


def _samples(takes: pd.DataFrame, scores: pd.DataFrame, specs: Sequence[MetricSpec]) -> Any:
    """Of each metric, one row a sample and arm: ``role, arm, live, language, cluster, top, bottom``."""
    from filmbench.harness.units import columns, per_sample, tidy

    frame = tidy(takes)
    frame["row"] = frame.groupby(_ROW, sort=True).ngroup()
    rows = frame.drop_duplicates("row").set_index("row")[_ROW]
    language = frame.drop_duplicates("unit").set_index("unit")["language"]
    for column in columns(frame, scores, [spec for spec in specs if spec.over == "take"]):
        table = per_sample(frame, column, ["row"], failures_as_worst=False)
        table = table.join(rows, on="row").join(language, on="unit")
        yield column.spec, table.rename(columns={"group": "cluster"}).drop(columns=["row", "unit"])


def levels(path: Path, languages: Sequence[str] = ()) -> tuple[Level, ...]:
    """The levels of a run, in the order of contract, dataset, metric and arm; only in ``languages`` where given.

    Raises :class:`UsageError` where there is no such file, or none that can be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from filmbench.harness.types import UsageError

    found = []
    try:
        with pq.ParquetFile(path) as file:
            headings = [Heading(**heading) for heading in json.loads(file.schema_arrow.metadata[_HEADINGS])]
            for group, heading in enumerate(headings):
                names = ["cluster", "top", "bottom", *(["language"] if languages else [])]
                rows = file.read_row_group(group, columns=names)
                if languages:
                    rows = rows.filter(pc.is_in(rows["language"].cast(pa.string()), pa.array(list(languages))))
                if len(rows):
                    found.append(Level(heading, _level(rows).clipped(heading.low, heading.high)))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} holds no levels of a run: {error}", "make it with: filmbench score RUN") from None
    return tuple(found)


def _level(rows: Any) -> Estimate:
    codes, top, bottom = (rows[name].to_numpy() for name in ("cluster", "top", "bottom"))
    sizes = np.bincount(codes)
    there = sizes > 0
    tops, bottoms = (np.bincount(codes, weights=values)[there] for values in (top, bottom))
    return ratio_of_sums(tops, bottoms, sizes[there])
