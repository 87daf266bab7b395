"""A line's sources and takes as panes of the viewer: players, waveforms, what was measured."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

import streamlit as st
from filmbench.dashboards import theme, viewer
from filmbench.dashboards.query import media
from filmbench.dashboards.viewer import Pane
from filmbench.harness import contracts
from filmbench.harness.media import proxy
from filmbench.harness.media.joints import MEDIA_TYPE as MOTION
from filmbench.harness.media.proxy import Proxy
from filmbench.harness.report import words
from filmbench.harness.report.listening import Line, Take
from filmbench.harness.types import UsageError

WORDS = 600


def panes(
    contract: str, dataset: str, line: Line, takes: Sequence[Take], colours: Mapping[str, str]
) -> tuple[Pane, ...]:
    """What the line was made from, but for the words above it, then its ``takes``, in the order of the board."""
    outputs = contracts.contract(contract).outputs
    is_matte = bool(outputs) and outputs[0].kind == "matte"
    made = [_take(take, place, is_matte, colours) for place, take in enumerate(takes)]
    return (*_sources(dataset, line.sample, line.text), *made)


def _sources(dataset: str, sample: str, told: str) -> Iterator[Pane]:
    for place, source in enumerate(media.sources(dataset, sample)):
        name = source.role.replace("_", " ")
        pane = Pane(name[:1].upper() + name[1:], theme.FLOOR, "nothing", ("source",), source=True)
        if source.text is not None and words.one_line(source.text, WORDS) == told:
            continue
        if source.text is not None:
            yield replace(pane, kind="words", words=words.one_line(source.text, WORDS))
        elif proxy.player(source.media_type):
            yield _played(pane, partial(media.source_player, dataset, source), f"source {place}")


def _take(take: Take, place: int, is_matte: bool, colours: Mapping[str, str]) -> Pane:
    marks = tuple(mark for mark in (*take.marks, take.number) if mark)
    pane = Pane(take.arm, theme.colour(take.role, take.arm, colours), "nothing", marks)
    if not take.ok:
        return replace(
            pane, note=f"{take.outcome[:1].upper()}{take.outcome[1:]}" + (f": {take.reason}" if take.reason else "")
        )
    pane = replace(pane, figures=(*take.primary, *take.facts), heard=take.heard)
    if take.artifact is None or take.media_type is None or not take.playable:
        return replace(pane, note="Data: nothing to play.")
    if take.media_type == MOTION:
        try:
            return replace(pane, kind="body", body=asdict(media.body(take.artifact)))
        except UsageError as error:
            return replace(pane, note=f"It cannot be drawn: {error}")
    shown = _played(pane, partial(media.player, take.artifact, take.media_type), f"take {place}")
    return replace(shown, kind="matte") if is_matte and shown.kind == "video" else shown


def _played(pane: Pane, fetch: Callable[[], Proxy], place: str) -> Pane:
    try:
        made = fetch()
    except UsageError as error:
        return replace(pane, note=f"It cannot be played: {error}")
    pane = replace(pane, kind=made.player, url=viewer.file(made.data, made.media_type, place))
    if made.player == "image":
        return pane
    pane = replace(pane, fps=_rate(made.data) if made.player == "video" else None)
    sound = media.sound(made.data)
    if sound is None:
        return pane
    picture = viewer.file(sound.spectrogram, "image/png", f"spectrogram {place}")
    return replace(pane, seconds=sound.seconds, peaks=sound.peaks, spectrogram=picture)


@st.cache_data(show_spinner=False, max_entries=300)
def _rate(data: bytes) -> float | None:
    """Frames a second of a film's proxy."""
    import av

    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.video[0].average_rate
        return float(rate) if rate else None
