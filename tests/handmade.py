"""Small datasets with a known truth, what a person might make of them, and the command line that takes it in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from filmbench.harness.media.write import write_lossless
from filmbench.harness.store import Store
from filmbench.harness.types import Artifact

FILMBENCH = Path(sys.executable).with_name("filmbench")
WIDTH, HEIGHT, FRAMES, FPS = 64, 48, 6, 24


def filmbench(*arguments: str | Path, at: Path) -> subprocess.CompletedProcess[str]:
    """The command line, run in ``at`` with the store ``at/runs``."""
    return subprocess.run(
        [FILMBENCH, "--store", at / "runs", *arguments],
        env=dict(os.environ), capture_output=True, text=True, timeout=300, cwd=at,
    )  # fmt: skip


def done(*arguments: str | Path, at: Path) -> str:
    """What a command that must succeed prints."""
    finished = filmbench(*arguments, at=at)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def table(at: Path, *arguments: str | Path) -> dict[str, dict[str, Any]]:
    """The rows of the one table that a command prints as JSON, by arm."""
    (board,) = json.loads(done(*arguments, "--json", at=at))["tables"]
    return {row["arm"]: row for row in board["rows"]}


def values(row: Mapping[str, Any]) -> dict[str, float | None]:
    return {id: found["value"] for id, found in row["values"].items()}


def takes(at: Path) -> list[dict[str, Any]]:
    """All takes in the ledger, oldest first."""
    from filmbench.harness.store import schema
    from sqlalchemy import select

    with Store.open(at / "runs") as store, store.ledger.read() as connection:
        return [dict(row) for row in connection.execute(select(schema.takes).order_by(schema.takes.c.key)).mappings()]


def kept(at: Path, take: Mapping[str, Any], role: str) -> tuple[Artifact, Path]:
    """The medium of a take and where the store has it."""
    (one,) = take["artifacts"][role]
    with Store.open(at / "runs") as store:
        return Artifact(**one), store.artifacts.find(one["sha256"])


def dataset(folder: Path, contract: str, samples: Sequence[dict[str, Any]]) -> str:
    """A folder in the project's own layout; paths in ``samples`` stand for their files. Gives its reference."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(_filed(sample)) + "\n" for sample in samples)
    (folder / "samples.jsonl").write_text(lines)
    (folder / "card.md").write_text("# small\n")
    (folder / "dataset.toml").write_text(
        f'name = "small"\nversion = "1"\ntitle = "small"\ncontract = "{contract}"\nlicence = "CC0-1.0"\n'
        f'attribution = "none"\nsamples = {len(samples)}\n[files]\n'
        f'"samples.jsonl" = "{sha256(lines.encode()).hexdigest()}"\n'
    )
    return f"folder:{folder}"


def _filed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filed(one) for name, one in value.items()}
    if not isinstance(value, Path):
        return value
    types = {".mkv": "video/x-matroska", ".mp4": "video/mp4", ".png": "image/png", ".wav": "audio/wav"}
    content = value.read_bytes()
    return {
        "file": value.name,
        "sha256": sha256(content).hexdigest(),
        "media_type": types[value.suffix],
        "bytes": len(content),
    }


def suite(at: Path, contract: str, data: str, metrics: Sequence[str] = (), arms: str = "", more: str = "") -> Path:
    """A suite of one task; ``arms`` are further ``[[tasks.arms]]``."""
    file = at / "suite.toml"
    reference = '[[tasks.arms]]\nprovider = "local/reference"\nlabel = "truth"\n'
    wanted = f"metrics = {json.dumps(list(metrics))}\n" if metrics else ""
    file.write_text(
        f'name = "small"\n[[tasks]]\ncontract = "{contract}"\ndataset = "{data}"\n{wanted}{more}{arms or reference}'
    )
    return file


def disc(frame: int) -> Any:
    """A disc that moves two pixels a frame: uint8 (height, width), 0 or 255."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return (((x - 20 - 2 * frame) ** 2 + (y - 24) ** 2 < 120) * 255).astype(np.uint8)


def roto_shot(folder: Path, name: str = "disc") -> dict[str, Any]:
    """A shot with a bright disc on a ramp, and its true matte."""
    folder.mkdir(parents=True, exist_ok=True)
    ramp = np.broadcast_to(np.linspace(20, 120, WIDTH, dtype=np.uint8)[None, :, None], (HEIGHT, WIDTH, 3))
    film = [np.where(disc(frame)[..., None] > 0, 230, ramp).astype(np.uint8) for frame in range(FRAMES)]
    write_lossless(folder / f"{name}.mkv", film, FPS)
    write_lossless(folder / f"{name}-matte.mkv", map(disc, range(FRAMES)), FPS)
    return {
        "id": name,
        "inputs": {"video": folder / f"{name}.mkv"},
        "references": {"matte": folder / f"{name}-matte.mkv"},
    }
