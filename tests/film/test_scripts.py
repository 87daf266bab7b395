"""The screenplays we ship are what the film needs: short, complete, and said in Spanish in no more time."""

from __future__ import annotations

import pytest
from filmbench.harness.film import formats, speaking, translation
from filmbench.harness.film.breakdown import breakdown
from filmbench.harness.film.picture.casting import cast
from filmbench.harness.film.screenplay import Action, Screenplay
from filmbench.harness.film.voices import cast_voices

MOODS = {"happy", "sad", "afraid", "angry", "surprised", "tender", "whispering"}


def both(name: str) -> tuple[Screenplay, Screenplay]:
    file = formats.SCRIPTS / f"{name}.fountain"
    return formats.read(file), formats.read(translation.beside(file)["es"])


@pytest.mark.parametrize("name", ["late-train", "excerpt"])
def test_both_languages_are_one_script(name: str) -> None:
    english, spanish = both(name)
    assert (english.language, spanish.language) == ("en", "es")
    assert english.remarks == spanish.remarks == ()
    said = translation.lines(english, spanish)
    assert all(
        len(ours.elements) == len(theirs.elements)
        and [type(one) for one in ours.elements] == [type(one) for one in theirs.elements]
        for ours, theirs in zip(english.scenes, spanish.scenes, strict=True)
    )
    for speech in english.speeches:
        assert {mood for _, mood in speech.directions} <= MOODS
        assert speaking.seconds(said[speech.id], "es") <= 1.05 * speaking.seconds(speech.text, "en"), speech.id


def test_the_film_has_what_it_promises() -> None:
    english, _ = both("late-train")
    found = breakdown(english)
    assert 90 <= found.seconds <= 120
    assert {scene.place for scene in english.scenes} == {"INT", "EXT"} and len(found.locations) == 3
    assert english.characters == ("OTTO", "NINA", "VERA")
    told = [element.text for scene in english.scenes for element in scene.elements if isinstance(element, Action)]
    for name in english.characters:
        (first,) = (text for text in told if name in text)
        assert name + ", " in first and any(age in first for age in ("80", "45", "9"))
    assert sum(text.startswith("INSERT") for text in told) == 2
    assert {mood for speech in english.speeches for _, mood in speech.directions} == MOODS


def test_everybody_has_a_voice_of_their_own() -> None:
    looks = cast(both("late-train")[0])
    assert [look.gender for look in looks.values()] == ["m", "f", "f"]
    voices = cast_voices("local/kokoro", looks, ("en", "es"), {})
    assert len({voices[name, "en"] for name in looks}) == 3
    assert voices["OTTO", "es"] != voices["NINA", "es"]


def test_the_excerpt_is_short() -> None:
    assert 10 <= breakdown(both("excerpt")[0]).seconds <= 18
