"""What the independent listener makes of real takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dubs import medium
from filmbench.metrics.dubbing.adequacy import Adequacy
from filmbench.metrics.dubbing.length import LengthCompliance
from filmbench.metrics.dubbing.translation import HeardTranslation, ScriptTranslation
from filmbench.metrics.dubbing.wer import DubWordErrors, SpokenLanguage


def values(metric, view):
    return {score.metric: score.value for score in metric.score(view)}


@pytest.fixture(scope="module")
def human(view, source):
    """The human dub of the scene."""
    take = view(source).reference("dubbed")
    return view(take)


def test_the_human_dub_is_heard_as_its_translation(human):
    assert values(SpokenLanguage(), human) == {"dubbing.target_language": 100}
    found = values(HeardTranslation(), human)
    assert found["dubbing.chrf"] > 60 and found["dubbing.bleu"] > 20
    assert values(Adequacy(), human)["dubbing.adequacy"] > 0.4
    words = DubWordErrors().score(human)
    assert words[0].value is None and words[0].reason == "the take gives no script"
    assert words[1].value < 40 and set(words[1].statistics) == {"errors", "words"}


def test_an_untouched_source_is_heard_in_its_own_language(view, source):
    untouched = view(source)
    assert values(SpokenLanguage(), untouched) == {"dubbing.target_language": 0}
    assert values(HeardTranslation(), untouched)["dubbing.chrf"] < 30
    assert values(Adequacy(), untouched)["dubbing.adequacy"] > 1, "the same meaning, in the wrong language"


def test_a_script_is_judged_by_itself(view, source, scene, tmp_path: Path):
    (tmp_path / "script.txt").write_text(str(scene.references["translation"]))
    given = view(source, script=medium(tmp_path / "script.txt", "text/plain"))
    assert values(ScriptTranslation(), given)["dubbing.script_chrf"] == pytest.approx(100)
    assert LengthCompliance().score(given)[0].statistics["lines"] == 2
    assert values(DubWordErrors(), given)["dubbing.wer_script"] > 50, "it claims what it does not speak"


def test_what_a_sample_lacks_is_a_reason(view, source, scene):
    bare = view(source, replace(scene, references={}))
    assert {score.value for metric in (HeardTranslation(), Adequacy()) for score in metric.score(bare)} == {None}
    unknown = view(source, replace(scene, language="xx"))
    assert "does not write" in str(HeardTranslation().score(unknown)[0].reason)
