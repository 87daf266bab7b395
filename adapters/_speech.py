"""What the text-to-speech vendors have in common: limits before paying, clients, keys, how failures are read."""

from __future__ import annotations

import asyncio
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from filmbench.adapters._failures import Meaning, classify
from filmbench.adapters._http import HttpError, base_url, is_loopback, refuse_private
from filmbench.harness import keys
from filmbench.harness.protocols import Media, OneCall, Prepared, ProviderSpec, Refusal, Requirement, Retry
from filmbench.harness.types import Json, Outcome, Quote, Request, Usage


def key_needed(variable: str, where: str) -> Requirement:
    """The requirement of a vendor's key, with where it is made."""
    return Requirement("key", variable, f"make a key at {where}, then: export {variable}=…")


@dataclass(slots=True)
class _Clients:
    """The open clients of one event loop by address and key, each with what closes it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    open: dict[tuple[str, str], tuple[Any, Callable[[], Awaitable[None]]]] = field(default_factory=dict)


class SpeechVendor(OneCall, ABC):
    """One speech model of one vendor; ``clones`` says that it takes a voice sample.

    A vendor writes ``connect``, ``payload`` and ``generate``.
    """

    clones = False

    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()

    @property
    def model(self) -> str:
        """The vendor's name of the model."""
        return self.spec.id.partition("/")[2]

    def spoken(self, request: Request) -> str:
        """The text that is sent, and counted by the vendor."""
        return request.sample.text()

    def param(self, request: Request, name: str) -> Any:
        """The arm's parameter, or its default."""
        return request.arm.params.get(name, self.spec.params[name].default)

    async def quote(self, request: Request, live: bool = False) -> Quote:
        """The characters of the text: these vendors bill what is sent, so the most is what is expected."""
        used = Usage({"character": Decimal(len(self.spoken(request)))}, "text length")
        return Quote(used, used)

    async def prepare(self, request: Request, media: Media) -> Prepared:
        """Check text, address and key, and build the body.

        Raises :class:`Refusal`, and :class:`UsageError` for a missing key or a forbidden address.
        """
        if not request.sample.text().strip():
            raise Refusal("the text is empty", Outcome.INVALID)
        text = self.spoken(request)
        if self.spec.max_characters and len(text) > self.spec.max_characters:
            at_most = f"{self.spec.id} takes at most {self.spec.max_characters} characters"
            raise Refusal(f"{at_most}, the text has {len(text)}")
        if "voice_sample" in request.sample.inputs and not self.clones:
            raise Refusal(f"{self.spec.id} cannot clone a voice here")
        url = base_url(self.spec, request.endpoint)
        await self.client(url)
        body, resources = await self.payload(request, media, url)
        return Prepared({"url": url, **body}, resources)

    @abstractmethod
    async def payload(self, request: Request, media: Media, url: str) -> tuple[dict[str, Json], tuple[str, ...]]:
        """What ``generate`` will send, and the resources made for it at the vendor."""

    @abstractmethod
    async def connect(self, url: str, key: str, environment: bool) -> tuple[Any, Callable[[], Awaitable[None]]]:
        """A client for ``url`` and what closes it. ``environment``: proxies of the environment may be used."""

    async def client(self, url: str) -> Any:
        """The client of this event loop for ``url``, made once, however many requests begin together."""
        key = self.key()
        mine = self._clients.setdefault(asyncio.get_running_loop(), _Clients())
        async with mine.lock:
            if (url, key) not in mine.open:
                await refuse_private(url)
                mine.open[url, key] = await self.connect(url, key, environment=not is_loopback(url))
            return mine.open[url, key][0]

    def key(self) -> str:
        """The text of the vendor's key. Raises :class:`UsageError` saying how to give one."""
        return keys.get(str(self.spec.key_variable)).reveal()

    async def aclose(self) -> None:
        """Close the clients of the running event loop."""
        mine = self._clients.pop(asyncio.get_running_loop(), _Clients())
        for _, close in mine.open.values():
            await close()

    def meaning(self, error: HttpError) -> Meaning | None:
        """What the vendor's own error code says, where it says more than the status."""
        return None

    def classify(self, error: BaseException) -> Retry:
        """See :func:`filmbench.adapters._failures.classify`."""
        return classify(error, self.spec, self.meaning)


def present(**optional: Any) -> dict[str, Any]:
    """The arguments that have a value: an SDK must not be told ``None`` where it may be told nothing."""
    return {name: value for name, value in optional.items() if value is not None}


async def wav_of_pcm(chunks: AsyncIterator[bytes], rate: int) -> AsyncIterator[bytes]:
    """Mono 16-bit little-endian PCM as a WAV stream; the header goes out with the first chunk.

    The length is not known yet, so the sizes are 0xFFFFFFFF, which readers (libsndfile, FFmpeg) take as
    "to the end of the file"; it is what vendors send themselves when they stream WAV.
    """
    unknown = 0xFFFFFFFF
    layout = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    head = b"RIFF" + struct.pack("<I", unknown) + b"WAVEfmt " + layout + b"data" + struct.pack("<I", unknown)
    async for chunk in chunks:
        yield head + chunk
        head = b""
