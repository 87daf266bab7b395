"""Comparison of two arms and of two runs, against worked examples."""

import csv
import json

import numpy as np
import pytest
from filmbench.harness.compare import compare
from filmbench.harness.report.tables import render
from filmbench.harness.types import NothingMeasured, UsageError


def fill(ledger, arm, values, **common):
    for number, value in enumerate(values):
        ledger.take(arm, f"s{number:02}", mos=value, **common)


def test_differences_per_sample_with_clusters(ledger, metrics):
    clusters = ["x", "x", "y", "y"]
    for number, (base, candidate) in enumerate([(3, 3.5), (2, 2.5), (4, 4.1), (1, 1.1)]):
        ledger.take("old", f"s{number}", cluster=clusters[number], mos=base)
        ledger.take("new", f"s{number}", cluster=clusters[number], mos=candidate, take=0)
        ledger.take("new", f"s{number}", cluster=clusters[number], mos=candidate, take=1)
    result = compare(*ledger.frames(), metrics, "old", "new")
    change = result.change("tts.distillmos")
    assert (change.base, change.candidate) == (pytest.approx(2.5), pytest.approx(2.8))
    assert change.difference.delta == pytest.approx(0.3)
    # Cluster residual sums +0.4 and -0.4: variance (0.16 + 0.16) / (1/2) / 16 = 0.04, one degree of freedom.
    assert change.difference.standard_error == pytest.approx(0.2)
    assert change.difference.high == pytest.approx(0.3 + 12.7062 * 0.2, abs=1e-4)
    assert (change.difference.n, change.difference.clusters) == (4, 2)
    assert change.difference.p == 0.5  # two clusters: four flips, two as extreme
    assert (result.paired_samples, result.clusters) == (4, 2)


def test_what_has_no_partner_is_listed_and_left_out(ledger, metrics):
    fill(ledger, "old", [1, 1, 1, 5])
    fill(ledger, "new", [2, 2, 2])
    ledger.take("new", "s09", mos=1)
    ledger.take("new", "s10", outcome="unsupported", language="fi")
    result = compare(*ledger.frames(), metrics, "old", "new")
    assert (result.only_base, result.only_candidate) == (("s03 (en)",), ("s09 (en)", "s10 (fi)"))
    assert result.change("tts.distillmos").difference.delta == 1
    assert result.change("tts.distillmos").base == 1


def test_failures_count_and_the_value_of_successes_stands_beside(ledger, metrics):
    fill(ledger, "old", [3, 3, 3, 3, 3, 3, 3, 3])
    fill(ledger, "new", [4, 4, 4, 4])
    for number in range(4, 8):
        ledger.take("new", f"s{number:02}", outcome="refused", reason="policy")
    result = compare(*ledger.frames(), metrics, "old", "new")
    change = result.change("tts.distillmos")
    assert change.difference.delta == pytest.approx((4 * 1 + 4 * (1 - 3)) / 8)
    assert (change.given_success.delta, change.given_success.n) == (1, 4)
    assert result.success.delta == -50
    assert result.candidate.success.value == 0.5
    assert [(pair.sample, pair.gain, pair.candidate_outcome) for pair in result.losses[:1]] == [("s04", -2, "refused")]
    assert result.losses[0].candidate_artifact is None
    assert result.gains[0].base_artifact != result.gains[0].candidate_artifact is not None


def test_a_corpus_rate_compares_by_sums(ledger, metrics):
    for number, (base, candidate, length) in enumerate([(1, 0, 10), (2, 0, 30), (0, 0, 20), (4, 1, 40), (1, 1, 15)]):
        ledger.take("old", f"s{number}", cer=(base, length))
        ledger.take("new", f"s{number}", cer=(candidate, length))
    change = compare(*ledger.frames(), metrics, "old", "new").change("tts.cer")
    assert change.difference.delta == pytest.approx(100 * (2 - 8) / 115)
    assert change.shown is None


def test_verdicts_for_metrics_with_a_margin(ledger, metrics):
    rng = np.random.default_rng(1)
    for number in range(60):
        level = 3 + rng.normal() * 0.5
        ledger.take("old", f"s{number:02}", mos=level, cer=(2, 50), loudness=-23.0 + rng.normal())
        ledger.take("new", f"s{number:02}", mos=level - 0.5 + 0.1 * rng.normal(), cer=(2, 50), loudness=-20.0)
    margins = {"tts.distillmos": 0.2, "tts.cer": 1.0}
    result = compare(*ledger.frames(), metrics, "old", "new", margins=margins)
    assert result.change("tts.distillmos").ruling.verdict == "regression"
    assert result.change("tts.cer").ruling.verdict == "equivalent"
    assert result.change("tts.loudness").ruling is None
    assert result.change("tts.loudness").shown == "higher"
    back = compare(*ledger.frames(), metrics, "new", "old", margins=margins)
    assert back.change("tts.distillmos").ruling.verdict == "improved"


