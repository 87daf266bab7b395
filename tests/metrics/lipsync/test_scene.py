"""The drawn line: its bytes, what is found in it, and what each measure makes of films that cannot be judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.harness import registry
from filmbench.harness.framepass import watch
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_video
from filmbench.harness.protocols import FrameMetric
from filmbench.harness.types import Artifact, Score
from filmbench.metrics.lipsync import curves
from filmbench.metrics.lipsync.syncnet_network import _distances, built, cepstra, evaluate

TRUTH = "0b150a2be80798c783ebb704f4d98b37982e4b38b9859e7450a377b43fac0330"
SPEECH = "d8df70194b70c930f7dd4f8a7c6d3d3c181626fa012940dab160f7efadd21a96"

IDS = (
    "lipsync.aperture_correlation", "lipsync.old_speech_correlation", "lipsync.energy_correlation",
    "lipsync.bilabial_closure", "lipsync.mouth_distance", "lipsync.true_aperture_correlation",
    "lipsync.identity_distance", "lipsync.length_error", "lipsync.outside_psnr", "lipsync.outside_flicker",
)  # fmt: skip


def scores(view: Any, *ids: str) -> dict[str, Score]:
    found: dict[str, Score] = {}
    for id in ids:
        metric = registry.metrics().get(id)
        several = watch(view, [metric]) if isinstance(metric, FrameMetric) else metric.score(view)
        found |= {score.metric: score for score in several}
    return found


def film(path: Path, frames: Any, **more: Any) -> VideoClip:
    write_video(path, frames, 25, **more)
    return VideoClip(Artifact(path.name, "video/mp4", 1), path)


@pytest.fixture
def pictures(scene: Any) -> Callable[[int], list[Any]]:
    truth = scene.medium(scene.sample.references["video"])
    return lambda count: [frame.rgb for frame, _ in zip(truth.frames(), range(count), strict=False)]


def test_the_same_bytes_are_drawn_everywhere(scene: Any) -> None:
    assert scene.sample.inputs["speech"].sha256 == SPEECH
    assert scene.sample.references["video"].sha256 == TRUTH
    assert {"drawn"} <= scene.sample.tags and scene.sample.consent is None


def test_the_face_is_found_in_every_frame_and_its_mouth_as_drawn(scene: Any) -> None:
    view = scene.view(scene.medium(scene.sample.references["video"]))
    found = view.feature("mouth", view.film)
    true = view.reference("mouth").json
    assert found["faces"] == [1] * len(true["aperture"])
    assert curves.pearson(found["aperture"], true["aperture"]) > 0.97
    # The lips' corners lie within 3 pixels of the drawn ones.
    corners = np.array([(lips[0], lips[1]) for lips in found["lips"]]) - [points[0] for points in true["landmarks"]]
    assert np.abs(np.median(corners, axis=0)).max() < 3


def test_the_aligner_hears_the_spoken_phonemes_from_sound_alone(scene: Any) -> None:
    view = scene.view(None)
    heard = view.feature("phones", scene.medium(scene.sample.inputs["speech"]))
    spoken = view.reference("phonemes").json["phonemes"]
    times = np.arange(0, spoken[-1][2], 0.04)
    same = {"ax": "AH", "pau": "SIL"}
    true = curves.of_phones([(same.get(name, name.upper()), start, end) for name, start, end in spoken])
    assert curves.pearson(curves.of_phones(heard["phones"])(times), true(times)) > 0.9


def test_speech_in_another_language_has_no_aligner_but_an_energy_proxy(scene: Any) -> None:
    from dataclasses import replace

    view = scene.view(scene.medium(scene.sample.references["video"]))
    view.sample = replace(scene.sample, language="it")
    found = scores(view, "lipsync.aperture_correlation", "lipsync.energy_correlation")
    assert found["lipsync.aperture_correlation"].value is None
    assert "English only" in str(found["lipsync.aperture_correlation"].reason)
    assert found["lipsync.energy_correlation"].value is not None


def test_without_a_face_every_measure_of_it_says_so(scene: Any, tmp_path: Path) -> None:
    grey = (np.full((320, 320, 3), 90 + i, np.uint8) for i in range(20))
    found = scores(scene.view(film(tmp_path / "grey.mp4", grey)), *IDS)
    about_faces = {id: score for id, score in found.items() if id != "lipsync.length_error"}
    assert all(score.value is None and "no face was found" in str(score.reason) for score in about_faces.values()), (
        found
    )


def test_of_two_faces_none_is_judged(scene: Any, tmp_path: Path, pictures: Any) -> None:
    both = film(tmp_path / "two.mp4", (np.hstack([one, one]) for one in pictures(18)))
    found = scores(scene.view(both), "lipsync.aperture_correlation", "lipsync.mouth_distance", "lipsync.outside_psnr")
    assert all(score.value is None and "two faces" in str(score.reason) for score in found.values()), found


def test_one_frame_is_too_short_to_follow_anything(scene: Any, tmp_path: Path, pictures: Any) -> None:
    found = scores(
        scene.view(film(tmp_path / "one.mp4", pictures(1))), "lipsync.aperture_correlation", "lipsync.outside_flicker"
    )
    assert "too short: 1 frames" in str(found["lipsync.aperture_correlation"].reason)
    assert found["lipsync.outside_flicker"].value is None


def test_a_film_without_sound_has_no_phones_and_no_level(scene: Any, tmp_path: Path, pictures: Any) -> None:
    mute = film(tmp_path / "mute.mp4", pictures(20))
    found = scores(
        scene.view(mute), "lipsync.aperture_correlation", "lipsync.energy_correlation", "lipsync.length_error"
    )
    assert all(score.value is None and "sound" in str(score.reason) for score in found.values()), found


def test_syncnet_says_what_it_needs_and_how(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from filmbench.harness.doctor import metric_requires, missing

    monkeypatch.delenv("FILMBENCH_WEIGHTS", raising=False)
    spec = next(spec for spec in registry.metrics().get("lipsync.lse_c").specs if spec.id == "lipsync.lse_c")
    lacking = missing(metric_requires(spec))
    assert not spec.core and [need.name for need in lacking] == ["syncnet"]
    assert "filmbench models add syncnet" in lacking[0].remedy


@pytest.mark.slow
@pytest.mark.skipif(
    not (Path(os.environ.get("FILMBENCH_WEIGHTS", "/nonexistent")) / "syncnet" / "example.avi").is_file(),
    reason="needs syncnet_v2.model and the authors' example.avi in $FILMBENCH_WEIGHTS/syncnet/",
)
def test_syncnet_gives_the_published_figures_of_its_authors_example() -> None:
    """Golden, published in the authors' README: offset 3, distance 5.353, confidence 10.021."""
    path = Path(os.environ["FILMBENCH_WEIGHTS"]) / "syncnet" / "example.avi"
    clip = VideoClip(Artifact("0", "video/x-msvideo", 1), path)
    found = evaluate(np.stack([frame.rgb[..., ::-1] for frame in clip.frames()]), clip.mono(16_000))
    assert found.offset == 3
    assert found.distance == pytest.approx(5.353, abs=0.05)
    assert found.confidence == pytest.approx(10.021, abs=0.1)


