"""What cannot be imported: one sentence, exit 2, and nothing of it is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import handmade as hand
import numpy as np
import pytest
import soundfile
from filmbench.harness.cli import app
from filmbench.harness.types import UsageError
from PIL import Image


def picture(file: Path, size: tuple[int, int] = (64, 48)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)).save(file)


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    """A suite of two places, and a folder with a good picture of one of them."""
    hand.suite(tmp_path, "background", "background-prompts@1.0.0", arms='[[tasks.arms]]\nprovider = "local/painter"\n',
               more='samples = ["sea-1", "hills-1"]\n')  # fmt: skip
    picture(tmp_path / "made/hills-1.png")
    return tmp_path


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The command line writes its store into the environment: what it was comes back after each test."""
    monkeypatch.setenv("FILMBENCH_STORE", str(tmp_path / "runs"))


def told(at: Path, *more: str) -> UsageError:
    """The error of an import of ``made``, after which the store holds neither a take nor a medium nor a run."""
    command = [
        "--store",
        str(at / "runs"),
        "import",
        str(at / "made"),
        "--as",
        "Tool",
        "--suite",
        str(at / "suite.toml"),
    ]
    with pytest.raises(UsageError) as caught:
        app([*command, *more], standalone_mode=False)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert message and "\n" not in message
    assert hand.takes(at) == []
    left = {file.name for file in (at / "runs").rglob("*") if file.is_file() and not file.name.startswith("ledger")}
    assert not left, "nothing half-imported"
    return caught.value


Damage = Callable[[Path], object]


def outside(made: Path) -> None:
    picture(made.parent / "secret.png")
    (made / "manifest.csv").write_text("sample,files\nsea-1,../secret.png\n")


def linked(made: Path) -> None:
    picture(made.parent / "secret.png")
    (made / "sea-1.png").symlink_to(made.parent / "secret.png")


def linked_folder(made: Path) -> None:
    picture(made.parent / "elsewhere/image.png")
    (made / "sea-1").symlink_to(made.parent / "elsewhere")


def huge(made: Path) -> None:
    with (made / "sea-1.png").open("wb") as file:
        file.truncate(2 * 2**30 + 1)


def sheet(text: str) -> Damage:
    return lambda made: (made / "manifest.csv").write_text(text)


@pytest.mark.parametrize(
    ("damage", "said", "hint"),
    [
        (linked, "sea-1.png is a link, and no link is followed", "the file itself"),
        (linked_folder, "sea-1 is a link, and no link is followed", "the file itself"),
        (lambda made: os.mkfifo(made / "sea-1.png"), "is no plain file", "take it away"),
        (huge, "sea-1.png has 2.0 GB; the most is 2 GB", "smaller"),
        (outside, "../secret.png leads out of", "by their place in the folder"),
        (sheet("sample,files\nsea-1,/etc/hostname\n"), "/etc/hostname leads out of", "by their place"),
        (sheet("sample,files\nsea-1,C:\\sea.png\n"), "C:\\sea.png leads out of", "by their place"),
        (sheet("sample,evidence\nhills-1,../bill.pdf\n"), "../bill.pdf leads out of", "by their place"),
        (sheet("sample,files\nhills-1,hils-1.png\n"), "holds no file hils-1.png", "did you mean hills-1.png?"),
        (sheet("sample,minutes\nhills-1,3\n"), "has a column 'minutes'", "did you mean human_minutes?"),
        (sheet("sample,human_minutes\nhills-1,soon\n"), "line 2: human_minutes cannot be 'soon'", "leave a cell empty"),
        (sheet("sample,human_minutes\nhills-1,-3\n"), "line 2: human_minutes cannot be '-3'", "empty"),
        (sheet('sample,cost_usd\nhills-1,"1,234"\n'), "is the comma a point or does it part thousands?", "empty"),
        (sheet("sample,cost_usd\nhills-1,nan\n"), "line 2: cost_usd cannot be 'nan'", "empty"),
        (sheet("sample,takes_made,takes_kept\nhills-1,1,2\n"), "2 takes kept of 1 made", "empty"),
        (sheet("sample,started,finished\nhills-1,2026-11-02,2026-11-01\n"), "finished before it was started", "empty"),
        (sheet("sample\nhills-1\nhills-1\n"), "take 1 of hills-1 stands already in line 2", "column take"),
        (sheet("sample\nhils-1\n"), "line 2 of the sheet: there is no sample hils-1", "did you mean hills-1?"),
        (sheet("take\n1\n"), "has no column sample", "sample, take"),
        (sheet("sample,source_sha256\nhills-1," + "0" * 64 + "\n"), "was made from another version", "--template"),
        (lambda made: picture(made / "see-1.png"), "see-1.png: there is no sample of that name", "did you mean sea-1?"),
        (lambda made: picture(made / "sea-1.video.png"), "there is no sample of that name", "sea-1"),
        (lambda made: (made / "sea-1.mp4").write_bytes(b"x"), "sea-1.mp4 is no file for image", "it takes: .png"),
        (lambda made: picture(made / "hills-1/image.png"), "are both image of take 1 of hills-1", "hills-1.2.png"),
        (lambda made: (made / "sea-1.png").write_bytes(b"x"), "take 1 of sea-1: image: not a picture", "take it away"),
        (lambda made: (made / "sea-1.png").write_bytes(b""), "take 1 of sea-1: image: empty file", "not supplied"),
        (lambda made: (made / "hills-1.png").unlink(), "holds no take", "as sea-1.png"),
    ],
)
def test_refused(stills, damage, said, hint):
    damage(stills / "made")
    error = told(stills)
    assert said in str(error)
    assert hint in (error.hint or "")


