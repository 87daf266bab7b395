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

from filmbench.harness.film.shot import Look, Mouth, Setting, Shot
from filmbench.harness.store import Store
from filmbench.harness.types import Artifact, digest

WORKERS = 2
CRF = 18
FADE_SECONDS = 0.5
DISSOLVE_SECONDS = 0.75


@dataclass(frozen=True, slots=True)
class Format:
    """How large the picture is and how many frames a second it has."""

    width: int = 1280
    height: int = 720
    fps: int = 24


FILM, PREVIEW = Format(), Format(640, 360, 12)


@dataclass(frozen=True, slots=True)
class Design:
    """What is drawn, as plain data: the looks and settings that the shots need, and files by what they are for."""

    looks: Mapping[str, Look]
    settings: Mapping[str, Setting]
    plates: Mapping[str, Artifact]
    motions: Mapping[str, Artifact]


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot as one language needs it; ``language`` is ``None`` where no mouth moves, and all share it.

    ``before`` is the shot that it dissolves from, if it does. ``closes``: it goes to black at its end.
    """

    shot: Shot
    language: str | None
    mouths: Mapping[str, Mouth]
    design: Design
    format: Format
    seed: int
    before: Shot | None = None
    closes: bool = False

    @property
    def key(self) -> str:
        """sha256 of all that could change a pixel, and of nothing else."""
        shots = [shot for shot in (self.shot, self.before) if shot]
        seen = {presence.character for shot in shots for presence in shot.cast}
        lines = {beat.line for shot in shots for beat in shot.beats}
        walks = any(beat.deed in self.design.motions for shot in shots for beat in shot.beats)
        return digest(
            {
                "shots": [asdict(shot) for shot in shots],
                "mouths": {line: asdict(mouth) for line, mouth in self.mouths.items() if line in lines},
                "looks": {name: asdict(look) for name, look in self.design.looks.items() if name in seen},
                "settings": [asdict(self.design.settings[shot.setting]) for shot in shots],
                "plates": {s.plate: self.design.plates[s.plate].sha256 for s in shots if s.plate},
                "motions": {deed: one.sha256 for deed, one in self.design.motions.items()} if walks else {},
                "format": [self.format.width, self.format.height, self.format.fps, CRF],
                "seed": self.seed,
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
                    given = (*piece.design.plates.values(), *piece.design.motions.values())
                    paths = {one.sha256: self._store.artifacts.path(one) for one in given}
                    under_way[pool.submit(draw, piece, paths, target)] = (piece, target)
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


def draw(piece: Piece, paths: Mapping[str, Path], target: Path) -> float:
    """Draw and encode one piece; the processor seconds it took. ``paths`` are its design's files by sha256."""
    from filmbench.harness.media.write import write_video

    start = time.process_time()
    write_video(target, faded(piece, _frames(piece, paths)), piece.format.fps, crf=CRF, comment="machine-made")
    return time.process_time() - start


def _frames(piece: Piece, paths: Mapping[str, Path]) -> Iterator[Any]:
    """The shot's frames, the first of them over the last of the shot that it dissolves from."""
    import cv2
    from filmbench.harness.film.picture import frames as picture
    from filmbench.harness.media import joints, video

    motions = {deed: joints.read(paths[one.sha256]) for deed, one in piece.design.motions.items()}
    design = picture.Design(piece.design.looks, piece.design.settings, motions)
    size = {"width": piece.format.width, "height": piece.format.height, "seed": piece.seed}
    plates = {
        name: (frame.rgb for frame in video.read(paths[one.sha256]))
        for name, one in piece.design.plates.items()
        if name == piece.shot.plate
    }
    drawn = picture.frames(piece.shot, design, piece.mouths, fps=piece.format.fps, plates=plates, **size)
    span = round(DISSOLVE_SECONDS * piece.format.fps)
    if piece.before is None:
        yield from drawn
        return
    studio = picture.Studio(piece.before, design, piece.mouths, **size)
    last = piece.before.seconds - 1 / piece.format.fps
    ghost = studio.frame(last, round(last * piece.format.fps)).copy()
    for index, frame in enumerate(drawn):
        share = min(1.0, (index + 1) / (span + 1))
        yield frame if share >= 1 else cv2.addWeighted(ghost, 1 - share, frame, share, 0)


def faded(piece: Piece, frames: Iterator[Any]) -> Iterator[Any]:
    """``frames`` out of black where the shot begins by a fade, and into it where the piece closes."""
    import numpy as np

    count = max(1, round(FADE_SECONDS * piece.format.fps))
    for index, frame in enumerate(frames):
        light = min(1.0, (index + 1) / count) if piece.shot.joining == "fade" else 1.0
        if piece.closes:
            light = min(light, (piece.frames - 1 - index) / count)
        yield frame if light >= 1 else np.round(frame * max(0.0, light)).astype(np.uint8)
