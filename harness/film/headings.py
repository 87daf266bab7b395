"""What a scene's heading says: inside or outside, where, and when."""

from __future__ import annotations

import re

from filmbench.harness.film.screenplay import Place

PREFIX = re.compile(r"(?P<inside>INT\.?/EXT|EXT\.?/INT|I/E|INT|EXT|EST)(?:\.|(?=\s))\s*", re.IGNORECASE)
"""How a heading begins; ``EST.`` (establishing) is outside."""
DASH = re.compile(r"\s+(?:-{1,2}|–|—)\s+|\s*(?:–|—|--)\s*")
TIMES = frozenset(
    """DAY NIGHT DUSK DAWN MORNING EVENING AFTERNOON NOON MIDDAY MIDNIGHT SUNSET SUNRISE TWILIGHT LATER CONTINUOUS SAME
    TIME HOUR
    DÍA NOCHE TARDE MAÑANA MEDIODÍA MEDIANOCHE MADRUGADA ATARDECER AMANECER ANOCHECER CONTINUO
    JOUR NUIT SOIR MATIN MIDI MINUIT AUBE CRÉPUSCULE GIORNO NOTTE SERA MATTINA MEZZOGIORNO TRAMONTO ALBA
    PÄIVÄ YÖ ILTA AAMU""".split()  # noqa: SIM905 - reads as a list of words
)
"""Words that make the last part of a heading a time, in our five languages."""
REMARK = re.compile(r"\(.*?\)|\d+")
LONGEST_TIME = 4
"""Words in a time (``LATER THAT SAME NIGHT``); a longer last part is a place that mentions one."""


def parts(heading: str) -> tuple[Place | None, str, str | None]:
    """Place, location and time of a heading: ``INT. MILL - ATTIC - NIGHT`` is INT, ``MILL - ATTIC``, ``NIGHT``.

    A time is a last part, behind a dash or comma, whose last word is one for a time; brackets and figures behind it
    (``DAY 2``, ``NIGHT (1973)``) are the time's. Any other last part belongs to the location.
    """
    begins = PREFIX.match(heading)
    place: Place | None = None
    if begins:
        inside = begins["inside"].upper()
        place = "INT/EXT" if "/" in inside else "INT" if inside == "INT" else "EXT"
        heading = heading[begins.end() :]
    *before, last = DASH.split(" ".join(heading.split()))
    if before and _is_time(last):
        return place, " - ".join(before), last
    front, comma, behind = last.rpartition(", ")
    if comma and _is_time(behind):
        return place, " - ".join([*before, front]), behind
    return place, " - ".join([*before, last]), None


def _is_time(part: str) -> bool:
    words = re.findall(r"\w+", REMARK.sub(" ", part).upper())
    return 0 < len(words) <= LONGEST_TIME and words[-1] in TIMES
