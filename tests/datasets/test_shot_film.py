"""shot-film: whole, made again byte for byte, and cut where it says."""

from __future__ import annotations

import json

import numpy as np
from filmbench.harness.dataset import catalogue
from filmbench.harness.dataset.manifest import read_manifest
from filmbench.harness.dataset.recipes import shot_film
from filmbench.harness.dataset.recipes.content import Content
from filmbench.harness.media.video import VideoClip


def test_all_bytes_are_the_pinned_ones():
    assert catalogue.verify("shot-film") == ()


def test_the_recipe_makes_the_same_bytes(tmp_path):
    folder = catalogue._shipped()["shot-film"]
    content = Content(tmp_path / "content", tmp_path / "scratch")
    content.write(shot_film.build(read_manifest(folder), content, lambda what, done, total: None))
    assert (content.folder / "samples.jsonl").read_bytes() == (folder / "samples.jsonl").read_bytes()


def test_pictures_change_at_the_true_cuts():
    dataset = catalogue.load("shot-film")
    for sample in dataset.samples:
        if sample.id not in ("cuts", "quick-cuts"):
            continue
        artifact = sample.inputs["video"]
        film = VideoClip(artifact, dataset.media[artifact.sha256])
        frames = np.array([frame.luma.astype(np.int16) for frame in film.frames()])
        steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
        shots = json.loads(dataset.media[sample.references["shots"].sha256].read_text())
        cuts = [last for _, last in shots[:-1]]
        assert steps[cuts].min() > np.delete(steps, cuts).max()
        assert film.facts.frames == shots[-1][1] + 1
