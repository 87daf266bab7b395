"""Takes of one sample side by side, played by one clock: a Streamlit component of our own that fetches nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal

import streamlit as st
from filmbench.harness.report.listening import Figure, Word
from streamlit import runtime

Kind = Literal["audio", "video", "image", "matte", "body", "words", "nothing"]


@dataclass(frozen=True, slots=True)
class Pane:
    """One thing beside the others. ``source`` marks what the takes were made from; ``note`` says why nothing plays.

    ``url`` and ``spectrogram`` are addresses of Streamlit's media files; ``body`` is a motion to be drawn.
    """

    name: str
    colour: str
    kind: Kind
    marks: tuple[str, ...] = ()
    source: bool = False
    note: str | None = None
    words: str | None = None
    url: str | None = None
    fps: float | None = None
    seconds: float | None = None
    peaks: tuple[float, ...] | None = None
    spectrogram: str | None = None
    body: Mapping[str, Any] | None = None
    figures: tuple[Figure, ...] = ()
    heard: tuple[Word, ...] | None = None


def file(data: bytes, media_type: str, place: str) -> str:
    """The address of a medium, kept by Streamlit as long as a page that asked for it is open.

    ``place`` tells it from the other media of the page.
    """
    return str(runtime.get_instance().media_file_mgr.add(data, media_type, place))


def show(panes: Sequence[Pane], at: Mapping[str, Any], key: str) -> None:
    """The viewer. ``at`` is where to start: ``t`` seconds, ``view``, the places ``a`` and ``b``, ``sound``."""
    _component()(data={"panes": [asdict(pane) for pane in panes], "at": dict(at)}, key=key)


def _component() -> Any:
    ours = files("filmbench.dashboards.viewer")
    return st.components.v2.component(
        "filmbench_viewer",
        html='<div class="fb-viewer"></div>',
        css=ours.joinpath("viewer.css").read_text(encoding="utf-8"),
        js=ours.joinpath("viewer.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
