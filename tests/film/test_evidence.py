"""What runs say of an arm: from a real ledger, from a results file, and nothing made up where nothing was measured."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from filmbench.harness.film.evidence import Evidence, from_board, from_file, from_store, merged
from filmbench.harness.leaderboard import leaderboard
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.store import Store
from filmbench.harness.types import UsageError
from filmbench.harness.votes import Votes


def test_a_real_run_gives_acceptance_pace_and_quality(shown):
    folder, run = shown
    with Store.reading(folder) as store:
        found = {one.provider: one for one in from_store(store, {"tts": {"tts.cer": 10.0}})}
    robot, flite = found["local/espeak-ng"], found["local/flite"]
    assert robot.source == flite.source == run
    # CER of espeak-ng: 5, 5 and 20 errors in 40; of flite, which speaks no Spanish: none
    assert (robot.accepted, robot.judged) == (0, 3)
    assert (flite.accepted, flite.judged) == (2, 2)
    assert robot.pace is not None
    assert robot.pace > 0
    assert robot.cores is not None
    assert (robot.passes, flite.passes) == (False, True)
    assert robot.quality == pytest.approx(1 - 30 / 120)  # no floor and no reference row: from 100 % to none
    assert robot.basis == flite.basis
    assert robot.basis[1:] == ("tts.cer, worst to best",)


def test_without_a_rule_nothing_is_accepted_or_passed(shown):
    with Store.reading(shown[0]) as store:
        found = from_store(store, {})
    assert {(one.accepted, one.judged, one.passes) for one in found} == {(None, 0, None)}


def take(arm, role, outcome="ok"):
    """One row of a takes frame."""
    ok = outcome == "ok"
    row = dict.fromkeys(("cluster", "reason", "native_unit", "answered_model", "artifact", "media_type"), None)
    row |= dict.fromkeys(
        ("queue_s", "limiter_s", "retry_s", "first_byte_s", "first_content_s", "model_load_s", "native_amount"), np.nan
    )
    return row | {
        "key": arm, "contract": "tts", "dataset": "d@1", "sample": "s1", "language": "en", "tags": "", "text": "Hello.",
        "arm": arm, "provider": f"acme/{arm}", "role": role, "take": 0, "epoch": 1, "outcome": outcome, "live": True,
        "cached": False, "made_at": "2026-11-01T10:00:00Z", "host": "studio", "cores": 2, "characters": 6,
        "seconds": 4.0 if ok else np.nan, "total_s": 2.0 if ok else np.nan, "quoted_usd": 0.0, "billed_usd": 0.0,
        "attempts": 1, "human_minutes": None,
    }  # fmt: skip


def board(levels, worst=100.0):
    """A table of arms: name to (role, CER, MOS); ``None`` is a take that failed."""
    cer = MetricSpec("tts.cer", "CER", "%", "tts.cer|t", ("tts",), False, "library", low=0, worst=worst)
    mos = MetricSpec("tts.distillmos", "MOS", "", "mos|t", ("tts",), True, "library", low=1, high=5, worst=1.0)
    takes = [take(arm, role, "ok" if values else "failed") for arm, (role, values) in levels.items()]
    scores = [
        {"key": arm, "epoch": 1, "metric": spec.id, "signature": spec.signature, "value": float(value), "reason": None,
         "statistics": None}
        for arm, (_, values) in levels.items()
        if values
        for spec, value in zip((cer, mos), values, strict=True)
    ]  # fmt: skip
    return leaderboard(pd.DataFrame(takes), pd.DataFrame(scores), (cer, mos))


def test_quality_lies_between_floor_and_reference():
    """CER between floors of 40 and 80 (the worst counts) and a reference of 2; MOS between 1.5 and 4.5; the mean."""
    found = from_board(
        board(
            {
                "person": ("reference", (2, 4.5)),
                "noise": ("floor", (80, 2.0)),
                "mumble": ("floor", (40, 1.5)),
                "good": ("arm", (8, 4.0)),
                "best": ("arm", (1, 4.9)),
                "gone": ("arm", None),
            }
        ),
        "run",
        {"tts.cer": 10.0},
    )
    quality = {one.label: one.quality for one in found}
    assert quality["good"] == pytest.approx(((80 - 8) / (80 - 2) + (4.0 - 1.5) / (4.5 - 1.5)) / 2)
    assert quality["best"] == 1.0
    assert found[0].basis == ("d@1", "tts.cer, floor to reference", "tts.distillmos, floor to reference")
    assert quality["gone"] == 0.0  # a failure is the worst score, and so below every floor
    assert {one.label: one.passes for one in found} == {"good": True, "best": True, "gone": False}


def test_a_stage_that_only_people_judge_goes_by_their_votes():
    """Nine raters of twelve prefer a to b, none ties: a wins 3/4 of the votes, and b the rest; c had none."""
    look = MetricSpec("video.look", "Look", "", "look|t", ("video",), True, "library", low=0, high=1)
    takes = [{**take(arm, "arm"), "contract": "video", "text": None} for arm in ("a", "b", "c")]
    scores = pd.DataFrame(
        [{"key": "a", "epoch": 1, "metric": look.id, "signature": look.signature, "value": 0.5, "reason": None,
          "statistics": None}]
    )  # fmt: skip
    cast = pd.DataFrame(
        [
            {"id": str(n), "left_arm": "a", "left_key": "a", "left_epoch": 1, "right_arm": "b", "right_key": "b",
             "right_epoch": 1, "choice": "left" if n < 9 else "right", "rater": f"r{n}"}
            for n in range(12)
        ]
    )  # fmt: skip
    none = pd.DataFrame(columns=["id", "arm", "key", "epoch", "scale", "session", "part", "score", "rater"])
    said = Votes(cast, none)
    voted = from_board(leaderboard(pd.DataFrame(takes), scores, (look,), votes=said), "run", {})
    found = {one.label: one for one in voted}
    assert found["a"].quality == pytest.approx(0.75, abs=0.01)
    assert found["b"].quality == pytest.approx(0.25, abs=0.01)
    assert found["a"].basis == ("d@1", "votes between a, b")
    assert found["c"].quality is None
    assert "votes" in found["c"].unjudged


def test_without_rows_the_metric_s_own_bounds_are_the_scale():
    found = from_board(board({"good": ("arm", (10, 3.0))}), "run", {})[0]
    assert found.quality == pytest.approx(((100 - 10) / 100 + (3 - 1) / 4) / 2)


def test_a_results_file_is_read_and_goes_before_the_store(tmp_path):
    file = tmp_path / "votes.toml"
    file.write_text(
        '[[results]]\ncontract = "video"\narm = "runway/gen4.5"\nquality = 0.7\nsource = "40 votes"\n'
        '[[results]]\ncontract = "tts"\narm = "local/flite"\naccepted = 3\njudged = 10\nsource = "our ears"\n'
    )
    video, tts = from_file(file)
    assert (video.quality, video.source) == (0.7, "votes.toml: 40 votes")
    assert (tts.accepted, tts.judged, tts.quality) == (3, 10, None)
    stored = Evidence("tts", "local/flite", "local/flite", "run", judged=2, accepted=2.0, pace=0.1, quality=0.4)
    both = merged([stored], [video, tts])
    assert (both[0].accepted, both[0].judged, both[0].quality, both[0].pace) == (3, 10, 0.4, 0.1)
    same = tmp_path / "votes.json"
    same.write_text(
        json.dumps({"results": [{"contract": "video", "arm": "runway/gen4.5", "quality": 0.7, "source": "x"}]})
    )
    assert from_file(same)[0].quality == 0.7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no results"),
        ("[[results]]\n", "result 1: arm is missing"),
        ('[[results]]\ncontract="tts"\narm="local/flite"\nquality=7\nsource="x"\n', "quality is 0 to 1, not 7"),
        ('[[results]]\ncontract="tts"\narm="runway/gen4.5"\nquality=0.7\nsource="x"\n', "does not do tts"),
        ('[[results]]\ncontract="tts"\narm="local/flit"\nquality=0.7\nsource="x"\n', "there is no provider"),
        ('[[results]]\ncontract="tts"\narm="local/flite"\naccepted=7\njudged=3\nsource="x"\n', "cannot be"),
        ('[[results]]\ncontract="tts"\narm="local/flite"\nqualty=0.7\nsource="x"\n', "no field 'qualty'"),
        ("[[results]\n", "cannot be read"),
    ],
)
def test_a_wrong_results_file_says_where(tmp_path, text, words):
    file = tmp_path / "votes.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words):
        from_file(file)