def test_the_good_folder_is_good_and_the_command_line_ends_with_2_for_a_bad_one(stills):
    (stills / "made/.DS_Store").write_bytes(b"\0")
    (stills / "made/Thumbs.db").write_bytes(b"\0")
    linked(stills / "made")
    command = ("import", "made", "--as", "Tool", "--suite", "suite.toml")
    refused = hand.filmbench(*command, at=stills)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: made/sea-1.png is a link") and "Traceback" not in refused.stderr
    (stills / "made/sea-1.png").unlink()
    hand.suite(stills, "background", "background-prompts@1.0.0", ("background.size_error",),
               '[[tasks.arms]]\nprovider = "local/painter"\n', 'samples = ["sea-1", "hills-1"]\n')  # fmt: skip
    assert hand.table(stills, *command)["Tool"]["ok"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as", "Tool"), "say what to import"),
        (("--suite", "suite.toml"), "say what to import"),
        (("--as", "Tool", "--suite", "a", "--run", "b"), "say what to import"),
        (("--as", "Tool", "--template", "a"), "say what to import"),
        (("--as", "local/painter", "--suite", "suite.toml"), "which is not made by hand"),
        (("--as", "Tool", "--suite", "suite.toml", "--contract", "tts"), "does not ask for tts"),
        (("--as", " ", "--suite", "suite.toml"), "--as needs a name"),
        (("--as", "Tool", "--suite", "demo-quick"), "there is no suite"),
    ],
)
def test_options_that_do_not_go_together(stills, monkeypatch, arguments, said):
    monkeypatch.chdir(stills)
    with pytest.raises(UsageError, match=said):
        app(["--store", str(stills / "runs"), "import", "made", *arguments], standalone_mode=False)


def test_a_take_too_many_for_an_arm_of_the_suite(stills):
    named = '[[tasks.arms]]\nprovider = "by-hand/other"\nlabel = "Tool"\n'
    hand.suite(stills, "background", "background-prompts@1.0.0", arms=named, more='samples = ["hills-1"]\n')
    picture(stills / "made/hills-1.2.png")
    assert "asks Tool for 1 of a sample, there is a take 2" in str(told(stills))


def test_silence_is_no_reading(tmp_path):
    hand.suite(
        tmp_path,
        "tts",
        "film-lines",
        more='samples = ["en-s01-l1"]\n',
        arms='[[tasks.arms]]\nprovider = "local/flite"\n',
    )
    (tmp_path / "made").mkdir()
    soundfile.write(tmp_path / "made/en-s01-l1.wav", np.zeros(16_000), 16_000)
    assert "take 1 of en-s01-l1: speech: silent" in str(told(tmp_path))


@pytest.mark.parametrize(
    ("numbers", "size", "said"),
    [
        ((1, 2, 3), (64, 48), "3 pictures stand for the 6 frames of the shot"),
        ((1, 2, 3, 5, 6, 7), (64, 48), "picture 4 of the sequence is missing"),
        ((0, 1, 2, 3, 4, 5), (32, 24), "is 32×24 pixels, the shot 64×48"),
    ],
)
def test_a_sequence_that_does_not_fit_its_shot(tmp_path, numbers, size, said):
    data = hand.dataset(tmp_path / "data", "editing/roto", [hand.roto_shot(tmp_path / "data")])
    hand.suite(tmp_path, "editing/roto", data)
    for number in numbers:
        picture(tmp_path / f"made/disc.matte/{number:04d}.png", size)
    assert said in str(told(tmp_path))


def test_a_template_is_not_written_over_anything(stills):
    with pytest.raises(UsageError, match="is there already and not empty"):
        app(["import", "--template", str(stills / "suite.toml"), "-o", str(stills / "made")], standalone_mode=False)


def test_a_contract_stands_for_its_quick_suite(tmp_path):
    app(["import", "--template", "editing/cut", "-o", str(tmp_path / "cuts")], standalone_mode=False)
    readme = (tmp_path / "cuts/README.md").read_text()
    assert "CMX 3600" in readme and "`boat/given/source.flac`" in readme and "as long" in readme
    assert (tmp_path / "cuts/mill/given/source.mkv").stat().st_size > 0
    with pytest.raises(UsageError, match="tts-quick does not ask for video"):
        app(
            ["import", "--template", "tts-quick", "--contract", "video", "-o", str(tmp_path / "x")],
            standalone_mode=False,
        )
