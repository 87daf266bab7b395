"""A comparison in words."""

from dataclasses import dataclass

import pytest
from filmbench.dashboards import verdicts
from filmbench.harness.stats.verdict import Ruling, Verdict


@dataclass
class Spec:
    title: str


@dataclass(frozen=True)
class Difference:
    delta: float | None = 1.0


@dataclass
class Change:
    spec: Spec
    shown: str | None = None
    ruling: Ruling | None = None
    difference: Difference = Difference()


@dataclass
class Side:
    arm: str
    live: bool = True


@dataclass
class Comparison:
    changes: list
    base: Side
    candidate: Side


def ruled(title, verdict):
    return Change(Spec(title), ruling=Ruling(verdict, 1.0))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], "Nothing was measured on both new and old."),
        ([Change(Spec("A"))], "No difference between new and old is shown by 1 measure."),
        (
            [Change(Spec("A"), "worse"), Change(Spec("B"), "higher")],
            "new is worse on A; no difference is shown by 1 more measure.",
        ),
        (
            [ruled("A", Verdict.REGRESSION), ruled("B", Verdict.IMPROVED), ruled("C", Verdict.EQUIVALENT)],
            "new is worse on A; better on B; not worse on C.",
        ),
    ],
)
def test_the_whole_is_said_in_a_sentence(changes, said):
    assert verdicts.whole(Comparison(changes, Side("old"), Side("new"))) == said
