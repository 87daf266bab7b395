"""Syllables by spelling."""

import pytest
from filmbench.metrics.tts.syllables import LANGUAGES, count


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "the=1 take=1 little=2 called=1 started=2 wishes=2 takes=1 apples=2 something=2 radio=3 nation=2 "
               "million=2 usual=3 doing=2 video=3 quiet=2 didn't=2 we're=1 yes=1 hundred=2 beautiful=3 mr=2"),
        ("es", "hola=2 ciudad=2 día=2 guerra=2 queso=2 aéreo=4 muy=1 también=2 cuando=2 pingüino=3"),
        ("it", "due=2 mio=2 perché=2 giorno=2 figlio=2 questo=2 paese=3 può=1 scienza=2"),
        ("fr", "homme=1 parle=1 appuyez=3 été=2 est=1 que=1 guerre=1 naïf=2 monde=1"),
        ("fi", "hyvää=2 päivää=2 talo=2 maa=1 ruoka=2 kauan=2 tietoa=3 yö=1"),
        ("ru", "молоко=3 я=1 в=0 её=2 письмо=2"),
    ],
)  # fmt: skip
def test_words(language, words):
    expected = dict(pair.split("=") for pair in words.split())
    assert {word: count(word, language) for word in expected} == {word: int(n) for word, n in expected.items()}


def test_whole_lines_with_numbers_and_contractions():
    assert count("Mr. Smith didn't pay $2.3 million at 10:30; it's o'clock.", "en") == 20
    assert count("L'homme n'est pas là.", "fr") == 4
    assert count("Tengo 21 años", "es") == 7
    assert count("…", "en") == 0


def test_languages_without_rules_have_no_count():
    assert count("こんにちは", "ja") is None
    assert {"en", "es", "fr", "it", "fi"} <= LANGUAGES
