"""The recipe of the human prompts: packages, texts, decoding, pins; small ones built here, then the real ones."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import wave
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.dataset import catalogue, recipes
from filmbench.harness.dataset.manifest import Manifest, problems, read_dataset, read_manifest
from filmbench.harness.dataset.recipes import debian
from filmbench.harness.dataset.recipes import human_prompts as prompts
from filmbench.harness.types import UsageError

HELLO = "Please say hello after the tone and then stop."
TEXTS = f'; a comment\n\nhello: "{HELLO}"\nshort: Too short.\nnote: Please hold for as long as it may take [beep]\n'


@pytest.fixture(scope="module")
def g722(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a rising tone with noise, encoded by ffmpeg."""
    import imageio_ffmpeg

    folder = tmp_path_factory.mktemp("g722")
    time = np.arange(32_000) / 16_000
    sound = 0.4 * np.sin(2 * np.pi * (200 + 900 * time) * time) + np.random.default_rng(7).normal(0, 0.02, 32_000)
    with wave.open(str(folder / "in.wav"), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(folder / "in.wav"), str(folder / "x.g722")]
    subprocess.run(command, check=True)
    return folder / "x.g722"


def build_package(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    tree = folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    fields = f"Package: {name}\nVersion: 1-1\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: test\n"
    (tree / "DEBIAN/control").write_text(fields)
    for place, content in files.items():
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        (tree / place).write_bytes(content)
    package = folder / f"{name}_1-1_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, package], check=True, capture_output=True)
    shutil.rmtree(tree)
    return package


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def manifest_with(folder: Path, files: dict[str, str], packages: dict[str, str]) -> Manifest:
    listed = ", ".join(f'{{ name = "{name}", sha256 = "{sha256}" }}' for name, sha256 in packages.items())
    pins = "\n".join(f'"{name}" = "{sha256}"' for name, sha256 in files.items())
    (folder / "dataset.toml").write_text(
        'name = "tiny"\nversion = "1"\ntitle = "t"\ncontract = "tts"\nlicence = "CC0-1.0"\nattribution = "me"\n'
        f"human_reference = true\nsamples = 1\n[files]\n{pins}\n"
        '[recipe]\nby = "human_prompts"\nversion = "1-1"\n'
        "fewest_english_words = 8\nmost_seconds = 30.0\n[recipe.excluded]\n"
        '[[recipe.voices]]\nlanguage = "en"\nfolder = "en_X"\nspeaker = "x"\ntags = ["female"]\n'
        f"packages = [{listed}]\n"
    )
    return read_manifest(folder)


@pytest.fixture
def tiny(tmp_path: Path, g722: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """A manifest of one prompt, with the two packages it wants in a folder of the user's."""
    debs, folder = tmp_path / "debs", tmp_path / "tiny"
    debs.mkdir()
    folder.mkdir()
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FILMBENCH_PACKAGES", str(debs))
    sounds = "usr/share/asterisk/sounds/en_X"
    recordings = {f"{sounds}/{name}.g722": g722.read_bytes() for name in ("hello", "short", "note")}
    text_file = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
    packages = (
        build_package(debs, "sounds", recordings),
        build_package(debs, "texts", {text_file: gzip.compress(TEXTS.encode())}),
    )
    prompts.decode_g722(g722, tmp_path / "hello.wav")
    wav = (tmp_path / "hello.wav").read_bytes()
    pin = {"language": "en", "prompt": "hello", "g722": sha(g722.read_bytes()), "wav": sha(wav)}
    (folder / "sources.jsonl").write_text(json.dumps(pin) + "\n")
    (folder / "card.md").write_text("# tiny\n")
    speech = {"file": "media/en/hello.wav", "sha256": sha(wav), "media_type": "audio/wav", "bytes": len(wav)}
    expected = {
        "id": "en/hello",
        "language": "en",
        "cluster": "hello",
        "tags": ["female", "prompt", "speaker-x"],
        "inputs": {"text": HELLO},
        "references": {"speech": speech},
    }
    files = {
        "samples.jsonl": sha((json.dumps(expected) + "\n").encode()),
        "sources.jsonl": sha((folder / "sources.jsonl").read_bytes()),
    }
    return manifest_with(folder, files, {package.name.split("_")[0]: sha(package.read_bytes()) for package in packages})


def quiet(what: str, done: int, total: int) -> None:
    pass


def test_the_recipe_makes_the_pinned_samples(tiny: Manifest) -> None:
    steps: list[tuple[str, int, int]] = []
    recipes.build(tiny, lambda *step: steps.append(step))
    loaded = read_dataset(tiny)
    assert [sample.id for sample in loaded.samples] == ["en/hello"]
    assert loaded.samples[0].text() == HELLO and loaded.human_reference
    with wave.open(str(next(iter(loaded.media.values())))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (16_000, 1, 32_000)
    assert steps == [("sounds", 0, 3), ("texts", 1, 3), ("en/hello", 2, 3)]
    assert not list(problems(tiny))
    assert [entry.name for entry in tiny.content.parent.iterdir()] == ["1"], "nothing temporary is left"


def test_a_changed_recording_is_found(tiny: Manifest) -> None:
    recipes.build(tiny, quiet)
    wav = next(iter(read_dataset(tiny).media.values()))
    data = bytearray(wav.read_bytes())
    data[-100] ^= 1
    wav.write_bytes(data)
    with pytest.raises(UsageError, match=r"hello\.wav.*other bytes") as error:
        read_dataset(tiny)
    assert error.value.hint == "filmbench datasets fetch tiny"
    assert [problem.file for problem in problems(tiny)] == [wav]
    recipes.build(tiny, quiet)
    assert not list(problems(tiny)), "fetching again mends it"


def test_a_package_of_other_bytes_is_refused(tiny: Manifest, tmp_path: Path) -> None:
    package = tmp_path / "debs/texts_1-1_all.deb"
    package.write_bytes(package.read_bytes() + b"\n")
    with pytest.raises(UsageError, match="not the pinned package"):
        recipes.build(tiny, quiet)
    assert not tiny.fetched


def test_a_recording_that_is_not_the_pinned_one_is_refused(tiny: Manifest) -> None:
    sources = tiny.folder / "sources.jsonl"
    pin = json.loads(sources.read_text())
    sources.write_text(json.dumps(pin | {"g722": "0" * 64}) + "\n")
    with pytest.raises(UsageError, match="en/hello in the packages is not the pinned one"):
        recipes.build(tiny, quiet)
    sources.write_text(json.dumps(pin | {"wav": "0" * 64}) + "\n")
    with pytest.raises(UsageError, match="decodes to other samples"):
        recipes.build(tiny, quiet)
    assert not tiny.fetched and not list(tiny.content.parent.iterdir())


def test_installed_packages_are_used_without_apt(
    tiny: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in (tmp_path / "debs").iterdir():
        subprocess.run(["dpkg-deb", "--extract", package, tmp_path / "system"], check=True)
    monkeypatch.setattr(prompts, "INSTALLED", tmp_path / "system")
    monkeypatch.setenv("PATH", "")
    recipes.build(tiny, quiet)
    assert tiny.fetched


def test_selection(tiny: Manifest, tmp_path: Path) -> None:
    for package in (tmp_path / "debs").iterdir():
        subprocess.run(["dpkg-deb", "--extract", package, tmp_path / "root"], check=True)
    assert prompts.select(tiny.recipe or {}, tmp_path / "root") == ["hello"]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (" “Pour quitter,  appuyez sur 8.”", "Pour quitter, appuyez sur 8."),
        ("... using your keypad.", "using your keypad."),
        ("id-x: Нажмите 1", "Нажмите 1"),
        ("il nostro (enfatico) glorioso moderatore", None),
        ("Spiacente, [quello] non è", None),
        ("followed by # or just # to exit", None),
        ("appuyez sur dièse.vm-review-nonurgent: Pour enlever", None),
        ("  ", None),
    ],
)
def test_texts_are_what_is_spoken(text: str, spoken: str | None) -> None:
    assert prompts.clean("id-x", text) == spoken


def test_an_edited_recipe_is_found_though_its_old_content_fits_the_pins(
    tiny: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "_shipped", lambda: {"tiny": tiny.folder})
    monkeypatch.setattr(recipes, "_HERE", Path(shutil.copytree(recipes._HERE, tmp_path / "recipes")))

    def made() -> int:
        dataset.fetch("tiny")
        return tiny.content.stat().st_ino

    first = made()
    assert dataset.verify("tiny") == () and made() == first
    edit(tmp_path / "recipes/stage.py")
    assert dataset.verify("tiny") == () and made() == first, "that module is of other recipes"
    edit(tmp_path / "recipes/debian.py")  # which human_prompts imports
    (problem,) = dataset.verify("tiny")
    assert "another recipe" in problem.message and problem.hint == "filmbench datasets fetch tiny"
    assert dataset.load("tiny").samples, "what fits the pins can be used all the same"
    second = made()
    assert second != first and dataset.verify("tiny") == ()
    (tiny.content / recipes.MADE_BY).unlink()
    assert len(dataset.verify("tiny")) == 1, "nobody knows what made it"


def edit(file: Path) -> None:
    file.write_text(file.read_text() + "\n# another way\n")


def test_a_recipe_whose_table_changed_is_another(tiny: Manifest) -> None:
    recipes.build(tiny, quiet)
    assert not recipes.edited(tiny)
    table = {**tiny.table, "recipe": {**tiny.table["recipe"], "most_seconds": 29.0}}
    assert recipes.edited(replace(tiny, table=table))


def test_decoding_equals_ffmpeg(g722: Path, tmp_path: Path) -> None:
    import imageio_ffmpeg

    prompts.decode_g722(g722, tmp_path / "ours.wav")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(g722), "-f", "s16le", "-"]
    theirs = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(str(tmp_path / "ours.wav")) as sound:
        ours = sound.readframes(sound.getnframes())
    assert len(ours) == 64_000 and ours == theirs


def test_without_apt_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="is not on this machine") as error:
        dataset.fetch("human-prompts")
    assert "Debian or Ubuntu" in str(error.value.hint)
    assert not dataset.about("human-prompts").fetched


