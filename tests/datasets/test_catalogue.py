"""Datasets by name, the pins that guard them, and the errors for what is malformed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from filmbench.harness import dataset
from filmbench.harness.dataset.manifest import problems, read_manifest
from filmbench.harness.types import UsageError

WAV = b"RIFF0000WAVEfmt pretend: only its bytes matter here"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A copy of the shipped film lines that a test may spoil."""
    return Path(shutil.copytree(Path(str(files("filmbench.datasets").joinpath("film-lines"))), tmp_path / "film-lines"))


def made(folder: Path, *records: object) -> Path:
    """A dataset of one's own, with a recording ``a.wav`` and a manifest that pins ``records``."""
    folder.mkdir()
    (folder / "a.wav").write_bytes(WAV)
    (folder / "card.md").write_text("# mine\n")
    text = "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)
    (folder / "samples.jsonl").write_text(text, encoding="utf-8")
    (folder / "dataset.toml").write_text(
        'name = "mine"\nversion = "0.1"\ntitle = "t"\ncontract = "tts"\nlicence = "CC0-1.0"\nattribution = "me"\n'
        f'samples = 1\n[files]\n"samples.jsonl" = "{hashlib.sha256(text.encode()).hexdigest()}"\n'
    )
    return folder


def recorded(id: str, **changes: object) -> dict[str, object]:
    file = {"file": "a.wav", "sha256": hashlib.sha256(WAV).hexdigest(), "media_type": "audio/wav", "bytes": len(WAV)}
    return {"id": id, "language": "en", "inputs": {"text": "Hello."}, "references": {"speech": file | changes}}


def said(error: pytest.ExceptionInfo[UsageError]) -> str:
    return f"{error.value} / {error.value.hint}"


def test_names_and_versions() -> None:
    assert {"film-lines", "human-prompts"} <= set(dataset.names())
    assert dataset.load("film-lines@1.0.0") == dataset.load("film-lines")
    with pytest.raises(UsageError) as error:
        dataset.load("film-lines@9.9.9")
    assert "film-lines@1.0.0" in said(error)


@pytest.mark.parametrize(("ref", "meant"), [("film-line", "film-lines"), ("human_prompts", "human-prompts")])
def test_a_wrong_name_is_answered_with_the_nearest(ref: str, meant: str) -> None:
    with pytest.raises(UsageError, match=ref) as error:
        dataset.load(ref)
    assert f"did you mean {meant}" in said(error)


def test_a_dataset_that_was_not_fetched_says_how() -> None:
    assert not dataset.about("human-prompts").fetched
    for ask in (dataset.load, dataset.verify):
        with pytest.raises(UsageError) as error:
            ask("human-prompts")
        assert error.value.hint == "filmbench datasets fetch human-prompts"


def test_a_copy_loads_as_the_original(lines: Path) -> None:
    copy, original = dataset.load(f"folder:{lines}"), dataset.load("film-lines")
    assert copy.samples == original.samples
    assert copy.sha256 == original.sha256
    assert not list(problems(read_manifest(lines)))


def test_one_changed_letter_in_the_samples_is_refused(lines: Path) -> None:
    file = lines / "samples.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("freezer", "frEezer"), encoding="utf-8")
    with pytest.raises(UsageError) as error:
        dataset.load(f"folder:{lines}")
    assert "samples.jsonl" in said(error) and "dataset.toml" in said(error) and "restore" in said(error)
    assert [problem.file.name for problem in problems(read_manifest(lines))] == ["samples.jsonl"]


def test_the_digest_covers_licence_and_samples(lines: Path) -> None:
    before = dataset.load(f"folder:{lines}").sha256
    manifest = lines / "dataset.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("CC0-1.0", "CC-BY-4.0"), encoding="utf-8")
    assert dataset.load(f"folder:{lines}").sha256 != before


def test_media_are_found_and_guarded(tmp_path: Path) -> None:
    folder = made(tmp_path / "mine", recorded("a"))
    loaded = dataset.load(f"folder:{folder}")
    reference = loaded.samples[0].references["speech"]
    assert loaded.media[reference.sha256].read_bytes() == WAV
    (folder / "a.wav").write_bytes(WAV.replace(b"pretend", b"PRETEND"))
    with pytest.raises(UsageError, match=r"a\.wav.*other bytes"):
        dataset.load(f"folder:{folder}")
    (folder / "a.wav").unlink()
    with pytest.raises(UsageError, match=r"a\.wav.*missing"):
        dataset.load(f"folder:{folder}")


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ('{"id": "b", ', "no JSON"),
        ('["b"]', "must be an object"),
        ({"id": "b"}, "needs a field 'inputs'"),
        ({"id": "b", "inputs": {}}, "'text' is missing"),
        ({"id": "b", "inputs": {"text": "  "}}, "not empty"),
        ({"id": "b", "inputs": {"texts": "x", "text": "x"}}, "did you mean 'text'"),
        ({"id": "b", "inputs": {"text": "x"}, "tag": []}, "did you mean 'tags'"),
        ({"id": "b", "inputs": {"text": "x"}, "tags": "joy"}, "list of texts"),
        ({"id": "b", "inputs": {"text": "x"}, "consent": {"who": "me"}}, "'evidence'"),
        ({"id": "a", "inputs": {"text": "x"}}, "stands already in line 1"),
        (recorded("b", file=7), "must be texts"),
        (recorded("b", bytes="many"), "whole number"),
        (recorded("b", file="../a.wav"), "outside the dataset"),
        (recorded("b", file="/etc/passwd"), "outside the dataset"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, record: object, complaint: str) -> None:
    folder = made(tmp_path / "mine", recorded("a"), record)
    with pytest.raises(UsageError) as error:
        dataset.load(f"folder:{folder}")
    assert f"{folder / 'samples.jsonl'}:2: " in said(error) and complaint in said(error)


def test_a_malformed_manifest_is_named(tmp_path: Path) -> None:
    folder = made(tmp_path / "mine", recorded("a"))
    manifest = folder / "dataset.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace('licence = "CC0-1.0"', ""))
    with pytest.raises(UsageError, match=r"dataset\.toml.*'licence'"):
        dataset.load(f"folder:{folder}")
    manifest.write_text(text + "[oops")
    with pytest.raises(UsageError, match=r"dataset\.toml"):
        dataset.load(f"folder:{folder}")
    with pytest.raises(UsageError, match="is no dataset"):
        dataset.load(f"folder:{tmp_path}")


def test_many_lines(tmp_path: Path) -> None:
    folder = made(tmp_path / "mine", *({"id": str(n), "inputs": {"text": "Once more."}} for n in range(100_000)))
    assert len(dataset.load(f"folder:{folder}").samples) == 100_000


def test_shipped_datasets_are_data_only() -> None:
    root = Path(__file__).parents[2] / "datasets"
    assert not list(root.rglob("*.py"))
    for name in dataset.names():
        pins = tomllib.loads((root / name / "dataset.toml").read_text(encoding="utf-8"))["files"]
        for file, pin in pins.items():
            if (root / name / file).exists():
                assert hashlib.sha256((root / name / file).read_bytes()).hexdigest() == pin, file
