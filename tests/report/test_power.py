"""How much must be measured: against the textbook, against simulation, and on a real run's command line."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest
from filmbench.harness import power
from filmbench.harness.results import Results
from filmbench.harness.store import Store, schema
from filmbench.harness.suite import parse
from filmbench.harness.types import UsageError
from sqlalchemy import select
from typer.testing import CliRunner

SUITE = parse(
    'name = "s"\n[[tasks]]\ncontract = "tts"\ndataset = "lines"\n[[tasks.arms]]\nprovider = "acme/a"\n', "s.toml"
)
BETWEEN, WITHIN = 0.30, 0.40


def earlier(new_ledger, metrics, samples, takes, seed=0):
    """Two voices, equally good: samples differ by BETWEEN, takes of one voice by WITHIN (standard deviations)."""
    rng = np.random.default_rng(seed)
    book = new_ledger()
    for number in range(samples):
        gap = rng.normal(0, BETWEEN)
        for take in range(takes):
            for arm, level in (("old", 3.0), ("new", 3.0 + gap)):
                book.take(arm, f"s{number:04}", mos=level + rng.normal(0, WITHIN), take=take)
    takes_frame, scores = book.frames()
    return Results("run", SUITE, takes_frame, scores, metrics, {}, {})


def test_both_parts_of_the_variance_are_found(new_ledger, metrics):
    found = power.noise(earlier(new_ledger, metrics, 1500, 3), "tts.distillmos", "old", "new")
    assert found.between == pytest.approx(BETWEEN**2, rel=0.15)
    assert found.within == pytest.approx(2 * WITHIN**2, rel=0.1)


def test_samples_are_the_textbook_figure(new_ledger, metrics):
    """n = (z.95 + z.80)² σ² / m², with σ² of one take a sample, then of five."""
    found = power.noise(earlier(new_ledger, metrics, 1500, 3), "tts.distillmos", "old", "new")
    for takes in (1, 5):
        variance = BETWEEN**2 + 2 * WITHIN**2 / takes
        assert found.samples(0.1, takes) == pytest.approx(math.ceil(2.4864749**2 * variance / 0.1**2), rel=0.1)
    assert found.power(0.1, found.samples(0.1)) == pytest.approx(0.8, abs=0.002)


def test_without_repeated_takes_nothing_is_said_of_them(new_ledger, metrics):
    found = power.noise(earlier(new_ledger, metrics, 200, 1), "tts.distillmos", "old", "new")
    assert found.within is None
    assert found.between == pytest.approx(BETWEEN**2 + 2 * WITHIN**2, rel=0.3)


@pytest.mark.slow
def test_the_promised_power_is_kept(new_ledger, metrics):
    """Of 200 runs with the promised number of samples, 8 in 10 show a drop of the margin's size."""
    from filmbench.harness.stats.paired import paired

    needed = power.noise(earlier(new_ledger, metrics, 1500, 3), "tts.distillmos", "old", "new").samples(0.3)
    rng = np.random.default_rng(5)
    seen = 0
    for _ in range(200):
        gap = -0.3 + rng.normal(0, BETWEEN, needed) + rng.normal(0, WITHIN * math.sqrt(2), needed)
        seen += paired(np.zeros(needed), gap).p_below <= 0.05
    assert 0.72 <= seen / 200 <= 0.88


def test_the_budget_goes_where_it_decides(new_ledger, metrics):
    rng = np.random.default_rng(2)
    book = new_ledger()
    for number in range(60):
        for arm, noise in (("base", 0.0), ("quiet", 0.1), ("loud", 1.5)):
            book.take(arm, f"s{number}", mos=3 + rng.normal(0, noise + 1e-3))
    takes, scores = book.frames()
    found = Results("run", SUITE, takes, scores, metrics, {}, {})
    noises = power.pairs(found, "tts.distillmos", ["base", "quiet", "loud", "absent"])
    assert {(one.base, one.candidate) for one in noises} == {("base", "quiet"), ("base", "loud"), ("quiet", "loud")}
    chosen = power.decide(noises, 0.2, 40.0, {"base": 0.5, "quiet": 0.5, "loud": 0.5}, 1000)
    assert (chosen[0].noise.base, chosen[0].noise.candidate) == ("base", "quiet")
    assert chosen[0].power > 0.99
    assert chosen[0].usd < 40  # it needs fewer than the money buys
    assert chosen[1].samples == 40  # a dollar a pair
    assert chosen[1].power < 0.3
    assert power.decide(noises, 0.2, 40.0, {"base": 0.5, "quiet": None, "loud": 0.5}, 1000)[0].noise.candidate == "loud"


def test_what_varies_nowhere_tells_nothing(new_ledger, metrics):
    book = new_ledger()
    for number in range(5):
        for arm in ("a", "b"):
            book.take(arm, f"s{number}", mos=3.0)
    takes, scores = book.frames()
    found = Results("run", SUITE, takes, scores, metrics, {}, {})
    with pytest.raises(UsageError, match="says nothing of how"):
        power.noise(found, "tts.distillmos", "a", "b")
    with pytest.raises(UsageError, match="has no better direction"):
        power.noise(found, "tts.loudness", "a", "b")


SHOWN = """
name = "again"
[[tasks]]
contract = "tts"
dataset = "film-lines"
languages = ["en"]
[[tasks.arms]]
provider = "local/espeak-ng"
label = "espeak <i>&amp; co"
[[tasks.arms]]
provider = "local/flite"
label = "flite slt"
"""


def filmbench(*arguments):
    from filmbench.harness.cli import app

    return CliRunner().invoke(app, arguments)


@pytest.fixture
def uneven(shown, tmp_path):
    """The small run, but one line was heard worse than the others."""
    shutil.copytree(shown[0], tmp_path / "store")
    with Store.open(tmp_path / "store") as store:
        cer = schema.scores.c
        first = store.ledger.write_now(
            lambda c: c.execute(
                select(cer.key).where(cer.metric == "tts.cer", cer.value == 12.5).order_by(cer.key)
            ).scalar()
        )
        change = schema.scores.update().where(cer.metric == "tts.cer", cer.key == first)
        store.ledger.write_now(lambda c: c.execute(change.values(statistics={"errors": 9, "characters": 40})))
    return tmp_path / "store"


def test_plan_says_how_many_samples_a_margin_needs(uneven, tmp_path):
    suite = tmp_path / "again.toml"
    suite.write_text(SHOWN)
    store = ("--store", str(uneven))
    result = filmbench("plan", str(suite), "--detect", "tts.cer=5", "--budget", "40", *store, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["detect"][0]["candidate"] == "flite slt"
    assert found["detect"][0]["samples"]["1"] >= 2
    assert found["budget"][0]["usd"] == 0.0
    text = filmbench("plan", str(suite), "--detect", "tts.cer=5", *store).output
    assert "8 times in 10" in text
    assert "no sample was taken twice" in text


@pytest.mark.parametrize("detect", ["tts.cer=0", "tts.cer=x", "tts.cer", "nan"])
def test_a_margin_is_a_size(shown, tmp_path, detect):
    suite = tmp_path / "again.toml"
    suite.write_text(SHOWN)
    result = filmbench("plan", str(suite), "--detect", detect, "--store", str(shown[0]))
    assert isinstance(result.exception, UsageError)
    assert "--detect cannot be" in str(result.exception)
