"""The main job from the command line: real engines, real judges, one ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FILMBENCH = Path(sys.executable).with_name("filmbench")
SUITE = """\
name = "small"
title = "Two old voices"

[[tasks]]
contract = "tts"
dataset = "film-lines@1.0.0"
languages = ["en", "es"]
per_cluster = 1
limit = 3
metrics = ["tts.cer", "tts.loudness_lufs", "tts.clipping"]

[[tasks.arms]]
provider = "local/espeak-ng"
label = "robot"

[[tasks.arms]]
provider = "local/flite"
label = "flite"

[[tasks.arms]]
provider = "elevenlabs/eleven_v3"
label = "Eleven"
params = { voice = "some-voice" }

[[tasks.arms]]
provider = "local/floor"
label = "wrong words"
params = { damage = "wrong_words" }
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.toml").write_text(SUITE)
    return folder


@pytest.fixture(scope="module")
def filmbench(place: Path) -> Run:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}

    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [FILMBENCH, "--store", place / "runs", *map(str, arguments)],
            env=clean, capture_output=True, text=True, timeout=300, cwd=place,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def first(filmbench: Run) -> dict:
    return json.loads(filmbench("run", "small.toml", "--json").stdout)


def rows(result: dict) -> dict[str, dict]:
    (table,) = result["tables"]
    return {row["arm"]: row for row in table["rows"]}


def test_the_table_tells_engines_apart(first):
    found = rows(first)
    assert found["wrong words"]["values"]["tts.cer"]["value"] > 50
    assert found["flite"]["values"]["tts.cer"]["value"] < 20
    assert found["robot"]["ok"] == 6
    assert found["flite"]["ok"] == 3, "flite speaks no Spanish"
    assert found["flite"]["coverage"] == pytest.approx(0.5)
    assert found["flite"]["success"]["value"] == 1.0, "what an engine does not speak stays out of its rate"


def test_an_arm_without_its_key_is_a_row_with_a_reason(first, filmbench):
    assert rows(first)["Eleven"]["coverage"] == 0
    takes = json.loads(filmbench("table", "--takes", "--json").stdout)["takes"]
    reasons = {take["reason"] for take in takes if take["arm"] == "Eleven"}
    assert reasons == {"needs ELEVENLABS_API_KEY"}


def test_a_second_run_makes_nothing_and_gives_the_same_tables(first, filmbench, place):
    again = filmbench("run", "small.toml", "--json")
    assert "takes to score" not in again.stderr
    found = json.loads(again.stdout)
    assert found["run"] != first["run"]
    assert found["tables"] == first["tables"]
    for name in ("table.md", "table.csv", "table.json"):
        texts = [(place / "runs" / result["run"] / name).read_bytes() for result in (first, found)]
        assert texts[0] == texts[1]


def test_scoring_again_gives_the_same_numbers(first, filmbench):
    found = json.loads(filmbench("score", first["run"], "--again", "tts.loudness_lufs", "--json").stdout)
    assert found["tables"] == first["tables"]


def test_never_reusing_makes_a_new_epoch_and_compares_with_the_old(first, filmbench):
    new = json.loads(filmbench("run", "small.toml", "--reuse", "never", "--json").stdout)
    takes = json.loads(filmbench("table", new["run"], "--takes", "--json").stdout)["takes"]
    assert {take["epoch"] for take in takes if take["outcome"] == "ok"} == {1}
    text = filmbench("compare", "robot", "robot", "--base-run", first["run"], "--json").stdout
    change = next(one for one in json.loads(text)["changes"] if one["spec"]["id"] == "tts.cer")
    assert change["difference"]["delta"] == pytest.approx(0.0), "espeak-ng says the same thing twice"


def test_an_epoch_is_not_compared_with_itself(first, filmbench):
    done = filmbench("compare", "robot", "robot", "--run", first["run"], "--base-run", first["run"], code=2)
    assert done.stderr.startswith("error: ")


def test_two_arms_are_compared_sample_by_sample(first, filmbench):
    text = filmbench("compare", "wrong words", "robot", "--run", first["run"], "--margin", "tts.cer=5", "--json").stdout
    change = next(one for one in json.loads(text)["changes"] if one["spec"]["id"] == "tts.cer")
    assert change["difference"]["delta"] < -30
    assert change["ruling"]["verdict"] in ("improved", "inconclusive")


