"""The shots' frames, drawn by worker processes and kept: a shot is one encoded segment, found again by what it shows.

A segment's key is of the shot, who and what is drawn in it, its mouths, its size, rate and seed, and the drawing's own
code. What was rendered once, in whatever run, is not rendered again; a kill loses the shots under way and no other.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmbench.harness.film.shot import Mouth, Shot
from filmbench.harness.store import Store
from filmbench.harness.types import Artifact, digest

WORKERS = 2
CRF = 18
FADE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Format:
    """How large the picture is and how many frames a second it has."""

    width: int = 1280
    height: int = 720
    fps: int = 24


FILM, PREVIEW = Format(), Format(640, 360, 12)


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot as one language needs it; ``language`` is ``None`` where no mouth moves, and all share it.

    ``plate`` is the film that stands behind, if the shot names one. ``closes``: it goes to black at its end.
    """

    shot: Shot
    language: str | None
    mouths: tuple[Mouth, ...]
    design: Any
    format: Format
    seed: int
    plate: Artifact | None = None
    motion: Artifact | None = None
    closes: bool = False

    @property
    def key(self) -> str:
        """sha256 of all that could change a pixel."""
        return digest(
            {
                "shot": asdict(self.shot),
                "mouths": [asdict(mouth) for mouth in self.mouths],
                "design": asdict(self.design),
                "format": [self.format.width, self.format.height, self.format.fps, CRF],
                "seed": self.seed,
                "plate": self.plate.sha256 if self.plate else None,
                "motion": self.motion.sha256 if self.motion else None,
                "closes": self.closes,
                "drawing": drawing(),
            }
        )

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return round(self.shot.seconds * self.format.fps)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece's encoded frames. ``seconds`` is the processor's time that they took when they were drawn."""

    artifact: Artifact
    key: str
    seconds: float
    fresh: bool


@cache
def drawing() -> str:
    """sha256 of the code that draws."""
    found = hashlib.sha256()
    folder = Path(str(files("filmbench.harness.film"))) / "picture"
    for file in sorted(folder.glob("*")):
        if file.suffix in (".py", ".toml"):
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()


class Renderer:
    """Draws pieces that the store does not hold. ``told`` hears of each: the piece, and whether it was drawn now."""

    def __init__(self, store: Store, told: Callable[[Piece, bool], None], workers: int = WORKERS) -> None:
        self._store = store
        self._told = told
        self._workers = workers

    def render(self, pieces: Sequence[Piece]) -> dict[str, Segment]:
        """Every piece's segment, by the piece's key."""
        found: dict[str, Segment] = {}
        todo: dict[str, Piece] = {}
        for piece in pieces:
            kept = self._kept(piece.key)
            if kept is not None:
                found[piece.key] = kept
                self._told(piece, False)
            else:
                todo.setdefault(piece.key, piece)
        for piece, segment in self._drawn(sorted(todo.values(), key=lambda piece: -piece.shot.seconds)):
            found[piece.key] = segment
            self._told(piece, True)
        return found

    def _drawn(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Segment]]:
        if not pieces:
            return
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(self._workers, len(pieces)), mp_context=context, initializer=_settle)
        with TemporaryDirectory(prefix="filmbench-film-") as folder:
            under_way: dict[Future[float], tuple[Piece, Path]] = {}
            try:
                for piece in pieces:
                    target = Path(folder) / f"{piece.key}.mp4"
                    plate = self._store.artifacts.path(piece.plate) if piece.plate else None
                    motion = self._store.artifacts.path(piece.motion) if piece.motion else None
                    under_way[pool.submit(draw, piece, plate, motion, target)] = (piece, target)
                while under_way:
                    ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    for future in ended:
                        piece, target = under_way.pop(future)
                        yield piece, self._keep(piece.key, target, future.result())
            finally:
                for process in list(pool._processes.values()):
                    process.kill()
                pool.shutdown(wait=True, cancel_futures=True)

    def _kept(self, key: str) -> Segment | None:
        place = self._place(key)
        try:
            record = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        artifact = Artifact(record["sha256"], record["media_type"], record["bytes"])
        try:
            self._store.artifacts.path(artifact)
        except Exception:  # noqa: BLE001 - a segment that is gone is drawn again
            return None
        return Segment(artifact, key, record["seconds"], fresh=False)

    def _keep(self, key: str, path: Path, seconds: float) -> Segment:
        artifact = self._store.artifacts.add(path, "video/mp4")
        place = self._place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        record = {"sha256": artifact.sha256, "media_type": artifact.media_type, "bytes": artifact.bytes}
        part = place.with_suffix(".part")
        part.write_text(json.dumps({**record, "seconds": round(seconds, 2)}), encoding="utf-8")
        part.replace(place)
        path.unlink()
        return Segment(artifact, key, round(seconds, 2), fresh=True)

    def _place(self, key: str) -> Path:
        return self._store.folder / "film" / key[:2] / f"{key}.json"


def _settle() -> None:
    """In a worker: the keyboard's Ctrl-C is the parent's affair, and one core is enough for one shot."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    import cv2

    cv2.setNumThreads(1)


def draw(piece: Piece, plate: Path | None, motion: Path | None, target: Path) -> float:
    """Draw and encode one piece; the processor seconds it took."""
    from filmbench.harness.media.write import write_video

    start = time.process_time()
    write_video(target, faded(piece, _frames(piece, plate, motion)), piece.format.fps, crf=CRF, comment="machine-made")
    return time.process_time() - start


def _frames(piece: Piece, plate: Path | None, motion: Path | None) -> Iterator[Any]:
    raise NotImplementedError


def faded(piece: Piece, frames: Iterator[Any]) -> Iterator[Any]:
    """``frames`` out of black where the shot begins by a fade, and into it where the piece closes."""
    import numpy as np

    count = max(1, round(FADE_SECONDS * piece.format.fps))
    for index, frame in enumerate(frames):
        light = min(1.0, (index + 1) / count) if piece.shot.joining == "fade" else 1.0
        if piece.closes:
            light = min(light, (piece.frames - 1 - index) / count)
        yield frame if light >= 1 else np.round(frame * max(0.0, light)).astype(np.uint8)


def by_name(segments: Mapping[str, Segment], pieces: Sequence[Piece]) -> dict[tuple[str, str | None], Segment]:
    """The segments by shot and language."""
    return {(piece.shot.id, piece.language): segments[piece.key] for piece in pieces}
