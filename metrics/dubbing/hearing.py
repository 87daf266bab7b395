"""What an independent listener hears in a dub, and who that listener is."""

from __future__ import annotations

import re

from filmbench.harness.protocols import View
from filmbench.metrics.features.heard import FEATURES as HEARD
from filmbench.metrics.features.transcript import FEATURES as TRANSCRIPTS
from filmbench.metrics.features.transcript import language
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts.normalise import NORMALISER, normalise

_BASE, _TINY = TRANSCRIPTS
SETTINGS = f"norm:{NORMALISER}|{HEARD[0].spec.signature}|to en:{_TINY.spec.signature}"
FEATURE_IDS = (HEARD[0].spec.id, _TINY.spec.id)
REQUIRES = (*HEARD[0].spec.requires, *_TINY.spec.requires)


def target(view: View) -> str:
    """The language of the dub. Raises :class:`Unmeasurable` where it is not known or not heard."""
    tongue = language(view.sample)
    if tongue is None:
        raise Unmeasurable("the sample names no language")
    if not _BASE.writes(tongue):
        raise Unmeasurable(f"{_BASE.weights} does not write the language {tongue!r}")
    return tongue


def heard(view: View) -> str:
    """What the dub says, as the listener spells it.

    Dubs into English are heard by Whisper tiny.en, all others by Whisper base: ``local/dub-chain`` hears English
    sources with tiny.en and all others with base, so that no dub from or into English is judged by the model that
    made it. Between two other languages base does both, on different sounds.
    """
    feature = _TINY.spec.id if target(view) == "en" else HEARD[0].spec.id
    return str(view.feature(feature, view.output("dubbed"))["text"])


def script(view: View) -> str:
    """The text that the arm says it speaks. Raises :class:`Unmeasurable` where it says none."""
    given = view.outputs("script")
    if not given:
        raise Unmeasurable("the take gives no script")
    return _written(given[0].text, "the take's script")


def translation(view: View) -> str:
    """What the human translator wrote. Raises :class:`Unmeasurable` where there is none."""
    return _written(view.sample.references.get("translation"), "the sample's translation")


def transcript(view: View) -> str:
    """What the source says. Raises :class:`Unmeasurable` where that is not known."""
    return _written(view.sample.references.get("transcript"), "the sample's transcript")


def plain(text: str, tongue: str) -> str:
    """``text`` normalised. Raises :class:`Unmeasurable` where no word is left."""
    found = normalise(text, tongue)
    if not found:
        raise Unmeasurable("the text holds no word to compare")
    return found


def _written(text: object, what: str) -> str:
    if not isinstance(text, str) or not re.search(r"\w", text):
        raise Unmeasurable(f"{what} is missing or holds no word")
    return text