def test_inconclusive_says_how_many_samples_it_takes(ledger, metrics):
    rng = np.random.default_rng(3)
    for number in range(12):
        ledger.take("old", f"s{number:02}", mos=3 + rng.normal() / 2)
        ledger.take("new", f"s{number:02}", mos=3 + rng.normal() / 2)
    change = compare(*ledger.frames(), metrics, "old", "new", margins={"tts.distillmos": 0.1}).change("tts.distillmos")
    assert change.ruling.verdict == "inconclusive"
    assert change.ruling.needed == pytest.approx(12 * 6.1826 * (change.difference.standard_error / 0.1) ** 2, abs=1)


def test_one_arm_then_and_now(new_ledger, metrics):
    before, after = new_ledger(), new_ledger()
    fill(before, "voice", [3.0, 3.2, 3.1, 2.9, 3.3, 3.4], epoch=1, made_at="2025-01-01T00:00:00Z")
    fill(after, "voice", [2.0, 2.2, 2.0, 2.1, 2.2, 2.4], epoch=2, made_at="2025-02-01T00:00:00Z")
    old_takes, old_scores = before.frames()
    earlier = {"base_takes": old_takes, "base_scores": old_scores}
    result = compare(*after.frames(), metrics, "voice", "voice", **earlier)
    assert result.change("tts.distillmos").shown == "worse"
    assert (result.base.first_made, result.candidate.first_made) == ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")
    text = render(result, "terminal")
    assert "base made 2025-01-01" in text


def test_an_epoch_is_not_compared_with_itself(new_ledger, metrics):
    ledger = new_ledger()
    fill(ledger, "voice", [3.0, 3.2, 3.1])
    takes, scores = ledger.frames()
    with pytest.raises(UsageError, match="3 of 3 takes stand on both sides"):
        compare(takes, scores, metrics, "voice", "voice", base_takes=takes, base_scores=scores)
    with pytest.raises(UsageError, match="itself"):
        compare(takes, scores, metrics, "voice", "voice")
    later = new_ledger()
    fill(later, "voice", [3.0])  # one take came from the earlier run's cache
    for number in (1, 2):
        later.take("voice", f"s{number:02}", mos=3.0, epoch=2)
    with pytest.raises(UsageError, match="1 of 5 takes") as error:
        compare(*later.frames(), metrics, "voice", "voice", base_takes=takes, base_scores=scores)
    assert "--reuse never" in error.value.hint


def test_wrong_names_margins_and_endpoints(ledger, metrics):
    fill(ledger, "kokoro heart", [3, 4, 3], provider="local/kokoro")
    fill(ledger, "kokoro bella", [3, 4, 3], provider="local/kokoro", endpoint="b")
    fill(ledger, "eu", [3, 4, 3], live=False, endpoint="c")
    ledger.take("other", "elsewhere", mos=3)
    frames = ledger.frames()
    with pytest.raises(UsageError) as error:
        compare(*frames, metrics, "kokoro hart", "eu")
    assert error.value.hint == "did you mean kokoro heart?" or "kokoro heart" in error.value.hint
    with pytest.raises(UsageError, match="2 arms"):
        compare(*frames, metrics, "local/kokoro", "eu")
    with pytest.raises(UsageError, match="never mix"):
        compare(*frames, metrics, "kokoro heart", "eu")
    with pytest.raises(NothingMeasured, match="no sample"):
        compare(*frames, metrics, "kokoro heart", "other")
    for margins, words in (
        ({"tts.distilmos": 1}, "not compared"),
        ({"tts.loudness": 1}, "no better direction"),
        ({"tts.cer": -1}, "0 or more"),
        ({"tts.cer": float("nan")}, "0 or more"),
    ):
        with pytest.raises(UsageError, match=words):
            compare(*frames, metrics, "kokoro heart", "kokoro bella", margins=margins)


