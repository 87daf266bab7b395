"""CLIP: the formulas by hand, a small real model from safetensors, and how a user brings the weights."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from filmbench.harness import doctor, models, registry
from filmbench.harness.types import Sample, UsageError
from filmbench.metrics import clip
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.prompt_edit.adherence import Adherence
from typer.testing import CliRunner

ROOT = np.sqrt(2)
COLUMNS = ("background.clip_score", "video.clip_score", *(spec.id for spec in Adherence.specs))


# --- formulas ----------------------------------------------------------------------------------------


def test_directional_similarity_of_the_toy():
    before, after = np.array([1.0, 0, 0]), np.array([1.0, 1, 0]) / ROOT
    said, then = np.array([0.0, 0, 1]), np.array([0.0, 1, 1]) / ROOT
    assert clip.directional(before, after, said, then) == pytest.approx(0.8535534, abs=1e-7)
    assert clip.directional(5 * before, 3 * after, 2 * said, then) == pytest.approx(0.8535534, abs=1e-7)
    assert clip.directional(after, before, said, then) == pytest.approx(-0.8535534, abs=1e-7)


def test_what_stays_has_no_direction():
    one, other = np.array([1.0, 0, 0]), np.array([0.0, 1, 0])
    for before, after, said, then in ((one, 2 * one, one, other), (one, other, one, one)):
        with pytest.raises(Unmeasurable, match="no direction"):
            clip.directional(before, after, said, then)


def test_likeness_is_the_cosine():
    assert clip.likeness(np.array([3.0, 0]), np.array([1.0, 1])) == pytest.approx(1 / ROOT)


# --- the loader --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A CLIP of transformers' own classes, one layer deep and with random weights, saved as safetensors."""
    import torch
    from safetensors.torch import save_file
    from transformers import CLIPConfig, CLIPModel

    folder = tmp_path_factory.mktemp("clip")
    (folder / "merges.txt").write_text("#version: 0.2\nn i\nni g\nnig h\nnigh t</w>\n")
    size = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 1}
    text = size | {"vocab_size": 518, "bos_token_id": 516, "eos_token_id": 517}
    torch.manual_seed(0)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=size | {"patch_size": 32}, projection_dim=16)).eval()
    save_file(model.state_dict(), folder / "model.safetensors")
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def test_the_size_of_the_model_is_read_off_its_tensors_in_both_formats(small):
    one, other = (clip.load(small / name, small / "merges.txt") for name in ("model.safetensors", "pytorch_model.bin"))
    rgb = np.random.default_rng(0).integers(0, 256, (250, 300, 3), np.uint8)
    for reader in (one, other):
        assert reader._model.config.vision_config.patch_size == 32
        assert reader._model.config.text_config.num_hidden_layers == 2
    assert np.array_equal(one.picture(rgb), other.picture(rgb)) and one.picture(rgb).shape == (16,)
    assert np.array_equal(one.words("night"), other.words("night"))
    assert not np.allclose(one.words("night"), one.words("light"))


@pytest.fixture
def brought(small, monkeypatch, tmp_path):
    """The small model pinned under CLIP's name, and brought by the documented command."""
    entry = models.entry(clip.WEIGHTS)
    pins = [
        replace(file, name=name, bytes=(small / name).stat().st_size, sha256=sha256(small / name))
        for file, name in zip(entry.files, ("model.safetensors", "merges.txt"), strict=True)
    ]
    monkeypatch.setattr(models, "entries", lambda: {clip.WEIGHTS: replace(entry, files=tuple(pins))})
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    forget()
    said = add(clip.WEIGHTS, small / "model.safetensors")
    assert said.output.strip() == f"{clip.WEIGHTS}: still missing: merges.txt"
    assert not models.installed(clip.WEIGHTS)
    assert add(clip.WEIGHTS, small / "merges.txt").output.strip() == f"{clip.WEIGHTS}: here"
    yield
    forget()


