"""One spelling per spoken line, so that a word error is a wrong word and not another way to write it.

English goes through Whisper's own English normaliser (library ``whisper-normalizer``), which also reads
numbers, money and contractions. It is followed bug for bug, on both sides alike: "Smith's" becomes
"smith is". One rule of ours comes before it: Whisper also writes the time 6:45 as "6.45", so what can be a
time of day is read as one on both sides, unless a currency sign or a percentage says otherwise.

Other languages go through a light one of ours. Whisper's basic normaliser is no choice there: it deletes
the vowel signs of Indic scripts and Thai. In this order: numbers, percentages, sums of money and times of
day become words (library ``num2words``; Spanish, French, Italian, Finnish, German, Portuguese), Unicode
NFKC (so that full-width and composed forms agree), case folding, everything but letters, combining marks
and digits becomes a space, runs of spaces become one. Apostrophes and hyphens part words. Languages
written without spaces lose the spaces.

Known failures: numbers that are inflected (Finnish case endings) or agree in gender ("veintiuna"),
ordinals written with digits, and numbers in languages outside that list, where the listener may write
digits for words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

NORMALISER = "2"
"""The version of our rules, for signatures: raise it whenever a line could come out otherwise."""

_TIME = re.compile(r"(?<![\d.,$£€])([01]?\d|2[0-3])\.([0-5]\d)(?![\d%]|[.,]\d| ?percent)")

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words."""

CHARACTERS_ONLY = UNSPACED | {"ko"}
"""Languages whose word boundaries depend on the writer: only characters are compared."""


def normalise(text: str, language: str) -> str:
    """``text`` in the one spelling of ``language`` (two or three letters). Empty when nothing is spoken."""
    plain = _english()(_TIME.sub(r"\1:\2", text)) if language == "en" else _light(text, language)
    return plain if any(character.isalnum() for character in plain) else ""


def spoken(text: str, language: str) -> str:
    """The words as they are said, numbers written out: for counting syllables. English contractions stay whole."""
    return _light(re.sub("['’]", "", text) if language == "en" else text, language)


@cache
def _english() -> Any:
    from whisper_normalizer.english import EnglishTextNormalizer

    return EnglishTextNormalizer()


def _light(text: str, language: str) -> str:
    if language in _SPOKEN:
        text = _numbers_as_words(text, language)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_kept(character) for character in text)
    return kept.replace(" ", "") if language in UNSPACED else " ".join(kept.split())


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LMN":
        return character
    return "" if category == "Cf" else " "  # joiners and soft hyphens stand inside words


@dataclass(frozen=True, slots=True)
class _Spoken:
    """How a language reads signs aloud.

    ``point`` parts the decimals and is read as ``decimal``; ``thousands`` are the characters that may group digits.
    """

    point: str
    decimal: str
    percent: str
    euros: str
    dollars: str
    pounds: str
    thousands: str


_SPOKEN = {
    "en": _Spoken(".", "point", "percent", "euros", "dollars", "pounds", ","),
    "es": _Spoken(",", "coma", "por ciento", "euros", "dólares", "libras", ". "),
    "fr": _Spoken(",", "virgule", "pour cent", "euros", "dollars", "livres", " "),
    "it": _Spoken(",", "virgola", "per cento", "euro", "dollari", "sterline", "."),
    "fi": _Spoken(",", "pilkku", "prosenttia", "euroa", "dollaria", "puntaa", " "),
    "de": _Spoken(",", "Komma", "Prozent", "Euro", "Dollar", "Pfund", "."),
    "pt": _Spoken(",", "vírgula", "por cento", "euros", "dólares", "libras", "."),
}


def _numbers_as_words(text: str, language: str) -> str:
    spoken = _SPOKEN[language]
    number = rf"\d+(?:{re.escape(spoken.point)}\d+)?"
    text = re.sub(r"[\u00a0\u202f\u2009]", " ", text)
    text = re.sub(
        rf"(?<![\d,.])\d{{1,3}}(?:[{re.escape(spoken.thousands)}]\d{{3}})+(?!\d)",
        lambda match: re.sub(r"\D", "", match[0]),
        text,
    )
    text = re.sub(r"\b(\d{1,2})\s?[:hH]\s?(\d{2})\b", lambda match: f"{match[1]} {match[2]}".removesuffix(" 00"), text)
    for sign, name in (("€", spoken.euros), ("$", spoken.dollars), ("£", spoken.pounds), ("%", spoken.percent)):
        amount = rf"{re.escape(sign)}\s?({number})|({number})\s?{re.escape(sign)}"
        text = re.sub(amount, lambda match, name=name: f"{match[1] or match[2]} {name}", text)  # type: ignore[misc]
    return re.sub(number, lambda match: f" {_read(match[0], language, spoken)} ", text)


def _read(number: str, language: str, spoken: _Spoken) -> str:
    from num2words import num2words

    def words(digits: str) -> str:
        zeros = len(digits) - len(digits.lstrip("0")) if digits.strip("0") else len(digits) - 1
        return " ".join(str(num2words(int(part), lang=language)) for part in ["0"] * zeros + [digits[zeros:]])

    whole, _, fraction = number.partition(spoken.point)
    return f"{words(whole)} {spoken.decimal} {words(fraction)}" if fraction else words(whole)
