"""cut-speech: whole, and made again byte for byte where the two synthesisers are Debian's."""

from __future__ import annotations

import shutil

import pytest
from filmbench.adapters.local._programs import debian_version
from filmbench.harness.dataset import catalogue
from filmbench.harness.dataset.manifest import read_manifest
from filmbench.harness.dataset.recipes import cut_speech
from filmbench.harness.dataset.recipes.content import Content

MADE_WITH = {"festival": "1:2.5.0-", "flite": "2.2-5", "festvox-us-slt-hts": "0.2010.10.25-4"}


def test_all_bytes_are_the_pinned_ones():
    assert catalogue.verify("cut-speech") == ()
    assert len(catalogue.load("cut-speech").samples) == len(cut_speech.LINES)


def test_words_follow_each_other_and_end_with_the_recording():
    import json

    dataset = catalogue.load("cut-speech")
    for sample in dataset.samples:
        words = json.loads(dataset.media[sample.references["words"].sha256].read_text())
        edges = [edge for word in words for edge in (word["start"], word["end"])]
        assert edges == sorted(edges)
        assert {word["keep"] for word in words} == {True, False}


@pytest.mark.skipif(not shutil.which("festival") or not shutil.which("flite"), reason="needs festival and flite")
def test_the_recipe_makes_the_same_bytes(tmp_path):
    for package, made in MADE_WITH.items():
        if not (debian_version(package) or "").startswith(made):
            pytest.skip(f"needs {package} {made}")
    folder = catalogue._shipped()["cut-speech"]
    content = Content(tmp_path / "content", tmp_path / "scratch")
    content.write(cut_speech.build(read_manifest(folder), content, lambda what, done, total: None))
    assert (content.folder / "samples.jsonl").read_bytes() == (folder / "samples.jsonl").read_bytes()