def forget() -> None:
    for cached in (models.path, models.folder, clip.reader, clip.told):
        cached.cache_clear()


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def add(*arguments: Any) -> Any:
    from filmbench.harness.cli.models import app

    return CliRunner().invoke(app, ["add", *map(str, arguments)])


# --- the columns -------------------------------------------------------------------------------------


def scores(take: Any, source: Any, **references: str) -> dict[str, float | str]:
    sample = Sample("s", "d", {"instruction": "Make it night."}, references)
    scorer = Adherence().begin(SimpleNamespace(sample=sample))  # type: ignore[arg-type]
    for time in (0.0, 0.1, 0.5):
        moment = SimpleNamespace(
            time=time, take=SimpleNamespace(rgb=take), frame=lambda role: source and SimpleNamespace(rgb=source[0])
        )
        scorer.update(moment)  # type: ignore[arg-type]
    return {one.metric.split(".")[1]: one.reason if one.value is None else one.value for one in scorer.compute()}  # type: ignore[misc]


@pytest.fixture
def day() -> Any:
    return np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)


CAPTIONS = {"source_caption": "a hill", "caption": "a hill at night"}


def test_an_edit_is_measured_by_the_model_that_was_brought(brought, day):
    night = day // 4
    found = scores(night, [day], **CAPTIONS)
    reader = clip.reader()
    seen, told = [reader.picture(one) for one in (day, night)], [reader.words(one) for one in CAPTIONS.values()]
    assert found["clip_directional"] == pytest.approx(clip.directional(*seen, *told), abs=1e-6)
    assert found["clip_score"] == pytest.approx(clip.mean_score([seen[1]], told[1]), abs=1e-4)
    assert found["clip_similarity"] == pytest.approx(clip.likeness(*seen), abs=1e-6)
    assert found["clip_similarity"] < 1


def test_the_untouched_source_keeps_all_likeness_and_has_no_direction(brought, day):
    found = scores(day, [day], **CAPTIONS)
    assert found["clip_similarity"] == pytest.approx(1)
    assert "no direction" in str(found["clip_directional"])


def test_without_captions_or_source_the_reason_stands(brought, day):
    assert scores(day, [day])["clip_score"] == "the sample does not say in words what the changed shot shows"
    assert set(scores(day, None, **CAPTIONS).values()) == {"there is no source beside any frame"}


# --- bringing the weights ----------------------------------------------------------------------------


def test_every_column_of_clips_says_the_same_next_step(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("FILMBENCH_WEIGHTS", raising=False)
    for id in COLUMNS:
        assert doctor.availability(registry.metric_spec(id).requires) == (
            "needs weights clip-vit-base-patch16: download pytorch_model.bin and merges.txt from "
            "https://huggingface.co/openai/clip-vit-base-patch16, then: "
            "filmbench models add clip-vit-base-patch16 pytorch_model.bin merges.txt"
        )
    (lacking,) = [need for need in clip.REQUIRES if need.name == "transformers"]
    assert lacking.remedy == "pip install 'filmbench[vision]'"


def test_the_loader_without_weights_gives_that_reason_in_every_cell(monkeypatch, tmp_path, day):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("FILMBENCH_WEIGHTS", raising=False)
    forget()
    found = scores(day // 4, [day], **CAPTIONS)
    assert len(found) == 3 and all("clip-vit-base-patch16" in str(reason) for reason in found.values())


def test_other_files_are_refused_and_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pytorch_model.bin").write_bytes(b"other")
    with pytest.raises(UsageError, match="is no file of clip-vit-base-patch16") as refused:
        models.add(clip.WEIGHTS, [tmp_path / "pytorch_model.bin"])
    assert "merges.txt (524,619 bytes, sha256 9fd691f7c8039210…)" in str(refused.value.hint)
    with pytest.raises(UsageError, match="cannot be read"):
        models.add(clip.WEIGHTS, [tmp_path / "absent.bin"])
    assert not (tmp_path / "cache").exists()
