"""Corpora as people have them on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from filmbench.harness import dataset
from filmbench.harness.dataset import filehash
from filmbench.harness.types import Sample, UsageError


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def heard(loaded: dataset.Dataset, sample: Sample) -> str | None:
    """The file name of the sample's reference."""
    reference = sample.references.get("speech")
    return loaded.media[reference.sha256].name if reference else None


@pytest.fixture
def ljspeech(tmp_path: Path) -> Path:
    table = (
        "LJ001-0001|Printing, in 1890|Printing, in eighteen ninety\n"
        'LJ001-0002|a "quoted, odd" start|a "quoted, odd" start\n'
        "LJ002-0001|No recording|No recording\n"
    )
    return write(
        tmp_path / "LJSpeech-1.1", {"metadata.csv": table, "wavs/LJ001-0001.wav": "one", "wavs/LJ001-0002.wav": "two"}
    )


def test_ljspeech(ljspeech: Path) -> None:
    loaded = dataset.load(f"ljspeech:{ljspeech}")
    assert [(s.id, s.cluster, s.language, heard(loaded, s)) for s in loaded.samples] == [
        ("LJ001-0001", "LJ001", "en", "LJ001-0001.wav"),
        ("LJ001-0002", "LJ001", "en", "LJ001-0002.wav"),
        ("LJ002-0001", "LJ002", "en", None),
    ]
    assert loaded.samples[0].text() == "Printing, in eighteen ninety"
    assert loaded.samples[1].text() == 'a "quoted, odd" start'
    assert loaded.human_reference and loaded.ref == f"ljspeech@{loaded.sha256[:12]}"


def test_another_language_in_a_known_layout(ljspeech: Path) -> None:
    assert {s.language for s in dataset.load(f"ljspeech@de:{ljspeech}").samples} == {"de"}


def test_a_changed_recording_is_another_version(ljspeech: Path) -> None:
    before = dataset.load(f"ljspeech:{ljspeech}").version
    (ljspeech / "wavs/LJ001-0001.wav").write_text("ONE")
    assert dataset.load(f"ljspeech:{ljspeech}").version != before


def test_libritts(tmp_path: Path) -> None:
    root = write(
        tmp_path / "LibriTTS",
        {
            "dev-clean/84/121123/84_121123_000007_000000.normalized.txt": "Go, do you hear?",
            "dev-clean/84/121123/84_121123_000007_000000.original.txt": "Go! Do you hear?",
            "dev-clean/84/121123/84_121123_000007_000000.wav": "x",
            "dev-clean/84/121550/84_121550_000001_000000.normalized.txt": "Alas.",
            "dev-clean/174/50561/174_50561_000001_000000.normalized.txt": "Not now.",
        },
    )
    loaded = dataset.load(f"libritts:{root}")
    found = {s.id: (s.text(), s.cluster, heard(loaded, s), s.tags) for s in loaded.samples}
    assert found["84_121123_000007_000000"] == (
        "Go, do you hear?",
        "84",
        "84_121123_000007_000000.wav",
        {"speaker-84", "chapter-121123"},
    )
    assert found["174_50561_000001_000000"][1:3] == ("174", None)
    assert dataset.load(f"libritts:{root / 'dev-clean'}").sha256 == loaded.sha256


@pytest.mark.parametrize(
    ("recording", "name"),
    [
        ("wav48_silence_trimmed/p225/p225_001_mic1.flac", "p225_001_mic1.flac"),
        ("wav48/p225/p225_001.wav", "p225_001.wav"),
    ],
)
def test_vctk(tmp_path: Path, recording: str, name: str) -> None:
    root = write(
        tmp_path / "VCTK",
        {
            "txt/p225/p225_001.txt": "Please call Stella.\n",
            "txt/p362/p362_002.txt": "Ask her.",
            recording: "x",
            "wav48_silence_trimmed/p315/p315_001_mic1.flac": "a speaker without texts",
        },
    )
    loaded = dataset.load(f"vctk:{root}")
    assert [(s.id, s.text(), s.cluster, heard(loaded, s)) for s in loaded.samples] == [
        ("p225_001", "Please call Stella.", "p225", name),
        ("p362_002", "Ask her.", "p362", None),
    ]


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    write(
        tmp_path / "en",
        {
            "meta.lst": "a-b|Prompt.|prompt-wavs/a.wav|Say this.\nc-d|Prompt.|prompt-wavs/a.wav|That.|own/d.wav\n",
            "prompt-wavs/a.wav": "prompt",
            "wavs/a-b.wav": "the reading of a-b",
            "own/d.wav": "the reading of c-d",
        },
    )
    return tmp_path / "en/meta.lst"


