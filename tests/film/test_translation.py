"""A second language beside the first: lines by id, and the first place where two scripts part."""

from __future__ import annotations

from pathlib import Path

import pytest
from filmbench.harness.film import fountain, translation
from filmbench.harness.types import UsageError

ENGLISH = "INT. A - DAY\n\nANNA\nHello.\n\nBEN ^\nHi.\n\nEXT. B - DAY\n\nANNA\n(low)\nGo on now.\n"
SPANISH = ENGLISH.replace("Hello", "Hola").replace("Hi", "Ey").replace("Go on now", "Venga").replace("(low)\n", "")


def test_lines_by_id() -> None:
    assert translation.lines(fountain.parse(ENGLISH), fountain.parse(SPANISH, "es")) == {
        "1.1": "Hola.",
        "1.2": "Ey.",
        "2.1": "Venga.",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("BEN", "TOM"), ["line 1.2 in en is BEN's, at once", "“Hi.”", "line 1.2 in es is TOM's"]),
        (("BEN ^", "BEN"), ["line 1.2 in en is BEN's, at once with the one before, “Hi.”", "es is BEN's “Ey.”"]),
        (("\nEXT. B - DAY\n", ""), ["line 2.1 in en is ANNA's “Go on now.”", "line 1.3 in es is ANNA's"]),
        (("\nANNA\nVenga.\n", ""), ["line 2.1 in en is ANNA's “Go on now.”", "the es one ends before"]),
        (("Venga.", "Venga.\n\nINT. C\n\nx"), ["2 scenes in en, 3 in es"]),
    ],
)
def test_the_line_that_differs_is_named(change: tuple[str, str], said: list[str]) -> None:
    assert change[0] in SPANISH
    with pytest.raises(UsageError) as error:
        translation.lines(fountain.parse(ENGLISH), fountain.parse(SPANISH.replace(*change), "es"))
    assert all(part in str(error.value) for part in said), error.value


def test_a_translation_into_the_same_language() -> None:
    with pytest.raises(UsageError, match="own language"):
        translation.lines(fountain.parse(ENGLISH), fountain.parse(SPANISH))


def test_translations_lie_beside_the_script(tmp_path: Path) -> None:
    for name in ("a [1].fountain", "a [1].es.fountain", "a [1].FI.fountain", "a [1].v2.fountain", "ab.es.fountain"):
        (tmp_path / name).write_text(ENGLISH)
    found = translation.beside(tmp_path / "a [1].fountain")
    assert found == {"es": tmp_path / "a [1].es.fountain", "fi": tmp_path / "a [1].FI.fountain"}
