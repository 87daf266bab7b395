"""CLIP's judgement of picture and words, with weights that a user brings (see ``clip-vit-base-patch16``).

The model is transformers' CLIPModel, as large as the tensors in the file are; the file is read as plain tensors. The
vocabulary is made of the merges, in CLIP's own order, so that the merges are the only other file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from filmbench.harness import models
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, python, threads, weights

WEIGHTS = "clip-vit-base-patch16"
REQUIRES = (python("torch"), python("transformers", VISION_EXTRA), weights(WEIGHTS))
"""What every column of CLIP's needs on this machine."""
HEAD = 64
"""Features of one attention head, in every CLIP that was published as a vision transformer."""
MOST_TOKENS = 77
STILL = 1e-5
"""Below this length a difference of unit embeddings is rounding."""
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
SIDE = 224


def clip_score(pictures: Iterable[Any], words: str) -> float:
    """CLIPScore as torchmetrics scales it, 100 max(cos, 0), the mean over ``pictures`` (uint8 RGB).

    Words beyond 77 tokens are not read. Raises :class:`~filmbench.harness.models.ModelUnavailable`.
    """
    return mean_score([reader().picture(one) for one in pictures], told(words))


@cache
def told(words: str) -> Any:
    """The embedding of a text, float, shape (d,). Raises :class:`~filmbench.harness.models.ModelUnavailable`."""
    return reader().words(words)


def mean_score(pictures: Sequence[Any], words: Any) -> float:
    """The formula alone: mean of 100 max(cos, 0) between each picture's embedding (d,) and that of the words (d,)."""
    import numpy as np

    told = np.asarray(words, np.float64)
    told = told / np.linalg.norm(told)
    seen = [np.asarray(one, np.float64) for one in pictures]
    return float(np.mean([100 * max(float(one @ told) / float(np.linalg.norm(one)), 0.0) for one in seen]))


def directional(before: Any, after: Any, words_before: Any, words_after: Any) -> float:
    """The cosine (-1..1) between where the picture went and where the words went, of embeddings (d,) made unit first.

    Raises :class:`Unmeasurable` where picture or words stay where they are: they have no direction.
    """
    import numpy as np

    def unit(vector: Any) -> Any:
        whole = np.asarray(vector, np.float64)
        return whole / np.linalg.norm(whole)

    seen, said = unit(after) - unit(before), unit(words_after) - unit(words_before)
    if min(np.linalg.norm(seen), np.linalg.norm(said)) < STILL:
        raise Unmeasurable("the edit changes nothing that CLIP sees, so it has no direction")
    return float(unit(seen) @ unit(said))


def likeness(one: Any, other: Any) -> float:
    """The cosine (-1..1) of two embeddings (d,)."""
    import numpy as np

    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


class Reader:
    """A loaded model with its merges."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer

    def picture(self, rgb: Any) -> Any:
        """The embedding of a picture, float, shape (d,): shorter side to 224, the middle cut out, normalised."""
        import numpy as np
        import torch
        from PIL import Image

        image = Image.fromarray(rgb)
        scale = SIDE / min(image.size)
        wide, high = (max(SIDE, int(side * scale)) for side in image.size)
        left, top = (wide - SIDE) // 2, (high - SIDE) // 2
        small = image.resize((wide, high), Image.Resampling.BICUBIC).crop((left, top, left + SIDE, top + SIDE))
        pixels = (np.asarray(small, np.float32) / 255 - MEAN) / DEVIATION
        with torch.inference_mode():
            found = self._model.get_image_features(torch.tensor(pixels, dtype=torch.float32).permute(2, 0, 1)[None])
        return _embedding(found)

    def words(self, text: str) -> Any:
        """The embedding of a text, float, shape (d,)."""
        import torch

        tokens = self._tokenizer(text, truncation=True, max_length=MOST_TOKENS, return_tensors="pt")
        with torch.inference_mode():
            found = self._model.get_text_features(**{name: tokens[name] for name in ("input_ids", "attention_mask")})
        return _embedding(found)


def _embedding(found: Any) -> Any:
    """The projected vector: transformers 5 wraps it, transformers 4 gives it bare."""
    return getattr(found, "pooler_output", found)[0].numpy()


def tokenizer(merges: Path) -> Any:
    """CLIP's byte-pair tokenizer from its merges alone."""
    from transformers import CLIPTokenizer

    lines = merges.read_text(encoding="utf-8").splitlines()[1:]
    pairs = [(first, second) for first, second in (line.split() for line in lines if line.strip())]
    letters = list(_letters())
    names = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(pair) for pair in pairs)]
    vocabulary = {name: number for number, name in enumerate([*names, "<|startoftext|>", "<|endoftext|>"])}
    return CLIPTokenizer(vocab=vocabulary, merges=pairs, model_max_length=MOST_TOKENS)


def _letters() -> Iterable[str]:
    """The 256 bytes as printable letters, in the order of byte-level BPE: plain ones first, the others moved up."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = (byte for byte in range(256) if byte not in plain)
    return [chr(byte) for byte in plain] + [chr(256 + place) for place, _ in enumerate(moved)]


@cache
def reader() -> Reader:
    """The user's CLIP. Raises :class:`~filmbench.harness.models.ModelUnavailable`."""
    folder = models.folder(WEIGHTS)
    return load(folder / models.entry(WEIGHTS).files[0].name, folder / "merges.txt")


def load(tensors: Path, merges: Path) -> Reader:
    """A CLIP from its tensors (``.safetensors``, or PyTorch's own format) and its merges.

    Raises ``KeyError`` for a file of another kind of model.
    """
    import torch
    from transformers import CLIPModel

    torch.set_num_threads(threads())
    if tensors.suffix == ".safetensors":
        from safetensors.torch import load_file

        state = load_file(tensors)
    else:
        state = torch.load(tensors, weights_only=True, map_location="cpu")
    words = tokenizer(merges)
    model = CLIPModel(_shape(state, words))
    model.load_state_dict({name: state[name] for name in model.state_dict()})
    return Reader(model.eval(), words)


def _shape(state: Mapping[str, Any], words: Any) -> Any:
    """The configuration that fits the tensors."""
    from transformers import CLIPConfig

    def tower(name: str) -> dict[str, int]:
        layers = f"{name}.encoder.layers."
        numbers = {key.removeprefix(layers).split(".")[0] for key in state if key.startswith(layers)}
        inner, hidden = state[f"{layers}0.mlp.fc1.weight"].shape
        return {
            "hidden_size": hidden,
            "intermediate_size": inner,
            "num_hidden_layers": len(numbers),
            "num_attention_heads": hidden // HEAD,
        }

    vocabulary, _ = state["text_model.embeddings.token_embedding.weight"].shape
    patch = state["vision_model.embeddings.patch_embedding.weight"].shape[-1]
    marks = {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    return CLIPConfig(
        text_config=tower("text_model") | {"vocab_size": vocabulary} | marks,
        vision_config=tower("vision_model") | {"patch_size": patch, "image_size": SIDE},
        projection_dim=state["visual_projection.weight"].shape[0],
    )
