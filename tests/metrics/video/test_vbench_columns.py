"""VBench's own numbers as columns of an arm, by programs with VBench's command line; and a run that shows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from filmbench.harness import doctor, registry
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import SetMetric
from filmbench.harness.types import Sample
from filmbench.metrics.video import vbench
from filmbench.metrics.video.vbench_columns import VBench, VBench2
from filmbench.metrics.video.vbench_program import VBENCH
from loopback.vbench import install

FILMBENCH = Path(sys.executable).with_name("filmbench")
ALL = (*vbench.QUALITY, *vbench.SEMANTIC)
ALL2 = tuple(name for group in vbench.GROUPS2.values() for name in group)


@dataclass
class View:
    """A take of a prompt."""

    prompt: str
    file: Path
    media_type: str = "video/mp4"

    @property
    def sample(self) -> Sample:
        return Sample(self.prompt, "d", {"prompt": self.prompt})

    def output(self, role: str) -> Any:
        return SimpleNamespace(path=self.file, artifact=SimpleNamespace(media_type=self.media_type))


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    frames = [np.full((16, 16, 3), 40 * number, np.uint8) for number in range(3)]
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", frames, 8)[0]


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "not for VBench")
    return tmp_path


def own(prompts: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"prompt_en": text, "dimension": list(names)} for text, names in prompts.items()]


def values(metric: SetMetric, views: list[View], *wanted: str) -> dict[str, float | str | None]:
    found = metric.score_set(views, frozenset(wanted))  # type: ignore[arg-type]
    return {score.metric: score.reason if score.value is None else round(score.value, 6) for score in found}


def test_without_vbench_the_columns_say_what_to_install(monkeypatch):
    monkeypatch.delenv("FILMBENCH_VBENCH", raising=False)
    spec = registry.metric_spec("vbench.total_score")
    assert (spec.over, spec.core) == ("set", False)
    assert doctor.availability(spec.requires) == (
        "needs FILMBENCH_VBENCH: install VBench in an environment of its own (pip install vbench), "
        "then export FILMBENCH_VBENCH=…/bin/vbench"
    )
    assert {f"vbench.{name}" for name in ALL} <= set(registry.metrics().items)
    assert {f"vbench2.{name.lower().replace('-', '_')}" for name in ALL2} <= set(registry.metrics().items)


def test_other_prompts_are_judged_as_custom_input(monkeypatch, cache, clip):
    program = install(cache / "env", "vbench", "0.1.5", own({"a stop sign": ALL}))
    monkeypatch.setenv("FILMBENCH_VBENCH", str(program))
    assert VBENCH.version == "0.1.5"
    views = [View("my own prompt", clip), View("my own prompt", clip), View("another", clip)]
    assert values(VBench(), views, "vbench.motion_smoothness", "vbench.scene") == {
        "vbench.motion_smoothness": 0.3,
        "vbench.scene": "VBench judges this on its own prompts only",
    }
    found = values(VBench(), views, "vbench.total_score")
    assert found["vbench.total_score"] == "needs all of VBench's own prompts, 5 takes each"
    assert sum(isinstance(value, float) for value in found.values()) == 10


def test_its_own_prompts_are_judged_in_its_way_and_only_the_whole_set_has_totals(monkeypatch, cache, clip):
    prompts = {"a stop sign": ALL[:9], "a red, round toilet": ALL[9:]}
    monkeypatch.setenv("FILMBENCH_VBENCH", str(install(cache / "env", "vbench", "0.1.5", own(prompts))))
    some = [View("a stop sign", clip)] * 2
    assert values(VBench(), some, f"vbench.{ALL[0]}", f"vbench.{ALL[15]}") == {
        f"vbench.{ALL[0]}": 0.2,
        f"vbench.{ALL[15]}": "none of its prompts was asked",
    }
    assert values(VBench(), some, "vbench.total_score")["vbench.total_score"] == (
        "needs all of VBench's own prompts, 5 takes each"
    )
    whole = [View(text, clip) for text in prompts for _ in range(5)]
    found = values(VBench(), whole, "vbench.total_score")
    expected = vbench.totals(dict.fromkeys(ALL, 0.005))
    assert found["vbench.total_score"] == pytest.approx(100 * expected.total)
    assert found["vbench.quality_score"] == pytest.approx(100 * expected.quality)


def test_a_program_that_gives_nothing_is_a_reason_in_its_own_words(monkeypatch, cache, clip):
    program = install(cache / "env", "vbench", "0.1.5", own({"a stop sign": ("scene",)}))
    monkeypatch.setenv("FILMBENCH_VBENCH", str(program))
    assert values(VBench(), [View("mine", clip)], "vbench.dynamic_degree") == {
        "vbench.dynamic_degree": "vbench gave no result: NotImplementedError: UnImplemented dimension dynamic_degree"
    }
    assert values(VBench(), [View("mine", clip, "video/webm")], "vbench.dynamic_degree") == {
        "vbench.dynamic_degree": "the clips cannot be handed over: VBench reads mp4, not video/webm"
    }


def test_vbench_2_judges_whole_dimensions_of_its_own_prompts(monkeypatch, cache, clip):
    long = "a very long plot " * 20
    prompts = {"people": ("Diversity",), long: ("Composition", "Complex_Plot"), "a glass": ("Mechanics",)}
    everything = own(prompts)
    monkeypatch.setenv("FILMBENCH_VBENCH2", str(install(cache / "env", "vbench2", "0.1.1", everything)))
    views = [View("people", clip)] * 20 + [View(long, clip)] * 3 + [View("a glass", clip)] * 2
    wanted = ("vbench2.diversity", "vbench2.composition", "vbench2.mechanics", "vbench2.creativity")
    assert values(VBench2(), views, *wanted[:3]) == {
        "vbench2.diversity": 2.0,
        "vbench2.composition": 0.3,
        "vbench2.mechanics": "1 of its prompts lack takes, and VBench-2.0 judges a dimension whole",
    }
    assert values(VBench2(), views, "vbench2.creativity")["vbench2.creativity"] == pytest.approx(1.15)
    assert values(VBench2(), views, "vbench2.total_score")["vbench2.total_score"] == "a dimension of it has no value"
    assert values(VBench2(), [View("mine", clip)], "vbench2.diversity") == {
        "vbench2.diversity": "VBench-2.0 judges its own prompts only"
    }


def test_vbench_2_total_is_the_mean_of_five_groups():
    values = {name: number / 100 for number, name in enumerate(ALL2)}
    groups = [0.005, 0.025, 0.07, 0.12, 0.155]
    found = [vbench.totals2(values, group) for group in vbench.GROUPS2.values()]
    assert found == pytest.approx(groups)
    assert vbench.totals2(values) == pytest.approx(sum(groups) / 5)


def test_a_run_shows_them_for_each_arm_without_intervals(cache):
    environment = {**os.environ, "FILMBENCH_CACHE": os.environ.get("FILMBENCH_CACHE", ""), "HF_TOKEN": "secret"}
    environment["FILMBENCH_VBENCH"] = str(install(cache / "env", "vbench", "0.1.5", own({"a stop sign": ALL})))
    (cache / "small.toml").write_text(SUITE)
    command = [FILMBENCH, "--store", cache / "runs", "run", cache / "small.toml", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env=environment)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    (table,) = shown["tables"]
    assert (
        list(shown["skipped"]) == ["vbench2.diversity"] and "FILMBENCH_VBENCH2" in shown["skipped"]["vbench2.diversity"]
    )
    (row,) = table["rows"]
    found = row["values"]["vbench.subject_consistency"]
    assert (found["value"], found["low"], found["n"]) == (pytest.approx(0.2), None, 2)
    assert row["values"]["vbench.color"]["reason"] == "VBench judges this on its own prompts only"


SUITE = """
name = "small"
title = "Small"

[[tasks]]
contract = "video"
dataset = "video-prompts@1.0.0"
samples = ["image-harbour", "image-forest"]
metrics = ["vbench.subject_consistency", "vbench.color", "vbench2.diversity", "video.length_error"]

[[tasks.arms]]
provider = "local/floor-video"
label = "floor: still"
params = { show = "still" }
"""
