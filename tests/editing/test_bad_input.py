"""What every engine that works on film does without one; tests/unusual has film that is out of the ordinary."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

ASKED = {
    "local/selfie-segmentation": ("editing/roto", ()),
    "local/inpaint": ("editing/removal", ("mask",)),
    "local/ffmpeg-denoise": ("editing/denoise-picture", ()),
    "local/colour-match": ("editing/colour", ("look",)),
    "local/rule-edit": ("editing/prompt", ()),
}
"""The contract of each, and the films it is given beside the one that is missing."""


@pytest.mark.parametrize("engine", ASKED)
def test_no_film_at_all_is_invalid(desk, engine) -> None:
    contract, beside = ASKED[engine]
    flat = desk.film([np.zeros((40, 60), np.uint8)] * 3)
    with pytest.raises(Refusal, match="no video") as refused:
        desk.ask(engine, contract, {"instruction": "make it night"} | dict.fromkeys(beside, flat))
    assert refused.value.outcome is Outcome.INVALID
