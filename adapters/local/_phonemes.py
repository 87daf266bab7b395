"""Text to the phonemes Kokoro was trained on, punctuation kept, since it carries the prosody.

English comes from hibari's rules and word lists, which speak Kokoro's alphabet. Other languages come from
espeak-ng, run as a program, whose IPA needs a few pairs written as one symbol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local.espeak_ng import ESPEAK
from filmbench.harness import models

TIE = "^"
JOINED = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "ɔ^ɪ": "Y", "o^ʊ": "O", "ə^ʊ": "Q",
    "t^ʃ": "ʧ", "d^ʒ": "ʤ", "t^s": "ʦ", "d^z": "ʣ",
}  # fmt: skip
PAUSE = re.compile(r"\s*((?:[;!?…—()\"“”«»¡¿]|[.,:](?!\d))+)\s*")
ABBREVIATION = re.compile(r"\b(Sra?s?|Sta|Sto|Dra?s?|Prof|Uds?|Vds?|Gral|Cap|Lic|Ing|Av|Avda|pág|núm|etc)\.(?=\s+\S)")


def english(text: str, british: bool) -> list[str]:
    """One phoneme string a sentence. Raises ``ModelUnavailable`` when hibari's files are not the pinned ones."""
    sentences, phonemes = _hibari(british)
    return [spoken for sentence in sentences(text) if (spoken := phonemes(sentence).strip())]


@cache
def _hibari(british: bool) -> tuple[Callable[[str], list[str]], Callable[[str], str]]:
    models.path("hibari")  # a package of re-packed weights is imported only after they were checked
    from hibari import Hibari
    from hibari.g2p import G2P

    return Hibari.split_sentences, G2P(british=british)


def spanish(text: str, folder: Path) -> list[str]:
    """One phoneme string a sentence, through espeak-ng; ``folder`` is the program's working folder.

    espeak-ng drops punctuation, so every stretch between two marks is asked alone and the marks are put back.
    """
    sentences: list[str] = []
    current = ""
    for stretch, mark in _stretches(text):
        kept = mark.translate(_MARKS)
        current += _ipa(stretch, folder) + (f" {kept}" if kept in ("(", "“") else f"{kept} ")
        if kept[-1:] in _ENDS:
            sentences.append(current)
            current = ""
    joined = (" ".join(sentence.split()) for sentence in (*sentences, current))
    return [sentence for sentence in joined if sentence]


_MARKS = str.maketrans({"«": "“", "»": "”", "¡": None, "¿": None, '"': None})
_ENDS = (".", "!", "?", "…")


def _stretches(text: str) -> list[tuple[str, str]]:
    """Text between marks, and the marks behind it; a full stop of an abbreviation is none."""
    parts = [*PAUSE.split(ABBREVIATION.sub(r"\1", text)), ""]
    return [(parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]


def _ipa(stretch: str, folder: Path) -> str:
    if not stretch.strip():
        return ""
    said = programs.run(ESPEAK, ["-q", "-b", "1", "--ipa", f"--tie={TIE}", "-v", "es", "--stdin"], folder, stretch)
    said = re.sub(r"\([a-z-]+\)", "", " ".join(said.split()))
    for pair, symbol in JOINED.items():
        said = said.replace(pair, symbol)
    return said.replace(TIE, "")


def packed(sentences: list[str], limit: int) -> list[str]:
    """``sentences`` joined, in order, into as few strings of at most ``limit`` symbols as greedy filling gives.

    A sentence above the limit is cut behind its last clause mark, else at a space, else anywhere.
    """
    chunks: list[str] = []
    for piece in (piece for sentence in sentences for piece in _cut(sentence, limit)):
        if chunks and len(chunks[-1]) + 1 + len(piece) <= limit:
            chunks[-1] += " " + piece
        else:
            chunks.append(piece)
    return chunks


def _cut(sentence: str, limit: int) -> list[str]:
    pieces: list[str] = []
    while len(sentence) > limit:
        window = sentence[:limit]
        marks = [found.end() for found in re.finditer(r"[,;:—…)”]\s", window)]
        cut = marks[-1] if marks else window.rfind(" ") + 1 or limit
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*pieces, sentence] if sentence else pieces
