"""Measures of stills against values worked out by hand, published toys, and the package they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from filmbench.harness import models
from filmbench.harness.types import Outcome, Sample, Take, Timing
from filmbench.metrics import clip
from filmbench.metrics.background import adherence, appearance, delivery, distribution, layers, naturalness, palette
from filmbench.metrics.brisque import brisque
from filmbench.metrics.measure import Unmeasurable


@dataclass
class View:
    """One picture (and its layers) in memory, with what was asked for."""

    picture: Any
    inputs: dict[str, str] = field(default_factory=dict)
    planes: tuple[Any, ...] = ()
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)

    @property
    def sample(self) -> Sample:
        return Sample("s", "d", {"prompt": "a hill", "size": "8x6"} | self.inputs)

    def output(self, role: str) -> Any:
        height, width = self.picture.shape[:2]
        return SimpleNamespace(rgb=self.picture, facts=SimpleNamespace(width=width, height=height))

    def outputs(self, role: str) -> tuple[Any, ...]:
        return tuple(SimpleNamespace(rgba=plane) for plane in self.planes)


def flat(*colour: int) -> Any:
    return np.full((6, 8, 3), colour, np.uint8)


def textured(seed: int = 0, side: int = 96) -> Any:
    import cv2

    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.integers(0, 256, (12, 12, 3), np.uint8), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(coarse.astype(int) + rng.integers(-12, 13, coarse.shape), 0, 255).astype(np.uint8)


# --- size, colour, detail ----------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "octaves"), [("8x6", 0.0), ("16x6", 1.0), ("8x24", 2.0), ("4×6", 1.0)])
def test_size_error_is_the_larger_of_both_sides_in_octaves(asked, octaves):
    (found,) = delivery.Size().score(View(flat(0, 0, 0), {"size": asked}))
    assert found.value == octaves


@pytest.mark.parametrize("asked", ["large", "0x6"])
def test_an_unreadable_size_is_no_number(asked):
    (found,) = delivery.Size().score(View(flat(0, 0, 0), {"size": asked}))
    assert (found.value, found.reason) == (None, "the sample asks for no readable size")


def test_colourfulness_by_hand():
    half = flat(255, 0, 0)
    half[:, 4:] = (0, 0, 255)
    # rg is 255 and 0: mean 127.5, deviation 127.5; yb is 127.5 and -255: mean -63.75, deviation 191.25.
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, -63.75)
    assert appearance.colourfulness(half) == pytest.approx(expected)
    assert appearance.colourfulness(flat(90, 90, 90)) == 0
    assert appearance.colourfulness(flat(200, 100, 100)) == pytest.approx(0.3 * np.hypot(100, 50))


def test_blur_takes_fine_detail_and_contrast_does_not():
    import cv2

    sharp = textured()
    values = [appearance.fine_detail(cv2.GaussianBlur(sharp, (0, 0), s)) for s in (0.6, 1.2, 2.4)]
    assert appearance.fine_detail(sharp) > values[0] > values[1] > values[2]
    softer = (64 + sharp.astype(np.float32) / 2).astype(np.uint8)
    assert appearance.fine_detail(softer) == pytest.approx(appearance.fine_detail(sharp), rel=0.02)
    with pytest.raises(Unmeasurable, match="flat"):
        appearance.fine_detail(flat(9, 9, 9))


# --- palette -----------------------------------------------------------------------------------------


def test_the_palette_itself_has_no_distance_in_any_order():
    striped = flat(16, 32, 64)
    striped[:, 4:] = (240, 192, 128)
    for asked in ("#102040 #f0c080", "#f0c080 #102040"):
        (found,) = palette.PaletteDistance().score(View(striped, {"palette": asked}))
        assert found.value == pytest.approx(0, abs=0.05)


def test_palette_distance_is_ciede2000():
    # Black and white against grey levels: ΔE00 of pure lightness, by colour-science on its own.
    import colour

    striped = flat(0, 0, 0)
    striped[:, 4:] = 255
    (found,) = palette.PaletteDistance().score(View(striped, {"palette": "#000000 #c0c0c0"}))
    light = colour.delta_E(np.array([100.0, 0, 0]), np.array([77.704, 0, 0]), method="CIE 2000")
    assert found.value == pytest.approx(light / 2, abs=0.05)


def test_without_a_palette_there_is_no_distance():
    (found,) = palette.PaletteDistance().score(View(flat(1, 2, 3)))
    assert (found.value, found.reason) == (None, "no palette was asked for")


# --- layers ------------------------------------------------------------------------------------------


def plane(colour, left, right):
    made = np.zeros((6, 8, 4), np.uint8)
    made[:, left:right] = (*colour, 255)
    return made


def test_four_equal_stripes_are_four_layers_and_make_the_picture():
    planes = tuple(plane((40 * i, 10, 10), 2 * i, 2 * i + 2) for i in range(4))
    picture = sum(one[..., :3].astype(int) for one in planes).astype(np.uint8)
    separable, error = layers.Layers().score(View(picture, planes=planes))
    assert separable.value == pytest.approx(4)
    assert error.value == pytest.approx(0)


def test_a_hidden_layer_adds_nothing_and_a_missing_one_is_an_error():
    back, front = plane((100, 100, 100), 0, 8), plane((0, 0, 0), 0, 8)
    separable, error = layers.Layers().score(View(flat(51, 51, 51), planes=(back, front)))
    assert separable.value == pytest.approx(1)
    assert error.value == pytest.approx(51)


def test_no_layers_or_other_sizes_are_no_number():
    assert layers.Layers().score(View(flat(0, 0, 0)))[0].reason == "no layers were given"
    odd = (plane((0, 0, 0), 0, 8), np.zeros((3, 3, 4), np.uint8))
    assert "another size" in str(layers.Layers().score(View(flat(0, 0, 0), planes=odd))[1].reason)


# --- BRISQUE -----------------------------------------------------------------------------------------


def packaged(rgb: Any) -> float:
    """The package ``brisque`` itself; only its handing of one-element arrays to float() is mended."""
    from brisque import BRISQUE

    class Mended(BRISQUE):
        def scale_features(self, features):
            return super().scale_features([np.ravel(one)[0] for one in features])

    return float(Mended(url=False).score(rgb))


@pytest.mark.parametrize("seed", [0, 1])
def test_brisque_equals_its_package(seed):
    rgb = textured(seed)
    assert brisque(rgb) == pytest.approx(packaged(rgb), abs=1e-6)


def test_brisque_equals_its_package_on_a_photograph_and_worsens_with_noise():
    from skimage.data import astronaut

    photograph = astronaut()[100:292, 100:292]
    noisy = np.clip(photograph + np.random.default_rng(0).normal(0, 25, photograph.shape), 0, 255).astype(np.uint8)
    assert brisque(photograph) == pytest.approx(packaged(photograph), abs=1e-6)
    assert brisque(noisy) > brisque(photograph) + 10


def test_brisque_of_a_flat_or_tiny_picture_is_no_number():
    (found,) = naturalness.Naturalness().score(View(np.full((64, 64, 3), 128, np.uint8)))
    assert found.value is None and "flat" in str(found.reason)
    (found,) = naturalness.Naturalness().score(View(textured(side=16)))
    assert found.value is None and "smaller than 32" in str(found.reason)


# --- CLIP --------------------------------------------------------------------------------------------


def test_clip_score_is_a_hundred_times_the_cosine_and_never_negative():
    words = np.array([2.0, 0.0])
    assert clip.mean_score([np.array([0.3, np.sqrt(1 - 0.09)])], words) == pytest.approx(30)
    assert clip.mean_score([np.array([-1.0, 0.2]), np.array([5.0, 0.0])], words) == pytest.approx(50)


def test_without_clip_weights_the_reason_names_them(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path))
    models.folder.cache_clear()
    (found,) = adherence.Adherence().score(View(textured()))
    assert found.value is None and "clip-vit-base-patch16" in str(found.reason)
    assert not models.installed(clip.WEIGHTS)


def test_another_file_under_the_name_of_clip_is_refused(monkeypatch, tmp_path):
    folder = tmp_path / clip.WEIGHTS
    folder.mkdir()
    for name in ("pytorch_model.bin", "merges.txt"):
        (folder / name).write_bytes(b"other")
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FILMBENCH_CACHE", str(tmp_path / "cache"))
    models.folder.cache_clear()
    with pytest.raises(models.ModelUnavailable, match="other bytes than the pinned ones"):
        models.folder(clip.WEIGHTS)


def test_the_reader_runs_a_real_clip_model_of_random_weights(tmp_path):
    from transformers import CLIPConfig, CLIPModel

    (tmp_path / "merges.txt").write_text("#version: 0.2\nh i\nhi l\nhil l</w>\n")
    tokenizer = clip.tokenizer(tmp_path / "merges.txt")
    # 256 bytes, the same ending a word, three merges, start and end: the last two ids are the marks.
    assert tokenizer("hill")["input_ids"] == [515, 514, 516]
    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = small | {"vocab_size": 517, "bos_token_id": 515, "eos_token_id": 516}
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=small | {"patch_size": 32}, projection_dim=8)).eval()
    # The published file's own names, of which the loader asks for exactly the model's.
    published = {
        *("logit_scale", "text_projection.weight", "visual_projection.weight", "vision_model.pre_layrnorm.weight"),
        *("text_model.encoder.layers.0.self_attn.k_proj.weight", "text_model.embeddings.token_embedding.weight"),
        *("vision_model.embeddings.class_embedding", "vision_model.embeddings.patch_embedding.weight"),
    }
    assert published <= model.state_dict().keys()
    reader = clip.Reader(model, tokenizer)
    seen, told = reader.picture(textured(side=250)), reader.words("hill " * 90)
    assert seen.shape == told.shape == (8,)
    assert 0 <= clip.mean_score([seen], told) <= 100


# --- sets of pictures --------------------------------------------------------------------------------


def test_fid_of_two_known_normal_distributions_is_eight():
    import torch

    mean, one = torch.zeros(4).double(), torch.eye(4).double()
    assert distribution.frechet(mean, one, mean + 1, 4 * one) == pytest.approx(8.0, abs=1e-9)


def test_kid_of_the_published_toy():
    ours = np.arange(40).reshape(10, 4) / 10.0
    theirs = ours[::-1] * 0.9 + 0.3 * np.sin(np.arange(40).reshape(10, 4))
    assert distribution.kid(ours, theirs) == pytest.approx(-49.764414, abs=1e-5)


def test_fid_of_a_set_with_itself_is_nothing_and_grows_with_a_shift():
    rng = np.random.default_rng(0)
    ours = rng.normal(size=(400, 3))
    assert distribution.fid(ours, ours) == pytest.approx(0, abs=1e-6)
    assert distribution.fid(ours, ours + 2) == pytest.approx(12, abs=1e-6)
