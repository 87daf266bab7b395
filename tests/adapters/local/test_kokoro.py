"""Kokoro's own parts: phonemes, long texts, voices that may not be tampered with."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from filmbench.adapters.local import _phonemes as phonemes
from filmbench.adapters.local import kokoro
from filmbench.harness import models
from filmbench.harness.types import UsageError

LONG = (
    "My father repaired clocks for forty years and was late to everything that mattered. He missed my birth, my "
    "graduation, and both of my weddings, the second by only six minutes. So when the hospital rang, I drove like a "
    "criminal, I ran up four flights of stairs, and I got there first. I sat beside him and held that watch to my "
    "ear, and it was perfectly on time. The nurse opened the window, the traffic stopped, and for a whole minute "
    "nobody in the city was late for anything at all. Then the camera stopped rolling, and we all went home."
)


def test_a_text_beyond_the_models_length_is_spoken_whole(studio, hear, error_rate):
    chunks = studio.engine("local/kokoro")._chunks(LONG, "us", Path())
    assert sum(map(len, chunks)) > kokoro.STYLES
    assert len(chunks) > 1
    path = studio.say("local/kokoro", LONG, speed=1.6)
    assert error_rate(LONG, hear(path)) < 0.15


def test_strings_are_packed_below_the_limit_without_losing_a_symbol():
    sentences = ["aaa bbb.", "ccc, ddd eee fff ggg.", "h" * 25, "ii."]
    assert phonemes.packed(sentences, 12) == ["aaa bbb.", "ccc,", "ddd eee fff", "ggg.", "h" * 12, "h" * 12, "h ii."]
    assert "".join(phonemes.packed(sentences, 12)).replace(" ", "") == "".join(sentences).replace(" ", "")


def test_joins_keep_the_models_silence_at_the_length_of_the_pause():
    quiet, loud = np.full(24_000, 0.001, np.float32), np.full(2_400, 0.5, np.float32)
    part = np.concatenate([quiet, loud, quiet])
    whole = kokoro.joined([part, part], [0.5])
    assert len(whole) == 24_000 + 2_400 + 12_000 + 2_400 + 24_000
    assert np.array_equal(kokoro.joined([part], []), part)


def test_english_phonemes_are_those_of_the_published_examples():
    assert phonemes.english("Hello there.", british=False) == ["həlˈO ðˈɛɹ."]
    assert phonemes.english("Hello there.", british=True) == ["həlˈQ ðˈɛː."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Pero ¿qué dices? Dijo «hola» ayer.", ["pˈeɾo kˈe ðˈiθes?", "dˈixo “ˈola” aʝˈeɾ."]),
        ("El Sr. García, muchacho...", ["el seɲˈoɾ ɣaɾθˈia, muʧˈaʧo..."]),
        ('Son 3,50 (creo); "ya"', ["sˈon tɾˈes komˌa θinkwˈɛnta (kɾˈeo); ʝˈa"]),
    ],
)
def test_spanish_phonemes_keep_the_punctuation(tmp_path, text, said):
    assert phonemes.spanish(text, tmp_path) == said


def test_every_phoneme_of_both_languages_is_in_the_vocabulary(tmp_path):
    said = [*phonemes.english(LONG, british=True), *phonemes.english(LONG, british=False)]
    said += phonemes.spanish(
        "Ñandú, güero, hay aire y llueve; yo reí, ¿tú no? ¡Chau, Xóchitl, kiwi, whisky, jazz!", tmp_path
    )
    assert set("".join(said)) <= set(kokoro.vocabulary())


def test_a_voice_is_a_table_of_styles_one_for_each_length():
    tables = [kokoro.styles(name) for name in kokoro.VOICES]
    assert {table.shape for table in tables} == {(510, 256)}
    assert all(np.isfinite(table).all() for table in tables)


def test_a_tampered_voice_is_refused(monkeypatch, tmp_path):
    copy = tmp_path / "kokoro"
    shutil.copytree(kokoro.data_folder(), copy)
    monkeypatch.setattr(kokoro, "data_folder", lambda: copy)
    content = bytearray((copy / "af_heart.bin").read_bytes())
    content[1000] ^= 1
    (copy / "af_heart.bin").write_bytes(content)
    with pytest.raises(UsageError, match="voice af_heart has other bytes"):
        kokoro.styles("af_heart")
    with pytest.raises(UsageError, match="voice af_heart has other bytes"):
        kokoro.Kokoro().load()


def test_tampered_weights_are_not_loaded(monkeypatch, tmp_path):
    weights = tmp_path / "kokoro" / "kokoro.onnx"
    weights.parent.mkdir()
    weights.write_bytes(b"not the model")
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(models, "_in_package", lambda package, inside: None)
    models.path.cache_clear()
    with pytest.raises(models.ModelUnavailable, match="other bytes than the pinned ones"):
        kokoro.Kokoro().load()
    models.path.cache_clear()


def test_the_voices_carry_their_notice():
    notice = (kokoro.data_folder() / "NOTICE").read_text()
    assert "Apache" in notice
    assert all(f"{name}.bin" in notice for name in kokoro.VOICES)
    assert {path.stem for path in kokoro.data_folder().glob("*.bin")} == set(kokoro.VOICES)


def test_kokoro_makes_no_sample_beyond_full_scale(studio):
    samples, _ = soundfile.read(studio.kept("local/kokoro", "Say it again."))
    assert np.abs(samples).max() <= 1.0
