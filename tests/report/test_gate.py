"""The gate: every verdict and exit code, and each format that a machine reads."""

from xml.etree import ElementTree

import numpy as np
import pytest
from filmbench.harness import gate as gates
from filmbench.harness.compare import compare
from filmbench.harness.gate import Limits, Rules, Status, judge
from filmbench.harness.report import gates as report
from filmbench.harness.stats.paired import paired
from filmbench.harness.stats.verdict import Verdict, verdict
from filmbench.harness.types import UsageError


def fill(ledger, arm, values, **common):
    for number, value in enumerate(values):
        ledger.take(arm, f"s{number:02}", mos=value, **common)


def gated(ledger, metrics, rules, **options):
    found = compare(*ledger.frames(), metrics, "old", "new", margins=rules.margins, corrected=rules.claim == "any")
    return judge(found, rules, **options)


def around(centre, count=40, spread=0.05, seed=0):
    return centre + spread * np.random.default_rng(seed).standard_normal(count)


MOS = Rules(margins={"tts.distillmos": 0.1})


@pytest.mark.parametrize(
    ("centre", "code", "status"),
    [
        (3.7, gates.REGRESSION, Status.REGRESSION),  # a drop of three margins
        (4.3, gates.PASS, Status.PASSED),  # improved
        (4.0, gates.PASS, Status.PASSED),  # equivalent
        (3.97, gates.PASS, Status.PASSED),  # worse for certain, but by less than what matters
    ],
)
def test_verdicts_become_exit_codes(ledger, metrics, centre, code, status):
    fill(ledger, "old", around(4.0))
    fill(ledger, "new", around(centre, seed=1))
    judged = gated(ledger, metrics, MOS)
    assert (judged.code, judged.findings[0].status) == (code, status)


def test_a_wide_interval_is_inconclusive_and_fails_only_when_strict(ledger, metrics):
    fill(ledger, "old", around(3.0, 12, 0.8))
    fill(ledger, "new", around(3.0, 12, 0.8, seed=1))
    judged = gated(ledger, metrics, MOS)
    assert judged.code == gates.PASS and judged.findings[0].status is Status.INCONCLUSIVE
    assert "samples would tell" in judged.findings[0].text
    assert "NOTHING IS PROVEN" in report.text(judged)
    assert gated(ledger, metrics, MOS, strict=True).code == gates.INCONCLUSIVE


def test_too_few_samples_or_an_unmeasured_rule_is_neither_green_nor_a_regression(ledger, metrics):
    fill(ledger, "old", around(4.0, 8))
    fill(ledger, "new", around(2.0, 8))
    judged = gated(ledger, metrics, MOS)
    assert judged.code == gates.TOO_LITTLE and "8 samples in common" in judged.verdict
    few = Rules(margins={"tts.pesq": 0.1}, minimum_samples=2)
    assert gated(ledger, metrics, few).code == gates.TOO_LITTLE


def test_an_outage_is_told_from_a_regression(ledger, metrics):
    fill(ledger, "old", around(4.0, 12))
    fill(ledger, "new", around(4.0, 3))
    for number in range(3, 12):
        ledger.take("new", f"s{number:02}", outcome="cancelled", reason="acme is down")
    takes, _ = ledger.frames()
    assert gates.down(takes, "new") and not gates.down(takes, "old")
    found = compare(*ledger.frames(), metrics, "old", "new", margins=MOS.margins)
    assert judge(found, MOS.model_copy(update={"minimum_samples": 20}), down=True).code == gates.OUTAGE


