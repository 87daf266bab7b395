"""CLIP's judgement of picture and words, with weights that a user brings (see ``clip-vit-base-patch16``).

The model is transformers' CLIPModel in the shape of ViT-B/16; the file is read as plain tensors. The vocabulary is made
of the merges, in CLIP's own order, so that the merges are the only other file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from filmbench.harness import models
from filmbench.metrics.measure import threads

WEIGHTS = "clip-vit-base-patch16"
MOST_TOKENS = 77
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
SIDE = 224


def clip_score(pictures: Iterable[Any], words: str) -> float:
    """CLIPScore as torchmetrics scales it, 100 max(cos, 0), the mean over ``pictures`` (uint8 RGB).

    Words beyond 77 tokens are not read. Raises :class:`~filmbench.harness.models.ModelUnavailable`.
    """
    reader = _reader()
    return mean_score([reader.picture(one) for one in pictures], reader.words(words))


def mean_score(pictures: Sequence[Any], words: Any) -> float:
    """The formula alone: mean of 100 max(cos, 0) between each picture's embedding (d,) and that of the words (d,)."""
    import numpy as np

    told = np.asarray(words, np.float64)
    told = told / np.linalg.norm(told)
    seen = [np.asarray(one, np.float64) for one in pictures]
    return float(np.mean([100 * max(float(one @ told) / float(np.linalg.norm(one)), 0.0) for one in seen]))


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
def _reader() -> Reader:
    import torch
    from transformers import CLIPConfig, CLIPModel

    folder = models.folder(WEIGHTS)
    torch.set_num_threads(threads())
    model = CLIPModel(CLIPConfig(vision_config={"patch_size": 16}))
    state = torch.load(folder / "pytorch_model.bin", weights_only=True, map_location="cpu")
    wanted = model.state_dict().keys()
    model.load_state_dict({name: state[name] for name in wanted})
    return Reader(model.eval(), tokenizer(folder / "merges.txt"))