def test_unlike_signatures_of_two_runs_are_refused(new_ledger, metrics):
    before, after = new_ledger(), new_ledger()
    fill(before, "voice", [3.0, 3.2])
    for number in range(2):
        row = after.take("voice", f"s{number:02}", epoch=2)
        after.score(row, metrics[1], 3.0, signature="tts.distillmos|test:2")
    takes, scores = before.frames()
    with pytest.raises(UsageError, match=r"test:1 and tts\.distillmos\|test:2"):
        compare(*after.frames(), metrics, "voice", "voice", base_takes=takes, base_scores=scores)


def test_latency_and_cost_stand_beside_quality(ledger, metrics):
    for number in range(20):
        ledger.take("old", f"s{number:02}", mos=3, total_s=2.0 + number / 10, billed_usd=0.02)
        ledger.take("new", f"s{number:02}", mos=3, total_s=1.0 + number / 20, billed_usd=0.01)
    result = compare(*ledger.frames(), metrics, "old", "new")
    assert result.total_ratio.value == pytest.approx(0.5)
    assert (result.total_ratio.low, result.total_ratio.high) == (pytest.approx(0.5), pytest.approx(0.5))
    assert result.first_content_ratio.value is None
    assert result.cost_ratio == pytest.approx(0.5)


def test_local_arms_timed_on_two_machines_have_no_latency_ratio(new_ledger, metrics):
    before, after = new_ledger(), new_ledger()
    fill(before, "own", [3.0, 3.2], provider="local/own", host="laptop")
    fill(after, "own", [3.0, 3.2], provider="local/own", host="server", epoch=2)
    takes, scores = before.frames()
    result = compare(*after.frames(), metrics, "own", "own", base_takes=takes, base_scores=scores)
    assert result.total_ratio.value is None
    assert "laptop" in result.total_ratio.reason


def test_rows_in_any_order_give_the_same_bytes(studio, metrics):
    takes, scores = studio.frames()
    expected = render(compare(takes, scores, metrics, "steady", "flaky"), "json")
    shuffled = takes.sample(frac=1, random_state=1), scores.sample(frac=1, random_state=2)
    assert render(compare(*shuffled, metrics, "steady", "flaky"), "json") == expected


def test_arms_of_one_name_in_two_contracts_are_told_apart(ledger, metrics):
    for number in range(3):
        for contract in ("tts", "dubbing"):
            for arm in ("floor", "voice"):
                ledger.take(arm, f"s{number}", mos=3.0, contract=contract, provider=f"{contract}/{arm}")
    with pytest.raises(UsageError, match="several contracts: dubbing, tts"):
        compare(*ledger.frames(), metrics, "floor", "voice")
    assert compare(*ledger.frames(), metrics, "floor", "voice", contract="tts").contract == "tts"
    with pytest.raises(UsageError, match="no contract mocap in common"):
        compare(*ledger.frames(), metrics, "floor", "voice", contract="mocap")


def test_a_baseline_of_another_ledger_may_have_the_same_epochs(new_ledger, metrics):
    """Every ledger counts from 0; when a take was made tells two apart, and each keeps its own scores."""
    there, here = new_ledger(), new_ledger()
    for number in range(12):
        errors = number % 3
        there.take("voice", f"s{number}", cer=(errors, 50), made_at="2025-03-01T10:00:00Z")
        here.take("voice", f"s{number}", cer=(errors + 5, 50), made_at="2025-04-01T10:00:00Z")
    old_takes, old_scores = there.frames()
    takes, scores = here.frames()
    found = compare(takes, scores, metrics, "voice", "voice", base_takes=old_takes, base_scores=old_scores)
    assert found.change("tts.cer").difference.delta == pytest.approx(10.0)  # 5 of 50 characters more
    with pytest.raises(UsageError, match="cannot be compared with itself"):
        compare(takes, scores, metrics, "voice", "voice", base_takes=takes.copy(), base_scores=scores.copy())


FORMATS = ("terminal", "markdown", "csv", "json")


