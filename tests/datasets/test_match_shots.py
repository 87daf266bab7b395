"""match-shots: whole, and made again byte for byte."""

from __future__ import annotations

import json

from filmbench.harness.dataset import catalogue
from filmbench.harness.dataset.manifest import read_manifest
from filmbench.harness.dataset.recipes import match_shots
from filmbench.harness.dataset.recipes.content import Content


def test_all_bytes_are_the_pinned_ones_and_every_shot_has_one_partner():
    assert catalogue.verify("match-shots") == ()
    dataset = catalogue.load("match-shots")
    for sample in dataset.samples:
        pairs = json.loads(dataset.media[sample.references["pairs"].sha256].read_text())
        assert sorted(shot for pair in pairs for shot in pair) == [*range(12)]
        assert all(one < other for one, other in pairs)


def test_the_recipe_makes_the_same_bytes(tmp_path):
    folder = catalogue._shipped()["match-shots"]
    content = Content(tmp_path / "content", tmp_path / "scratch")
    content.write(match_shots.build(read_manifest(folder), content, lambda what, done, total: None))
    assert (content.folder / "samples.jsonl").read_bytes() == (folder / "samples.jsonl").read_bytes()