def test_a_version_that_apt_does_not_have(tmp_path: Path) -> None:
    package = debian.Package("filmbench-has-no-such-package", "0-0", "0" * 64)
    with pytest.raises(UsageError, match="apt cannot bring filmbench-has-no-such-package 0-0") as error:
        debian.extract([package], tmp_path / "root", lambda name: None)
    assert "apt-get update" in str(error.value.hint)


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="cannot be fetched into") as error:
        dataset.fetch("human-prompts")
    assert "FILMBENCH_CACHE" in str(error.value.hint)


def test_nothing_to_fetch_for_committed_data() -> None:
    dataset.fetch("film-lines")


@pytest.mark.slow
def test_the_real_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    steps: list[tuple[int, int]] = []
    dataset.fetch("human-prompts", lambda what, done, total: steps.append((done, total)))
    assert steps == sorted(steps) and steps[-1][0] == steps[-1][1] - 1
    loaded = dataset.load("human-prompts")
    assert dataset.verify("human-prompts") == ()

    about = dataset.about("human-prompts")
    assert about.fetched and about.samples == len(loaded.samples)
    counts = Counter(sample.language for sample in loaded.samples)
    assert set(counts) == set(about.languages) == {"en", "es", "fr", "it", "ru"} and len(set(counts.values())) == 1
    together: defaultdict[str | None, set[str | None]] = defaultdict(set)
    for sample in loaded.samples:
        together[sample.cluster].add(sample.language)
        assert sample.id == f"{sample.language}/{sample.cluster}"
        assert loaded.media[sample.references["speech"].sha256].is_file()
    assert all(languages == set(about.languages) for languages in together.values())
    english = [sample for sample in loaded.samples if sample.language == "en"]
    assert min(len(sample.text().split()) for sample in english) >= 8
    assert dataset.load("human-prompts").sha256 == loaded.sha256


@pytest.mark.slow
def test_the_committed_pins_are_what_the_rule_selects(tmp_path: Path) -> None:
    manifest = read_manifest(Path(__file__).parents[2] / "datasets/human-prompts")
    recipe = manifest.recipe or {}
    packages = [package for voice in prompts.voices(recipe) for package in voice.packages]
    debian.extract(packages, tmp_path / "root", lambda name: None)
    committed = prompts.read_pins(manifest.folder / "sources.jsonl")
    assert tuple(prompts.pins_of(recipe, tmp_path / "root")) == committed
