"""The words the painters understand, and an honest reading of a prompt: what was understood, what was not.

The vocabulary is closed. A prompt without a known place cannot be painted; any other word that is neither known
nor a mere joining word is reported as not understood, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACES: Mapping[str, str] = {
    "sky": "sky skies heaven heavens firmament clouds cloudscape",
    "sea": "sea seas ocean coast shore bay harbour harbor jetty "
    "pier quay seaside seascape lake island waves water headland",
    "hills": "hill hills mountain mountains valley meadow field "
    "fields moor countryside moorland dunes desert ridge ridges",
    "city": "city town street skyline rooftops village downtown alley",
    "interior": "interior room kitchen attic study bedroom library cabin parlour indoors",
    "forest": "forest wood woods trees pinewood grove woodland pines birches",
}
"""Each place and the words that mean it. The first word of a prompt that names a place decides."""

LIGHTS: Mapping[str, str] = {
    "night": "night midnight moonlit moonlight nocturnal starlit starry",
    "dusk": "dusk sunset evening twilight gloaming",
    "dawn": "dawn sunrise daybreak morning",
    "day": "day noon midday sunny sunlit daylight bright afternoon",
    "grey": "grey gray overcast cloudy dull leaden",
}
WEATHERS: Mapping[str, str] = {
    "fog": "fog foggy mist misty haze hazy",
    "rain": "rain rainy raining drizzle",
    "snow": "snow snowy snowfall snowing winter wintry snowfield",
    "storm": "storm stormy squall",
}
MOODS: Mapping[str, str] = {
    "warm": "warm cosy cozy golden amber glowing",
    "cold": "cold icy frosty cool bleak blue",
    "calm": "calm quiet still peaceful gentle lonely silent serene empty",
    "eerie": "eerie haunted gloomy dark sombre",
}
THINGS: Mapping[str, str] = {
    "moon": "moon moonlit moonlight",
    "sun": "sun sunset sunrise",
    "stars": "star stars starlit starry",
    "clouds": "cloud clouds cloudy cloudscape overcast",
    "lighthouse": "lighthouse beacon",
    "boats": "boat boats sailboat sailboats sail sails ship ships",
    "pier": "pier jetty quay dock",
    "cottages": "cottage cottages house houses farmhouse hut",
    "pines": "pine pines fir firs tree trees",
    "path": "path road track trail lane",
    "lantern": "lantern lanterns lamp lamps streetlamp lamplight candle",
    "windows": "window windows",
    "birds": "bird birds gull gulls",
    "fireflies": "firefly fireflies",
    "shelf": "book books bookshelf shelf shelves",
    "table": "table desk",
}
_JOINING = """
a an and are around as at away background before behind below beside between beyond big by deep distant down
everything far few first flat for foreground from front full great half high horizon in into is it its large last
late layer layers light little long low many near no nobody of on one open out over painted past people-less place
quite seen several shape shapes small soft some tall that the their there thin three through to towards two under up
very view wide with without above across against along low-hanging early air line lit scene
"""
JOINING = frozenset(_JOINING.split())


@dataclass(frozen=True, slots=True)
class Brief:
    """A prompt as understood. ``unknown`` are the words that were not, in order."""

    place: str
    light: str
    weather: str
    moods: frozenset[str]
    things: frozenset[str]
    unknown: tuple[str, ...]

    def has(self, thing: str) -> bool:
        """Whether ``thing`` was asked for."""
        return thing in self.things

    def account(self) -> str:
        """One line for the picture's metadata: what was painted and what was not understood."""
        said = [self.place, self.light, *([self.weather] if self.weather else []), *sorted(self.moods | self.things)]
        return f"understood: {', '.join(said)}; not understood: {', '.join(self.unknown) or 'nothing'}"


class NotUnderstood(ValueError):
    """The prompt names no known place; the message names the vocabulary."""


def read(prompt: str, places: tuple[str, ...] = tuple(PLACES)) -> Brief:
    """Read ``prompt``. Raises :class:`NotUnderstood` where it names none of ``places``, or another one first."""
    words = re.findall(r"[a-zà-ÿ][a-zà-ÿ'-]*", prompt.lower())
    named = [place for word in words for place in _meanings(PLACES, word)]
    if not named or named[0] not in places:
        known = "; ".join(f"{place} ({', '.join(PLACES[place].split()[:6])} …)" for place in places)
        what = f"a {named[0]}" if named else "this place"
        raise NotUnderstood(f"cannot paint {what}: the places known are {known}")
    moods = frozenset(mood for word in words for mood in _meanings(MOODS, word))
    return Brief(
        place=named[0],
        light=_first(LIGHTS, words) or ("night" if "eerie" in moods else "day"),
        weather=_first(WEATHERS, words),
        moods=moods,
        things=frozenset(thing for word in words for thing in _meanings(THINGS, word)),
        unknown=tuple(dict.fromkeys(word for word in words if word not in JOINING and not _known(word))),
    )


def vocabulary() -> frozenset[str]:
    """Every word that means something here."""
    tables = (PLACES, LIGHTS, WEATHERS, MOODS, THINGS)
    return frozenset(word for table in tables for words in table.values() for word in words.split())


def _known(word: str) -> bool:
    return any(_meanings(table, word) for table in (PLACES, LIGHTS, WEATHERS, MOODS, THINGS))


def _meanings(table: Mapping[str, str], word: str) -> list[str]:
    return [meaning for meaning, words in table.items() if word in words.split()]


def _first(table: Mapping[str, str], words: list[str]) -> str:
    return next((meaning for word in words for meaning in _meanings(table, word)), "")
