"""What was asked of a film and what was delivered: length, frame rate and size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import python, signature


class Delivery:
    """Whether the film is as long, as fast and as large as was asked.

    What: ``length_error`` is the seconds by which the film is longer or shorter than asked, ``rate_error`` the frames a
    second by which its rate differs, ``size`` the share of the asked pixels that it has, no more than 1 counted, and 0
    where its shape differs by more than 1 %. Asked is what the sample's texts ``seconds``, ``fps`` and ``size`` say, or
    where ``asked`` names a film (``input.video``, ``reference.video``), what that one has.
    Range: errors from 0 upwards, lower is better; size 0 … 1, higher is better.
    Needs: a film that opens, and something asked. Measured, never taken from a header alone.
    Ignores: what is to be seen.
    Known failures: a take of the right length may still be half a freeze: see the frozen share. A vendor of fixed
    lengths or rates cannot hit another. Saturates at once: the untouched source has no error.
    Provenance: proxy: plain differences of facts measured by decoding.
    Source: none.
    Licence: Apache-2.0.
    """

    def __init__(
        self, prefix: str, contract: str, output: str = "video", asked: str | None = None, core: bool = True
    ) -> None:
        self.output, self.asked = output, asked
        source, _, role = (asked or "").partition(".")
        columns = (
            ("length_error", "Length error", "s"),
            ("rate_error", "Frame rate error", "fps"),
            ("size", "Size", ""),
        )
        self.specs: tuple[MetricSpec, ...] = tuple(
            MetricSpec(
                id=f"{prefix}.{name}",
                title=title,
                unit=unit,
                signature=signature(f"{prefix}.{name}", "av", settings=f"asked:{asked or 'texts'}"),
                contracts=(contract,),
                higher_is_better=name == "size",
                provenance="proxy",
                low=0.0,
                high=1.0 if name == "size" else None,
                worst=0.0 if name == "size" else None,
                needs=(output,),
                references=(role,) if source == "reference" else (),
                requires=(python("av"),),
                core=core,
            )
            for name, title, unit in columns
        )

    def score(self, view: View) -> Sequence[Score]:
        """Hold the take's facts against what was asked."""
        try:
            facts = view.output(self.output).facts
            seconds, rate, size = self._asked(view)
        except BadMedia as error:
            return [Score(spec.id, None, error.reason) for spec in self.specs]
        except ValueError as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        values = (
            seconds and abs(facts.seconds - seconds),
            rate and abs(facts.fps - rate),
            size and _share((facts.width, facts.height), size),
        )
        return [
            Score(spec.id, None, "nothing was asked") if value is None else Score(spec.id, value)
            for spec, value in zip(self.specs, values, strict=True)
        ]

    def _asked(self, view: View) -> tuple[float | None, float | None, tuple[int, int] | None]:
        if self.asked is None:
            texts = view.sample.inputs
            seconds, rate, size = (texts.get(name) for name in ("seconds", "fps", "size"))
            return _number(seconds), _number(rate), asked_size(size)
        source, _, role = self.asked.partition(".")
        film = view.reference(role) if source == "reference" else view.input(role)
        if not isinstance(film, VideoClip):
            raise ValueError(f"the sample has no {source} {role}")
        return film.facts.seconds, film.facts.fps, (film.facts.width, film.facts.height)


def asked_size(text: object) -> tuple[int, int] | None:
    """Width and height in a text like ``1280x720``; ``None`` for anything else."""
    found = re.fullmatch(r"\s*(\d+)\s*[x×]\s*(\d+)\s*", text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found and int(found[1]) and int(found[2]) else None


def _number(text: object) -> float | None:
    """A positive number, whatever unit is written behind it."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)", text) if isinstance(text, str) else None
    return float(found[1]) or None if found else None


def _share(size: tuple[int, int], asked: tuple[int, int]) -> float:
    """How much of the asked pixels there are; 0 for another shape."""
    (width, height), (wide, high) = size, asked
    if abs(width * high / (height * wide) - 1) > 0.01:
        return 0.0
    return min(1.0, width * height / (wide * high))
