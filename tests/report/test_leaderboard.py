"""The leaderboard against worked examples, and what it must refuse."""

import numpy as np
import pandas as pd
import pytest
from filmbench.harness.leaderboard import by_language, leaderboard, require_measured
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report.tables import render
from filmbench.harness.stats import coverage
from filmbench.harness.types import NothingMeasured, UsageError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_takes_are_averaged_first_and_clusters_widen_the_interval(ledger, metrics):
    for sample, cluster, values in (("a", "x", [3, 5]), ("b", "x", [4]), ("c", "y", [2]), ("d", "y", [2])):
        for take, value in enumerate(values):
            ledger.take("one", sample, take=take, cluster=cluster, mos=value)
    found = leaderboard(*ledger.frames(), metrics).row("one")
    # Samples 4, 4, 2, 2: mean 3. Cluster residuals +2 and -2: variance (4 + 4) / (1 - 1/2) / 4^2 = 1 with 1 df.
    level = found.values["tts.distillmos"]
    assert level.value == 3
    assert (level.low, level.high) == (1, 5)  # 3 -+ 12.7, cut at the scale's ends
    assert (level.n, level.clusters, level.kind) == (4, 2, "95% skew-corrected clustered t")
    assert found.take_spread["tts.distillmos"] == pytest.approx(np.sqrt(2))


def test_a_corpus_rate_divides_sums(ledger, metrics):
    for sample, cer in (("a", (1, 10)), ("b", (0, 50)), ("c", (5, 40))):
        ledger.take("one", sample, cer=cer)
    level = leaderboard(*ledger.frames(), metrics).row("one").values["tts.cer"]
    assert level.value == pytest.approx(6.0)  # not the mean of 10, 0 and 12.5
    assert level.kind == "95% skew-corrected t"
    assert 0 <= level.low < 6 < level.high
    assert level.covers == coverage.MEASURED["level"][3]


def test_failures_stay_in_the_denominator_and_count_as_the_worst(ledger, metrics):
    for sample in "abcd":
        failed = sample == "b"
        values = {} if failed else {"cer": (2, 20), "mos": 4}
        ledger.take("flaky", sample, outcome="failed" if failed else "ok", reason="HTTP 500", **values)
        ledger.take("steady", sample, cer=(3, 20 if sample != "b" else 40), mos=3)
    found = leaderboard(*ledger.frames(), metrics).row("flaky")
    assert (found.planned, found.made, found.ok) == (4, 4, 3)
    assert found.success.value == 0.75
    assert (found.success.low, found.success.high) == pytest.approx((0.300642, 0.954413), abs=1e-6)
    assert (found.values["tts.cer"].value, found.values["tts.cer"].n) == (pytest.approx(10), 3)
    # The failed line is 40 characters long, as the other arm's score tells: (6 + 40) / (60 + 40).
    assert found.with_failures["tts.cer"].value == pytest.approx(46)
    assert found.with_failures["tts.distillmos"].value == pytest.approx((4 + 4 + 4 + 1) / 4)
    assert [(one.outcome, one.reason, one.count) for one in found.failures] == [("failed", "HTTP 500", 1)]


def test_a_retired_model_loses_no_quality_yet_stays_counted(ledger, metrics):
    for number in range(4):
        ledger.take("steady", f"s{number}", cer=(2, 20), mos=3.0)
        if number < 2:
            ledger.take("gone", f"s{number}", cer=(2, 20), mos=3.0)
        else:
            ledger.take("gone", f"s{number}", outcome="retired", reason="acme answered 404 (retired on 2026-10-23)")
    board = leaderboard(*ledger.frames(), metrics)
    gone, steady = board.row("gone"), board.row("steady")
    for id in ("tts.cer", "tts.distillmos"):
        assert gone.values[id].value == gone.with_failures[id].value == steady.values[id].value
    assert gone.rank == steady.rank
    assert (gone.made, gone.ok, gone.unsupported) == (4, 2, 0)
    assert gone.success.value == pytest.approx(0.5)
    assert [(one.outcome, one.count) for one in gone.failures] == [("retired", 2)]
    assert any("2 takes were asked of retired models" in note for note in board.notes)