def test_syncnets_cepstra_are_those_it_was_trained_on() -> None:
    """Golden: python_speech_features 0.6, ``mfcc(signal, 16000)``, row 7 and the sum."""
    times = np.arange(8000) / 16000
    found = cepstra(np.round(8000 * np.sin(2 * np.pi * (200 + 600 * times) * times) * np.exp(-2 * times)))
    golden = [
        17.9999,
        25.1212,
        14.3991,
        4.9285,
        -5.0369,
        -14.7436,
        -21.5449,
        -25.6526,
        -25.9723,
        -23.1454,
        -17.3281,
        -10.9325,
        -4.4655,
    ]
    assert found.shape == (49, 13)
    assert found[7] == pytest.approx(golden, abs=1e-4)
    assert found.sum() == pytest.approx(-1372.4196, abs=1e-3)


def test_syncnets_network_has_the_published_size_and_finds_a_shift() -> None:
    import torch

    net = built().eval()
    assert sum(part.numel() for part in net.state_dict().values()) * 4 == 54_561_080  # the published file is 12 kB more
    assert {"netcnnaud.0.weight", "netfcaud.3.bias", "netcnnlip.18.weight", "netfclip.0.weight"} <= set(
        net.state_dict()
    )
    faces = torch.nn.functional.normalize(torch.randn(60, 16, generator=torch.Generator().manual_seed(0)))
    assert int(_distances(faces, torch.roll(faces, 4, 0)).argmin()) - 15 == 4
