"""Small ledgers written by hand: one planned take at a time."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from filmbench.harness.protocols import MetricSpec


def spec(id, title, unit, higher_is_better, **facts):
    return MetricSpec(id, title, unit, f"{id}|test:1", ("tts",), higher_is_better, "library", **facts)


CER = spec("tts.cer", "Character error rate", "%", False, low=0, worst=100.0, statistics=("errors", "characters"))
MOS = spec("tts.distillmos", "DistillMOS", "MOS", True, low=1, high=5, worst=1.0)
LOUDNESS = spec("tts.loudness", "Loudness", "LUFS", None, decimals=1)
PESQ = spec("tts.pesq", "PESQ", "MOS", True)
METRICS = (LOUDNESS, MOS, PESQ, CER)


class Ledger:
    """Takes and scores as the frames that tables are made of."""

    def __init__(self):
        self.takes = []
        self.scores = []

    def take(self, arm, sample, *, cer=None, mos=None, loudness=None, **given):
        """One planned take; ``cer`` is (errors, characters)."""
        outcome = given.get("outcome", "ok")
        ok = outcome == "ok"
        provider = given.pop("provider", f"acme/{arm}")
        identity = [provider, sample, given.get("language", "en"), given.get("take", 0), given.get("endpoint", "")]
        row = {
            "key": hashlib.sha256(repr(identity).encode()).hexdigest(),
            "contract": "tts",
            "dataset": "lines@1.0.0",
            "sample": sample,
            "cluster": None,
            "language": "en",
            "tags": "",
            "text": f"Text of {sample}",
            "arm": arm,
            "provider": provider,
            "role": "arm",
            "take": 0,
            "epoch": 1 if outcome else None,
            "outcome": outcome,
            "reason": None,
            "live": True if outcome else None,
            "cached": False if outcome else None,
            "made_at": "2025-03-01T10:00:00Z" if outcome else None,
            "host": "studio" if outcome else None,
            "cores": 2 if outcome else None,
            "characters": 100,
            "seconds": 6.0 if ok else np.nan,
            "queue_s": np.nan,
            "limiter_s": np.nan,
            "retry_s": np.nan,
            "first_byte_s": np.nan,
            "first_content_s": np.nan,
            "total_s": 1.5 if ok else np.nan,
            "model_load_s": np.nan,
            "quoted_usd": 0.01,
            "billed_usd": 0.01 if ok else 0.0,
            "native_unit": None,
            "native_amount": np.nan,
            "attempts": 1,
            "answered_model": None,
            "human_minutes": None,
            "artifact": hashlib.sha256(repr([arm, *identity]).encode()).hexdigest() if ok else None,
            "media_type": "audio/wav" if ok else None,
        }
        given.pop("endpoint", None)
        row |= given
        self.takes.append(row)
        for metric, value in ((MOS, mos), (LOUDNESS, loudness)):
            if value is not None:
                self.score(row, metric, value)
        if cer is not None:
            self.score(row, CER, 100 * cer[0] / cer[1], statistics={"errors": cer[0], "characters": cer[1]})
        return row

    def score(self, row, metric, value, *, reason=None, statistics=None, signature=None):
        self.scores.append(
            {
                "key": row["key"],
                "epoch": row["epoch"],
                "metric": metric.id,
                "signature": signature or metric.signature,
                "value": value,
                "reason": reason,
                "statistics": statistics,
            }
        )

    def frames(self):
        columns = ["key", "epoch", "metric", "signature", "value", "reason", "statistics"]
        return pd.DataFrame(self.takes), pd.DataFrame(self.scores, columns=columns)


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def new_ledger():
    return Ledger


@pytest.fixture
def metrics():
    return METRICS


@pytest.fixture
def studio(ledger):
    """A run with everything in it: reference, floor, a flaky vendor, one of one language, another endpoint."""
    rng = np.random.default_rng(4)
    for number in range(20):
        sample, cluster, language = f"s{number:02}", f"scene {number // 2}", "en" if number < 15 else "es"
        characters = 30 + number
        common = {"cluster": cluster, "language": language}

        def noisy(level, sample=sample, **more):
            errors = int(rng.binomial(characters, level))  # noqa: B023 - called at once
            return {"cer": (errors, characters), "mos": 5 - 8 * level + 0.2 * rng.normal(), **more}  # noqa: B023

        ledger.take("person", sample, role="reference", provider="reference/human", **common, **noisy(0.0))
        ledger.take("silence", sample, role="floor", provider="floor/silence", **common, **noisy(0.5), billed_usd=0.0)
        ledger.take("steady", sample, **common, **noisy(0.02), loudness=-23 + rng.normal(), total_s=1 + rng.random())
        if number in (3, 8):
            reason = "HTTP 500: [bold]oops[/bold] |\n" + "x" * 300
            ledger.take("flaky", sample, outcome="failed", reason=reason, **common)
        else:
            ledger.take("flaky", sample, **common, **noisy(0.05), billed_usd=np.nan if number == 5 else 0.02)
        if language == "es":
            ledger.take("english-only", sample, outcome="unsupported", reason="speaks no Spanish", **common)
        else:
            ledger.take("english-only", sample, provider="local/english", billed_usd=0.0, **common, **noisy(0.02))
        ledger.take("steady-eu", sample, live=False, endpoint="eu", **common, **noisy(0.02))
    ledger.take("late", "s00", outcome=None, cluster="scene 0")
    for row in ledger.takes:
        if row["outcome"] == "ok":
            ledger.score(row, PESQ, np.nan, reason="free speech has no reference of its own")
    return ledger