def test_holm_guards_any_claim_and_all_needs_none(ledger, metrics):
    """With two gated metrics the first to speak needs p ≤ 0.025; a claim about all of them needs 0.05 each."""
    rng = np.random.default_rng(3)
    for number in range(20):
        base = 4 + 0.1 * rng.standard_normal()
        ledger.take("old", f"s{number:02}", mos=base, cer=(5, 100))
        ledger.take("new", f"s{number:02}", mos=base - 0.078 + 0.15 * rng.standard_normal(), cer=(5, 100))
    margins = {"tts.distillmos": 0.01, "tts.cer": 1.0}
    found = {
        corrected: compare(*ledger.frames(), metrics, "old", "new", margins=margins, corrected=corrected)
        for corrected in (True, False)
    }
    raw = found[False].change("tts.distillmos").difference.p_below
    assert 0.025 < raw <= 0.05, "the example must lie between the two thresholds"
    assert found[False].change("tts.distillmos").ruling.verdict == "regression"
    assert found[True].change("tts.distillmos").ruling.verdict == "inconclusive"


def test_success_cost_and_latency_have_limits(ledger, metrics):
    for number in range(30):
        ledger.take("old", f"s{number:02}", mos=4.0, billed_usd=0.01, total_s=1.0 + 0.01 * number)
        failed = {"outcome": "failed", "reason": "HTTP 500"} if number % 3 == 0 else {"mos": 4.0}
        ledger.take("new", f"s{number:02}", billed_usd=0.02, total_s=2.0 + 0.01 * number, **failed)
    limits = Limits(success_points=10, cost_ratio=1.25, latency_ratio=1.5)
    judged = gated(ledger, metrics, Rules(limits=limits))
    assert {one.rule: one.status for one in judged.findings} == dict.fromkeys(
        ("success", "cost", "latency"), Status.REGRESSION
    )
    generous = Limits(success_points=60, cost_ratio=4, latency_ratio=3)
    assert gated(ledger, metrics, Rules(limits=generous)).code == gates.PASS


def test_two_free_sides_cost_the_same(ledger, metrics):
    fill(ledger, "old", around(4.0, 12), billed_usd=0.0)
    fill(ledger, "new", around(4.0, 12), billed_usd=0.0)
    assert gated(ledger, metrics, Rules(limits=Limits(cost_ratio=1.1))).findings[0].text == "both are free"


def test_formats_say_the_same(ledger, metrics):
    fill(ledger, "old", around(4.0))
    fill(ledger, "new", around(3.7, seed=1))
    judged = gated(ledger, metrics, MOS)
    suite = ElementTree.fromstring(report.junit(judged))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert suite.find("testcase/failure").get("message") == judged.findings[0].text
    lines = report.github(judged).splitlines()
    assert lines[0].startswith("::error title=filmbench%3A tts.distillmos::-0.3") and "90 %25" in lines[0]
    assert "| ✗ regression | `tts.distillmos` |" in report.markdown(judged)
    assert report.plain(judged)["code"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("claim = 'some'", "claim"),
        ("[margins]\n'tts.cer' = 'one'", r"margins\.tts\.cer"),
        ("[limits]\ncost_ratio = -1", r"limits\.cost_ratio"),
        ("minimum_samples = 1", "minimum_samples"),
        ("[marigns]", "marigns"),
        ("claim = ", "gate.toml"),
    ],
)
def test_malformed_rules_are_told_with_file_and_key(tmp_path, content, message):
    file = tmp_path / "gate.toml"
    file.write_text(content)
    with pytest.raises(UsageError, match=message):
        gates.load(file)


def test_two_equal_arms_fail_rarely_and_a_true_drop_is_found():
    """400 gates on equal arms: no more than 31 may fail; a true drop of two margins is found nine times in ten."""

    def failures(drop):
        found = 0
        for seed in range(400):
            rng = np.random.default_rng(seed)
            level = 3.5 + 0.4 * rng.standard_normal(20)
            old, new = (level + 0.1 * rng.standard_normal(20) for _ in range(2))
            change = paired(old, new - drop, seed=seed)
            interval, p_worse, p_better = (change.low90, change.high90), change.p_below, change.p_above
            ruling = verdict(change.delta, interval, 0.1, True, p_worse=p_worse, p_better=p_better)
            found += ruling.verdict is Verdict.REGRESSION
        return found

    assert failures(0.0) <= 31
    assert failures(0.2) >= 360
