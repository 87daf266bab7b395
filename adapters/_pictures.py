"""What the vendors of pictures have in common: the prompt with its palette, the size asked for."""

from __future__ import annotations

import re

from filmbench.adapters._vendor import Vendor
from filmbench.harness.protocols import OneCall, Refusal
from filmbench.harness.types import Outcome, Request


class PictureVendor(Vendor, OneCall):
    """One model that answers a prompt with one picture."""

    def prompt(self, request: Request) -> str:
        """The place in words, and its palette after it. Raises :class:`Refusal` for an empty or too long one."""
        words = str(request.sample.inputs.get("prompt", "")).strip()
        if not words:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        palette = request.sample.inputs.get("palette")
        if isinstance(palette, str) and palette.strip():
            words = f"{words}\nColour palette: {palette.strip()}"
        if self.spec.max_characters and len(words) > self.spec.max_characters:
            raise Refusal(f"{self.spec.id} takes at most {self.spec.max_characters} characters, it has {len(words)}")
        return words

    def size(self, request: Request) -> tuple[int, int]:
        """Width and height in pixels, as the sample asks. Raises :class:`Refusal`."""
        given = str(request.sample.inputs.get("size", ""))
        found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", given.strip())
        if not found:
            raise Refusal(f"the size {given!r} is not like 1920x1080", Outcome.INVALID)
        return int(found[1]), int(found[2])
