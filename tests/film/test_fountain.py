"""Fountain's own rules, each on the smallest script that shows it, and any text whatever."""

from __future__ import annotations

import re

import pytest
from filmbench.harness.film import fountain
from filmbench.harness.film.screenplay import Action, Dialogue, Lyrics, Screenplay, Transition
from hypothesis import given, settings
from hypothesis import strategies as st

WHOLE = """\
Title:
    _**The Long**_
    ***Walk***
Credit: Written by
Author: Ada Ruiz
Draft date: 1/11/2026

# Act one

= They meet.

FADE IN:

EXT. MILL - YARD - NIGHT #1A#

The wheel turns. [[Is it *too* loud?]] Nobody is there.
Second line of the paragraph.

ANNA (V.O.) (CONT'D)
(low
and slow)
I was *ten*. /* cut: eleven */ Or
(beat)
nine.
~Row, row
And that was that.

@deRoy
Two \\*stars\\*, an _under_line and snake_case.
<two spaces>
After a gap.

ANNA
Yes!

DEROY ^
No!

!BANG GOES THE DOOR
And again.

> THE END <

> Burn to white.

CUT TO:

===

.DREAM
/* a comment
over lines */

~Alone they sing

...and nothing more.

INT./EXT. CAR – DAWN

SEÑORA ÁVILA (on the radio)
¿Sí?
""".replace("<two spaces>", "  ")


def elements(text: str) -> list[object]:
    return [element for scene in fountain.parse(text).scenes for element in scene.elements]


def one(text: str) -> object:
    (only,) = elements(text)
    return only


def test_a_whole_script() -> None:
    script = fountain.parse(WHOLE)
    assert (script.title, script.author, script.language) == ("The Long Walk", "Ada Ruiz", "en")
    assert script.about == (("credit", "Written by"), ("draft date", "1/11/2026"))
    assert script.notes == ("Is it *too* loud?", "Act one", "They meet.")
    assert script.remarks == ()
    mill, dream, car = script.scenes
    assert (mill.place, mill.location, mill.time, mill.label) == ("EXT", "MILL - YARD", "NIGHT", "1A")
    assert mill.elements == (
        Transition("FADE IN:"),
        Action("The wheel turns. Nobody is there.\nSecond line of the paragraph."),
        Dialogue("1.1", "ANNA", "I was ten. Or nine.", ((0, "low and slow"), (4, "beat")), "V.O."),
        Lyrics("Row, row", "ANNA"),
        Dialogue("1.2", "ANNA", "And that was that.", (), "V.O."),
        Dialogue("1.3", "deRoy", "Two *stars*, an _under_line and snake_case. After a gap."),
        Dialogue("1.4", "ANNA", "Yes!"),
        Dialogue("1.5", "DEROY", "No!", dual=True),
        Action("BANG GOES THE DOOR\nAnd again."),
        Action("THE END", centred=True),
        Transition("Burn to white."),
        Transition("CUT TO:"),
    )
    assert (dream.heading, dream.place, dream.location, dream.time) == ("DREAM", None, "DREAM", None)
    assert dream.elements == (Lyrics("Alone they sing"), Action("...and nothing more."))
    assert (car.number, car.place, car.location, car.time) == (3, "INT/EXT", "CAR", "DAWN")
    assert car.elements == (Dialogue("3.1", "SEÑORA ÁVILA", "¿Sí?", extension="on the radio"),)
    assert script.characters == ("ANNA", "deRoy", "DEROY", "SEÑORA ÁVILA")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("*a* **b** ***c*** _d_", "a b c d"),
        ("*a **b** c*", "a b c"),
        ("_a *b* c_", "a b c"),
        ("***a** b*", "a b"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a * b*", "a * b*"),
        ("*open", "*open"),
        ("shut*", "shut*"),
        ("file_name_here", "file_name_here"),
        (r"\*a\* and \_b\_", "*a* and _b_"),
        (r"**\*a**", "*a"),
        ("", ""),
    ],
)
def test_emphasis(written: str, spoken: str) -> None:
    assert fountain.plain(written) == spoken


