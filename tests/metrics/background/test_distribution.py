"""FID and KID of an arm's pictures: a real Inception network of random weights, through the scoring of sets."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from filmbench.harness import models, scoring, sets, setscoring
from filmbench.harness.protocols import SetMetric
from filmbench.harness.types import Artifact, Outcome, Sample, Take, Timing
from filmbench.metrics.background import distribution
from filmbench.metrics.features import inception
from PIL import Image

PICTURES = 3


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """The network's own tensors as they are before any training, in the published file's format."""
    import torch
    from torch_fidelity import feature_extractor_inceptionv3 as network

    class Untrained(network.FeatureExtractorInceptionV3):
        def load_state_dict(self, *_: Any, **__: Any) -> None:
            """Nothing to load yet."""

    patch = pytest.MonkeyPatch()
    patch.setattr(network, "load_state_dict_from_url", lambda *_, **__: {})
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("weights") / "own.pth"
    untrained = Untrained("fid", ["2048"])
    for kernel in (one for one in untrained.parameters() if one.dim() == 4):
        torch.nn.init.kaiming_normal_(kernel)  # else nothing is left of a picture after so many layers
    torch.save(untrained.state_dict(), file)
    patch.undo()
    return file


@pytest.fixture
def brought(weights, monkeypatch, tmp_path):
    """The file pinned and brought as a user brings the published one."""
    entry = models.entry(inception.WEIGHTS)
    content = weights.read_bytes()
    pinned = replace(entry.files[0], bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(models, "entries", lambda: {inception.WEIGHTS: replace(entry, files=(pinned,))})
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    models.path.cache_clear()
    assert not models.installed(inception.WEIGHTS)
    assert models.add(inception.WEIGHTS, [weights]) == ()
    yield
    models.path.cache_clear()


def picture(folder: Path, seed: int) -> tuple[Artifact, Path]:
    coarse = 8 if seed < 100 else 1
    rgb = np.random.default_rng(seed).integers(0, 256, (32 // coarse, 32 // coarse, 3), np.uint8)
    rgb = rgb.repeat(coarse, 0).repeat(coarse, 1)
    path = folder / f"{seed}.png"
    Image.fromarray(rgb).save(path)
    return Artifact(hashlib.sha256(path.read_bytes()).hexdigest(), "image/png", path.stat().st_size), path


def work(folder: Path, seeds: range, metrics: tuple[str, ...], references: bool = True) -> setscoring.SetWork:
    """An arm's takes with the pictures ``seeds``, their samples' references being those from 100 on."""
    takes, paths = [], {}
    for number, seed in enumerate(seeds):
        (made, path), (true, beside) = picture(folder, seed), picture(folder, 100 + number)
        paths |= {made.sha256: path, true.sha256: beside}
        sample = Sample(f"s{number}", "d", {"prompt": "a hill"}, {"image": true} if references else {})
        take = Take(f"{number:064}", 0, Outcome.OK, None, {"image": (made,)}, Timing(), None, None, None, 1, True)
        takes.append((sample, scoring.ScoreTake(take, "local/painter", ())))
    return setscoring.SetWork("0" * 64, tuple(takes), metrics, paths, {})


def test_the_network_is_torchmetrics_own_and_too_few_pictures_have_no_distance(brought, monkeypatch, tmp_path):
    import torch
    from torchmetrics.image.fid import NoTrainInceptionV3

    asked = work(tmp_path, range(PICTURES), ("background.kid", "background.fid"))
    reasons = {found.metric: found.reason for *_, found in setscoring.measure(asked).scores}
    assert reasons == {
        "background.kid": f"n too small: {PICTURES} pictures, at least 50 on each side are needed",
        "background.fid": f"n too small: {PICTURES} pictures, at least 2,048 on each side are needed",
    }
    monkeypatch.setattr(distribution, "LEAST_KID", 2)
    monkeypatch.setattr(distribution, "LEAST_FID", 2)
    measured = setscoring.measure(asked)
    found = {score.metric: score.value for *_, score in measured.scores}
    assert len(measured.features) == 2 * PICTURES, "each picture is looked at once, and the ledger keeps what was seen"
    network = NoTrainInceptionV3("theirs", ["2048"], str(models.path(inception.WEIGHTS)), antialias=False)
    sides = []
    for seeds in (range(PICTURES), range(100, 100 + PICTURES)):
        pictures = [np.asarray(Image.open(tmp_path / f"{seed}.png")) for seed in seeds]
        sides.append(network(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)).numpy())
    seen = np.array([*measured.features.values()])
    assert np.allclose(seen, np.concatenate(sides), rtol=1e-3, atol=1e-4)
    assert found["background.kid"] == pytest.approx(distribution.kid(*sides), rel=0.02)
    assert found["background.fid"] == pytest.approx(distribution.fid(*sides), rel=0.02)
    assert found["background.kid"] > 1e-3 and found["background.fid"] > 1e-3


def test_the_references_themselves_have_no_distance(brought, monkeypatch, tmp_path):
    monkeypatch.setattr(distribution, "LEAST_FID", 2)
    asked = work(tmp_path, range(100, 100 + PICTURES), ("background.fid",))
    ((_, _, _, found),) = setscoring.measure(asked).scores
    assert found.value == pytest.approx(0, abs=1e-3)


def test_without_references_there_is_nothing_to_be_held_against(brought, tmp_path):
    asked = work(tmp_path, range(PICTURES), ("background.kid",), references=False)
    ((_, _, _, found),) = setscoring.measure(asked).scores
    assert (found.value, found.reason) == (None, "the samples carry no reference pictures to be held against")


def test_a_pickle_that_names_code_is_not_run(monkeypatch, tmp_path):
    import pickle

    import torch

    file = tmp_path / "evil.pth"
    torch.save({"fc.weight": torch.zeros(1), "more": Evil(str(tmp_path / "ran"))}, file)
    with pytest.raises(pickle.UnpicklingError):
        inception.embedding(np.zeros((8, 8, 3), np.uint8), file)
    assert not (tmp_path / "ran").exists()


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (Path(self.path), "ran")


# --- sets in a table ---------------------------------------------------------------------------------


def test_a_sets_name_is_that_of_its_members_in_any_order():
    pairs = [("b" * 64, 1), ("a" * 64, 0)]
    assert sets.members(pairs) == sets.members(reversed(pairs)) != sets.members(pairs[:1])


def test_a_level_belongs_to_just_its_takes():
    spec = distribution.Distribution.specs[1]
    assert isinstance(distribution.METRICS[0], SetMetric)
    part = pd.DataFrame({"key": ["a", "b", "c"], "epoch": [0, 0, 0], "ok": [True, True, False], "unit": [0, 1, 2]})
    row = {"key": sets.members([("a", 0), ("b", 0)]), "metric": spec.id, "signature": spec.signature}
    scores = pd.DataFrame([row | {"value": 0.25, "reason": None}])
    found = sets.level(part, scores, spec)
    assert found is not None and (found.value, found.low, found.n) == (0.25, None, 2)
    assert found.reason == sets.NO_INTERVAL
    fewer = sets.level(part[:1], scores, spec)
    assert fewer is not None and (fewer.value, fewer.reason) == (None, "not scored over just these takes")
    assert sets.level(part[2:], scores, spec) is None
