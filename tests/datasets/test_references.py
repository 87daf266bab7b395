"""People's own readings joined to a dataset."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.types import UsageError


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))


def tone(file: Path, hertz: float, loudness: float = 0.3) -> Path:
    """A second of sound, enough for a recording."""
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = loudness * np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return file


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    tone(tmp_path / "readings/en-s01-l1.wav", 200)
    tone(tmp_path / "readings/fi-s01-l1.wav", 300)
    (tmp_path / "readings/notes.txt").write_text("not a recording")
    return tmp_path / "readings"


def test_readings_join_the_samples(readings: Path) -> None:
    plain = dataset.load("film-lines")
    joined = dataset.with_references(plain, readings)
    assert joined.human_reference and not plain.human_reference
    assert joined.sha256 != plain.sha256
    assert [s.id for s in joined.samples if s.references] == ["en-s01-l1", "fi-s01-l1"]
    reference = joined.samples[0].references["speech"]
    assert joined.media[reference.sha256] == readings / "en-s01-l1.wav"
    assert [s.inputs for s in joined.samples] == [s.inputs for s in plain.samples]


def test_imported_readings_outlive_the_folder(readings: Path, tmp_path: Path) -> None:
    kept = tmp_path / "store"
    assert dataset.import_references(dataset.load("film-lines"), readings, kept) == 2
    shutil.rmtree(readings)
    loaded = dataset.load("film-lines", store=kept)
    assert [s.id for s in loaded.samples if s.references] == ["en-s01-l1", "fi-s01-l1"]
    assert loaded.media[loaded.samples[0].references["speech"].sha256].is_relative_to(kept)


def test_a_second_import_adds_and_replaces(readings: Path, tmp_path: Path) -> None:
    kept, plain = tmp_path / "store", dataset.load("film-lines")
    dataset.import_references(plain, readings, kept)
    before = dataset.load("film-lines", store=kept)
    tone(tmp_path / "more/en-s01-l1.wav", 250)
    tone(tmp_path / "more/en-s01-l2.wav", 260)
    dataset.import_references(plain, tmp_path / "more", kept)
    after = dataset.load("film-lines", store=kept)
    assert [s.id for s in after.samples if s.references] == ["en-s01-l1", "en-s01-l2", "fi-s01-l1"]
    assert after.samples[0].references != before.samples[0].references
    assert after.sha256 != before.sha256


def test_no_import_changes_nothing(tmp_path: Path) -> None:
    assert dataset.load("film-lines", store=tmp_path / "none") == dataset.load("film-lines")


def test_a_changed_copy_is_refused(readings: Path, tmp_path: Path) -> None:
    kept = tmp_path / "store"
    dataset.import_references(dataset.load("film-lines"), readings, kept)
    tone(next((kept / "references/media").glob("*.wav")), 999)
    with pytest.raises(UsageError, match="not the reading that was imported"):
        dataset.load("film-lines", store=kept)


def test_readings_of_another_version_are_refused(readings: Path, tmp_path: Path) -> None:
    kept = tmp_path / "store"
    dataset.import_references(dataset.load("film-lines"), readings, kept)
    listing = kept / "references/film-lines.json"
    listing.write_text(listing.read_text().replace("film-lines@1.0.0", "film-lines@0.9.0"))
    with pytest.raises(UsageError, match=r"film-lines@0\.9\.0"):
        dataset.load("film-lines", store=kept)


def test_unknown_names_are_listed_with_the_nearest(readings: Path) -> None:
    tone(readings / "en_s24_l2.wav", 200)
    tone(readings / "take one.wav", 200)
    with pytest.raises(UsageError, match="en_s24_l2, take one") as error:
        dataset.with_references(dataset.load("film-lines"), readings)
    assert error.value.hint == "is en_s24_l2 meant to be en-s24-l2?"


def test_two_files_for_one_sample_are_refused(readings: Path) -> None:
    (readings / "en-s01-l1.flac").write_bytes(b"x")
    with pytest.raises(UsageError, match="readings of one sample"):
        dataset.with_references(dataset.load("film-lines"), readings)


def test_a_folder_without_recordings_says_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no recordings") as error:
        dataset.with_references(dataset.load("film-lines"), tmp_path)
    assert "en-s01-l1.wav" in str(error.value.hint)


@pytest.mark.parametrize("content", [b"", b"just some words, saved as sound", None])
def test_what_is_no_sound_is_not_imported(readings: Path, tmp_path: Path, content: bytes | None) -> None:
    file = readings / "en-s02-l1.wav"
    if content is None:
        tone(file, 200, loudness=0.0)
    else:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=r"en-s02-l1\.wav"):
        dataset.import_references(dataset.load("film-lines"), readings, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_readings_join_whatever_way_the_dataset_is_named(readings: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "metadata.csv").write_text("en-s01-l1|Hello.\nfi-s01-l1|Hei.\n")
    ref = f"ljspeech:{corpus}"
    dataset.import_references(dataset.load(ref), readings, tmp_path / "store")
    assert all(sample.references for sample in dataset.load(ref, tmp_path / "store").samples)
