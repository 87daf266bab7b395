"""What the vendors of pictures have in common: the prompt with its palette, a plain connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from filmbench.adapters._asked import painted
from filmbench.adapters._http import SILENCE_SECONDS, plain_session
from filmbench.adapters._vendor import Vendor
from filmbench.harness.protocols import OneCall, Refusal
from filmbench.harness.types import Outcome, Request


class PictureVendor(Vendor, OneCall):
    """One model that answers a prompt with one picture; it may be silent for ``silence`` seconds before."""

    silence = SILENCE_SECONDS

    def prompt(self, request: Request) -> str:
        """The place in words, and its palette after it. Raises :class:`Refusal` for an empty or too long one."""
        words = painted(request)
        if not words:
            raise Refusal("the prompt is empty", Outcome.INVALID)
        if self.spec.max_characters and len(words) > self.spec.max_characters:
            raise Refusal(f"{self.spec.id} takes at most {self.spec.max_characters} characters, it has {len(words)}")
        return words

    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A plain HTTP session; the key is given to each call and never to the session."""
        session = plain_session(url, environment, self.silence)
        return session, session.close
