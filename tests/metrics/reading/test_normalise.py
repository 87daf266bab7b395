"""The normaliser: Whisper's own golden lines for English, our rules for the others."""

import pytest
from filmbench.metrics.tts.normalise import normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (
            "I'm fifty-two years old, Mr. Smith's colour TV cost $20 million!",
            "i am 52 years old mister smith is color tv cost $20000000",
        ),
        ("two hundred and one", "201"),
        ("um, let's go — it's 10:30", "let us go it is 10 30"),
        ("…!", ""),
    ],
)
def test_english_is_whispers_own(written, plain):
    assert normalise(written, "en") == plain


@pytest.mark.parametrize(
    ("language", "written", "plain"),
    [
        ("es", "¡Son las 10:30 y debes 1.250 €!", "son las diez treinta y debes mil doscientos cincuenta euros"),
        ("es", "¿Vienes a las 7:00?", "vienes a las siete"),
        ("fr", "L’homme a 42 ans.", "l homme a quarante deux ans"),
        ("fr", "3,14 et 0,05", "trois virgule quatorze et zéro virgule zéro cinq"),
        ("fr", "10 000 $", "dix mille dollars"),
        ("it", "Perché? C'è il 50%", "perché c è il cinquanta per cento"),
        ("fi", "Se maksoi 25 €.", "se maksoi kaksikymmentäviisi euroa"),
        ("es", "agente 007", "agente cero cero siete"),
        ("hi", "हिन्दी में लिखा है।", "हिन्दी में लिखा है"),
        ("th", "ภาษา ไทย", "ภาษาไทย"),
        ("zh", "你好，世界！ＡＢＣ１", "你好世界abc1"),
        ("de", "Straße", "strasse"),
        ("ru", "«Ёлка» — 5", "ёлка 5"),
        ("fr", "?!", ""),
    ],
)
def test_other_languages(language, written, plain):
    assert normalise(written, language) == plain


def test_composed_and_decomposed_letters_agree():
    assert normalise("caf\u00e9", "fr") == normalise("cafe\u0301", "fr")


def test_digits_and_words_agree_where_the_listener_chooses():
    assert normalise("Tengo 21 años", "es") == normalise("tengo veintiuno años", "es")
    assert normalise("Ho 1.234 euro", "it") == normalise("ho milleduecentotrentaquattro euro", "it")


@pytest.mark.parametrize("heard", ["The vault opens at 6.45.", "The vault opens at 6:45!", "the vault opens at 6 45"])
def test_a_time_is_a_time_however_the_listener_writes_it(heard):
    assert normalise(heard, "en") == normalise("The vault opens at 6:45.", "en")


@pytest.mark.parametrize("text", ["It cost $6.45.", "Up 6.45% since May.", "Version 1.10.45 is out."])
def test_what_is_no_time_stays_as_whisper_reads_it(text):
    from whisper_normalizer.english import EnglishTextNormalizer

    assert normalise(text, "en") == EnglishTextNormalizer()(text)
