"""The prompts for backgrounds and clips hold what their cards promise."""

from __future__ import annotations

from collections import Counter

import pytest
from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local.painting import words
from filmbench.harness import dataset
from filmbench.harness.types import Arm, Artifact, Request, Sample

VBENCH = {
    *("temporal_flickering", "motion_smoothness", "dynamic_degree", "subject_consistency", "background_consistency"),
    *("aesthetic_quality", "imaging_quality", "object_class", "multiple_objects", "human_action", "color"),
    *("spatial_relationship", "scene", "appearance_style", "temporal_style", "overall_consistency"),
}


@pytest.fixture(scope="module")
def places() -> tuple[Sample, ...]:
    return dataset.load("background-prompts").samples


@pytest.fixture(scope="module")
def clips() -> tuple[Sample, ...]:
    return dataset.load("video-prompts").samples


def as_request(contract: str, sample: Sample) -> Request:
    return Request(contract, sample, Arm("local/any", "any"), {})


def test_five_places_of_each_kind_and_a_kind_is_a_cluster(places):
    assert Counter(place.cluster for place in places) == dict.fromkeys(words.PLACES, 5)
    assert len({place.text("prompt") for place in places}) == len(places) == 30
    assert sum("palette" in place.tags for place in places) == sum("palette" in place.inputs for place in places) == 12


def test_every_place_size_and_palette_can_be_asked_of_our_own_painter(places):
    for place in places:
        assert words.read(place.text("prompt")).place == place.cluster, place.id
        width, height = asked.size(as_request("background", place))
        assert 0 < width * height <= 1920 * 1080
        asked.palette(as_request("background", place))


def test_the_tagged_hour_is_the_one_in_the_prompt(places):
    for place in places:
        assert place.tags & set(words.LIGHTS) == {words.read(place.text("prompt")).light}, place.id


def test_every_dimension_of_vbench_has_a_prompt_and_is_a_cluster(clips):
    told = [clip for clip in clips if "text-to-video" in clip.tags]
    assert len(told) >= 24
    assert {clip.cluster for clip in told} == VBENCH
    assert all(clip.cluster in clip.tags for clip in told)
    assert len({clip.text("prompt") for clip in clips}) == len(clips)


def test_every_length_rate_and_size_can_be_asked(clips):
    for clip in clips:
        frames, fps = asked.timing(as_request("video", clip))
        assert 12 <= frames <= 120 and fps in (12, 24, 25)


def test_pictures_to_set_in_motion_are_small_and_of_settled_rights(clips):
    shown = [clip for clip in clips if "image-to-video" in clip.tags]
    files = [clip.inputs["image"] for clip in shown]
    assert len(files) == 6 and all(isinstance(file, Artifact) for file in files)
    assert sum(file.bytes for file in files if isinstance(file, Artifact)) < 2_000_000
    about = dataset.load("video-prompts")
    assert about.licence == "CC0-1.0"
    assert "Stéfan van der Walt" in about.attribution and "Rachel Michetti" in about.attribution


def test_what_is_tagged_open_no_local_engine_draws(clips):
    """The other way round, an engine's own words must not be tagged as beyond it."""
    from filmbench.adapters.local import _camera, plates, procedural
    from filmbench.harness.protocols import Refusal

    for clip in clips:
        if "text-to-video" not in clip.tags:
            continue
        text, taken = clip.text("prompt"), []
        for engine in (
            lambda text: procedural.Procedural()._brief(_camera.without_moves(text)),
            lambda text: plates.plate(text, (32, 18), 0),
        ):
            try:
                taken.append(engine(text))
            except Refusal:
                continue
        assert bool(taken) != ("open" in clip.tags), clip.id
