"""The file of assumptions: written out whole, read over ours, and wrong in one sentence with file, line and key."""

from __future__ import annotations

import pytest
from filmbench.harness import registry
from filmbench.harness.film import assumptions
from filmbench.harness.film.assumptions import Range
from filmbench.harness.types import UsageError


def test_what_is_written_out_reads_as_ours(tmp_path):
    file = tmp_path / "mine.toml"
    assumptions.write_out(file)
    assert assumptions.load(file) == assumptions.default()
    assert [one.name for one in tmp_path.iterdir()] == ["mine.toml"]
    known = {spec.id: spec.higher_is_better for metric in registry.metrics().items.values() for spec in metric.specs}
    assumptions.check_rules(assumptions.default(), known)
    for name, stage in assumptions.default().stages.items():
        if stage.arm:
            assert name in registry.providers().get(stage.arm).spec.contracts


def test_a_file_may_hold_some_keys_only(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[rates]\nhuman_usd_per_hour = 80\n[stages."editing/roto"]\naccept = {}\n')
    found, ours = assumptions.load(file), assumptions.default()
    assert found.rates.human_usd_per_hour == Range(80, 80, 80)
    assert found.rates.core_usd_per_hour == ours.rates.core_usd_per_hour
    assert found.stages["editing/roto"].accept == {}
    assert found.stages["editing/roto"].review == ours.stages["editing/roto"].review


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("# mine\n[rates]\nhuman_usd_per_hour = -3\n", 3, "rates.human_usd_per_hour", "must not be negative"),
        ("[rates]\n\ncore_usd_per_hour = [3, 2, 1]\n", 3, "rates.core_usd_per_hour", "go up from low to high"),
        ('[stages.music]\nusd_per_minute = "ten"\n', 2, "stages.music.usd_per_minute", "give a number"),
        ('[stages."editing/roto"]\nacceptance = 0\n', 2, "stages.editing/roto.acceptance", "above 0, at most 1"),
        ("[stages.tts]\nweigth = 3\n", 2, "stages.tts.weigth", "not permitted"),
        ("[spread]\npicture_seconds = 1.5\n", 2, "spread.picture_seconds", "less than 1"),
        ("stages.video.weight = -1\n", 1, "stages.video.weight", "greater than or equal to 0"),
    ],
)
def test_a_wrong_figure_is_found_by_file_line_and_key(tmp_path, text, line, key, words):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as told:
        assumptions.load(file)
    assert f"{file}, line {line}: {key}: " in str(told.value)
    assert words in str(told.value)


def test_broken_toml_and_unknown_stages(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[rates\n")
    with pytest.raises(UsageError, match="line 1"):
        assumptions.load(file)
    file.write_text("[stages.catering]\nreview = 1\nacceptance = 1\n")
    with pytest.raises(UsageError, match="catering"):
        assumptions.load(file)
    with pytest.raises(UsageError, match="cannot be read"):
        assumptions.load(tmp_path)
    with pytest.raises(UsageError, match="cannot be written"):
        assumptions.write_out(tmp_path / "no" / "mine.toml")


def test_a_rule_on_no_metric_is_refused(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[stages.tts]\naccept = { "tts.ceer" = 3 }\n')
    with pytest.raises(UsageError, match=r"tts\.ceer") as told:
        assumptions.check_rules(assumptions.load(file), {"tts.cer": False})
    assert told.value.hint == "did you mean tts.cer?"
