"""What is counted, against counts made by hand; long and odd scripts whole."""

from __future__ import annotations

import math

import pytest
from filmbench.harness.film import fountain, paper, speaking
from filmbench.harness.film.breakdown import GAP_SECONDS, LINE_SECONDS, Part, breakdown
from filmbench.harness.types import UsageError

TWO_PAGES = """\
Title: The Ferry

INT. FERRY HOUSE - NIGHT

Rain on the window. A radio hums.

Ada, 70, grey plaits, walks to the stove with a kettle that is older than she is and twice as loud.

ADA
It's the half-past-nine.

TOM
(from the door)
There is no half-past-nine, Gran.

ADA
There was. In 1961.

TOM (O.S.)
I'll get my coat.

EXT. PIER - NIGHT

Black water. Nobody.

INSERT - A TICKET

A ticket flies up and vanishes over the rail.

ADA
Run!

TOM ^
Ada!

EXT. PIER - NIGHT

Ada points. Out of the dark, through the window of fog, a ghost of a ferry.

> FADE OUT.
"""
SPANISH = """\
Title: El ferri
Language: es

INT. CASA DEL FERRI - NOCHE

Llueve.

ADA
Es el de las nueve.

TOM
No hay ninguno, abuela.

ADA
Lo había. En 1961.

TOM (O.S.)
Voy por el abrigo.

EXT. MUELLE - NOCHE

ADA
¡Corre!

TOM ^
¡Ada!

EXT. MUELLE - NOCHE

Ada señala.
"""


def test_words_by_hand() -> None:
    for text, count in [
        ("It's the half-past-nine.", 3),
        ("Wait...what? No—yes. 3.5 or 1,000!", 7),
        ("¿Qué? «L'eau», d’accord.", 3),
        ("... – !", 0),
    ]:
        assert speaking.words(text) == count, text
    assert speaking.letters("It's 9, né?") == 6


def test_a_script_counted_by_hand() -> None:
    found = breakdown(fountain.parse(TWO_PAGES), [fountain.parse(SPANISH)])
    english, spanish = speaking.rate("en").letters, speaking.rate("es").letters
    assert found.title == "The Ferry"
    assert found.languages == ("en", "es")
    assert found.locations == ("FERRY HOUSE", "PIER")
    assert [
        tuple(getattr(part, name) for name in ("character", "language", "lines", "words", "letters"))
        for part in found.parts
    ] == [
        ("ADA", "en", 3, 8, 18 + 14 + 3),
        ("TOM", "en", 3, 10, 25 + 12 + 3),
        ("ADA", "es", 3, 10, 14 + 13 + 5),
        ("TOM", "es", 3, 9, 18 + 14 + 3),
    ]
    assert [part.seconds for part in found.parts] == pytest.approx(
        [35 / english, 40 / english, 32 / spanish, 35 / spanish]
    )
    assert [part.seen_seconds for part in found.parts] == pytest.approx(
        [35 / english, 28 / english, 32 / spanish, 21 / spanish]
    )
    speech = [letters / english + GAP_SECONDS for letters in (18, 25, 14, 12)]
    # headings 2 lines; action of 1 and 2 lines on 60 columns and one blank each
    house = (2 + 2 + 3) * LINE_SECONDS + sum(speech)
    pier = (2 + 2 + 2 + 2) * LINE_SECONDS + 3 / english + GAP_SECONDS  # Run! and Ada! at once
    fog = (2 + 3) * LINE_SECONDS
    assert [scene.seconds for scene in found.scenes] == pytest.approx([house, pier, fog])
    assert [scene.shots for scene in found.scenes] == [1 + 2 + 4, 1 + 3 + 1, 1 + 1]
    assert [scene.eighths for scene in found.scenes] == [
        math.ceil(lines * 8 / 55) for lines in (7 + 3 + 4 + 3 + 3, 8 + 3, 5 + 2)
    ]
    assert [scene.characters for scene in found.scenes] == [("ADA", "TOM"), ("ADA", "TOM"), ()]
    assert found.seconds == pytest.approx(house + pier + fog)
    assert (found.shots, found.dialogue_shots) == (14, 4)
    assert found.motion_seconds == pytest.approx((3 + 3) * LINE_SECONDS)  # walks; points
    # three headings, rain, black water, the insert, the ticket
    assert found.generated_seconds == pytest.approx((3 * 2 + 2 + 2 + 2 + 2) * LINE_SECONDS)
    assert found.roto_seconds == pytest.approx(3 * LINE_SECONDS)  # through the window; ghost
    assert found.clean_up_seconds == pytest.approx(2 * LINE_SECONDS)  # flies, vanishes
    assert found.music_seconds == pytest.approx(house + 8 * LINE_SECONDS + fog)  # a radio in the house
    assert found.foley_seconds == found.seconds
    rules = dict(found.rules)
    assert speaking.rate("es").source in rules["parts"] and "2.18" not in rules["parts"]
    assert set(rules) >= {name for name in found.__dataclass_fields__ if name.endswith(("_seconds", "shots"))}