def test_every_format_tells_effect_wins_failures_tails_and_what_did_not_pair(ledger, metrics):
    for number in range(60):
        common = {"first_content_s": 0.2 + number / 100}
        ledger.take("old", f"s{number:02}", mos=3.0, total_s=1 + number / 10, billed_usd=0.02, **common)
        failed = {"outcome": "failed", "reason": "HTTP 500"} if number < 3 else {"mos": 3.5 + number % 2, **common}
        ledger.take("new", f"s{number:02}", total_s=0.5 + number / 20, billed_usd=0.01, **failed)
    ledger.take("old", "alone", mos=3.0)
    result = compare(*ledger.frames(), metrics, "old", "new")
    terminal, markdown, table, data = (render(result, format) for format in FORMATS)
    assert "Candidate wins (%)" in markdown and "Effect (dz)" in markdown
    for text in (terminal, markdown):
        for fact in (
            "Good / asked takes",
            "57/60",
            "60/60",
            "Total (s), p95",
            "n too small",  # of the candidate, that three failures leave with 57
            "First content (s), p95",
            "0.760 (≤ 0.790)",  # order statistics: the 57th of 60, bounded by the last
            "Only the base has 1 sample, left out: alone (en)",
        ):
            assert fact in text, fact
    lines = {line["Measure"]: line for line in csv.DictReader(table.splitlines())}
    assert float(lines["DistillMOS"]["Candidate wins (share)"]) == 0.95
    assert float(lines["DistillMOS"]["Effect (dz)"]) == pytest.approx(result.change("tts.distillmos").difference.effect)
    assert (lines["Good takes"]["Base value"], lines["Good takes"]["Candidate value"]) == ("60", "57")
    assert float(lines["Success"]["Change"]) == pytest.approx(-5.0)
    assert float(lines["First content, p95"]["Base value"]) == pytest.approx(0.76)
    assert lines["First content, p95"]["Candidate value"] == ""
    assert lines["First content, p95"]["Reason"] == "n too small: p95 needs 59, not 57"
    assert float(lines["Price per 1,000 characters"]["Ratio"]) == pytest.approx(0.01 * 60 / 57 / 0.02)
    assert lines["DistillMOS"]["Samples only the base has"] == "1"
    read = json.loads(data)
    change = next(one for one in read["changes"] if one["spec"]["id"] == "tts.distillmos")
    assert change["wins"] == 0.95
    assert change["difference"]["effect"] is not None
    assert read["only_base"] == ["alone (en)"]
    assert read["base"]["latency"]["first_content_p95"]["value"] == pytest.approx(0.76)
    assert read["candidate"]["latency"]["first_content_p95"]["reason"] == "n too small: p95 needs 59, not 57"


def test_one_sample_is_a_difference_without_a_test(ledger, metrics):
    ledger.take("old", "only", mos=3.0, cer=(1, 20))
    ledger.take("new", "only", mos=3.5, cer=(2, 20))
    result = compare(*ledger.frames(), metrics, "old", "new", margins={"tts.distillmos": 0.1})
    change = result.change("tts.distillmos")
    assert change.difference.delta == pytest.approx(0.5)
    assert (change.difference.p, change.difference.low) == (None, None)
    assert change.difference.reason == "one sample only: no interval"
    assert change.ruling.verdict == "inconclusive"
    for format in FORMATS:
        render(result, format)


def test_a_candidate_that_always_failed_is_worse_by_all_that_can_be_lost(ledger, metrics):
    for number in range(8):
        ledger.take("old", f"s{number}", mos=4.0, cer=(1, 20))
        ledger.take("new", f"s{number}", outcome="failed", reason="HTTP 500", billed_usd=0.0)
    result = compare(*ledger.frames(), metrics, "old", "new", margins={"tts.distillmos": 0.1})
    change = result.change("tts.distillmos")
    assert (change.base, change.candidate, change.difference.delta) == (4, 1, -3)
    assert change.given_success.reason == "no sample in common has a value on both sides"
    assert result.candidate.success.value == 0
    assert result.total_ratio.value is None
    for format in FORMATS:
        render(result, format)


def test_both_sides_all_failed_leave_nothing_to_compare_and_say_so(ledger, metrics):
    for number in range(4):
        for arm in ("old", "new"):
            ledger.take(arm, f"s{number}", outcome="failed", reason="HTTP 500")
    result = compare(*ledger.frames(), (metrics[0], metrics[2]), "old", "new")
    assert {change.difference.reason for change in result.changes} == {"not scored"}
    assert "Not compared, not scored" in render(result, "terminal")


def test_a_metric_of_one_value_differs_nowhere(ledger, metrics):
    fill(ledger, "old", [3.0] * 12)
    fill(ledger, "new", [3.0] * 12)
    change = compare(*ledger.frames(), metrics, "old", "new").change("tts.distillmos")
    assert (change.difference.delta, change.difference.p, change.wins) == (0, 1, 0.5)
    assert change.difference.effect is None
    assert change.shown is None
