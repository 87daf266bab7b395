"""What a gate does night after night: false alarms on two arms that are alike, power where one is 30 % worse.

Lines lean and share scenes as in tests/stats/test_coverage.py; each night has new lines, scenes and takes.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from filmbench.harness import gate
from filmbench.harness.compare import compare
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.store import frames

NIGHTS = 400
POWER_NIGHTS = 150
CER = MetricSpec(
    "tts.cer",
    "Character error rate",
    "%",
    "tts.cer|test:1",
    ("tts",),
    False,
    "library",
    low=0,
    worst=100.0,
    statistics=("errors", "characters"),
)
MOS = MetricSpec(
    "tts.distillmos",
    "DistillMOS",
    "MOS",
    "tts.distillmos|test:1",
    ("tts",),
    True,
    "library",
    low=1,
    high=5,
    worst=1.0,
)
ARMS = ("old", "new")
RULES = gate.Rules(margins={CER.id: 0.5, MOS.id: 0.05})


@pytest.fixture(autouse=True)
def a_small_heap() -> Iterator[None]:
    """statsmodels collects garbage at each adjustment; what is loaded already need not be looked at each time."""
    gc.freeze()
    yield
    gc.unfreeze()


@cache
def keys(n: int) -> list[str]:
    return [hashlib.sha256(f"{arm} {line}".encode()).hexdigest() for arm in ARMS for line in range(n)]


def night(seed: int, n: int, scenes: int, worse: float) -> int:
    """The gate's exit code on new lines, 50 characters each, taken once by both arms."""
    chance = np.random.default_rng([seed, n])
    scene = np.repeat(np.arange(scenes), chance.multinomial(n - scenes, np.full(scenes, 1 / scenes)) + 1)
    hard = np.where(chance.random(n) < 0.5, 0, chance.gamma(1.2, 0.1, n)) * chance.gamma(6, 1 / 6, scenes)[scene]
    share = [
        level * hard * chance.gamma(4, 1 / 4, n) * chance.gamma(16, 1 / 16, scenes)[scene] for level in (1, 1 + worse)
    ]
    errors = chance.binomial(50, np.minimum(np.concatenate(share), 1))
    opinions = np.clip(4.5 - 4 * np.concatenate(share) + chance.normal(0, 0.1, 2 * n), 1, 5)
    takes = pd.DataFrame(
        {
            **dict.fromkeys(frames.TAKES),
            "key": keys(n),
            "contract": "tts",
            "dataset": "lines@1.0.0",
            "sample": np.tile(np.arange(n).astype(str), 2),
            "cluster": np.tile(scene.astype(str), 2),
            "language": "en",
            "arm": np.repeat(ARMS, n),
            "provider": np.repeat(ARMS, n),
            "role": "arm",
            "take": 0,
            "epoch": 0,
            "outcome": "ok",
            "live": True,
            "cached": False,
        }
    )
    scored = {"key": keys(n), "epoch": 0, "reason": None}
    scores = pd.concat(
        [
            pd.DataFrame(
                {
                    **scored,
                    "metric": CER.id,
                    "signature": CER.signature,
                    "value": 2.0 * errors,
                    "statistics": [{"errors": int(count), "characters": 50} for count in errors],
                }
            ),
            pd.DataFrame(
                {**scored, "metric": MOS.id, "signature": MOS.signature, "value": opinions, "statistics": None}
            ),
        ],
        ignore_index=True,
    )
    found = compare(takes, scores, (CER, MOS), *ARMS, seed, margins=RULES.margins)
    return gate.judge(found, RULES).code


def test_a_night_is_judged() -> None:
    assert night(1, 20, 10, 5.0) == gate.REGRESSION
    assert night(1, 200, 50, -0.5) == gate.PASS


@pytest.mark.slow
@pytest.mark.parametrize(("n", "scenes"), [(20, 10), (50, 12)])
def test_alike_arms_fail_no_more_often_than_one_night_in_twenty(n: int, scenes: int) -> None:
    """At 5 % more than 31 failures of 400 come by chance once in a hundred such simulations."""
    failures = sum(night(seed, n, scenes, 0.0) == gate.REGRESSION for seed in range(NIGHTS))
    print(f"alike: n {n}, {scenes} clusters: {failures} of {NIGHTS} nights fail")
    assert failures <= 31


@pytest.mark.slow
def test_power_on_arms_that_are_30_percent_worse() -> None:
    """Printed for the documents; more lines must show the same change more often."""
    shown = {}
    for n, scenes in ((20, 10), (50, 25), (200, 50)):
        shown[n] = sum(night(seed, n, scenes, 0.3) == gate.REGRESSION for seed in range(POWER_NIGHTS))
        print(f"30 % worse: n {n}, {scenes} clusters: {shown[n]} of {POWER_NIGHTS} nights fail")
    assert 0.05 * POWER_NIGHTS < shown[20] < shown[50] < shown[200]
    assert shown[200] > 0.5 * POWER_NIGHTS
