"""A vendor that changes its model overnight is told from one that does not, and from one that became worse."""

from __future__ import annotations

import json

import numpy as np
import pytest
from filmbench.harness.drift import drift
from filmbench.harness.results import Results
from filmbench.harness.suite import parse
from filmbench.harness.types import NothingMeasured
from typer.testing import CliRunner

SUITE = parse(
    'name = "s"\n[[tasks]]\ncontract = "tts"\ndataset = "lines"\n[[tasks.arms]]\nprovider = "acme/a"\n', "s.toml"
)


def night(new_ledger, metrics, seed, *, day, samples=24, epoch=0, name="v1", mos=0.0, loudness=0.0, longer=1.0):
    """One night's run: the lines' own character stays, each take varies a little."""
    rng = np.random.default_rng(seed)
    book = new_ledger()
    for number in range(samples):
        own = np.random.default_rng(1000 + number)
        book.take(
            "voice",
            f"s{number:02}",
            cluster=f"scene {number // 2}",
            mos=own.normal(4.0, 0.3) + mos + rng.normal(0, 0.05),
            loudness=own.normal(-23, 2) + loudness + rng.normal(0, 0.2),
            seconds=own.uniform(3, 8) * longer + rng.normal(0, 0.05),
            answered_model=name,
            epoch=epoch,
            made_at=f"2025-03-{day:02}T10:00:00Z",
            artifact=f"{seed}-{number}",
        )
    takes, scores = book.frames()
    return Results(f"night-{day}", SUITE, takes, scores, metrics, {}, {})


def test_two_nights_of_one_model_show_no_drift(new_ledger, metrics):
    found = drift(night(new_ledger, metrics, 1, day=1), night(new_ledger, metrics, 2, day=2, epoch=1))
    assert found.drifted == ()
    assert found.arms[0].samples == 24
    assert found.arms[0].same_bytes == 0.0


@pytest.mark.parametrize(
    ("change", "column"),
    [({"loudness": -1.0}, "Loudness"), ({"longer": 1.05}, "Length (s)"), ({"mos": 0.2}, "DistillMOS")],
)
def test_output_that_moves_is_drift_whichever_way(new_ledger, metrics, change, column):
    found = drift(night(new_ledger, metrics, 1, day=1), night(new_ledger, metrics, 2, day=2, epoch=1, **change))
    assert [one.arm for one in found.drifted] == ["voice"]
    assert [moved.column for moved in found.arms[0].columns if moved.drifted] == [column]


def test_another_name_is_drift_though_nothing_moves(new_ledger, metrics):
    found = drift(night(new_ledger, metrics, 1, day=1), night(new_ledger, metrics, 2, day=2, epoch=1, name="v2"))
    assert found.arms[0].renamed
    assert (found.arms[0].names_then, found.arms[0].names_now) == (("v1",), ("v2",))
    assert found.drifted


def test_takes_that_were_not_asked_anew_tell_nothing(new_ledger, metrics):
    first = night(new_ledger, metrics, 1, day=1)
    with pytest.raises(NothingMeasured, match="an epoch cannot be compared with itself"):
        drift(first, first)


@pytest.mark.slow
def test_false_alarms_are_rare(new_ledger, metrics):
    """Of 100 pairs of nights of one model, a few drift at most."""
    alarms = 0
    for seed in range(100):
        then = night(new_ledger, metrics, 2 * seed, day=1)
        alarms += bool(drift(then, night(new_ledger, metrics, 2 * seed + 1, day=2, epoch=1)).drifted)
    assert alarms <= 4


def test_from_the_command_line(tmp_path):
    """Deterministic voices asked on two days: the very same bytes, no drift; the first day has nothing before it."""
    from filmbench.harness.cli import app

    suite = tmp_path / "canary.toml"
    suite.write_text(
        'name = "canary"\n[[tasks]]\ncontract = "tts"\ndataset = "film-lines"\nlanguages = ["en"]\nlimit = 3\n'
        'metrics = ["tts.clipping", "tts.loudness_lufs"]\n[[tasks.arms]]\nprovider = "local/espeak-ng"\n'
    )
    store = ("--store", str(tmp_path / "store"))
    run = CliRunner().invoke(app, ["run", str(suite), *store])
    assert run.exit_code == 0, run.output
    alone = CliRunner().invoke(app, ["drift", *store])
    assert "is the first run of canary" in str(alone.exception)
    CliRunner().invoke(app, ["run", str(suite), "--reuse", "never", *store])
    result = CliRunner().invoke(app, ["drift", "--strict", "--json", *store])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["drifted"] == []
    assert found["arms"][0]["same_bytes"] == 1.0
