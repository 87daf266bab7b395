"""What a scene's heading says: inside or outside, where, and when."""

from __future__ import annotations

import re

from filmbench.harness.film.screenplay import Place

PREFIX = re.compile(r"(?P<inside>INT\.?/EXT|EXT\.?/INT|I/E|INT|EXT|EST)(?:\.|(?=\s))\s*", re.IGNORECASE)
"""How a heading begins; ``EST.`` (establishing) is outside."""
DASH = re.compile(r"\s+(?:-{1,2}|–|—)\s+|\s*(?:–|—|--)\s*")
TIMES = frozenset(
    """DAY NIGHT DUSK DAWN MORNING EVENING AFTERNOON NOON MIDDAY MIDNIGHT SUNSET SUNRISE TWILIGHT LATER CONTINUOUS SAME
    DÍA NOCHE TARDE MAÑANA MEDIODÍA MEDIANOCHE MADRUGADA ATARDECER AMANECER ANOCHECER CONTINUO
    JOUR NUIT SOIR MATIN MIDI MINUIT AUBE CRÉPUSCULE GIORNO NOTTE SERA MATTINA MEZZOGIORNO TRAMONTO ALBA
    PÄIVÄ YÖ ILTA AAMU""".split()  # noqa: SIM905 - reads as a list of words
)
"""Words that make the last part of a heading a time, in our five languages."""
LONGEST_TIME = 4
"""Words in a time (``LATER THAT SAME NIGHT``); a longer last part is a place that mentions one."""


def parts(heading: str) -> tuple[Place | None, str, str | None]:
    """Place, location and time of a heading: ``INT. MILL - ATTIC - NIGHT`` is INT, ``MILL - ATTIC``, ``NIGHT``.

    A last part without a word for a time belongs to the location.
    """
    begins = PREFIX.match(heading)
    place: Place | None = None
    if begins:
        inside = begins["inside"].upper()
        place = "INT/EXT" if "/" in inside else "INT" if inside == "INT" else "EXT"
        heading = heading[begins.end() :]
    *before, last = DASH.split(heading.strip())
    words = re.findall(r"\w+", last.upper())
    if before and len(words) <= LONGEST_TIME and TIMES.intersection(words):
        return place, " - ".join(before), last.strip()
    return place, " - ".join([*before, last]), None
