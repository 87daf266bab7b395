"""What the words of a script mean to those who stage it: deeds, moods, props, and how one scene gives way to another.

The lists are closed and English, as screenplays' verbs mostly are; a word that stands in none of them changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from filmbench.harness.film.shot import Deed, Joining, Mood

_DEEDS: dict[Deed, str] = {
    "walk": "walk walks walking cross crosses climb climbs run runs hurry hurries come comes enter enters step steps "
    "approach approaches follow follows leave leaves stride strides creep creeps wander wanders go goes",
    "turn": "turn turns turning spin spins whirl whirls",
    "reach": "reach reaches touch touches stretch stretches",
    "give": "give gives hand hands offer offers pass passes",
    "take": "take takes pick picks grab grabs lift lifts catch catches pull pulls raise raises hold holds",
    "put": "put puts set sets lay lays place places drop drops hang hangs",
    "look": "look looks stare stares watch watches peer peers glance glances gaze gazes see sees study studies",
    "nod": "nod nods",
    "sit": "sit sits kneel kneels crouch crouches",
    "point": "point points",
    "light": "light lights kindle kindles ignite ignites strike strikes",
    "open": "open opens unlock unlocks unfold unfolds",
}
DEEDS: Mapping[str, Deed] = MappingProxyType({word: deed for deed, words in _DEEDS.items() for word in words.split()})

_MOODS: dict[Mood, str] = {
    "happy": "happy happily smiling smiles laughing laughs grinning cheerful delighted joyful excited proud pleased "
    "amused beaming glad",
    "sad": "sad sadly crying weeping tearful quietly low heavy tired grieving lonely ashamed defeated sighs sighing",
    "afraid": "afraid scared frightened nervous trembling whispering whispers worried uneasy anxious terrified shaking",
    "angry": "angry angrily furious shouting shouts yelling sharp sharply cold coldly stern bitter impatient snapping",
    "surprised": "surprised astonished amazed startled stunned gasping gasps wondering awed disbelieving",
    "tender": "tender tenderly gentle gently soft softly warm warmly kind kindly loving fond fondly smiling-through",
}
MOODS: Mapping[str, Mood] = MappingProxyType({word: mood for mood, words in _MOODS.items() for word in words.split()})

FIXED = frozenset(
    {"door", "gate", "hatch", "doorway", "chair", "stool", "bench", "table", "desk", "counter", "workbench", "clock"}
    | {"boat", "ship", "fire", "bell"}
)
"""Props that nobody carries."""
SETTINGS_OWN = frozenset({"lamp", "lamps", "bulb"})
"""What the place itself has, if it has it."""


@cache
def props() -> frozenset[str]:
    """Every word for a thing that can be drawn by itself."""
    from filmbench.harness.film.picture.props import PROPS

    return frozenset(word for name, kind in PROPS.items() for word in (name, *kind.words.split())) - SETTINGS_OWN


_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def words(text: str) -> list[str]:
    """The words of ``text`` in small letters."""
    return [found.lower().replace("’", "'") for found in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """``text`` cut behind every full stop, question mark, exclamation mark and semicolon."""
    return [part.strip() for part in re.split(r"(?<=[.!?;])\s+", " ".join(text.split())) if part.strip()]


def mood(text: str) -> Mood | None:
    """The first mood that ``text`` (a parenthetical, say) names."""
    return next((MOODS[word] for word in words(text) if word in MOODS), None)


def prop(text: str) -> str | None:
    """The first prop that ``text`` names, in the singular."""
    known = props()
    found = [_singular(word, known) for word in words(text)]
    at = next((index for index, word in enumerate(found) if word in known), None)
    if at is None:
        return None
    return found[at + 1] if at + 1 < len(found) and found[at + 1] in known else found[at]  # a paper flower is a flower


def _singular(word: str, known: frozenset[str]) -> str:
    bare = word.removesuffix("'s")
    for ending, instead in (("ches", "ch"), ("xes", "x"), ("ies", "y"), ("s", "")):
        if bare.endswith(ending) and bare.removesuffix(ending) + instead in known:
            return bare.removesuffix(ending) + instead
    return bare


def joining(transition: str) -> Joining:
    """How the scene behind ``transition`` begins: whatever is neither dissolve nor fade is a cut."""
    said = transition.upper()
    if "DISSOLVE" in said:
        return "dissolve"
    return "fade" if "FADE" in said else "cut"