def test_emphasis_stays_on_its_line() -> None:
    assert fountain.plain("*a\nb*") == "*a\nb*"


@pytest.mark.parametrize(
    ("line", "place", "location", "time"),
    [
        ("INT. HOUSE - DAY", "INT", "HOUSE", "DAY"),
        ("int house", "INT", "house", None),
        ("EST. HARBOUR - LATE THAT NIGHT", "EXT", "HARBOUR", "LATE THAT NIGHT"),
        ("I/E VAN -- CONTINUOUS", "INT/EXT", "VAN", "CONTINUOUS"),
        ("EXT./INT. DOOR", "INT/EXT", "DOOR", None),
        ("INT. HOTEL - NIGHT CLUB", "INT", "HOTEL - NIGHT CLUB", None),
        ("INT. HALLWAY, UPSTAIRS, A MOMENT LATER", "INT", "HALLWAY, UPSTAIRS", "A MOMENT LATER"),
        ("EXT. ROAD - NIGHT (1973)", "EXT", "ROAD", "NIGHT (1973)"),
        ("INT. SALÓN — NOCHE", "INT", "SALÓN", "NOCHE"),
        ("EXT. MÖKKI – YÖ", "EXT", "MÖKKI", "YÖ"),
        ("INT. JEAN-LUC'S ROOM - DAY 2", "INT", "JEAN-LUC'S ROOM", "DAY 2"),
    ],
)
def test_headings(line: str, place: str, location: str, time: str | None) -> None:
    scene = fountain.parse(f"\n{line}\n\nHe sits.\n").scenes[0]
    assert (scene.heading, scene.place, scene.location, scene.time) == (line, place, location, time)


@pytest.mark.parametrize(
    "line", ["INTERIOR design is a trade.", "INTO THE DARK", "EXTRA, extra.", "int. is short for interior,\nhe says."]
)
def test_what_is_no_heading(line: str) -> None:
    assert one(line) == Action(line)


def test_what_is_no_name() -> None:
    assert one("ANNA\n\n") == Action("ANNA")
    assert one("23\nof them.") == Action("23\nof them.")
    assert one("Anna\nHello.") == Action("Anna\nHello.")
    assert one("ANNA (V.O.) sits\nHello.") == Action("ANNA (V.O.) sits\nHello.")


def test_names() -> None:
    assert one("R2D2\nBeep.") == Dialogue("1.1", "R2D2", "Beep.")
    assert one("MRS. O'HARA-SMITH #2\nHi.") == Dialogue("1.1", "MRS. O'HARA-SMITH #2", "Hi.")
    assert one("ÄITI\nNo niin.") == Dialogue("1.1", "ÄITI", "No niin.")
    assert one("@黒澤 ^\nはい") == Dialogue("1.1", "黒澤", "はい", dual=True)
    assert one("ANNA (CONT’D)(O.S., whispered)\nHi.") == Dialogue("1.1", "ANNA", "Hi.", extension="O.S., whispered")


def test_below_a_name_everything_is_said() -> None:
    said = "NEVER SAY\n.never\n!or\n#1 fan\nCUT TO:\nINT. X\n(wryly) he says (twice)\n(open"
    spoken = one(f"ANNA\n{said}")
    assert isinstance(spoken, Dialogue)
    assert spoken.text == " ".join(said.split())


def test_a_name_with_nothing_but_a_direction_acts() -> None:
    assert one("ANNA\n(shrugs)") == Action("ANNA (shrugs)")


def test_a_note_may_hold_an_empty_line_only_with_two_spaces() -> None:
    joined = fountain.parse("ANNA\nI said [[one\n  \ntwo]] yes.")
    assert [speech.text for speech in joined.speeches] == ["I said yes."]
    assert joined.notes == ("one two",)
    parted = fountain.parse("ANNA\nI said [[one\n\ntwo]] yes.")
    assert [element.text for element in parted.scenes[0].elements] == ["I said [[one", "two]] yes."]
    assert parted.remarks[0].startswith("A note [[")


