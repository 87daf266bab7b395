"""What an accepted second costs: by hand, by the geometric law, and in the tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from filmbench.harness.acceptance import check
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.report import sheets, tables
from filmbench.harness.types import UsageError


def board(ledger, metrics, **accept):
    takes, scores = ledger.frames()
    return leaderboard(takes, scores, metrics, accept={f"tts.{name}": worst for name, worst in accept.items()})


def test_by_hand(ledger, metrics):
    """Four lines of 6 s at 1 cent: one failed, one mumbled, two will do."""
    ledger.take("voice", "a", mos=4.5)
    ledger.take("voice", "b", mos=4.2)
    ledger.take("voice", "c", mos=2.0)
    ledger.take("voice", "d", outcome="failed", billed_usd=0.01)
    found = board(ledger, metrics, distillmos=3.0).row("voice").acceptance
    assert found.rate.value == 0.5
    assert found.rate.kind == "95% Wilson"
    assert found.judged == 4
    assert found.per_second == pytest.approx(0.04 / 12)
    assert (found.takes_p50, found.takes_p90) == (1, 4)  # 1 - 0.5 ** 4 = 0.94
    assert found.per_second_p50 == pytest.approx(0.01 / 6)
    assert found.per_second_p90 == pytest.approx(4 * 0.01 / 6)


@pytest.mark.parametrize(("good", "of"), [(1, 10), (3, 10), (9, 10)])
def test_takes_until_one_is_accepted(ledger, metrics, good, of):
    for number in range(of):
        ledger.take("voice", f"s{number}", mos=4.0 if number < good else 1.5)
    found = board(ledger, metrics, distillmos=3.0).row("voice").acceptance
    for takes, chance in ((found.takes_p50, 0.5), (found.takes_p90, 0.9)):
        assert 1 - (1 - good / of) ** takes >= chance - 1e-9
        assert takes == 1 or 1 - (1 - good / of) ** (takes - 1) < chance


def test_rules_go_by_the_metrics_own_direction(ledger, metrics):
    ledger.take("voice", "a", cer=(1, 100))
    ledger.take("voice", "b", cer=(9, 100))
    assert board(ledger, metrics, cer=5.0).row("voice").acceptance.rate.value == 0.5


def test_what_a_rule_could_not_measure_is_not_judged(ledger, metrics):
    ledger.take("voice", "a", mos=4.0)
    row = ledger.take("voice", "b")
    ledger.score(row, metrics[1], np.nan, reason="too short")
    found = board(ledger, metrics, distillmos=3.0).row("voice").acceptance
    assert (found.rate.value, found.judged) == (1.0, 1)


def test_repeated_takes_are_averaged_over_their_sample(ledger, metrics):
    for take in range(3):
        ledger.take("voice", "a", mos=4.0, take=take)
    for take in range(3):
        ledger.take("voice", "b", mos=1.5 if take else 4.0, take=take)
    found = board(ledger, metrics, distillmos=3.0).row("voice").acceptance
    assert found.rate.value == pytest.approx((1 + 1 / 3) / 2)
    assert found.rate.n == 2


def test_unpriced_takes_and_unaccepted_ones_have_no_price(ledger, metrics):
    ledger.take("unpriced", "a", mos=4.0, billed_usd=np.nan)
    ledger.take("hopeless", "a", mos=1.5)
    found = board(ledger, metrics, distillmos=3.0)
    assert found.row("unpriced").acceptance.per_second is None
    assert found.row("hopeless").acceptance.per_second is None
    assert found.row("hopeless").acceptance.takes_p50 is None
    assert math.isclose(found.row("hopeless").acceptance.rate.value, 0.0)


def test_the_table_shows_the_rate_the_price_and_the_rule(ledger, metrics):
    for number in range(6):
        ledger.take("voice", f"s{number}", mos=4.0 if number else 1.5)
    text = tables.render(board(ledger, metrics, distillmos=3.0), "markdown")
    assert "Accepted (%)" in text
    assert "$ per accepted second" in text
    assert "DistillMOS at least 3 MOS" in text
    line = sheets.document(board(ledger, metrics, distillmos=3.0))
    assert any("5 and 9 times in 10 at most" in sheet.headers for sheet in line.sheets)


def test_rules_on_nothing_are_refused(metrics):
    with pytest.raises(UsageError, match=r"names 'tts\.cerr'") as error:
        check({"tts.cerr": 1.0}, metrics)
    assert "tts.cer" in error.value.hint
    with pytest.raises(UsageError, match="no better direction"):
        check({"tts.loudness": 1.0}, metrics)


def test_every_table_tells_how_many_takes_one_needs_and_what_it_costs(ledger, metrics):
    """Pictures have no length, so their price is that of a take; whoever has none is named with the reason."""
    for number in range(4):
        ledger.take("painter", f"s{number}", seconds=np.nan, mos=4.0 if number else 1.5, billed_usd=0.03)
        ledger.take("dearless", f"s{number}", seconds=np.nan, mos=4.0, billed_usd=np.nan if number else 0.03)
        ledger.take("broken", f"s{number}", outcome="failed", reason="HTTP 500", billed_usd=0.01)
    found = board(ledger, metrics, distillmos=3.0)
    painter = found.row("painter").acceptance
    assert (painter.takes_mean, painter.takes_p50, painter.takes_p90) == (pytest.approx(4 / 3), 1, 2)
    assert (painter.per_take, painter.per_take_p50, painter.per_take_p90) == pytest.approx((0.04, 0.03, 0.06))
    assert (painter.per_second, painter.reason) == (None, "what is made has no length")
    assert found.row("dearless").acceptance.reason == "3 of 4 takes have no price"
    assert found.row("broken").acceptance.reason == "no take was accepted"
    text = tables.render(found, "markdown")
    assert "$ per accepted take" in text
    assert "1.33 (50 % 1, 90 % 2)" in text
    assert "No price of an accepted take, no take was accepted: broken" in text
    assert "No price of an accepted take, 3 of 4 takes have no price: dearless" in text


def test_a_board_on_which_everything_failed_is_a_table_all_the_same(ledger, metrics):
    for number in range(3):
        for arm in ("one", "two"):
            ledger.take(arm, f"s{number}", outcome="failed", reason="HTTP 500", billed_usd=0.0)
    found = board(ledger, metrics, distillmos=3.0)
    assert found.row("one").acceptance.rate.value == 0
    assert found.row("one").success.value == 0
    assert {row.tradeoff.cost for row in found.rows} == {None}
    for form in ("terminal", "markdown", "csv", "json"):
        assert "HTTP 500" in tables.render(found, form) or form == "csv"
