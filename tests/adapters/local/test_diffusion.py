"""Open video models through diffusers: real pipelines of the same classes with tiny random weights, without a GPU."""

from __future__ import annotations

import json
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filmbench.adapters.local import diffusion
from filmbench.harness import doctor, models, registry
from filmbench.harness.media.video import read
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Arm, Outcome, Request, Sample
from PIL import Image

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

SVD, MOCHI = "local/stable-video-diffusion", "local/mochi-1"


def tiny_svd(folder: Path) -> None:
    torch.manual_seed(0)
    blocks = {"block_out_channels": (32, 64), "layers_per_block": 1}
    down = ("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal")
    up = ("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal")
    eyes = transformers.CLIPVisionConfig(
        hidden_size=32, projection_dim=32, num_hidden_layers=1, num_attention_heads=4, image_size=224,
        intermediate_size=37, patch_size=32,
    )  # fmt: skip
    diffusers.StableVideoDiffusionPipeline(
        unet=diffusers.UNetSpatioTemporalConditionModel(
            **blocks, sample_size=8, in_channels=8, out_channels=4, down_block_types=down, up_block_types=up,
            cross_attention_dim=32, num_attention_heads=8, projection_class_embeddings_input_dim=96,
            addition_time_embed_dim=32,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_schedule="scaled_linear", prediction_type="v_prediction", use_karras_sigmas=True,
            timestep_type="continuous", sigma_min=0.002, sigma_max=700.0,
        ),
        vae=diffusers.AutoencoderKLTemporalDecoder(
            block_out_channels=[32, 32, 32, 32], down_block_types=["DownEncoderBlock2D"] * 4, latent_channels=4,
        ),
        image_encoder=transformers.CLIPVisionModelWithProjection(eyes),
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
    ).save_pretrained(folder, safe_serialization=True)  # fmt: skip


def tiny_mochi(folder: Path) -> None:
    torch.manual_seed(0)
    words = transformers.T5Config(
        vocab_size=64, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2, feed_forward_proj="gated-gelu"
    )
    diffusers.MochiPipeline(
        transformer=diffusers.MochiTransformer3DModel(
            patch_size=2, num_attention_heads=2, attention_head_dim=8, num_layers=2, pooled_projection_dim=16,
            in_channels=12, text_embed_dim=32, time_embed_dim=4, max_sequence_length=256,
        ),
        vae=diffusers.AutoencoderKLMochi(
            latent_channels=12, out_channels=3, encoder_block_out_channels=(32, 32, 32, 32),
            decoder_block_out_channels=(32, 32, 32, 32), layers_per_block=(1, 1, 1, 1, 1),
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=transformers.T5EncoderModel(words),
        tokenizer=tokenizer(),
    ).save_pretrained(folder, safe_serialization=True)  # fmt: skip


def tokenizer() -> Any:
    """A T5 tokenizer that knows the letters."""
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((chr(97 + n), -3.0) for n in range(26))]
    return transformers.T5TokenizerFast(vocab=vocabulary, extra_ids=0)


def summed(folder: Path) -> None:
    """Write the pins as the hint says that a user should."""
    command = f"cd {folder} && find . -type f ! -name {models.SUMS} | xargs sha256sum > {models.SUMS}"
    subprocess.run(["sh", "-c", command], check=True)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    tiny_svd(root / "stable-video-diffusion")
    tiny_mochi(root / "mochi-1")
    for folder in root.iterdir():
        summed(folder)
    return root


Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def engines() -> dict[str, Any]:
    """Engines of these tests' own, loaded at most once."""
    return {id: type(registry.providers().get(id))() for id in (SVD, MOCHI)}


