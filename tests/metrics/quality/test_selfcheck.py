"""The self-checks: our metrics pass them, and broken metrics do not."""

import pytest
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.types import Score
from filmbench.metrics.selfcheck import Expect, Reading, selfcheck
from filmbench.metrics.tts import (
    distillmos,
    dnsmos,
    intelligibility,
    loudness,
    perceptual,
    si_sdr,
    speaker_similarity,
)

OURS = [
    metric
    for module in (distillmos, dnsmos, intelligibility, loudness, perceptual, si_sdr, speaker_similarity)
    for metric in module.METRICS
]


@pytest.fixture(scope="module")
def readings(woman, man) -> list[Reading]:
    return [Reading(woman), Reading(man)]


@pytest.mark.parametrize("metric", OURS, ids=lambda metric: metric.specs[0].id)
def test_our_metrics_keep_their_promises(metric, readings) -> None:
    checks = selfcheck(metric, readings)
    assert {check.metric for check in checks} == {spec.id for spec in metric.specs}
    assert [check for check in checks if not check.passed] == []


@pytest.mark.parametrize("metric", OURS, ids=lambda metric: metric.specs[0].id)
def test_facts_of_a_column_are_whole(metric) -> None:
    card = " ".join((metric.__doc__ or "").split())
    for word in ("What:", "Range:", "Needs:", "Known failures:", "Provenance:", "Licence:"):
        assert word in card
    for spec in metric.specs:
        assert spec.signature.startswith(f"{spec.id}|")
        assert "absent" not in spec.signature
        assert spec.low is None or spec.high is None or spec.low < spec.high
        assert spec.worst in (None, spec.low, spec.high)
        assert all(need.remedy.startswith("pip install") for need in spec.requires)


class Faulty:
    """A column of loudness, sold as quality."""

    specs = (MetricSpec("tts.faulty", "Faulty", "dB", "tts.faulty|1", ("tts",), True, "proxy"),)
    expects = (Expect(best=0.0, ignores={"gain": 0.1, "padding": 100.0}),)

    def score(self, view):
        import numpy as np

        wave = view.output("speech").mono(16_000)
        return [Score("tts.faulty", float(10 * np.log10((wave**2).mean())))]


class Deaf(Faulty):
    """Gives every clip the same number."""

    def score(self, view):
        return [Score("tts.faulty", 0.0)]


class Absent(Faulty):
    """Never has a number."""

    def score(self, view):
        return [Score("tts.faulty", None, "needs a moon")]


class Silent(Faulty):
    """Promises nothing."""

    expects = ()


def verdicts(metric, readings) -> dict[str, bool | None]:
    return {check.name: check.passed for check in selfcheck(metric, readings)}


def test_broken_metrics_are_caught(readings) -> None:
    assert verdicts(Faulty(), readings) == {
        "best on itself": False,
        "worse with noise": False,
        "ignores gain": False,
        "ignores padding": True,
    }
    assert verdicts(Deaf(), readings)["worse with noise"] is False
    assert set(verdicts(Absent(), readings).values()) == {None}
    assert "needs a moon" in selfcheck(Absent(), readings)[0].detail
    assert selfcheck(Silent(), readings) == ()
