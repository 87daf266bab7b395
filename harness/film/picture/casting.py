"""From a screenplay's words about its people to how they are drawn."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

from filmbench.harness.film.picture.colours import named
from filmbench.harness.film.picture.wardrobe import (
    COATS,
    COLOURS,
    EXTRAS,
    HAIR_COLOURS,
    HAIRS,
    HATS,
    meaning,
    words_of,
    worn,
)
from filmbench.harness.film.screenplay import Action, Dialogue, Screenplay
from filmbench.harness.film.shot import Look

Age = Literal["child", "adult", "old"]
Gender = Literal["f", "m"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CHILD = _set("child children kid kids boy girl schoolboy schoolgirl toddler teenager teen twins")
OLD = _set(
    "elderly aged ancient grandmother grandfather grandma grandpa granny gran grandad nana pensioner wrinkled "
    "seventies eighties nineties sixties white-haired grey-haired retired"
)
WOMAN = _set(
    "woman girl she her hers mother mum mom grandmother grandma granny gran nana aunt sister daughter wife lady queen "
    "waitress schoolgirl widow niece actress nun princess madam"
)
MAN = _set(
    "man boy he his him beard bearded moustache mustache father dad grandfather grandpa grandad uncle brother son "
    "husband gentleman king waiter "
    "schoolboy widower nephew fisherman policeman prince sir"
)
PRONOUNS = _set("she her hers he his him")
TOWARDS = _set("to at with for beside behind by after from of before towards toward near past around against over")
"""*Turns to her* says nothing of who turns."""
SKINS = {
    "porcelain": "pale porcelain",
    "peach": "rosy",
    "honey": "tanned sunburnt",
    "umber": "brown",
    "cocoa": "black dark",
}
"""Words that say something of skin, where they stand before ``skin``."""
TOPS = ("yellow", "teal", "rust", "plum", "green", "blue", "orange", "rose", "moss", "slate", "sand", "red")
LEGS = ("navy", "walnut", "grey", "brown", "slate", "moss")
HAIR = ("raven", "chestnut", "auburn", "copper", "straw")
TRIES = 24


def cast(screenplay: Screenplay, seed: int = 0) -> dict[str, Look]:
    """A look for everyone who speaks, in order of appearance.

    Read are the sentences of the action that name a character (from its first mention on, those that follow and
    speak of *he* or *she* with them): age, gender, clothes with their colours, hair, hats, glasses. What they leave
    open is settled by ``seed``, and so that nobody looks like anybody before.
    """
    looks: dict[str, Look] = {}
    names = screenplay.characters
    for name in names:
        told = _told(screenplay, name, names)
        looks[name] = _distinct(name, told, _spoken_of(screenplay, name), looks.values(), seed)
    return looks


def _told(screenplay: Screenplay, name: str, names: Iterable[str]) -> list[str]:
    """Sentences about ``name``, the first that introduces it leading."""
    found: list[str] = []
    others = [_pattern(other) for other in names if other != name]
    for scene in screenplay.scenes:
        about = False
        for element in scene.elements:
            if not isinstance(element, Action):
                continue
            for sentence in re.split(r"(?<=[.!?])\s+", element.text):
                if _pattern(name).search(sentence):
                    about = True
                    found.append(_own(sentence, name, others))
                elif any(other.search(sentence) for other in others):
                    about = False
                elif about and re.match(r"\s*(he|she|his|her)\b", sentence, re.IGNORECASE):
                    found.append(sentence)
    return found


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)


def _own(sentence: str, name: str, others: list[re.Pattern[str]]) -> str:
    """The part of a sentence that is ``name``'s: from its name to the next one's."""
    start = _pattern(name).search(sentence)
    if start is None:
        return sentence
    ends = [found.start() for other in others if (found := other.search(sentence, start.end()))]
    begins = [found.end() for other in others for found in other.finditer(sentence, 0, start.start())]
    return sentence[max(begins, default=0) : min(ends, default=len(sentence))]


def _spoken_of(screenplay: Screenplay, name: str) -> list[str]:
    """Parentheticals of its own speeches: *he* and *she* in them tell the gender."""
    return [
        text
        for scene in screenplay.scenes
        for element in scene.elements
        if isinstance(element, Dialogue) and element.character == name
        for _, text in element.directions
    ]


def _distinct(name: str, told: list[str], spoken: list[str], before: Iterable[Look], seed: int) -> Look:
    """Of several looks that the words allow, the one least like anyone before."""
    before = tuple(before)
    best: tuple[float, Look] | None = None
    for turn in range(TRIES):
        dice = random.Random(zlib.crc32(f"{name}|{seed}|{turn}".encode()))  # noqa: S311 - looks, not secrets
        look = _look(name, told, spoken, dice)
        apart = min((difference(look, other) for other in before), default=99.0)
        if best is None or apart > best[0] + 1e-9:
            best = (apart, look)
    assert best is not None
    return best[1]


def difference(one: Look, other: Look) -> float:
    """How differently two looks are drawn: the way between their cloth's and hair's colours, and 1 for each part."""
    a, b = worn(one), worn(other)
    colours = named()
    far: float = sum(
        2.0 * sum((x - y) ** 2 for x, y in zip(colours[p], colours[q], strict=True)) ** 0.5
        for p, q in ((a.top, b.top), (a.hair, b.hair))
    )
    parts = (
        a.coat != b.coat,
        a.hair_style != b.hair_style,
        a.hat != b.hat,
        bool(a.scarf) != bool(b.scarf),
        a.glasses != b.glasses,
        one.age != other.age,
        one.skin != other.skin,
        a.beard != b.beard,
        a.legs != b.legs,
    )
    return far + sum(parts)


def _look(name: str, told: list[str], spoken: list[str], dice: random.Random) -> Look:
    words = [word for sentence in told for word in words_of(sentence)]
    age = _age(told, words, name)
    gender = _gender([*words_of(name), *words, *(word for text in spoken for word in words_of(text))], name)
    drawn = gender or dice.choice(("f", "m"))
    wears, top, hair = _clothes(told)
    skin = next(
        (
            tone
            for tone, known in SKINS.items()
            for a, b in pairwise(words)
            if b in ("skin", "skinned", "complexion") and a in known.split()
        ),
        None,
    )
    if not any(meaning(HATS, word) for item in wears for word in words_of(item)) and any(
        "raincoat" in item for item in wears
    ):
        wears.append("hood")
    if age == "child" and not wears and dice.random() < 0.6:
        wears.append(dice.choice(("red beanie", "cream scarf", "freckles", "yellow boots")))
    if age == "old" and not any("glasses" in item for item in wears) and dice.random() < 0.6:
        wears.append("round glasses")
    if (
        drawn == "m"
        and age != "child"
        and dice.random() < (0.6 if age == "old" else 0.3)
        and not any("beard" in item or "moustache" in item for item in wears)
    ):
        wears.append(dice.choice(("beard", "moustache")))
    return Look(
        name=name,
        age=age,
        gender=gender or drawn,
        skin=skin or dice.choice(tuple(SKINS)),
        hair=hair or ("silver" if age == "old" else dice.choice(HAIR)),
        top=top or dice.choice(TOPS),
        legs=dice.choice(LEGS),
        wears=tuple(dict.fromkeys(wears)),
        build=_build(words),
        seed=dice.randrange(10_000),
    )


def _age(told: list[str], words: list[str], name: str) -> Age:
    for sentence in told:
        years = re.search(
            r"\(\s*(\d{1,2})\b|\b(\d{1,2})[- ]years?[- ]old|\baged?\s+(\d{1,2})\b|,\s*(\d{1,2})\s*[,.)]", sentence
        )
        if years:
            number = int(next(group for group in years.groups() if group))
            return "child" if number < 15 else "old" if number >= 60 else "adult"
    first = [*words_of(name), *words[:60]]
    for word in first:
        if word in OLD:
            return "old"
        if word in CHILD:
            return "child"
    pairs = set(pairwise(first))
    if any(
        ("old", who) in pairs
        for who in ("man", "woman", "lady", "fisherman", "keeper", "sailor", "captain", "farmer", "teacher")
    ):
        return "old"
    return "adult"


def _gender(words: list[str], name: str) -> Gender | None:
    """What the nouns say (*a burly man*), else the pronouns, else how the name ends (Mara, Marco)."""
    for nouns in (True, False):
        said: list[Gender] = [
            "f" if word in WOMAN else "m"
            for before, word in pairwise(("", *words))
            if word in WOMAN | MAN and nouns != (word in PRONOUNS) and not (word in PRONOUNS and before in TOWARDS)
        ]
        if said:
            women = said.count("f")
            return said[0] if women * 2 == len(said) else "f" if women * 2 > len(said) else "m"
    last = words_of(name)[:1]
    return None if not last else "f" if last[0].endswith("a") else "m" if last[0].endswith("o") else None


def _build(words: list[str]) -> float:
    if {"stout", "plump", "fat", "burly", "broad", "heavy", "big", "large", "stocky"} & set(words[:40]):
        return 1.18
    return 0.88 if {"thin", "slim", "slight", "skinny", "gaunt", "lean", "wiry", "frail"} & set(words[:40]) else 1.0


def _clothes(told: list[str]) -> tuple[list[str], str | None, str | None]:
    """What is worn, the coat's colour and the hair's; the first mention of each kind of garment stands."""
    wears: list[str] = []
    kinds: set[str] = set()
    top = hair = None
    for sentence in told[:12]:
        words = words_of(sentence)
        for i, word in enumerate(words):
            near = words[max(0, i - 3) : i]
            colour = next((found for one in reversed(near) if (found := meaning(COLOURS, one))), None)
            if word in ("hair", "hairs"):
                tint = next((found for one in reversed(near) if (found := meaning(HAIR_COLOURS, one))), None)
                around = [*reversed(near), *words[i + 1 : i + 5]]
                style = next((found for one in around if (found := meaning(HAIRS, one))), None)
                hair = hair or tint
                wears += [f"{style} hair"] if style and "hair" not in kinds else []
                kinds.add("hair")
                continue
            kind = _kind(word, near)
            if kind is None or kind[0] in kinds:
                continue
            kinds.add(kind[0])
            if kind[0] in ("beard", "moustache"):
                hair = hair or next((found for one in reversed(near) if (found := meaning(HAIR_COLOURS, one))), None)
            wears.append(
                f"{colour} {kind[1]}"
                if colour and kind[0] != "hair"
                else f"{kind[1]} hair"
                if kind[0] == "hair"
                else kind[1]
            )
            top = (top or colour) if kind[0] == "coat" else top
    return wears, top, hair


def _kind(word: str, near: list[str]) -> tuple[str, str] | None:
    """The slot and the garment that a word names."""
    if found := meaning(HATS, word):
        return "hat", "beanie" if found in ("brim", "cap") and {"wool", "woolly", "woollen", "knitted", "bobble"} & set(
            near
        ) else found
    if (found := meaning(COATS, word)) and word not in ("wool", "top", "suit", "mac"):
        return "coat", found
    if found := meaning(EXTRAS, word):
        return found, found
    if word not in ("long", "short", "fringe", "messy", "unruly") and (found := meaning(HAIRS, word)):
        return "hair", found
    return None
