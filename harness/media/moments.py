"""One decoding pass over a take and what it is held against, shared by all frame metrics.

The take's frames lead. Beside each stands the frame of every companion (the reference, the source, a mask) that
is nearest in time; all are brought to one size, that of the first companion, else the take's own. When a
companion has no frame within half a frame's time, it is absent from that moment: metrics count such moments as
they see fit. How much of a companion comes after the take's end is told, since nothing of it is ever held against
anything: a take of one good frame is no good take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import closing
from functools import cached_property
from typing import Any

from filmbench.harness.media.flow import FlowSearch
from filmbench.harness.media.video import Frame, VideoClip


class Moment:
    """The take's frame with its companions' and what several metrics derive from them, each made once.

    ``previous`` is the moment before (its own ``previous`` is forgotten), so that memory stays flat.
    """

    def __init__(self, take: Frame, beside: Mapping[str, Frame], previous: Moment | None) -> None:
        self.take = take
        self.beside = beside
        self.previous = previous
        self._made: dict[Hashable, Any] = {}
        if previous is not None:
            previous.previous = None

    @property
    def time(self) -> float:
        """Seconds from the take's first frame."""
        return self.take.time

    def frame(self, of: str) -> Frame | None:
        """The frame of ``take`` or of a companion; ``None`` where it has none now."""
        return self.take if of == "take" else self.beside.get(of)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made at the first call with ``key`` and kept as long as the moment is."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def flow(self, of: str = "take") -> Any | None:
        """Optical flow from the frame before to this one, float32 (h, w, 2), in pixels of its own, reduced size.

        See :class:`~filmbench.harness.media.flow.FlowSearch`. ``None`` at the first frame, where a companion has no
        frame, and for pictures too small to follow anything in.
        """
        before = self.previous.frame(of) if self.previous else None
        now = self.frame(of)
        if before is None or now is None:
            return None
        first, second = before.luma, now.luma
        return self.once(("flow", of), lambda: self._search.between(first, second))

    @cached_property
    def _search(self) -> FlowSearch:
        if self.previous is not None and "_search" in self.previous.__dict__:
            return self.previous._search
        return FlowSearch()


def moments(
    take: VideoClip, companions: Mapping[str, VideoClip], unseen: dict[str, float] | None = None
) -> Generator[Moment, None, None]:
    """Every moment of ``take``; memory holds two of them. Raises :class:`BadMedia`.

    At the end ``unseen`` is given the share of each companion's frames, 0..1, that come after the take has ended.
    """
    size = next((clip.first_size for clip in companions.values()), None)
    readers = {name: _Nearest(clip, size) for name, clip in companions.items()}
    half = 0.5 / max(take.nominal_fps, 1.0)
    previous: Moment | None = None
    with closing(take.frames(size)) as frames:
        for frame in frames:
            beside = {name: near for name, reader in readers.items() if (near := reader.at(frame.time, half))}
            moment = Moment(frame, beside, previous)
            yield moment
            previous = moment
    end = previous.time + 2 * half if previous else 0.0
    for name, reader in readers.items():
        if unseen is not None:
            unseen[name] = reader.rest(end)
        reader.close()


class _Nearest:
    """Walks through a clip beside another: the frame nearest to a time that only grows."""

    def __init__(self, clip: VideoClip, size: tuple[int, int] | None) -> None:
        self._frames = clip.frames(size)
        self._now = next(self._frames, None)
        self._next = next(self._frames, None)
        self._half = 0.5 / max(clip.nominal_fps, 1.0)

    def at(self, time: float, half: float) -> Frame | None:
        """The frame nearest to ``time``; ``None`` when even that is more than half a frame (of either) away."""
        while self._now and self._next and abs(self._next.time - time) <= abs(self._now.time - time):
            self._now, self._next = self._next, next(self._frames, None)
        if self._now is None or abs(self._now.time - time) > max(half, self._half) + 1e-3:
            return None
        return self._now

    def rest(self, end: float) -> float:
        """The share of all frames that are shown at ``end`` (seconds) or later; reads to the last one."""
        if self._now is None or self._next is None:
            return 0.0
        times = [self._next.time, *(frame.time for frame in self._frames)]
        return sum(time > end - 1e-3 for time in times) / (self._next.index + len(times))

    def close(self) -> None:
        """Let go of the file."""
        self._frames.close()