def test_unsupported_is_coverage_and_unmade_is_waiting(ledger, metrics):
    ledger.take("one", "a", cer=(1, 10))
    ledger.take("one", "b", cer=(1, 12))
    ledger.take("one", "c", outcome="unsupported", reason="speaks no Finnish")
    ledger.take("one", "d", outcome=None)
    ledger.take("none", "a", outcome="unsupported", reason="espeak-ng is not installed")
    board = leaderboard(*ledger.frames(), metrics)
    one, none = board.row("one"), board.row("none")
    assert (one.planned, one.made, one.ok, one.unsupported, one.coverage) == (4, 3, 2, 1, 0.75)
    assert one.success.n == 2
    assert one.success.value == 1
    assert "1 of 5 planned takes are not made yet" in board.notes
    assert none.success.value is None
    assert none.values["tts.cer"].reason == "unsupported"
    assert none.rank is None


def test_metrics_stand_in_the_contracts_order_and_gaps_have_reasons(ledger, metrics):
    first = ledger.take("one", "a", mos=4, cer=(1, 10))
    second = ledger.take("one", "b", cer=(0, 10))
    ledger.score(second, metrics[1], np.nan, reason="shorter than a second")
    ledger.score(first, metrics[2], np.nan, reason="no reference")
    board = leaderboard(*ledger.frames(), metrics)
    assert [spec.id for spec in board.columns] == ["tts.cer", "tts.distillmos", "tts.loudness", "tts.pesq"]
    row = board.row("one")
    assert row.gaps["tts.distillmos"].count == 1
    assert row.gaps["tts.distillmos"].reason == "shorter than a second"
    assert row.values["tts.distillmos"].reason == "one sample only: no interval"
    assert row.values["tts.loudness"].reason == "not scored"
    assert row.values["tts.pesq"].value is None
    assert board.notes == ("no human reference", "no floor rows")


def test_unlike_signatures_never_share_a_column(ledger, metrics):
    row = ledger.take("one", "a", mos=4)
    other = ledger.take("one", "b")
    ledger.score(other, metrics[1], 3.0, signature="tts.distillmos|test:2")
    with pytest.raises(UsageError) as error:
        leaderboard(*ledger.frames(), metrics)
    assert "tts.distillmos|test:1" in str(error.value)
    assert "tts.distillmos|test:2" in str(error.value)
    ledger.scores.pop()
    ledger.score(row, metrics[1], 3.0)
    with pytest.raises(UsageError, match="two scores"):
        leaderboard(*ledger.frames(), metrics)


def test_unlike_contracts_and_empty_plans_are_refused(ledger, metrics):
    ledger.take("one", "a")
    ledger.take("one", "b", contract="dubbing")
    takes, scores = ledger.frames()
    with pytest.raises(UsageError, match="dubbing, tts"):
        leaderboard(takes, scores, metrics)
    with pytest.raises(NothingMeasured):
        leaderboard(takes.head(0), scores, metrics)
    board = leaderboard(takes.head(1), scores, metrics)
    with pytest.raises(NothingMeasured):
        require_measured(board)


def test_samples_of_one_id_in_two_languages_are_two_samples(ledger, metrics):
    for language in ("en", "es"):
        for sample in "ab":
            ledger.take("one", sample, language=language, cer=(1 if language == "en" else 3, 10))
    takes, scores = ledger.frames()
    level = leaderboard(takes, scores, metrics).row("one").values["tts.cer"]
    assert (level.n, level.value) == (4, pytest.approx(20))
    boards = by_language(takes, scores, metrics)
    assert [boards[name].row("one").values["tts.cer"].value for name in ("en", "es")] == pytest.approx([10, 30])
    assert leaderboard(takes, scores, metrics, languages=["es"]).languages == ("es",)


