"""Beyond ranks: who is worth the price, what tells nobody apart, and totals that were asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest
from filmbench.harness import suite as suites
from filmbench.harness import weights
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.report import charts
from filmbench.harness.report.tables import render
from filmbench.harness.types import UsageError

# arm: characters wrong of 100, dollars and seconds a take. "dear" is beaten by "good"; "cheap" only in quality.
ARMS = {"good": (2, 0.05, 2.0), "dear": (4, 0.09, 1.0), "cheap": (6, 0.01, 3.0), "slow": (9, 0.01, 9.0)}


@pytest.fixture
def market(ledger):
    for number in range(12):
        sample, wobble = f"s{number:02}", number % 2
        for arm, (errors, usd, seconds) in ARMS.items():
            ledger.take(arm, sample, cer=(errors + wobble, 100), billed_usd=usd, total_s=seconds, mos=4.0 + wobble / 2)
        ledger.take("unpriced", sample, cer=(5, 100), billed_usd=np.nan if number == 3 else 0.001, mos=4.0)
        ledger.take("person", sample, cer=(0, 100), role="reference", billed_usd=0.0, mos=4.3)
    return ledger


def test_the_front_of_quality_and_cost_and_of_quality_and_latency(market, metrics):
    board = leaderboard(*market.frames(), metrics)
    marks = {row.arm: (row.tradeoff.cost, row.tradeoff.latency) for row in board.rows}
    assert marks == {
        "good": (True, True),
        "dear": (False, True),
        "cheap": (True, False),
        "slow": (False, False),
        "unpriced": (None, False),  # at least its price is not its price
        "person": (None, None),
    }
    text = render(board, "markdown")
    assert text.count("Pareto front") >= 3  # both sheets and the note
    rows = json.loads(render(board, "json"))["rows"]
    assert next(row for row in rows if row["arm"] == "dear")["tradeoff"]["cost"] is False
    assert "Pareto front, quality and cost" in render(board, "csv").splitlines()[0]


def test_the_fronts_line_joins_the_arms_on_it_from_the_cheapest_on(market, metrics):
    by_cost, by_time = charts.scatters(leaderboard(*market.frames(), metrics))
    assert by_cost.across == "$ per 1,000 characters"
    assert [point.arm for point in by_cost.points if point.front] == ["good", "cheap"]
    good, cheap = (next(point for point in by_cost.points if point.arm == arm) for arm in ("good", "cheap"))
    assert by_cost.path == ((cheap.at, cheap.up, good.at, cheap.up), (good.at, cheap.up, good.at, good.up))
    assert [point.arm for point in by_time.points if point.front] == ["good", "dear"]


def test_arms_of_one_price_have_no_plot_of_it(ledger, metrics):
    for number in range(6):
        for arm, errors in (("one", 1), ("two", 3)):
            ledger.take(arm, f"s{number}", cer=(errors, 50), billed_usd=0.0)
    board = leaderboard(*ledger.frames(), metrics)
    assert [row.tradeoff.cost for row in board.rows] == [True, False]  # both are free, one is better
    assert charts.scatters(board) == ()


def test_a_metric_on_which_everyone_ties_is_marked(market, metrics):
    board = leaderboard(*market.frames(), metrics)
    assert board.saturated == {"tts.distillmos": "all 5 arms tie at 95 %"}
    text = render(board, "markdown")
    assert "DistillMOS (MOS) ↑ · all tie" in text
    assert "Character error rate (%) ↓ |" in text  # which tells them apart
    assert "Tells nobody apart here, all 5 arms tie at 95 %: DistillMOS" in text
    near = leaderboard(*market.frames(), metrics, margins={"tts.distillmos": 0.5})
    assert near.saturated["tts.distillmos"] == "all 5 arms are within 0.5 MOS of the reference"


def test_a_metric_of_one_value_ties_and_keeps_its_place(ledger, metrics):
    for number in range(8):
        for arm in ("one", "two", "three"):
            ledger.take(arm, f"s{number}", mos=3.0, cer=(1, 20))
    board = leaderboard(*ledger.frames(), metrics)
    assert set(board.saturated) == {"tts.cer", "tts.distillmos"}
    assert {row.rank for row in board.rows} == {(1, 3)}
    assert board.row("one").values["tts.distillmos"].reason == "all 8 samples alike: no interval"


def test_the_total_is_the_weighted_mean_of_what_its_note_says(market, metrics):
    asked = {"tts.cer": 3.0, "tts.distillmos": 1.0}
    board = leaderboard(*market.frames(), metrics, weights=asked)
    # CER 2.5 % of 0..100 and MOS 4.25 of 1..5: 75 % of 97.5 and 25 % of 81.25.
    assert board.row("good").total.value == pytest.approx(0.75 * 97.5 + 0.25 * 81.25)
    assert board.row("good").total.low < board.row("good").total.value < board.row("good").total.high
    assert all(row.total.high is None or row.total.high <= 100 for row in board.rows)
    note = next(note for note in board_notes(board) if "Weighted total" in note)
    assert "75 % Character error rate (0 at 100, 100 at 0: its bounds)" in note
    assert "25 % DistillMOS (0 at 1, 100 at 5: its bounds)" in note
    assert "Weighted total ↑" in render(board, "markdown")
    assert json.loads(render(board, "json"))["weights"][0]["share"] == 0.75


def test_there_is_no_total_unless_the_suite_asks_for_one(market, metrics):
    board = leaderboard(*market.frames(), metrics)
    assert board.weights == ()
    assert {row.total for row in board.rows} == {None}
    assert "total ↑" not in render(board, "markdown")


def test_without_bounds_the_floor_and_the_reference_are_the_scale(ledger, metrics):
    for number in range(4):
        for arm, role, value in (("person", "reference", 4.0), ("noise", "floor", 1.0), ("voice", "arm", 2.5)):
            row = ledger.take(arm, f"s{number}", role=role, mos=3.0)
            ledger.score(row, metrics[2], value + (number % 2) / 10)
    board = leaderboard(*ledger.frames(), metrics, weights={"tts.pesq": 1.0})
    assert board.row("voice").total.value == pytest.approx(50.0)
    takes, scores = ledger.frames()
    alone = leaderboard(takes[takes["role"] == "arm"], scores, metrics, weights={"tts.pesq": 1.0})
    assert alone.row("voice").total.value is None
    assert alone.row("voice").total.reason == "PESQ: no bounds, and no floor and reference rows to go by"
    assert any("No weighted total" in note for note in board_notes(alone))


def board_notes(board):
    from filmbench.harness.report.tables import document

    return document(board).notes


SUITE = """
name = "weighed"

[weights]
"tts.cer" = 2
{line}

[[tasks]]
contract = "tts"
dataset = "film-lines"

[[tasks.arms]]
provider = "local/espeak-ng"
"""


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('"tts.cerr" = 1', r"weighed\.toml, line 6, weights\.tts\.cerr: there is no metric 'tts\.cerr'", "tts.cer"),
        ('"tts.wer" = -1', r"weighed\.toml, line 6, weights\.tts\.wer: input should be greater than 0", None),
    ],
)
def test_weights_that_cannot_be_are_told_by_file_line_and_key(line, message, hint):
    with pytest.raises(UsageError, match=message) as error:
        suites.parse(SUITE.format(line=line), "weighed.toml")
    assert hint is None or hint in error.value.hint


def test_weights_on_what_is_not_measured_or_has_no_better_side_are_refused(metrics):
    with pytest.raises(UsageError, match="which the suite does not measure") as error:
        weights.check({"tts.distilmos": 1.0}, metrics)
    assert error.value.hint.startswith("did you mean tts.distillmos")
    with pytest.raises(UsageError, match="no better direction"):
        weights.check({"tts.loudness": 1.0}, metrics)