@pytest.fixture
def ask(weights: Path, engines: Any, tmp_path: Path, studio: Any, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Makes one clip; gives its frames."""
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(weights))
    takes = iter(range(100))

    def run(id: str, picture: bool = True, params: dict[str, Any] | None = None, **inputs: str) -> Any:
        engine = engines[id]
        given: dict[str, Any] = {"prompt": "a cat walks", "size": "40x24", "seconds": "0.375", "fps": "8"} | inputs
        if picture:
            file = tmp_path / "first.png"
            ramp = np.linspace(0, 255, 128, dtype=np.uint8)
            Image.fromarray(np.dstack([np.tile(ramp, (96, 1))] * 3)).save(file)
            given["image"] = studio.media.add(file, "image/png")
        folder = tmp_path / str(next(takes))
        folder.mkdir()
        arm = Arm(id, id, {"steps": 2, "seed": 0} | (params or {}))
        made = engine.render(Request("video", Sample("s", "d", given), arm, {}), studio.media, folder)
        path, media_type = made["video"]
        assert media_type == "video/mp4"
        return [frame.rgb.copy() for frame in read(path)]

    return run


@pytest.mark.parametrize(("id", "picture"), [(SVD, True), (MOCHI, False)])
def test_a_clip_of_the_size_and_length_that_was_asked(ask: Ask, id: str, picture: bool) -> None:
    frames = ask(id, picture)
    assert [frame.shape for frame in frames] == [(24, 40, 3)] * 3
    assert np.std(frames[0]) > 0
    again, other = ask(id, picture), ask(id, picture, params={"seed": 1})
    assert np.array_equal(frames, again), "the same request gives the same clip"
    assert not np.array_equal(frames, other), "another seed another one"


def test_mochi_follows_words_and_stable_video_its_picture(ask: Ask) -> None:
    assert not np.array_equal(ask(MOCHI, False), ask(MOCHI, False, prompt="rain on a roof"))
    assert np.array_equal(ask(MOCHI, False, fps="15", seconds="0.2"), ask(MOCHI, False, fps="15", seconds="0.2"))
    with pytest.raises(Refusal, match="needs a picture"):
        ask(SVD, False)
    with pytest.raises(Refusal, match="takes no image"):
        ask(MOCHI, True)


@pytest.mark.parametrize(
    ("id", "asked", "said", "outcome"),
    [
        (SVD, {"seconds": "4"}, "at most 25 frames", Outcome.UNSUPPORTED),
        (SVD, {"size": "1280x720"}, "at most 589,824 pixels", Outcome.UNSUPPORTED),
        (SVD, {"params": {"steps": 0}}, "takes at least 1 denoising step", Outcome.INVALID),
        (MOCHI, {"params": {"steps": 1}, "picture": False}, "takes at least 2 denoising steps", Outcome.INVALID),
        (MOCHI, {"seconds": "6", "picture": False}, "at most 5.4 s", Outcome.UNSUPPORTED),
        (MOCHI, {"prompt": " ", "picture": False}, "prompt is empty", Outcome.INVALID),
    ],
)
def test_what_the_models_cannot_make_is_refused(
    ask: Ask, id: str, asked: dict[str, Any], said: str, outcome: Outcome
) -> None:
    with pytest.raises(Refusal, match=said) as caught:
        ask(id, **asked)
    assert caught.value.outcome is outcome


def test_without_a_gpu_large_weights_are_not_tried(ask: Ask, engines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    monkeypatch.setattr(diffusion, "MOST_CPU_BYTES", 1000)
    monkeypatch.setitem(engines, SVD, diffusion.StableVideo())
    with pytest.raises(Refusal, match="needs a CUDA device"):
        ask(SVD)


# --- the user's weights ------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that is as its pins say."""
    folder = tmp_path / "own" / "mochi-1"
    (folder / "vae").mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "MochiPipeline"}))
    (folder / "vae" / "model.safetensors").write_bytes(b"\0" * 64)
    summed(folder)
    monkeypatch.setenv("FILMBENCH_WEIGHTS", str(tmp_path / "own"))
    return folder


def test_the_pins_name_the_weights_in_the_request(own: Path) -> None:
    engine = registry.providers().get(MOCHI)
    assert models.brought("mochi-1") == own
    before = engine.identity()
    assert before["weights"] == models.brought_sha256("mochi-1")
    (own / "vae" / "model.safetensors").write_bytes(b"\1" * 64)
    summed(own)
    assert engine.identity()["weights"] != before["weights"]
    assert not [need for need in doctor.missing(engine.spec.requires) if need.kind == "file"]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            lambda own: (own / "vae" / "model.safetensors").write_bytes(b"\1" * 64),
            "is not the file that its",
        ),
        (lambda own: (own / "vae" / "model.safetensors").unlink(), "do not hold the same files"),
        (lambda own: (own / "extra.json").write_text("{}"), "do not hold the same files: extra.json"),
        (lambda own: (own / models.SUMS).unlink(), "cannot be read"),
        (lambda own: (own / models.SUMS).write_text("00 x\n"), "is no line of it"),
        (lambda own: (own / models.SUMS).write_text(f"{'0' * 64}  ../x\n"), "is no line of it"),
        (lambda own: ((own / "unet.bin").write_bytes(pickle.dumps(1)), summed(own)), "unet.bin could hold code"),
        (lambda own: ((own / "pipeline.py").write_text("1"), summed(own)), "pipeline.py could hold code"),
    ],
)
def test_weights_that_are_not_as_pinned_are_not_opened(own: Path, harm: Callable[[Path], Any], said: str) -> None:
    harm(own)
    with pytest.raises(models.ModelUnavailable) as caught:
        models.brought("mochi-1")
    assert said in str(caught.value)


def test_a_folder_of_another_pipeline_is_refused(own: Path) -> None:
    (own / "model_index.json").write_text(json.dumps({"_class_name": "SomethingElse"}))
    summed(own)
    with pytest.raises(models.ModelUnavailable, match="holds a SomethingElse, not a MochiPipeline"):
        diffusion.Mochi().load()


def test_without_the_weights_it_is_a_skipped_row_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FILMBENCH_WEIGHTS", raising=False)
    for id in (SVD, MOCHI):
        spec = registry.providers().get(id).spec
        assert "SHA256SUMS" in doctor.provider_availability(spec)
        assert registry.providers().get(id).identity()["weights"] == "none"