def test_live_and_other_endpoints_never_mix(ledger, metrics):
    for sample in "abcdefgh":
        ledger.take("one", sample, mos=3, cer=(1, 10))
        ledger.take("one", sample, mos=5, cer=(0, 10), live=False, endpoint="http://127.0.0.1")
        ledger.take("two", sample, mos=4, cer=(1, 10))
    board = leaderboard(*ledger.frames(), metrics)
    assert [(row.arm, row.live) for row in board.rows] == [("one", True), ("two", True), ("one", False)]
    assert [row.values["tts.distillmos"].value for row in board.rows] == [3, 4, 5]
    assert board.rows[2].rank is None
    assert board.rows[0].rank == (1, 2)


def test_ranks_compare_common_samples_only(ledger, metrics):
    # "partial" is the worst where all can be compared, and did none of the hard samples.
    for number in range(24):
        hard = number >= 12
        ledger.take("good", f"s{number:02}", cer=(20 if hard else 1, 50))
        ledger.take("fair", f"s{number:02}", cer=(24 if hard else 2, 50))
        if not hard:
            ledger.take("partial", f"s{number:02}", cer=(6, 50))
    board = leaderboard(*ledger.frames(), metrics)
    levels = {row.arm: row.values["tts.cer"].value for row in board.rows}
    assert levels["partial"] < levels["good"] < levels["fair"]
    assert [(row.arm, row.rank) for row in board.rows] == [("good", (1, 1)), ("fair", (2, 2)), ("partial", (3, 3))]
    assert board.ranked_by == "tts.cer"


def test_failing_hard_samples_gains_no_rank(ledger, metrics):
    for number in range(20):
        hard = number >= 10
        ledger.take("honest", f"s{number:02}", cer=(10 if hard else 2, 50))
        outcome = {"outcome": "refused", "reason": "no"} if hard else {"cer": (2, 50)}
        ledger.take("choosy", f"s{number:02}", **outcome)
    board = leaderboard(*ledger.frames(), metrics)
    assert board.row("choosy").values["tts.cer"].value < board.row("honest").values["tts.cer"].value
    assert [row.arm for row in board.rows] == ["honest", "choosy"]
    assert (board.row("honest").rank, board.row("choosy").rank) == ((1, 1), (2, 2))


def test_latency(ledger, metrics):
    for number in range(60):
        made = f"2025-0{1 + number % 2}-03T00:00:00Z"
        ledger.take("many", f"s{number}", total_s=1 + number, seconds=4.0, first_byte_s=0.5, made_at=made, cached=True)
    for number in range(9):
        outcome = {"outcome": "timed_out", "reason": "300 s"} if number > 5 else {"total_s": 1 + number}
        ledger.take("slow", f"s{number}", **outcome)
        ledger.take("own", f"s{number}", provider="local/own", host="a" if number else "b")
    board = leaderboard(*ledger.frames(), metrics)
    many, slow, own = (board.row(arm).latency for arm in ("many", "slow", "own"))
    assert (many.total.value, many.total.low, many.total.high) == (30.5, 22, 39)
    assert (many.total_p95.value, many.total_p95.high) == (57, 60)
    assert many.real_time_factor.value == 30.5 / 4
    assert many.first_byte.value == 0.5
    assert many.first_content.value is None
    assert (many.first_made, many.last_made) == ("2025-01-03T00:00:00Z", "2025-02-03T00:00:00Z")
    assert slow.total.value == 5  # the fifth of nine: three never ended
    assert "never ended" in slow.total.reason
    assert "n too small" in slow.total_p95.reason
    assert own.total.value is None
    assert own.total.reason == "timed on 2 machines: a (2 cores), b (2 cores)"