def test_an_open_comment_hides_nothing() -> None:
    script = fountain.parse("Hello /* there.\n\nANNA\nHi.")
    assert [speech.text for speech in script.speeches] == ["Hi."]
    assert "never closed" in script.remarks[0]


def test_a_title_page_is_one_only_with_a_known_key() -> None:
    assert one("FADE IN:\n") == Transition("FADE IN:")
    assert one("Intro: a man.\n") == Action("Intro: a man.")
    script = fountain.parse("Autora: x\nLanguage: es-MX\nTitle: Ola\n\nANA\nHola.")
    assert (script.language, script.title, script.about) == ("es", "Ola", (("autora", "x"),))
    assert fountain.parse("Title: Ola\n\nANA\nHola.", language="pt").language == "pt"


def test_windows_and_old_mac_lines() -> None:
    for end in ("\r\n", "\r"):
        assert fountain.parse(WHOLE.replace("\n", end)) == fountain.parse(WHOLE)


def test_pages_by_hand() -> None:
    # heading 1+1, action of 61 letters in two lines 2+1, name and speech of 36 letters in two lines 1+2+1: 9 lines
    nine = "INT. A - DAY\n\n" + "x" * 30 + " " + "y" * 30 + "\n\nANNA\n" + "x" * 17 + " " + "y" * 18 + "\n\n"
    assert fountain.parse(nine).pages == 2 / 8  # 9 of 55 lines are 1.3 eighths
    assert fountain.parse(nine * 55).pages == 9
    # both 4 lines: said at once, they take 4, not 8
    both = "INT. A - DAY\n\nANNA\na b\n\nBEN ^\nc d\n\n"
    assert fountain.parse(both * 55).pages == (2 + 3) * 55 / 55


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def everything(script: Screenplay) -> str:
    told = [script.title, script.author or "", *script.notes, *(part for pair in script.about for part in pair)]
    for scene in script.scenes:
        told += [scene.heading, scene.label or ""]
        for element in scene.elements:
            told += [element.text, getattr(element, "character", None) or "", getattr(element, "extension", None) or ""]
            told += [direction for _, direction in getattr(element, "directions", ())]
    return " ".join(told)


SIGNS = st.sampled_from(
    [*"*_~!@#=>.<^()[]/\\: \t\n", "\n\n", "  \n", "[[", "]]", "/*", "*/", "INT. ", "ANNA\n", "ÄITI\n"]
)
TEXTS = st.lists(SIGNS | st.text(max_size=8)).map("".join)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXTS)
def test_any_text_is_read(text: str) -> None:
    script = fountain.parse(text)
    assert len({speech.id for speech in script.speeches}) == len(list(script.speeches))
    assert all(element.text.strip() for scene in script.scenes for element in scene.elements)


PLAIN = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
SPEECH = (
    st.lists(PLAIN, min_size=1, max_size=6)
    .map(" ".join)
    .filter(lambda line: words(line) and not any(mark in line for mark in ("/*", "[[", "]]")) and line[0] not in "(~")
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(SPEECH, min_size=1, max_size=5))
def test_no_word_of_dialogue_is_lost(lines: list[str]) -> None:
    """Whatever is said, in whatever signs, comes out word by word and nothing of the story around it with it."""
    script = fountain.parse("INT. ROOM - DAY\n\nHe sits.\n\nANNA\n" + "\n".join(lines) + "\n\nHe stands.")
    (speech,) = script.speeches
    marks = str.maketrans("", "", "*_\\")
    assert words(speech.text.translate(marks)) == words(" ".join(lines).translate(marks))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXTS.filter(lambda text: "/*" not in text))
def test_no_word_of_any_text_is_lost(text: str) -> None:
    """Nor of anything else: each letter is somewhere, as often as it was written."""
    found = everything(fountain.parse(text, title=""))
    assert sorted(filter(str.isalpha, found.lower())) == sorted(filter(str.isalpha, text.lower()))
