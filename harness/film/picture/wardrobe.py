"""The words for what people wear and how their hair is: read out of a script, and read again when they are drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from filmbench.harness.film.picture.colours import named
from filmbench.harness.film.shot import Look

COLOURS: Mapping[str, str] = {
    "yellow": "yellow golden gold mustard amber",
    "red": "red scarlet crimson",
    "rust": "rust maroon burgundy terracotta russet",
    "orange": "orange tangerine",
    "teal": "teal turquoise petrol cyan",
    "green": "green emerald lime",
    "moss": "moss olive khaki",
    "blue": "blue sky-blue azure denim",
    "navy": "navy indigo",
    "slate": "slate",
    "plum": "plum purple violet lilac mauve",
    "rose": "pink rose salmon",
    "brown": "brown tan leather tweed",
    "grey": "grey gray",
    "black": "black dark",
    "cream": "cream white ivory pale",
    "sand": "beige sand straw linen",
    "silver": "silver",
}
"""The palette's colours that cloth comes in, and the words that mean them."""

COATS: Mapping[str, str] = {
    "raincoat": "raincoat oilskin oilskins slicker mackintosh mac anorak windbreaker poncho",
    "coat": "coat overcoat greatcoat trenchcoat cloak robe parka dressing-gown",
    "jacket": "jacket blazer uniform suit waistcoat vest tunic",
    "sweater": "sweater jumper pullover jersey cardigan hoodie wool",
    "dress": "dress gown frock nightgown pinafore",
    "apron": "apron smock",
    "overalls": "overalls dungarees boilersuit",
    "shirt": "shirt blouse t-shirt tee top",
}
HATS: Mapping[str, str] = {
    "beanie": "beanie bobble-hat toque",
    "cap": "cap beret baseball-cap",
    "hood": "hood",
    "kerchief": "headscarf kerchief bandana shawl",
    "brim": "hat fedora bowler sunhat sou'wester helmet",
}
HAIRS: Mapping[str, str] = {
    "curly": "curly curls afro frizzy",
    "plait": "plait plaits braid braids pigtails",
    "ponytail": "ponytail pony-tail",
    "bun": "bun topknot",
    "bald": "bald balding hairless",
    "spiky": "spiky tousled messy unruly",
    "long": "long-haired long",
    "short": "short cropped crew-cut",
    "bob": "bob fringe",
}
HAIR_COLOURS: Mapping[str, str] = {
    "raven": "black dark",
    "chestnut": "brown brunette chestnut",
    "auburn": "auburn",
    "copper": "red ginger copper redhead red-haired",
    "straw": "blond blonde fair golden straw yellow",
    "silver": "grey gray white silver silvery white-haired grey-haired",
}
EXTRAS: Mapping[str, str] = {
    "scarf": "scarf muffler",
    "glasses": "glasses spectacles bespectacled",
    "beard": "beard bearded",
    "moustache": "moustache mustache",
    "freckles": "freckles freckled",
    "boots": "boots wellingtons wellies",
    "skirt": "skirt",
}


@dataclass(frozen=True, slots=True)
class Outfit:
    """What is drawn on a puppet; colours are names of the palette, ``None`` is without."""

    coat: str
    top: str
    legs: str
    hair: str
    hair_style: str
    hat: str | None
    hat_colour: str
    scarf: str | None
    boots: str | None
    glasses: bool
    beard: bool
    moustache: bool
    skirt: bool


def meaning(table: Mapping[str, str], word: str) -> str | None:
    """The entry of ``table`` that ``word`` stands for."""
    return next((entry for entry, words in table.items() if word == entry or word in words.split()), None)


def words_of(text: str) -> list[str]:
    """``text`` as lower-case words."""
    return re.findall(r"[a-zà-ÿ][a-zà-ÿ'-]*", text.lower())


def worn(look: Look) -> Outfit:
    """``look`` read as an outfit; what its words leave open follows from age, gender and seed."""
    coat = hat = style = None
    hat_colour, scarf, boots = "cream", None, None
    extras: set[str] = set()
    for item in look.wears:
        words = words_of(item)
        colour = next((found for word in words if (found := meaning(COLOURS, word))), None)
        for word in reversed(words):
            if found := meaning(EXTRAS, word):
                extras.add(found)
                scarf = (colour or "red") if found == "scarf" else scarf
                boots = (colour or "brown") if found == "boots" else boots
                break
            if words[-1] == "hair" and (found := meaning(HAIRS, word)):
                style = found
            elif found := meaning(HATS, word):
                hat = "beanie" if found == "brim" and {"wool", "woolly", "knitted", "bobble"} & set(words) else found
                hat_colour = colour or hat_colour
                break
            elif found := meaning(COATS, word):
                coat = found
                break
    open_styles = {
        "f": ("bob", "long", "bun", "ponytail", "curly"),
        "m": ("short", "spiky", "curly"),
        None: ("bob", "spiky", "curly"),
    }
    child_coats, coats = ("sweater", "raincoat", "overalls", "jacket"), ("coat", "sweater", "jacket", "shirt")
    choices = child_coats if look.age == "child" else coats
    styles = open_styles[look.gender]
    return Outfit(
        coat=coat or choices[look.seed % len(choices)],
        top=known(look.top, "teal"),
        legs=known(look.legs, "navy"),
        hair=known(look.hair, "chestnut"),
        hair_style=style or styles[(look.seed // 3) % len(styles)],
        hat=hat,
        hat_colour=hat_colour,
        scarf=scarf,
        boots=boots,
        glasses="glasses" in extras,
        beard="beard" in extras,
        moustache="moustache" in extras,
        skirt="skirt" in extras,
    )


def known(colour: str, otherwise: str) -> str:
    """``colour`` where the palette has it."""
    return colour if colour in named() else otherwise