def test_cost_holds_failures_and_says_at_least(ledger, metrics):
    ledger.take("vendor", "a", billed_usd=0.02, quoted_usd=0.01, characters=100, seconds=6.0)
    ledger.take("vendor", "b", billed_usd=0.03, quoted_usd=0.01, outcome="invalid", reason="silent", characters=100)
    ledger.take("vendor", "c", outcome="unsupported", billed_usd=np.nan)
    ledger.take("partly", "a", billed_usd=0.02)
    ledger.take("partly", "b", billed_usd=np.nan, outcome="submit_unknown")
    ledger.take("unknown", "a", billed_usd=np.nan)
    ledger.take("free", "a", billed_usd=0.0)
    board = leaderboard(*ledger.frames(), metrics)
    vendor, partly, unknown, free = (board.row(arm).cost for arm in ("vendor", "partly", "unknown", "free"))
    assert (vendor.billed, vendor.quoted) == (pytest.approx(0.05), pytest.approx(0.02))
    assert vendor.per_1000_characters == pytest.approx(0.5)  # 5 cents over the 100 characters that came out
    assert vendor.per_finished_minute == pytest.approx(0.5)
    assert (vendor.unpriced, vendor.at_least) == (0, False)
    assert (partly.per_1000_characters, partly.unpriced, partly.at_least) == (pytest.approx(0.2), 1, True)
    assert (unknown.billed, unknown.per_1000_characters, unknown.reason) == (None, None, "no price")
    assert free.per_1000_characters == 0
    assert (board.spend.total, board.spend.unpriced) == (pytest.approx(0.07), 2)


def test_takes_that_two_labels_share_are_paid_once(ledger, metrics):
    for arm in ("old name", "new name"):
        ledger.take(
            arm, "a", provider="acme/same", cached=arm == "new name", cer=(1, 10) if arm == "old name" else None
        )
    board = leaderboard(*ledger.frames(), metrics)
    assert board.spend.total == pytest.approx(0.01)
    assert board.row("new name").values["tts.cer"].value == board.row("old name").values["tts.cer"].value == 10


def test_references_come_first_and_floors_last(studio, metrics):
    board = leaderboard(*studio.frames(), metrics)
    assert [row.role for row in board.rows] == ["reference", "arm", "arm", "arm", "arm", "arm", "floor"]
    assert board.notes == ("1 of 121 planned takes are not made yet",)
    assert board.row("late").values["tts.cer"].reason == "not made yet"


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(studio, metrics, order):
    takes, scores = studio.frames()
    shuffled = []
    for frame in (takes, scores):
        places = list(range(len(frame)))
        order.shuffle(places)
        shuffled.append(frame.iloc[places])
    expected = render(leaderboard(takes, scores, metrics), "json")
    assert render(leaderboard(*shuffled, metrics), "json") == expected


def test_frames_of_a_database_with_other_column_types_give_the_same_table(studio, metrics):
    takes, scores = studio.frames()
    typed = takes.convert_dtypes()
    typed["live"] = typed["live"].astype("boolean")
    other = render(leaderboard(typed, scores.convert_dtypes(), metrics), "json")
    assert other == render(leaderboard(takes, scores, metrics), "json")
    objects = takes.astype(object).where(takes.notna(), None)
    assert render(leaderboard(pd.DataFrame(objects), scores, metrics), "json") == other


def test_a_stage_without_a_primary_metric_is_never_ranked_and_says_so(ledger):
    """Its measures stand in the table, best or not; only people's votes could rank it."""
    steady = MetricSpec(
        "video.steady", "Steadiness", "", "video.steady|test:1", ("video",), True, "proxy", low=0, high=1, worst=0.0
    )
    for sample in "abcd":
        for arm, value in (("one", 0.9), ("two", 0.2)):
            row = ledger.take(arm, sample, contract="video")
            ledger.score(row, steady, value)
    board = leaderboard(*ledger.frames(), (steady,))
    assert (board.primary, board.ranked_by) == ((), None)
    assert [(row.rank, row.lead) for row in board.rows] == [(None, None)] * 2
    assert board.row("one").values["video.steady"].value == pytest.approx(0.9)
    assert any("only people's votes rank" in note for note in board.notes)
    for form in ("terminal", "markdown", "csv", "json"):
        assert "Steadiness" in render(board, form) or "video.steady" in render(board, form)