def test_a_gate_stops_a_worse_voice_and_tells_ci_why(first, filmbench, place):
    (place / "gate.toml").write_text('minimum_samples = 5\n[margins]\n"tts.cer" = 5\n')
    files = ("--junit", place / "gate.xml", "--summary", place / "gate.md")
    arms = ("robot", "wrong words", "--run", first["run"])
    done = filmbench("gate", *arms, "--rules", place / "gate.toml", "--format", "github", *files, code=1)
    assert "::error title=filmbench%3A tts.cer::" in done.stdout
    assert "<failure" in (place / "gate.xml").read_text() and "regression" in (place / "gate.md").read_text()
    same = filmbench("gate", "wrong words", "robot", "--run", first["run"], "--rules", place / "gate.toml", "--json")
    assert json.loads(same.stdout)["code"] == 0
    (place / "gate.toml").write_text('minimum_samples = 50\n[margins]\n"tts.cer" = 5\n')
    filmbench("gate", *arms, "--rules", place / "gate.toml", code=3)
    assert "no rule is given" in filmbench("gate", *arms, code=2).stderr


def test_a_brief_table_reads_what_the_run_wrote(first, filmbench):
    levels = json.loads(filmbench("table", first["run"], "--brief", "--json").stdout)["levels"]
    brief = {(one["heading"]["arm"], one["heading"]["metric"]): one["value"] for one in levels}
    whole = json.loads(filmbench("table", first["run"], "--json").stdout)["tables"][0]
    held = {
        (row["arm"], id): value
        for row in whole["rows"]
        for id, value in row["values"].items()
        if value["value"] is not None
    }
    assert brief == held and len(brief) > 5
    assert "robot" in filmbench("table", "--brief", "--language", "es").stdout
    filmbench("table", "no-such-run", "--brief", code=2)


def test_export_has_every_planned_take(first, filmbench, place):
    import pandas as pd

    filmbench("export", place / "scores.parquet", "--run", first["run"])
    frame = pd.read_parquet(place / "scores.parquet")
    assert frame["key"].nunique() == 24
    assert {"not made", "unsupported", "ok"} >= set(frame["outcome"])
    filmbench("export", place / "scores.xlsx", code=2)


def test_plan_quotes_a_vendor_without_a_key(filmbench):
    arms = {arm["arm"]: arm for arm in json.loads(filmbench("plan", "small.toml", "--json").stdout)["arms"]}
    assert float(arms["Eleven"]["ceiling_usd"]) > 0
    assert arms["Eleven"]["unable"] == "needs ELEVENLABS_API_KEY"
    assert float(arms["robot"]["ceiling_usd"]) == 0


def test_readings_join_as_references(filmbench, place, first):
    import shutil
    import sqlite3

    with sqlite3.connect(place / "runs" / "ledger.db") as ledger:
        sample, artifacts = ledger.execute(
            "SELECT r.sample, t.artifacts FROM takes t JOIN requests r USING (key) "
            "WHERE r.provider = 'local/flite' AND t.outcome = 'ok' ORDER BY r.sample"
        ).fetchone()
    sha = json.loads(artifacts)["speech"][0]["sha256"]
    readings = place / "readings"
    readings.mkdir()
    shutil.copy(place / "runs" / "artifacts" / sha[:2] / sha[2:4] / sha, readings / f"{sample}.wav")
    assert "1 of 155 lines" in filmbench("import", readings, "--reference", "film-lines").stdout
    suite = SUITE.replace("local/floor", "local/reference").replace("wrong words", "mine")
    (place / "mine.toml").write_text(suite.replace('params = { damage = "wrong_words" }\n', ""))
    found = rows(json.loads(filmbench("run", "mine.toml", "--json").stdout))
    assert found["mine"]["role"] == "reference"
    assert found["mine"]["ok"] == 1


def test_resources_and_caps_speak_plainly(filmbench):
    assert "nothing is left at any vendor" in filmbench("resources", "list").stdout
    assert "US dollars" in filmbench("run", "small.toml", "--cap", "lots", code=2).stderr
    assert "--reuse cannot be" in filmbench("run", "small.toml", "--reuse", "sometimes", code=2).stderr
