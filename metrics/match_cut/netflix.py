"""Netflix's own table of match cutting: heuristics and baselines on 19,305 labelled pairs of film shots.

    python -m filmbench.metrics.match_cut.netflix [FOLDER]

computes the average precision (scikit-learn) of the paper's random baselines and of its heuristics 1 to 5 from the
labels that the authors published, without a film or an embedding. Six files of some 7 MB are brought from the
authors' repository at one pinned commit, each checked by its sha256, into FOLDER (by default the cache); they are
never shipped with filmbench. Licence of the labels: Apache-2.0, Netflix, Inc.

This table and that of our own libraries of shots are never merged: these are other pairs, with another chance level.

Known failures: heuristics 1, 2, 4 and 5 are judged only on the pairs that they proposed, so that their rows are not
comparable with those on all pairs. The baseline is one seed; its spread over seeds is about 0.007. Chance is the share
of true pairs, given beside each row, not 0.

Source: Chen, Ziai, Tucker and Xie, "Match Cutting: Finding Cuts with Smooth Visual Transitions", WACV 2023,
https://arxiv.org/abs/2210.05766; https://github.com/Netflix/matchcut.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from filmbench.harness.models import cache_folder
from filmbench.harness.types import UsageError

COMMIT = "4b486c83c4b11ac549968fba79b3ba5e2c531495"
SOURCE = f"https://raw.githubusercontent.com/Netflix/matchcut/{COMMIT}/data/"
FILES = {
    "dataset-frame.json": "cc828e0601c17d9c71f8089ee5ae16f0e1fab19b947e01ec489b07e45461ffa1",
    "dataset-motion.json": "918a8bd114985ba0799a34b549bc943ab7d3dab067fdfdfa7d42d3deaac493e6",
    "heuristic3-scores.csv": "5285e6c59fdd56e9b365bfd0d0603d5101e3a2b6d1f2bd0fa71ace64dd9a06bc",
    "train.txt": "f205ea2309a30b472e4388ac3ff062058dd167c3cbbe29c0e6bb93233bed0bcd",
    "validation.txt": "4479b79908685a7dfed29393b18fdc8a21189a80f61585d2500a7a23c53bbf14",
    "test.txt": "4768639fe545611aaa3cd85575c033806e2170fcac6f35f00b92c5ad6c643b06",
}
SPLITS = ("train", "validation", "test")
TASKS = ("frame", "motion")
MOST_BYTES = 16 * 2**20
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One ranker on one split: ``average_precision`` and ``chance`` (share of true pairs) in 0..1 over ``pairs``."""

    task: str
    ranker: str
    split: str
    pairs: int
    chance: float
    average_precision: float


def labels_folder() -> Path:
    """Where the labels are kept."""
    return cache_folder() / "netflix-matchcut"


def fetch(folder: Path, source: str = SOURCE) -> None:
    """Bring the files that are not in ``folder`` yet from below ``source``; only whole and pinned ones are written.

    Raises :class:`UsageError` with the next step where one cannot be reached or comes with other bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hint = f"try again, or copy data/ of https://github.com/Netflix/matchcut at {COMMIT[:12]} to {folder}"
    for name in FILES:
        if (folder / name).is_file():
            continue
        try:
            with urllib.request.urlopen(source + name, timeout=SECONDS) as answer:  # noqa: S310 - ours, pinned
                content = answer.read(MOST_BYTES)
        except (OSError, HTTPException) as error:
            raise UsageError(f"{source}{name} cannot be reached: {error}", hint) from None
        if not _pinned(name, content):
            raise UsageError(f"{source}{name} came with other bytes than pinned, {len(content):,} of them", hint)
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)


def table(folder: Path) -> list[Row]:
    """All rows, from the labels in ``folder``. Raises :class:`UsageError` where a file is missing or another one."""
    contents = {name: _content(folder / name) for name in FILES}
    films = {split: frozenset(contents[f"{split}.txt"].decode().split()) for split in SPLITS}
    iou = {
        (row["imdb_id"], int(float(row["shot1_idx"])), int(float(row["shot2_idx"]))): float(row["iiou_score"])
        for row in csv.DictReader(contents["heuristic3-scores.csv"].decode().splitlines())
    }
    rows: list[Row] = []
    for task in TASKS:
        pairs = json.loads(contents[f"dataset-{task}.json"])
        by_split = {split: [pair for pair in pairs if pair["imdb_id"] in films[split]] for split in SPLITS}
        rows += baseline(task, by_split)
        for name in sorted({source["source_name"] for pair in pairs for source in pair["source_info"]}):
            rows += [row for split in SPLITS if (row := heuristic(task, name, split, by_split[split]))]
        if task == "frame":
            for split in SPLITS:
                named = [
                    ((pair["imdb_id"], pair["clip1_index"], pair["clip2_index"]), pair) for pair in by_split[split]
                ]
                known = [(bool(pair["majority_label"]), iou[key]) for key, pair in named if key in iou]
                rows.append(_row(task, "heuristic 3", split, known))
    return rows


def baseline(task: str, by_split: dict[str, list[Any]]) -> Iterator[Row]:
    """Random scores of NumPy's old generator seeded with 0, drawn split after split, as the paper's code has them."""
    import numpy as np

    random = np.random.RandomState(0)
    for split, pairs in by_split.items():
        scores = random.rand(len(pairs))
        labels = [bool(pair["majority_label"]) for pair in pairs]
        yield _row(task, "random, seed 0", split, list(zip(labels, scores, strict=True)))


def heuristic(task: str, name: str, split: str, pairs: Sequence[Any]) -> Row | None:
    """A heuristic on the pairs that it proposed; ``None`` where none of them is true."""
    proposed = [
        (bool(pair["majority_label"]), float(source["score"]))
        for pair in pairs
        for source in [one for one in pair["source_info"] if one["source_name"] == name][:1]
    ]
    return _row(task, name, split, proposed) if any(label for label, _ in proposed) else None


def _row(task: str, ranker: str, split: str, scored: Sequence[tuple[bool, float]]) -> Row:
    from sklearn.metrics import average_precision_score

    labels, scores = [label for label, _ in scored], [score for _, score in scored]
    precision = float(average_precision_score(labels, scores))
    return Row(task, ranker, split, len(labels), sum(labels) / len(labels), precision)


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{file} is missing", "python -m filmbench.metrics.match_cut.netflix") from None
    if not _pinned(file.name, content):
        raise UsageError(f"{file} has other bytes than pinned", "delete it and fetch it again")
    return content


def _pinned(name: str, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == FILES[name]


def main(arguments: Sequence[str]) -> None:
    """Fetch what is missing and print the table."""
    from tabulate import tabulate

    folder = Path(arguments[0]) if arguments else labels_folder()
    fetch(folder)
    heads = ("task", "ranker", "split", "pairs", "chance", "AP")
    rows = [(row.task, row.ranker, row.split, row.pairs, row.chance, row.average_precision) for row in table(folder)]
    sys.stdout.write(tabulate(rows, heads, floatfmt=".3f") + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UsageError as error:
        sys.exit(f"{error}\n{error.hint}")
