"""Whatever a script holds, an engine speaks it or refuses it with a reason; it never runs it."""

import re

import pytest
import soundfile
from filmbench.adapters.local import _speech as speech
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, UsageError

ENGINES = ["local/hibari", "local/piper", "local/flite", "local/festival", "local/espeak-ng", "local/kokoro"]
HOSTILE = {
    "option": "-w stolen.wav --help camera",
    "scheme": '" ) (system "touch stolen.wav") (quit) ( camera',
    "shell": "$(touch stolen.wav) `touch stolen.wav`; touch stolen.wav | camera",
    "markup": "<speak><break time='9s'/></speak> [[h@l'oU]] [camera](/kæt/) camera",
    "lines": "The camera\n\nrolls.\r\nTwo\x00 \x1b[31mreds\u2028camera.",
    "symbols": "🎬 “Camera” — ‘rolling’… 100 % & <3 €5 #1 camera \ud800",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("id", ENGINES[:-1])
def test_hostile_text_is_only_ever_spoken(studio, id, name):
    path = studio.say(id, HOSTILE[name])
    assert 0.5 < soundfile.info(path).duration < 25
    assert {file.name for file in path.parent.iterdir()} <= {"speech.wav", "line.txt"}
    assert not [*studio.root.rglob("stolen*")]


def test_kokoro_speaks_hostile_text(studio):
    assert soundfile.info(studio.say("local/kokoro", HOSTILE["scheme"])).duration > 1
    assert soundfile.info(studio.say("local/kokoro", HOSTILE["option"], language="es")).duration > 1
    assert not [*studio.root.rglob("stolen*")]


@pytest.mark.parametrize("id", ["local/piper", "local/festival", "local/hibari"])
def test_words_amid_symbols_are_still_heard(studio, hear, id):
    takes = 4 if id == "local/piper" else 1  # Piper cannot be seeded: a take may slur a word, not each the same one
    heard: set[str] = set()
    for _ in range(takes):
        path = studio.say(id, '- "Stop!" (he said) — 🎬 the camera … keeps rolling; don’t move.')
        heard |= set(re.findall(r"[a-z]+", hear(path).lower()))
    assert heard >= {"stop", "camera", "rolling", "move"}


@pytest.mark.parametrize("id", ENGINES)
@pytest.mark.parametrize("text", ["", " \n", "…", "🎬 — !", "\x00"])
def test_text_without_a_word_is_an_invalid_input(studio, id, text):
    with pytest.raises(Refusal, match="no letter or digit") as refused:
        studio.say(id, text)
    assert refused.value.outcome is Outcome.INVALID


@pytest.mark.parametrize("id", ENGINES)
def test_too_long_a_text_and_a_foreign_language_are_refused(studio, id):
    with pytest.raises(Refusal, match="5000 characters") as refused:
        studio.say(id, "a " * 2501)
    assert refused.value.outcome is Outcome.INVALID
    request = studio.request(id, "Hei.")
    object.__setattr__(request.sample, "language", "xx")
    with pytest.raises(Refusal, match="does not speak xx") as refused:
        studio.engine(id).render(request, studio.media, studio.root)
    assert refused.value.outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize(
    ("id", "voice"), [("local/kokoro", "ef_dora"), ("local/festival", "lp_diphone"), ("local/espeak-ng", "fi")]
)
def test_a_voice_of_another_language_is_unsupported(studio, id, voice):
    with pytest.raises(Refusal, match=r"speaks (es|it|fi), not en") as refused:
        studio.say(id, "Hello.", voice=voice)
    assert refused.value.outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize("speed", [0.0, 0.49, 2.01, -1.0, float("nan")])
def test_an_impossible_speed_is_refused(studio, speed):
    with pytest.raises(Refusal, match=r"outside 0\.5 to 2") as refused:
        studio.say("local/espeak-ng", "Hello.", speed=speed)
    assert refused.value.outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("text", "letters", "narrow"),
    [
        ("“Don’t” — naïve café… 5 €", "", '"Don\'t", naive cafe... 5 euro'),
        ("Hyvää Łódź, Straße 🎬 ok", "äö", "Hyvää Lodz, Strasse ok"),
        ("— Perché è — già", "àèéìòù", "Perché è, già"),
    ],
)
def test_text_is_narrowed_to_what_an_old_engine_reads(text, letters, narrow):
    assert speech.narrowed(text, letters) == narrow


def test_threads_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("FILMBENCH_THREADS", "1")
    assert speech.threads() == 1
    monkeypatch.setenv("FILMBENCH_THREADS", "many")
    with pytest.raises(UsageError, match="FILMBENCH_THREADS"):
        speech.threads()


@pytest.mark.parametrize("id", ["local/flite", "local/festival", "local/kokoro"])
def test_text_in_a_script_the_engine_cannot_read_makes_no_take(studio, id):
    with pytest.raises(Refusal, match=r"no (sound|word)") as refused:
        studio.say(id, "カメラ")
    assert refused.value.outcome is Outcome.INVALID
