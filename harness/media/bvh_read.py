"""A BVH taken apart: its joints and where each is, frame by frame, in the file's own unit.

Files come from outside, and parsers found elsewhere run for ever on broken ones, so it is read here: every word once,
within bounds. Where a joint has a channel of position, that value stands for its offset, as tools write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import read_text

MOST_JOINTS = 1_000
MOST_PLACES = 5_000_000
_AXES = {"X": 0, "Y": 1, "Z": 2}


@dataclass(frozen=True, slots=True)
class Joint:
    """``parent`` is an index, −1 for a root; ``channels`` are ``(axis, rotates)`` in the order of the columns."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """``places`` float64 (frames, joints, 3) in the file's unit."""

    names: tuple[str, ...]
    places: Any
    fps: float


def parse(path: Path) -> Moved:
    """Read and place every joint. Raises :class:`BadMedia`."""
    import numpy as np

    words = iter(read_text(path).split())
    try:
        joints = _hierarchy(words)
        _expect(words, "Frames:")
        frames = int(next(words))
        _expect(words, "Frame", "Time:")
        seconds = float(next(words))
        width = sum(len(joint.channels) for joint in joints)
        if not (seconds > 0 and frames > 0 and width > 0 and frames * (len(joints) + width) <= MOST_PLACES):
            raise ValueError("its length or frame time is not one that is read")
        values = np.array([float(word) for word in words])
        if values.shape != (frames * width,) or not np.isfinite(values).all():
            raise ValueError("its rows are not as many or as long as announced")
    except (ValueError, StopIteration) as error:
        raise BadMedia(path, f"no BVH ({error or 'it ends early'})") from None
    return Moved(tuple(joint.name for joint in joints), _places(joints, values.reshape(frames, width)), 1 / seconds)


def _hierarchy(words: Iterator[str]) -> list[Joint]:
    """All joints, parents before children; passes over MOTION."""
    _expect(words, "HIERARCHY")
    found: list[Joint] = []
    open_: list[int] = []
    for word in words:
        match word:
            case "ROOT" | "JOINT":
                if len(found) == MOST_JOINTS:
                    raise ValueError(f"more than {MOST_JOINTS} joints")
                joint = _joint(words, open_[-1] if open_ else -1)
                open_.append(len(found))
                found.append(joint)
            case "End":
                _expect(words, "Site", "{", "OFFSET")
                _numbers(words)
                _expect(words, "}")
            case "}" if open_:
                open_.pop()
            case "MOTION" if found and not open_:
                return found
            case _:
                raise ValueError(f"{word[:20]!r} is not expected in its hierarchy")
    raise ValueError("it ends early")


def _joint(words: Iterator[str], parent: int) -> Joint:
    name = next(words)
    _expect(words, "{", "OFFSET")
    offset = _numbers(words)
    _expect(words, "CHANNELS")
    channels = tuple([_channel(next(words)) for _ in range(min(int(next(words)), 7))])
    if len(set(channels)) < len(channels) or len(channels) > 6:
        raise ValueError(f"the channels of {name[:20]!r} are not what channels can be")
    return Joint(name, parent, offset, channels)


def _channel(word: str) -> tuple[str, bool]:
    axis, kind = word[:1].upper(), word[1:].lower()
    if axis not in _AXES or kind not in ("rotation", "position"):
        raise ValueError(f"{word[:20]!r} is no channel")
    return axis, kind == "rotation"


def _numbers(words: Iterator[str]) -> tuple[float, float, float]:
    return float(next(words)), float(next(words)), float(next(words))


def _expect(words: Iterator[str], *wanted: str) -> None:
    for word in wanted:
        if (found := next(words)) != word:
            raise ValueError(f"{word} was expected, not {found[:20]!r}")


def _places(joints: list[Joint], values: Any) -> Any:
    """Where each joint is: every one turns what hangs from it, by its channels from left to right."""
    import numpy as np
    from scipy.spatial.transform import Rotation

    places = np.empty((len(values), len(joints), 3))
    turns: list[Any] = []
    column = 0
    for index, joint in enumerate(joints):
        own = np.repeat(np.array([joint.offset]), len(values), axis=0)
        order, angles = "", []
        for axis, rotates in joint.channels:
            if rotates:
                order += axis
                angles.append(values[:, column])
            else:
                own[:, _AXES[axis]] = values[:, column]
            column += 1
        turn = Rotation.from_euler(order, np.stack(angles, axis=1), degrees=True) if order else None
        if joint.parent < 0:
            places[:, index] = own
        else:
            above = turns[joint.parent]
            places[:, index] = places[:, joint.parent] + (above.apply(own) if above is not None else own)
            turn = turn if above is None else above if turn is None else above * turn
        turns.append(turn)
    return places