def test_seed_tts_eval(seed: Path) -> None:
    loaded = dataset.load(f"seed-tts-eval:{seed}")
    first, second = loaded.samples
    assert (first.id, first.text(), first.cluster, first.language) == ("a-b", "Say this.", "a", "en")
    assert [heard(loaded, s) for s in (first, second)] == ["a-b.wav", "d.wav"]
    prompt = first.inputs["voice_sample"]
    assert loaded.media[prompt.sha256].name == "a.wav" and second.inputs["voice_sample"] == prompt
    assert first.consent is None


def test_seed_tts_eval_without_a_language(seed: Path, tmp_path: Path) -> None:
    moved = seed.parent.rename(tmp_path / "mine") / "meta.lst"
    with pytest.raises(UsageError, match="language") as error:
        dataset.load(f"seed-tts-eval:{moved}")
    assert error.value.hint == f"name it: seed-tts-eval@en:{moved}"
    assert dataset.load(f"seed-tts-eval@zh:{moved}").samples[0].language == "zh"


@pytest.mark.parametrize(
    ("ref", "files", "complaint"),
    [
        ("ljspeech:{}", {"metadata.csv": "a|b|c\nonly one\n"}, "metadata.csv:2: 1 fields"),
        ("ljspeech:{}", {"metadata.csv": "a|b|\n"}, "metadata.csv:1: the text is empty"),
        ("ljspeech:{}", {"metadata.csv": "a|b|c\na|d|e\n"}, "'a' comes twice"),
        ("ljspeech:{}", {"other.csv": ""}, "metadata.csv does not exist"),
        ("libritts:{}", {"1/2/1_2.normalized.txt": " "}, "1_2.normalized.txt:1: the text is empty"),
        ("libritts:{}", {"readme": ""}, "nothing in the layout libritts"),
        ("vctk:{}", {"txt/p1/p1_001.txt": ""}, "p1_001.txt:1: the text is empty"),
        ("seed-tts-eval@en:{}/meta.lst", {"meta.lst": "a|b|c\n"}, "meta.lst:1: 3 fields, not 4 or 5"),
        ("seed-tts-eval@en:{}/meta.lst", {"meta.lst": "\na|b|c.wav|d\n"}, "meta.lst:2: there is no prompt recording"),
        ("seed-tts-eval@en:{}/meta.lst", {"x": ""}, "does not exist"),
        ("ljspeach:{}", {"x": ""}, "did you mean ljspeech"),
    ],
)
def test_malformed_corpora_are_named(tmp_path: Path, ref: str, files: dict[str, str], complaint: str) -> None:
    root = write(tmp_path / "corpus", files)
    with pytest.raises(UsageError) as error:
        dataset.load(ref.format(root))
    assert complaint in f"{error.value} / {error.value.hint}"


def test_hashes_are_remembered_and_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filehash, "SETTLED_AFTER", -1.0)
    file = tmp_path / "a.wav"
    file.write_bytes(b"one")
    first = filehash.sha256_of_all([file])
    read: list[Path] = []
    monkeypatch.setattr(filehash, "sha256_of", lambda path: read.append(path) or "read anew")
    assert filehash.sha256_of_all([file]) == first and not read
    file.write_bytes(b"other")
    assert filehash.sha256_of_all([file]) == ["read anew"]


def test_a_fresh_file_is_not_remembered(tmp_path: Path) -> None:
    """Two writes within one tick of the file system's clock look alike from outside."""
    file = tmp_path / "a.wav"
    hashes = []
    for content in (b"one", b"two"):
        file.write_bytes(content)
        hashes += filehash.sha256_of_all([file])
    assert hashes[0] != hashes[1]
