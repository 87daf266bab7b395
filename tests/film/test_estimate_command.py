"""The command as people type it: every format, and one sentence for whatever is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from filmbench.harness.cli import app
from filmbench.harness.types import FilmbenchError
from typer.testing import CliRunner

SCRIPT = """\
Title: Two Pages

INT. LAMP ROOM - NIGHT

Rain on the glass. MARA climbs the stairs and runs to the lamp.

MARA
Is anyone there? I have brought the red lantern, as you asked me to.

TOBY (V.O.)
Wait for the tide.

EXT. PIER - DAWN

The sea is calm. A ghost flies over the water and vanishes.

MARA
It worked.
"""
SPANISH = SCRIPT.replace("It worked.", "Ha funcionado.").replace("Wait for the tide.", "Espera a la marea.")


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "film.fountain"
    file.write_text(SCRIPT)
    return file


def run(*arguments: object) -> tuple[str, str, FilmbenchError | None]:
    """Output, messages and the error of ``filmbench estimate …``."""
    result = CliRunner().invoke(app, ["estimate", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, (FilmbenchError, SystemExit)):
        raise result.exception
    return result.stdout, result.stderr, result.exception if isinstance(result.exception, FilmbenchError) else None


def test_all_formats_at_once(film):
    files = [film.with_suffix(suffix) for suffix in (".md", ".html", ".json", ".xlsx")]
    shown, _, error = run(
        film, "--stage", "tts=elevenlabs/eleven_v3", *(part for file in files for part in ("-o", file))
    )
    assert error is None
    assert shown.startswith("At least $")
    told = json.loads(files[2].read_text())
    assert told["p10"] < told["p50"] < told["p90"]
    line = next(one for one in told["lines"] if one["stage"] == "tts" and one["for"] == "MARA")
    spoken = "Is anyone there? I have brought the red lantern, as you asked me to." + "It worked."
    assert line["units"] == {"character": str(len(spoken))}
    assert line["usd_one_take_each"] == pytest.approx(len(spoken) * 0.08 / 1000)
    assert openpyxl.load_workbook(files[3])["Summary"]["A1"].value == "Two Pages"
    assert "What moves the total" in files[1].read_text()
    assert sorted(one.name for one in film.parent.iterdir()) == sorted([film.name, *(file.name for file in files)])


def test_languages_come_from_translations_or_are_taken_to_last_as_long(film):
    film.with_name("film.es.fountain").write_text(SPANISH)
    told = json.loads(run(film, "--json")[0])
    assert told["breakdown"]["languages"] == ["en", "es"]
    told = json.loads(run(film, "--json", "--languages", "en,de")[0])
    parts = {(one["character"], one["language"]): one["seconds"] for one in told["breakdown"]["parts"]}
    assert parts["MARA", "de"] == parts["MARA", "en"]
    assert any("no translation" in rule for _, rule in told["breakdown"]["rules"])
    dubbed = [one for one in told["lines"] if one["stage"] == "dubbing"]
    assert [one["language"] for one in dubbed] == ["de"]


def test_assumptions_are_written_out_then_read(film):
    mine = film.with_name("mine.toml")
    _, messages, error = run("--assumptions", mine)
    assert error is None
    assert "wrote our assumptions" in messages
    before = json.loads(run(film, "--json", "--assumptions", mine)[0])
    mine.write_text("[rates]\nhuman_usd_per_hour = 280\n")
    after = json.loads(run(film, "--json", "--assumptions", mine)[0])
    assert after["typical"] == pytest.approx(10 * before["typical"])  # by default nothing but people is paid here
    mine.write_text("[rates]\nhuman_usd_per_hour = -1\n")
    error = run(film, "--assumptions", mine)[2]
    assert error is not None
    assert "mine.toml, line 2: rates.human_usd_per_hour: must not be negative" in str(error)


def test_a_budget_with_imported_judgements(film):
    votes = film.with_name("votes.toml")
    judged = {"tts": "elevenlabs/eleven_v3", "video": "runway/gen4.5", "lipsync": "sync/lipsync-2"}
    votes.write_text(
        "".join(
            f'[[results]]\ncontract = "{stage}"\narm = "{arm}"\nquality = 0.7\nsource = "votes"\n'
            for stage, arm in judged.items()
        )
    )
    told = json.loads(run(film, "--json", "--budget", 100, "--results", votes)[0])["budget"]
    assert told["certificate"]["optimal"] is True
    assert {one["arm"] for one in told["picks"] if one["provider"]} == set(judged.values())
    assert set(told["open"]) == {"mocap", "background", "editing/roto", "editing/removal", "editing/colour"}
    output = film.with_suffix(".json")
    error = run(film, "--budget", 1, "--results", votes, "-o", output)[2]
    assert error is not None
    assert "the cheapest wants $" in str(error)
    assert not output.exists()


def test_judgements_come_from_the_store(film, shown):
    told = json.loads(run(film, "--json", "--budget", 100, "--store", shown[0])[0])
    voices = [one for one in told["budget"]["picks"] if one["stage"] == "tts"]
    assert {one["arm"] for one in voices} == {"flite slt"}
    line = next(one for one in told["lines"] if one["stage"] == "tts")
    assert line["acceptance"]["from"] == "own: 2 of 2 samples"
    assert line["core_hours_one_take_each"] > 0


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (("--stage", "tts=elevenlabs/eleven_v33"), "there is no provider", "did you mean elevenlabs/eleven_v3"),
        (("--stage", "tts=runway/gen4.5"), "runway/gen4.5 does not do tts", "it does: video"),
        (("--stage", "tss=local/flite"), "a film has no stage 'tss'", "did you mean tts"),
        (("--stage", "tts"), "names nobody", "--stage tts=none"),
        (("--stage", "music=local/flite"), "no vendor here makes music", "usd_per_minute"),
        (("--budget", "0"), "a budget of 0 buys no film", "--budget 100"),
        (("--budget", "-3"), "a budget of -3 buys no film", "--budget 100"),
        (("--budget", "10", "--confidence", "2"), "--confidence is between 0 and 1", "0.9"),
        (("--budget", "10"), "no arm of any stage of this film was judged", "filmbench demo"),
        (("-o", "film.pdf"), "cannot be written as 'film.pdf'", ".xlsx"),
        (("--languages", "english"), "'english', which is no language code", "en,es"),
        (("--languages", "es"), "is written in en", "--languages en,es"),
        (("--languages", "en,en"), "names one twice", None),
        (("--results", "none.toml"), "cannot be read", None),
        (("-o", "no/such/folder/film.md"), "cannot be written", None),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(film, arguments, words, hint):
    before = set(film.parent.iterdir())
    error = run(film, *arguments)[2]
    assert error is not None
    assert words in str(error)
    assert hint is None or hint in str(error.hint)
    assert set(film.parent.iterdir()) == before


def test_files_that_are_no_script(film):
    for name, data in (("empty.fountain", b""), ("film.pdf", b"%PDF-1.7 ...")):
        film.with_name(name).write_bytes(data)
        assert run(film.with_name(name))[2] is not None
    film.with_name("sea.fountain").write_text("EXT. SEA - DAY\n\nWaves.\n")
    _, messages, error = run(film.with_name("sea.fountain"))
    assert error is None
    assert "Nobody speaks in this script" in messages
    assert run("absent.fountain")[2] is not None
    assert run()[2] is not None


def test_a_feature_is_estimated_whole(film):
    body = SCRIPT.partition("\n\n")[2]
    film.write_text("Title: Long\n\n" + "\n".join(body.replace("LAMP ROOM", f"ROOM {n}") for n in range(300)))
    told = json.loads(run(film, "--json", "--languages", "en,es")[0])
    assert told["breakdown"]["pages"] > 100
    assert told["p50"] > 100
    assert len(told["breakdown"]["locations"]) == 301
    assert "Line by line: the first 40 of " in run(film)[0]