def test_a_language_that_was_not_measured() -> None:
    found = breakdown(fountain.parse("Language: de\n\nINT. HAUS - TAG\n\nEr geht.\n\nANNA\nGuten Tag."))
    assert found.motion_seconds is None and found.roto_seconds is None and found.clean_up_seconds is None
    assert found.generated_seconds == pytest.approx(2 * LINE_SECONDS)
    rules = dict(found.rules)
    assert "not known" in rules["motion_seconds"] and "not measured; the mean of" in rules["parts"]
    assert found.parts[0].seconds == pytest.approx(8 / speaking.rate("de").letters)


def test_rates_are_plausible_for_people() -> None:
    """Conversation is held at 10 to 20 letters a second; a unit mixed up would fall far outside."""
    assert {"en", "es", "fr", "it", "fi"} <= set(speaking.rates())
    for rate in speaking.rates().values():
        assert 9 < rate.letters < 20 and 1.5 < rate.words < 4.5


def long_script(pages: int) -> str:
    """Scenes of the two-page script, over and over, until there are so many pages."""
    body = TWO_PAGES.split("\n", 2)[2].replace("> FADE OUT.\n", "")
    lines = sum(map(paper.lines, fountain.parse(body).scenes))
    return "Title: Long\n\n" + body * math.ceil(pages * paper.PAGE / lines)


def test_a_feature_and_a_film_of_300_pages_are_counted_whole() -> None:
    once = breakdown(fountain.parse(TWO_PAGES))
    for pages in (110, 300):
        script = fountain.parse(long_script(pages))
        found = breakdown(script)
        times = len(script.scenes) // 3
        assert pages <= found.pages < pages + 2
        assert len(found.scenes) == 3 * times and found.shots == times * once.shots
        assert found.parts[0] == Part(
            "ADA",
            "en",
            *(times * one for one in (3, 8, 35, once.parts[0].characters)),
            *[pytest.approx(times * once.parts[0].seconds)] * 2,
        )
        assert found.seconds == pytest.approx(times * once.seconds)


def test_a_scene_with_forty_speakers() -> None:
    crowd = "".join(f"GUEST {number}\nHello there.\n\n" for number in range(40))
    found = breakdown(fountain.parse(f"INT. HALL - DAY\n\n{crowd}"))
    assert len(found.parts) == len(found.scenes[0].characters) == found.dialogue_shots == 40
    assert found.shots == 41


def test_nobody_speaks() -> None:
    found = breakdown(fountain.parse("EXT. SEA - DAY\n\nWaves.\n"))
    assert found.parts == () and found.dialogue_shots == 0
    assert found.seconds == found.generated_seconds == pytest.approx(4 * LINE_SECONDS)


def test_two_scripts_of_one_language() -> None:
    spanish = fountain.parse(SPANISH)
    with pytest.raises(UsageError, match="one language"):
        breakdown(fountain.parse(TWO_PAGES), [spanish, spanish])


def test_vendors_of_speech_count_every_sign() -> None:
    found = breakdown(fountain.parse("INT. HALL - DAY\n\nADA\nOh, no: 3 rats!\n\nBO\nWhere?\n"))
    assert [(part.letters, part.characters) for part in found.parts] == [(9, 15), (5, 6)]
