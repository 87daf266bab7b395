"""The dubbing datasets hold what their cards promise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from filmbench.harness import dataset
from filmbench.harness.dataset.filehash import sha256_of
from filmbench.harness.dataset.recipes import dub_scene
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.media.decode import decode
from filmbench.harness.types import UsageError


@pytest.fixture(scope="module")
def scenes() -> dataset.Dataset:
    return dataset.load("dub-scene")


def sound(scenes: dataset.Dataset, sha256: str) -> np.ndarray:
    return decode(scenes.media[sha256]).samples[:, 0]


def test_scenes_are_mixes_of_their_stems(scenes: dataset.Dataset) -> None:
    assert len(scenes.samples) == 6 and {sample.language for sample in scenes.samples} == {"es", "it"}
    for sample in scenes.samples:
        stem = sound(scenes, sample.references["background"].sha256)
        times = json.loads(scenes.media[sample.references["speech_times"].sha256].read_text())
        for film in (sample.inputs["source"], sample.references["dubbed"]):
            opening = slice(0, dub_scene.LEAD)
            rest = sound(scenes, film.sha256)[opening] - stem[opening]
            assert np.mean(rest**2) < 0.1 * np.mean(stem[opening] ** 2), "the same music before anybody speaks"
        inside = [slice(int(start * dub_scene.RATE), int(end * dub_scene.RATE)) for start, end in times]
        whole = sound(scenes, sample.inputs["source"].sha256)
        assert all(np.mean(whole[part] ** 2) > 5 * np.mean(stem[part] ** 2) for part in inside)
        assert len(sample.text("translation").splitlines()) == len(times) == 2


def test_silences_inside_a_line_part_its_times() -> None:
    line = np.zeros(16_000, np.int64)
    line[1000:3000], line[9000:9500] = 5000, -5000
    assert dub_scene.stretches(line, 100) == [(1100, 3100), (9100, 9600)]


@pytest.mark.slow
def test_the_recipe_still_makes_the_committed_bytes(scenes: dataset.Dataset, tmp_path: Path) -> None:
    try:
        content = Content(tmp_path / "made", tmp_path / "scratch")
        content.write(dub_scene.build(content))
    except UsageError:
        pytest.skip("human-prompts is not on this machine: filmbench datasets fetch human-prompts")
    committed = Path(next(iter(scenes.media.values()))).parents[1]
    assert sha256_of(tmp_path / "made/samples.jsonl") == sha256_of(committed / "samples.jsonl")


def test_prompts_pair_the_same_lines_in_two_languages() -> None:
    try:
        prompts = dataset.load("dub-prompts")
    except UsageError:
        pytest.skip("dub-prompts is not on this machine: filmbench datasets fetch dub-prompts")
    by_id = {sample.id: sample for sample in prompts.samples}
    assert len(by_id) == 385
    there, back = by_id["en-es/vm-sorry"], by_id["es-en/vm-sorry"]
    assert there.inputs["source"] == back.references["dubbed"] and there.references["dubbed"] == back.inputs["source"]
    assert there.references["transcript"] == back.references["translation"]
    assert "same-speaker" in there.tags and "same-speaker" not in by_id["en-it/vm-sorry"].tags
    assert {sample.language for sample in prompts.samples} == {"en", "es", "fr", "it", "ru"}
