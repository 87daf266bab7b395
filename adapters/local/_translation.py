"""Apertium: translation by rule, from Debian's packages. Weak, but real: what it gives is called a machine draft.

Languages without a pair of their own go through a third. GPL-2+ and GPL-3+, so it is run as a program.
Source: Forcada et al. 2011, "Apertium: a free/open-source platform for rule-based machine translation".
"""

from __future__ import annotations

from pathlib import Path

from filmbench.adapters.local import _programs as programs
from filmbench.harness.protocols import Refusal

APERTIUM = programs.program("apertium")
DRAFT = "machine draft"

ROUTES = {
    ("en", "es"): ("eng-spa",),
    ("es", "en"): ("spa-eng",),
    ("es", "it"): ("spa-ita",),
    ("it", "es"): ("ita-spa",),
    ("es", "fr"): ("es-fr",),
    ("fr", "es"): ("fr-es",),
    ("en", "it"): ("eng-cat", "cat-ita"),
    ("en", "fr"): ("eng-cat", "cat-fra"),
    ("fr", "en"): ("fr-es", "spa-eng"),
    ("it", "en"): ("ita-spa", "spa-eng"),
    ("fr", "it"): ("fr-es", "spa-ita"),
    ("it", "fr"): ("ita-spa", "es-fr"),
}
"""Apertium's modes from one language to another, in order."""
PACKAGES = {
    "eng-spa": "apertium-eng-spa", "spa-eng": "apertium-eng-spa", "spa-ita": "apertium-spa-ita",
    "ita-spa": "apertium-spa-ita", "es-fr": "apertium-fr-es", "fr-es": "apertium-fr-es",
    "eng-cat": "apertium-eng-cat", "cat-ita": "apertium-cat-ita", "cat-fra": "apertium-fra-cat",
}  # fmt: skip
"""The Debian package that holds each mode."""


def route(source: str, target: str) -> tuple[str, ...]:
    """The modes from ``source`` to ``target``. Raises :class:`Refusal` where there are none, or not installed."""
    modes = ROUTES.get((source, target))
    if modes is None:
        raise Refusal(f"apertium has no pair from {source} to {target}")
    for package in dict.fromkeys(PACKAGES[mode] for mode in modes):
        if programs.debian_version(package) is None:
            raise Refusal(f"{source} to {target} is not installed: {programs.debian(package).remedy}")
    return modes


def translated(text: str, modes: tuple[str, ...], folder: Path) -> str:
    """``text`` through ``modes``; words that no dictionary holds come out as they are."""
    for mode in modes:
        text = programs.run(APERTIUM, ["-u", "-f", "txt", mode], folder, text)
    return " ".join(text.split())


def versions() -> str:
    """Apertium's version and those of the language pairs that are installed."""
    pairs = {package: programs.debian_version(package) for package in dict.fromkeys(PACKAGES.values())}
    installed = ", ".join(f"{package} {version}" for package, version in pairs.items() if version)
    return f"apertium {programs.debian_version('apertium') or 'of unknown version'}, {installed}"
