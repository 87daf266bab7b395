"""Every voice really speaks: it is understood, has its engine's rate, a natural length, and is no other voice."""

from itertools import combinations

import numpy as np
import pytest
import soundfile
from filmbench.adapters.local.espeak_ng import DEFAULT

LINES = {
    "en": "The quick brown fox jumps over the lazy dog, and the camera keeps rolling.",
    "es": "La cámara sigue rodando y nadie apaga la luz del faro. ¿Quién ha cerrado la puerta?",
    "fr": "La caméra tourne encore et personne n'éteint la lumière du phare.",
    "it": "La camera continua a girare e nessuno spegne la luce del faro.",
    "fi": "Kamera käy yhä, eikä kukaan sammuta majakan valoa.",
    "ru": "Камера всё ещё работает, и никто не гасит свет маяка.",
}
NEURAL, STATISTICAL, FORMANT = ("words", 0.35), ("words", 0.5), ("characters", 0.5)
"""Greatest error rate per kind of engine: Whisper hears the engine's accent too, and buzzing French hardly."""
VOICES = [
    ("local/kokoro", "af_heart", "en", 24_000, NEURAL),
    ("local/kokoro", "am_puck", "en", 24_000, NEURAL),
    ("local/kokoro", "bf_emma", "en", 24_000, NEURAL),
    ("local/kokoro", "bm_george", "en", 24_000, NEURAL),
    ("local/kokoro", "ef_dora", "es", 24_000, NEURAL),
    ("local/kokoro", "em_alex", "es", 24_000, NEURAL),
    ("local/hibari", None, "en", 24_000, NEURAL),
    ("local/piper", None, "en", 22_050, NEURAL),
    ("local/flite", "slt", "en", 16_000, STATISTICAL),
    ("local/flite", "rms", "en", 16_000, STATISTICAL),
    ("local/flite", "awb", "en", 16_000, STATISTICAL),
    ("local/festival", "cmu_us_slt_arctic_hts", "en", 32_000, STATISTICAL),
    ("local/festival", "lp_diphone", "it", 16_000, STATISTICAL),
    ("local/festival", "pc_diphone", "it", 16_000, STATISTICAL),
    ("local/festival", "suo_fi_lj_diphone", "fi", 22_050, FORMANT),
    ("local/espeak-ng", "en-us", "en", 22_050, STATISTICAL),
    ("local/espeak-ng", "en-gb", "en", 22_050, STATISTICAL),
    ("local/espeak-ng", "es", "es", 22_050, FORMANT),
    ("local/espeak-ng", "fr-fr", "fr", 22_050, FORMANT),
    ("local/espeak-ng", "it", "it", 22_050, FORMANT),
    ("local/espeak-ng", "fi", "fi", 22_050, FORMANT),
    ("local/espeak-ng", "ru", "ru", 22_050, FORMANT),
]
WOMEN_AND_MEN = [
    ("local/kokoro", "en", "af_heart", "am_puck"),
    ("local/kokoro", "en", "bf_emma", "bm_george"),
    ("local/kokoro", "es", "ef_dora", "em_alex"),
    ("local/flite", "en", "slt", "rms"),
    ("local/festival", "it", "lp_diphone", "pc_diphone"),
]


def spoken(studio, id, voice, language):
    return studio.kept(id, LINES[language], language=language, **({"voice": voice} if voice else {}))


@pytest.mark.parametrize(("id", "voice", "language", "rate", "errors"), VOICES)
def test_a_voice_is_understood_and_sounds_as_recorded(studio, hear, error_rate, id, voice, language, rate, errors):
    path = spoken(studio, id, voice, language)
    info = soundfile.info(path)
    samples, _ = soundfile.read(path)
    assert (info.samplerate, info.channels, info.subtype) == (rate, 1, "PCM_16")
    assert 9 < len(LINES[language]) / info.duration < 22, "characters a second"
    assert np.abs(samples).max() > 0.1
    of, most = errors
    assert error_rate(LINES[language], hear(path, language), language, of) <= most


def test_no_two_voices_of_one_language_are_the_same_sound(studio):
    for first, second in combinations(VOICES, 2):
        if first[2] == second[2]:
            one, other = (spoken(studio, *voice[:3]).read_bytes() for voice in (first, second))
            assert one != other, (first, second)


@pytest.mark.parametrize(("id", "language", "woman", "man"), WOMEN_AND_MEN)
def test_a_woman_speaks_higher_than_a_man(studio, id, language, woman, man):
    high, low = (median_pitch(spoken(studio, id, voice, language)) for voice in (woman, man))
    assert high > 1.15 * low
    assert 70 < low < 190 < high + 30 < 300


def median_pitch(path):
    import pyworld

    samples, rate = soundfile.read(path)
    pitch, _ = pyworld.dio(samples, rate)
    return np.median(pitch[pitch > 0])


@pytest.mark.parametrize("language", sorted(set(DEFAULT) - set(LINES)))
def test_espeak_speaks_every_language_it_claims(studio, language):
    path = studio.say("local/espeak-ng", "Radio taxi hotel.", language=language)
    english = studio.kept("local/espeak-ng", "Radio taxi hotel.")
    assert soundfile.info(path).duration > 0.5
    assert path.read_bytes() != english.read_bytes()


@pytest.mark.parametrize("id", ["local/kokoro", "local/hibari", "local/flite", "local/festival", "local/espeak-ng"])
def test_the_same_take_gives_the_same_bytes(studio, id):
    assert studio.say(id, "Say it again.").read_bytes() == studio.kept(id, "Say it again.").read_bytes()


def test_hibari_breathes_anew_in_another_take(studio):
    first, second = (studio.kept("local/hibari", "Say it again.", take=take) for take in (0, 1))
    assert soundfile.info(first).frames == soundfile.info(second).frames
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize("id", ["local/kokoro", "local/hibari", "local/espeak-ng"])
def test_speed_shortens_a_line(studio, id):
    slow, fast = (soundfile.info(studio.kept(id, "Say it again.", speed=speed)).duration for speed in (1.0, 1.6))
    assert fast < 0.85 * slow


def test_a_direction_changes_nothing_in_engines_that_cannot_act(studio):
    plain = studio.kept("local/espeak-ng", "Say it again.")
    assert studio.say("local/espeak-ng", "Say it again.", direction="whispered").read_bytes() == plain.read_bytes()
